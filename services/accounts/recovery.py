"""A forgotten password: a link by mail, once, for an hour. Nothing here says which accounts exist."""

from datetime import timedelta

from sqlmodel import Session, col, or_, select

from services.accounts import links, sessions
from services.accounts.models import Login, PersonData
from services.accounts.service import HASHER, grants_of, person_name
from services.ground import audit, clock
from services.ground.actor import Actor

PURPOSE = "recover"
LIFETIME = timedelta(hours=1)
MOST = 5
"""One address may stand for several accounts; beyond so many nothing is sent."""


def ask(session: Session, typed: str) -> list[tuple[str, str, str]]:
    """Make links for the accounts of a login name or an address: (address, login name, secret of the link)."""
    typed = typed.strip()
    statement = (
        select(PersonData.person_id, PersonData.email, Login.name)
        .join(Login, col(Login.person_id) == PersonData.person_id)
        .where(
            or_(Login.name == typed.lower(), PersonData.email == typed),
            col(PersonData.email).is_not(None),
            col(Login.disabled_at).is_(None),
        )
        .order_by(col(PersonData.person_id))  # accounts made later under somebody's address do not crowd the first out
        .limit(MOST)
    )
    found = []
    for person_id, address, login in session.exec(statement).all():
        found.append((address or "", login, links.make(session, PURPOSE, person_id, "", LIFETIME)))
        audit.record(session, Actor(person_id=person_id), "account.recovery_asked", "person", str(person_id))
    return found


def whose(session: Session, token: str) -> str:
    """Give the login name a link is for. Raises NotFound, or Conflict for a link used or expired."""
    row = session.get(Login, links.look(session, PURPOSE, token).person_id)
    return row.name if row else ""


def reset(session: Session, token: str, password: str) -> int:
    """Set a new password by a link, which is used up; all sessions of the person end. Returns the person's id."""
    link = links.use(session, PURPOSE, token)
    actor = Actor(
        person_id=link.person_id,
        name=person_name(session, link.person_id),
        grants=grants_of(session, link.person_id),
    )
    row = session.get(Login, link.person_id)
    if row is not None:
        row.password_hash, row.changed_at = HASHER.hash(password), clock.now()
        session.add(row)
    sessions.sign_out_everywhere(session, actor)
    audit.record(session, actor, "account.recovery_used", "person", str(link.person_id))
    return link.person_id
