from datetime import date

import pytest

from services.contracts.deadlines import Pause, decision_clock
from services.ground.workdays import BY_LIBRARY


def test_fifteen_working_days_over_the_spring_festival_of_2026_leave_out_the_holiday_and_count_the_make_up_days():
    # 2026: holiday 15–23 February; Saturdays 14 and 28 February are working days.
    clock = decision_clock(date(2026, 2, 9), date(2026, 2, 9), days=15, kind="working_day")
    assert clock.due_on == date(2026, 3, 6)
    assert clock.calendar_known
    assert BY_LIBRARY.is_working_day(date(2026, 2, 14))
    assert not BY_LIBRARY.is_working_day(date(2026, 2, 17))


def test_thirty_calendar_days_count_from_the_day_after_acceptance():
    clock = decision_clock(date(2025, 12, 1), date(2025, 12, 10), days=30, kind="calendar_day")
    assert clock.due_on == date(2025, 12, 31)
    assert (clock.used, clock.left, clock.stopped) == (9, 21, False)


def test_a_period_that_ends_on_a_day_of_rest_ends_on_the_next_working_day():
    clock = decision_clock(date(2025, 9, 1), date(2025, 9, 2), days=30, kind="calendar_day")
    assert clock.due_on == date(2025, 10, 9)


def test_the_clock_stands_still_while_papers_are_missing():
    open_pause = [Pause(date(2026, 3, 9))]
    stopped = decision_clock(date(2026, 3, 2), date(2026, 3, 20), days=15, kind="working_day", pauses=open_pause)
    assert stopped.stopped
    assert stopped.due_on is None
    assert stopped.used == 4


def test_days_of_a_finished_pause_do_not_count():
    pauses = [Pause(date(2026, 3, 9), date(2026, 3, 16))]
    clock = decision_clock(date(2026, 3, 2), date(2026, 3, 17), days=15, kind="working_day", pauses=pauses)
    assert clock.used == 6
    assert clock.due_on == date(2026, 3, 30)


def test_an_overdue_contract_has_fewer_than_no_days_left():
    clock = decision_clock(date(2026, 3, 2), date(2026, 4, 30), days=15, kind="working_day")
    assert clock.left < 0
    assert clock.due_on == date(2026, 3, 23)


def test_a_year_whose_holidays_are_not_published_is_counted_by_weekdays_and_says_so():
    clock = decision_clock(date(2031, 3, 3), date(2031, 3, 3), days=5, kind="working_day")
    assert clock.due_on == date(2031, 3, 10)
    assert not clock.calendar_known


@pytest.mark.parametrize("kind", ["calendar_day", "working_day"])
def test_a_contract_accepted_today_has_used_no_day(kind):
    clock = decision_clock(date(2026, 3, 2), date(2026, 3, 2), days=15, kind=kind)
    assert (clock.used, clock.left) == (0, 15)
