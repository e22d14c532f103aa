"""Who stands behind the names: organisations of the market found for parties, and personal data taken away."""

from sqlmodel import Session, select

from services.accounts import service as accounts
from services.accounts.schemas import OrganisationOut
from services.contracts import access, rules, store
from services.contracts.around_models import RewardPerson
from services.contracts.content import Content
from services.contracts.models import Contract, ContractContact, ContractOrganisation
from services.contracts.moving import MoveImpossible, touch
from services.ground import audit, clock
from services.ground.actor import Actor
from services.ground.database import check_version
from services.ground.errors import Invalid


def candidates(session: Session, contract: Contract, content: Content) -> list[OrganisationOut]:
    """List organisations of the market that a party seems to be and that do not see the contract yet.

    Name or credit code are the same; a person decides, since neither is a key.
    """
    linked = set(
        session.exec(
            select(ContractOrganisation.organisation_id).where(ContractOrganisation.contract_id == contract.id)
        )
    )
    found: dict[int, OrganisationOut] = {}
    for party in content.parties:
        if party.organisation_code or party.is_person or not party.name:
            continue
        for text in filter(None, (party.name, party.uscc)):
            for row in accounts.find_organisations(session, text, limit=10):
                if row.id not in linked and (row.name == party.name or (row.uscc and row.uscc == party.uscc)):
                    found[row.id] = row
    return list(found.values())


def link_party(
    session: Session, actor: Actor, code: str, organisation_code: str, *, expected: int | None = None
) -> Contract:
    """Say that a party named in the contract is this organisation: its people see the contract from now on.

    Raises Invalid when no party looks like it.
    """
    contract, _thing = access.held(session, actor, code, "contract.handle")
    check_version(contract, expected)
    content = _words(session, contract)
    row = next((row for row in candidates(session, contract, content) if row.code == organisation_code), None)
    if row is None:
        raise Invalid("organisation_code", "party_is_not_that_organisation")
    session.add(ContractOrganisation(contract_id=contract.id or 0, organisation_id=row.id, by_hand=True))
    touch(contract)
    audit.record(session, actor, "contract.link_party", "contract", contract.code, organisation=row.code)
    session.flush()
    return contract


def forget_persons(session: Session, actor: Actor, code: str, *, expected: int | None = None) -> Contract:
    """Take the personal data of a contract away: names of natural persons, contacts, who filled it in.

    What the contract says, what it is worth and where it counts stays. Raises MoveImpossible while it is at the desk.
    """
    contract, _thing = access.held(session, actor, code, "contract.forget")
    check_version(contract, expected)
    if contract.state in rules.AT_THE_DESK:
        raise MoveImpossible(state=contract.state, move="forget")
    kept = {"id", "contract_id", "kind", "erased_at"}
    for row in session.exec(select(ContractContact).where(ContractContact.contract_id == contract.id)):
        for name in set(ContractContact.model_fields) - kept:
            setattr(row, name, None)
        row.erased_at = clock.now()
        session.add(row)
    for person in session.exec(select(RewardPerson).where(RewardPerson.contract_id == contract.id)):
        person.name, person.erased_at = None, clock.now()
        session.add(person)
    touch(contract)
    audit.record(session, actor, "contract.forget", "contract", contract.code)
    session.flush()
    return contract


def _words(session: Session, contract: Contract) -> Content:
    newest = store.newest_version(session, contract)
    if contract.state in rules.IN_THE_LEDGER and newest is not None:
        return store.read_version(session, newest)[0]
    return store.read_draft(session, store.draft_of(session, contract))
