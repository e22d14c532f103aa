"""Writing a contract: from a deal, from nothing, a bit at a time. Missing is not wrong; unknown codes and secrets are."""

from collections.abc import Callable, Iterable

from sqlmodel import Session, select

from services.accounts import service as accounts
from services.accounts.schemas import OrganisationOut
from services.contracts import access, store
from services.contracts.codes import Codes
from services.contracts.content import Content, Party
from services.contracts.models import Contract, ContractDraft
from services.contracts.moving import MoveImpossible, touch
from services.contracts.rules import EDITABLE, desk_region
from services.contracts.schemas import SignedDeal
from services.ground import audit, clock, market, regions
from services.ground.actor import Actor
from services.ground.database import check_version
from services.ground.errors import FieldError, Invalid, NotFound
from services.ground.identifiers import next_code
from services.ground.permissions import Thing, require

GROUP_OF_KIND = {
    "enterprise": "ENTERPRISE",
    "university": "UNIVERSITY",
    "institute": "RESEARCH",
    "broker_firm": "ENTERPRISE",
    "government": "GOVERNMENT",
}
"""What an organisation's kind lets us propose as its statistical group; people change it where it is wrong."""


def draft_from(session: Session, actor: Actor, deal: SignedDeal) -> Contract:
    """Open the draft of a signed deal, filled in as far as the deal knows. Twice for one deal gives the same draft.

    Whoever may sign the deal may do this: the deal has asked.
    """
    known = session.exec(select(Contract).where(Contract.deal_code == deal.deal_code)).first()
    if known:
        return known
    found = accounts.organisations(session, [deal.seller_organisation_id, deal.buyer_organisation_id])
    content = Content(
        contract_title=deal.title[:200],
        signed_on=deal.signed_on,
        contract_amount_fen=deal.contract_amount_fen,
        amount_status="determined",
        payment_mode=deal.payment_mode,
        is_confidential=False,
        cross_border="none",
        chain=deal.chain,
        subfield=deal.subfield,
        need_code=deal.need_code,
        result_code=deal.result_code,
        deal_code=deal.deal_code,
        broker_id=deal.broker_person_id,
        broker_role="intermediary" if deal.broker_person_id else None,
        parties=[
            snapshot(found[deal.seller_organisation_id], Party(role="seller", is_primary=True)),
            snapshot(found[deal.buyer_organisation_id], Party(role="buyer", is_primary=True)),
        ],
    )
    return _create(session, actor, content, deal_code=deal.deal_code, owner=deal.seller_organisation_id)


def create_draft(session: Session, actor: Actor, content: Content) -> Contract:
    """Open a draft. Without a seller in it the organisation acted for becomes the seller.

    Raises Forbidden for people who belong to no party and are no station clerk of its region.
    """
    owner = actor.on_behalf_of_id or actor.organisation_id or min(actor.organisation_ids, default=None)
    content = content.model_copy(update={"deal_code": None})
    if owner and not content.parties:
        seller = snapshot(accounts.organisation(session, owner), Party(role="seller", is_primary=True))
        content = content.model_copy(update={"parties": [seller]})
    parties = set(_organisation_ids(session, content).values()) | ({owner} if owner else set())
    region = desk_region(content, regions.is_home)
    require(actor, "contract.create", Thing("contract", organisation_ids=frozenset(parties), region_code=region))
    return _create(session, actor, content, deal_code=None, owner=owner)


NOT_COPIED = frozenset(
    {
        "internal_number",
        "signed_on",
        "effective_on",
        "valid_from",
        "valid_to",
        "contract_amount_fen",
        "technical_amount_fen",
        "amount_cap_fen",
        "non_technical_items",
        "payment_schedule",
        "amount_original",
        "fx_rate",
        "fx_date",
        "fx_source",
        "project_number",
        "main_contract",
        "need_code",
        "result_code",
        "deal_code",
        "broker_id",
        "broker_role",
        "registered_elsewhere",
        "filled_on",
    }
)
"""What belongs to one contract only: its dates, its money, its numbers, and where it came from."""


def copy_draft(session: Session, actor: Actor, code: str) -> Contract:
    """Open a draft like an earlier contract that one sees: parties, classification and words, no dates and no money.

    Personal data are copied only for those who may see them. Raises Forbidden for those who may not open a draft.
    """
    earlier, thing = access.seen(session, actor, code)
    newest = store.newest_version(session, earlier)
    content = (
        store.read_version(session, newest)[0]
        if newest is not None and earlier.state not in EDITABLE
        else store.read_draft(session, store.draft_of(session, earlier))
    )
    require(actor, "contract.create", thing)
    # Shares are parts of the old price.
    parties = [party.model_copy(update={"share_amount_fen": None}) for party in content.parties]
    kept = {name: getattr(content, name) for name in Content.model_fields if name not in NOT_COPIED}
    copied = Content.model_validate(kept | {"parties": parties})
    sellers = [party.organisation_code for party in copied.side("seller")]
    ids = organisation_ids(session, sellers).values()
    owner = next(iter(ids), None) or actor.on_behalf_of_id or actor.organisation_id
    new = _create(session, actor, copied, deal_code=None, owner=owner)
    audit.record(session, actor, "contract.copy", "contract", new.code, earlier=earlier.code)
    return new


def save_draft(session: Session, actor: Actor, code: str, changes: Content, *, expected: int | None = None) -> Contract:
    """Save the fields that were sent and leave the others as they are; lists are replaced whole.

    Raises MoveImpossible once it is submitted, StaleVersion when somebody saved in between.
    """
    contract, _thing = access.held(session, actor, code, "contract.edit")
    check_version(contract, expected)
    if contract.state not in EDITABLE:
        raise MoveImpossible(state=contract.state, move="edit")
    draft = store.draft_of(session, contract)
    content = merge(store.read_draft(session, draft), changes)
    content = content.model_copy(update={"deal_code": contract.deal_code})
    keep(session, actor, contract, draft, content)
    touch(contract)
    audit.record(session, actor, "contract.save", "contract", contract.code, fields=sorted(changes.model_fields_set))
    session.flush()
    return contract


def merge(base: Content, changes: Content) -> Content:
    """Put the fields that were sent over those that stand."""
    data = base.model_dump()
    full = changes.model_dump()
    sent = {name: full[name] for name in changes.model_fields_set}
    if "filing" in sent:
        sent["filing"] = data["filing"] | changes.filing.model_dump(exclude_unset=True)
    return Content.model_validate(data | sent)


def keep(
    session: Session,
    actor: Actor,
    contract: Contract,
    draft: ContractDraft,
    content: Content,
    *,
    broker: int | None = None,
) -> None:
    """Check the shape of a content and keep it as the draft, with the copies that lists show."""
    check_shape(session, content, Codes(session), broker=broker or draft.content.get("broker_id"))
    content = fill_parties(session, content)
    ids = _organisation_ids(session, content)
    store.write_draft(session, contract, draft, content)
    draft.saved_at, draft.saved_by_id = clock.now(), actor.person_id
    set_head(contract, content)
    store.set_organisations(
        session, contract, set(ids.values()) | ({contract.organisation_id} if contract.organisation_id else set())
    )
    session.add(contract)


def check_shape(session: Session, content: Content, codes: Codes, *, broker: int | None = None) -> None:
    """Raise Invalid for codes no list knows, organisations nobody registered, and contracts that are secret.

    A confidential contract (涉密) never enters this system (reference, section 15). `broker` is the one already named,
    who may have given up the role since.
    """
    if content.is_confidential:
        raise Invalid("is_confidential", "confidential_contract")
    found = codes.problems(content)
    brokers = {broker, None} if content.broker_id == broker else {number for number, _name in accounts.brokers(session)}
    if content.broker_id is not None and content.broker_id not in brokers:
        found.append(FieldError("broker_id", "unknown_broker"))
    rows = organisation_rows(session, (party.organisation_code for party in content.parties))
    for index, party in enumerate(content.parties):
        if party.organisation_code and party.organisation_code not in rows:
            field = f"parties.{index}.organisation_code"
            found.append(FieldError(field, "unknown_organisation", {"value": party.organisation_code}))
    places = [(party.role, party.sequence) for party in content.parties]
    if len(set(places)) < len(places):
        found.append(FieldError("parties", "party_sequence_twice"))
    if found:
        raise Invalid(found)


def fill_parties(session: Session, content: Content) -> Content:
    """Fill what the market knows of its organisations into the parties that leave it open.

    A party named by its credit code alone is an organisation of the market if that one's code was verified: its people
    then see the contract too. A code that is only claimed opens nothing (design §2).
    """
    open_codes = {party.uscc for party in content.parties if party.uscc and not party.organisation_code}
    verified = accounts.verified_by_uscc(session, open_codes)
    rows = organisation_rows(session, (party.organisation_code for party in content.parties))
    known = [rows.get(party.organisation_code or "") or verified.get(party.uscc or "") for party in content.parties]
    parties = [snapshot(row, party) if row else party for row, party in zip(known, content.parties, strict=True)]
    return content.model_copy(update={"parties": parties})


def snapshot(organisation: OrganisationOut, party: Party) -> Party:
    """Copy what is known of an organisation into the fields of a party that are still empty."""
    known = {
        "organisation_code": organisation.code,
        "name": organisation.name,
        "uscc": organisation.uscc,
        "region_code": organisation.region_code,
        "party_group": GROUP_OF_KIND.get(organisation.kind),
    }
    return party.model_copy(update={name: value for name, value in known.items() if getattr(party, name) is None})


def set_head(
    contract: Contract,
    content: Content,
    amounts: tuple[int, int] | None = None,
    *,
    is_home: Callable[[str], bool] = regions.is_home,
) -> None:
    """Copy onto the head what lists show. `amounts` are verified ones (fen); without them the claimed ones are shown."""
    seller, buyer = content.primary("seller"), content.primary("buyer")
    contract.title = content.contract_title or ""
    contract.contract_category = content.contract_category
    contract.contract_subtype = content.contract_subtype
    contract.chain = content.chain
    contract.need_code, contract.result_code = content.need_code, content.result_code
    contract.seller_name = seller.shown_name if seller else ""
    contract.buyer_name = buyer.shown_name if buyer else ""
    contract.seller_region = seller.region_code if seller else None
    contract.buyer_region = buyer.region_code if buyer else None
    contract.region_code = desk_region(content, is_home)
    contract.signed_on = content.signed_on
    amount, technical = amounts or (content.contract_amount_fen, content.technical_amount_fen)
    contract.contract_amount_fen = amount
    # A draft may still contradict itself; the copy shows only what could be true.
    plausible = technical is not None and (amount is None or technical <= amount)
    contract.technical_amount_fen = technical if plausible else None


def organisation_rows(session: Session, codes: Iterable[str | None]) -> dict[str, OrganisationOut]:
    """Look organisations up by code; unknown ones are left out."""
    found = {}
    for code in {code for code in codes if code}:
        try:
            found[code] = accounts.organisation_by_code(session, code)
        except NotFound:
            continue
    return found


def organisation_ids(session: Session, codes: Iterable[str | None]) -> dict[str, int]:
    """Map codes of organisations to their ids; unknown ones are left out."""
    return {code: row.id for code, row in organisation_rows(session, codes).items()}


def _organisation_ids(session: Session, content: Content) -> dict[str, int]:
    return organisation_ids(session, (party.organisation_code for party in content.parties))


def _create(session: Session, actor: Actor, content: Content, *, deal_code: str | None, owner: int | None) -> Contract:
    now = clock.now()
    contract = Contract(
        code=next_code(session, "C"),
        organisation_id=owner,
        deal_code=deal_code,
        demo=market.is_demo(session),
        created_at=now,
        created_by_id=actor.person_id,
        updated_at=now,
    )
    session.add(contract)
    session.flush()
    draft = ContractDraft(contract_id=contract.id or 0, saved_at=now)
    keep(session, actor, contract, draft, content, broker=content.broker_id if deal_code else None)
    audit.record(session, actor, "contract.create", "contract", contract.code, deal=deal_code)
    session.flush()
    return contract
