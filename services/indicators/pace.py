"""How much is missing to a target, and how fast it would have to come. No I/O."""

import calendar
import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from services.ground import money
from services.ground.errors import FieldError, Invalid
from services.ground.money import half_up
from services.indicators import rules


@dataclass(frozen=True)
class Pace:
    """The gap calculator's answer (reference, section 9.5), in fen; what cannot be computed is None."""

    needed_fen: int
    gap_fen: int
    months_left: Decimal
    per_month_needed_fen: int | None
    per_month_so_far_fen: int | None
    at_year_end_fen: int | None
    share_at_year_end: Decimal | None


def pace(target: Decimal, gdp_fen: int, so_far_fen: int, year: int, on: date) -> Pace:
    """Say what it takes to reach `target` percent of `gdp_fen` in `year` when `so_far_fen` is registered by `on`.

    Months are twelfths of the year's days, the day itself counted as passed. Before the year nothing can be said about
    the speed so far, after it nothing about the months left.
    """
    days = 366 if calendar.isleap(year) else 365
    passed = min(max((on - date(year, 1, 1)).days + 1, 0), days)
    months_passed = Decimal(passed) * 12 / days
    months_left = 12 - months_passed
    needed = int(half_up(target * gdp_fen / 100, 0))
    gap = needed - so_far_fen
    at_end = int(half_up(Decimal(so_far_fen) * days / passed, 0)) if passed else None
    return Pace(
        needed_fen=needed,
        gap_fen=gap,
        months_left=half_up(months_left),
        per_month_needed_fen=int(half_up(gap / months_left, 0)) if months_left and gap > 0 else None,
        per_month_so_far_fen=int(half_up(so_far_fen / months_passed, 0)) if passed else None,
        at_year_end_fen=at_end,
        share_at_year_end=rules.share(at_end, gdp_fen) if at_end is not None else None,
    )


def read(values: Mapping[str, str]) -> tuple[int, Decimal, int, int]:
    """Read what somebody typed: year, target in percent, GDP and amount so far in 亿元 (the last two come out in fen).

    Raises Invalid with every field that cannot be read.
    """
    wrong: list[FieldError] = []
    plain = {name: unicodedata.normalize("NFKC", text).strip() for name, text in values.items()}
    year = plain.get("plan_year", "")
    if not re.fullmatch(r"(19|20)\d\d", year):
        wrong.append(FieldError("plan_year", "pace_year_unreadable"))
    target = plain.get("target", "").removesuffix("%").strip()
    if not re.fullmatch(r"\d{1,2}(\.\d{1,4})?", target):
        wrong.append(FieldError("target", "pace_target_unreadable"))
    amounts = {}
    for name in ("gdp", "so_far"):
        try:
            amounts[name] = money.parse(plain.get(name, ""), "亿元")
        except ValueError:
            wrong.append(FieldError(name, "pace_amount_unreadable"))
    if amounts.get("gdp", 1) <= 0:
        wrong.append(FieldError("gdp", "pace_gdp_not_positive"))
    if wrong:
        raise Invalid(wrong)
    return int(year), Decimal(target), amounts["gdp"], amounts["so_far"]
