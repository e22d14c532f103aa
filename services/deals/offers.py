"""Offers, counter-offers, and the one that both accept."""

from datetime import date

from sqlmodel import col, func, select
from sqlmodel.orm.session import Session

from services.deals import room, rules
from services.deals.errors import OfferOver
from services.deals.models import Deal, Offer
from services.deals.schemas import OfferIn
from services.ground import clock, reference
from services.ground.actor import Actor
from services.ground.database import check_version
from services.ground.errors import Forbidden, Invalid, NotFound


def offer(session: Session, actor: Actor, code: str, wanted: OfferIn, version: int | None = None) -> Offer:
    """Make an offer for one's own side; whoever offers has accepted it. It puts the offer before aside.

    Raises Invalid for an amount that is none, an unknown way of payment, an empty scope, a validity that is over.
    """
    here = room.begin(session, actor, code, "offer", version)
    today = clock.today()
    errors = rules.check_offer(wanted.amount_fen, wanted.scope, wanted.valid_until, today)
    if errors:
        raise Invalid(errors)
    reference.require_code(session, "payment_mode", wanted.payment_mode, "payment_mode")
    if here.offer:
        here.offer.superseded = True
        session.add(here.offer)
    row = Offer(
        **room.acted(actor, here.side),
        deal_id=here.deal.id or 0,
        n=_last(session, here.deal) + 1,
        amount_fen=wanted.amount_fen,
        payment_mode=wanted.payment_mode,
        scope=wanted.scope.strip(),
        valid_until=wanted.valid_until,
    )
    _accept_for(row, here.side, actor)
    session.add(row)
    room.settle(session, actor, here, "offer", number=row.n, due_on=wanted.valid_until)
    return row


counter_offer = offer
"""A counter-offer is a new offer: same rules, same record."""


def _last(session: Session, deal: Deal) -> int:
    return session.exec(select(func.max(Offer.n)).where(Offer.deal_id == deal.id)).one() or 0


def _accept_for(row: Offer, side: str, actor: Actor) -> None:
    if side == rules.SEEKER:
        row.accepted_by_seeker_at, row.accepted_by_seeker_id = clock.now(), actor.person_id
    else:
        row.accepted_by_provider_at, row.accepted_by_provider_id = clock.now(), actor.person_id


def accept_offer(session: Session, actor: Actor, code: str, n: int, version: int | None = None) -> Offer:
    """Accept offer number `n` for one's own side; accepted by both, the deal is agreed.

    Of two people who accept at the same moment one does it and the other is told: the deal is held from the first look
    to the commit. Raises OfferOver for an offer that was replaced, is past its validity, or was accepted before.
    """
    here = room.enter(session, actor, code, "deal.take_part", lock=True)
    check_version(here.deal, version)
    row = session.exec(
        select(Offer).where(Offer.deal_id == here.deal.id, Offer.n == n).execution_options(populate_existing=True)
    ).first()
    if row is None:
        raise NotFound("offer", f"{code}/{n}")
    if here.side not in rules.PARTIES:
        raise Forbidden("deal.decide", "deal_not_your_move")
    accepted_at = row.accepted_by_seeker_at if here.side == rules.SEEKER else row.accepted_by_provider_at
    if accepted_at is not None:
        raise OfferOver("offer_already_accepted", n=n)
    if row.superseded:
        raise OfferOver("offer_superseded", n=n, standing=here.offer.n if here.offer else None)
    if here.deal.state == "open" and is_over(row, clock.today()):
        raise OfferOver("offer_expired", n=n, valid_until=row.valid_until.isoformat())
    room.check_move(here, "accept_offer")
    _accept_for(row, here.side, actor)
    session.add(row)
    complete = row.accepted_by_seeker_at is not None and row.accepted_by_provider_at is not None
    room.settle(session, actor, here, "accept_offer", complete=complete, number=n)
    return row


def is_over(row: Offer, today: date) -> bool:
    """Say whether an offer is past its validity and was not accepted by both before."""
    both = row.accepted_by_seeker_at is not None and row.accepted_by_provider_at is not None
    return not both and row.valid_until < today


def offers(session: Session, actor: Actor, code: str) -> tuple[room.Room, list[Offer]]:
    """List the offers of a deal, newest first."""
    here = room.enter(session, actor, code)
    statement = select(Offer).where(Offer.deal_id == here.deal.id).order_by(col(Offer.n).desc())
    return here, list(session.exec(statement))
