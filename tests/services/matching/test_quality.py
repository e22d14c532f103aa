"""The figures of /quality: measured, stored, and shown as stored."""

from datetime import timedelta

from services.ground import clock
from services.matching import service as matching
from services.matching.labelled import Labelled, LabelledRecord
from tests.services.matching.test_matches import published

SET = Labelled(
    {"n": LabelledRecord("茶籽饼粕残油偏高", "想用冷榨", [])},
    {"r": LabelledRecord("茶籽低温冷榨工艺", "饼粕残油低", []), "x": LabelledRecord("伺服电机", "转子", [])},
    {"n": {"r": 3, "x": 0}},
)


def latest(market):
    with market.database.read() as session:
        return matching.latest_quality(session)


def test_nothing_is_shown_before_anything_was_measured(market):
    assert (latest(market).labelled, latest(market).market) == (None, None)


def test_what_was_measured_on_the_labelled_set_is_what_is_shown(market):
    found = matching.measure_labelled(market, SET)
    shown = latest(market).labelled
    assert shown.measures["judged"].value == found.measures["judged"].value == 1.0
    assert (shown.needs, shown.results, shown.judged_pairs, shown.ranker) == (1, 2, 2, found.ranker)


def test_open_needs_are_counted_by_the_best_that_was_found_for_them(market):
    published(market, "need", "茶籽饼粕残油偏高", "想用低温冷榨改造，饼粕残油偏高")
    published(market, "need", "xyz")
    for title in ("茶籽饼粕残油低温冷榨改造", "伺服电机转子", "箱包面料", "智能手环", "玻璃磨边"):
        published(
            market, "result", title, f"{title}，饼粕残油偏高想用的低温冷榨改造" if "茶籽" in title else "研究" * 30
        )
    figures = matching.measure_market(market)
    assert (figures.needs, figures.without_match) == (2, 1)
    assert figures.with_fairly_strong == 1
    assert latest(market).market.needs == 2


def test_it_is_measured_once_a_day(market):
    def due():
        with market.database.read() as session:
            return matching.quality_is_due(session, "labelled")

    assert due()
    matching.measure_labelled(market, SET)
    assert not due()
    with clock.at(clock.now() + timedelta(days=1)):
        assert due()
