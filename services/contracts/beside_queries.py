"""What lies beside the sums of a period: amounts still open, registrations elsewhere, and what is on its way here."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

import sqlalchemy as sa
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.orm import aliased
from sqlmodel import Session, col, func

from services.contracts import rules
from services.contracts.models import Contract, Movement
from services.contracts.statistics_queries import ENDS, Line, Slice, lines
from services.ground import regions

ID: Any = col(Movement.id)
LATER: Any = aliased(Movement)
"""Another line of the same contract."""


class DaysKnown(sa.sql.expression.ColumnElement[int]):
    """How many days after its day a movement came to be known (days of UTC); each database counts days its own way."""

    type = sa.Integer()
    inherit_cache = True


@compiles(DaysKnown, "sqlite")
def _days_on_sqlite(_element: DaysKnown, _compiler: Any, **_options: Any) -> str:
    return "CAST(julianday(date(movement.recorded_at)) - julianday(movement.dated_on) AS INTEGER)"


@compiles(DaysKnown, "postgresql")
def _days_on_postgresql(_element: DaysKnown, _compiler: Any, **_options: Any) -> str:
    return "(CAST(movement.recorded_at AT TIME ZONE 'UTC' AS date) - movement.dated_on)"


def noteworthy(session: Session, wanted: Slice, *, late_after: int, limit: int | None = None) -> Iterator[Line]:
    """Give the lines of a slice that are no plain registration: changes and ends, amounts not determined, late entries.

    Late is what came to be known more than so many days after its day.
    """
    plain = sa.and_(
        col(Movement.kind) == "registration",
        col(Movement.amount_status) == "determined",
        DaysKnown() <= late_after,
    )
    return lines(session, wanted, also=[sa.not_(plain)], limit=limit)


def is_last(*known: Any) -> Any:
    """Write the condition that a line is the last one of its contract among those that are known (said of `LATER`)."""
    later = sa.select(LATER.id).where(LATER.contract_id == col(Movement.contract_id), LATER.id > ID, *known)
    return sa.not_(later.correlate(Movement).exists())


def undetermined(session: Session, wanted: Slice) -> list[Line]:
    """List contracts registered before a slice whose amount was still not determined at its end: their last lines."""
    before = replace(wanted, since=date.min, original_before=wanted.since)
    known = [LATER.dated_on <= wanted.until, *([wanted.up_to_id >= LATER.id] if wanted.up_to_id else [])]
    # Written out, not bound: a partial index is found by its words.
    status = sa.literal_column("movement.amount_status") != sa.literal_column("'determined'")
    standing = [is_last(*known), status, col(Movement.kind).not_in(ENDS), col(Movement.dated_on) < wanted.since]
    return list(lines(session, before, also=standing))


def elsewhere(session: Session, wanted: Slice) -> list[Line]:
    """List what home sellers registered in another place (异地登记): outside the indicator, told to the bureau."""
    home = regions.home_region().rstrip("0")
    outside = [
        col(Movement.is_home_output).is_(False),
        col(Movement.is_import).is_(False),
        col(Movement.seller_region).startswith(home),
    ]
    return list(lines(session, replace(wanted, side="all"), also=outside))


@dataclass(frozen=True)
class Coming:
    """Contracts on their way to registration: one state in one region, with the amounts claimed so far in fen."""

    state: str
    region_code: str
    chain: str
    count: int
    amount_fen: int


def pipeline(session: Session) -> list[Coming]:
    """Count what is on its way to registration, by state, region and chain; drafts that nobody handed in too."""
    keys = (col(Contract.state), func.coalesce(Contract.region_code, ""), func.coalesce(Contract.chain, ""))
    statement = (
        sa.select(*keys, func.count(), func.coalesce(func.sum(Contract.contract_amount_fen), 0))
        .where(col(Contract.visible), col(Contract.state).in_(sorted(rules.AT_THE_DESK | {"draft"})))
        .group_by(*keys)
    )
    return [Coming(str(a), str(b), str(c), int(n), int(fen)) for a, b, c, n, fen in session.execute(statement)]
