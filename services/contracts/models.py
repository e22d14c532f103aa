"""Tables of contracts that live: the head, the draft, who may see it, moves, files, rule sets.

What never changes again (versions with their parts, movements) stands in `ledger_models`, which is loaded from here.
"""

from datetime import date, datetime
from typing import Any

import sqlalchemy as sa
from sqlmodel import CheckConstraint, Field, Index, UniqueConstraint

from services.contracts.ledger_models import (
    ContractParty,
    ContractVersion,
    IpObjectRow,
    Movement,
    MovementShare,
    NonTechnicalItemRow,
    PaymentScheduleItem,
    one_of,
)
from services.contracts.rules import STATES
from services.ground.database import Base, append_only, fen, json_column, text_column, utc
from services.ground.money import LARGEST_FEN

__all__ = [
    "Contract",
    "ContractContact",
    "ContractDraft",
    "ContractFile",
    "ContractMove",
    "ContractOrganisation",
    "ContractParty",
    "ContractVersion",
    "IpObjectRow",
    "Movement",
    "MovementShare",
    "NonTechnicalItemRow",
    "PaymentScheduleItem",
    "RuleSet",
]

_NUMBER_HELD = sa.text("registration_number IS NOT NULL AND state IN ('registered', 'cancelled')")


class RuleSet(Base, table=True):
    """The rules of a time. A contract keeps the one it was judged by; `verified` false means its text was not read."""

    __tablename__ = "rule_set"
    __table_args__ = (CheckConstraint("valid_to IS NULL OR valid_from <= valid_to", name="dates"),)
    id: int | None = Field(default=None, primary_key=True)
    code: str = Field(sa_column=text_column(40, unique=True))
    title: str = Field(sa_column=text_column(200))
    issued_on: date | None = None
    valid_from: date
    valid_to: date | None = None
    verified: bool = False
    source: str = Field(max_length=20)
    note: str = Field(default="", sa_column=text_column(500))
    parameters: dict[str, Any] = Field(default_factory=dict, sa_column=json_column())
    """Days, thresholds (fen) and switches; `rule_sets.RuleSetView` reads them."""


class Contract(Base, table=True):
    """The head: where the contract stands. What it says is in the draft or in its versions; what counts, in movements.

    Title, names and amounts are copies of the newest draft or version, so that a list is one query.
    """

    __tablename__ = "contract"
    __table_args__ = (
        one_of("state", STATES, "state"),
        CheckConstraint(
            "state NOT IN ('registered', 'cancelled', 'revoked') "
            "OR (registration_number IS NOT NULL AND registered_on IS NOT NULL AND current_version >= 1)",
            name="registered_is_complete",
        ),
        CheckConstraint(
            f"contract_amount_fen IS NULL OR contract_amount_fen BETWEEN 0 AND {LARGEST_FEN}", name="contract_amount"
        ),
        CheckConstraint(
            "technical_amount_fen IS NULL OR contract_amount_fen IS NULL OR "
            "technical_amount_fen BETWEEN 0 AND contract_amount_fen",
            name="technical_amount",
        ),
        CheckConstraint("decided_on IS NULL OR accepted_on IS NULL OR accepted_on <= decided_on", name="decided"),
        CheckConstraint(
            "registered_on IS NULL OR decided_on IS NULL OR decided_on <= registered_on", name="registered"
        ),
        CheckConstraint("ended_on IS NULL OR registered_on <= ended_on", name="ended"),
        Index(
            "uq_contract_registration_number",
            "registration_number",
            unique=True,
            sqlite_where=_NUMBER_HELD,
            postgresql_where=_NUMBER_HELD,
        ),
        Index(None, "state", "due_on"),
        Index(None, "signed_on", "contract_amount_fen"),
    )
    id: int | None = Field(default=None, primary_key=True)
    code: str = Field(sa_column=text_column(20, unique=True))
    state: str = Field(default="draft", max_length=24)
    version: int = 1
    """Raised by every write; the ETag of the contract."""
    current_version: int = 0
    """Number of the newest `contract_version`; 0 while nothing was submitted."""
    changes: int = 0
    """How often it was changed after its registration; a registered contract with changes is shown as 已变更."""
    visible: bool = True
    """False while the batch it came with is not switched on."""
    batch: str | None = Field(default=None, sa_column=text_column(20, nullable=True, index=True))
    import_key: str | None = Field(default=None, sa_column=text_column(120, nullable=True, unique=True))
    demo: bool = False
    # where it belongs
    region_code: str | None = Field(default=None, sa_column=text_column(12, nullable=True, index=True))
    """The region whose registrars handle it: that of the seller (of the buyer for imports) if it is at home here."""
    organisation_id: int | None = Field(default=None, foreign_key="organisation.id")
    """The organisation that opened it."""
    deal_code: str | None = Field(default=None, sa_column=text_column(20, nullable=True, unique=True))
    need_code: str | None = Field(default=None, sa_column=text_column(20, nullable=True))
    result_code: str | None = Field(default=None, sa_column=text_column(20, nullable=True))
    # copies for lists
    title: str = Field(default="", sa_column=text_column(200))
    contract_category: str | None = Field(default=None, sa_column=text_column(40, nullable=True))
    contract_subtype: str | None = Field(default=None, sa_column=text_column(40, nullable=True))
    chain: str | None = Field(default=None, sa_column=text_column(40, nullable=True))
    seller_name: str = Field(default="", sa_column=text_column(200))
    buyer_name: str = Field(default="", sa_column=text_column(200))
    seller_region: str | None = Field(default=None, sa_column=text_column(12, nullable=True))
    buyer_region: str | None = Field(default=None, sa_column=text_column(12, nullable=True))
    contract_amount_fen: int | None = Field(default=None, sa_column=fen(nullable=True))
    technical_amount_fen: int | None = Field(default=None, sa_column=fen(nullable=True))
    signed_on: date | None = None
    # the desk
    rule_set_id: int | None = Field(default=None, foreign_key="rule_set.id")
    accepted_on: date | None = None
    accepted_by_id: int | None = Field(default=None, foreign_key="person.id")
    due_on: date | None = None
    """When the decision is due by the rule set; None while the clock stands or nothing is due."""
    approved_by_id: int | None = Field(default=None, foreign_key="person.id")
    decided_on: date | None = None
    ground: str | None = Field(default=None, sa_column=text_column(20, nullable=True))
    """The coded ground of the last refusal, cancellation or revocation."""
    # the registration
    registration_number: str | None = Field(default=None, sa_column=text_column(20, nullable=True, index=True))
    registered_on: date | None = Field(default=None, index=True)
    registered_by_id: int | None = Field(default=None, foreign_key="person.id")
    registrar_org: str | None = Field(default=None, sa_column=text_column(200, nullable=True))
    registration_point: str | None = Field(default=None, sa_column=text_column(200, nullable=True))
    certificate_file_id: int | None = Field(default=None, foreign_key="stored_file.id")
    certificate_issued_on: date | None = None
    ended_on: date | None = None
    created_at: datetime = Field(sa_column=utc())
    created_by_id: int | None = Field(default=None, foreign_key="person.id")
    updated_at: datetime = Field(sa_column=utc())


class ContractDraft(Base, table=True):
    """What is being written: one row a contract, replaced at every save, gone into a version at submission.

    `content` has the shape of `content.Content` with ids of `contract_contact` in place of personal data; `review` has
    that of `content.Review`. Why JSON: docs/decisions/0020-contract-ledger.md.
    """

    __tablename__ = "contract_draft"
    contract_id: int = Field(primary_key=True, foreign_key="contract.id")
    content: dict[str, Any] = Field(default_factory=dict, sa_column=json_column())
    review: dict[str, Any] = Field(default_factory=dict, sa_column=json_column())
    words: str = Field(default="", sa_column=text_column(4000, server_default=""))
    """What the draft is found by: names of firms, titles, codes and numbers; a line each."""
    saved_at: datetime = Field(sa_column=utc())
    saved_by_id: int | None = Field(default=None, foreign_key="person.id")


class ContractContact(Base, table=True):
    """Personal data of a contract, and nothing else of it. Erasing a person empties the row; its id stays."""

    __tablename__ = "contract_contact"
    __table_args__ = (one_of("kind", ("party", "filing"), "kind"),)
    id: int | None = Field(default=None, primary_key=True)
    contract_id: int = Field(foreign_key="contract.id", index=True)
    kind: str = Field(max_length=10)
    name: str | None = Field(default=None, sa_column=text_column(200, nullable=True))
    """Of a party that is a natural person; firms are named where they are a party."""
    address: str | None = Field(default=None, sa_column=text_column(200, nullable=True))
    legal_representative: str | None = Field(default=None, sa_column=text_column(80, nullable=True))
    contact: str | None = Field(default=None, sa_column=text_column(80, nullable=True))
    phone: str | None = Field(default=None, sa_column=text_column(40, nullable=True))
    postcode: str | None = Field(default=None, sa_column=text_column(20, nullable=True))
    filled_by: str | None = Field(default=None, sa_column=text_column(80, nullable=True))
    responsible_person: str | None = Field(default=None, sa_column=text_column(80, nullable=True))
    erased_at: datetime | None = Field(default=None, sa_column=utc(nullable=True))


class ContractOrganisation(Base, table=True):
    """Which organisations are parties, as far as the market knows them: the members of these see the contract."""

    __tablename__ = "contract_organisation"
    contract_id: int = Field(primary_key=True, foreign_key="contract.id")
    organisation_id: int = Field(primary_key=True, foreign_key="organisation.id", index=True)
    by_hand: bool = Field(default=False, sa_column_kwargs={"server_default": sa.false()})
    """A registrar said so: the party is named in the contract without a code of this market."""


class ContractMove(Base, table=True):
    """Who moved it, when, from where to where, and why. Only added to."""

    __tablename__ = "contract_move"
    id: int | None = Field(default=None, primary_key=True)
    contract_id: int = Field(foreign_key="contract.id", index=True)
    at: datetime = Field(sa_column=utc())
    move: str = Field(max_length=20)
    from_state: str = Field(max_length=24)
    to_state: str = Field(max_length=24)
    version_number: int = 0
    person_id: int | None = Field(default=None, foreign_key="person.id")
    organisation_id: int | None = Field(default=None, foreign_key="organisation.id")
    on_behalf_of_id: int | None = Field(default=None, foreign_key="organisation.id")
    ground: str | None = Field(default=None, sa_column=text_column(20, nullable=True))
    reason: str | None = Field(default=None, sa_column=text_column(500, nullable=True))
    evidence: str | None = Field(default=None, sa_column=text_column(200, nullable=True))


class ContractFile(Base, table=True):
    """A paper of the contract: which of D1–D10 it is, or the certificate, or evidence of a change."""

    __tablename__ = "contract_file"
    __table_args__ = (UniqueConstraint("contract_id", "file_id", "kind"),)
    id: int | None = Field(default=None, primary_key=True)
    contract_id: int = Field(foreign_key="contract.id", index=True)
    file_id: int = Field(foreign_key="stored_file.id")
    kind: str = Field(sa_column=text_column(20))
    title: str = Field(default="", sa_column=text_column(200))
    added_at: datetime = Field(sa_column=utc())
    added_by_id: int | None = Field(default=None, foreign_key="person.id")
    removed_at: datetime | None = Field(default=None, sa_column=utc(nullable=True))


append_only("contract_move")
