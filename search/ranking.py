"""LEX: how a need and a record are compared, character by character and bigram by bigram.

n(char, need title) + .5 n(char, need body) + .5 [n(bigram, title) + .8 n(bigram, body)], each n a BM25 score divided by
its largest value over the candidates: title and body are asked apart because a long body would drown the title. Pure:
what it needs of the collection comes in as numbers. One code for page, API, night run and evaluation.
"""

import json
import math
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache

import numpy as np
from numpy.typing import NDArray

from search import text
from search.counting import Texts
from search.documents import StoredText
from search.engine import Statistics
from search.query import Term

K1, B = 1.2, 0.75
BODY_TERMS = 40
"""A body is asked by its heaviest terms (tf x idf). Keeping the rarest instead loses quality; more of them gain none."""
TF_CAP = 5
PARTS = (("chars", "title", 1.0), ("chars", "body", 0.5), ("bigrams", "title", 0.5), ("bigrams", "body", 0.4))
"""(token field, part of the need, weight)."""
RANKER = "LEX 1"

Scores = NDArray[np.float64]
Heavy = dict[tuple[str, str], dict[str, float]]


@dataclass(frozen=True, slots=True)
class NeedText:
    """A need as it is asked: its title and its body."""

    title: str
    body: str = ""


@dataclass(frozen=True, slots=True)
class Scored:
    """A candidate with its score (0-1), its level 1 (none) to 4 (strong), and the four parts of the score (0-1 each)."""

    id: int
    score: float
    level: int
    parts: tuple[float, ...] = ()


@cache
def thresholds() -> tuple[tuple[int, float], ...]:
    """Read the levels' thresholds, highest first; their origin stands in data/thresholds.json."""
    levels = json.loads((text.DATA / "thresholds.json").read_text(encoding="utf-8"))["levels"]
    return tuple(sorted(((int(name), float(value)) for name, value in levels.items()), reverse=True))


def level(strength: float) -> int:
    """Turn the strength of a match into a level 1-4."""
    return next((value for value, threshold in thresholds() if strength >= threshold), 1)


def tokens(name: str, value: str) -> list[str]:
    """Cut a text into the tokens of `chars` or `bigrams`."""
    plain = text.normalise(value)
    return text.characters(plain) if name == "chars" else text.bigrams(plain)


def vocabulary(need: NeedText) -> dict[str, set[str]]:
    """Give the tokens whose document frequencies the ranking needs, by field."""
    return {name: set(tokens(name, need.title)) | set(tokens(name, need.body)) for name in ("chars", "bigrams")}


def idf(statistics: Statistics, name: str, token: str) -> float:
    """Give the weight of a token by its rarity, as Lucene's BM25 does."""
    frequency = min(statistics.frequencies.get(name, {}).get(token, 0), statistics.documents)
    return math.log(1 + (statistics.documents - frequency + 0.5) / (frequency + 0.5))


def weights(need: NeedText, statistics: Statistics) -> Heavy:
    """Weigh the need's tokens by (field, part): root of the count x idf; the body keeps its 40 heaviest.

    Tokens that stand in no record are left out: they would crowd out those that can be found.
    """
    found: Heavy = {}
    for name, part, _ in PARTS:
        known = statistics.frequencies.get(name, {})
        counts = Counter(tokens(name, getattr(need, part)))
        heavy = {
            token: math.sqrt(min(count, TF_CAP)) * idf(statistics, name, token)
            for token, count in counts.items()
            if known.get(token, 0) > 0
        }
        if part == "body":
            heavy = dict(sorted(heavy.items(), key=lambda item: (-item[1], item[0]))[:BODY_TERMS])
        found[name, part] = heavy
    return found


def candidate_terms(need: NeedText, statistics: Statistics, most: int = 80) -> list[Term]:
    """Give the one flat query that fetches candidates: the heaviest bigrams and characters of title and body."""
    summed: dict[tuple[str, str], float] = {}
    heavy = weights(need, statistics)
    for name, part, factor in PARTS:
        for token, value in heavy[name, part].items():
            summed[name, token] = summed.get((name, token), 0.0) + factor * value
    # Single characters that stand in every third record cost time and tell nothing apart.
    common = statistics.documents / 3
    kept = [
        Term(name, token, round(value / max(idf(statistics, name, token), 1e-6), 4))
        for (name, token), value in sorted(summed.items(), key=lambda item: (-item[1], item[0]))
        if name == "bigrams" or statistics.frequencies[name][token] <= common
    ]
    return kept[:most] or [Term(name, token, 1.0) for name, token in list(summed)[:most]]


def rank(need: NeedText, candidates: Mapping[int, StoredText] | Texts, statistics: Statistics) -> list[Scored]:
    """Put candidates in order, best first; equal scores by id. The same input gives the same order everywhere."""
    texts = candidates if isinstance(candidates, Texts) else Texts(candidates)
    heavy = weights(need, statistics)
    parts = [bm25(texts, name, heavy[name, part], statistics) for name, part, _ in PARTS]
    asked = [(scores, weight) for scores, (name, part, weight) in zip(parts, PARTS, strict=True) if heavy[name, part]]
    if not len(texts) or not asked:
        return [Scored(number, 0.0, 1, (0.0,) * len(PARTS)) for number in sorted(texts.ids)]
    shares = [_share(scores) for scores in parts]
    # A need without a body is scored by its title alone: what was not asked is not missing.
    whole = sum(weight for _, weight in asked)
    total = sum((share * weight for share, (_, _, weight) in zip(shares, PARTS, strict=True)), np.zeros(len(texts)))
    score = np.round(total / whole, 6)
    strength = score * np.log1p(sum((scores * weight for scores, weight in asked), np.zeros(len(texts))))
    order = np.lexsort((np.array(texts.ids), -score))
    return [
        Scored(
            texts.ids[place],
            float(score[place]),
            level(float(strength[place])),
            tuple(round(float(share[place]), 4) for share in shares),
        )
        for place in order
    ]


def bm25(texts: Texts, name: str, heavy: Mapping[str, float], statistics: Statistics) -> Scores:
    """Score every text for weighted tokens (weight = query weight x idf)."""
    asked = list(heavy)
    owners, places, times = texts.counts(name, asked)
    lengths = texts.field(name).lengths
    norm = K1 * (1 - B + B * lengths / max(statistics.average_length.get(name, 1.0), 1.0))
    weight = np.array([heavy[token] for token in asked], dtype=np.float64)
    gained = weight[places] * times * (K1 + 1) / (times + norm[owners]) if len(owners) else np.zeros(0)
    return np.bincount(owners, weights=gained, minlength=len(texts)).astype(np.float64)


def statistics_of(texts: Texts, needs: Sequence[NeedText]) -> Statistics:
    """Count over the texts themselves what an engine would tell about its collection, for the tokens of these needs."""
    frequencies: dict[str, dict[str, int]] = {}
    for name in ("chars", "bigrams"):
        counted = texts.frequencies(name)
        wanted = set().union(*(vocabulary(need)[name] for need in needs)) if needs else set()
        frequencies[name] = {token: counted.get(texts.code(token) or -1, 0) for token in wanted}
    average = {name: float(texts.field(name).lengths.mean()) if len(texts) else 0.0 for name in ("chars", "bigrams")}
    return Statistics(len(texts), average, frequencies)


def _share(scores: Scores) -> Scores:
    top = float(scores.max(initial=0.0))
    return scores / top if top > 0 else scores
