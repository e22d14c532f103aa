"""The arithmetic of the indicator, with the reference's own figures."""

from decimal import Decimal

import pytest

from services.ground import money
from services.indicators import rules


def yi(value):
    return int(Decimal(value) * money.FEN_IN["亿元"])


@pytest.mark.parametrize(
    ("amount", "gdp", "share"),
    [("9.03", "2107.70", "0.43"), ("160.24", "2548.35", "6.29"), ("38.09", "2701.50", "1.41")],
)
def test_the_share_is_rounded_half_up_to_two_decimals(amount, gdp, share):
    assert str(rules.share(yi(amount), yi(gdp))) == share


def test_without_gdp_there_is_no_share_and_no_gap():
    assert rules.share(yi("38.09"), None) is None
    assert rules.gap(Decimal("1.5"), None, 0) is None


def test_the_gap_to_both_targets_at_the_gdp_of_2022():
    assert [money.yi(rules.gap(Decimal(target), yi("2410.28"), 0)) for target in ("1.5", "1.6")] == ["36.15", "38.56"]


def test_growth_over_nothing_is_a_dash_and_never_infinite():
    assert rules.growth(5, 0) == "—"
    assert rules.growth(5, None) == "—"
    assert rules.growth(219_100, 222_300) == "-1.44"


def test_a_cell_of_two_contracts_is_hidden_together_with_another_so_that_the_total_does_not_give_it_away():
    cells = {"a": rules.Cell(2, 500, 300), "b": rules.Cell(9, 900, 200), "c": rules.Cell(5, 700, 200)}
    hidden = rules.suppressed(cells)
    assert hidden == {"a", "c"}
    shown = sum(cell.amount_fen for name, cell in cells.items() if name not in hidden)
    low, high = rules.bounds([cells[name] for name in hidden], 2100, shown)
    assert low < 500 < high


def test_the_only_cell_with_anything_in_it_is_hidden_together_with_an_empty_one():
    cells = {"a": rules.Cell(2, 500, 300), "b": rules.Cell(0, 0), "c": rules.Cell(9, 0)}
    del cells["c"]
    assert rules.suppressed(cells) == {"a", "b"}


def test_a_list_that_cannot_protect_its_only_row_withholds_its_total():
    cells = {"a": rules.Cell(9, 500, 450)}
    assert rules.gives_away(cells, rules.suppressed(cells))
    cells = {"a": rules.Cell(9, 500, 450), "b": rules.Cell(0, 0)}
    assert not rules.gives_away(cells, rules.suppressed(cells))
    cells = {"a": rules.Cell(1, 500, 500), "b": rules.Cell(0, 0)}
    assert rules.gives_away(cells, rules.suppressed(cells)), "all there is is one contract"


def test_a_cell_that_one_seller_dominates_is_hidden():
    assert rules.is_small(rules.Cell(10, 1000, 801))
    assert not rules.is_small(rules.Cell(10, 1000, 800))


def test_nothing_is_hidden_where_nothing_is_small():
    assert rules.suppressed({"a": rules.Cell(4, 400, 100), "b": rules.Cell(0, 0)}) == set()
