"""Lists of deals: all of one's own, and the work list ordered by what is due."""

from datetime import date, datetime, timedelta
from typing import Any, Literal

import sqlalchemy as sa
from sqlmodel import col, func, select
from sqlmodel.orm.session import Session

from services.deals import room, rules, views
from services.deals.models import Acknowledgement, Deal, Signing
from services.deals.schemas import DealOut
from services.ground import clock
from services.ground.actor import Actor
from services.ground.permissions import require

Turn = Literal["mine", "others", "any"]
FAR = date(9999, 12, 31)
"""Stands for "no date" where lists are ordered by what is due."""


def own(
    session: Session,
    actor: Actor,
    *,
    state: str | None = None,
    step: str | None = None,
    before: tuple[datetime, int] | None = None,
    limit: int = 50,
) -> tuple[list[DealOut], tuple[datetime, int] | None]:
    """List the actor's own deals, last moved first, and where the next part begins. State `over` is ended or signed."""
    require(actor, "deal.work")
    statement = select(Deal).where(room.own_deals(session, actor))
    if state == "over":
        statement = statement.where(col(Deal.state) != "open")
    elif state:
        statement = statement.where(Deal.state == state)
    if step:
        statement = statement.where(Deal.step == step)
    if before:
        statement = statement.where(
            sa.or_(col(Deal.moved_at) < before[0], sa.and_(col(Deal.moved_at) == before[0], col(Deal.id) < before[1]))
        )
    statement = statement.order_by(col(Deal.moved_at).desc(), col(Deal.id).desc()).limit(limit + 1)
    rows = list(session.exec(statement))
    more = rows[limit - 1] if len(rows) > limit else None
    return views.outs(session, actor, rows[:limit]), (more.moved_at, more.id or 0) if more else None


def work_list(
    session: Session,
    actor: Actor,
    *,
    turn: Turn = "any",
    after: tuple[date, int] | None = None,
    limit: int = 50,
) -> tuple[list[DealOut], tuple[date, int] | None]:
    """List what is to be done in the actor's deals, the longest overdue first, undated last.

    Signed deals stay while people have set something for them, such as a call a month later.
    """
    require(actor, "deal.work")
    due = func.coalesce(col(Deal.next_due_on), sa.literal(FAR, sa.Date()))
    statement = select(Deal).where(*_waiting(session, actor), _turn(actor, turn))
    if after:
        statement = statement.where(sa.or_(due > after[0], sa.and_(due == after[0], col(Deal.id) > after[1])))
    rows = list(session.exec(statement.order_by(due, col(Deal.id)).limit(limit + 1)))
    more = rows[limit - 1] if len(rows) > limit else None
    return views.outs(session, actor, rows[:limit]), (more.next_due_on or FAR, more.id or 0) if more else None


def counts(session: Session, actor: Actor) -> dict[str, int]:
    """Count the actor's deals for the heads of the work list: mine, others, open, overdue, today, later, over.

    `overdue`, `today` and `later` are of those that wait for the actor.
    """
    today = clock.today()
    waiting, mine = _waiting(session, actor), _turn(actor, "mine")
    own_deals = room.own_deals(session, actor)
    conditions: dict[str, tuple[Any, ...]] = {
        "mine": (*waiting, mine),
        "others": (*waiting, sa.not_(mine)),
        "open": (own_deals, col(Deal.state) == "open"),
        "over": (own_deals, col(Deal.state) != "open"),
        "overdue": (*waiting, mine, col(Deal.next_due_on) < today),
        "today": (*waiting, mine, col(Deal.next_due_on) == today),
        "later": (*waiting, mine, sa.or_(col(Deal.next_due_on) > today, col(Deal.next_due_on).is_(None))),
    }
    statement = select(*(func.count(sa.case((sa.and_(*parts), 1))).label(name) for name, parts in conditions.items()))
    row = session.execute(statement.select_from(Deal)).one()
    return {name: int(value) for name, value in zip(conditions, row, strict=True)}


def year_figures(session: Session, actor: Actor) -> dict[str, int]:
    """Sum up the last 365 days of the actor's deals: introduced, acknowledged, signed, and the amount signed in fen."""
    require(actor, "deal.work")
    since = clock.now() - timedelta(days=365)
    begun = sa.and_(room.own_deals(session, actor), col(Deal.created_at) >= since)
    both = (
        select(Acknowledgement.deal_id)
        .group_by(col(Acknowledgement.deal_id))
        .having(func.count() == len(rules.PARTIES))
    )
    introduced, acknowledged = session.execute(
        select(func.count(), func.count(sa.case((col(Deal.id).in_(both), 1)))).select_from(Deal).where(begun)
    ).one()
    signed, amount = session.execute(
        select(func.count(), func.coalesce(func.sum(Signing.contract_amount_fen), 0))
        .select_from(Signing)
        .join(Deal, col(Deal.id) == Signing.deal_id)
        .where(room.own_deals(session, actor), col(Signing.confirmed_at) >= since)
    ).one()
    return {"introduced": introduced, "acknowledged": acknowledged, "signed": signed, "amount_fen": int(amount)}


def _waiting(session: Session, actor: Actor) -> tuple[Any, ...]:
    return (
        room.own_deals(session, actor),
        sa.or_(col(Deal.state) == "open", col(Deal.next_text) != ""),
        col(Deal.state) != "ended",
    )


def _turn(actor: Actor, turn: Turn) -> Any:
    """Give the condition that a deal waits for this actor: `rules.is_turn_of`, said in SQL."""
    if turn == "any":
        return sa.true()
    ids = set(actor.organisation_ids) | ({actor.on_behalf_of_id} if actor.on_behalf_of_id else set())
    seeks = col(Deal.seeker_organisation_id).in_(ids)
    provides = col(Deal.provider_organisation_id).in_(ids)
    mine = sa.or_(
        sa.and_(seeks, col(Deal.next_side).in_([rules.SEEKER, "both"])),
        sa.and_(provides, col(Deal.next_side).in_([rules.PROVIDER, "both"])),
        sa.and_(
            col(Deal.broker_person_id).is_not(None),
            col(Deal.broker_person_id) == actor.person_id,
            col(Deal.next_side) == rules.BROKER,
        ),
    )
    return mine if turn == "mine" else sa.not_(mine)
