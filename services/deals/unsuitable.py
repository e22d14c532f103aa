"""The coded "not suitable" on a match: kept for the one who says it, passed on to the other owner without the name."""

import sqlalchemy as sa
from sqlmodel import col, select
from sqlmodel.orm.session import Session

from services.accounts import service as accounts
from services.deals import room
from services.deals.introductions import PROVIDED_KINDS
from services.deals.models import UnsuitableMark
from services.deals.schemas import FeedbackOut, UnsuitableIn
from services.ground import audit, reference
from services.ground.actor import Actor
from services.ground.errors import Forbidden, Invalid, NotSignedIn
from services.ground.identifiers import path_of
from services.ground.permissions import Thing, may
from services.listings import service as listings
from services.notices import service as notices


def mark_unsuitable(session: Session, actor: Actor, wanted: UnsuitableIn) -> UnsuitableMark:
    """Say of a match, as the owner of the need or of the record, that it does not suit, and why.

    Said again it replaces what the same owner said before. Raises Forbidden to whoever owns neither.
    """
    need = listings.find(session, wanted.need_code)
    record = listings.find(session, wanted.record_code)
    listings.get_visible(session, actor, wanted.need_code)
    listings.get_visible(session, actor, wanted.record_code)
    if need.kind != "need":
        raise Invalid("need_code", "deal_listing_kind", record=wanted.need_code)
    if record.kind not in PROVIDED_KINDS:
        raise Invalid("record_code", "deal_listing_kind", record=wanted.record_code)
    owner, told = _owner(session, actor, need.owner_id, record.owner_id)
    reference.require_code(session, "unsuitable_reason", wanted.reason, "reason")
    row = session.exec(
        select(UnsuitableMark).where(
            UnsuitableMark.need_code == need.code,
            UnsuitableMark.record_code == record.code,
            UnsuitableMark.owner_id == owner,
        )
    ).first()
    side = "seeker" if owner == need.owner_id else "provider"
    said = {**room.acted(actor, side), "reason": wanted.reason, "sentence": wanted.sentence.strip()}
    if row is None:
        row = UnsuitableMark(
            **said, need_code=need.code, record_code=record.code, owner_id=owner, told_organisation_id=told
        )
    else:
        row.sqlmodel_update(said)
    session.add(row)
    session.flush()
    told_of = record if told == record.owner_id else need
    params = {"title": told_of.title, "reason": reference.name_of("unsuitable_reason", wanted.reason)}
    notices.notify(session, "listing_unsuitable", params, url=path_of(told_of.code), organisation_id=told)
    audit.record(session, actor, "deal.mark_unsuitable", need.kind, need.code, record=record.code, reason=wanted.reason)
    return row


def _owner(session: Session, actor: Actor, need_owner: int, record_owner: int) -> tuple[int, int]:
    """Say for whom the actor speaks, and who is told."""
    for owner, told in ((need_owner, record_owner), (record_owner, need_owner)):
        for_firm = actor.on_behalf_of_id == owner
        region = accounts.organisation(session, owner).region_code if for_firm else None
        own = Thing("match", organisation_ids=frozenset({owner}), region_code=region)
        if (for_firm or owner in actor.organisation_ids) and may(actor, "deal.mark_unsuitable", own):
            return owner, told
    if actor.is_anonymous:
        raise NotSignedIn
    raise Forbidden("deal.mark_unsuitable")


def unsuitable_for(session: Session, actor: Actor, code: str) -> dict[str, str]:
    """Give what the actor's own organisations have marked on the matches of a listing: other code -> reason."""
    own = actor.organisation_ids | ({actor.on_behalf_of_id} if actor.on_behalf_of_id else set())
    if not own:
        return {}
    statement = select(UnsuitableMark).where(col(UnsuitableMark.owner_id).in_(own))
    rows = session.exec(
        statement.where(sa.or_(col(UnsuitableMark.need_code) == code, col(UnsuitableMark.record_code) == code))
    )
    return {(row.record_code if row.need_code == code else row.need_code): row.reason for row in rows}


def feedback(session: Session, actor: Actor, code: str) -> list[FeedbackOut]:
    """List the reasons that others gave against a listing of the actor's organisation, newest first, without names."""
    found = listings.find(session, code)
    if found.owner_id not in actor.organisation_ids and not actor.trusted:
        return []
    statement = select(UnsuitableMark).where(
        UnsuitableMark.told_organisation_id == found.owner_id,
        sa.or_(col(UnsuitableMark.record_code) == code, col(UnsuitableMark.need_code) == code),
    )
    return [
        FeedbackOut(
            record_code=row.record_code, need_code=row.need_code, reason=row.reason, sentence=row.sentence, at=row.at
        )
        for row in session.exec(statement.order_by(col(UnsuitableMark.id).desc()).limit(200))
    ]
