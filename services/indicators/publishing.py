"""The public figures: computed at a cut-off, kept with their hash, shown to everybody until the next one."""

import hashlib
import json
from datetime import datetime, time

from sqlmodel import Session, col, select

from services.contracts import service as contracts
from services.contracts.schemas import MovementFilter
from services.ground import audit, clock, market
from services.ground.actor import Actor
from services.ground.database import lock_row
from services.ground.permissions import require
from services.indicators import figures, rules
from services.indicators.entries import computed_code
from services.indicators.models import CutOff
from services.indicators.schemas import YearOut


def last_cut_off(session: Session, code: str) -> CutOff | None:
    """Give the figures that everybody sees now."""
    return session.exec(select(CutOff).where(CutOff.indicator == code).order_by(col(CutOff.id).desc()).limit(1)).first()


def publish_cut_off(session: Session, actor: Actor) -> CutOff:
    """Compute and keep the figures that everybody sees until the next cut-off, with their hash."""
    require(actor, "indicator.manage")
    series = figures.years(session)
    content = {
        "years": [row.model_dump(mode="json") for row in withhold_years(series)],
        "breakdowns": {
            f"{dimension}/{row.year}": figures.breakdown(session, dimension, row.year, public=True).model_dump(
                mode="json"
            )
            for row in series
            for dimension in figures.DIMENSIONS
        },
        "cross": {
            str(row.year): figures.cross(session, row.year, public=True).model_dump(mode="json") for row in series
        },
    }
    digest = hashlib.sha256(json.dumps(content, sort_keys=True, ensure_ascii=False).encode()).hexdigest()
    row = CutOff(indicator=computed_code(), at=clock.now(), figures=content, sha256=digest)
    session.add(row)
    session.flush()
    audit.record(session, actor, "indicator.publish", "indicator", row.indicator, sha256=digest)
    return row


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
