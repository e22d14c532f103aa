"""Which rules a contract is judged by: the set in force on the day of acceptance, with its parameters (section 6)."""

import json
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any

from services.contracts.checks import Limits
from services.contracts.deadlines import DayKind

SHIPPED = Path(__file__).with_name("data") / "rule_sets.json"


@dataclass(frozen=True)
class RuleSetView:
    """A rule set as the desk uses it. `verified` is False when its text was not read: pages say 规则文本未核对."""

    code: str
    title: str
    valid_from: date
    valid_to: date | None
    verified: bool
    source: str
    note: str
    parameters: dict[str, Any]
    issued_on: date | None = None

    @property
    def limits(self) -> Limits:
        """Give the numbers from which a person should look twice."""
        known = {name: self.parameters[name] for name in Limits.__dataclass_fields__ if name in self.parameters}
        return Limits(**known)

    @property
    def second_person(self) -> bool:
        """Say whether the official number has to be recorded by another person than the one who accepted."""
        return bool(self.parameters.get("second_person", True))

    def decision_days(self, *, experts: bool) -> tuple[int, DayKind]:
        """Give how long a decision may take, and in which kind of days."""
        days = self.parameters.get("expert_decision_days") if experts else None
        kind: DayKind = self.parameters["decision_day_kind"]
        return int(days or self.parameters["decision_days"]), kind


def in_force(rule_sets: Iterable[RuleSetView], on: date) -> RuleSetView | None:
    """Choose the set in force on a day: the latest that has begun and has not ended."""
    begun = [
        rules for rules in rule_sets if rules.valid_from <= on and (rules.valid_to is None or on <= rules.valid_to)
    ]
    return max(begun, key=lambda rules: rules.valid_from, default=None)


@cache
def shipped() -> tuple[RuleSetView, ...]:
    """Read the rule sets of the release, once per process. A change of the rules is a new set with a code of its own."""
    rows = json.loads(SHIPPED.read_text(encoding="utf-8"))["rule_sets"]
    return tuple(RuleSetView(**{**row, **_dates(row)}) for row in rows)


def _dates(row: dict[str, Any]) -> dict[str, date | None]:
    names = ("issued_on", "valid_from", "valid_to")
    return {name: date.fromisoformat(row[name]) if row[name] else None for name in names}
