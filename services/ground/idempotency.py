"""Requests that name themselves: the same key creates once, however often the line breaks."""

from collections.abc import Callable
from datetime import datetime

from sqlmodel import Field, Session, UniqueConstraint, select

from services.ground import clock
from services.ground.actor import Actor
from services.ground.database import Base, utc
from services.ground.errors import Conflict


class IdempotencyRow(Base, table=True):
    """A key that was used, by whom, and what it created."""

    __tablename__ = "idempotency"
    __table_args__ = (UniqueConstraint("person_id", "key"),)
    id: int | None = Field(default=None, primary_key=True)
    person_id: int = 0
    key: str = Field(max_length=120)
    fingerprint: str = Field(max_length=64)
    code: str = Field(max_length=60)
    at: datetime = Field(sa_column=utc(index=True))


def once(session: Session, actor: Actor, key: str, fingerprint: str, create: Callable[[], str]) -> tuple[str, bool]:
    """Create, or return what this person's key created before. Raises Conflict for a key used on another request.

    Two requests with one key at the same moment: the unique constraint lets one commit; the other fails whole.
    """
    owner = actor.person_id or 0
    row = session.exec(
        select(IdempotencyRow).where(IdempotencyRow.person_id == owner, IdempotencyRow.key == key)
    ).first()
    if row:
        if row.fingerprint != fingerprint:
            raise Conflict("key_used_otherwise", record=row.code)
        return row.code, False
    code = create()
    session.add(IdempotencyRow(person_id=owner, key=key, fingerprint=fingerprint, code=code, at=clock.now()))
    session.flush()
    return code, True
