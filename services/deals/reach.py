"""How far contact has opened a record to somebody: the function that the application registers with the ground."""

import sqlalchemy as sa
from sqlmodel import col, select
from sqlmodel.orm.session import Session

from services.deals import room, rules
from services.deals.models import Deal
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
