"""What goes into contracts and what comes out of them."""

from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Annotated, Literal

from pydantic import Field

from services.contracts.content import (
    Content,
    Day,
    Fen,
    Original,
    Part,
    Rate,
    RowId,
    Text20,
    Text40,
    Text80,
    Text200,
    Text500,
    Verification,
    example,
)
from services.ground.money import LARGEST_FEN


@dataclass(frozen=True)
class SignedDeal:
    """What a signed deal tells a contract draft. The provider sells, the seeker buys; money in fen."""

    deal_code: str
    need_code: str | None
    result_code: str | None
    title: str
    seller_organisation_id: int
    buyer_organisation_id: int
    signed_on: date
    contract_amount_fen: int
    payment_mode: str | None
    broker_person_id: int | None
    chain: str | None
    subfield: str | None


# -- what people send -------------------------------------------------------------------------------------------


class ReasonIn(Part):
    """Why something is returned, sent to experts or discarded."""

    model_config = example(reason="附件 2 缺页，请补全")
    reason: Text500 = None


class RefusalIn(Part):
    """A refusal: one of the nine grounds, and the sentence that explains it to the parties."""

    model_config = example(ground="R2", reason="不是技术合同")
    ground: Text20 = None
    reason: Text500 = None


class RegistrationIn(Part):
    """What the registration body gave: the official number and the dates. A second person types it."""

    model_config = example(
        registration_number="2026431100000123", registered_on="2026-03-12", registrar_org="演示登记站"
    )
    registration_number: Annotated[str, Field(min_length=1, max_length=40)]
    registered_on: Day
    decided_on: Day | None = None
    registrar_org: Text200 = None
    registration_point: Text200 = None
    certificate_file_id: RowId | None = None
    """The number of a paper attached to this contract."""
    certificate_issued_on: Day | None = None


class ChangeIn(Part):
    """A change of a registered contract: only the fields that change, since when, why, and on which paper."""

    model_config = example(
        content={"contract_title": "冷榨成套技术开发合同（变更）"},
        changed_on="2026-03-12",
        reason="名称更正",
        evidence="补充协议",
    )
    content: Content = Content()
    verification: Verification | None = None
    changed_on: Day
    reason: Text500 = None
    evidence: Text200 = None


class EndIn(Part):
    """A cancellation (on the party's application) or a revocation (by the authority)."""

    model_config = example(ended_on="2026-03-12", ground="CANCEL_PARTY", reason="双方协商解除", evidence="解除协议")
    ended_on: Day
    ground: Text40 = None
    reason: Text500 = None
    evidence: Text200 = None


class LinkIn(Part):
    """Which organisation of the market a party is."""

    model_config = example(organisation_code="O-2026-000001")
    organisation_code: Annotated[str, Field(min_length=1, max_length=20)]


class ReceiptIn(Part):
    """Money that came in on a day, with what the university's record keeps beside it. A correction may be negative."""

    model_config = example(received_on="2026-03-12", amount_fen=1_000_000)
    received_on: Day
    kind: Literal["payment", "royalty", "correction"] = "payment"
    amount_fen: Annotated[int, Field(ge=-LARGEST_FEN, le=LARGEST_FEN)]
    technical_amount_fen: Fen | None = None
    management_fee_fen: Fen | None = None
    service_fee_fen: Fen | None = None
    vat_fen: Fen | None = None
    currency: Annotated[str | None, Field(pattern=r"^[A-Z]{3}$")] = None
    amount_original: Original | None = None
    fx_rate: Rate | None = None
    fx_source: Text80 = None
    note: Text200 = None


class RegisteredIn(Part):
    """A contract that is registered already, from an official list or an older record."""

    content: Content
    registration_number: Annotated[str, Field(min_length=1, max_length=40)]
    registered_on: Day
    verification: Verification | None = None
    accepted_on: Day | None = None
    decided_on: Day | None = None
    registrar_org: Text200 = None
    registration_point: Text200 = None
    certificate_issued_on: Day | None = None
    receipts: Annotated[tuple[ReceiptIn, ...], Field(max_length=1000)] = ()
    """What was paid so far, for the receipts ledger."""
    import_key: Annotated[str | None, Field(max_length=120)] = None
    recorded_at: datetime | None = None
    """When it came to be known; only the operator may say so (demo, restored books)."""


@dataclass(frozen=True)
class Recorded:
    """What became of one row of `record_registered`: its code, and whether it is new."""

    code: str
    created: bool


# -- what people look for ---------------------------------------------------------------------------------------


@dataclass(frozen=True)
class ContractFilter:
    """Which contracts of those the actor may see. Empty means all."""

    states: tuple[str, ...] = ()
    category: str | None = None
    region: str | None = None
    chain: str | None = None
    deal_code: str | None = None
    batch: str | None = None
    registered_year: int | None = None
    seller: str | None = None
    """The exact name of the primary seller."""
    q: str | None = None
    """Part of a title, a party's name, or any number."""
    order: str = "newest"
    """`newest` by code, `due` what is due first, `registered` latest registration first."""


@dataclass(frozen=True)
class MovementFilter:
    """Which lines of the ledger. Dates are those that decide the period; `known_at` gives the books as of that time."""

    since: date | None = None
    until: date | None = None
    known_at: datetime | None = None
    original_year: int | None = None
    seller_regions: tuple[str, ...] = ()
    buyer_regions: tuple[str, ...] = ()
    category: str | None = None
    subtype: str | None = None
    chain: str | None = None
    subfield: str | None = None
    technical_field: str | None = None
    seller_group: str | None = None
    buyer_group: str | None = None
    kinds: tuple[str, ...] = ()
    home_output: bool | None = None
    contract_code: str | None = None


@dataclass(frozen=True)
class Sums:
    """Contracts (net), and both amounts in fen."""

    count: int
    contract_amount_fen: int
    technical_amount_fen: int


@dataclass(frozen=True)
class GroupedSums:
    """One row of a grouped sum: the values of the dimensions asked for, in their order."""

    keys: tuple[str | int | None, ...]
    sums: Sums


@dataclass(frozen=True)
class MovementLine:
    """One line of the ledger with what it takes to read it."""

    id: int
    contract_code: str
    registration_number: str
    title: str
    seller_name: str
    buyer_name: str
    kind: str
    dated_on: date
    recorded_at: datetime
    contract_amount_fen: int
    technical_amount_fen: int
    count_delta: int
    category: str
    seller_region: str | None
    buyer_region: str | None
    chain: str | None
    state: str
    changes: int
    demo: bool
    reason: str | None = None


@dataclass(frozen=True)
class Duplicate:
    """Another contract that may be the same one, and why it looks so."""

    code: str
    title: str
    state: str
    reasons: tuple[str, ...] = field(default_factory=tuple)
