"""From a text to its quantities: numbers are found, then their unit, range, tolerance, and the words around them are read."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace

from search.quantities import comparisons, literals, names, units
from search.quantities.comparisons import Comparison
from search.quantities.folding import fold
from search.quantities.literals import LITERAL, Literal, tidy
from search.quantities.masks import Mask
from search.quantities.units import Unit

_BLANK = re.compile(r"\s{0,2}")
_TO = re.compile(r"\s?(?:--|-|~|至|到|÷)\s?")
_BY = re.compile(r"\s?[×xX*]\s?[φ]?(?=\d)")
_LISTED = re.compile(r"\s?(?:、|和|或|及|与|/)\s?(?:[φ])?(?=\d)")
_PLUS_MINUS = re.compile(r"\s?(?:±|\+/-|\+-)\s?$")
_PLUS_MINUS_AFTER = re.compile(r"\s?\(?(?:±|\+/-|\+-)\s?(?=\d)")
_BEFORE_NO_SIGN = re.compile(r"[A-Za-z0-9%℃°)\]】）]")
_GLUED = re.compile(r"[A-Za-z_<>@#]$")
_GLUED_BY_DASH = re.compile(r"[A-Za-z0-9)\]】）\u4e00-\u9fff][-+.]$")
_ANGLED = re.compile(r"(?:[\s\u4e00-\u9fff:(,，;；。≥≤=]|^)>?=?<?$")
_VAGUE = re.compile(r"[数几第零每两单上百千]$")
_PURE = re.compile(
    r"(?:[pP][hH]\s?值?|酸碱度|折射率|折光率|系数|介电常数|相对密度|比重|信噪比|长径比|径厚比|AUC|R2|R²|准确率|精确率|召回率|灵敏度|特异性|因数)\s?(?:范围|调节|调整|控制|稳定|保持)?(?:在|为|至|到|是|达到?|:|=|约|\s)*$"
)
_FORMULA = re.compile(r"(?:^|[^A-Za-z\u4e00-\u9fff])[A-Za-zα-ω][A-Za-z0-9α-ω]{0,2}\s?$|[\d)\]}|]\s?$")
_FORMULA_AFTER = re.compile(r"\s?(?:≤|<|>|≥|=|\+|\*)\s?[A-Za-zα-ω0-9]")
_DIAMETER = re.compile(r"φ\s?$")
_RECENT = re.compile(r"近\s*$")
_TIME_OF_HAN = frozenset(
    {
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
    }
)
_MILLIMETRE = Unit("mm", "length", 0)
_YUAN = "CNY"


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


@dataclass(frozen=True, slots=True)
class _Draft:
    """What was read at one number: its value or interval, its unit, and how far it reaches."""

    start: int
    end: int
    low: float
    high: float
    unit: Unit | None
    comparison: Comparison = "eq"
    more: bool = False
    diameter: bool = False


def find_quantities(text: str) -> list[Quantity]:
    """Find all quantities of a text, in their order. Never fails; a text without digits costs one pass."""
    return _Reader(text).all()


class _Reader:
    """Reads one text; holds the folded line, the mask and how far it has come."""

    def __init__(self, text: str) -> None:
        self.line = fold(text)
        self.mask = Mask(self.line)
        self.reached = 0

    def all(self) -> list[Quantity]:
        """Read from the first number to the last."""
        found: list[Quantity] = []
        place = 0
        while hit := LITERAL.search(self.line, place):
            if masked := self.mask.end(hit.start()):
                self.reached = place = masked
                continue
            place = hit.end()
            literal = literals.read(self.line, hit)
            if literal is None:
                continue
            for draft in list(self._drafts(literal)):
                quantity = self._finish(draft, last=self.reached)
                if quantity is not None:
                    found.append(quantity)
                    self.reached = place = max(place, quantity.end)
        return found

    # ---- the number and what belongs to it

    def _drafts(self, literal: Literal) -> Iterator[_Draft]:
        """Read a number with its unit, its other end, its tolerance, or the further sides of a size."""
        start, sign = self._sign(literal.start)
        if self._is_glued(start) or (literal.han and _VAGUE.search(self.line, max(0, start - 1), start)):
            return
        first = replace(literal, value=sign * literal.value)
        unit = self._unit(first, first.end)
        end = unit.end if unit else first.end
        if left := _PLUS_MINUS.search(self.line, max(0, start - 4), start):
            if unit is not None:
                yield _Draft(left.start(), end, -first.value, first.value, unit, "tolerance")
            return
        diameter = _DIAMETER.search(self.line, max(0, start - 2), start)
        begin = diameter.start() if diameter else start
        several = self._tolerance(first, begin, unit, end) or self._range(first, begin, unit, end)
        if several is not None:
            yield replace(several, diameter=bool(diameter))
            return
        if unit is None or _BY.match(self.line, end):
            row = self._row(first, begin, unit, end, diameter=bool(diameter))
            if row:
                yield from row
                return
        yield _Draft(begin, end, first.value, first.value, unit, "eq", first.more, bool(diameter))

    def _sign(self, start: int) -> tuple[int, int]:
        """Tell whether a dash before a number is its sign: not after a digit, a letter or a unit."""
        if start > self.reached and self.line[start - 1] in "-+" and self.line[start - 3 : start] != "+/-":
            before = self.line[start - 2 : start - 1]
            if not _BEFORE_NO_SIGN.match(before):
                return start - 1, -1 if self.line[start - 1] == "-" else 1
        if start and self.line[start - 2 : start] == "零下":
            return start - 2, -1
        return start, 1

    def _is_glued(self, start: int) -> bool:
        """Tell whether a number is part of a longer name: PA66, K-1, 数十, 3.2.1."""
        if start <= self.reached and start:
            return False
        left = self.line[max(0, start - 3) : start]
        if left[-1:] in "<>":
            return (
                not _ANGLED.search(self.line[max(0, start - 4) : start])
                and not left[-2:-1].isalnum()
                and left[-2:-1] not in ")%"
            )
        if _GLUED.search(left):
            return True
        return (bool(_GLUED_BY_DASH.search(left)) and left[-1] != "-") or bool(re.search(r"[A-Za-z0-9)\]]-$", left))

    def _unit(self, literal: Literal, place: int) -> Unit | None:
        """Read the unit after a number; Han numbers take fewer units, for 一个 and 三层 count nothing."""
        if literal.share:
            return Unit(literal.share, "share", place)
        blank = _BLANK.match(self.line, place)
        at = blank.end() if blank else place
        unit = units.read(self.line, at)
        if unit is None:
            money = literal.scale >= 10_000 and not literal.more and comparisons.is_money(self.line, literal.start)
            return Unit(_YUAN, "money", place) if money else None
        if literal.han and not self._suits_han(literal, unit, at):
            return None
        return unit

    def _suits_han(self, literal: Literal, unit: Unit, at: int) -> bool:
        if literal.value >= 10 and unit.kind == "count":
            return True
        return (
            unit.kind in _TIME_OF_HAN | {"compound"}
            and self.line[at] not in "道方度目周分尺寸"
            and not self.line[at].isascii()
        )

    def _next(self, place: int, joint: re.Pattern[str]) -> tuple[Literal, Unit | None, int] | None:
        """Read a joint and the number and unit that follow it."""
        hit = joint.match(self.line, place)
        if hit is None:
            return None
        at, sign = hit.end(), 1
        if self.line[at : at + 1] in {"-", "+"}:
            sign, at = (-1 if self.line[at] == "-" else 1), at + 1
        if self.line[at : at + 1] == "φ":
            at += 1
        number = LITERAL.match(self.line, at)
        literal = literals.read(self.line, number) if number else None
        if literal is None:
            return None
        literal = replace(literal, value=sign * literal.value)
        unit = self._unit(literal, literal.end)
        return literal, unit, unit.end if unit else literal.end

    def _range(self, first: Literal, begin: int, unit: Unit | None, end: int) -> _Draft | None:
        following = self._next(end, _TO)
        if following is None:
            return None
        second, other, finish = following
        if (unit and other and unit.ascii != other.ascii) or (unit and not other and not self._may_share(unit)):
            return None
        low, high = first.value, second.value
        # 30-50万 means both in 万; 500-1万 does not.
        if (
            second.scale > 1
            and first.scale == 1
            and (unit is None or unit.kind == "money")
            and low * second.scale <= high
        ):
            low = tidy(low * second.scale)
        if low > high and (first.han or second.han):
            return None
        whole = other or unit
        return _Draft(begin, finish, min(low, high), max(low, high), whole, "between", diameter=False)

    @staticmethod
    def _may_share(unit: Unit) -> bool:
        return unit.kind in {"share", "temperature", "length"}

    def _tolerance(self, first: Literal, begin: int, unit: Unit | None, end: int) -> _Draft | None:
        """Read 25±2℃ and 50mm±0.5mm; a tolerance in another unit (10mm±5%) stands for itself."""
        following = self._next(end, _PLUS_MINUS_AFTER)
        if following is None:
            return None
        second, other, finish = following
        if unit and other and unit.ascii != other.ascii:
            return None
        if self.line[end : end + 2].lstrip().startswith("(") and self.line[finish : finish + 1] == ")":
            finish += 1
        low, high = tidy(first.value - second.value), tidy(first.value + second.value)
        return _Draft(begin, finish, low, high, other or unit, "tolerance")

    def _row(self, first: Literal, begin: int, unit: Unit | None, end: int, *, diameter: bool) -> list[_Draft]:
        """Read the sides of a size (100×200×300mm, φ50×200) or a list with one unit (0.1、0.5和1mm); [] for neither."""
        parts = [(begin, end, first.value, unit)]
        joint = _BY if _BY.match(self.line, end) else _LISTED
        while following := self._next(parts[-1][1], joint):
            literal, other, finish = following
            parts.append((literal.start, finish, literal.value, other))
            if joint is _LISTED and other is not None:
                break
        shared = next((part[3] for part in reversed(parts) if part[3]), _MILLIMETRE if diameter else None)
        if len(parts) == 1 or shared is None or (joint is _BY and shared.kind not in {"length", "data"}):
            return []
        return [_Draft(a, b, value, value, own or shared) for a, b, value, own in parts]

    # ---- the words around it

    def _finish(self, draft: _Draft, last: int) -> Quantity | None:
        """Add comparison, change and period; None for a number that measures nothing."""
        told = comparisons.before(self.line, draft.start)
        if told is not None and told.start < last:
            told = None
        unit, end = draft.unit, draft.end
        if unit is None and draft.diameter:
            unit = _MILLIMETRE
        if unit is None:
            if not self._is_pure(draft, told):
                return None
            unit = Unit("", "pure", end)
        comparison, low, high, start = self._compared(draft, told)
        if said := comparisons.after(self.line, end, unit.kind):
            suffix, end = said
            if comparison in {"eq", "approx"} and not (told and told.comparison != "approx"):
                comparison, (low, high) = suffix, self._ends(suffix, draft)
        quantity = Quantity(start, end, comparison, low, high, unit.ascii)
        return self._named(self._by_period(self._changed(quantity, unit, told), unit, last), last)

    def _compared(
        self, draft: _Draft, told: comparisons.Before | None
    ) -> tuple[Comparison, float | None, float | None, int]:
        comparison = draft.comparison
        if comparison != "eq" or told is None:
            if comparison == "eq" and draft.more:
                return "gt", draft.low, None, draft.start
            return comparison, draft.low, draft.high, told.start if told else draft.start
        if told.comparison == "approx" and self._is_recent(draft):
            return "eq", draft.low, draft.high, draft.start
        return told.comparison, *self._ends(told.comparison, draft), told.start

    def _is_recent(self, draft: _Draft) -> bool:
        """Tell 近三年 (the last three years) from 近30吨 (almost)."""
        recent = _RECENT.search(self.line, max(0, draft.start - 3), draft.start)
        return bool(recent) and draft.unit is not None and draft.unit.kind == "time"

    @staticmethod
    def _ends(comparison: Comparison, draft: _Draft) -> tuple[float | None, float | None]:
        if comparison in {"ge", "gt"}:
            return draft.low, None
        if comparison in {"le", "lt"}:
            return None, draft.high
        return draft.low, draft.high

    def _changed(self, quantity: Quantity, unit: Unit, told: comparisons.Before | None) -> Quantity:
        compared = told is not None and told.comparison != "approx"
        found = comparisons.change(self.line, quantity.start, unit.kind, compared=compared)
        if found is None or quantity.comparison == "tolerance" or unit.kind == "pure":
            return quantity
        return replace(
            quantity, comparison="change", relative=True, falls=found.falls, start=min(quantity.start, found.start)
        )

    def _by_period(self, quantity: Quantity, unit: Unit, last: int) -> Quantity:
        found = comparisons.period(self.line, quantity.start)
        if (
            found is None
            or found.start < last
            or quantity.relative
            or unit.kind not in {"mass", "volume", "count", "energy", "money", "area"}
        ):
            return quantity
        start = found.start if found.adjacent else quantity.start
        name = found.word if found.adjacent else ""
        return replace(quantity, unit=units.per(unit, found.unit).ascii, start=start, name=name)

    def _named(self, quantity: Quantity, last: int) -> Quantity:
        if quantity.name:
            return quantity
        return replace(quantity, name=names.name_of(self.line, last, quantity.start, quantity.end))

    def _is_pure(self, draft: _Draft, told: comparisons.Before | None) -> bool:
        """Tell whether a number without a unit measures something: pH 6-8, 折射率为1.5, 数量不少于3."""
        start = told.start if told else draft.start
        left = self.line[max(0, start - comparisons.WINDOW) : start]
        if re.match(r"\s?[A-Za-z\u4e00-\u9fff×*^/\[]", self.line[draft.end : draft.end + 2]) and not _PURE.search(left):
            return False
        if _PURE.search(left):
            return True
        if told is None or told.comparison == "approx" or draft.comparison == "tolerance":
            return False
        return (
            bool(left)
            and not _FORMULA.search(left)
            and not _FORMULA_AFTER.match(self.line, draft.end)
            and bool(re.search(r"[\u4e00-\u9fff]\s?$", left))
        )
