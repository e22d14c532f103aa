"""Due dates count the days on which people in China work."""

from datetime import date

from services.deals import workdays


def test_the_spring_festival_does_not_count():
    # 2026: holiday from Sunday 15 to Monday 23 February.
    assert workdays.add_working_days(date(2026, 2, 13), 1) == date(2026, 2, 14)
    assert workdays.add_working_days(date(2026, 2, 14), 1) == date(2026, 2, 24)


def test_a_saturday_that_is_worked_counts():
    assert workdays.is_working_day(date(2026, 2, 28))
    assert workdays.working_days_between(date(2026, 2, 27), date(2026, 2, 28)) == 1


def test_five_working_days_from_tuesday_end_on_the_next_tuesday():
    assert workdays.add_working_days(date(2026, 3, 10), 5) == date(2026, 3, 17)


def test_a_year_whose_holidays_are_not_published_yet_counts_monday_to_friday():
    assert workdays.add_working_days(date(2031, 1, 3), 1) == date(2031, 1, 6)


def test_what_is_overdue_counts_backwards():
    assert workdays.working_days_between(date(2026, 3, 12), date(2026, 3, 11)) == -1
    assert workdays.working_days_between(date(2026, 3, 12), date(2026, 3, 12)) == 0


def test_the_work_list_has_four_headings():
    today = date(2026, 3, 12)
    assert [workdays.bucket(due, today) for due in (date(2026, 3, 11), today, date(2026, 3, 13), None)] == [
        "overdue",
        "today",
        "later",
        "undated",
    ]
