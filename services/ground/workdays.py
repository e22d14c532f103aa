"""Which days people work on: the kept table of a library, and what the market has entered for years beyond it.

One calendar serves the decisions of the contract desk and the due days of deals. The State Council publishes the days off and the make-up days (调休) of a year each autumn; a library follows with a release. A
registrar enters the year here as soon as it is published, so that due dates do not wait for a release.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta

import chinese_calendar
from sqlmodel import Field, Session, col, select

from services.ground import audit, clock
from services.ground.actor import Actor
from services.ground.database import Base, text_column, utc
from services.ground.errors import FieldError, Invalid
from services.ground.permissions import require

MOST_DAYS = 80
FARTHEST = 3660
"""Days left are counted over so many days at most: a date typed wrong by a thousand years costs nobody a minute."""
WORDS = {"休": False, "班": True}


class CalendarDay(Base, table=True):
    """One day that differs from the week: a day off, or a weekend day worked to make up for one."""

    __tablename__ = "calendar_day"
    day: date = Field(primary_key=True)
    works: bool
    note: str = Field(default="", sa_column=text_column(80))
    added_at: datetime = Field(sa_column=utc())
    added_by_id: int | None = Field(default=None, foreign_key="person.id")


@dataclass(frozen=True)
class Calendar:
    """The calendar as it is known now. `entered` are the days of the market, by date."""

    entered: Mapping[date, bool] = field(default_factory=dict)

    def is_working_day(self, day: date) -> bool:
        """Say whether people work on that day; beyond every table by the weekday alone."""
        if self.in_library(day):
            return bool(chinese_calendar.is_workday(day))
        return self.entered.get(day, day.isoweekday() <= 5)

    def is_known(self, day: date) -> bool:
        """Say whether days off and make-up days of that day's year are known."""
        return self.in_library(day) or any(entered.year == day.year for entered in self.entered)

    def after(self, start: date, count: int) -> date:
        """Give the date `count` working days after `start`; the day itself does not count."""
        day = start
        while count > 0:
            day += timedelta(days=1)
            count -= self.is_working_day(day)
        return day

    def days_left(self, today: date, due_on: date) -> int:
        """Count the working days from tomorrow to the due day; negative when it has passed."""
        first, last, sign = (today, due_on, 1) if due_on >= today else (due_on, today, -1)
        span = range(1, min((last - first).days, FARTHEST) + 1)
        return sign * sum(self.is_working_day(first + timedelta(days=offset)) for offset in span)

    @staticmethod
    def in_library(day: date) -> bool:
        """Say whether the library's table reaches that day."""
        try:
            chinese_calendar.is_workday(day)
        except NotImplementedError:
            return False
        return True


BY_LIBRARY = Calendar()


def calendar_of(session: Session) -> Calendar:
    """Read the calendar of the market."""
    rows = session.exec(select(CalendarDay)).all()
    return Calendar({row.day: row.works for row in rows}) if rows else BY_LIBRARY


def days_of(session: Session, year: int) -> list[CalendarDay]:
    """List the days entered for a year."""
    statement = select(CalendarDay).where(col(CalendarDay.day).between(date(year, 1, 1), date(year, 12, 31)))
    return list(session.exec(statement.order_by(col(CalendarDay.day))))


def enter_year(session: Session, actor: Actor, year: int, text: str) -> int:
    """Enter the days off and make-up days of a year, one a line: `2027-01-01 休 元旦`, `2027-01-03 班`. Returns how many.

    They replace what was entered for that year. Raises Invalid for a line that cannot be read, naming it, and for a year
    the library knows.
    """
    require(actor, "contract.calendar")
    if Calendar.in_library(date(year, 1, 1)):
        raise Invalid("year", "year_in_library", year=year)
    days = read_days(year, text)
    for row in days_of(session, year):
        session.delete(row)
    session.flush()
    for day, (works, note) in days.items():
        session.add(CalendarDay(day=day, works=works, note=note, added_at=clock.now(), added_by_id=actor.person_id))
    audit.record(session, actor, "contract.enter_calendar", "calendar", str(year), days=len(days))
    session.flush()
    return len(days)


def read_days(year: int, text: str) -> dict[date, tuple[bool, str]]:
    """Read the lines of a year. Raises Invalid with the number of each line that is wrong."""
    found: dict[date, tuple[bool, str]] = {}
    wrong = []
    for number, line in enumerate(text.splitlines(), 1):
        if not line.strip():
            continue
        match = re.fullmatch(r"\s*(\d{4}-\d{2}-\d{2})\s+([休班])(?:\s+(\S.{0,79}))?\s*", line)
        day = _day(match[1]) if match else None
        if match is None or day is None or day.year != year or day in found:
            wrong.append(FieldError("days", "calendar_line_unreadable", {"line": number, "text": line.strip()[:40]}))
            continue
        found[day] = (WORDS[match[2]], (match[3] or "").strip())
    if not found and not wrong:
        wrong.append(FieldError("days", "required"))
    if len(found) > MOST_DAYS:
        wrong.append(FieldError("days", "too_many_days", {"limit": MOST_DAYS}))
    if wrong:
        raise Invalid(wrong)
    return found


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None
