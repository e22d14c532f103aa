"""The public figures: computed at a cut-off, kept with their hash, shown to everybody until the next one."""

import hashlib
import json
from collections.abc import Sequence
from collections.abc import Set as AbstractSet
from datetime import datetime, time
from typing import Any

from pydantic import BaseModel
from sqlmodel import Session, col, select

from services.contracts import service as contracts
from services.contracts.schemas import MovementFilter
from services.ground import audit, clock, market
from services.ground.actor import Actor
from services.ground.database import lock_row
from services.ground.errors import NotFound
from services.ground.permissions import require
from services.indicators import figures, renewing, rules, statistics
from services.indicators.books import Books
from services.indicators.entries import computed_code
from services.indicators.models import CutOff, PublishedTables
from services.indicators.periods import Period
from services.indicators.publication import hidden_figures, redacted
from services.indicators.renewing import Renewal
from services.indicators.schemas import YearOut
from services.indicators.statistics import live_books
from services.indicators.table_schemas import Table
from services.indicators.tables import Asked

PUBLIC = [code for code, definition in statistics.ALL.items() if not definition.inside]


def last_cut_off(session: Session, code: str) -> CutOff | None:
    """Give the figures that everybody sees now."""
    return session.exec(select(CutOff).where(CutOff.indicator == code).order_by(col(CutOff.id).desc()).limit(1)).first()


def cut_off(session: Session, number: int) -> CutOff:
    """Give one publication by its number. Raises NotFound."""
    row = session.get(CutOff, number)
    if row is None:
        raise NotFound("cut_off", str(number))
    return row


def publish_cut_off(session: Session, actor: Actor) -> CutOff:
    """Compute and keep the figures that everybody sees until the next cut-off, with their hash.

    All tables of a year are looked at together, so that none gives away what another hides; and so is the difference to
    the last publication (`renewing.py`).
    """
    require(actor, "indicator.manage")
    renewal = renewing.begin(session, last_cut_off(session, computed_code()))
    series = renewal.series(figures.years(session, books=live_books(session)))
    content: dict[str, Any] = {"years": _dumped(withhold_years(series)), "readings": {}, "state": {}}
    for reading in renewing.ALTERNATIVES:
        rows, line = renewal.reading(reading)
        content["readings"][reading.code] = _dumped(withhold_years(rows))
        content["state"][reading.code] = line
    content |= _parts(session, renewal, [row.year for row in series])
    content["state"] |= {str(year): state.dumped() for year, state in renewal.states.items()}
    row = CutOff(indicator=computed_code(), at=clock.now(), figures=content, sha256=_digest(content))
    session.add(row)
    session.flush()
    audit.record(session, actor, "indicator.publish", "indicator", row.indicator, sha256=row.sha256)
    return row


def _parts(session: Session, renewal: Renewal, years: list[int]) -> dict[str, Any]:
    """Make breakdowns, the cross table and all tables of each year, or keep them as they were published last."""
    books, earlier = live_books(session), renewal.earlier
    found: dict[str, dict[str, Any]] = {"breakdowns": {}, "cross": {}, "tables": {}}
    hidden: set[str] = set()
    for year in years:
        names = [f"{dimension}/{year}" for dimension in figures.BREAKDOWNS]
        digest = renewal.digest_before(year)
        if not renewal.tables_are_due(year) and digest is not None:
            found["breakdowns"] |= {name: earlier["breakdowns"][name] for name in names}
            found["cross"][str(year)], found["tables"][str(year)] = earlier["cross"][str(year)], digest
            hidden |= renewal.hidden_before(year) | renewal.stale(year)
            continue
        mine = hidden_figures(books, year, renewal.changes_of(year))
        hidden |= mine
        for dimension, name in zip(figures.BREAKDOWNS, names, strict=True):
            found["breakdowns"][name] = figures.breakdown(books, dimension, year, hidden).model_dump(mode="json")
        found["cross"][str(year)] = figures.cross(books, year, hidden).model_dump(mode="json")
        found["tables"][str(year)] = _keep_tables(session, books, year, hidden, mine)
        state = renewal.states[year]
        state.tables_line, state.quarter = renewal.line, renewing.quarter_of(clock.today())
    return found


def _dumped(rows: Sequence[BaseModel]) -> list[dict[str, Any]]:
    return [row.model_dump(mode="json") for row in rows]


def _digest(content: Any) -> str:
    return hashlib.sha256(json.dumps(content, sort_keys=True, ensure_ascii=False).encode()).hexdigest()


RUNNING_NOTE = "当年各表每季公布一次；与上一次公布相差太少的格不列。"


def _keep_tables(session: Session, books: Books, year: int, hidden: AbstractSet[str], mine: AbstractSet[str]) -> str:
    """Keep the public tables of a year under their hash; what has not changed since the last night is kept already.

    `hidden` are the figures of this and of earlier years that must not be shown, `mine` those of this year.
    """
    given = Asked(books.with_medians(Period("year", year)), Period("year", year))
    exact = [statistics.make(code, given) for code in PUBLIC]
    counts = given.books.counts
    made = [redacted(table, hidden, counts) for table in exact]
    for table in made:
        table.notes.append(RUNNING_NOTE)
    content = _dumped(made)
    digest = _digest([content, sorted(mine)])
    if session.get(PublishedTables, digest) is None:
        session.add(PublishedTables(sha256=digest, year=year, tables=content, hidden=sorted(mine), kept_at=clock.now()))
    return digest


def published_tables(session: Session, year: int) -> list[Table]:
    """Give the tables of a year as they were published last, or none."""
    last = last_cut_off(session, computed_code())
    digest = last.figures.get("tables", {}).get(str(year)) if last else None
    row = session.get(PublishedTables, digest) if digest else None
    return [Table(**content) for content in row.tables] if row else []


def withhold_years(series: list[YearOut]) -> list[YearOut]:
    """Take the figures out of years that stand for one or two contracts, and the growth that would give them back."""
    found: list[YearOut] = []
    hidden_before = False
    for row in series:
        hidden = bool(row.count or row.amount_fen) and (row.count or 0) < rules.FEWEST
        changes: dict[str, object] = {}
        if hidden:
            changes = dict.fromkeys(("count", "amount_fen", "technical_fen", "share"))
            changes |= {"suppressed": True, "gaps": [gap.model_copy(update={"gap_fen": None}) for gap in row.gaps]}
        if hidden or hidden_before:
            changes["growth"] = "—"
        found.append(row.model_copy(update=changes))
        hidden_before = hidden
    return found


def cut_off_is_due(session: Session) -> bool:
    """Say whether last night's figures are missing: a day of Asia/Shanghai has ended since the last cut-off.

    A market whose ledger was empty when the day ended has nothing to publish yet.
    """
    midnight = datetime.combine(clock.today(), time.min, clock.LAW_ZONE)
    last = last_cut_off(session, computed_code())
    if last is not None:
        return last.at < midnight
    return any(group.keys for group in contracts.sums_by(session, ["year"], MovementFilter(known_at=midnight)))


def publish_if_due(session: Session, actor: Actor) -> CutOff | None:
    """Publish last night's cut-off unless it is there already; several processes may ask at once, one publishes."""
    require(actor, "indicator.manage")
    lock_row(session, market.MarketRow, 1)
    return publish_cut_off(session, actor) if cut_off_is_due(session) else None
