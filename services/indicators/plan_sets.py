"""The plans that set targets: those of the release's data, and those entered here when the next plan comes out."""

import json
from dataclasses import dataclass, field
from decimal import Decimal
from functools import cache
from pathlib import Path
from typing import Any

from sqlmodel import Session, col, select

from services.ground import reference
from services.indicators.models import PlanSet

SHIPPED = Path(__file__).with_name("data") / "plans.json"


@dataclass(frozen=True)
class Growth:
    """One speed of GDP to reckon with, in percent a year."""

    label: str
    percent: Decimal


@dataclass(frozen=True)
class Plan:
    """One plan: where its box of indicators is printed, which years it is about, and how GDP is expected to grow."""

    code: str
    name: str
    short: str
    box: str
    base_year: int
    first_year: int
    last_year: int
    source: str
    mark: str
    growth: tuple[Growth, ...] = ()
    growth_source: str = ""
    bases: dict[str, str] = field(default_factory=dict)
    targets: dict[str, str] = field(default_factory=dict)
    """Targets as printed, of plans in the release's data; those of plans entered here are rows of `target`."""
    undefined: str = ""
    is_entered: bool = False

    @property
    def printed_in(self) -> str:
        """Say where its numbers are printed."""
        return f"{self.name}{self.box}"

    def target_label(self, year: int) -> str:
        """Give what a target of the plan is called."""
        return f"{year} 年目标（{self.short}）"


def plans(session: Session) -> list[Plan]:
    """List the plans that count, the earliest first."""
    entered = session.exec(select(PlanSet).where(col(PlanSet.withdrawn).is_(False)).order_by(col(PlanSet.id)))
    return sorted([*shipped(), *(_entered(row) for row in entered)], key=lambda plan: (plan.first_year, plan.code))


def plan_of(session: Session, year: int) -> Plan:
    """Give the plan that a year belongs to, else the last one before it, else the first there is."""
    known = plans(session)
    covering = [plan for plan in known if plan.first_year <= year <= plan.last_year]
    earlier = [plan for plan in known if plan.last_year < year]
    return (covering or earlier or known[:1])[-1]


def growth_for(session: Session, year: int) -> tuple[tuple[Growth, ...], str]:
    """Give the speeds of GDP to reckon a year with, and where they come from: those of its plan, else of the last before."""
    known = [plan for plan in plans(session) if plan.growth]
    upto = [plan for plan in known if plan.first_year <= year] or known[:1]
    return (upto[-1].growth, upto[-1].growth_source) if upto else ((), "")


def _entered(row: PlanSet) -> Plan:
    return Plan(
        code=row.code,
        name=row.name,
        short=row.short,
        box=row.box,
        base_year=row.base_year,
        first_year=row.first_year,
        last_year=row.last_year,
        source=row.source,
        mark="typed",
        growth=_growth(row.growth),
        growth_source=row.source,
        bases=dict(row.bases),
        is_entered=True,
    )


def _growth(rows: list[dict[str, str]]) -> tuple[Growth, ...]:
    return tuple(Growth(row["label"], Decimal(row["percent"])) for row in rows)


@cache
def shipped() -> tuple[Plan, ...]:
    """Read the plans of the release."""
    return tuple(_shipped(row) for row in json.loads(SHIPPED.read_text(encoding="utf-8")))


def _shipped(row: dict[str, Any]) -> Plan:
    entries = reference.entries(None, "plan_indicator")
    same = ("code", "name", "short", "box", "base_year", "first_year", "last_year", "source", "mark", "undefined")
    return Plan(
        **{name: row[name] for name in same},
        growth=_growth(row["growth"]),
        growth_source=row["growth_source"],
        bases={entry.code: str(entry.attributes[row["base_attribute"]]) for entry in entries},
        targets={entry.code: str(entry.attributes[row["target_attribute"]]) for entry in entries},
    )
