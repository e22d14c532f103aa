"""What must be hidden in a table of two dimensions so that no small cell can be worked out from the totals. No I/O.

A reader knows every figure shown, that each row and column adds up to its total, and that hidden amounts are not
negative. Written as a network (rows and columns are nodes, hidden figures are arcs) the question "how far could this
figure be from what it is?" is a largest flow, so the answer is exact and needs no solver.
"""

from collections import deque
from collections.abc import Iterable, Mapping
from decimal import Decimal

from services.indicators.rules import Cell, is_small

TOTAL = "\N{GREEK CAPITAL LETTER SIGMA}"
"""Name of the row and of the column of totals."""
WIDTH = Decimal("0.5")
"""The interval in which a reader can place a small cell is at least this part of its amount wide."""
Place = tuple[str, str]


def interval(hidden: Mapping[Place, int], place: Place) -> tuple[int, int | None]:
    """Give the lowest and highest amount that a reader must think possible for a hidden figure; None is no limit.

    `hidden` maps (row, column) to the true amount in fen; totals lie in the row or column TOTAL.
    """
    tail, head = _arc(place)
    others = {other: amount for other, amount in hidden.items() if other != place}
    up, down = _flow(others, head, tail), _flow(others, tail, head)
    value = max(hidden[place], 0)
    return value - min(value, value if down is None else down), None if up is None else value + up


def is_safe(hidden: Mapping[Place, int], place: Place) -> bool:
    """Say whether a hidden figure stays hidden: the interval around it is wide enough."""
    low, high = interval(hidden, place)
    return high is None or (high > low and Decimal(high - low) >= WIDTH * abs(hidden[place]))


def suppressed(
    cells: Mapping[Place, Cell], hidden_rows: Iterable[str] = (), hidden_columns: Iterable[str] = ()
) -> set[Place]:
    """Choose the cells of a table to hide, given the row and column totals that are hidden elsewhere already.

    First the small ones; then, as long as one of them (or a hidden total) could be placed too narrowly, one more cell
    beside it, the one with the fewest contracts first.
    """
    amounts = totals(cells)
    places = {place for place, cell in cells.items() if is_small(cell)}
    outside = {(row, TOTAL) for row in hidden_rows} | {(TOTAL, column) for column in hidden_columns}
    outside &= amounts.keys()
    while True:
        hidden = {place: amounts[place] for place in places | outside}
        exposed = next((place for place in sorted(hidden) if hidden[place] and not is_safe(hidden, place)), None)
        if exposed is None:
            return places
        more = [place for place, cell in cells.items() if place not in places and (cell.count or cell.amount_fen)]
        if not more:
            return places
        places.add(min(more, key=lambda place: (not _beside(place, exposed), cells[place].count, place)))


def totals(cells: Mapping[Place, Cell]) -> dict[Place, int]:
    """Give all amounts of a table with those of its row of totals, its column of totals and the grand total."""
    found: dict[Place, int] = {}
    for (row, column), cell in cells.items():
        for place in ((row, column), (row, TOTAL), (TOTAL, column), (TOTAL, TOTAL)):
            found[place] = found.get(place, 0) + cell.amount_fen
    return found


def _beside(place: Place, exposed: Place) -> bool:
    return place[0] == exposed[0] or place[1] == exposed[1]


def _arc(place: Place) -> tuple[str, str]:
    """Give the direction in which a greater figure sends flow: totals run backwards, so that every node balances."""
    row, column = f"row {place[0]}", f"column {place[1]}"
    return (column, row) if (place[0] == TOTAL) != (place[1] == TOTAL) else (row, column)


def _flow(hidden: Mapping[Place, int], source: str, sink: str) -> int | None:
    """Give the largest flow from source to sink; None when it has no limit (Edmonds and Karp)."""
    room: dict[str, dict[str, int | None]] = {}
    for place, amount in hidden.items():
        tail, head = _arc(place)
        room.setdefault(tail, {})[head] = None  # a hidden figure may be greater without limit
        room.setdefault(head, {})[tail] = max(amount, 0)  # and smaller down to nothing
    flow = 0
    while path := _path(room, source, sink):
        limits = [limit for a, b in path if (limit := room[a][b]) is not None]
        if not limits:
            return None
        step = min(limits)
        flow += step
        for a, b in path:
            there, back = room[a][b], room[b][a]
            room[a][b] = None if there is None else there - step
            room[b][a] = None if back is None else back + step
    return flow


def _path(room: Mapping[str, Mapping[str, int | None]], source: str, sink: str) -> list[tuple[str, str]]:
    """Give the shortest way with room left, as steps; empty when there is none."""
    came: dict[str, str] = {source: source}
    queue = deque([source])
    while queue and sink not in came:
        node = queue.popleft()
        for following, limit in room.get(node, {}).items():
            if following not in came and limit != 0:
                came[following] = node
                queue.append(following)
    if sink not in came:
        return []
    steps, node = [], sink
    while node != source:
        steps.append((came[node], node))
        node = came[node]
    return steps[::-1]
