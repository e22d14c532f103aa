"""Drafts by the hundred, from a list that has no registration numbers: staged invisibly under a batch, switched on together.

A list that somebody else made says what was signed, not what was registered: its contracts begin as drafts, and only a
registrar takes them further (reference, section 5.5).
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

import sqlalchemy as sa
from sqlmodel import Session, col, delete, select, update

from services.contracts import drafts, rules, store
from services.contracts.bulk import HEAD_COLUMNS, Head
from services.contracts.codes import Codes
from services.contracts.content import Content
from services.contracts.models import Contract, ContractContact, ContractDraft, ContractOrganisation
from services.ground import audit, clock, market, regions
from services.ground.actor import Actor
from services.ground.database import insert_many
from services.ground.errors import Conflict, Forbidden, Invalid, NotSignedIn
from services.ground.identifiers import format_code, next_number
from services.ground.permissions import Thing, may

ENDED = ("discarded", "refused", "revoked")
CONTACT_COLUMNS = tuple(name for name in ContractContact.model_fields if name not in {"id", "contract_id", "kind"})


@dataclass(frozen=True)
class DraftRow:
    """One contract of a list: what it says, whose it is, the key that names it for ever."""

    content: Content
    owner_id: int | None
    key: str


@dataclass(frozen=True)
class HeldContract:
    """A contract that a row of a list may be: how far it has come, and what it says of itself."""

    code: str
    state: str
    title: str
    seller_name: str
    buyer_name: str
    signed_on: date | None
    contract_amount_fen: int | None
    registration_number: str | None
    import_key: str | None
    batch: str | None
    visible: bool


def may_stage(actor: Actor, owner_id: int | None, content: Content) -> bool:
    """Say whether the actor may bring this contract in: for the own organisation, for a firm of the region, as registrar."""
    owners = frozenset({owner_id}) if owner_id else frozenset()
    thing = Thing("contract", organisation_ids=owners, region_code=rules.desk_region(content, regions.is_home))
    return may(actor, "contract.create", thing) or may(actor, "contract.record", thing)


def may_record(actor: Actor, content: Content) -> bool:
    """Say whether the actor may enter this contract as registered."""
    region = rules.desk_region(content, regions.is_home)
    return may(actor, "contract.record", Thing("contract", region_code=region))


def check_draft(session: Session, content: Content) -> None:
    """Raise Invalid for codes no list knows and for a confidential contract."""
    if content.is_confidential:
        raise Invalid("is_confidential", "confidential_contract")
    wrong = Codes(session).problems(content)
    if wrong:
        raise Invalid(wrong)


def held_contracts(
    session: Session,
    *,
    numbers: Sequence[str],
    keys: Sequence[str],
    signed: Sequence[tuple[date, int]],
) -> list[HeldContract]:
    """Find contracts by registration number, by import key, or by day of signature and amount; those that ended are left out."""
    wanted = (
        col(Contract.registration_number).in_(numbers)
        | col(Contract.import_key).in_(keys)
        | (
            col(Contract.signed_on).in_({day for day, _amount in signed})
            & col(Contract.contract_amount_fen).in_({amount for _day, amount in signed})
        )
    )
    return _held(session, wanted, col(Contract.state).not_in(ENDED))


def stage_drafts(session: Session, actor: Actor, rows: Sequence[DraftRow], batch: str) -> None:
    """Write a chunk of drafts that nobody sees until `switch_drafts`. Raises Forbidden for one the actor may not write."""
    if not rows:
        return
    for row in rows:
        if not may_stage(actor, row.owner_id, row.content):
            raise NotSignedIn if actor.is_anonymous else Forbidden("contract.create")
    now, demo, year = clock.now(), market.is_demo(session), clock.today().year
    first = next_number(session, "C", count=len(rows))
    contents, heads = [], []
    for offset, row in enumerate(rows):
        head = Head(
            code=format_code("C", year, first + offset),
            organisation_id=row.owner_id,
            visible=False,
            batch=batch,
            import_key=row.key,
            demo=demo,
            created_at=now,
            created_by_id=actor.person_id,
            updated_at=now,
        )
        drafts.set_head(head, row.content)
        contents.append(row.content)
        heads.append({name: getattr(head, name) for name in HEAD_COLUMNS})
    ids = insert_many(session, Contract, heads)
    _write_contents(session, actor, ids, contents)
    known = drafts.organisation_ids(
        session, {party.organisation_code or "" for content in contents for party in content.parties} - {""}
    )
    _write_organisations(session, ids, rows, contents, known)
    audit.record(session, actor, "contract.stage", "contract", heads[0]["code"], batch=batch, count=len(ids))
    session.flush()


def switch_drafts(session: Session, actor: Actor, batch: str) -> int:
    """Make the drafts of a batch visible. Returns how many."""
    statement = update(Contract).where(*_staged(batch)).values(visible=True)
    count = int(session.execute(statement).rowcount)  # type: ignore[attr-defined]
    audit.record(session, actor, "contract.batch_publish", "batch", batch, count=count, state="draft")
    return count


def drop_drafts(session: Session, batch: str, *, limit: int) -> int:
    """Delete up to `limit` drafts of a batch that was never switched on. Returns how many."""
    ids = list(session.exec(select(Contract.id).where(*_staged(batch)).limit(limit)))
    for model in (ContractDraft, ContractContact, ContractOrganisation):
        session.execute(delete(model).where(col(model.contract_id).in_(ids)))
    session.execute(delete(Contract).where(col(Contract.id).in_(ids)))
    session.flush()
    return len(ids)


def take_back_drafts(session: Session, actor: Actor, batch: str) -> int:
    """Discard the drafts of a batch that was switched on. Raises Conflict once somebody worked on one of them."""
    mine = (col(Contract.batch) == batch, col(Contract.visible).is_(True), col(Contract.current_version) == 0)
    worked = session.exec(
        select(Contract.code).where(
            col(Contract.batch) == batch,
            col(Contract.visible).is_(True),
            col(Contract.registration_number).is_(None),
            (col(Contract.version) > 1) | (col(Contract.state) != "draft"),
        )
    ).first()
    if worked:
        raise Conflict("batch_depended_on", batch=batch, record=worked)
    new: dict[str, Any] = {"visible": False, "state": "discarded", "import_key": None}
    count = int(session.execute(update(Contract).where(*mine).values(**new)).rowcount)  # type: ignore[attr-defined]
    audit.record(session, actor, "contract.batch_discard", "batch", batch, count=count, state="draft")
    return count


def registered_between(session: Session, actor: Actor, first: date, last: date) -> list[HeldContract]:
    """List the registered contracts that the actor sees, of some days, in the order of their numbers."""
    from services.contracts.access import visible_clause  # noqa: PLC0415 - only here

    held = _held(
        session,
        col(Contract.visible),
        visible_clause(actor),
        col(Contract.state).in_(rules.NUMBER_HELD),
        col(Contract.registered_on).between(first, last),
    )
    return sorted(held, key=lambda row: row.registration_number or "")


def _held(session: Session, *conditions: Any) -> list[HeldContract]:
    columns = [getattr(Contract, name) for name in HeldContract.__dataclass_fields__]
    return [HeldContract(*row) for row in session.execute(sa.select(*columns).where(*conditions))]


def _staged(batch: str) -> tuple[Any, ...]:
    return (
        col(Contract.batch) == batch,
        col(Contract.visible).is_(False),
        col(Contract.state) == "draft",
    )


def _write_contents(session: Session, actor: Actor, ids: Sequence[int], contents: Sequence[Content]) -> None:
    """Keep the contents as drafts: personal data in their own table, the rest as JSON."""
    blank: dict[str, Any] = dict.fromkeys(CONTACT_COLUMNS)
    people: list[dict[str, Any]] = []
    places: list[tuple[int, int | None]] = []
    for place, (number, content) in enumerate(zip(ids, contents, strict=True)):
        parts: list[tuple[int | None, str, Mapping[str, Any]]] = [(None, "filing", content.filing.model_dump())]
        parts += [(i, "party", store.contact_values(party)) for i, party in enumerate(content.parties)]
        for index, kind, values in parts:
            if any(values.values()):
                people.append(blank | dict(values) | {"contract_id": number, "kind": kind})
                places.append((place, index))
    contacts = dict(zip(places, insert_many(session, ContractContact, people), strict=True))
    now = clock.now()
    plain = [_plain(content, place, contacts) for place, content in enumerate(contents)]
    rows = [
        {
            "contract_id": number,
            "content": data,
            "review": {},
            "words": store.words_to_find(data),
            "saved_at": now,
            "saved_by_id": actor.person_id,
        }
        for number, data in zip(ids, plain, strict=True)
    ]
    session.execute(sa.insert(ContractDraft), rows)


def _plain(content: Content, place: int, contacts: Mapping[tuple[int, int | None], int]) -> dict[str, Any]:
    data = content.model_dump(mode="json", exclude={"filing", "parties"}, exclude_defaults=True)
    data["filing_id"] = contacts.get((place, None))
    data["parties"] = [
        party.model_dump(mode="json", exclude={"contact"})
        | {"name": party.shown_name or None, "contact_id": contacts.get((place, index))}
        for index, party in enumerate(content.parties)
    ]
    return data


def _write_organisations(
    session: Session,
    ids: Sequence[int],
    rows: Sequence[DraftRow],
    contents: Sequence[Content],
    known: Mapping[str, int],
) -> None:
    links = []
    for number, row, content in zip(ids, rows, contents, strict=True):
        found = {known[code] for party in content.parties if (code := party.organisation_code or "") in known}
        found |= {row.owner_id} if row.owner_id else set()
        links += [{"contract_id": number, "organisation_id": one, "by_hand": False} for one in sorted(found)]
    if links:
        session.execute(sa.insert(ContractOrganisation), links)
