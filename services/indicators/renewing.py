"""What of a publication is made anew, and what stays as it was: two of them must tell no more than one of them alone.

A year's sum is published anew once the difference to the one before passes the rule for cells (three contracts, no
seller above 80 %). Tables of the running year are made once a quarter, those of earlier years when the year's sum is;
figures that differ too little from the last tables are hidden in the new ones.
"""

from dataclasses import dataclass, field
from datetime import date
from typing import Any

from sqlmodel import Session

from services.contracts import reach
from services.ground import clock
from services.indicators import figures, rules
from services.indicators.books import Books, Cut
from services.indicators.changes import Changes, none_since
from services.indicators.models import CutOff, PublishedTables
from services.indicators.periods import ALL, Period
from services.indicators.publication import published_cuts
from services.indicators.readings import READINGS, Reading
from services.indicators.schemas import YearOut


@dataclass
class YearState:
    """How far the published figures of a year reach: lines of the ledger, and the quarter its tables were made in."""

    line: int = 0
    tables_line: int = 0
    quarter: str = ""

    def dumped(self) -> dict[str, Any]:
        """Write it down in the publication."""
        return {"line": self.line, "tables_line": self.tables_line, "quarter": self.quarter}


@dataclass
class Renewal:
    """What a new publication takes from the books of today, and what from the last one."""

    session: Session
    last: CutOff | None
    line: int
    """The last line of the ledger that it may know."""
    states: dict[int, YearState] = field(default_factory=dict)
    held: set[int] = field(default_factory=set)
    """Years whose sum stays as it was."""

    @property
    def earlier(self) -> dict[str, Any]:
        """What the last publication said."""
        return self.last.figures if self.last else {}

    def state_before(self, year: int) -> YearState | None:
        """Say how far the last publication of a year reached; None for a year that was never published like this."""
        known = self.earlier.get("state", {}).get(str(year))
        return YearState(**known) if known else None

    def series(self, live: list[YearOut]) -> list[YearOut]:
        """Give the series to publish: live years, and those that changed too little as they stood."""
        found = []
        for row in live:
            before = self.state_before(row.year)
            total = Cut(Period("year", row.year), "output")
            is_held = before is not None and Changes(self.session, before.line, self.line).is_small(total, "")
            if before is not None and is_held:
                self.held.add(row.year)
                row = self._as_of(row.year, before.line) or row  # noqa: PLW2901 - the year as it was known then
            self.states[row.year] = YearState(
                before.line if before and is_held else self.line,
                before.tables_line if before else 0,
                before.quarter if before else "",
            )
            found.append(row)
        return with_growth(found)

    def _as_of(self, year: int, line: int) -> YearOut | None:
        rows = figures.years(self.session, books=Books(self.session, up_to_id=line))
        return next((row for row in rows if row.year == year), None)

    def reading(self, reading: Reading) -> tuple[list[YearOut], int]:
        """Give the series of another reading, and the line it reaches: all of its years move together or none does."""
        before = self.earlier.get("state", {}).get(reading.code)
        if before is not None:
            changes = Changes(self.session, int(before), self.line, reading.basis)
            touched = changes.cube(Cut(ALL, reading.side, ("year",)))
            if any(change.is_small for change in touched.values()):
                books = Books(self.session, basis=reading.basis, up_to_id=int(before))
                return figures.years(self.session, reading, books), int(before)
        return figures.years(self.session, reading), self.line

    def tables_are_due(self, year: int) -> bool:
        """Say whether the tables of a year are made anew: with its sum, and in the running year once a quarter."""
        state = self.states[year]
        if not state.tables_line:
            return True
        if year in self.held:
            return False
        return year != clock.today().year or state.quarter != quarter_of(clock.today())

    def changes_of(self, year: int) -> Changes:
        """Give what changed since the last tables of a year."""
        state = self.states[year]
        if not state.tables_line:
            return none_since(self.session)
        return Changes(self.session, state.tables_line, self.line)

    def stale(self, year: int) -> set[str]:
        """Name the figures of a year whose tables stay as they were, and which have changed since."""
        return self.changes_of(year).touched(published_cuts(year))

    def digest_before(self, year: int) -> str | None:
        """Give the hash of the tables of a year as they were published last."""
        found = self.earlier.get("tables", {}).get(str(year))
        return str(found) if found else None

    def hidden_before(self, year: int) -> set[str]:
        """Name the figures that are hidden in the tables of a year as they were published last."""
        row = self.session.get(PublishedTables, self.digest_before(year) or "")
        return set(row.hidden) if row else set()


def quarter_of(day: date) -> str:
    """Name a quarter: 2026Q3."""
    return f"{day.year}Q{(day.month + 2) // 3}"


def begin(session: Session, last: CutOff | None) -> Renewal:
    """Look at the last publication and at how far the ledger has come."""
    return Renewal(session, last, reach.last_movement(session))


def with_growth(series: list[YearOut]) -> list[YearOut]:
    """Reckon growth from the published sums: with live ones it would tell what a year that is held has become."""
    before: YearOut | None = None
    found = []
    for row in series:
        last = before.amount_fen if before is not None and before.year == row.year - 1 else None
        found.append(row.model_copy(update={"growth": rules.growth(row.amount_fen or 0, last)}))
        before = row
    return found


ALTERNATIVES = [reading for reading in READINGS.values() if reading.code != "default"]
