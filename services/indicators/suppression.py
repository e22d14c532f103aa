"""What must be hidden of published figures so that no small one can be worked out from the others. No I/O.

A reader knows every figure shown, how figures add up to others, and that hidden amounts are not negative. Figures are
written as arcs of a network whose nodes are the sums that must balance: a county's total flows in, its parts flow out.
The question "how far could this figure be from what it is?" is then a largest flow, so the answer is exact and needs no
solver. A test asks a solver all the same.
"""

import heapq
import math
import sys
from collections import deque
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal

WIDTH = Decimal("0.5")
"""The interval in which a reader can place a small figure is at least this part of its amount wide."""


@dataclass(frozen=True)
class Arc:
    """One figure between the two sums it belongs to. `small` ones must be hidden; `loose` ones are never shown anyway."""

    name: str
    tail: str
    head: str
    amount: int
    count: int = 0
    small: bool = False
    loose: bool = False
    technical: int = 0
    """The technical part of the amount, published beside it and to be protected as well."""


def interval(hidden: Iterable[Arc], arc: Arc) -> tuple[int, int | None]:
    """Give the lowest and highest amount that a reader must think possible for a hidden figure; None is no limit."""
    others = [other for other in hidden if other.name != arc.name]
    up, down = _flow(others, arc.head, arc.tail, None), _flow(others, arc.tail, arc.head, None)
    value = max(arc.amount, 0)
    return value - min(value, value if down is None else down), None if up is None else value + up


def is_safe(hidden: Iterable[Arc], arc: Arc) -> bool:
    """Say whether a hidden figure stays hidden: the intervals around both of its amounts are wide enough."""
    others = [other for other in hidden if other.name != arc.name]
    return _is_wide(others, arc) and _is_wide([_technical(other) for other in others], _technical(arc))


def _technical(arc: Arc) -> Arc:
    return replace(arc, amount=arc.technical)


def _is_wide(others: Sequence[Arc], arc: Arc) -> bool:
    if not arc.amount:
        return True
    needed = math.ceil(WIDTH * abs(arc.amount))
    up = _flow(others, arc.head, arc.tail, needed)
    if up is None or up >= needed:
        return True
    down = _flow(others, arc.tail, arc.head, needed)
    value = max(arc.amount, 0)
    return up + (value if down is None else min(down, value)) >= needed


def suppressed(arcs: Sequence[Arc]) -> set[str]:
    """Choose the figures to hide: the small ones, and others with which a small one could be exchanged unseen.

    Around a figure that could be placed too narrowly the cheapest ring of figures is hidden: along it amounts can be
    shifted without changing any sum. Hiding more never narrows an interval, so a figure once found safe stays safe.
    """
    hidden = {arc.name: arc for arc in arcs if arc.small or arc.loose}
    waiting = deque(sorted(arc.name for arc in arcs if arc.small and arc.amount))
    while waiting:
        arc = hidden[waiting[0]]
        if is_safe(hidden.values(), arc):
            waiting.popleft()
            continue
        more = [other for other in _ring(arcs, hidden, arc) if other.name not in hidden]
        if not more:  # nothing to exchange it with: all that touches it goes, and no more can be done
            more = [other for other in arcs if other.name not in hidden and _touch(other, arc)]
            waiting.popleft()
        hidden |= {other.name: other for other in more}
    return {name for name, arc in hidden.items() if not arc.loose}


def _touch(one: Arc, other: Arc) -> bool:
    return not {one.tail, one.head}.isdisjoint({other.tail, other.head})


UNABLE = 1_000_000
"""What it costs to lead a ring over a figure too small to give away what is needed: rather over any number of others."""


def _ring(arcs: Sequence[Arc], hidden: Mapping[str, Arc], arc: Arc) -> list[Arc]:
    """Find the cheapest ring along which the figure could be less, or more, by as much as it takes."""
    others = [other for other in arcs if other.name != arc.name]
    needed = math.ceil(WIDTH * abs(arc.amount))
    less, more = (_way(others, hidden, *ends, needed) for ends in ((arc.tail, arc.head), (arc.head, arc.tail)))
    return min((less, more), key=lambda way: way[0])[1]


def _way(arcs: Sequence[Arc], hidden: Mapping[str, Arc], source: str, sink: str, needed: int) -> tuple[int, list[Arc]]:
    """Find the cheapest way from source to sink (Dijkstra): along a figure it grows, against it it shrinks."""
    steps: dict[str, list[tuple[str, Arc, int]]] = {}
    for arc in arcs:
        cost = 0 if arc.name in hidden else 1 + arc.count
        steps.setdefault(arc.tail, []).append((arc.head, arc, cost))
        steps.setdefault(arc.head, []).append((arc.tail, arc, cost + (UNABLE if arc.amount < needed else 0)))
    best: dict[str, int] = {source: 0}
    came: dict[str, tuple[str, Arc]] = {}
    queue = [(0, source)]
    while queue:
        so_far, node = heapq.heappop(queue)
        if node == sink:
            break
        for following, arc, cost in steps.get(node, []):
            if so_far + cost < best.get(following, sys.maxsize):
                best[following], came[following] = so_far + cost, (node, arc)
                heapq.heappush(queue, (so_far + cost, following))
    if sink not in came:
        return sys.maxsize, []
    found, node = [], sink
    while node != source:
        node, arc = came[node]
        found.append(arc)
    return best[sink], found


Room = dict[str, dict[str, int | None]]


def _flow(hidden: Sequence[Arc], source: str, sink: str, enough: int | None) -> int | None:
    """Give the largest flow from source to sink, or `enough` of it; None when it has no limit (Edmonds and Karp)."""
    room: Room = {}
    for arc in hidden:
        room.setdefault(arc.tail, {})[arc.head] = None  # a hidden figure may be greater without limit
        back = room.setdefault(arc.head, {})
        if back.get(arc.tail, 0) is not None:
            back[arc.tail] = (back.get(arc.tail) or 0) + max(arc.amount, 0)  # and smaller down to nothing
    flow = 0
    while path := _path(room, source, sink):
        limits = [limit for a, b in path if (limit := room[a][b]) is not None]
        if not limits:
            return None
        step = min(limits)
        flow += step
        if enough is not None and flow >= enough:
            return flow
        for a, b in path:
            there, back_again = room[a][b], room[b].get(a, 0)
            room[a][b] = None if there is None else there - step
            room[b][a] = None if back_again is None else back_again + step
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
