"""Levels 1 (none) to 4 (strong): thresholds on the strength of a match, and how they are chosen on labels.

The strength is the root of cosine x coverage (LEX alone: the coverage), 0-1: how near the record lies to the need, and how
much of what the need says stands in it. The numbers and their origin stand in data/thresholds.json.
"""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache

import numpy as np
from numpy.typing import NDArray

from search import text

COST = 0.001
"""Labels above 2 are rare: for the smallest error alone levels 3 and 4 would hardly ever be given. So each begins at the
lowest strength that costs at most this much of the grade measure."""
FOLDS = 10
STEP = 0.01
STEPS = 100
SEED = 3
STRONG, FAIRLY_STRONG, WEAK, NONE = 4, 3, 2, 1

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
    """Read the thresholds of "LEX" or "OWN"."""
    known = json.loads((text.DATA / "thresholds.json").read_text(encoding="utf-8"))
    two, three, four = known["thresholds"][ranker]
    return float(two), float(three), float(four)


def levels(strengths: Floats, ranker: str) -> Levels:
    """Turn the strengths of matches into levels 1-4."""
    return _levels(strengths, thresholds(ranker))


def choose(
    needs: Sequence[str], strengths: Sequence[float], labels: Sequence[int], *, balanced: bool = False
) -> Choice:
    """Choose thresholds on single labels (1-4) and say how good they are on needs that were left out, by folds.

    `balanced` lets every level count alike, however rare it is: for pairs that were picked to be judged, most of which
    do not fit, and not drawn from what a ranking shows.
    """
    strong, given = np.array(strengths, dtype=np.float64), np.array(labels, dtype=np.int64)
    names = sorted(set(needs))
    parts = dict(zip(names, np.random.default_rng(SEED).permutation(len(names)) % FOLDS, strict=True))
    fold = np.array([parts[need] for need in needs])
    best = _balanced if balanced else _cheap
    unseen = np.zeros(len(strong), dtype=np.int64)
    for part in range(FOLDS):
        here = fold == part
        unseen[here] = _levels(strong[here], best(strong[~here], given[~here]))
    chosen = best(strong, given)
    return Choice(chosen, _grade(_levels(strong, chosen), given), _grade(unseen, given))


def _cheap(strengths: Floats, labels: Levels) -> Thresholds:
    """Level 2 at the smallest error, 3 and 4 as low as COST allows."""
    steps = _steps(strengths)
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


def _balanced(strengths: Floats, labels: Levels) -> Thresholds:
    """Choose the three thresholds that give the smallest error when each label counts alike."""
    steps = _steps(strengths)
    order = np.argsort(strengths)
    weight = 1 / np.bincount(labels, minlength=5)[labels[order]]
    place = np.searchsorted(strengths[order], steps)
    # below[l][i]: the error of giving level l to everything weaker than step i.
    below = [np.concatenate([[0], np.cumsum(weight * np.abs(labels[order] - level))]) for level in (1, 2, 3, 4)]
    first, second, third = (np.expand_dims(place, axis) for axis in ((1, 2), (0, 2), (0, 1)))
    error = (
        below[0][first]
        + (below[1][second] - below[1][first])
        + (below[2][third] - below[2][second])
        + (below[3][-1] - below[3][third])
    )
    error[(first > second) | (second > third)] = np.inf
    two, three, four = (float(steps[place]) for place in np.unravel_index(int(np.argmin(error)), error.shape))
    return two, three, four


def _steps(strengths: Floats) -> Floats:
    step = max(STEP, round(float(strengths.max(initial=1.0)) / STEPS, 2))
    return np.round(np.arange(step, float(strengths.max(initial=1.0)) + step, step), 3)


def _levels(strengths: Floats, limits: Sequence[float]) -> Levels:
    found = np.ones(len(strengths), dtype=np.int64)
    for limit in limits:
        found += strengths >= limit
    return found


def _grade(found: Levels, labels: Levels) -> float:
    return float(1 / (1 + np.abs(found - labels).mean())) if len(labels) else 0.0
