"""One number with all that belongs to it by its signs: unit, other end, tolerance, the further sides of a size."""

import re
from dataclasses import dataclass, replace

from search.quantities import comparisons, literals, units
from search.quantities.comparisons import Comparison
from search.quantities.literals import LITERAL, Literal, tidy
from search.quantities.units import Unit

_BLANK = re.compile(r"\s{0,2}")
_TO = re.compile(r"\s?(?:--|-|~|至|到|÷)\s?")
_BY = re.compile(r"\s?[×xX*]\s?φ?(?=\d)")
_LISTED = re.compile(r"\s?[、和或及与/]\s?φ?(?=\d)")
_PLUS_MINUS = re.compile(r"\s?(?:±|\+/-|\+-)\s?$")
_PLUS_MINUS_AFTER = re.compile(r"\s?\(?(?:±|\+/-|\+-)\s?(?=\d)")
_BRACKETED = re.compile(r"\(\s?(?P<low>-?\d+(?:\.\d+)?)\s?(?P<joint>[-~±])\s?(?P<high>-?\d+(?:\.\d+)?)\s?\)\s?")
_MIDDLE = re.compile(r"\s?[≤<]\s?(?P<middle>[A-Za-zα-ω]{1,4}\d?|[\u4e00-\u9fff]{1,6})\s?(?P<sign>[≤<])")
_LESS = re.compile(r"[≤<]=?\s?")
_NO_SIGN_AFTER = re.compile(r"[A-Za-z0-9%℃°)\]】]")
_PART_OF_A_NAME = re.compile(r"[A-Za-z_@#]$|[A-Za-z0-9)\]]-$|[A-Za-z0-9)\]】\u4e00-\u9fff][+.]$")
_PH = re.compile(r"[pP][hH]$")
_VAGUE = re.compile(r"[数几第零两单上百千]$")
"""Before a number in Han characters: 数十, 几百, 第三."""
_HARDNESS = re.compile(r"(?P<unit>HRC|HRB|HRA|HBW|HB|HV)\s?$")
"""Hardness is written before its number: HRC 58-62."""
_DIAMETER = re.compile(r"φ\s?$")

OF_BOTH_ENDS = frozenset({"share", "temperature", "length", "hardness"})
"""Kinds whose unit may stand at the first end of a range only: 10%~20."""
OF_HAN_NUMBERS = frozenset(
    [
        "time",
        "mass",
        "length",
        "area",
        "volume",
        "share",
        "ratio",
        "money",
        "temperature",
        "energy",
        "power",
        "electric",
        "compound",
    ]
)
"""Kinds that numbers in Han characters measure. What they count below ten is no quantity: 一个, 三层."""
AMBIGUOUS_IN_HAN = "道方度目周分尺寸"
MILLIMETRE = Unit("mm", "length", 0)
"""Drawings leave it out: GB/T 4458.4-2003."""
MOST_IN_A_ROW = 12
"""Longer rows of numbers without a unit are tables; each of their numbers would look along the whole row."""
MONEY_FROM = 10_000
"""From 万 on a bare number in a clause about money is an amount."""


@dataclass(frozen=True, slots=True)
class Span:
    """What was read at one number: its value or interval, its unit, and how far it reaches in the folded line."""

    start: int
    end: int
    low: float
    high: float
    unit: Unit | None
    comparison: Comparison = "eq"
    more: bool = False


@dataclass(frozen=True, slots=True)
class _Number:
    """A literal with its sign and unit; `start` includes the sign, φ or HRC before it."""

    literal: Literal
    start: int
    end: int
    value: float
    unit: Unit | None


def read(line: str, literal: Literal, reached: int) -> list[Span]:
    """Read the spans that begin at a literal; `reached` is where the last quantity ended. [] when it names something."""
    start, sign = _sign(line, literal.start, reached)
    hardness = _HARDNESS.search(line, max(0, start - 4), start)
    diameter = _DIAMETER.search(line, max(0, start - 2), start)
    if _is_part_of_a_name(line, start, reached, literal) and not hardness:
        return []
    unit = _unit(line, literal)
    end = unit.end if unit else literal.end
    if left := _PLUS_MINUS.search(line, max(0, start - 4), start):
        return [Span(left.start(), end, -literal.value, literal.value, unit, "tolerance")] if unit else []
    if unit is None and hardness:
        unit = Unit(hardness["unit"], "hardness", end)
    begin = min(hit.start() if hit else start for hit in (diameter, hardness))
    first = _Number(literal, begin, end, sign * literal.value, unit)
    whole = _bracketed(line, first) or _two_sided(line, first) or _tolerance(line, first) or _range(line, first)
    if whole is not None:
        return [whole if whole.unit or not diameter else replace(whole, unit=MILLIMETRE)]
    row = _row(line, first, MILLIMETRE if diameter else None)
    alone = unit or (MILLIMETRE if diameter else None)
    return row or [Span(begin, end, first.value, first.value, alone, "eq", literal.more)]


def _sign(line: str, start: int, reached: int) -> tuple[int, int]:
    """Tell whether a dash before a number is its sign: not after a digit, a letter or a unit."""
    if line[max(0, start - 2) : start] == "零下":
        return start - 2, -1
    if start <= reached or line[start - 1] not in "-+" or line[max(0, start - 3) : start] == "+/-":
        return start, 1
    if _NO_SIGN_AFTER.match(line[max(0, start - 2) : start - 1]):
        return start, 1
    return start - 1, -1 if line[start - 1] == "-" else 1


def _is_part_of_a_name(line: str, start: int, reached: int, literal: Literal) -> bool:
    """Tell whether a number belongs to a longer name: PA66, K-1, 3.2.1, 数十."""
    if literal.han and _VAGUE.search(line, max(0, start - 1), start):
        return True
    if _PH.search(line, max(0, start - 2), start):
        return False
    return start > reached and bool(_PART_OF_A_NAME.search(line, max(0, start - 3), start))


def _unit(line: str, literal: Literal) -> Unit | None:
    """Read the unit after a number; numbers in Han characters take fewer units."""
    if literal.share:
        return Unit(literal.share, "share", literal.end)
    blank = _BLANK.match(line, literal.end)
    at = blank.end() if blank else literal.end
    unit = units.read(line, at)
    if unit is None:
        money = literal.scale >= MONEY_FROM and not literal.more and comparisons.is_money(line, literal.start)
        return Unit("CNY", "money", literal.end) if money else None
    return unit if not literal.han or _suits_han(literal, unit, line[at]) else None


def _suits_han(literal: Literal, unit: Unit, written: str) -> bool:
    if unit.kind == "count":
        return literal.value >= 10
    return unit.kind in OF_HAN_NUMBERS and written not in AMBIGUOUS_IN_HAN and not written.isascii()


def _next(line: str, place: int, joint: re.Pattern[str]) -> _Number | None:
    """Read a joint and the number and unit that follow it."""
    hit = joint.match(line, place)
    if hit is None:
        return None
    at, sign = hit.end(), 1
    if line[at : at + 1] in {"-", "+"}:
        sign, at = (-1 if line[at] == "-" else 1), at + 1
    if line[at : at + 1] == "φ":
        at += 1
    number = LITERAL.match(line, at)
    literal = literals.read(line, number) if number else None
    if literal is None:
        return None
    unit = _unit(line, literal)
    return _Number(literal, literal.start, unit.end if unit else literal.end, sign * literal.value, unit)


def _bracketed(line: str, first: _Number) -> Span | None:
    """Read (1-6)km and (63.5±19.5)mL."""
    hit = _BRACKETED.match(line, first.start - 1) if first.start else None
    unit = units.read(line, hit.end()) if hit else None
    if hit is None or unit is None:
        return None
    one, other = float(hit["low"]), float(hit["high"])
    if hit["joint"] == "±":
        return Span(hit.start(), unit.end, tidy(one - other), tidy(one + other), unit, "tolerance")
    return Span(hit.start(), unit.end, min(one, other), max(one, other), unit, "between")


def _two_sided(line: str, first: _Number) -> Span | None:
    """Read 180≤HB<240 and 5mm≤d≤10mm; without a unit it is the domain of a variable."""
    hit = _MIDDLE.match(line, first.end)
    second = _next(line, hit.start("sign"), _LESS) if hit else None
    if hit is None or second is None or second.value < first.value or _differ(first.unit, second.unit):
        return None
    middle = units.read(hit["middle"], 0) if _HARDNESS.fullmatch(hit["middle"]) else None
    unit = second.unit or first.unit or (Unit(middle.ascii, "hardness", second.end) if middle else None)
    return Span(first.start, second.end, first.value, second.value, unit, "between") if unit else None


def _tolerance(line: str, first: _Number) -> Span | None:
    """Read 25±2℃ and 50mm±0.5mm; a tolerance in another unit (220V±10%) stands for itself."""
    second = _next(line, first.end, _PLUS_MINUS_AFTER)
    if second is None or _differ(first.unit, second.unit):
        return None
    opened = line[first.end : first.end + 2].lstrip().startswith("(")
    end = second.end + (opened and line[second.end : second.end + 1] == ")")
    low, high = tidy(first.value - second.value), tidy(first.value + second.value)
    return Span(first.start, end, low, high, second.unit or first.unit, "tolerance")


def _range(line: str, first: _Number) -> Span | None:
    """Read 1~3mm, 10%-20%, 30-50万."""
    second = _next(line, first.end, _TO)
    if second is None or _differ(first.unit, second.unit):
        return None
    if first.unit and not second.unit and first.unit.kind not in OF_BOTH_ENDS:
        return None
    low, high = first.value, second.value
    scale = second.literal.scale
    # 30-50万 means both in 万; 500-1万 does not.
    if scale > 1 and first.literal.scale == 1 and first.unit is None and low * scale <= high:
        low = tidy(low * scale)
    if low > high and (first.literal.han or second.literal.han):
        return None
    return Span(first.start, second.end, min(low, high), max(low, high), second.unit or first.unit, "between")


def _differ(one: Unit | None, other: Unit | None) -> bool:
    return one is not None and other is not None and one.ascii != other.ascii


def _row(line: str, first: _Number, drawn_in: Unit | None) -> list[Span]:
    """Read the sides of a size (100×200×300mm, φ50×200) or a list with one unit (0.1、0.5和1mm); [] for neither."""
    by = _BY.match(line, first.end)
    if first.unit is not None and not by:
        return []
    joint = _BY if by else _LISTED
    parts = [first]
    while len(parts) < MOST_IN_A_ROW and (following := _next(line, parts[-1].end, joint)):
        parts.append(following)
        if joint is _LISTED and following.unit is not None:
            break
    shared = next((part.unit for part in reversed(parts) if part.unit), drawn_in)
    if len(parts) == 1 or shared is None or (by and shared.kind not in {"length", "data"}):
        return []
    return [Span(part.start, part.end, part.value, part.value, part.unit or shared) for part in parts]
