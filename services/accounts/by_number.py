"""The organisation behind a number that somebody typed."""

from sqlmodel import Session, col, select

from search.numbers import RecordNumber
from services.accounts.models import Organisation
from services.ground import record_numbers
from services.ground.actor import Actor


@record_numbers.lookup("uscc", "code O")
def by_number(session: Session, _actor: Actor, number: RecordNumber) -> str | None:
    """Find the organisation with a 统一社会信用代码 or a code; a code that several claim is believed only if one is verified."""
    key = col(Organisation.code) if number.kind == "code" else col(Organisation.uscc)
    rows = session.exec(select(Organisation).where(key == number.value, col(Organisation.visible))).all()
    verified = [row for row in rows if row.verified_at is not None]
    found = verified if len(verified) == 1 else rows
    return found[0].code if len(found) == 1 else None
