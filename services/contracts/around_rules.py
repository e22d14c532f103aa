"""Pure decisions around a contract: income and its sharing, publicity, subsidies, hints on taxes (reference, 8 and 16).

Floors and rates are dated rows with a source. A row that was not verified is shown and never applied silently.
"""

import calendar
import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import ROUND_CEILING, ROUND_HALF_UP, Decimal
from functools import cache
from pathlib import Path
from typing import Any

from services.contracts.content import Content
from services.ground.errors import FieldError
from services.ground.reference import CodeEntry

SHIPPED = Path(__file__).with_name("data") / "around.json"
STATE_FOUNDED = frozenset({"UNIVERSITY", "RESEARCH", "HEALTH", "INSTITUTION", "INSTITUTION_OTHER"})
"""Statistical groups whose members are usually founded by the state; the record says no more about the founder."""
FLOOR_OF = {"transfer": "REWARD_TRANSFER_MIN", "equity": "REWARD_EQUITY_MIN", "self_use": "REWARD_SELF_MIN"}


# -- income and its sharing -------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Income:
    """What came in, what it cost, and what is left to share: fen."""

    received: int
    costs: int

    @property
    def net(self) -> int:
        """净收入; never below zero."""
        return max(self.received - self.costs, 0)


@dataclass(frozen=True)
class Floor:
    """The least that has to be given: the percentage, the amount (fen, rounded up), and the rule that says so."""

    percent: Decimal
    amount: int
    rule: str
    source: str
    verified: bool


@dataclass(frozen=True)
class ShareOfReward:
    """The part of one person: fen, whether a main contributor, and when it was paid."""

    amount: int
    is_main: bool = False
    paid_on: date | None = None


def part_of(amount: int, percent: Decimal, rounding: str = ROUND_HALF_UP) -> int:
    """Take a percentage of fen."""
    return int((Decimal(amount) * percent / 100).to_integral_value(rounding=rounding))


def reward_floor(base: int, law: CodeEntry, own_percent: Decimal | None, own_rule: str | None) -> Floor:
    """Give the floor that applies: the institute's own rule where there is one, else the law's."""
    if own_percent is not None:
        return Floor(own_percent, part_of(base, own_percent, ROUND_CEILING), own_rule or "", "own", verified=True)
    percent = Decimal(str(law.attributes["value"]))
    return Floor(percent, part_of(base, percent, ROUND_CEILING), law.ref or law.name, law.source, law.verified)


def reward_problems(
    floor: Floor,
    law: CodeEntry,
    shares: Sequence[ShareOfReward],
    *,
    main_percent: Decimal,
    base: int,
    state_founded: bool,
) -> list[FieldError]:
    """Say where a sharing lies below a floor or above what there is. Nothing is wrong with a plan nobody is in yet."""
    found = []
    law_percent = Decimal(str(law.attributes["value"]))
    if floor.source == "own" and state_founded and floor.percent < law_percent:
        found.append(FieldError("own_percent", "own_rule_below_law", {"percent": f"{law_percent:f}"}))
    total = sum(share.amount for share in shares)
    if not shares:
        return found
    if total < floor.amount:
        found.append(FieldError("shares", "reward_below_floor", {"floor_fen": floor.amount, "total_fen": total}))
    if total > base:
        found.append(FieldError("shares", "reward_above_base", {"base_fen": base, "total_fen": total}))
    main = sum(share.amount for share in shares if share.is_main)
    least = part_of(total, main_percent, ROUND_CEILING)
    if main < least:
        found.append(FieldError("shares", "main_contributors_below_half", {"floor_fen": least, "main_fen": main}))
    return found


def late_payments(shares: Iterable[ShareOfReward], last_received: date | None, months: int, today: date) -> int:
    """Count the shares paid, or still unpaid, later than the months the tax rule gives from the income on."""
    if last_received is None:
        return 0
    last_day = add_months(last_received, months)
    return sum((share.paid_on or today) > last_day for share in shares)


def add_months(day: date, months: int) -> date:
    """Give the same day some months later, or the last day of that month."""
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    return date(year, month + 1, min(day.day, calendar.monthrange(year, month + 1)[1]))


# -- publicity --------------------------------------------------------------------------------------------------------


def is_state_founded(content: Content) -> bool:
    """Say whether the primary seller is of a kind that is usually founded by the state."""
    seller = content.primary("seller")
    return bool(seller and seller.party_group in STATE_FOUNDED)


def publicity_problems(
    published_from: date, published_to: date, days: int, *, signed_on: date | None, objections: int, handled: bool
) -> list[FieldError]:
    """Say what is short about a publicity: too few days, signed before its end, objections nobody handled."""
    found = []
    length = (published_to - published_from).days + 1
    if length < days:
        found.append(FieldError("published_to", "publicity_short", {"days": days, "length": length}))
    if signed_on and signed_on <= published_to:
        found.append(FieldError("published_to", "signed_before_publicity_ended", {"signed_on": signed_on.isoformat()}))
    if objections and not handled:
        found.append(FieldError("handled_on", "objections_open", {"count": objections}))
    return found


# -- subsidies and taxes ----------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Subsidy:
    """One dated rule of one payer."""

    code: str
    place: str
    region_code: str
    valid_from: date
    valid_to: date | None
    payee: str
    payee_kind: str
    """seller, broker, or unknown where the text has to be checked."""
    payee_groups: tuple[str, ...]
    side: str
    categories: tuple[str, ...]
    base: str
    percent: Decimal | None
    cap_yuan: int | None
    conditions: str
    source: str
    verified: bool
    ref: str
    note: str


@dataclass(frozen=True)
class Estimate:
    """What a rule would give: 估算，不作承诺. `amount` None: the rule is unknown or unverified and is not applied."""

    rule: Subsidy
    base: int
    amount: int | None


@dataclass(frozen=True)
class TaxHint:
    """A hint with the date and source of its rule; the tax office decides."""

    code: str
    tax: str
    text: str
    dated: date
    source: str
    verified: bool
    ref: str
    note: str
    categories: tuple[str, ...] = field(default_factory=tuple)
    linked_only: tuple[str, ...] = field(default_factory=tuple)
    cross_border: bool = False


@dataclass(frozen=True)
class Side:
    """Where the primary party of a side is, and what it is."""

    region_code: str | None = None
    party_group: str | None = None


@dataclass(frozen=True)
class Facts:
    """What a rule on subsidies asks about a contract."""

    category: str | None
    seller: Side | None
    buyer: Side | None


def facts_of(content: Content) -> Facts:
    """Read the facts off what a contract says."""
    seller, buyer = (
        Side(party.region_code, party.party_group) if party else None
        for party in (content.primary("seller"), content.primary("buyer"))
    )
    return Facts(content.contract_category, seller, buyer)


def estimates(content: Content, registered_on: date, bases: dict[str, int]) -> list[Estimate]:
    """Estimate what the known rules would give for a registered contract: one row per payer, the newest that applies.

    `bases` are registered values in fen: contract_amount, technical_amount, amount_paid.
    """
    return estimates_of(facts_of(content), registered_on, bases)


def estimates_of(facts: Facts, registered_on: date, bases: dict[str, int], *, payee: str = "") -> list[Estimate]:
    """Estimate from facts alone; with `payee`, only what rules give to that kind of payee."""
    found: dict[str, Estimate] = {}
    for rule in sorted(subsidies(), key=lambda rule: rule.valid_from):
        if payee in ("", rule.payee_kind) and _applies(rule, facts, registered_on):
            base = bases.get(rule.base, 0)
            found[rule.place] = Estimate(rule, base, _amount(rule, base))
    return list(found.values())


def _applies(rule: Subsidy, facts: Facts, registered_on: date) -> bool:
    party = facts.seller if rule.side == "seller" else facts.buyer
    if party is None or not (party.region_code or "").startswith(rule.region_code.rstrip("0")):
        return False
    if rule.payee_groups and party.party_group not in rule.payee_groups:
        return False
    if rule.categories and facts.category not in rule.categories:
        return False
    return rule.valid_from <= registered_on and (rule.valid_to is None or registered_on <= rule.valid_to)


def _amount(rule: Subsidy, base: int) -> int | None:
    if rule.percent is None or not rule.verified:
        return None
    amount = part_of(base, rule.percent)
    return min(amount, rule.cap_yuan * 100) if rule.cap_yuan is not None else amount


def tax_hints(content: Content, on: date) -> list[TaxHint]:
    """Choose the hints for a contract of a day: by category, for 咨询 and 服务 only beside a main contract, cross-border."""
    category = content.contract_category or ""
    return [
        hint
        for hint in _hints()
        if hint.dated <= on
        and (
            (hint.cross_border and content.cross_border in ("import", "export"))
            or (category in hint.categories and (category not in hint.linked_only or content.main_contract))
        )
    ]


@cache
def subsidies() -> tuple[Subsidy, ...]:
    """Read the dated rules on subsidies of the release."""
    return tuple(
        Subsidy(
            **{
                **row,
                "valid_from": date.fromisoformat(row["valid_from"]),
                "valid_to": date.fromisoformat(row["valid_to"]) if row["valid_to"] else None,
                "percent": Decimal(row["percent"]) if row["percent"] else None,
                "categories": tuple(row["categories"]),
                "payee_groups": tuple(row["payee_groups"]),
            }
        )
        for row in _data()["subsidies"]
    )


def publicity_source() -> str:
    """Say in words where the number of days of publicity was seen."""
    return str(_data()["publicity_source"])


@cache
def _hints() -> tuple[TaxHint, ...]:
    return tuple(
        TaxHint(
            **{
                **row,
                "dated": date.fromisoformat(row["dated"]),
                "categories": tuple(row["categories"]),
                "linked_only": tuple(row["linked_only"]),
            }
        )
        for row in _data()["tax_hints"]
    )


@cache
def _data() -> dict[str, Any]:
    found: dict[str, Any] = json.loads(SHIPPED.read_text(encoding="utf-8"))
    return found


def receipt_problems(received: Sequence[tuple[date, str, int]], today: date, before: int = 0) -> list[FieldError]:
    """List what is wrong with lines of the receipts ledger, (day, kind, fen) each, after `before` fen in it.

    A day to come, zero or less that is no correction, and more taken off than ever came in.
    """
    found: list[FieldError] = []
    for index, (day, kind, amount) in enumerate(received):
        if day > today:
            found.append(FieldError(f"receipts.{index}.received_on", "date_in_future", {"today": today.isoformat()}))
        if amount == 0 or (amount < 0 and kind != "correction"):
            found.append(FieldError(f"receipts.{index}.amount_fen", "amount_not_positive"))
    if before + sum(amount for _day, _kind, amount in received) < 0:
        found.append(FieldError("receipts.0.amount_fen", "more_taken_off_than_received"))
    return found
