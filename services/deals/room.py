"""The one way into a deal: find it, see where the actor stands in it, what is open, and how a move is written down."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

import sqlalchemy as sa
from sqlmodel import col, select
from sqlmodel.orm.session import Session

from search.numbers import RecordNumber
from services.accounts import service as accounts
from services.deals import rules, telling
from services.deals.errors import WrongMove
from services.deals.models import Acknowledgement, Confidentiality, Deal, DealEvent, Offer, Signing
from services.deals.rules import Facts, Side
from services.ground import audit, clock, record_numbers
from services.ground.actor import Actor
from services.ground.database import check_version, lock_row
from services.ground.errors import Forbidden, NotFound, NotSignedIn
from services.ground.permissions import Thing, may, require
from services.ground.workdays import calendar_of


@dataclass
class Room:
    """A deal with what decides about it, as one actor finds it."""

    deal: Deal
    side: Side
    acknowledgements: list[Acknowledgement] = field(default_factory=list)
    confidentialities: list[Confidentiality] = field(default_factory=list)
    offer: Offer | None = None
    """The offer that stands."""
    signing: Signing | None = None
    """The signing that stands, confirmed or not."""

    @property
    def facts(self) -> Facts:
        """Give the facts that the rules decide on."""
        pending = self.signing if self.signing and self.signing.confirmed_at is None else None
        return Facts(
            step=self.deal.step,
            state=self.deal.state,
            acknowledged=frozenset(row.side for row in self.acknowledgements),
            confidential=frozenset(row.side for row in self.confidentialities),
            offer_by=_side(self.offer.side) if self.offer else None,
            signing_by=_side(pending.side) if pending else None,
            has_broker=self.deal.broker_person_id is not None,
        )

    @property
    def level(self) -> str:
        """Give the disclosure level reached towards what was written in this deal."""
        return rules.level_inside(self.side, self.facts)

    def sees(self, level: str, author: str) -> bool:
        """Say whether the actor sees what `author` wrote for `level`."""
        return rules.sees(self.side, self.level, level, author)

    def hides(self, side: str) -> bool:
        """Say whether the actor may not yet read the name of that side."""
        hidden = {"seeker": self.deal.seeker_hidden, "provider": self.deal.provider_hidden}.get(side, False)
        return hidden and side != self.side and self.level == "public"


def _side(name: str) -> Side:
    return rules.SEEKER if name == rules.SEEKER else rules.PROVIDER


def thing_of(session: Session, actor: Actor, seeker_id: int, provider_id: int, deal: Deal | None = None) -> Thing:
    """Say what the permissions are asked about: the sides, the broker, and the region of the firm a clerk acts for."""
    region = None
    if actor.on_behalf_of_id in {seeker_id, provider_id}:
        region = accounts.organisation(session, actor.on_behalf_of_id).region_code
    broker = deal.broker_person_id if deal else None
    return Thing(
        "deal",
        code=deal.code if deal else "",
        state=deal.state if deal else "",
        region_code=region,
        seeker_ids=frozenset({seeker_id}),
        provider_ids=frozenset({provider_id}),
        broker_ids=frozenset({broker}) if broker else frozenset(),
    )


def side_of(actor: Actor, seeker_id: int, provider_id: int, broker_person_id: int | None) -> Side:
    """Say where the actor stands: for whom a clerk acts first, then the organisation acted for, then membership."""
    # Only what the actor really holds counts: a broker whose firm is named in the session is not its member by that.
    for_firm = (
        actor.on_behalf_of_id if actor.trusted or any(grant.role == "station_clerk" for grant in actor.grants) else None
    )
    acting = actor.organisation_id if actor.trusted or actor.organisation_id in actor.organisation_ids else None
    for held in ({for_firm}, {acting}, actor.organisation_ids):
        if seeker_id in held:
            return rules.SEEKER
        if provider_id in held:
            return rules.PROVIDER
    if actor.person_id is not None and actor.person_id == broker_person_id:
        return rules.BROKER
    return rules.OBSERVER


def enter(session: Session, actor: Actor, code: str, action: str = "deal.see", *, lock: bool = False) -> Room:
    """Load a deal for an actor, held until the end of the transaction with `lock`.

    Raises NotFound to whoever may not see it, so that nobody learns who talks with whom; Forbidden to whoever sees it
    and may not do the action.
    """
    deal = session.exec(select(Deal).where(Deal.code == code)).first()
    if deal is None:
        if actor.is_anonymous:
            raise NotSignedIn
        raise NotFound("deal", code)
    thing = thing_of(session, actor, deal.seeker_organisation_id, deal.provider_organisation_id, deal)
    if not may(actor, "deal.see", thing):
        if actor.is_anonymous:
            raise NotSignedIn
        raise NotFound("deal", code)
    require(actor, action, thing)
    if lock:
        deal = lock_row(session, Deal, deal.id or 0) or deal
    return room_of(session, actor, deal)


@record_numbers.lookup("code D")
def entered_by_number(session: Session, actor: Actor, number: RecordNumber) -> str:
    """Give the code of a deal to those who may enter its room. Raises as `enter` does."""
    return enter(session, actor, number.value).deal.code


def room_of(session: Session, actor: Actor, deal: Deal) -> Room:
    """Gather the facts of a deal that is allowed already."""
    return rooms_of(session, actor, [deal])[0]


def rooms_of(session: Session, actor: Actor, deals: Sequence[Deal]) -> list[Room]:
    """Gather the facts of several deals, with the same few questions for one as for hundreds."""
    ids = [deal.id or 0 for deal in deals]

    def by_deal(model: Any, *conditions: Any) -> dict[int, list[Any]]:
        found: dict[int, list[Any]] = {key: [] for key in ids}
        for row in session.exec(select(model).where(model.deal_id.in_(ids), *conditions).order_by(model.id)):
            found[row.deal_id].append(row)
        return found

    acknowledged, confidential = by_deal(Acknowledgement), by_deal(Confidentiality)
    offers = by_deal(Offer, col(Offer.superseded).is_(False))
    signings = by_deal(Signing, col(Signing.superseded).is_(False))
    return [
        Room(
            deal,
            side_of(actor, deal.seeker_organisation_id, deal.provider_organisation_id, deal.broker_person_id),
            acknowledged[key],
            confidential[key],
            next(iter(offers[key]), None),
            next(iter(signings[key]), None),
        )
        for deal, key in zip(deals, ids, strict=True)
    ]


def begin(session: Session, actor: Actor, code: str, move: str, version: int | None = None) -> Room:
    """Enter a deal to make a move: locked, at the version seen, and with the move possible from here."""
    room = enter(session, actor, code, "deal.take_part", lock=True)
    check_version(room.deal, version)
    check_move(room, move)
    return room


def check_move(room: Room, move: str) -> None:
    """Raise WrongMove where the step or the state stands against it, Forbidden where the side does."""
    refusal = rules.refuse(move, room.side, room.deal.step, room.deal.state)
    if refusal is None:
        return
    if refusal.code == "deal_not_your_move":
        raise Forbidden("deal.decide", "deal_not_your_move")
    raise WrongMove(refusal.code, step=room.deal.step, move=move)


def check_not_ended(room: Room) -> None:
    """Raise WrongMove for a deal that has ended: it is history, to be read only."""
    if room.deal.state == "ended":
        raise WrongMove("deal_ended", step=room.deal.step)


def acted(actor: Actor, side: str) -> dict[str, Any]:
    """Give the fields that say who acted, when, and for whom."""
    return {
        "at": clock.now(),
        "person_id": actor.person_id,
        "organisation_id": actor.organisation_id,
        "on_behalf_of_id": actor.on_behalf_of_id,
        "side": side,
    }


def settle(
    session: Session,
    actor: Actor,
    room: Room,
    move: str,
    *,
    complete: bool = True,
    number: int | None = None,
    note: str = "",
    level: str = "public",
    due_on: date | None = None,
) -> None:
    """Write a move down: the step reached, the line of history, what comes next, the version, the audit trail.

    What people agreed on as next stays when the move changes nothing that decides about it. `due_on` brings the
    proposed date forward.
    """
    deal, before = room.deal, room.deal.step
    waited = telling.waits_for(deal)
    if move in rules.MOVES:
        deal.step = rules.step_after(move, before, complete=complete)
    note_down(session, actor, room, move, note, from_step=before, number=number, level=level)
    if move != "record_talk" or deal.step != before:
        propose_next(session, actor, room, due_on)
    touch(session, deal)
    telling.moved(session, actor, deal, room.side, move, waited)
    audit.record(session, actor, f"deal.{move}", "deal", deal.code, from_step=before, to_step=deal.step, number=number)


def note_down(
    session: Session,
    actor: Actor,
    room: Room,
    move: str,
    note: str = "",
    *,
    from_step: str | None = None,
    number: int | None = None,
    level: str = "public",
) -> None:
    """Add one line to the history of a deal."""
    session.add(
        DealEvent(
            **acted(actor, room.side),
            deal_id=room.deal.id or 0,
            move=move,
            from_step=room.deal.step if from_step is None else from_step,
            to_step=room.deal.step,
            number=number,
            note=note,
            level=level,
        )
    )


def propose_next(session: Session, actor: Actor, room: Room, due_on: date | None = None) -> None:
    """Set what comes next by the rules, from the facts as they stand after the move."""
    session.flush()
    proposal = rules.propose(room_of(session, actor, room.deal).facts)
    deal = room.deal
    deal.next_text = ""
    if proposal is None:
        deal.next_code, deal.next_side, deal.next_due_on = "", "", None
        return
    due = calendar_of(session).after(clock.today(), proposal.working_days)
    deal.next_code, deal.next_side = proposal.code, proposal.side
    deal.next_due_on = min(due, due_on) if due_on else due


def touch(session: Session, deal: Deal) -> None:
    """Raise the version and say that something happened."""
    deal.version += 1
    deal.moved_at = clock.now()
    session.add(deal)
    session.flush()


def own_deals(session: Session, actor: Actor) -> Any:
    """Give the condition on deals that this actor may see: the same steps as `deal.see`, for lists and counts."""
    if actor.trusted or actor.has("administrator"):
        return sa.true()
    ids = set(actor.organisation_ids)
    if actor.on_behalf_of_id is not None:
        firm = actor.on_behalf_of_id
        if may(actor, "deal.see", thing_of(session, actor, firm, firm)):
            ids.add(firm)
    return sa.or_(
        col(Deal.seeker_organisation_id).in_(ids),
        col(Deal.provider_organisation_id).in_(ids),
        sa.and_(col(Deal.broker_person_id).is_not(None), col(Deal.broker_person_id) == actor.person_id),
    )
