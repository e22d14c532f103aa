"""One's own data: a copy of what is kept about a person, correcting it, and erasing what names the person."""

from typing import Any

from sqlmodel import Session, col, delete, select, update

from services.accounts import service, sessions, shown
from services.accounts.models import (
    AccountLink,
    ApiToken,
    Login,
    OrganisationClaim,
    Person,
    PersonData,
    RoleGrant,
    SecondFactor,
    WebSession,
)
from services.accounts.schemas import ProfileIn
from services.ground import audit, clock
from services.ground.actor import Actor
from services.ground.errors import Conflict, NotFound
from services.ground.permissions import require


def profile(session: Session, actor: Actor) -> ProfileIn:
    """Give name, address and telephone of one's own account."""
    require(actor, "account.use")
    row = session.get(PersonData, actor.person_id)
    if row is None:
        raise NotFound("person")
    return ProfileIn.model_construct(name=row.name, email=row.email, phone=row.phone)


def edit_profile(session: Session, actor: Actor, data: ProfileIn, password: str = "") -> None:
    """Correct name, address and telephone. A new address is not proved yet.

    Another address takes the password (else Invalid): links that set a new password go there, so a stolen session would
    become a stolen account.
    """
    require(actor, "account.use")
    row = session.get(PersonData, actor.person_id)
    if row is None:
        raise NotFound("person")
    if data.email != row.email:
        sessions.check_own_password(session, actor, password, "password")
        row.email_proved_at = None
    row.name, row.email, row.phone = data.name, data.email, data.phone
    session.add(row)
    audit.record(session, actor, "account.profile", "person", str(actor.person_id))


def export(session: Session, actor: Actor) -> dict[str, Any]:
    """Give a copy of what accounts keep about a person; secrets (hashes of passwords and tokens) are not part of it."""
    require(actor, "account.use")
    person_id = actor.person_id or 0
    person, data = session.get(Person, person_id), session.get(PersonData, person_id)
    login = session.get(Login, person_id)
    grants = session.exec(select(RoleGrant).where(RoleGrant.person_id == person_id).order_by(col(RoleGrant.id)))
    seen = session.exec(select(WebSession).where(WebSession.person_id == person_id).order_by(col(WebSession.id)))
    audit.record(session, actor, "account.export", "person", str(person_id))
    return {
        "person": {"pseudonym": person.pseudonym, "created_at": _at(person.created_at)} if person else {},
        "profile": {"name": data.name, "email": data.email, "phone": data.phone} if data else {},
        "login": {"name": login.name, "changed_at": _at(login.changed_at)} if login else {},
        "roles": [
            {
                "role": row.role,
                "organisation": service.organisation(session, row.organisation_id).name
                if row.organisation_id
                else None,
                "region": row.region_code,
                "from": _at(row.granted_at),
                "until": _at(row.revoked_at),
            }
            for row in grants
        ],
        "sessions": [
            {"started_at": _at(row.started_at), "seen_at": _at(row.seen_at), "browser": row.browser} for row in seen
        ],
        "tokens": [row.model_dump(mode="json") for row in sessions.tokens_of(session, actor)],
        "shown": shown.export(session, person_id),
        "acts": [
            {"at": _at(row.at), "action": row.action, "kind": row.kind, "code": row.code}
            for row in audit.of_person(session, person_id)
        ],
    }


def erase(session: Session, actor: Actor, password: str) -> None:
    """Erase what names the person: name, address, telephone, login. What the person did stays, under a pseudonym.

    Raises Invalid for a wrong password, Conflict for the last administrator of the market, who hands over first.
    """
    require(actor, "account.use")
    person_id = actor.person_id or 0
    sessions.check_own_password(session, actor, password)
    if actor.has("administrator") and not _other_administrators(session, person_id):
        raise Conflict("last_administrator")
    now = clock.now()
    for model in (PersonData, Login, SecondFactor):
        session.execute(delete(model).where(col(model.person_id) == person_id))
    shown.forget(session, person_id)
    session.execute(delete(AccountLink).where(col(AccountLink.person_id) == person_id))
    session.execute(update(OrganisationClaim).where(col(OrganisationClaim.person_id) == person_id).values(note=""))
    session.execute(
        update(RoleGrant)
        .where(col(RoleGrant.person_id) == person_id, col(RoleGrant.revoked_at).is_(None))
        .values(revoked_at=now)
    )
    session.execute(update(ApiToken).where(col(ApiToken.person_id) == person_id).values(revoked_at=now, label=""))
    session.execute(update(WebSession).where(col(WebSession.person_id) == person_id).values(ended_at=now, browser=""))
    session.execute(update(Person).where(col(Person.id) == person_id).values(erased_at=now))
    audit.record(session, actor, "account.erase", "person", str(person_id))


def _other_administrators(session: Session, person_id: int) -> bool:
    statement = select(RoleGrant.id).where(
        RoleGrant.role == "administrator", RoleGrant.person_id != person_id, col(RoleGrant.revoked_at).is_(None)
    )
    return session.exec(statement).first() is not None


def _at(value: Any) -> str | None:
    return value.isoformat() if value else None
