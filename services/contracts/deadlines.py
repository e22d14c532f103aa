"""When a decision is due: calendar days or working days with 调休, stopped while papers are missing.

How many days, and of which kind, is said by the rule set in force on the day of acceptance; nothing of it stands here.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Literal

from services.ground.workdays import BY_LIBRARY, Calendar

DayKind = Literal["calendar_day", "working_day"]
ONE_DAY = timedelta(days=1)
MAX_DAYS = 3660


@dataclass(frozen=True)
class Pause:
    """A time in which the clock stood still: first day, and the day it went on, or None while it still stands."""

    since: date
    until: date | None = None


@dataclass(frozen=True)
class Clock:
    """Where the time for a decision stands. `due_on` is None while the clock is stopped.

    `calendar_known` is False when days were counted in a year whose holidays are not published yet: then Saturdays and
    Sundays were left out and nothing else, and the page says so.
    """

    days: int
    kind: DayKind
    used: int
    due_on: date | None
    stopped: bool
    calendar_known: bool

    @property
    def left(self) -> int:
        """Days that are left; negative when overdue."""
        return self.days - self.used


def decision_clock(
    accepted_on: date,
    today: date,
    *,
    days: int,
    kind: DayKind,
    pauses: Sequence[Pause] = (),
    calendar: Calendar = BY_LIBRARY,
) -> Clock:
    """Count the days since acceptance and say when the decision is due.

    The day of acceptance does not count (Civil Code, article 201), and a period that ends on a day of rest ends on the
    next working day (article 203). Days of a pause do not count: from its first day to the day before it ended.
    """
    stopped = any(pause.until is None for pause in pauses)
    used, counted, known = 0, 0, True
    due: date | None = None
    day = accepted_on
    while day < today or (due is None and not stopped and counted < MAX_DAYS):
        day += ONE_DAY
        if not _counts(day, kind, pauses, calendar):
            continue
        counted += 1
        # The holiday table matters for the days that decide something: those used, and those up to the due day.
        if kind == "working_day" and (due is None or day <= today):
            known = known and calendar.is_known(day)
        if day <= today:
            used += 1
        if counted == days:
            due = _on_a_working_day(day, calendar)
    return Clock(days, kind, used, None if stopped else due, stopped, known)


def _counts(day: date, kind: DayKind, pauses: Sequence[Pause], calendar: Calendar) -> bool:
    if any(pause.since <= day and (pause.until is None or day < pause.until) for pause in pauses):
        return False
    return kind == "calendar_day" or calendar.is_working_day(day)


def _on_a_working_day(day: date, calendar: Calendar) -> date:
    while not calendar.is_working_day(day):
        day += ONE_DAY
    return day
