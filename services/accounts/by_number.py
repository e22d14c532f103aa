"""The organisation behind a number that somebody typed."""

from sqlmodel import Session, col, select

from search.numbers import RecordNumber
from services.accounts.models import Organisation
from services.accounts.shown import sees_number
from services.ground import record_numbers
from services.ground.actor import Actor


@record_numbers.lookup("uscc", "code O")
def by_number(session: Session, actor: Actor, number: RecordNumber) -> str | None:
    """Find the organisation with a 统一社会信用代码 or a code; a code that several claim is believed only if one is verified."""
    key = col(Organisation.code) if number.kind == "code" else col(Organisation.uscc)
    rows = session.exec(select(Organisation).where(key == number.value, col(Organisation.visible))).all()
    verified = [row for row in rows if row.verified_at is not None]
    found = verified if len(verified) == 1 else rows
    if len(found) != 1:
        return None
    if number.kind != "code" and not sees_number(session, actor, found[0].code, found[0].id or 0):
        return None  # the organisation does not show its number: it leads nobody to it
    return found[0].code
