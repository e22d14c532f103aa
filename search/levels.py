"""Levels 1 (none) to 4 (strong): thresholds on the strength of a match, and how they are chosen on labels.

Two of the four numbers say which records are shown as 较强 and 强. Chosen for the smallest error alone they would almost
never be given, because labels above 2 are rare; so each is the lowest that costs at most COST of the grade measure.
"""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache

import numpy as np
from numpy.typing import NDArray

from search import text

COST = 0.001
FOLDS = 10
STEP = 0.05
SEED = 3

Thresholds = tuple[float, float, float]
Floats = NDArray[np.float64]
Levels = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Choice:
    """Thresholds of levels 2, 3, 4, the grade measure on the labels they were chosen on, and on needs not seen."""

    thresholds: Thresholds
    grade: float
    grade_unseen: float


@cache
def thresholds(ranker: str) -> Thresholds:
    """Read the thresholds of "LEX" or "OWN"; their origin stands in data/thresholds.json."""
    known = json.loads((text.DATA / "thresholds.json").read_text(encoding="utf-8"))
    two, three, four = known["rankers"][ranker]
    return float(two), float(three), float(four)


def level(strength: float, ranker: str) -> int:
    """Turn the strength of a match into a level 1-4."""
    return 1 + sum(strength >= threshold for threshold in thresholds(ranker))


def choose(needs: Sequence[str], strengths: Sequence[float], labels: Sequence[int]) -> Choice:
    """Choose thresholds on single labels (1-4) and say how good they are on needs that were left out, by folds."""
    strong, given = np.array(strengths, dtype=np.float64), np.array(labels, dtype=np.int64)
    names = sorted(set(needs))
    parts = np.random.default_rng(SEED).permutation(len(names)) % FOLDS
    fold = np.array([dict(zip(names, parts, strict=True))[need] for need in needs])
    unseen = np.zeros(len(strong), dtype=np.int64)
    for part in range(FOLDS):
        here = fold == part
        unseen[here] = _levels(strong[here], _best(strong[~here], given[~here]))
    chosen = _best(strong, given)
    return Choice(chosen, _grade(_levels(strong, chosen), given), _grade(unseen, given))


def _best(strengths: Floats, labels: Levels) -> Thresholds:
    steps = np.round(np.arange(STEP, float(strengths.max(initial=1.0)) + STEP, STEP), 3)
    never = float("inf")
    grades = [_grade(_levels(strengths, (step, never, never)), labels) for step in steps]
    two = float(steps[int(np.argmax(grades))])
    three = _lowest(strengths, labels, steps[steps > two], (two,), max(grades) - COST)
    four = _lowest(strengths, labels, steps[steps > three], (two, three), max(grades) - 2 * COST)
    return two, three, four


def _lowest(strengths: Floats, labels: Levels, steps: Floats, below: tuple[float, ...], least: float) -> float:
    """Give the lowest step as of which the measure stays at or above `least`."""
    for step in steps:
        rest = (float("inf"),) * (2 - len(below))
        if _grade(_levels(strengths, (*below, float(step), *rest)), labels) >= least:
            return float(step)
    return float(steps[-1]) if len(steps) else below[-1]


def _levels(strengths: Floats, limits: Sequence[float]) -> Levels:
    levels = np.ones(len(strengths), dtype=np.int64)
    for limit in limits:
        levels += strengths >= limit
    return levels


def _grade(levels: Levels, labels: Levels) -> float:
    return float(1 / (1 + np.abs(levels - labels).mean())) if len(labels) else 0.0
