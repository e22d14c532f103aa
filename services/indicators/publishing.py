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
from services.ground.permissions import require
from services.indicators import figures, rules, statistics
from services.indicators.books import Books
from services.indicators.entries import computed_code
from services.indicators.models import CutOff, PublishedTables
from services.indicators.periods import Period
from services.indicators.publication import hidden_figures, redacted
from services.indicators.readings import DEFAULT, READINGS
from services.indicators.schemas import YearOut
from services.indicators.statistics import live_books
from services.indicators.table_schemas import Table
from services.indicators.tables import Asked

PUBLIC = [code for code, definition in statistics.ALL.items() if not definition.inside]


def last_cut_off(session: Session, code: str) -> CutOff | None:
    """Give the figures that everybody sees now."""
    return session.exec(select(CutOff).where(CutOff.indicator == code).order_by(col(CutOff.id).desc()).limit(1)).first()


def publish_cut_off(session: Session, actor: Actor) -> CutOff:
    """Compute and keep the figures that everybody sees until the next cut-off, with their hash.

    All tables of a year are looked at together, so that none gives away what another hides.
    """
    require(actor, "indicator.manage")
    books = live_books(session)
    series = figures.years(session, books=books)
    hidden = frozenset[str]().union(*(hidden_figures(books, row.year) for row in series))
    content = {
        "years": _dumped(withhold_years(series)),
        "readings": {
            code: _dumped(withhold_years(figures.years(session, reading)))
            for code, reading in READINGS.items()
            if code != DEFAULT.code
        },
        "breakdowns": {
            f"{dimension}/{row.year}": figures.breakdown(books, dimension, row.year, hidden).model_dump(mode="json")
            for row in series
            for dimension in figures.BREAKDOWNS
        },
        "cross": {str(row.year): figures.cross(books, row.year, hidden).model_dump(mode="json") for row in series},
        "tables": {str(row.year): _keep_tables(session, books, row.year, hidden) for row in series},
    }
    row = CutOff(indicator=computed_code(), at=clock.now(), figures=content, sha256=_digest(content))
    session.add(row)
    session.flush()
    audit.record(session, actor, "indicator.publish", "indicator", row.indicator, sha256=row.sha256)
    return row


def _dumped(rows: Sequence[BaseModel]) -> list[dict[str, Any]]:
    return [row.model_dump(mode="json") for row in rows]


def _digest(content: Any) -> str:
    return hashlib.sha256(json.dumps(content, sort_keys=True, ensure_ascii=False).encode()).hexdigest()


def _keep_tables(session: Session, books: Books, year: int, hidden: AbstractSet[str]) -> str:
    """Keep the public tables of a year under their hash; what has not changed since the last night is kept already."""
    given = Asked(books.with_medians(Period("year", year)), Period("year", year))
    exact = [statistics.make(code, given) for code in PUBLIC]
    counts = given.books.counts
    made = [redacted(table, hidden, counts) for table in exact]
    content = _dumped(made)
    digest = _digest(content)
    if session.get(PublishedTables, digest) is None:
        session.add(PublishedTables(sha256=digest, year=year, tables=content, kept_at=clock.now()))
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
