"""Working days as the State Council arranges them: holidays are off, and some weekends are worked (调休)."""

from datetime import date, timedelta

import chinese_calendar

SATURDAY = 5


def is_working_day(day: date) -> bool:
    """Say whether people work that day.

    Next year's arrangement is published in autumn; for years the calendar does not know yet, Monday to Friday count.
    """
    try:
        return bool(chinese_calendar.is_workday(day))
    except NotImplementedError:
        return day.weekday() < SATURDAY


def add_working_days(start: date, count: int) -> date:
    """Give the date `count` working days after `start`; the day itself does not count."""
    day = start
    while count > 0:
        day += timedelta(days=1)
        count -= is_working_day(day)
    return day


def working_days_between(start: date, end: date) -> int:
    """Count the working days after `start` up to and with `end`; negative when `end` lies before `start`."""
    if end < start:
        return -working_days_between(end, start)
    return sum(is_working_day(start + timedelta(days=offset)) for offset in range(1, (end - start).days + 1))


def bucket(due_on: date | None, today: date) -> str:
    """Name the heading of a work list that something belongs under: overdue, today, later, undated."""
    if due_on is None:
        return "undated"
    if due_on < today:
        return "overdue"
    return "today" if due_on == today else "later"
