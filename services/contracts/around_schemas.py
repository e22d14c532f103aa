"""What goes into and comes out of the pages around a contract."""

from datetime import date
from decimal import Decimal
from typing import Annotated, Literal

from pydantic import Field, ValidationInfo, field_validator
from pydantic_core import PydanticCustomError

from services.contracts.content import Day, Fen, Line500, Name80, Part, Text200, example
from services.contracts.schemas import ReceiptIn
from services.contracts.views import Finding, Out

__all__ = ["ReceiptIn"]
Percent = Annotated[Decimal, Field(ge=0, le=100, max_digits=7, decimal_places=4)]


class PublicityIn(Part):
    """公示 of name and price: from, to, where, objections, and the day they were handled."""

    model_config = example(published_from="2026-03-01", published_to="2026-03-20", place="学校网站")
    published_from: Day
    published_to: Day
    place: Text200 = None
    objections: Annotated[list[Line500], Field(max_length=50, default_factory=list)]
    handled_on: Day | None = None

    @field_validator("published_to")
    @classmethod
    def _in_order(cls, value: date, info: ValidationInfo) -> date:
        begun = info.data.get("published_from")
        if begun and value < begun:
            raise PydanticCustomError("date_before", "before its beginning", {"date": begun.isoformat()})
        return value


class CostIn(Part):
    """One direct cost: taxes, appraisal, agency, patent fees."""

    name: Name80
    amount_fen: Fen


class ShareIn(Part):
    """The part of one person."""

    name: Name80
    amount_fen: Fen
    is_main: bool = False
    paid_on: Day | None = None


class RewardPlanIn(Part):
    """The worksheet: by which rule, after which costs, to whom."""

    model_config = example(kind="transfer", shares=[{"name": "演示完成人", "amount_fen": 500_000, "is_main": True}])
    kind: Literal["transfer", "equity", "self_use"] = "transfer"
    base_fen: Fen | None = None
    own_rule: Text200 = None
    own_percent: Percent | None = None
    costs: Annotated[list[CostIn], Field(max_length=50, default_factory=list)]
    shares: Annotated[list[ShareIn], Field(max_length=100, default_factory=list)]
    published_from: Day | None = None
    published_to: Day | None = None


class ReceiptOut(Out):
    """One line of the receipts ledger."""

    id: int
    received_on: date
    kind: str
    amount_fen: int
    technical_amount_fen: int | None = None
    management_fee_fen: int | None = None
    service_fee_fen: int | None = None
    vat_fen: int | None = None
    currency: str | None = None
    amount_original: Decimal | None = None
    fx_rate: Decimal | None = None
    fx_source: str | None = None
    note: str | None = None


class FloorOut(Out):
    """The least that has to be given, and by which rule."""

    percent: Decimal
    amount: int
    rule: str
    source: str
    verified: bool


class EstimateOut(Out):
    """What a rule would give: 估算，不作承诺. `amount` null: unknown or unverified, not applied."""

    place: str
    payee: str
    base_name: str
    base_fen: int
    percent: Decimal | None
    amount_fen: int | None
    conditions: str
    valid_from: date
    valid_to: date | None
    source: str
    verified: bool
    ref: str
    note: str


class TaxHintOut(Out):
    """A hint with date and source; 以税务机关为准."""

    code: str
    tax: str
    text: str
    dated: date
    source: str
    verified: bool
    ref: str
    note: str


class AroundOut(Out):
    """Everything around one contract."""

    code: str
    version: int
    receipts: list[ReceiptOut]
    received_fen: int
    publicity: PublicityIn | None
    rules_on: date
    """The day whose rules are read: that of the signature, today before there is one."""
    publicity_days: int | None
    publicity_source: str
    publicity_findings: list[Finding]
    state_founded: bool
    plan: RewardPlanIn | None
    costs_fen: int
    base_fen: int
    """What is shared: net income, the contribution, or the operating profit."""
    floor: FloorOut | None
    unverified_rules: list[str]
    """Floors that somebody has heard of and nobody has checked: named, never applied."""
    reward_findings: list[Finding]
    late_payments: int
    payment_months: int | None
    """By the rule in force when money came in last; null where there was none."""
    estimates: list[EstimateOut]
    tax_hints: list[TaxHintOut]
    may_write: bool
