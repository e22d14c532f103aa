"""What may become of a record."""

from datetime import UTC, date, datetime, timedelta

import pytest

from services.listings import rules

NOW = datetime(2026, 3, 12, tzinfo=UTC)


@pytest.mark.parametrize(
    ("move", "state", "goal"),
    [
        ("submit", "draft", "submitted"),
        ("submit", "returned", "submitted"),
        ("publish", "submitted", "published"),
        ("return", "submitted", "returned"),
        ("withdraw", "published", "withdrawn"),
        ("fulfil", "published", "fulfilled"),
    ],
)
def test_a_listed_move_leads_where_it_says(move, state, goal):
    assert rules.target(move, state) == goal


@pytest.mark.parametrize(
    ("move", "state"), [("publish", "draft"), ("submit", "published"), ("fulfil", "draft"), ("withdraw", "withdrawn")]
)
def test_any_other_move_is_not_possible(move, state):
    assert rules.target(move, state) is None


def test_a_published_need_whose_date_has_passed_is_expired_without_any_job():
    assert rules.state_shown("published", date(2026, 3, 11), date(2026, 3, 12)) == "expired"
    assert rules.state_shown("published", date(2026, 3, 12), date(2026, 3, 12)) == "published"


@pytest.mark.parametrize(
    ("days", "said"), [(0, "fresh"), (90, "fresh"), (91, "ageing"), (180, "ageing"), (181, "stale")]
)
def test_freshness_follows_from_the_day_of_confirmation(days, said):
    assert rules.freshness(NOW - timedelta(days=days), NOW) == said
