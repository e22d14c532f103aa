"""Records that deals need, made through the services that own them."""

from sqlmodel import Session

from services.accounts import service as accounts
from services.accounts.models import Person, PersonData, RoleGrant
from services.accounts.schemas import OrganisationIn
from services.ground import clock
from services.ground.actor import system_actor
from services.listings import service as listings
from services.listings.schemas import ListingIn

OPERATOR = system_actor("operator", "cli")


def an_organisation(session: Session, name: str, region: str) -> int:
    return accounts.create_organisation(session, OPERATOR, OrganisationIn(name=name, region_code=region)).id


def a_person(session: Session, name: str, role: str, organisation: int | None, region: str | None) -> int:
    """Somebody with one role. Without a login: hashing a password for each of twelve would take half a second a test."""
    person = Person(pseudonym="用户0a1b2c", created_at=clock.now())
    session.add(person)
    session.flush()
    person_id = person.id or 0
    session.add(PersonData(person_id=person_id, name=name, email=f"p{person_id}@example.org", phone="000-0000"))
    session.add(
        RoleGrant(
            person_id=person_id, role=role, organisation_id=organisation, region_code=region, granted_at=clock.now()
        )
    )
    session.flush()
    return person_id


def a_listing(session: Session, kind: str, title: str, owner: int, *, hides_owner: bool = False) -> str:
    """A published need or result; with `hides_owner` its owner is named to the other side only after contact."""
    data = ListingIn(
        kind=kind,
        title=title,
        owner=accounts.organisation(session, owner).code,
        chain="AF",
        subfield="AF-3",
        levels={"owner": "after_contact"} if hides_owner else {},
    )
    code = listings.create(session, OPERATOR, data).code
    listings.submit(session, OPERATOR, code)
    listings.publish(session, OPERATOR, code)
    return code


def withdraw(session: Session, code: str) -> None:
    listings.withdraw(session, OPERATOR, code)
