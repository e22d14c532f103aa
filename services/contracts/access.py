"""Who may see and touch a contract: the facts that `may` decides by, and the same steps as a filter for lists."""

from typing import Any

from sqlmodel import Session, col, false, or_, select, true

from search.numbers import RecordNumber
from services.contracts.models import Contract, ContractOrganisation
from services.ground import record_numbers
from services.ground.actor import Actor
from services.ground.database import lock_row
from services.ground.errors import NotFound, NotSignedIn
from services.ground.permissions import Thing, may, require

REGIONAL_ROLES = ("registrar", "bureau_officer", "station_clerk")
CONTACT_ROLES = ("registrar", "station_clerk")
"""Of these, the ones that see who is behind a contract (`contract.see_contacts`)."""


def thing_of(session: Session, contract: Contract) -> Thing:
    """Give the facts about a contract that decide who may do what."""
    organisations = session.exec(
        select(ContractOrganisation.organisation_id).where(ContractOrganisation.contract_id == contract.id)
    ).all()
    return Thing(
        "contract",
        contract.code,
        organisation_ids=frozenset(organisations),
        region_code=contract.region_code,
        state=contract.state,
    )


def find(session: Session, code: str) -> Contract:
    """Load a contract by its code, whoever asks. Raises NotFound; so does one of a batch not switched on."""
    if not (code.isascii() and code.isprintable()):
        raise NotFound("contract", "")
    row = session.exec(select(Contract).where(Contract.code == code)).first()
    if row is None or not row.visible or row.state == "discarded":
        raise NotFound("contract", code)
    return row


def seen(session: Session, actor: Actor, code: str) -> tuple[Contract, Thing]:
    """Load a contract that the actor may see; for others there is none."""
    contract = find(session, code)
    thing = thing_of(session, contract)
    if not may(actor, "contract.see", thing):
        raise NotSignedIn if actor.is_anonymous else NotFound("contract", code)
    return contract, thing


@record_numbers.lookup("contract", "code C")
def seen_by_number(session: Session, actor: Actor, number: RecordNumber) -> str | None:
    """Find the contract with a code or an official registration number, for those who may see it. Raises as `seen` does."""
    code: str | None = number.value
    if number.kind == "contract":
        held_by = select(Contract.code).where(Contract.registration_number == number.value, col(Contract.visible))
        code = session.exec(held_by.order_by(col(Contract.id).desc())).first()
    return seen(session, actor, code)[0].code if code else None


def held(session: Session, actor: Actor, code: str, action: str) -> tuple[Contract, Thing]:
    """Load a contract for a write and hold its row to the end of the transaction. Raises Forbidden for the action."""
    contract, thing = seen(session, actor, code)
    require(actor, action, thing)
    locked = lock_row(session, Contract, contract.id or 0)
    if locked is None:
        raise NotFound("contract", code)
    return locked, thing


def visible_clause(actor: Actor, roles: tuple[str, ...] = REGIONAL_ROLES) -> Any:
    """Give the condition under which `contract.see` is true, for lists, counts and exports.

    With CONTACT_ROLES it is the condition of `contract.see_contacts`.
    """
    if actor.trusted:
        return true()
    conditions: list[Any] = []
    if actor.organisation_ids:
        own = select(ContractOrganisation.contract_id).where(
            col(ContractOrganisation.organisation_id).in_(actor.organisation_ids)
        )
        conditions.append(col(Contract.id).in_(own))
    for grant in actor.grants:
        if grant.role not in roles:
            continue
        if grant.region_code is None:
            return true()
        prefix = grant.region_code.rstrip("0") or "0"
        conditions.append(col(Contract.region_code).startswith(prefix, autoescape=True))
    return or_(*conditions) if conditions else false()
