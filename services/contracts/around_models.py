"""Tables around a contract: what was paid, what was published before signing, and how the income is shared."""

from datetime import date, datetime
from decimal import Decimal
from typing import Any

import sqlalchemy as sa
from sqlmodel import CheckConstraint, Field

from services.contracts.ledger_models import ExactDecimal, one_of
from services.ground.database import Base, append_only, fen, json_column, text_column, utc
from services.ground.money import LARGEST_FEN

RECEIPT_KINDS = ("payment", "royalty", "correction")
REWARD_KINDS = ("transfer", "equity", "self_use")


class ContractReceipt(Base, table=True):
    """One line of the receipts ledger (到账). It never touches 成交额; a slip is mended by a line of the difference."""

    __tablename__ = "contract_receipt"
    __table_args__ = (
        one_of("kind", RECEIPT_KINDS, "kind"),
        CheckConstraint(f"amount_fen <> 0 AND amount_fen BETWEEN -{LARGEST_FEN} AND {LARGEST_FEN}", name="amount"),
        CheckConstraint("amount_fen > 0 OR kind = 'correction'", name="only_corrections_take_off"),
    )
    id: int | None = Field(default=None, primary_key=True)
    contract_id: int = Field(foreign_key="contract.id", index=True)
    received_on: date
    kind: str = Field(max_length=12)
    amount_fen: int = Field(sa_column=fen())
    technical_amount_fen: int | None = Field(default=None, sa_column=fen(nullable=True))
    management_fee_fen: int | None = Field(default=None, sa_column=fen(nullable=True))
    service_fee_fen: int | None = Field(default=None, sa_column=fen(nullable=True))
    vat_fen: int | None = Field(default=None, sa_column=fen(nullable=True))
    currency: str | None = Field(default=None, sa_column=text_column(3, nullable=True))
    amount_original: Decimal | None = Field(default=None, sa_column=sa.Column(ExactDecimal, nullable=True))
    fx_rate: Decimal | None = Field(default=None, sa_column=sa.Column(ExactDecimal, nullable=True))
    fx_source: str | None = Field(default=None, sa_column=text_column(80, nullable=True))
    note: str | None = Field(default=None, sa_column=text_column(200, nullable=True))
    recorded_at: datetime = Field(sa_column=utc())
    recorded_by_id: int | None = Field(default=None, foreign_key="person.id")


class ContractPublicity(Base, table=True):
    """公示 of name and price before signing (协议定价), as the seller keeps it."""

    __tablename__ = "contract_publicity"
    __table_args__ = (CheckConstraint("published_from <= published_to", name="dates"),)
    contract_id: int = Field(primary_key=True, foreign_key="contract.id")
    published_from: date
    published_to: date
    place: str | None = Field(default=None, sa_column=text_column(200, nullable=True))
    objections: list[str] = Field(default_factory=list, sa_column=json_column())
    handled_on: date | None = None
    saved_at: datetime = Field(sa_column=utc())
    saved_by_id: int | None = Field(default=None, foreign_key="person.id")


class RewardPlan(Base, table=True):
    """The worksheet of 收益分配: by which rule, after which costs. Who gets what stands in `reward_share`."""

    __tablename__ = "reward_plan"
    __table_args__ = (
        one_of("kind", REWARD_KINDS, "kind"),
        CheckConstraint(f"base_fen IS NULL OR base_fen BETWEEN 0 AND {LARGEST_FEN}", name="base"),
    )
    contract_id: int = Field(primary_key=True, foreign_key="contract.id")
    kind: str = Field(max_length=12)
    base_fen: int | None = Field(default=None, sa_column=fen(nullable=True))
    """What was contributed (equity) or the year's operating profit (own use); income is counted from the receipts."""
    own_rule: str | None = Field(default=None, sa_column=text_column(200, nullable=True))
    own_percent: Decimal | None = Field(default=None, sa_column=sa.Column(ExactDecimal, nullable=True))
    costs: list[dict[str, Any]] = Field(default_factory=list, sa_column=json_column())
    published_from: date | None = None
    published_to: date | None = None
    saved_at: datetime = Field(sa_column=utc())
    saved_by_id: int | None = Field(default=None, foreign_key="person.id")


class RewardPerson(Base, table=True):
    """The name of somebody who is rewarded, and nothing else: personal data, taken away by erasing the row's name."""

    __tablename__ = "reward_person"
    id: int | None = Field(default=None, primary_key=True)
    contract_id: int = Field(foreign_key="contract.id", index=True)
    name: str | None = Field(default=None, sa_column=text_column(80, nullable=True))
    erased_at: datetime | None = Field(default=None, sa_column=utc(nullable=True))


class RewardShare(Base, table=True):
    """The part of one person in the reward."""

    __tablename__ = "reward_share"
    __table_args__ = (CheckConstraint(f"amount_fen BETWEEN 0 AND {LARGEST_FEN}", name="amount"),)
    id: int | None = Field(default=None, primary_key=True)
    contract_id: int = Field(foreign_key="contract.id", index=True)
    person_id: int = Field(foreign_key="reward_person.id")
    sequence: int
    is_main: bool = False
    amount_fen: int = Field(sa_column=fen())
    paid_on: date | None = None


append_only("contract_receipt")
