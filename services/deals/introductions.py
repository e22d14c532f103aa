"""Bringing two parties together, and the proof of who did it first."""

import secrets
from collections.abc import Iterable
from typing import Any

from sqlmodel import col, func, select
from sqlmodel.orm.session import Session

from services.accounts import service as accounts
from services.deals import chain, room
from services.deals.errors import AlreadyIntroduced
from services.deals.models import Acknowledgement, Deal, Introduction
from services.deals.people import Names
from services.deals.rules import BROKER, EVERYONE, PARTIES
from services.deals.schemas import IntroductionIn, ProofHead, ProofOut, ProofSeal
from services.ground import audit, clock
from services.ground.actor import ANONYMOUS, Actor
from services.ground.errors import Conflict, FieldError, Forbidden, Gone, Invalid, NotFound
from services.ground.identifiers import next_code, next_number
from services.ground.permissions import require
from services.listings import service as listings
from services.listings.consent import takes_contact

PROVIDED_KINDS = frozenset({"result", "patent", "expert"})
REGISTER = ("I", 1)
"""Prefix and "year" of the register's counter: one row for ever, so introductions come one after the other."""


def introduce(session: Session, actor: Actor, wanted: IntroductionIn) -> Deal:
    """Bring two parties together: opens a deal and writes a line into the register of introductions.

    A broker, a member of either side, or a clerk for one of them. A side that introduces itself has acknowledged by it.
    Raises Invalid for an unknown need, record or organisation, Conflict where one of them is not open for it, and
    AlreadyIntroduced, naming who was first, while a deal of the same two is open.
    """
    draft = _draft(session, actor, wanted)
    thing = room.thing_of(session, actor, draft.seeker_organisation_id, draft.provider_organisation_id)
    require(actor, "deal.introduce", thing)
    if draft.seeker_organisation_id == draft.provider_organisation_id:
        raise Conflict("deal_same_organisation")
    side = room.side_of(actor, draft.seeker_organisation_id, draft.provider_organisation_id, actor.person_id)
    if side not in EVERYONE:
        raise Forbidden("deal.introduce", "deal_not_your_move")
    draft.broker_person_id = actor.person_id if side == BROKER else None
    # Taking the number holds every other introduction until this one is through: what is looked up next stays true.
    number = next_number(session, REGISTER[0], year=REGISTER[1])
    _refuse_second(session, actor, draft.pair_key)
    draft.code = next_code(session, "D")
    session.add(draft)
    session.flush()
    _register(session, actor, draft, side, number)
    if side in PARTIES:
        session.add(Acknowledgement(**room.acted(actor, side), deal_id=draft.id or 0))
    here = room.Room(draft, side)
    room.settle(session, actor, here, "introduce", number=number, note=wanted.note)
    return draft


def _draft(session: Session, actor: Actor, wanted: IntroductionIn) -> Deal:
    """Find out who stands on which side, and whether their records name them to the public."""
    need = _listing(session, actor, "need_code", wanted.need_code, frozenset({"need"}))
    record = _listing(session, actor, "result_code", wanted.result_code, PROVIDED_KINDS)
    if need is None and record is None:
        raise Invalid(
            [FieldError("need_code", "deal_need_or_result"), FieldError("result_code", "deal_need_or_result")]
        )
    seeker = need.owner_id if need else _organisation(session, actor, "seeker_organisation", wanted.seeker_organisation)
    provider = (
        record.owner_id
        if record
        else _organisation(session, actor, "provider_organisation", wanted.provider_organisation)
    )
    now = clock.now()
    return Deal(
        code="",
        need_code=need.code if need else "",
        result_code=record.code if record else "",
        need_title=need.title if need else "",
        result_title=record.title if record else "",
        pair_key="|".join((need.code if need else f"o{seeker}", record.code if record else f"o{provider}")),
        seeker_organisation_id=seeker,
        provider_organisation_id=provider,
        seeker_hidden=_is_hidden(session, wanted.need_code if need else None),
        provider_hidden=_is_hidden(session, wanted.result_code if record else None),
        created_at=now,
        moved_at=now,
        version=0,
    )


def _listing(session: Session, actor: Actor, field: str, code: str | None, kinds: frozenset[str]) -> Any:
    if not code:
        return None
    try:
        listings.get_visible(session, actor, code)
        found = listings.find(session, code)
    except Gone as error:
        raise Conflict("deal_listing_not_open", record=code) from error
    except NotFound as error:
        raise Invalid(field, "deal_listing_unknown", record=code) from error
    if found.kind not in kinds:
        raise Invalid(field, "deal_listing_kind", record=code)
    if found.state != "published":
        raise Conflict("deal_listing_not_open", record=code)
    if not takes_contact(session, code):
        raise Conflict("expert_takes_no_contact", record=code)
    return found


def _organisation(session: Session, actor: Actor, field: str, code: str | None) -> int:
    """Find the organisation of a side that has no record; without a code it is the one the actor acts for."""
    if code:
        try:
            return int(accounts.organisation_by_code(session, code).id or 0)
        except NotFound as error:
            raise Invalid(field, "deal_organisation_unknown", record=code) from error
    own = actor.on_behalf_of_id
    if own is None and actor.organisation_id in actor.organisation_ids:
        own = actor.organisation_id
    if own is None and len(actor.organisation_ids) == 1:
        own = next(iter(actor.organisation_ids))
    if own is None:
        raise Invalid(field, "missing")
    return own


def _is_hidden(session: Session, code: str | None) -> bool:
    """Say whether the record keeps its owner's name from the public."""
    return code is not None and not listings.get_visible(session, ANONYMOUS, code).owner_name


def _refuse_second(session: Session, actor: Actor, pair_key: str) -> None:
    opened = session.exec(select(Deal).where(Deal.pair_key == pair_key, Deal.state == "open")).first()
    if opened is None:
        return
    line = session.exec(select(Introduction).where(Introduction.deal_code == opened.code)).one()
    there = room.room_of(session, actor, opened)
    by = "" if there.hides(line.side) else Names(session).person(line.person_id)
    raise AlreadyIntroduced(
        by=by,
        side=line.side,
        at=line.at.astimezone(clock.LAW_ZONE).strftime("%Y-%m-%d %H:%M"),
        number=line.number,
        deal=opened.code if there.side in EVERYONE else "",
    )


def _register(session: Session, actor: Actor, deal: Deal, side: str, number: int) -> None:
    """Write the next line of the register; the caller holds its counter."""
    before = session.exec(select(Introduction).where(Introduction.number == number - 1)).first()
    parties = {deal.seeker_organisation_id, deal.provider_organisation_id}
    names = Names(session)
    line = Introduction(
        number=number,
        at=clock.now(),
        deal_code=deal.code,
        pair_key=deal.pair_key,
        need_code=deal.need_code,
        result_code=deal.result_code,
        side=side,
        person_id=actor.person_id,
        organisation_id=None if actor.organisation_id in parties else actor.organisation_id,
        on_behalf_of_id=actor.on_behalf_of_id,
        seeker_organisation_id=deal.seeker_organisation_id,
        provider_organisation_id=deal.provider_organisation_id,
        seeker_salt=secrets.token_hex(16),
        provider_salt=secrets.token_hex(16),
        seeker_seal="",
        provider_seal="",
        previous=before.hash if before else chain.START,
        digest="",
        hash="",
    )
    line.seeker_seal = chain.seal(line.seeker_salt, names.code(deal.seeker_organisation_id))
    line.provider_seal = chain.seal(line.provider_salt, names.code(deal.provider_organisation_id))
    line.digest = chain.digest(content_of(line))
    line.hash = chain.link(line.previous, line.digest)
    session.add(line)
    session.flush()


def content_of(line: Introduction) -> dict[str, Any]:
    """Give what a line of the register says, as it is hashed. No names: persons and firms by number, parties sealed."""
    return {
        "number": line.number,
        "at": line.at.astimezone(clock.LAW_ZONE).isoformat(),
        "deal": line.deal_code,
        "need": line.need_code,
        "record": line.result_code,
        "side": line.side,
        "person": line.person_id,
        "organisation": line.organisation_id,
        "for_a_party": line.on_behalf_of_id is not None,
        "seeker_seal": line.seeker_seal,
        "provider_seal": line.provider_seal,
    }


def introduction_of(session: Session, deal: Deal) -> tuple[Introduction, int]:
    """Give the line a deal began with, and the number of the first line of the same two, perhaps an earlier one."""
    line = session.exec(select(Introduction).where(Introduction.deal_code == deal.code)).one()
    first = session.exec(select(func.min(Introduction.number)).where(Introduction.pair_key == deal.pair_key)).one()
    return line, int(first)


def proof(session: Session, actor: Actor, number: int) -> ProofOut:
    """Make the proof of one introduction for a participant of its deal: checkable offline, see chain.HOW_TO_CHECK.

    Names that are still closed to this participant stay sealed. Raises NotFound for everybody else.
    """
    line = session.exec(select(Introduction).where(Introduction.number == number)).first()
    if line is None:
        raise NotFound("introduction", str(number))
    try:
        here = room.enter(session, actor, line.deal_code)
    except NotFound as error:
        raise NotFound("introduction", str(number)) from error
    digests = session.exec(
        select(Introduction.number, Introduction.digest, Introduction.hash)
        .where(col(Introduction.number) >= number)
        .order_by(col(Introduction.number))
    ).all()
    names = Names(session)
    opened = {}
    for side, organisation_id, salt in (
        ("seeker", line.seeker_organisation_id, line.seeker_salt),
        ("provider", line.provider_organisation_id, line.provider_salt),
    ):
        if not here.hides(side):
            opened[side] = ProofSeal(
                salt=salt, code=names.code(organisation_id), name=names.organisation(organisation_id)
            )
    return ProofOut(
        made_at=clock.now(),
        row=content_of(line),
        previous=line.previous,
        hash=line.hash,
        following=[row[1] for row in digests[1:]],
        head=ProofHead(number=digests[-1][0], hash=digests[-1][2]),
        opened=opened,
        introduced_by="" if here.hides(line.side) else names.person(line.person_id),
        how_to_check=chain.HOW_TO_CHECK,
    )


def verify_introductions(session: Session, actor: Actor) -> list[chain.Break]:
    """Check the whole register, seals included; an empty list means that it holds. For the administrator."""
    require(actor, "introduction.verify")
    lines = session.exec(select(Introduction).order_by(col(Introduction.number))).all()
    found = chain.breaks(chain.Link(line.number, content_of(line), line.previous, line.hash) for line in lines)
    found += _broken_seals(Names(session), lines)
    audit.record(session, actor, "introduction.verify", "introduction", "", breaks=len(found))
    return found


def _broken_seals(names: Names, lines: Iterable[Introduction]) -> list[chain.Break]:
    found = []
    for line in lines:
        seeker = chain.seal(line.seeker_salt, names.code(line.seeker_organisation_id))
        provider = chain.seal(line.provider_salt, names.code(line.provider_organisation_id))
        if (seeker, provider) != (line.seeker_seal, line.provider_seal):
            found.append(chain.Break(line.number, "seal"))
    return found
