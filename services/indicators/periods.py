"""Periods of statistics: a month, a quarter, a year, or a year from its beginning to the end of a month. No I/O."""

import calendar
import re
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from typing import Literal

from services.ground.errors import BadRequest

Kind = Literal["month", "quarter", "year", "cumulative", "all"]
_SHAPES: tuple[tuple[Kind, str], ...] = (
    ("year", r"(?P<year>[0-9]{4})"),
    ("quarter", r"(?P<year>[0-9]{4})Q(?P<part>[1-4])"),
    ("month", r"(?P<year>[0-9]{4})-(?P<part>0[1-9]|1[0-2])"),
    ("cumulative", r"(?P<year>[0-9]{4})-01\.\.(?P<part>0[1-9]|1[0-2])"),
)
_NUMERALS = "一二三四"
FIRST, LAST = 1990, 2100


@dataclass(frozen=True)
class Period:
    """One period. `code` is what stands in addresses: 2026, 2026Q3, 2026-07, 2026-01..09."""

    kind: Kind
    year: int
    part: int = 0
    """The quarter, the month, or the last month of a cumulative period; 0 for a year."""

    @cached_property
    def code(self) -> str:
        """Give the short form that `parse` reads."""
        return {
            "all": "all",
            "year": f"{self.year}",
            "quarter": f"{self.year}Q{self.part}",
            "month": f"{self.year}-{self.part:02}",
            "cumulative": f"{self.year}-01..{self.part:02}",
        }[self.kind]

    @property
    def label(self) -> str:
        """Give the words people read."""
        if self.kind == "quarter":
            return f"{self.year} 年第{_NUMERALS[self.part - 1]}季度"
        return {
            "all": "全部年份",
            "year": f"{self.year} 年",
            "month": f"{self.year} 年 {self.part} 月",
            "cumulative": f"{self.year} 年 1–{self.part} 月累计",
        }[self.kind]

    @cached_property
    def since(self) -> date:
        """The first day."""
        if self.kind == "all":
            return date(FIRST, 1, 1)
        months = {"year": 1, "quarter": 3 * self.part - 2, "month": self.part, "cumulative": 1}
        return date(self.year, months[self.kind], 1)

    @cached_property
    def until(self) -> date:
        """The last day."""
        if self.kind == "all":
            return date(LAST, 12, 31)
        month = {"year": 12, "quarter": 3 * self.part, "month": self.part, "cumulative": self.part}[self.kind]
        return date(self.year, month, calendar.monthrange(self.year, month)[1])

    @cached_property
    def previous(self) -> "Period":
        """The same period of the year before: what growth is measured against."""
        return Period(self.kind, self.year - 1, self.part)

    @property
    def months(self) -> range:
        """The months of its year up to its end."""
        return range(1, self.until.month + 1)


ALL = Period("all", 0)
"""Everything there is: what the series by year is cut from."""


def parse(text: str) -> Period:
    """Read a period. Raises BadRequest for anything else."""
    if text == "all":
        return ALL
    for kind, shape in _SHAPES:
        found = re.fullmatch(shape, text)
        if found and FIRST <= int(found["year"]) <= LAST:
            part = found.groupdict().get("part")
            return Period(kind, int(found["year"]), int(part) if part else 0)
    raise BadRequest("period_unreadable", value=text[:20])


def year_of(year: int) -> Period:
    """Give a whole year."""
    return Period("year", year)
