"""What is typed in beside the ledger: the plan's indicators, GDP by version, targets."""

from dataclasses import dataclass
from decimal import Decimal

from sqlmodel import Session, col, select

from services.ground import audit, clock, market, reference
from services.ground.actor import Actor
from services.ground.money import FEN_IN, half_up
from services.ground.permissions import require
from services.indicators.models import GdpVersion, Target
from services.indicators.plan_sets import shipped
from services.indicators.schemas import GdpIn, IndicatorOut


def computed_code() -> str:
    """Give the code of the one indicator that is computed here; the others are typed in."""
    return str(reference.document("market")["indicator_code"])


def indicators(session: Session) -> list[IndicatorOut]:
    """List the plan's indicators with base and target as printed there, and where the plan contradicts itself."""
    notes: dict[str, list[str]] = {}
    for note in reference.document("plan_notes"):
        notes.setdefault(note["indicator"], []).append(note["text"])
    printed = shipped()[-1]
    return [
        IndicatorOut(
            code=entry.code,
            title=entry.name,
            base=printed.bases.get(entry.code, ""),
            target=printed.targets.get(entry.code, ""),
            unit=str(entry.attributes["unit"]),
            computed=entry.code == computed_code(),
            notes=notes.get(entry.code, []),
        )
        for entry in reference.entries(session, "plan_indicator")
    ]


def enter_gdp(session: Session, actor: Actor, data: GdpIn) -> int:
    """Enter a GDP figure with its source; the newest of a year counts, older ones stay on record. Returns fen."""
    require(actor, "indicator.manage")
    value = int(half_up(Decimal(data.value_yi) * FEN_IN["亿元"], 0))
    session.add(
        GdpVersion(
            year=data.year,
            value_fen=value,
            kind=data.kind,
            source=data.source,
            published_on=data.published_on,
            entered_at=clock.now(),
            entered_by=actor.person_id,
            demo=market.is_demo(session),
        )
    )
    session.flush()
    audit.record(session, actor, "indicator.gdp", "indicator", computed_code(), year=data.year, value_fen=value)
    return value


def gdp_in_force(session: Session) -> dict[int, GdpVersion]:
    """Give the GDP that counts for each year: the last one entered, else the one in the release's data."""
    found = {
        row["year"]: GdpVersion(
            year=row["year"],
            value_fen=int(Decimal(row["value_yi"]) * FEN_IN["亿元"]),
            kind=row["kind"],
            source=row["source"],
            mark=row["mark"],
            note=row["note"],
            entered_at=clock.now(),
        )
        for row in reference.document("gdp")
    }
    for entered in session.exec(select(GdpVersion).order_by(col(GdpVersion.id))):
        found[entered.year] = entered
    return found


def gdp_of(session: Session, year: int) -> int | None:
    """Give the GDP in fen that counts for one year, as `gdp_in_force` does for all; None where there is none."""
    entered = select(GdpVersion.value_fen).where(GdpVersion.year == year).order_by(col(GdpVersion.id).desc()).limit(1)
    found = session.exec(entered).first()
    if found is not None:
        return found
    shipped = [row["value_yi"] for row in reference.document("gdp") if row["year"] == year]
    return int(Decimal(shipped[-1]) * FEN_IN["亿元"]) if shipped else None


@dataclass(frozen=True)
class Goal:
    """A share of GDP to reach in a year, in percent as written, and where it is written."""

    year: int
    value: str
    label: str
    source: str


def targets(session: Session) -> list[Goal]:
    """List every target for the share: those of the plan, and those entered later beside them."""
    plan = [Goal(row["year"], row["value"], row["label"], row["source"]) for row in reference.document("targets")]
    newest: dict[tuple[int, str], Target] = {}
    wanted = select(Target).where(Target.indicator == computed_code(), Target.measure == "value")
    for row in session.exec(wanted.order_by(col(Target.id))):
        newest[row.year, row.label] = row
    more = [row for row in newest.values() if not row.withdrawn]
    return plan + [Goal(row.year, row.value, row.label, row.source) for row in more]


def goals_of(goals: list[Goal], year: int) -> list[Goal]:
    """Choose what a year is measured against: the targets of the nearest year to come, after the last one the last ones."""
    coming = [goal.year for goal in goals if goal.year >= year]
    chosen = min(coming) if coming else max((goal.year for goal in goals), default=0)
    return [goal for goal in goals if goal.year == chosen]
