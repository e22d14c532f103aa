"""Addresses for mail: notices go to one only after a link sent there came back, so nobody's address is used by a stranger."""

from datetime import timedelta

from sqlmodel import Session

from services.accounts import links
from services.accounts.models import PersonData
from services.ground import audit, clock
from services.ground.actor import Actor
from services.ground.errors import Conflict, NotFound

PURPOSE = "address"
LIFETIME = timedelta(days=3)


def proved(session: Session, person_id: int) -> str | None:
    """Give the address that notices go to: the person's own, once it has been proved."""
    row = session.get(PersonData, person_id)
    return row.email if row and row.email_proved_at else None


def of(session: Session, person_id: int) -> str | None:
    """Give a person's address, proved or not."""
    row = session.get(PersonData, person_id)
    return row.email if row else None


def unproved(session: Session, person_id: int) -> str | None:
    """Give the address that still waits for its proof."""
    row = session.get(PersonData, person_id)
    return row.email if row and row.email and not row.email_proved_at else None


def ask(session: Session, person_id: int) -> tuple[str, str]:
    """Make the link that proves a person's address: (address, secret of the link). Raises Conflict where none waits."""
    address = unproved(session, person_id)
    if address is None:
        raise Conflict("address_is_proved")
    return address, links.make(session, PURPOSE, person_id, address, LIFETIME)


def trust(session: Session, person_id: int) -> None:
    """Take an address as proved: whoever runs the market wrote it down."""
    row = session.get(PersonData, person_id)
    if row is not None and row.email:
        row.email_proved_at = clock.now()
        session.add(row)


def look(session: Session, token: str) -> str:
    """Give the address a link is about. Raises NotFound, or Conflict for a link used or expired."""
    return links.look(session, PURPOSE, token).subject


def prove(session: Session, token: str) -> None:
    """Note that the address is the person's. Raises as `look`, and Conflict when another address stands there by now."""
    link = links.use(session, PURPOSE, token)
    row = session.get(PersonData, link.person_id)
    if row is None:
        raise NotFound("link")
    if row.email != link.subject:
        raise Conflict("link_expired")
    row.email_proved_at = clock.now()
    session.add(row)
    audit.record(session, Actor(person_id=link.person_id), "account.address", "person", str(link.person_id))
