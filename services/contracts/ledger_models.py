"""Tables of contracts that only grow: versions with their parties and lists, and the movements that statistics sum.

The database refuses UPDATE and DELETE on every one of them (design §12.5).
"""

from collections.abc import Iterable
from datetime import date, datetime
from decimal import Decimal
from typing import Any

import sqlalchemy as sa
from sqlalchemy import Dialect, types
from sqlmodel import CheckConstraint, Field, Index, UniqueConstraint

from services.ground.database import Base, append_only, fen, json_column, text_column, utc
from services.ground.money import LARGEST_FEN


def one_of(column: str, values: Iterable[str], name: str) -> CheckConstraint:
    """Hold a column to a list of words."""
    return CheckConstraint(f"{column} IN ({', '.join(repr(value) for value in values)})", name=name)


class ExactDecimal(types.TypeDecorator[Decimal]):
    """A decimal number kept digit by digit: SQLite has no exact decimals, so both databases keep the text."""

    impl = sa.String(40)
    cache_ok = True

    def process_bind_param(self, value: Decimal | None, dialect: Dialect) -> str | None:  # noqa: ARG002
        """Write it out without an exponent."""
        return None if value is None else format(value, "f")

    def process_result_value(self, value: str | None, dialect: Dialect) -> Decimal | None:  # noqa: ARG002
        """Read it back."""
        return None if value is None else Decimal(value)


def _text(length: int) -> Any:
    return Field(default=None, sa_column=text_column(length, nullable=True))


def _fen() -> Any:
    return Field(default=None, sa_column=fen(nullable=True))


def _decimal() -> Any:
    return Field(default=None, sa_column=sa.Column(ExactDecimal, nullable=True))


def _between(name: str, upper: str) -> CheckConstraint:
    return CheckConstraint(f"{name} IS NULL OR {name} BETWEEN 0 AND {upper}", name=name.removesuffix("_fen"))


class ContractVersion(Base, table=True):
    """What the contract said from `true_from` on, as known at `recorded_at`. Claimed and verified amounts apart."""

    __tablename__ = "contract_version"
    __table_args__ = (
        UniqueConstraint("contract_id", "number"),
        one_of("kind", ("submitted", "registered", "changed"), "kind"),
        one_of("amount_status", ("determined", "capped", "undetermined"), "amount_status"),
        one_of("cross_border", ("none", "import", "export"), "cross_border"),
        _between("claimed_contract_amount_fen", str(LARGEST_FEN)),
        _between("claimed_technical_amount_fen", "claimed_contract_amount_fen"),
        _between("verified_contract_amount_fen", str(LARGEST_FEN)),
        _between("verified_technical_amount_fen", "verified_contract_amount_fen"),
        CheckConstraint(
            "kind = 'submitted' OR "
            "(verified_contract_amount_fen IS NOT NULL AND verified_technical_amount_fen IS NOT NULL)",
            name="registered_amounts_are_verified",
        ),
        CheckConstraint("effective_on IS NULL OR signed_on IS NULL OR signed_on <= effective_on", name="effective"),
        CheckConstraint("valid_to IS NULL OR valid_from IS NULL OR valid_from <= valid_to", name="validity"),
    )
    id: int | None = Field(default=None, primary_key=True)
    contract_id: int = Field(foreign_key="contract.id", index=True)
    number: int
    kind: str = Field(max_length=12)
    true_from: date
    recorded_at: datetime = Field(sa_column=utc())
    recorded_by_id: int | None = Field(default=None, foreign_key="person.id")
    reason: str | None = _text(500)
    evidence: str | None = _text(200)
    rule_set_id: int | None = Field(default=None, foreign_key="rule_set.id")
    # reference, section 2, in its order
    registration_number: str | None = _text(20)
    internal_number: str | None = _text(80)
    contract_title: str = Field(sa_column=text_column(200))
    contract_category: str = Field(sa_column=text_column(40))
    contract_subtype: str | None = _text(40)
    license_mode: str | None = _text(40)
    is_equity_contribution: bool | None = None
    signed_on: date | None = None
    effective_on: date | None = None
    valid_from: date | None = None
    valid_to: date | None = None
    claimed_contract_amount_fen: int | None = _fen()
    claimed_technical_amount_fen: int | None = _fen()
    verified_contract_amount_fen: int | None = _fen()
    verified_technical_amount_fen: int | None = _fen()
    verification_reason: str | None = _text(500)
    amount_status: str = Field(default="determined", max_length=14)
    amount_cap_fen: int | None = _fen()
    payment_mode: str | None = _text(40)
    technical_field: str | None = _text(40)
    ip_types: list[str] = Field(default_factory=list, sa_column=json_column())
    plan_source: str | None = _text(40)
    project_number: str | None = _text(80)
    socio_economic_objective: str | None = _text(40)
    served_industry: str | None = _text(40)
    is_related_party: bool | None = None
    relation_kind: str | None = _text(200)
    relation_share_percent: Decimal | None = _decimal()
    cross_border: str = Field(default="none", max_length=8)
    country_code: str | None = _text(3)
    currency: str | None = _text(3)
    amount_original: Decimal | None = _decimal()
    fx_rate: Decimal | None = _decimal()
    fx_date: date | None = None
    fx_source: str | None = _text(80)
    expected_new_investment_fen: int | None = _fen()
    expected_new_output_fen: int | None = _fen()
    abstract: str | None = _text(4000)
    main_contract: str | None = _text(80)
    broker_id: int | None = Field(default=None, foreign_key="person.id")
    broker_role: str | None = _text(40)
    need_code: str | None = _text(20)
    result_code: str | None = _text(20)
    deal_code: str | None = _text(20)
    chain: str | None = _text(40)
    subfield: str | None = _text(40)
    registered_elsewhere: bool = False
    filing_id: int | None = Field(default=None, foreign_key="contract_contact.id")
    """Who filled it in and who answers for it."""
    filled_on: date | None = None
    registrar_org: str | None = _text(200)
    registration_point: str | None = _text(200)
    accepted_on: date | None = None
    decided_on: date | None = None
    registered_on: date | None = None
    certificate_file_id: int | None = Field(default=None, foreign_key="stored_file.id")
    certificate_issued_on: date | None = None


class ContractParty(Base, table=True):
    """One party as it stood, whatever becomes of the organisation later."""

    __tablename__ = "contract_party"
    __table_args__ = (
        UniqueConstraint("version_id", "role", "sequence"),
        one_of("role", ("seller", "buyer"), "role"),
        _between("share_amount_fen", str(LARGEST_FEN)),
    )
    id: int | None = Field(default=None, primary_key=True)
    version_id: int = Field(foreign_key="contract_version.id", index=True)
    role: str = Field(max_length=6)
    sequence: int = 1
    is_primary: bool = False
    share_amount_fen: int | None = _fen()
    organisation_id: int | None = Field(default=None, foreign_key="organisation.id", index=True)
    organisation_code: str | None = _text(20)
    name: str = Field(sa_column=text_column(200))
    branch_name: str | None = _text(200)
    uscc: str | None = _text(20)
    uscc_override_reason: str | None = _text(200)
    party_nature: str | None = _text(40)
    market_entity_type: str | None = _text(40)
    party_group: str | None = _text(40)
    region_code: str | None = _text(12)
    country_code: str | None = _text(3)
    industry: str | None = _text(40)
    enterprise_scale: str | None = _text(40)
    flags: list[str] = Field(default_factory=list, sa_column=json_column())
    develops: bool = False
    contact_id: int | None = Field(default=None, foreign_key="contract_contact.id")


class NonTechnicalItemRow(Base, table=True):
    """One line of the worksheet: what was claimed, what was verified, on which evidence."""

    __tablename__ = "non_technical_item"
    __table_args__ = (_between("claimed_fen", str(LARGEST_FEN)), _between("verified_fen", str(LARGEST_FEN)))
    id: int | None = Field(default=None, primary_key=True)
    version_id: int = Field(foreign_key="contract_version.id", index=True)
    sequence: int
    kind: str = Field(sa_column=text_column(40))
    name: str | None = _text(200)
    claimed_fen: int | None = _fen()
    verified_fen: int | None = _fen()
    evidence: str | None = _text(200)


class PaymentScheduleItem(Base, table=True):
    """One payment of the plan."""

    __tablename__ = "payment_schedule_item"
    __table_args__ = (_between("amount_fen", str(LARGEST_FEN)),)
    id: int | None = Field(default=None, primary_key=True)
    version_id: int = Field(foreign_key="contract_version.id", index=True)
    sequence: int
    due_rule: str | None = _text(200)
    due_on: date | None = None
    share_percent: Decimal | None = _decimal()
    amount_fen: int | None = _fen()
    condition: str | None = _text(200)


class IpObjectRow(Base, table=True):
    """One right the contract moves or rests on."""

    __tablename__ = "ip_object"
    id: int | None = Field(default=None, primary_key=True)
    version_id: int = Field(foreign_key="contract_version.id", index=True)
    sequence: int
    kind: str | None = _text(40)
    number: str | None = _text(80)
    title: str | None = _text(200)
    owner: str | None = _text(200)
    legal_status: str | None = _text(80)
    number_override_reason: str | None = _text(200)


OPEN, BROKERED = "amount_status <> 'determined'", "broker_id IS NOT NULL"


class Movement(Base, table=True):
    """One dated, signed line of the ledger. Every figure of every table is a sum of these and of nothing else.

    The words it can be grouped by are those of the day it was written: a firm that moves away keeps its old figures. Only
    a registered change of the contract itself moves what stands to new words (`reclassing.py`).
    """

    __tablename__ = "movement"
    __table_args__ = (
        one_of("kind", ("registration", "change", "cancellation", "revocation", "correction"), "kind"),
        CheckConstraint("count_delta BETWEEN -1 AND 1", name="count"),
        CheckConstraint(
            "(kind <> 'registration') OR (count_delta = 1 AND contract_amount_fen >= 0 AND "
            "technical_amount_fen BETWEEN 0 AND contract_amount_fen)",
            name="registration_adds",
        ),
        CheckConstraint(
            "kind NOT IN ('cancellation', 'revocation') OR "
            "(count_delta = -1 AND contract_amount_fen <= 0 AND technical_amount_fen <= 0)",
            name="end_takes_off",
        ),
        CheckConstraint("kind <> 'change' OR count_delta = 0", name="change_keeps_the_count"),
        Index(None, "dated_on", "is_home_output"),
        Index(None, "seller_region", "dated_on"),
        # Few lines among very many: what is open yet, and what a broker brought about.
        Index(
            "ix_movement_open", "dated_on", "is_home_output", sqlite_where=sa.text(OPEN), postgresql_where=sa.text(OPEN)
        ),
        Index(None, "broker_id", sqlite_where=sa.text(BROKERED), postgresql_where=sa.text(BROKERED)),
    )
    id: int | None = Field(default=None, primary_key=True)
    contract_id: int = Field(foreign_key="contract.id", index=True)
    version_id: int = Field(foreign_key="contract_version.id")
    kind: str = Field(max_length=14)
    dated_on: date
    """The day that decides its period."""
    recorded_at: datetime = Field(sa_column=utc(index=True))
    """When we came to know of it: "as published" sums only what was recorded before the cut-off."""
    recorded_by_id: int | None = Field(default=None, foreign_key="person.id")
    contract_amount_fen: int = Field(sa_column=fen())
    technical_amount_fen: int = Field(sa_column=fen())
    count_delta: int
    original_year: int
    """The year of the registration it belongs to: the restated view counts it there."""
    original_on: date
    """The day of that registration."""
    category: str = Field(sa_column=text_column(40))
    subtype: str | None = _text(40)
    technical_field: str | None = _text(40)
    ip_type: str | None = _text(40)
    """The primary one."""
    socio_economic_objective: str | None = _text(40)
    served_industry: str | None = _text(40)
    plan_source: str | None = _text(40)
    chain: str | None = _text(40)
    subfield: str | None = _text(40)
    seller_region: str | None = _text(12)
    buyer_region: str | None = _text(12)
    seller_country: str | None = _text(3)
    buyer_country: str | None = _text(3)
    seller_group: str | None = _text(40)
    buyer_group: str | None = _text(40)
    seller_organisation_id: int | None = Field(default=None, foreign_key="organisation.id")
    buyer_organisation_id: int | None = Field(default=None, foreign_key="organisation.id")
    broker_id: int | None = Field(default=None, foreign_key="person.id")
    signed_on: date | None = None
    standing_amount_fen: int = Field(sa_column=fen())
    """The contract's whole amount after this movement: size classes are made of it."""
    amount_status: str = Field(default="determined", max_length=14)
    is_related_party: bool = False
    is_import: bool = False
    is_home_output: bool = False
    """Counts in the indicator: a home seller, registered here, no import."""
    is_split: bool = False
    """Amounts are shared between several sellers or buyers: see `movement_share`."""
    reason: str | None = _text(500)


class MovementShare(Base, table=True):
    """The part of one party in a movement with several sellers or buyers. Shares of a side add up to the movement."""

    __tablename__ = "movement_share"
    __table_args__ = (one_of("role", ("seller", "buyer"), "role"), UniqueConstraint("movement_id", "role", "sequence"))
    id: int | None = Field(default=None, primary_key=True)
    movement_id: int = Field(foreign_key="movement.id", index=True)
    role: str = Field(max_length=6)
    sequence: int
    region_code: str | None = _text(12)
    party_group: str | None = _text(40)
    organisation_id: int | None = Field(default=None, foreign_key="organisation.id")
    contract_amount_fen: int = Field(sa_column=fen())
    technical_amount_fen: int = Field(sa_column=fen())
    count_delta: int
    """That of the movement at the primary party, 0 elsewhere."""


for _table in (
    "contract_version",
    "contract_party",
    "non_technical_item",
    "payment_schedule_item",
    "ip_object",
    "movement",
    "movement_share",
):
    append_only(_table)
