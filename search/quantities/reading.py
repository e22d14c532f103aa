"""From a text to its quantities: numbers are found, each with what belongs to it, then the words around are read."""

import re
from dataclasses import dataclass, replace

from search.folding import fold
from search.quantities import comparisons, literals, names, spans, units
from search.quantities.comparisons import Before, Comparison
from search.quantities.literals import LITERAL
from search.quantities.masks import Mask
from search.quantities.spans import Span
from search.quantities.units import Unit

_SAID = r"(?:在|为|至|到|是|达到?|:|=|约|\s)*$"
_PURE = re.compile(
    r"(?:[pP][hH]\s?值?|酸碱度|折射率|折光率|系数|介电常数|相对密度|比重|信噪比|长径比|径厚比|AUC|曲线下面积|R2|R²|准确率|精确率|召回率|"
    rf"灵敏度|特异性|因数)\s?(?:范围|调节|调整|控制|稳定|保持)?{_SAID}"
)
"""Names of things that are measured without a unit."""
_MEASURED = re.compile(rf"[\u4e00-\u9fff](?:度|因子|指数|比值)\s?{_SAID}")
_GOES_ON = re.compile(r"\s?(?:[A-Za-z×*^/\[]|(?![时的则且并或和后及至到])[\u4e00-\u9fff])")
_HAN_BEFORE = re.compile(r"[\u4e00-\u9fff]\s?$")
_FORMULA_AFTER = re.compile(r"\s?[≤<>≥=+*]\s?[A-Za-zα-ω0-9]")
_TABLE_UNIT = re.compile(r"(?:\((?P<inside>[^()\d]{1,12})\)|(?P<level>dB\(A\)|dB))\s?[:=]?\s?$")
_ROUGHNESS = re.compile(r"(?<![A-Za-z])R[az]\s?(?:为|:|=|\s)*$")
"""Given in micrometres: GB/T 1031-2009."""
_RECENT = re.compile(r"近\s*$")
_NOTHING_BETWEEN = re.compile(r"[\u4e00-\u9fff\s]{0,6}$")
EXTENSIVE = frozenset({"mass", "volume", "count", "energy", "money", "area"})
"""Kinds that are made or used by the day, year or 亩."""


@dataclass(frozen=True, slots=True)
class Quantity:
    """One statement about a measurable thing.

    `start` and `end` are characters of the text as given. `low` and `high` are multiplied out (3万吨 is 30000 t); None is an
    open end. `relative` statements say how much something changes (`falls`: becomes less), not what it is.
    """

    start: int
    end: int
    comparison: Comparison
    low: float | None
    high: float | None
    unit: str
    relative: bool = False
    name: str = ""
    falls: bool = False


def find_quantities(text: str) -> list[Quantity]:
    """Find all quantities of a text, in their order. Never fails; a text without digits costs one pass."""
    line = fold(text)
    mask = Mask(line)
    found: list[Quantity] = []
    place = reached = 0
    while hit := LITERAL.search(line, place):
        if masked := mask.end(hit.start()):
            reached = place = masked
            continue
        place = hit.end()
        literal = literals.read(line, hit)
        for span in spans.read(line, literal, reached) if literal else ():
            quantity = _finish(line, span, reached, found[-1] if found else None)
            if quantity is not None:
                found.append(quantity)
                reached = place = max(place, quantity.end)
    return found


def _finish(line: str, span: Span, reached: int, last: Quantity | None) -> Quantity | None:
    """Add comparison, change, period and name; None for a number that measures nothing."""
    told = comparisons.before(line, span.start)
    if told is not None and told.start < reached:
        told = None
    unit = span.unit or _unit_before(line, span, told)
    if unit is None:
        if not _is_pure(line, span, told):
            return None
        unit = Unit("", "pure", span.end)
    quantity = _with_comparison(line, span, told, unit)
    quantity = _with_change(line, quantity, unit, told)
    quantity = _with_period(line, quantity, unit, reached)
    return _with_name(line, quantity, reached, last)


# ---- comparison


def _with_comparison(line: str, span: Span, told: Before | None, unit: Unit) -> Quantity:
    """Read 不低于 before and 以上 after; what stands before wins, and a range stays a range."""
    comparison, start, end = span.comparison, told.start if told else span.start, span.end
    if comparison == "eq" and told is not None:
        if (
            told.comparison == "approx"
            and unit.kind == "time"
            and _RECENT.search(line, max(0, span.start - 3), span.start)
        ):
            # 近三年 are the last three years, not almost three.
            start = span.start
        else:
            comparison = told.comparison
    elif comparison == "eq" and span.more:
        comparison = "gt"
    if said := comparisons.after(line, end, unit.kind):
        end = said[1]
        if comparison in {"eq", "approx"}:
            comparison = said[0]
    low = None if comparison in {"le", "lt"} else span.low
    high = None if comparison in {"ge", "gt"} else span.high
    return Quantity(start, end, comparison, low, high, unit.ascii)


def _with_change(line: str, quantity: Quantity, unit: Unit, told: Before | None) -> Quantity:
    """Read 提高了, 比传统低: the statement is then about a change."""
    if quantity.comparison == "tolerance" or unit.kind == "pure":
        return quantity
    compared = told is not None and told.comparison != "approx"
    found = comparisons.change(line, quantity.start, unit.kind, compared=compared)
    if found is None:
        return quantity
    start = min(quantity.start, found.start)
    return replace(quantity, comparison="change", relative=True, falls=found.falls, start=start)


def _with_period(line: str, quantity: Quantity, unit: Unit, reached: int) -> Quantity:
    """Read 日产, 年处理废水, 每亩: what is counted is counted by it."""
    if quantity.relative or unit.kind not in EXTENSIVE:
        return quantity
    found = comparisons.period(line, quantity.start)
    if found is None or found.start < reached:
        return quantity
    by = replace(quantity, unit=units.per(unit, found.unit).ascii)
    return replace(by, start=found.start, name=found.word) if found.adjacent else by


def _with_name(line: str, quantity: Quantity, reached: int, last: Quantity | None) -> Quantity:
    if quantity.name:
        return quantity
    name = names.name_of(line, reached, quantity.start, quantity.end, quantity.unit)
    if not name and last is not None and _NOTHING_BETWEEN.fullmatch(line, last.end, quantity.start):
        # 吸附率在40min内达到36.6%: what the time was said of.
        name = last.name
    return replace(quantity, name=name)


# ---- numbers without a unit behind them


def _unit_before(line: str, span: Span, told: Before | None) -> Unit | None:
    """Read a unit that stands before its number, as in tables: 直径(mm)：≥50, 噪音dB(A):≤80."""
    if span.comparison == "tolerance":
        return None
    place = told.start if told else span.start
    left = line[max(0, place - comparisons.WINDOW) : place]
    if _ROUGHNESS.search(left):
        return Unit("um", "length", span.end)
    hit = _TABLE_UNIT.search(left)
    if hit is None:
        return None
    written = hit["inside"] or hit["level"]
    found = units.read(written, 0)
    return Unit(found.ascii, found.kind, span.end) if found and found.end == len(written) else None


def _is_pure(line: str, span: Span, told: Before | None) -> bool:
    """Tell whether a number without a unit measures something: pH 6-8, 折射率为1.5, 碱度0.3-1.5, 数量不少于3."""
    start = told.start if told else span.start
    left = line[max(0, start - comparisons.WINDOW) : start]
    if _PURE.search(left):
        return True
    if _GOES_ON.match(line, span.end):
        return False
    if _MEASURED.search(left) and span.low != int(span.low):
        return True
    if told is None or told.comparison == "approx" or span.comparison == "tolerance":
        return False
    return bool(_HAN_BEFORE.search(left)) and not _FORMULA_AFTER.match(line, span.end)
