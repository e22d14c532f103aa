"""How what a contract says is kept: as a draft without personal data, and as a version in rows that never change."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

import sqlalchemy as sa
from sqlmodel import Session, col, select

from services.contracts.content import UNNAMED, Contact, Content, Filing, Party, Verification, VerifiedItem
from services.contracts.models import (
    Contract,
    ContractContact,
    ContractDraft,
    ContractOrganisation,
    ContractParty,
    ContractVersion,
    IpObjectRow,
    NonTechnicalItemRow,
    PaymentScheduleItem,
)
from services.ground.database import insert_many

PLAIN_FIELDS: tuple[str, ...] = tuple(
    name for name in Content.model_fields if name in ContractVersion.model_fields and name != "cross_border"
)
"""Fields of the record that a version keeps under the same name."""
PARTY_FIELDS: tuple[str, ...] = tuple(
    name for name in ContractParty.model_fields if name not in {"id", "version_id", "organisation_id", "contact_id"}
)
CONTACT_FIELDS: tuple[str, ...] = tuple(Contact.model_fields)
ContactValues = dict[str, Any]


def contact_values(party: Party) -> ContactValues:
    """Give the personal data of a party; the name is one of them where the party is a natural person."""
    return party.contact.model_dump() | {"name": party.name if party.is_person and party.name != UNNAMED else None}


def with_contact(party: ContactValues, row: ContractContact | None) -> ContactValues:
    """Put a party together again with its personal data; a name that was erased stays away."""
    name = row.name if row and row.name else party.get("name")
    return party | {"contact": _values(row, CONTACT_FIELDS), "name": name}


@dataclass(frozen=True)
class VersionFacts:
    """What a version carries besides the content: why it was made, and the facts of the registration."""

    number: int
    kind: str
    true_from: date
    recorded_at: datetime
    recorded_by_id: int | None = None
    reason: str | None = None
    evidence: str | None = None
    rule_set_id: int | None = None
    registration: Mapping[str, Any] = field(default_factory=dict)
    """Columns of the registration: number, dates, body, certificate."""


# -- drafts -------------------------------------------------------------------------------------------------------


def draft_of(session: Session, contract: Contract) -> ContractDraft:
    """Give the draft row of a contract; every contract written at the desk has one."""
    row = session.get(ContractDraft, contract.id)
    if row is None:
        raise LookupError(f"{contract.code} has no draft")
    return row


def read_draft(session: Session, draft: ContractDraft) -> Content:
    """Put a draft together again with its personal data."""
    data = dict(draft.content)
    filing_id = data.pop("filing_id", None)
    parties = [dict(party) for party in data.get("parties", [])]
    contacts = _contacts(session, [filing_id, *(party.get("contact_id") for party in parties)])
    data["parties"] = [with_contact(party, contacts.get(party.pop("contact_id", None) or 0)) for party in parties]
    data["filing"] = _values(contacts.get(filing_id or 0), tuple(Filing.model_fields))
    return Content.model_validate(data)


def write_draft(session: Session, contract: Contract, draft: ContractDraft, content: Content) -> None:
    """Keep a content as the draft: personal data go to their own table, the rest becomes JSON."""
    data = content.model_dump(mode="json", exclude={"filing", "parties"}, exclude_defaults=True)
    keeper = _ContactKeeper(session, contract.id or 0, draft.content)
    data["filing_id"] = keeper.keep("filing", content.filing.model_dump())
    data["parties"] = [
        party.model_dump(mode="json", exclude={"contact"})
        | {"name": party.shown_name or None, "contact_id": keeper.keep("party", contact_values(party))}
        for party in content.parties
    ]
    draft.content, draft.words = data, words_to_find(data)
    session.add(draft)
    session.flush()
    keeper.drop_unused()


OWN_WORDS = (
    "contract_title",
    "internal_number",
    "project_number",
    "main_contract",
    "need_code",
    "result_code",
    "deal_code",
)
PARTY_WORDS = ("name", "branch_name", "uscc", "organisation_code")
LONGEST_WORDS = 4000


def words_to_find(data: Mapping[str, Any]) -> str:
    """Gather what a draft is found by, a line each; natural persons stand in it by what they are, not by name."""
    found = [data.get(name) for name in OWN_WORDS]
    found += [party.get(name) for party in data.get("parties", []) for name in PARTY_WORDS]
    found += [item.get(name) for item in data.get("ip_objects", []) for name in ("number", "title")]
    return "\n".join(dict.fromkeys(str(word) for word in found if word))[:LONGEST_WORDS]


class _ContactKeeper:
    """Reuses the rows of personal data that a draft has, makes new ones, removes those nothing points to any more."""

    def __init__(self, session: Session, contract_id: int, content: Mapping[str, Any]) -> None:
        self.session = session
        self.contract_id = contract_id
        ids = [content.get("filing_id"), *(party.get("contact_id") for party in content.get("parties", []))]
        self.rows = list(_contacts(session, ids).values())
        self.kept: set[int] = set()

    def keep(self, kind: str, values: dict[str, Any]) -> int | None:
        if not any(values.values()):
            return None
        for row in self.rows:
            if row.id not in self.kept and row.kind == kind and _values(row, tuple(values)) == values:
                self.kept.add(row.id or 0)
                return row.id
        row = ContractContact(contract_id=self.contract_id, kind=kind, **values)
        self.session.add(row)
        self.session.flush()
        self.kept.add(row.id or 0)
        return row.id

    def drop_unused(self) -> None:
        for row in self.rows:
            if row.id in self.kept:
                continue
            in_version = (
                self.session.exec(select(ContractParty.id).where(ContractParty.contact_id == row.id).limit(1)).first()
                or self.session.exec(
                    select(ContractVersion.id).where(ContractVersion.filing_id == row.id).limit(1)
                ).first()
            )
            if not in_version:
                self.session.delete(row)


def _contacts(session: Session, ids: Sequence[int | None]) -> dict[int, ContractContact]:
    wanted = [number for number in ids if number]
    if not wanted:
        return {}
    rows = session.exec(select(ContractContact).where(col(ContractContact.id).in_(wanted)))
    return {row.id or 0: row for row in rows}


def _values(row: ContractContact | None, names: tuple[str, ...]) -> dict[str, Any]:
    return {name: getattr(row, name, None) for name in names}


# -- versions -----------------------------------------------------------------------------------------------------


def version_values(
    contract_id: int, content: Content, facts: VersionFacts, verification: Verification | None, filing_id: int | None
) -> dict[str, Any]:
    """Give the columns of a version row."""
    values: dict[str, Any] = {name: getattr(content, name) for name in PLAIN_FIELDS}
    values |= {
        "contract_id": contract_id,
        "number": facts.number,
        "kind": facts.kind,
        "true_from": facts.true_from,
        "recorded_at": facts.recorded_at,
        "recorded_by_id": facts.recorded_by_id,
        "reason": facts.reason,
        "evidence": facts.evidence,
        "rule_set_id": facts.rule_set_id,
        "contract_title": content.contract_title or "",
        "contract_category": content.contract_category or "",
        "claimed_contract_amount_fen": content.contract_amount_fen,
        "claimed_technical_amount_fen": content.technical_amount_fen,
        "verified_contract_amount_fen": verification.contract_amount_fen if verification else None,
        "verified_technical_amount_fen": verification.technical_amount_fen if verification else None,
        "verification_reason": verification.reason if verification else None,
        "amount_status": content.amount_status or "determined",
        "cross_border": content.cross_border or "none",
        "filing_id": filing_id,
    }
    blank = dict.fromkeys(
        (
            "registration_number",
            "registrar_org",
            "registration_point",
            "accepted_on",
            "decided_on",
            "registered_on",
            "certificate_file_id",
            "certificate_issued_on",
        )
    )
    return values | blank | dict(facts.registration)


def party_rows(
    version_id: int, content: Content, organisations: Mapping[str, int], contact_ids: Sequence[int | None]
) -> list[dict[str, Any]]:
    """Give the party rows of a version; `organisations` maps codes to ids, `contact_ids` follow the parties."""
    primaries = {role: content.primary(role) for role in ("seller", "buyer")}
    return [
        {name: getattr(party, name) for name in PARTY_FIELDS}
        | {
            "version_id": version_id,
            "is_primary": party is primaries[party.role],
            "name": party.shown_name,
            "organisation_id": organisations.get(party.organisation_code or ""),
            "contact_id": contact_id,
        }
        for party, contact_id in zip(content.parties, contact_ids, strict=True)
    ]


def item_rows(version_id: int, content: Content, verification: Verification | None) -> list[dict[str, Any]]:
    """Give the worksheet rows: the n-th verified line answers the n-th claimed one; each may stand alone."""
    claimed, verified = content.non_technical_items, verification.items if verification else []
    rows = []
    for index in range(max(len(claimed), len(verified))):
        ours = verified[index] if index < len(verified) else None
        theirs = claimed[index] if index < len(claimed) else None
        line = ours or theirs
        assert line is not None
        rows.append(
            {
                "version_id": version_id,
                "sequence": index + 1,
                "kind": line.kind or "OTHER",
                "name": line.name or (theirs.name if theirs else None),
                "claimed_fen": theirs.amount_fen if theirs else None,
                "verified_fen": ours.amount_fen if ours else None,
                "evidence": line.evidence or (theirs.evidence if theirs else None),
            }
        )
    return rows


def list_rows(version_id: int, content: Content) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    """Give the rows of the payment plan and of the rights."""
    payments = [
        {"version_id": version_id, "sequence": index} | item.model_dump()
        for index, item in enumerate(content.payment_schedule, 1)
    ]
    rights = [
        {"version_id": version_id, "sequence": index} | item.model_dump()
        for index, item in enumerate(content.ip_objects, 1)
    ]
    return payments, rights


def write_version(
    session: Session,
    contract: Contract,
    content: Content,
    facts: VersionFacts,
    *,
    verification: Verification | None,
    organisations: Mapping[str, int],
) -> int:
    """Write one version with all its parts and return its id. Personal data are written or reused first."""
    draft = session.get(ContractDraft, contract.id)
    keeper = _ContactKeeper(session, contract.id or 0, draft.content if draft else {})
    filing_id = keeper.keep("filing", content.filing.model_dump())
    contact_ids = [keeper.keep("party", contact_values(party)) for party in content.parties]
    version_id = insert_many(
        session,
        ContractVersion,
        [version_values(contract.id or 0, content, facts, verification, filing_id)],
    )[0]
    payments, rights = list_rows(version_id, content)
    insert_many(session, ContractParty, party_rows(version_id, content, organisations, contact_ids))
    insert_many(session, NonTechnicalItemRow, item_rows(version_id, content, verification))
    insert_many(session, PaymentScheduleItem, payments)
    insert_many(session, IpObjectRow, rights)
    return version_id


def read_version(session: Session, version: ContractVersion) -> tuple[Content, Verification | None]:
    """Put a version together again: what was claimed, and what was verified."""
    parts = {
        model: session.exec(select(model).where(model.version_id == version.id).order_by(sa.column("id"))).all()
        for model in (ContractParty, NonTechnicalItemRow, PaymentScheduleItem, IpObjectRow)
    }
    parties: Sequence[Any] = parts[ContractParty]
    contacts = _contacts(session, [version.filing_id, *(party.contact_id for party in parties)])
    data: dict[str, Any] = {name: getattr(version, name) for name in PLAIN_FIELDS}
    data |= {
        "contract_amount_fen": version.claimed_contract_amount_fen,
        "technical_amount_fen": version.claimed_technical_amount_fen,
        "cross_border": version.cross_border,
        "is_confidential": False,  # no other contract is ever kept
        "filing": _values(contacts.get(version.filing_id or 0), tuple(Filing.model_fields)),
        "parties": [
            with_contact({name: getattr(party, name) for name in PARTY_FIELDS}, contacts.get(party.contact_id or 0))
            for party in parties
        ],
        "payment_schedule": _part_values(parts[PaymentScheduleItem]),
        "ip_objects": _part_values(parts[IpObjectRow]),
    }
    lines: Sequence[Any] = parts[NonTechnicalItemRow]
    data["non_technical_items"] = [_line(line, line.claimed_fen) for line in lines if line.claimed_fen is not None]
    verification = None
    if version.verified_contract_amount_fen is not None and version.verified_technical_amount_fen is not None:
        verification = Verification(
            contract_amount_fen=version.verified_contract_amount_fen,
            technical_amount_fen=version.verified_technical_amount_fen,
            items=[
                VerifiedItem.model_validate(_line(line, line.verified_fen))
                for line in lines
                if line.verified_fen is not None
            ],
            reason=version.verification_reason,
        )
    return Content.model_validate(data), verification


def _line(line: Any, amount: int) -> dict[str, Any]:
    return {"kind": line.kind, "name": line.name, "amount_fen": amount, "evidence": line.evidence}


def _part_values(rows: Sequence[Any]) -> list[dict[str, Any]]:
    return [
        {name: getattr(row, name) for name in type(row).model_fields if name not in {"id", "version_id", "sequence"}}
        for row in rows
    ]


def versions_of(session: Session, contract: Contract) -> list[ContractVersion]:
    """List the versions of a contract, oldest first."""
    return list(
        session.exec(
            select(ContractVersion)
            .where(ContractVersion.contract_id == contract.id)
            .order_by(col(ContractVersion.number))
        )
    )


def newest_version(session: Session, contract: Contract) -> ContractVersion | None:
    """Give the newest version, or None before the first submission."""
    return session.exec(
        select(ContractVersion).where(
            ContractVersion.contract_id == contract.id, ContractVersion.number == contract.current_version
        )
    ).first()


def set_organisations(session: Session, contract: Contract, ids: set[int]) -> None:
    """Say which organisations are parties now; those a registrar named by hand stay."""
    rows = session.exec(select(ContractOrganisation).where(ContractOrganisation.contract_id == contract.id)).all()
    for row in rows:
        if row.organisation_id not in ids and not row.by_hand:
            session.delete(row)
    known = {row.organisation_id for row in rows}
    session.add_all(ContractOrganisation(contract_id=contract.id or 0, organisation_id=new) for new in ids - known)
    session.flush()
