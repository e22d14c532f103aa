"""A 技术指标 that is asked for, beside what a record says of it: in rows of its own, or in a sentence.

Names must mean the same thing and units the same dimension, else nothing is said: a wrong 不满足 costs a deal.
"""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Literal

from search import synonyms, text
from search.quantities import Quantity, find_quantities
from search.quantities.comparisons import Comparison
from search.quantities.conversion import Incomparable, convert, read_unit
from search.quantities.literals import tidy

Verdict = Literal["met", "not_met", "unstated"]
LONGEST_SENTENCE = 120
SAME_VALUE = 0.01
"""Two values that differ by less than this share of the larger are the same: 99.5 and 99.50, 1 in and 25.4 mm."""
ABOUT = 0.1
NEAR = 12
"""Characters before a quantity in which the name itself may stand."""

_SENTENCE_END = re.compile(r"[。；;！？!?\n]")
_OF_OTHERS = re.compile(r"现有|传统|以往|目前|普通|常规|对比例|背景技术|国外|同行|原来|之前|此前")
"""Clauses about what others reach, not the record."""
_MUST_COVER = re.compile(
    r"范围|量程|频段|频带|适用|工作.?温度|使用.?温度|环境温度|储存温度|贮存温度|存储温度|耐温|输入电压"
)
"""Intervals in which a thing must work: the offer has to cover them. Others it has to lie within."""
_ENDINGS = re.compile(r"(?:率|值|量|度|数值|指标|范围|要求|大小)$")


@dataclass(frozen=True, slots=True)
class Row:
    """One 技术指标 as it was filled in; `unit` as people write it."""

    name: str
    comparison: Comparison
    low: float | None
    high: float | None
    unit: str = ""


@dataclass(frozen=True, slots=True)
class Statement:
    """What is claimed of one thing, in the ASCII unit; `sentence` is where it was read, "" for a row."""

    name: str
    comparison: Comparison
    low: float | None
    high: float | None
    unit: str | None
    written: str
    sentence: str = ""


@dataclass(frozen=True, slots=True)
class Answer:
    """The verdict on one row, with what was found as it was written, and the sentence it was read from."""

    verdict: Verdict
    found: str = ""
    sentence: str = ""


UNSTATED = Answer("unstated")


def statement(row: Row, written: str) -> Statement:
    """Make a row comparable; a unit that nobody knows stays None and compares with nothing."""
    unit = read_unit(row.unit, row.name)
    name, factor = unit or (None, 1.0)
    low, high = (None if value is None else tidy(value * factor) for value in (row.low, row.high))
    if row.comparison == "tolerance" and high is not None and low is None:
        low = -high
    if row.comparison in {"ge", "gt"}:
        low, high = (high if low is None else low), None
    elif row.comparison in {"le", "lt"}:
        low, high = None, (low if high is None else high)
    elif row.comparison != "change":
        low, high = (high if low is None else low), (low if high is None else high)
    return Statement(row.name, row.comparison, low, high, name, written)


def answer(wanted: Statement, rows: Sequence[Statement], record: str) -> Answer:
    """Find what a record says of a wanted parameter, in its rows first, then in its text, and judge it."""
    told = [one for one in rows if same_name(wanted.name, one.name)]
    for one in (*told, *_in_text(wanted, record)):
        verdict = judge(wanted, one)
        if verdict is not None:
            return Answer(verdict, one.written, one.sentence)
    # A row of the same name whose unit cannot be compared is shown, and nothing is said about it.
    return Answer("unstated", told[0].written) if told else UNSTATED


# ---- what the text says


@lru_cache(maxsize=2_000)
def _statements(record: str) -> tuple[tuple[Quantity, str], ...]:
    return tuple((quantity, _sentence(record, quantity)) for quantity in find_quantities(record))


def _sentence(record: str, quantity: Quantity) -> str:
    """Give the sentence around a quantity, cut to what fits a line."""
    start = max(
        (hit.end() for hit in _SENTENCE_END.finditer(record, max(0, quantity.start - 400), quantity.start)),
        default=max(0, quantity.start - 400),
    )
    stop = _SENTENCE_END.search(record, quantity.end)
    end = min(stop.start() if stop else len(record), quantity.end + 400)
    if end - start > LONGEST_SENTENCE:
        start = max(start, quantity.start - LONGEST_SENTENCE // 2)
        end = min(end, start + LONGEST_SENTENCE)
    return record[start:end].strip()


def _in_text(wanted: Statement, record: str) -> Iterable[Statement]:
    """Yield statements of the text about the wanted thing: the record's own before those about others, met ones first."""
    found = []
    for quantity, sentence in _statements(record):
        clause = re.split(r"[，,。；;\n]", record[max(0, quantity.start - 40) : quantity.start])[-1]
        if not (_is_that(wanted.name, quantity.name) or _named_before(wanted.name, clause)):
            continue
        one = _of(quantity, record, sentence)
        found.append((bool(_OF_OTHERS.search(clause)), judge(wanted, one) != "met", quantity.start, one))
    return [one for *_, one in sorted(found, key=lambda item: item[:3])]


def _of(quantity: Quantity, record: str, sentence: str) -> Statement:
    return Statement(
        quantity.name,
        quantity.comparison,
        quantity.low,
        quantity.high,
        quantity.unit,
        record[quantity.start : quantity.end],
        sentence,
    )


def _named_before(name: str, clause: str) -> bool:
    return len(name) > 1 and _plain(name) in _plain(clause[-NEAR - len(name) :])


@lru_cache(maxsize=50_000)
def _plain(piece: str) -> str:
    """Normalise a name or the few characters before a quantity: a need asks forty records the same."""
    return text.normalise(piece)


# ---- names


@lru_cache(maxsize=100_000)
def _is_that(wanted: str, found: str) -> bool:
    """Tell whether a name in a sentence is the wanted one, or a closer word for it; 线径 answers no 可识别最小线径."""
    return same_name(wanted, found) and len(_plain(found)) >= len(_ENDINGS.sub("", _plain(wanted)))


@lru_cache(maxsize=100_000)
def same_name(one: str, other: str) -> bool:
    """Tell whether two names mean one thing: equal but for 率, 值, 量; synonyms; or the one ends with the other (抗拉强度, 强度).

    The longer one must be what is offered or asked more exactly; 强度 and 强度等级 are two things.
    """
    first, second = (_ENDINGS.sub("", text.normalise(name).replace(" ", "")) for name in (one, other))
    if not first or not second:
        return False
    if first == second:
        return True
    shorter, longer = sorted((text.normalise(one), text.normalise(other)), key=len)
    if len(shorter) > 1 and longer.endswith(shorter):
        return True
    return text.normalise(other) in synonyms.others(text.normalise(one))


# ---- verdicts


def judge(wanted: Statement, found: Statement) -> Verdict | None:
    """Say whether what is stated meets what is wanted; None when the two cannot be compared."""
    if wanted.unit is None or found.unit is None or (wanted.comparison == "change") != (found.comparison == "change"):
        return None
    try:
        low, high = (
            None if value is None else convert(value, found.unit, wanted.unit) for value in (found.low, found.high)
        )
    except Incomparable:
        return None
    if wanted.comparison == "tolerance":
        return _within_tolerance(wanted, found, high)
    if found.comparison == "tolerance" and wanted.comparison in {"le", "lt"}:
        low = high
    return _judged(wanted, low, high)


def _within_tolerance(wanted: Statement, found: Statement, high: float | None) -> Verdict | None:
    if high is None or wanted.high is None or found.comparison not in {"tolerance", "le", "lt", "eq"}:
        return None
    return "met" if high <= wanted.high or _same(high, wanted.high) else "not_met"


def _judged(wanted: Statement, low: float | None, high: float | None) -> Verdict:
    """Judge an interval, None being an open end, against what is wanted."""
    if wanted.high is None and wanted.low is not None:
        return _at_least(wanted.low, low, high)
    if wanted.low is None and wanted.high is not None:
        # At most five is at least minus five, seen from the other side.
        return _at_least(-wanted.high, None if high is None else -high, None if low is None else -low)
    if wanted.low is None or wanted.high is None:
        return "unstated"
    margin = ABOUT if wanted.comparison == "approx" else SAME_VALUE
    return _between(wanted, low, high, margin)


def _at_least(limit: float, low: float | None, high: float | None) -> Verdict:
    if low is not None and (low >= limit or _same(low, limit)):
        return "met"
    if low is None:
        # 不超过80 says nothing about reaching 90 or not, unless it excludes it.
        return "not_met" if high is not None and high < limit else "unstated"
    # 至少90 guarantees no 92; a range that reaches over the limit leaves it open.
    return "not_met" if high is None or high < limit else "unstated"


def _between(wanted: Statement, low: float | None, high: float | None, margin: float) -> Verdict:
    assert wanted.low is not None
    assert wanted.high is not None
    slack = margin * max(abs(wanted.low), abs(wanted.high)) if wanted.low == wanted.high or margin == ABOUT else 0.0
    bottom, top = wanted.low - slack, wanted.high + slack
    if (low is not None and low > top) or (high is not None and high < bottom):
        return "not_met"
    if low is None or high is None:
        return "unstated"
    covers = low <= wanted.low and high >= wanted.high
    if wanted.low != wanted.high and low != high and _MUST_COVER.search(wanted.name):
        return "met" if covers else "not_met"
    return "met" if covers or (bottom <= low and high <= top) else "unstated"


def _same(one: float, other: float) -> bool:
    return abs(one - other) <= 1e-9 * max(abs(one), abs(other))
