"""How a need and a record are compared: character by character, bigram by bigram, and by what their characters mean.

LEX = n(char, need title) + .5 n(char, need body) + .5 [n(bigram, title) + .8 n(bigram, body)], each n a BM25 score divided
by its largest value over the candidates: the need's title and body are asked apart because a long body would drown the
title. Characters are looked for in a record's title, bigrams in all of its text.
Where vectors are at hand, .2 of the cosine between need and record is added (title + .5 body), and 2.6 of the strength: the
root of cosine x coverage, from which the level is read. Pure: what it needs of the collection comes in as numbers. One code
for page, API, night run and evaluation.
"""

import math
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from search import levels, text
from search.counting import Texts
from search.documents import StoredText
from search.engine import Statistics
from search.query import Term
from search.vectors import Floats, Meaning

K1, B = 1.2, 0.75
TF_CAP = 5
MEANING = 0.2
"""Weight of the cosine beside LEX (both 0-1). Labels say anything from .1 to .3 is as good."""
STRENGTH = 2.6
"""Weight of the strength (seldom above .5), which no other candidate moves: the best of a poor lot stays low, and the order
agrees with the levels."""
MEANING_OF_BODY = 0.5
RARITY = 1.4
"""Power of the rarity of a bigram: one rare bigram counts more than several common ones (技术, 分析). Labels say anything
from 1 to 1.5 is as good; on real needs against long texts reading says more than 1."""


class Part(NamedTuple):
    """One of the four comparisons: token field of the record, part of the need, weight, and how the need's tokens count.

    `most` keeps the heaviest tokens (tf x idf); the rarest instead would lose quality. `damped` takes the root of how
    often a token is said, at most TF_CAP times.
    """

    field: str
    part: str
    weight: float
    most: int
    damped: bool


PARTS = (
    Part("title_chars", "title", 1.0, 400, damped=True),
    Part("title_chars", "body", 0.5, 40, damped=True),
    Part("bigrams", "title", 0.6, 400, damped=True),
    Part("bigrams", "body", 0.5, 400, damped=False),
)
FIELDS = ("title_chars", "bigrams")
"""Single characters of a record are read from its title only: in a long text every character stands somewhere."""
LEX = "LEX 4"
OWN = "OWN 3"

Scores = NDArray[np.float64]
Heavy = dict[tuple[str, str], dict[str, float]]


@dataclass(frozen=True, slots=True)
class NeedText:
    """A need as it is asked: its title and its body."""

    title: str
    body: str = ""


@dataclass(frozen=True, slots=True)
class Scored:
    """A candidate: score (0-1), level 1 (none) to 4 (strong).

    `parts` add up to the score: the four of PARTS, the cosine, the strength. `strength` is what the level was read from.
    """

    id: int
    score: float
    level: int
    parts: tuple[float, ...] = (0.0,) * 6
    strength: float = 0.0


@dataclass(frozen=True, slots=True)
class Candidates:
    """Records prepared for ranking: made once, asked by many needs. Without a `meaning` letters alone decide."""

    texts: Texts
    meaning: Meaning | None = None
    embedded: Floats | None = None

    @property
    def ranker(self) -> str:
        """Name what puts these in order, as page, API and evaluation say it."""
        return ranker_name(self.meaning)


def ranker_name(meaning: Meaning | None) -> str:
    """Name the ranker: LEX alone, or LEX blended with a meaning."""
    return LEX if meaning is None else f"{OWN} ({LEX} + {meaning.name})"


def prepare(texts: Mapping[int, StoredText] | Texts, meaning: Meaning | None = None) -> Candidates:
    """Cut and embed records, so that they can be ranked for any number of needs."""
    cut = texts if isinstance(texts, Texts) else Texts(texts)
    return Candidates(cut, meaning, meaning.of_texts(cut) if meaning is not None and len(cut) else None)


def tokens(name: str, value: str) -> list[str]:
    """Cut a text into the tokens of one of FIELDS."""
    plain = text.normalise(value)
    return text.bigrams(plain) if name == "bigrams" else text.characters(plain)


def vocabulary(need: NeedText) -> dict[str, set[str]]:
    """Give the tokens whose document frequencies the ranking needs, by field."""
    return {name: set(tokens(name, need.title)) | set(tokens(name, need.body)) for name in FIELDS}


def idf(statistics: Statistics, name: str, token: str) -> float:
    """Give the weight of a token by its rarity, as Lucene's BM25 does."""
    frequency = min(statistics.frequencies.get(name, {}).get(token, 0), statistics.documents)
    return math.log(1 + (statistics.documents - frequency + 0.5) / (frequency + 0.5))


def weights(need: NeedText, statistics: Statistics) -> Heavy:
    """Weigh the need's tokens by (field, part): count x rarity, the heaviest of each part.

    Tokens that stand in no record are left out: they would crowd out those that can be found.
    """
    found: Heavy = {}
    for one in PARTS:
        known = statistics.frequencies.get(one.field, {})
        counts = Counter(tokens(one.field, getattr(need, one.part)))
        power = RARITY if one.field == "bigrams" else 1.0
        heavy = {
            token: (math.sqrt(min(count, TF_CAP)) if one.damped else count) * idf(statistics, one.field, token) ** power
            for token, count in counts.items()
            if known.get(token, 0) > 0
        }
        if len(heavy) > one.most:
            heavy = dict(sorted(heavy.items(), key=lambda item: (-item[1], item[0]))[: one.most])
        found[one.field, one.part] = heavy
    return found


def candidate_terms(need: NeedText, statistics: Statistics, most: int = 80) -> list[Term]:
    """Give the one flat query that fetches candidates: the heaviest bigrams and characters of title and body."""
    summed: dict[tuple[str, str], float] = {}
    heavy = weights(need, statistics)
    for name, part, factor, _most, _damped in PARTS:
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


def rank(need: NeedText, candidates: Candidates, statistics: Statistics) -> list[Scored]:
    """Put candidates in order, best first; equal scores by id. The same input gives the same order everywhere."""
    texts = candidates.texts
    heavy = weights(need, statistics)
    asked = [one for one in PARTS if heavy[one.field, one.part]]
    if not len(texts) or not asked:
        return [Scored(number, 0.0, 1) for number in sorted(texts.ids)]
    said = [bm25(texts, one.field, heavy[one.field, one.part], statistics) for one in PARTS]
    # A need without a body is scored by its title alone: what was not asked is not missing.
    whole = sum(one.weight for one in asked)
    shares = [_share(scores) * one.weight / whole for scores, one in zip(said, PARTS, strict=True)]
    near = np.maximum(nearness(need, candidates), 0.0)
    blended = candidates.embedded is not None
    # How much of what the need says is there, and how near it is: neither is relative to the other candidates, so that
    # the best of a poor lot is not called strong.
    most = sum(sum(heavy[one.field, one.part].values()) * one.weight for one in PARTS)
    covered = sum((scores * one.weight for scores, one in zip(said, PARTS, strict=True)), np.zeros(len(texts))) / most
    strength = np.sqrt(near * covered) if blended else covered
    gained = np.stack([*shares, MEANING * near, STRENGTH * strength if blended else np.zeros(len(texts))])
    gained /= STRENGTH if blended else 1
    score = np.round(np.minimum(gained.sum(axis=0), 1.0), 6)
    given = levels.levels(strength, "OWN" if blended else "LEX")
    return [
        Scored(
            texts.ids[place],
            float(score[place]),
            int(given[place]),
            tuple(gained[:, place].round(4).tolist()),
            round(float(strength[place]), 4),
        )
        for place in np.lexsort((np.array(texts.ids), -score))
    ]


def nearness(need: NeedText, candidates: Candidates) -> Scores:
    """Give the cosine between need and records, -1 to 1: title and half the body; zeros without a meaning."""
    if candidates.embedded is None or candidates.meaning is None:
        return np.zeros(len(candidates.texts))
    title, body = (candidates.meaning.of(text.normalise(part)) for part in (need.title, need.body))
    weight = MEANING_OF_BODY if body.any() else 0.0
    near: Scores = (candidates.embedded @ (title + weight * body) / (1 + weight)).astype(np.float64)
    return near


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
    for name in FIELDS:
        counted = texts.frequencies(name)
        wanted = set().union(*(vocabulary(need)[name] for need in needs)) if needs else set()
        frequencies[name] = {token: counted.get(texts.code(token) or -1, 0) for token in wanted}
    average = {name: float(texts.field(name).lengths.mean()) if len(texts) else 0.0 for name in FIELDS}
    return Statistics(len(texts), average, frequencies)


def _share(scores: Scores) -> Scores:
    top = float(scores.max(initial=0.0))
    return scores / top if top > 0 else scores
