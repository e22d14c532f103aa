"""Parts of the indicator's page: the county table with its shares and growth, and the gap calculator."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal

from frontend.web import FormErrors, form_errors
from services.ground import clock, money
from services.ground.errors import Invalid
from services.indicators import rules
from services.indicators.pace import Pace, pace, read
from services.indicators.schemas import Breakdown, BreakdownRow, Years

FIELDS = {"plan_year": "年份", "target": "目标", "gdp": "预计 GDP", "so_far": "今年已登记"}


@dataclass
class RowView:
    """One row of a breakdown with its part of the whole and its growth over the year before, as text or "—"."""

    row: BreakdownRow
    part: str
    growth: str
    width: float


@dataclass
class Calculator:
    """The gap calculator: what was typed, what it means, and what has to be mended."""

    values: dict[str, str]
    answer: Pace | None = None
    errors: FormErrors = field(default_factory=FormErrors)


def with_growth(now: Breakdown, before: Breakdown) -> list[RowView]:
    """Put the part of the total and the growth beside each row, from what this reader may see and nothing else."""
    earlier = {row.value: row.amount_fen for row in before.rows}
    top = max([row.amount_fen or 0 for row in now.rows], default=0)
    found = []
    for row in now.rows:
        amount = row.amount_fen
        last = earlier.get(row.value)
        found.append(
            RowView(
                row=row,
                part=_part(amount, now.total_fen),
                growth=rules.growth(amount, last) if amount is not None else "…",
                width=100 * amount / top if amount and top > 0 else 0,
            )
        )
    return found


def _part(amount: int | None, total: int | None) -> str:
    if amount is None:
        return "…"
    part = rules.share(amount, total)
    return "—" if part is None else str(part)


def calculator(series: Years, typed: Mapping[str, str]) -> Calculator:
    """Reckon with what was typed; where nothing was, with this year's figures and the last GDP known."""
    today = clock.today()
    this_year = next((row for row in series.items if row.year == today.year), None)
    known = [row.gdp_fen for row in series.items if row.gdp_fen]
    gaps = series.items[-1].gaps if series.items else []
    values = {
        "plan_year": str(today.year),
        "target": max((gap.target for gap in gaps), key=Decimal, default=""),
        "gdp": money.yi(known[-1]) if known else "",
        "so_far": money.yi((this_year and this_year.amount_fen) or 0),
    } | {name: text for name, text in typed.items() if name in FIELDS}
    if not typed and not (values["target"] and values["gdp"]):
        return Calculator(values)
    try:
        year, target, gdp, so_far = read(values)
    except Invalid as error:
        return Calculator(values, errors=form_errors(error, FIELDS))
    return Calculator(values, pace(target, gdp, so_far, year, today))
