"""Each 技术指标 of a need beside what a record says: its rows, and the sentences of its visible text."""

from collections.abc import Sequence
from typing import Protocol

from search import parameters
from services.listings.schemas import ParameterOut
from services.matching.match_schemas import ParameterCheck

SIGNS = {"ge": "≥", "gt": ">", "le": "≤", "lt": "<", "eq": "=", "between": "", "approx": "约", "tolerance": "±", "change": "变化"}  # fmt: skip


class Described(Protocol):
    """Whatever has texts and 技术指标: a record as shown, or one of a labelled set."""

    @property
    def title(self) -> str:
        """What it is called."""

    @property
    def summary(self) -> str:
        """Its summary; empty where there is none."""

    @property
    def body(self) -> str:
        """Its text; empty where there is none."""

    @property
    def parameters(self) -> list[ParameterOut]:
        """Its rows, in order."""


def compare(need: Described, offer: Described) -> list[ParameterCheck]:
    """Judge every 技术指标 of a need against a record: met, not_met or unstated, with both values and the sentence."""
    return judge(need.parameters, offer)


def judge(wanted: Sequence[ParameterOut], offer: Described) -> list[ParameterCheck]:
    """Judge 技术指标 that may be no record yet against a record."""
    if not wanted:
        return []
    rows = [_statement(row) for row in offer.parameters]
    text = "\n".join(part for part in (offer.title, offer.summary, offer.body) if part)
    return [_check(row, parameters.answer(_statement(row), rows, text)) for row in wanted]


def write(row: ParameterOut) -> str:
    """Write a parameter's value as people read it: ≤ 290 mg/kg, ± 5 %, 2–5 t/d."""
    low, high = (None if value is None else f"{value:g}" for value in (row.low, row.high))
    even = row.comparison == "tolerance" and row.high is not None and row.low == -row.high
    value = high if even else f"{low}–{high}" if low and high and low != high else (low or high or "")
    return f"{SIGNS[row.comparison]} {value} {row.unit}".strip()


def _statement(row: ParameterOut) -> parameters.Statement:
    return parameters.statement(parameters.Row(row.name, row.comparison, row.low, row.high, row.unit), write(row))


def _check(row: ParameterOut, answer: parameters.Answer) -> ParameterCheck:
    return ParameterCheck(
        name=row.name,
        must=row.must,
        verdict=answer.verdict,
        wanted=write(row),
        found=answer.found,
        sentence=answer.sentence,
    )
