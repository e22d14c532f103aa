"""Parameters through the market: a row of the need, and what the record says in its rows or in its sentences."""

from services.listings.schemas import ParameterOut
from services.matching import parameters
from tests.services.matching.test_matches import RESIDUE, matches, published

TITLE = "茶籽低温冷榨工艺"


def row_of(market, need, record):
    [row] = next(item for item in matches(market, need).items if item.code == record).parameters
    return row.verdict, row.wanted, row.found, row.sentence


def test_a_sentence_of_the_record_answers_a_row_of_the_need(market):
    need = published(market, "need", "茶籽饼粕残油偏高", "液压榨，想用冷榨", [RESIDUE])
    record = published(market, "result", TITLE, "适合小厂。冷榨后饼粕残油率降至42‰以下，不发黑。现有工艺残油8%。")
    assert row_of(market, need, record) == ("met", "≤ 5 %", "42‰以下", "冷榨后饼粕残油率降至42‰以下，不发黑")


def test_rows_in_other_units_are_compared(market):
    need = published(
        market,
        "need",
        "茶籽饼粕烘干产能不足",
        "烘干",
        [{"name": "产能", "comparison": "ge", "low": 3, "unit": "万吨/年"}],
    )
    small = {"name": "产能", "comparison": "eq", "low": 20, "high": 20, "unit": "吨/天"}
    record = published(market, "result", "茶籽饼粕烘干机", "烘干", [small])
    assert row_of(market, need, record)[0] == "not_met"


def test_a_sentence_that_only_the_own_side_reads_answers_nobody(market):
    need = published(market, "need", "茶籽饼粕残油偏高", "液压榨，想用冷榨", [RESIDUE])
    record = published(
        market, "result", TITLE, "冷榨后饼粕残油率4%。", levels={"body": "own_side"}, summary="茶籽饼粕残油低"
    )
    assert row_of(market, need, record) == ("unstated", "≤ 5 %", "", "")


def test_a_must_missed_in_a_sentence_sinks_the_record(market):
    need = published(market, "need", "茶籽饼粕残油偏高", "液压榨，想用冷榨", [RESIDUE])
    said = published(market, "result", TITLE, "茶籽饼粕残油为9%。")
    silent = published(market, "result", TITLE, "茶籽饼粕残油偏高不再出现。", owner="演示另一家")
    found = {item.code: item for item in matches(market, need).items}
    assert found[said].parameters[0].verdict == "not_met" and found[silent].parameters[0].verdict == "unstated"
    assert found[said].level <= 3


def test_a_tolerance_that_is_the_same_both_ways_is_written_with_one_number():
    even = ParameterOut(name="感量偏差", comparison="tolerance", low=-5, high=5, unit="%")
    assert parameters.write(even) == "± 5 %"
    assert parameters.write(even.model_copy(update={"low": -2.0})) == "± -2–5 %"
