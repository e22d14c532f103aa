"""Closing a period: everything that went in, the tables and the finished files are kept together and never change.

A closed report is handed out again as it was. What came later is explained line by line: late entries, and what
became of its contracts afterwards.
"""

import hashlib
import json
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any

from sqlmodel import Session, col, select

from services.contracts import reach, rule_sets
from services.contracts import statistics_queries as ledger
from services.contracts.statistics_queries import Line, Slice
from services.ground import audit, clock
from services.ground.actor import Actor
from services.ground.errors import Conflict, NotFound
from services.ground.permissions import require
from services.indicators import entries, rollup, statistics
from services.indicators.books import Books, Cell
from services.indicators.entries import computed_code
from services.indicators.models import ClosingFile, PeriodClosing
from services.indicators.periods import Period, parse
from services.indicators.readings import DEFAULT, READINGS
from services.indicators.table_schemas import Table
from services.indicators.tables import Asked


class PeriodNotOver(Conflict):
    """A period can be closed once its last day has passed."""

    code = "period_not_over"


class PeriodClosed(Conflict):
    """A period is closed once."""

    code = "period_closed"


@dataclass(frozen=True)
class Report:
    """What the files of a report are made from."""

    period: Period
    closed_at: datetime
    tables: list[Table]
    inputs: dict[str, Any]
    given: Asked


@dataclass(frozen=True)
class Finished:
    """One finished file."""

    name: str
    media_type: str
    content: bytes


Render = Callable[[Report], Sequence[Finished]]


@dataclass(frozen=True)
class ClosingOut:
    """One closed period, with the names, sizes and hashes of its files."""

    period: str
    label: str
    closed_at: datetime
    sha256: str
    last_movement: int
    inputs: dict[str, Any]
    files: list[tuple[str, int, str]]


@dataclass(frozen=True)
class Differences:
    """A closed report beside the books of today: three sums, and the lines that lie between them."""

    published: Cell
    now: Cell
    restated: Cell
    late: list[Line]
    """Lines of the period that were written after it was closed: they make `now` out of `published`."""
    later: list[Line]
    """Lines of later periods about contracts of this one: they make `restated`."""
    earlier: list[Line]
    """Lines of this period about contracts of earlier ones: `restated` counts them there."""

    late_sum: Cell
    later_sum: Cell
    earlier_sum: Cell
    """What all lines of each kind come to, those beyond the ones listed too."""

    @property
    def unexplained(self) -> Cell:
        """What the late lines do not explain: nothing unless a batch of imported contracts was taken back since."""
        return self.now.less(self.published).less(self.late_sum)

    @property
    def unexplained_restated(self) -> Cell:
        """What the lines of later and of earlier periods do not explain between the books of today and restated ones."""
        return self.restated.less(self.now).less(self.later_sum).plus(self.earlier_sum)

    @property
    def late_fen(self) -> int:
        """What all late lines come to."""
        return self.late_sum.amount_fen

    @property
    def unexplained_fen(self) -> int:
        """The amount the late lines do not explain."""
        return self.unexplained.amount_fen


def close(session: Session, actor: Actor, code: str, render: Render) -> ClosingOut:
    """Close a period: one transaction, so that a report is there whole or not at all.

    Raises Forbidden, BadRequest for no period, PeriodNotOver, PeriodClosed.
    """
    require(actor, "indicator.manage")
    period = parse(code)
    if period.until >= clock.today():
        raise PeriodNotOver(period=period.label, until=period.until.isoformat())
    last = reach.hold(session)
    if statistics.find_closing(session, period.code) is not None:
        raise PeriodClosed(period=period.label)
    books = Books(session, up_to_id=last, medians=period)
    books.shortcut = rollup.kept  # the ledger is held: up to its last line is all there is
    given = Asked(books, period, DEFAULT)
    made = [statistics.make(name, given) for name in statistics.ALL]
    content = [table.model_dump(mode="json") for table in made]
    row = PeriodClosing(
        indicator=computed_code(),
        period=period.code,
        closed_at=clock.now(),
        closed_by=actor.person_id,
        last_movement=last,
        inputs=_inputs(session, books, period),
        tables=content,
        sha256=_digest(content),
    )
    session.add(row)
    session.flush()
    for item in render(Report(period, row.closed_at, made, row.inputs, given)):
        session.add(_file(row, item))
    session.flush()
    audit.record(session, actor, "indicator.close", "indicator", row.indicator, period=row.period, sha256=row.sha256)
    return _out(session, row)


def _file(row: PeriodClosing, item: Finished) -> ClosingFile:
    return ClosingFile(
        closing_id=row.id or 0,
        name=item.name,
        media_type=item.media_type,
        size=len(item.content),
        sha256=hash_of(item.content),
        content=item.content,
    )


def hash_of(content: bytes) -> str:
    """Give the hash that a finished file is known by."""
    return hashlib.sha256(content).hexdigest()


def _digest(content: Any) -> str:
    return hashlib.sha256(json.dumps(content, sort_keys=True, ensure_ascii=False).encode()).hexdigest()


def _inputs(session: Session, books: Books, period: Period) -> dict[str, Any]:
    """Write down what a report is made of: movements and versions by number, GDP, rule sets, readings."""
    numbers = ledger.numbers(session, Slice(period.since, period.until, up_to_id=books.up_to_id))
    gdp = entries.gdp_in_force(session)
    return {
        "since": period.since.isoformat(),
        "until": period.until.isoformat(),
        "reading": {"code": DEFAULT.code, "words": DEFAULT.words},
        "movements": _runs(movement for movement, _version in numbers),
        "movement_count": len(numbers),
        "versions": _runs(sorted({version for _movement, version in numbers})),
        "gdp": {
            str(year): {"value_fen": row.value_fen, "kind": row.kind, "source": row.source, "mark": row.mark}
            for year, row in sorted(gdp.items())
            if year <= period.year
        },
        "rule_sets": [
            {"code": item.code, "title": item.title, "verified": item.verified}
            for item in rule_sets.shipped()
            if item.valid_from <= period.until and (item.valid_to or date.max) >= period.since
        ],
        "readings": sorted(READINGS),
    }


def _runs(numbers: Iterable[int]) -> list[list[int]]:
    """Write ascending numbers as runs: first and last of each."""
    found: list[list[int]] = []
    for number in numbers:
        if found and number == found[-1][1] + 1:
            found[-1][1] = number
        else:
            found.append([number, number])
    return found


def closings(session: Session, actor: Actor) -> list[ClosingOut]:
    """List the closed periods, the latest first."""
    require(actor, "indicator.see_internal")
    rows = session.exec(
        select(PeriodClosing)
        .where(PeriodClosing.indicator == computed_code())
        .order_by(col(PeriodClosing.closed_at).desc(), col(PeriodClosing.id).desc())
    )
    return [_out(session, row) for row in rows]


def closing(session: Session, actor: Actor, code: str) -> ClosingOut:
    """Give one closed period. Raises NotFound."""
    require(actor, "indicator.see_internal")
    return _out(session, statistics.closing_of(session, code))


def closed_file(session: Session, actor: Actor, code: str, name: str) -> Finished:
    """Hand out a finished file byte for byte; handing out leaves a trace. Raises NotFound."""
    require(actor, "indicator.see_internal")
    row = statistics.closing_of(session, code)
    found = session.exec(select(ClosingFile).where(ClosingFile.closing_id == row.id, ClosingFile.name == name)).first()
    if found is None:
        raise NotFound("closing", f"{code}/{name}"[:60])
    audit.record(session, actor, "indicator.handed_out", "indicator", row.indicator, period=code, file=name)
    return Finished(found.name, found.media_type, found.content)


def differences(session: Session, actor: Actor, code: str, *, limit: int = 500) -> Differences:
    """Say what has become of a closed report since, and by which lines. Raises NotFound."""
    require(actor, "indicator.see_internal")
    row, period = statistics.closing_of(session, code), parse(code)
    whole = Slice(period.since, period.until)
    late = replace(whole, after_id=row.last_movement)
    later = replace(whole, basis="restated", dated_after=period.until)
    earlier = replace(whole, original_before=period.since)
    return Differences(
        published=Books(session, up_to_id=row.last_movement).total(period, "output"),
        now=Books(session).total(period, "output"),
        restated=Books(session, basis="restated").total(period, "output"),
        late=list(ledger.lines(session, late, limit=limit)),
        later=list(ledger.lines(session, later, limit=limit)),
        earlier=list(ledger.lines(session, earlier, limit=limit)),
        late_sum=_sum(session, late),
        later_sum=_sum(session, later),
        earlier_sum=_sum(session, earlier),
    )


def _sum(session: Session, wanted: Slice) -> Cell:
    groups = ledger.grouped(session, wanted, ())
    return Cell(*(sum(getattr(group, name) for group in groups) for name in ("count", "amount_fen", "technical_fen")))


def _out(session: Session, row: PeriodClosing) -> ClosingOut:
    named = select(ClosingFile.name, ClosingFile.size, ClosingFile.sha256)
    files = session.execute(named.where(ClosingFile.closing_id == row.id).order_by(col(ClosingFile.id)))
    return ClosingOut(
        period=row.period,
        label=parse(row.period).label,
        closed_at=row.closed_at,
        sha256=row.sha256,
        last_movement=row.last_movement,
        inputs=row.inputs,
        files=[(str(name), int(size), str(digest)) for name, size, digest in files],
    )
