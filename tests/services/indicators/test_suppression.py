"""Hidden figures stay hidden: what a reader can work out is tried by brute force and by a solver, not by our own check."""

import itertools
import random

from services.indicators.suppression import WIDTH, Arc, interval, is_safe, suppressed


def table(rows):
    """A table of (count, amount) with both of its totals, as arcs; a cell of one or two contracts is small."""
    arcs = []
    for i, row in enumerate(rows):
        total = [sum(part) for part in zip(*row, strict=True)]
        arcs.append(Arc(f"r{i}", "all", f"row {i}", total[1], total[0], 0 < total[0] < 3))
        arcs += [Arc(f"r{i}c{j}", f"row {i}", f"column {j}", amount, n, 0 < n < 3) for j, (n, amount) in enumerate(row)]
    for j, column in enumerate(zip(*rows, strict=True)):
        total = [sum(part) for part in zip(*column, strict=True)]
        arcs.append(Arc(f"c{j}", f"column {j}", "end", total[1], total[0], 0 < total[0] < 3))
    return arcs


def possible(arcs, hidden, most):
    """Every way to fill the hidden figures with whole numbers that balances at every sum, found by trying."""
    unknown = [arc for arc in arcs if arc.name in hidden]
    shown = [arc for arc in arcs if arc.name not in hidden]
    nodes = {node for arc in arcs for node in (arc.tail, arc.head)}
    true = {node: _balance(node, arcs, {arc.name: arc.amount for arc in arcs}) for node in nodes}
    found = []
    for values in itertools.product(range(most + 1), repeat=len(unknown)):
        filled = {arc.name: arc.amount for arc in shown} | dict(zip((a.name for a in unknown), values, strict=True))
        if all(_balance(node, arcs, filled) == true[node] for node in nodes):
            found.append(filled)
    return found


def _balance(node, arcs, values):
    return sum(values[a.name] for a in arcs if a.head == node) - sum(values[a.name] for a in arcs if a.tail == node)


def test_a_cell_of_two_contracts_is_hidden_and_cannot_be_had_from_the_totals():
    arcs = table([[(2, 4), (5, 6)], [(6, 5), (3, 2)]])
    hidden = suppressed(arcs)
    assert "r0c0" in hidden
    values = {fill["r0c0"] for fill in possible(arcs, hidden, 11)}
    assert max(values) - min(values) >= WIDTH * 4


def test_one_hidden_cell_alone_is_no_secret_and_is_seen_as_such():
    arcs = table([[(2, 7), (5, 6)], [(6, 5), (4, 2)]])
    alone = next(arc for arc in arcs if arc.name == "r0c0")
    assert interval([alone], alone) == (7, 7)
    assert not is_safe([alone], alone)


def test_four_cells_at_the_corners_hide_each_other_and_their_bounds_are_those_of_brute_force():
    arcs = table([[(9, 4), (9, 6)], [(9, 5), (9, 2)]])
    hidden = [arc for arc in arcs if "c" in arc.name[1:]]
    assert interval(hidden, hidden[0]) == (2, 9)
    values = {fill["r0c0"] for fill in possible(arcs, {arc.name for arc in hidden}, 11)}
    assert (min(values), max(values)) == (2, 9)


def test_for_many_small_tables_the_bounds_are_exact_and_no_small_cell_is_exposed():
    dice = random.Random(4)
    for _ in range(25):
        rows = [[(dice.choice([0, 2, 3, 5, 9]), 0) for _ in range(2)] for _ in range(2)]
        arcs = table([[(n, dice.randint(1, 3) if n else 0) for n, _amount in row] for row in rows])
        hidden = suppressed(arcs)
        assert {arc.name for arc in arcs if arc.small} <= hidden
        if not hidden or len(hidden) > 4:
            continue
        kept = [arc for arc in arcs if arc.name in hidden]
        fills = possible(arcs, hidden, 12)
        for arc in kept:
            low, high = interval(kept, arc)
            values = {fill[arc.name] for fill in fills}
            assert (low, high if high is not None else 12) == (min(values), max(values)), (arc, rows)
            if arc.small and len(hidden) < len(arcs):
                assert is_safe(kept, arc)


def test_a_table_without_small_cells_is_shown_whole():
    assert suppressed(table([[(5, 40), (6, 50)], [(7, 60), (8, 70)]])) == set()
