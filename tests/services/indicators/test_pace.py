"""The gap calculator, on the figures of the picture it was drawn with."""

from datetime import date
from decimal import Decimal

from services.ground import money
from services.indicators.pace import pace

YI = money.FEN_IN["亿元"]


def test_what_is_missing_and_how_fast_it_would_have_to_come():
    found = pace(Decimal("1.6"), 2830 * YI, int(Decimal("6.87") * YI), 2026, date(2026, 3, 12))
    assert (money.yi(found.needed_fen), money.yi(found.gap_fen), str(found.months_left)) == ("45.28", "38.41", "9.67")
    assert (money.yi(found.per_month_needed_fen), money.yi(found.per_month_so_far_fen)) == ("3.97", "2.94")
    assert (money.yi(found.at_year_end_fen), str(found.share_at_year_end)) == ("35.32", "1.25")


def test_before_the_year_there_is_no_speed_and_after_it_no_month_is_left():
    before = pace(Decimal("1.5"), 100 * YI, 0, 2027, date(2026, 11, 25))
    assert (before.per_month_so_far_fen, before.at_year_end_fen, str(before.months_left)) == (None, None, "12.00")
    after = pace(Decimal("1.5"), 100 * YI, YI, 2025, date(2026, 1, 1))
    assert after.per_month_needed_fen is None
    assert after.at_year_end_fen == YI


def test_a_target_that_is_passed_needs_nothing_more():
    found = pace(Decimal("1.5"), 100 * YI, 2 * YI, 2024, date(2024, 6, 30))
    assert found.gap_fen < 0
    assert found.per_month_needed_fen is None
