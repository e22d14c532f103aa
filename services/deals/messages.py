"""Messages and files of a deal, each for those who have reached its level."""

from typing import BinaryIO

from sqlmodel import select
from sqlmodel.orm.session import Session

from services.deals import room, telling
from services.deals.models import DealFile, DealMessage
from services.deals.schemas import Level, MessageIn
from services.deals.steps import check_level
from services.ground import audit, files
from services.ground.actor import Actor
from services.ground.database import check_version
from services.ground.errors import FieldError, Invalid, NotFound
from services.ground.settings import Settings


def post_message(session: Session, actor: Actor, code: str, wanted: MessageIn) -> DealMessage:
    """Write to the others of a deal; before both have acknowledged only what is marked public reaches them."""
    here = room.enter(session, actor, code, "deal.take_part", lock=True)
    room.check_not_ended(here)
    errors = check_level(here, wanted.level)
    if not wanted.body.strip():
        errors.append(FieldError("body", "missing"))
    if errors:
        raise Invalid(errors)
    row = DealMessage(
        **room.acted(actor, here.side), deal_id=here.deal.id or 0, body=wanted.body.strip(), level=wanted.level
    )
    session.add(row)
    room.touch(session, here.deal)
    telling.message(session, actor, here.deal, here.facts, wanted.level, here.side)
    audit.record(session, actor, "deal.message", "deal", code, message=row.id, level=wanted.level)
    return row


def attach_file(
    session: Session,
    actor: Actor,
    settings: Settings,
    code: str,
    upload: BinaryIO,
    filename: str,
    level: Level = "after_contact",
    version: int | None = None,
) -> DealFile:
    """Attach a file to a deal. Its type is read from its bytes; it is only ever handed out as a download.

    Raises Invalid for an empty file or a type that is not taken, TooLarge beyond the limit of the market.
    """
    here = room.enter(session, actor, code, "deal.take_part", lock=True)
    check_version(here.deal, version)
    room.check_not_ended(here)
    errors = check_level(here, level)
    if errors:
        raise Invalid(errors)
    stored = files.save(session, actor, settings, upload, filename, allowed=files.DOCUMENTS)
    row = DealFile(**room.acted(actor, here.side), deal_id=here.deal.id or 0, file_id=stored.id or 0, level=level)
    session.add(row)
    room.touch(session, here.deal)
    audit.record(session, actor, "deal.file", "deal", code, file=row.id, level=level, sha256=stored.sha256)
    return row


def open_file(session: Session, actor: Actor, code: str, file_id: int) -> files.StoredFile:
    """Find a file of a deal to hand out, and keep that this person took it. Raises NotFound for what is not opened."""
    here = room.enter(session, actor, code)
    row = session.exec(select(DealFile).where(DealFile.id == file_id, DealFile.deal_id == here.deal.id)).first()
    if row is None or not here.sees(row.level, row.side):
        raise NotFound("file", f"{code}/{file_id}")
    stored = session.get(files.StoredFile, row.file_id)
    assert stored is not None  # a foreign key holds it
    audit.record(session, actor, "deal.file.read", "deal", code, file=row.id)
    return stored
