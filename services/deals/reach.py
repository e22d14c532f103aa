"""How far contact has opened a record to somebody: the function that the application registers with the ground."""

from collections.abc import Collection

import sqlalchemy as sa
from sqlmodel import col, select
from sqlmodel.orm.session import Session

from services.deals import room, rules
from services.deals.models import Deal, UnsuitableMark
from services.ground.actor import Actor
from services.ground.disclosure import LEVELS


def disclosure_level_for(session: Session, actor: Actor, code: str) -> str:
    """Give the highest level that deals have opened of the record with that code to this actor: `public` without any.

    Only deals in which the actor takes part count, and only those about this record; an ended deal opens nothing.
    An administrator has no side in a deal and reaches nothing by it.
    """
    if actor.is_anonymous:
        return "public"
    deals = session.exec(
        select(Deal).where(
            room.own_deals(session, actor),
            sa.or_(col(Deal.need_code) == code, col(Deal.result_code) == code),
            Deal.state != "ended",
        )
    ).all()
    reached = ["public"]
    for deal in deals:
        here = room.room_of(session, actor, deal)
        if here.side != rules.OBSERVER:
            reached.append(rules.level_opened(here.side, here.facts))
    return max(reached, key=LEVELS.index)


def first_about(session: Session, codes: Collection[str]) -> str | None:
    """Give the code of a deal about one of these records, or a record somebody gave an opinion on; None when neither is."""
    about = sa.or_(col(Deal.need_code).in_(codes), col(Deal.result_code).in_(codes))
    marked = sa.or_(col(UnsuitableMark.need_code).in_(codes), col(UnsuitableMark.record_code).in_(codes))
    return (
        session.exec(select(Deal.code).where(about).limit(1)).first()
        or session.exec(select(UnsuitableMark.record_code).where(marked).limit(1)).first()
    )
