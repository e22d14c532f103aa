"""Measures of a ranking against labels: nDCG@10 (judged only, and full), R@50, MRR, grade; intervals by bootstrap over needs.

Gain 2^grade - 1; needs with at least one grade >= 2; unjudged counts as irrelevant except in the judged measure, so the
full ones are lower bounds.
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

DEPTH = 10
RECALL_DEPTH = 50
RELEVANT = 2
RESAMPLES = 10_000
SEED = 20_261_125

Qrels = Mapping[str, Mapping[str, int]]
Ranking = Mapping[str, Sequence[str]]
Label = tuple[str, str, int]


@dataclass(frozen=True, slots=True)
class Measured:
    """A mean over needs with its 95 % interval."""

    value: float
    low: float
    high: float


def _dcg(grades: Sequence[int]) -> float:
    return math.fsum((2.0**grade - 1) / math.log2(place + 2) for place, grade in enumerate(grades))


def per_need(ranking: Ranking, qrels: Qrels) -> dict[str, NDArray[np.float64]]:
    """Measure each need: arrays of judged, full, recall, mrr in the order of the needs' ids."""
    rows: dict[str, list[float]] = {"judged": [], "full": [], "recall": [], "mrr": []}
    for need in sorted(qrels):
        grades = qrels[need]
        if max(grades.values(), default=0) < RELEVANT or need not in ranking:
            continue
        ideal = _dcg(sorted(grades.values(), reverse=True)[:DEPTH])
        order = ranking[need]
        relevant = {result for result, grade in grades.items() if grade >= RELEVANT}
        judged = [grades[result] for result in order if result in grades][:DEPTH]
        rows["judged"].append(_dcg(judged) / ideal)
        rows["full"].append(_dcg([grades.get(result, 0) for result in order[:DEPTH]]) / ideal)
        rows["recall"].append(len(relevant.intersection(order[:RECALL_DEPTH])) / len(relevant))
        rows["mrr"].append(next((1 / (place + 1) for place, one in enumerate(order) if one in relevant), 0.0))
    return {name: np.array(values, dtype=np.float64) for name, values in rows.items()}


def interval(values: NDArray[np.float64]) -> Measured:
    """Give the mean and its 95 % interval from resampled needs (fixed seed, so that a run can be repeated)."""
    if not len(values):
        return Measured(0.0, 0.0, 0.0)
    random = np.random.default_rng(SEED)
    means = values[random.integers(0, len(values), (RESAMPLES, len(values)))].mean(axis=1)
    low, high = np.quantile(means, (0.025, 0.975))
    return Measured(float(values.mean()), float(low), float(high))


def grade(levels: Mapping[tuple[str, str], int], labels: Sequence[Label]) -> Measured:
    """Measure levels 1-4 against every single label: 1 / (1 + mean absolute error); needs are resampled."""
    errors: dict[str, list[int]] = {}
    for need, result, label in labels:
        if (need, result) in levels:
            errors.setdefault(need, []).append(abs(levels[need, result] - label))
    if not errors:
        return Measured(0.0, 0.0, 0.0)
    sums = np.array([sum(errors[need]) for need in sorted(errors)], dtype=np.float64)
    counts = np.array([len(errors[need]) for need in sorted(errors)], dtype=np.float64)
    picked = np.random.default_rng(SEED).integers(0, len(sums), (RESAMPLES, len(sums)))
    means = 1 / (1 + sums[picked].sum(axis=1) / counts[picked].sum(axis=1))
    low, high = np.quantile(means, (0.025, 0.975))
    return Measured(float(1 / (1 + sums.sum() / counts.sum())), float(low), float(high))
