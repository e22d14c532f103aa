"""Due dates count the days on which people in China work."""

from datetime import date

from services.ground.workdays import BY_LIBRARY, FARTHEST, Calendar


def test_the_spring_festival_does_not_count():
    # 2026: holiday from Sunday 15 to Monday 23 February.
    assert BY_LIBRARY.after(date(2026, 2, 13), 1) == date(2026, 2, 14)
    assert BY_LIBRARY.after(date(2026, 2, 14), 1) == date(2026, 2, 24)


def test_a_saturday_that_is_worked_counts():
    assert BY_LIBRARY.is_working_day(date(2026, 2, 28))
    assert BY_LIBRARY.days_left(date(2026, 2, 27), date(2026, 2, 28)) == 1


def test_five_working_days_from_tuesday_end_on_the_next_tuesday():
    assert BY_LIBRARY.after(date(2026, 3, 10), 5) == date(2026, 3, 17)


def test_a_year_whose_holidays_nobody_knows_counts_monday_to_friday():
    assert BY_LIBRARY.after(date(2031, 1, 3), 1) == date(2031, 1, 6)


def test_a_year_that_was_entered_counts_as_it_was_entered():
    entered = Calendar({date(2031, 1, 6): False, date(2031, 1, 4): True})
    assert entered.after(date(2031, 1, 3), 2) == date(2031, 1, 7)


def test_what_is_overdue_counts_backwards():
    assert BY_LIBRARY.days_left(date(2026, 3, 12), date(2026, 3, 16)) == 2
    assert BY_LIBRARY.days_left(date(2026, 3, 16), date(2026, 3, 12)) == -2
    assert BY_LIBRARY.days_left(date(2026, 3, 12), date(2026, 3, 11)) == -1
    assert BY_LIBRARY.days_left(date(2026, 3, 12), date(2026, 3, 12)) == 0


def test_a_day_typed_wrong_by_a_thousand_years_is_not_counted_to_its_end():
    assert BY_LIBRARY.days_left(date(2026, 3, 12), date(9026, 3, 12)) < FARTHEST
