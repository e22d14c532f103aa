"""Amounts as people write them, and dates of law."""

from datetime import UTC, date, datetime

import pytest

from services.ground import clock, money, reference, regions


@pytest.mark.parametrize(
    ("written", "fen"),
    [
        ("1,860,000", 186_000_000),
        ("１８６万元", 186_000_000),
        ("186万", 186_000_000),
        ("0.5亿", 5_000_000_000),
        ("¥12.345", 1_235),
        ("-3", -300),
    ],
)
def test_an_amount_is_understood_in_the_ways_people_write_it(written, fen):
    assert money.parse(written) == fen


@pytest.mark.parametrize("written", ["", "一百万", "12.3.4", "1e9", "NaN", "9" * 30])
def test_what_is_no_amount_is_refused(written):
    with pytest.raises(ValueError, match="amount"):
        money.parse(written)


def test_amounts_are_shown_half_up_with_a_true_minus_sign():
    assert money.wan(1_147_386_9371) == "11,473.87"
    assert money.yuan(-12_345) == "\N{MINUS SIGN}123.45"


def test_a_date_of_law_is_the_date_in_shanghai():
    with clock.at(datetime(2026, 3, 11, 16, 30, tzinfo=UTC)):
        assert clock.today() == date(2026, 3, 12)


def test_a_renamed_county_rolls_up_to_its_successor_and_there_are_eleven_counties():
    assert regions.current_code("431121") == "431181"
    assert len(regions.home_counties()) == 11


def test_an_unverified_rule_says_so():
    rule = reference.find("dated_rules", "REG_2026")
    assert rule is not None
    assert rule.verified is False
    assert reference.rule(None, "DECISION_DAYS_OLD", date(2025, 12, 1)).attributes["value"] == 30
