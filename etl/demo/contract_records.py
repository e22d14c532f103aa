"""The shape of a demo contract: plain records with the field names of the contract content, and no database."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, fields
from datetime import date
from decimal import Decimal
from typing import Any

from services.contracts.content import Content


@dataclass(frozen=True)
class DemoParty:
    """One party. `organisation_key` names a demo organisation; a party without one is known by its name only."""

    role: str
    name: str
    party_group: str
    sequence: int = 1
    is_primary: bool = True
    share_amount_fen: int | None = None
    organisation_key: str | None = None
    uscc: str | None = None
    region_code: str | None = None
    country_code: str | None = None
    enterprise_scale: str | None = None
    develops: bool = False


@dataclass(frozen=True)
class DemoItem:
    """One line of the worksheet between the two amounts."""

    kind: str
    name: str
    amount_fen: int


@dataclass(frozen=True)
class DemoPayment:
    """One payment of the schedule; the shares of a contract add up to 100."""

    due_rule: str
    share_percent: Decimal


@dataclass(frozen=True)
class DemoRight:
    """A right that the contract moves. Numbers are invented; secrets and software have none."""

    kind: str
    number: str | None
    title: str
    owner: str


@dataclass(frozen=True)
class DemoChange:
    """A change of a registered contract: both amounts and the worksheet as they stand afterwards."""

    changed_on: date
    contract_amount_fen: int
    technical_amount_fen: int
    non_technical_items: tuple[DemoItem, ...]
    amount_status: str
    reason: str
    evidence: str


@dataclass(frozen=True)
class DemoEnd:
    """A cancellation or a revocation; `state` is what the contract is afterwards."""

    state: str
    ended_on: date
    ground: str
    reason: str
    evidence: str


@dataclass(frozen=True)
class DemoContract:
    """One contract: content, registration, and what happened to it later (all up to the day of loading)."""

    key: str
    state: str
    contract_title: str
    contract_category: str
    contract_subtype: str
    signed_on: date
    effective_on: date
    valid_from: date
    valid_to: date
    contract_amount_fen: int
    technical_amount_fen: int
    amount_status: str
    payment_mode: str
    technical_field: str
    ip_types: tuple[str, ...]
    plan_source: str
    socio_economic_objective: str
    served_industry: str
    cross_border: str
    abstract: str
    chain: str
    subfield: str
    filled_on: date
    parties: tuple[DemoParty, ...]
    is_equity_contribution: bool = False
    is_related_party: bool = False
    relation_kind: str | None = None
    registered_elsewhere: bool = False
    license_mode: str | None = None
    amount_cap_fen: int | None = None
    non_technical_items: tuple[DemoItem, ...] = ()
    payment_schedule: tuple[DemoPayment, ...] = ()
    ip_objects: tuple[DemoRight, ...] = ()
    project_number: str | None = None
    country_code: str | None = None
    currency: str | None = None
    amount_original: Decimal | None = None
    fx_rate: Decimal | None = None
    fx_date: date | None = None
    fx_source: str | None = None
    expected_new_investment_fen: int | None = None
    expected_new_output_fen: int | None = None
    main_contract: str | None = None
    filed_by: str = "演示填报人"
    broker_key: str | None = None
    registration_number: str | None = None
    accepted_on: date | None = None
    decided_on: date | None = None
    registered_on: date | None = None
    refusal_ground: str | None = None
    changes: tuple[DemoChange, ...] = field(default=())
    end: DemoEnd | None = None

    def party(self, role: str) -> DemoParty:
        """Give the primary party of a side."""
        return next(party for party in self.parties if party.role == role and party.is_primary)


# What is about the record and not in it; everything else has the name that the content has.
_BESIDE = frozenset(
    {
        "key",
        "state",
        "filed_by",
        "broker_key",
        "registration_number",
        "accepted_on",
        "decided_on",
        "registered_on",
        "refusal_ground",
        "changes",
        "end",
        "parties",
    }
)


def content_of(
    contract: DemoContract, codes: Mapping[str, str], broker_ids: Mapping[str, int] | None = None
) -> Content:
    """Turn a demo contract into what the contract service takes.

    `codes` maps keys of demo organisations to their codes (O-...), `broker_ids` keys of demo people to person ids; what
    is not in them is left out.
    """
    values: dict[str, Any] = {
        one.name: _plain(getattr(contract, one.name)) for one in fields(contract) if one.name not in _BESIDE
    }
    values["filing"] = {"filled_by": contract.filed_by, "responsible_person": "演示负责人"}
    values["parties"] = [_party(party, codes) for party in contract.parties]
    broker = (broker_ids or {}).get(contract.broker_key or "")
    if broker is not None:
        values |= {"broker_id": broker, "broker_role": "技术经纪人"}
    return Content.model_validate(values)


def _plain(value: Any) -> Any:
    if isinstance(value, tuple):
        return [item if isinstance(item, str) else asdict(item) for item in value]
    return value


def _party(party: DemoParty, codes: Mapping[str, str]) -> dict[str, Any]:
    row = asdict(party)
    row["organisation_code"] = codes.get(row.pop("organisation_key") or "")
    return row
