"""The audit trail: who did what, when, for whom. Rows are only ever added; the database refuses the rest."""

from contextvars import ContextVar
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any

from sqlmodel import Field, Session, col, func, select

from services.ground import clock
from services.ground.actor import Actor
from services.ground.database import Base, append_only, json_column, utc

request_id: ContextVar[str] = ContextVar("request_id", default="")


class AuditEvent(Base, table=True):
    """One thing that was done. Persons are named by id only, so that erasing a person leaves the trail whole."""

    __tablename__ = "audit_event"
    id: int | None = Field(default=None, primary_key=True)
    at: datetime = Field(sa_column=utc(index=True))
    action: str = Field(max_length=80, index=True)
    kind: str = Field(max_length=40, index=True)
    code: str = Field(max_length=60, index=True)
    person_id: int | None = Field(default=None, index=True)
    actor_name: str = Field(default="", max_length=40)
    """Only for actors that are no person: system, operator, demo."""
    organisation_id: int | None = None
    on_behalf_of_id: int | None = None
    via: str = Field(max_length=10)
    request: str = Field(default="", max_length=64)
    detail: dict[str, Any] = Field(default_factory=dict, sa_column=json_column())


append_only("audit_event")


def record(session: Session, actor: Actor, action: str, kind: str, code: str, **detail: Any) -> None:
    """Write one line of the trail in the caller's transaction. `detail` holds no personal data."""
    session.add(
        AuditEvent(
            at=clock.now(),
            action=action,
            kind=kind,
            code=code,
            person_id=actor.person_id,
            actor_name="" if actor.person_id else actor.name,
            organisation_id=actor.organisation_id,
            on_behalf_of_id=actor.on_behalf_of_id,
            via=actor.via,
            request=request_id.get()[:64],
            detail=detail,
        )
    )


@dataclass(frozen=True)
class Wanted:
    """Which lines of the trail are asked for; what is empty does not narrow."""

    code: str = ""
    kind: str = ""
    action: str = ""
    person_id: int | None = None
    on: date | None = None
    """A day of Asia/Shanghai."""


def events(
    session: Session,
    *,
    code: str | None = None,
    before: int | None = None,
    limit: int = 50,
    wanted: Wanted | None = None,
) -> list[AuditEvent]:
    """List the trail, newest first, of one record or of all; `before` is the id to continue below."""
    asked = wanted or Wanted(code=code or "")
    statement = select(AuditEvent).order_by(col(AuditEvent.id).desc()).limit(limit)
    for column, value in (("code", asked.code), ("kind", asked.kind), ("action", asked.action)):
        if value:
            statement = statement.where(getattr(AuditEvent, column) == value)
    if asked.person_id is not None:
        statement = statement.where(AuditEvent.person_id == asked.person_id)
    if asked.on is not None:
        start = datetime.combine(asked.on, time.min, clock.LAW_ZONE)
        statement = statement.where(col(AuditEvent.at) >= start, col(AuditEvent.at) < start + timedelta(days=1))
    if before:
        statement = statement.where(col(AuditEvent.id) < before)
    return list(session.exec(statement))


def kinds(session: Session) -> list[str]:
    """List the kinds of things that the trail knows, in order: one look into the index for each, however long it is."""
    found: list[str] = []
    statement = select(func.min(AuditEvent.kind))
    while (following := session.exec(statement).one()) is not None:
        found.append(following)
        statement = select(func.min(AuditEvent.kind)).where(col(AuditEvent.kind) > following)
    return found


def of_person(session: Session, person_id: int, limit: int = 10_000) -> list[AuditEvent]:
    """List what a person did, newest first."""
    statement = select(AuditEvent).where(AuditEvent.person_id == person_id).order_by(col(AuditEvent.id).desc())
    return list(session.exec(statement.limit(limit)))
