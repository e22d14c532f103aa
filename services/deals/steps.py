"""The steps between introduction and offer, the end of a deal, and what comes next by agreement."""

from sqlmodel import select
from sqlmodel.orm.session import Session

from services.deals import room, rules, telling
from services.deals.models import Acknowledgement, Confidentiality, Deal, DealFile, Talk
from services.deals.schemas import ConfidentialityIn, EndIn, NextActionIn, TalkIn
from services.ground import audit, clock, reference
from services.ground.actor import Actor
from services.ground.database import check_version
from services.ground.errors import Conflict, FieldError, Invalid


def acknowledge(session: Session, actor: Actor, code: str, version: int | None = None) -> Deal:
    """Say for one's own side that the introduction is welcome. With both sides' word the contact details open.

    Raises Conflict `deal_already_acknowledged` when the own side has said so before.
    """
    here = room.begin(session, actor, code, "acknowledge", version)
    if here.side in here.facts.acknowledged:
        raise Conflict("deal_already_acknowledged")
    session.add(Acknowledgement(**room.acted(actor, here.side), deal_id=here.deal.id or 0))
    complete = here.facts.acknowledged | {here.side} >= rules.BOTH
    room.settle(session, actor, here, "acknowledge", complete=complete)
    return here.deal


def agree_confidentiality(
    session: Session, actor: Actor, code: str, wanted: ConfidentialityIn, version: int | None = None
) -> Deal:
    """Sign the confidentiality agreement for one's own side, with a file of this deal that holds it.

    The second side may point at the file of the first. With both, what is marked "after confidentiality" opens. The
    step is optional; agreed later than its place it opens the same and does not take the deal back.
    """
    here = room.begin(session, actor, code, "agree_confidentiality", version)
    if here.side in here.facts.confidential:
        raise Conflict("deal_already_confidential")
    file = own_file(session, here, wanted.file_id)
    if file.level == "own_side":
        raise Invalid("file_id", "deal_file_own_side")
    session.add(Confidentiality(**room.acted(actor, here.side), deal_id=here.deal.id or 0, deal_file_id=file.id or 0))
    complete = here.facts.confidential | {here.side} >= rules.BOTH
    room.settle(session, actor, here, "agree_confidentiality", complete=complete)
    return here.deal


def own_file(session: Session, here: room.Room, file_id: int, field: str = "file_id") -> DealFile:
    """Find a file of this deal that the actor sees. Raises Invalid for any other number."""
    file = session.exec(select(DealFile).where(DealFile.id == file_id, DealFile.deal_id == here.deal.id)).first()
    if file is None or not here.sees(file.level, file.side):
        raise Invalid(field, "deal_file_unknown")
    return file


def record_talk(session: Session, actor: Actor, code: str, wanted: TalkIn, version: int | None = None) -> Deal:
    """Keep date and note of a technical talk that took place; the first one begins the step."""
    here = room.begin(session, actor, code, "record_talk", version)
    errors = rules.check_talk(wanted.happened_on, wanted.note, clock.today()) + check_level(here, wanted.level)
    if errors:
        raise Invalid(errors)
    session.add(
        Talk(
            **room.acted(actor, here.side),
            deal_id=here.deal.id or 0,
            happened_on=wanted.happened_on,
            note=wanted.note.strip(),
            level=wanted.level,
        )
    )
    note = f"{wanted.happened_on.isoformat()} {wanted.note.strip()}"[: rules.NOTE_LENGTH]
    room.settle(session, actor, here, "record_talk", note=note, level=wanted.level)
    return here.deal


def check_level(here: room.Room, level: str) -> list[FieldError]:
    """Check that this side can write for that level."""
    if level in rules.levels_offered(here.side):
        return []
    return [FieldError("level", "deal_level_not_yours")]


def end(session: Session, actor: Actor, code: str, wanted: EndIn, version: int | None = None) -> Deal:
    """End a deal with a coded reason: either side before it is signed, the broker before it is acknowledged.

    What it had opened of the other's records closes; the register of introductions and the history stay.
    """
    here = room.begin(session, actor, code, "end", version)
    reference.require_code(session, "deal_end_reason", wanted.reason, "reason")
    errors = rules.check_end(wanted.reason, wanted.unsuitable_reason, wanted.sentence)
    if errors:
        raise Invalid(errors)
    if wanted.unsuitable_reason:
        reference.require_code(session, "unsuitable_reason", wanted.unsuitable_reason, "unsuitable_reason")
    deal = here.deal
    deal.state, deal.end_reason = "ended", wanted.reason
    deal.unsuitable_reason, deal.end_sentence = wanted.unsuitable_reason, wanted.sentence.strip()
    room.settle(session, actor, here, "end", note=wanted.sentence.strip())
    return deal


def set_next_action(
    session: Session, actor: Actor, code: str, wanted: NextActionIn, version: int | None = None
) -> Deal:
    """Write down what comes next, of whom and by when, in place of the market's proposal.

    Also after the signing, for a call a month later. Raises Invalid for a date that is over and for a broker's turn
    where there is no broker, WrongMove for a deal that has ended.
    """
    here = room.enter(session, actor, code, "deal.take_part", lock=True)
    check_version(here.deal, version)
    room.check_not_ended(here)
    errors = rules.check_due(wanted.due_on, clock.today())
    if not wanted.text.strip():
        errors.append(FieldError("text", "missing"))
    if wanted.side == rules.BROKER and here.deal.broker_person_id is None:
        errors.append(FieldError("side", "deal_no_broker"))
    if errors:
        raise Invalid(errors)
    deal = here.deal
    waited = telling.waits_for(deal)
    deal.next_code, deal.next_text = "", wanted.text.strip()
    deal.next_side, deal.next_due_on = wanted.side, wanted.due_on
    room.note_down(session, actor, here, "next_action", f"{wanted.due_on.isoformat()} {wanted.text.strip()}")
    room.touch(session, deal)
    telling.turn(session, actor, deal, waited)
    audit.record(
        session, actor, "deal.next_action", "deal", deal.code, side=wanted.side, due_on=wanted.due_on.isoformat()
    )
    return deal


def clear_next_action(session: Session, actor: Actor, code: str, version: int | None = None) -> Deal:
    """Say that what people had set as next is done: the market's own proposal, or nothing, comes in its place."""
    here = room.enter(session, actor, code, "deal.take_part", lock=True)
    check_version(here.deal, version)
    room.check_not_ended(here)
    if not here.deal.next_text:
        raise Conflict("deal_nothing_set")
    waited = telling.waits_for(here.deal)
    room.note_down(session, actor, here, "next_done", here.deal.next_text)
    room.propose_next(session, actor, here)
    room.touch(session, here.deal)
    telling.turn(session, actor, here.deal, waited)
    audit.record(session, actor, "deal.next_done", "deal", here.deal.code)
    return here.deal
