"""Signing: one side says so, the other confirms, and a contract draft is made in the same transaction."""

from sqlmodel import func, select
from sqlmodel.orm.session import Session

from services.contracts import service as contracts
from services.contracts.schemas import SignedDeal
from services.deals import room, rules
from services.deals.models import Deal, Signing
from services.deals.schemas import SigningIn
from services.deals.steps import own_file
from services.ground import clock
from services.ground.actor import Actor
from services.ground.database import check_version
from services.ground.errors import Conflict, FieldError, Forbidden, Invalid, NotFound
from services.listings import service as listings


def sign(session: Session, actor: Actor, code: str, wanted: SigningIn, version: int | None = None) -> Signing:
    """Say that the contract is signed: date, amount, and the contract as a file of this deal or a promise of it.

    It counts once the other side has confirmed it. A side that reads other figures signs anew with its own, which puts
    the telling before aside and waits for the first side.
    """
    here = room.begin(session, actor, code, "sign", version)
    errors = rules.check_signing(
        wanted.signed_on,
        wanted.contract_amount_fen,
        has_file=wanted.file_id is not None,
        promise=wanted.promise,
        introduced_on=here.deal.created_at.astimezone(clock.LAW_ZONE).date(),
        today=clock.today(),
    )
    if errors:
        raise Invalid(errors)
    file = own_file(session, here, wanted.file_id) if wanted.file_id else None
    if file is not None and file.level == "own_side":
        raise Invalid([FieldError("file_id", "deal_file_own_side")])
    if here.signing:
        here.signing.superseded = True
        session.add(here.signing)
    last = session.exec(select(func.max(Signing.n)).where(Signing.deal_id == here.deal.id)).one() or 0
    row = Signing(
        **room.acted(actor, here.side),
        deal_id=here.deal.id or 0,
        n=last + 1,
        signed_on=wanted.signed_on,
        contract_amount_fen=wanted.contract_amount_fen,
        deal_file_id=file.id if file else None,
        promise=wanted.promise.strip(),
    )
    session.add(row)
    room.settle(session, actor, here, "sign", number=row.n)
    return row


def confirm_signature(session: Session, actor: Actor, code: str, version: int | None = None) -> Deal:
    """Confirm what the other side said about the signing. The deal is signed and the contract has its draft.

    Raises Conflict `deal_nothing_to_confirm` without such a telling, Forbidden for the side that told it itself.
    """
    here = room.enter(session, actor, code, "deal.take_part", lock=True)
    check_version(here.deal, version)
    room.check_move(here, "confirm_signature")
    row = here.signing
    if row is None or row.confirmed_at is not None:
        raise Conflict("deal_nothing_to_confirm")
    if row.side == here.side:
        raise Forbidden("deal.decide", "deal_confirmed_by_the_other")
    row.confirmed_at, row.confirmed_by_id = clock.now(), actor.person_id
    session.add(row)
    deal = here.deal
    deal.state = "signed"
    room.settle(session, actor, here, "confirm_signature", number=row.n)
    deal.contract_code = contracts.draft_from(session, actor, _signed(session, here, row)).code
    session.add(deal)
    session.flush()
    return deal


def _signed(session: Session, here: room.Room, row: Signing) -> SignedDeal:
    """Give what contracts need to know of the deal."""
    deal = here.deal
    field = None
    for code in (deal.need_code, deal.result_code):
        if code and field is None:
            try:
                field = listings.find(session, code)
            except NotFound:  # taken back with its import since; the contract can do without
                continue
    return SignedDeal(
        deal_code=deal.code,
        need_code=deal.need_code or None,
        result_code=deal.result_code or None,
        title=deal.need_title or deal.result_title,
        seller_organisation_id=deal.provider_organisation_id,
        buyer_organisation_id=deal.seeker_organisation_id,
        signed_on=row.signed_on,
        contract_amount_fen=row.contract_amount_fen,
        payment_mode=here.offer.payment_mode if here.offer else None,
        broker_person_id=deal.broker_person_id,
        chain=field.chain if field else None,
        subfield=field.subfield if field else None,
    )
