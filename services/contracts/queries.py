"""Looking for contracts: one condition for what the actor may see, filters, and an order that can be continued."""

from collections.abc import Collection
from datetime import date, timedelta
from typing import Any

from sqlmodel import Session, and_, col, func, or_, select

from services.contracts.access import CONTACT_ROLES, visible_clause
from services.contracts.content import UNNAMED, Content
from services.contracts.models import (
    Contract,
    ContractContact,
    ContractDraft,
    ContractOrganisation,
    ContractParty,
    ContractVersion,
    IpObjectRow,
)
from services.contracts.numbers import plain
from services.contracts.rules import OPEN_REVIEW
from services.contracts.schemas import ContractFilter, Duplicate
from services.ground.actor import Actor
from services.ground.errors import BadRequest, Invalid
from services.ground.permissions import require

OWN_NUMBERS = (ContractVersion.internal_number, ContractVersion.project_number, ContractVersion.main_contract)
FAR = date(9999, 12, 31)
Cursor = list[Any]


def contract_query(actor: Actor, wanted: ContractFilter) -> Any:
    """Give the query of the contracts that are wanted and that the actor may see, ordered; exports run through it."""
    require(actor, "contract.list")
    for name in ("q", "seller", "category", "region", "chain", "deal_code"):
        if "\0" in (getattr(wanted, name) or ""):
            raise Invalid(name, "nul_in_text")
    statement = select(Contract).where(*conditions(actor, wanted))
    return statement.order_by(*_order(wanted.order))


def list_contracts(
    session: Session, actor: Actor, wanted: ContractFilter, *, after: Cursor | None = None, limit: int = 50
) -> tuple[list[Contract], Cursor | None]:
    """List a part of the contracts; `after` is the place that the part before ended at."""
    statement = contract_query(actor, wanted)
    if after is not None:
        statement = statement.where(_behind(wanted.order, after))
    rows = list(session.exec(statement.limit(limit + 1)))
    if len(rows) <= limit:
        return rows, None
    return rows[:limit], _place(wanted.order, rows[limit - 1])


def count_by_state(session: Session, actor: Actor, wanted: ContractFilter) -> dict[str, int]:
    """Count the contracts the actor may see, by state; the states of the filter itself are left aside."""
    require(actor, "contract.list")
    open_filter = ContractFilter(**{**wanted.__dict__, "states": ()})
    rows = session.execute(
        select(Contract.state, func.count()).where(*conditions(actor, open_filter)).group_by(Contract.state)
    )
    return {str(state): int(count) for state, count in rows}


def has_registered(session: Session, contract: Contract, organisation_ids: Collection[int]) -> bool:
    """Say whether one of these organisations is the seller of another contract in the ledger."""
    own = select(ContractOrganisation.contract_id).where(
        col(ContractOrganisation.organisation_id).in_(organisation_ids)
    )
    statement = select(Contract.id).where(
        col(Contract.id).in_(own),
        Contract.seller_name == contract.seller_name,
        col(Contract.registration_number).is_not(None),
        Contract.id != contract.id,
    )
    return bool(organisation_ids) and session.exec(statement.limit(1)).first() is not None


def sellers_at_the_desk(session: Session, actor: Actor) -> list[tuple[str, int]]:
    """List the sellers with contracts at the desk that the actor may see, most contracts first."""
    require(actor, "contract.list")
    number = func.count()
    rows = session.execute(
        select(Contract.seller_name, number)
        .where(*conditions(actor, ContractFilter(states=tuple(sorted(OPEN_REVIEW | {"submitted"})))))
        .group_by(col(Contract.seller_name))
        .order_by(number.desc(), col(Contract.seller_name))
        .limit(100)
    )
    return [(str(name), int(count)) for name, count in rows]


def conditions(actor: Actor, wanted: ContractFilter) -> list[Any]:
    """Turn a filter into conditions, visibility first."""
    found: list[Any] = [col(Contract.visible), Contract.state != "discarded", visible_clause(actor)]
    if wanted.states:
        found.append(col(Contract.state).in_(wanted.states))
    if wanted.category:
        found.append(Contract.contract_category == wanted.category)
    if wanted.chain:
        found.append(Contract.chain == wanted.chain)
    if wanted.deal_code:
        found.append(Contract.deal_code == wanted.deal_code)
    if wanted.seller:
        found.append(Contract.seller_name == wanted.seller)
    if wanted.batch:
        found.append(Contract.batch == wanted.batch)
    if wanted.region:
        found.append(col(Contract.region_code).startswith(wanted.region.rstrip("0") or "0", autoescape=True))
    if wanted.registered_year:
        year = wanted.registered_year
        found.append(col(Contract.registered_on).between(date(year, 1, 1), date(year, 12, 31)))
    if wanted.q:
        found.append(_words(actor, wanted.q))
    return found


def _words(actor: Actor, text: str) -> Any:
    """Look in titles, names of all parties, and every number a contract carries: ours, official, of the deal, of rights.

    Names of natural persons are found only by those who may see them.
    """
    text, number = text.strip(), plain(text)
    names = (Contract.title, Contract.seller_name, Contract.buyer_name)
    codes = (Contract.code, Contract.deal_code, Contract.need_code, Contract.result_code)
    drafts = select(ContractDraft.contract_id).where(
        or_(
            *(col(ContractDraft.words).contains(word, autoescape=True) for word in {text, number, text.upper()} if word)
        )
    )
    persons = select(ContractContact.contract_id).where(col(ContractContact.name).contains(text, autoescape=True))
    return or_(
        *(col(name).contains(text, autoescape=True) for name in names),
        *(col(key).contains(number, autoescape=True) for key in (Contract.registration_number,) if number),
        *(col(code) == text.upper() for code in codes),
        col(Contract.id).in_(_versions_saying(text, number)),
        col(Contract.id).in_(drafts),
        and_(visible_clause(actor, CONTACT_ROLES), col(Contract.id).in_(persons)),
    )


def _versions_saying(text: str, number: str) -> Any:
    """Give the contracts with a version that names a party so, or carries a number: credit code, patent, own number."""
    parties = select(ContractParty.version_id).where(
        or_(
            *(col(name).contains(text, autoescape=True) for name in (ContractParty.name, ContractParty.branch_name)),
            col(ContractParty.uscc) == number,
            col(ContractParty.organisation_code) == text.upper(),
        )
    )
    rights = select(IpObjectRow.version_id).where(col(IpObjectRow.number).in_({text, number}))
    return select(ContractVersion.contract_id).where(
        or_(
            *(col(name).in_({text, number}) for name in OWN_NUMBERS),
            col(ContractVersion.id).in_(parties),
            col(ContractVersion.id).in_(rights),
        )
    )


def _order(order: str) -> tuple[Any, ...]:
    if order == "due":
        return func.coalesce(Contract.due_on, FAR), col(Contract.id)
    if order == "registered":
        return col(Contract.registered_on).desc(), col(Contract.id).desc()
    return (col(Contract.id).desc(),)


def _place(order: str, row: Contract) -> Cursor:
    if order == "due":
        return [(row.due_on or FAR).isoformat(), row.id]
    if order == "registered":
        return [row.registered_on.isoformat() if row.registered_on else "", row.id]
    return ["", row.id]


def _behind(order: str, after: Cursor) -> Any:
    day, number = after
    if not isinstance(number, int) or not isinstance(day, str):
        raise BadRequest("cursor_unknown")
    if order == "newest":
        return col(Contract.id) < number
    if order == "registered" and not day:
        return and_(col(Contract.registered_on).is_(None), col(Contract.id) < number)
    try:
        place = date.fromisoformat(day)
    except ValueError as error:
        raise BadRequest("cursor_unknown") from error
    if order == "due":
        due = func.coalesce(Contract.due_on, FAR)
        return or_(due > place, and_(due == place, col(Contract.id) > number))
    same_day = and_(col(Contract.registered_on) == place, col(Contract.id) < number)
    return or_(col(Contract.registered_on) < place, same_day)


def duplicates(session: Session, contract: Contract, content: Content, *, days: int) -> list[Duplicate]:
    """Find contracts that may be the same one: same deal, or two of title, parties and amount within some days.

    It looks at all contracts of the market, and tells no more than code, title and state (reference, section 4).
    """
    if content.signed_on is None:
        return []
    near = (content.signed_on - timedelta(days=days), content.signed_on + timedelta(days=days))
    rows = session.exec(
        select(Contract)
        .where(
            col(Contract.visible),
            Contract.id != contract.id,
            col(Contract.state).not_in(["discarded", "refused", "revoked"]),
            col(Contract.signed_on).between(*near),
            or_(
                Contract.title == contract.title,
                and_(Contract.seller_name == contract.seller_name, Contract.buyer_name == contract.buyer_name),
            ),
        )
        .limit(50)
    )
    found = []
    for row in rows:
        reasons = _alike(row, contract)
        if len(reasons) >= 2:
            found.append(Duplicate(row.code, row.title, row.state, reasons))
    return found


def _alike(one: Contract, other: Contract) -> tuple[str, ...]:
    reasons = []
    if one.title and one.title == other.title:
        reasons.append("same_title")
    sides = (one.seller_name, one.buyer_name)
    if one.seller_name and UNNAMED not in sides and sides == (other.seller_name, other.buyer_name):
        reasons.append("same_parties")
    if one.contract_amount_fen and one.contract_amount_fen == other.contract_amount_fen:
        reasons.append("same_amount")
    return tuple(reasons)
