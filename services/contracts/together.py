"""Many contracts at once: twenty of one university accepted, approved or registered from one page.

Each contract is judged for itself, in a savepoint of its own: what cannot be done is told and keeps nobody else back.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlmodel import Session

from services.contracts import desk, ledger
from services.contracts.schemas import RegistrationIn
from services.ground.actor import Actor
from services.ground.errors import DomainError, Forbidden, Invalid, NotSignedIn

AT_MOST = 100
UseCase = Callable[..., Any]
USE_CASES: Mapping[str, UseCase] = {"accept": desk.accept, "review": desk.start_review, "approve": desk.approve}
"""What can be done to many at once without saying more about each."""


@dataclass(frozen=True)
class Asked:
    """One contract, the version that was on the page, and for a registration what the registration body gave."""

    code: str
    version: int | None = None
    registration: RegistrationIn | None = None


@dataclass(frozen=True)
class Outcome:
    """What became of one: done, or the error that says why not."""

    code: str
    error: DomainError | None = None


def only_registrars(actor: Actor) -> None:
    """Raise for those who handle no contracts at all: what becomes of each contract is judged apart."""
    if actor.is_anonymous:
        raise NotSignedIn
    if not any(grant.role == "registrar" for grant in actor.grants):
        raise Forbidden("contract.handle")


def move_together(session: Session, actor: Actor, move: str, asked: Sequence[Asked]) -> list[Outcome]:
    """Make one move of many contracts. Raises Invalid for a move that is not made together, and for too many."""
    use_case = USE_CASES.get(move)
    if use_case is None:
        raise Invalid("decision", "literal_error")
    return _each(session, asked, lambda item: use_case(session, actor, item.code, expected=item.version))


def register_together(session: Session, actor: Actor, asked: Sequence[Asked]) -> list[Outcome]:
    """Record the official numbers of many contracts; each needs its `registration`."""

    def one(item: Asked) -> None:
        if item.registration is None:
            raise Invalid("registration_number", "required")
        ledger.register(session, actor, item.code, item.registration, expected=item.version)

    return _each(session, asked, one)


def _each(session: Session, asked: Sequence[Asked], act: Callable[[Asked], Any]) -> list[Outcome]:
    if len(asked) > AT_MOST:
        raise Invalid("codes", "too_many_at_once", limit=AT_MOST)
    found = []
    for item in sorted(
        asked, key=lambda item: item.code
    ):  # one order for all, so that two registrars never wait crosswise
        try:
            with session.begin_nested():
                act(item)
        except DomainError as error:
            found.append(Outcome(item.code, error))
        else:
            found.append(Outcome(item.code))
    return found
