"""Names of persons and organisations, each looked up once for one answer."""

from collections.abc import Iterable
from typing import Any

from sqlmodel import col, select
from sqlmodel.orm.session import Session

from services.accounts import service as accounts
from services.deals.models import Deal


class Names:
    """Remembers names for the length of one answer; all come from accounts, so that erasure shows at once."""

    def __init__(self, session: Session) -> None:
        self._session = session
        self._persons: dict[int, str] = {}
        self._organisations: dict[int, Any] = {}

    def load(self, organisation_ids: Iterable[int]) -> None:
        """Look up many organisations with one query."""
        missing = {number for number in organisation_ids if number not in self._organisations}
        if missing:
            self._organisations.update(accounts.organisations(self._session, missing))

    def load_persons(self, person_ids: Iterable[int]) -> None:
        """Look up the names of many persons with one query."""
        missing = {number for number in person_ids if number not in self._persons}
        if missing:
            self._persons.update(accounts.person_names(self._session, missing))

    def row(self, organisation_id: int) -> Any:
        """Give the organisation's row."""
        self.load([organisation_id])
        return self._organisations[organisation_id]

    def organisation(self, organisation_id: int | None) -> str:
        """Give an organisation's name; empty for none."""
        return str(self.row(organisation_id).name) if organisation_id else ""

    def code(self, organisation_id: int) -> str:
        """Give an organisation's code."""
        return str(self.row(organisation_id).code)

    def contact(self, person_id: int) -> tuple[str | None, str | None]:
        """Give e-mail and phone; the caller has seen that contact is open."""
        return accounts.person_contact(self._session, person_id)

    def person(self, person_id: int | None) -> str:
        """Give a person's name, or the pseudonym after erasure; empty for the program itself."""
        if person_id is None:
            return ""
        if person_id not in self._persons:
            self._persons[person_id] = accounts.person_name(self._session, person_id)
        return self._persons[person_id]


def brokers_of_need(session: Session, need_code: str) -> set[int]:
    """Name the brokers of deals about a need that are open or ended without a signature."""
    statement = select(Deal.broker_person_id).where(
        Deal.need_code == need_code, Deal.state != "signed", col(Deal.broker_person_id).is_not(None)
    )
    return {person for person in session.exec(statement) if person is not None}
