"""Names of persons, many at a time."""

from collections.abc import Iterable

from sqlmodel import Session, col, func, select

from services.accounts.models import Person, PersonData, RoleGrant


def person_names(session: Session, person_ids: Iterable[int]) -> dict[int, str]:
    """Give the names of several persons, or the pseudonyms of those whose data are erased."""
    wanted = list(set(person_ids))
    named = func.coalesce(PersonData.name, Person.pseudonym)
    statement = (
        select(Person.id, named)
        .join(PersonData, col(PersonData.person_id) == Person.id, isouter=True)
        .where(col(Person.id).in_(wanted))
    )
    return {key or 0: name for key, name in session.exec(statement)}


def holders(session: Session, role: str) -> list[tuple[int, str]]:
    """List whoever holds a role now: (person id, name)."""
    statement = (
        select(PersonData.person_id, PersonData.name)
        .join(RoleGrant, col(RoleGrant.person_id) == PersonData.person_id)
        .where(RoleGrant.role == role, col(RoleGrant.revoked_at).is_(None))
        .distinct()
        .order_by(col(PersonData.person_id))
    )
    return [(person_id, name) for person_id, name in session.exec(statement)]


def brokers(session: Session) -> list[tuple[int, str]]:
    """List brokers: (person id, name)."""
    return holders(session, "broker")


def person_contacts(session: Session, person_ids: Iterable[int]) -> dict[int, tuple[str, str]]:
    """Give telephone and e-mail of several persons, for those to whom contact has been opened; the caller asks `may`."""
    statement = select(PersonData.person_id, PersonData.phone, PersonData.email)
    rows = session.exec(statement.where(col(PersonData.person_id).in_(list(set(person_ids)))))
    return {key: (phone or "", email or "") for key, phone, email in rows}
