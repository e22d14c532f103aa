"""Hidden cells stay hidden: what a reader can work out from the totals is tried by brute force, not by our own check."""

import random

from services.indicators.rules import Cell
from services.indicators.suppression import TOTAL, WIDTH, interval, is_safe, suppressed, totals


def table(rows):
    return {
        (f"r{i}", f"c{j}"): Cell(count, amount, amount // max(count, 1))
        for i, row in enumerate(rows)
        for j, (count, amount) in enumerate(row)
    }


def possible(cells, hidden):
    """Every way to fill the hidden cells with whole numbers that fits all totals, found by trying."""
    true = totals(cells)
    places = sorted(hidden)
    left = {}
    for row, column in places:
        for line in ((row, TOTAL), (TOTAL, column)):
            left[line] = left.get(line, 0) + cells[row, column].amount_fen
    assert all(left[line] <= true[line] for line in left)
    found = []

    def fill(index, so_far):
        if index == len(places):
            if not any(left.values()):
                found.append(dict(so_far))
            return
        row, column = places[index]
        for value in range(min(left[row, TOTAL], left[TOTAL, column]) + 1):
            left[row, TOTAL] -= value
            left[TOTAL, column] -= value
            if left[row, TOTAL] == 0 or any(r == row for r, _ in places[index + 1 :]):
                fill(index + 1, so_far | {(row, column): value})
            left[row, TOTAL] += value
            left[TOTAL, column] += value

    fill(0, {})
    return found


def test_a_cell_of_two_contracts_is_hidden_and_cannot_be_had_from_the_totals():
    cells = table([[(2, 4), (5, 6), (4, 3)], [(6, 5), (3, 2), (9, 7)], [(4, 3), (8, 5), (7, 6)]])
    hidden = suppressed(cells)
    assert ("r0", "c0") in hidden
    values = {fill["r0", "c0"] for fill in possible(cells, hidden)}
    assert max(values) - min(values) >= WIDTH * 4


def test_one_hidden_cell_alone_is_no_secret_and_is_seen_as_such():
    assert interval({("r0", "c0"): 7}, ("r0", "c0")) == (7, 7)
    assert not is_safe({("r0", "c0"): 7}, ("r0", "c0"))


def test_four_cells_at_the_corners_hide_each_other():
    hidden = {("r0", "c0"): 4, ("r0", "c1"): 6, ("r1", "c0"): 5, ("r1", "c1"): 2}
    assert interval(hidden, ("r0", "c0")) == (2, 9)
    cells = table([[(9, 4), (9, 6)], [(9, 5), (9, 2)]])
    values = {fill["r0", "c0"] for fill in possible(cells, set(hidden))}
    assert (min(values), max(values)) == interval(hidden, ("r0", "c0"))


def test_a_hidden_total_stays_hidden_when_its_row_is_shown_beside_it():
    cells = table([[(5, 4), (5, 6)], [(6, 5), (4, 2)], [(5, 5), (6, 7)]])
    hidden = suppressed(cells, hidden_rows=["r0", "r1"])
    assert {row for row, _ in hidden} >= {"r0", "r1"}


def test_for_many_small_tables_the_exact_bounds_are_those_of_brute_force_and_no_small_cell_is_exposed():
    dice = random.Random(4)
    for _ in range(60):
        cells = table([[(dice.choice([0, 2, 3, 5, 9]), 0) for _ in range(3)] for _ in range(2)])
        cells = {p: Cell(c.count, dice.randint(1, 4) if c.count else 0, 1) for p, c in cells.items()}
        small = {p for p, c in cells.items() if 0 < c.count < 3 or c.largest_fen > 0.8 * c.amount_fen > 0}
        hidden = suppressed(cells)
        assert small <= hidden
        if not hidden:
            continue
        amounts = {place: cells[place].amount_fen for place in hidden}
        fills = possible(cells, hidden)
        open_left = [p for p, c in cells.items() if p not in hidden and c.count]
        for place in hidden:
            low, high = interval(amounts, place)
            assert (low, high) == (min(f[place] for f in fills), max(f[place] for f in fills))
            if open_left:
                assert is_safe(amounts, place)


def test_a_table_without_small_cells_is_shown_whole():
    assert suppressed(table([[(5, 40), (6, 50)], [(7, 60), (8, 70)]])) == set()
