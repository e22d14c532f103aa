"""LEX: how a need and a record are compared, character by character and bigram by bigram.

Title and body of the need are asked apart, each score divided by its largest value over the candidates, because a long
body would otherwise drown the title. Pure: what it needs of the collection comes in as numbers.
"""

import math
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from search import text
from search.documents import StoredText
from search.engine import Statistics
from search.query import Term

K1, B = 1.2, 0.75
BODY_TERMS = 40
TF_CAP = 5
PARTS = (("chars", "title", 1.0), ("chars", "body", 0.5), ("bigrams", "title", 0.5), ("bigrams", "body", 0.4))
"""(token field, part of the need, weight): n(char, title) + .5 n(char, body) + .5 [n(bigram, title) + .8 n(bigram, body)]."""
RANKER = "LEX 1"
LEVELS = ((4, 0.62), (3, 0.40), (2, 0.20))
"""Level by the share of the best score any record could reach; chosen on no labels yet, and said so in the docs."""


@dataclass(frozen=True, slots=True)
class NeedText:
    """A need as it is asked: its title and its body."""

    title: str
    body: str = ""


@dataclass(frozen=True, slots=True)
class Scored:
    """A candidate with its score (0-1) and its level 1 (none) to 4 (strong)."""

    id: int
    score: float
    level: int


def tokens(name: str, value: str) -> list[str]:
    """Cut a text into the tokens of `chars` or `bigrams`."""
    plain = text.normalise(value)
    return text.characters(plain) if name == "chars" else text.bigrams(plain)


def vocabulary(need: NeedText) -> dict[str, set[str]]:
    """Give the tokens whose document frequencies the ranking needs, by field."""
    return {name: set(tokens(name, need.title)) | set(tokens(name, need.body)) for name in ("chars", "bigrams")}


def idf(statistics: Statistics, name: str, token: str) -> float:
    """Give the weight of a token by its rarity, as Lucene's BM25 does."""
    frequency = statistics.frequencies.get(name, {}).get(token, 0)
    return math.log(1 + (statistics.documents - frequency + 0.5) / (frequency + 0.5))


def weights(need: NeedText, statistics: Statistics) -> dict[tuple[str, str], dict[str, float]]:
    """Weigh the need's tokens per (field, part); the body keeps the 40 heaviest by tf x idf."""
    found: dict[tuple[str, str], dict[str, float]] = {}
    for name, part, _weight in PARTS:
        counts = Counter(tokens(name, getattr(need, part)))
        heavy = {token: math.sqrt(min(count, TF_CAP)) * idf(statistics, name, token) for token, count in counts.items()}
        if part == "body":
            heavy = dict(sorted(heavy.items(), key=lambda item: (-item[1], item[0]))[:BODY_TERMS])
        found[name, part] = heavy
    return found


def candidate_terms(need: NeedText, statistics: Statistics, most: int = 80) -> list[Term]:
    """Give the one flat query that fetches candidates: the heaviest bigrams and characters of title and body."""
    summed: Counter[tuple[str, str]] = Counter()
    for (name, part), heavy in weights(need, statistics).items():
        factor = next(weight for field, piece, weight in PARTS if (field, piece) == (name, part))
        for token, value in heavy.items():
            summed[name, token] += factor * value  # type: ignore[assignment]
    common = statistics.documents / 3
    kept = [
        Term(name, token, round(value / max(idf(statistics, name, token), 1e-6), 4))
        for (name, token), value in summed.most_common()
        if statistics.frequencies.get(name, {}).get(token, 0) <= common or name == "bigrams"
    ]
    return kept[:most] or [Term(name, token, 1.0) for name, token in summed]


def rank(need: NeedText, candidates: Mapping[int, StoredText], statistics: Statistics) -> list[Scored]:
    """Put candidates in order, best first; equal scores by id."""
    heavy = weights(need, statistics)
    totals = dict.fromkeys(candidates, 0.0)
    best = sum(weight for name, part, weight in PARTS if heavy[name, part])
    counted = {
        key: {name: Counter(tokens(name, f"{doc.title}\n{doc.body}")) for name in ("chars", "bigrams")}
        for key, doc in candidates.items()
    }
    reached: list[float] = []
    for name, part, weight in PARTS:
        scores = {
            key: _bm25(heavy[name, part], counts[name], statistics.average_length.get(name, 1.0))
            for key, counts in counted.items()
        }
        top = max(scores.values(), default=0.0)
        if top <= 0:
            continue
        reached.append(weight)
        for key, score in scores.items():
            totals[key] += weight * score / top
    ceiling = {key: _coverage(heavy, counts) for key, counts in counted.items()}
    rows = [Scored(key, round(total / best, 6) if best else 0.0, level(ceiling[key])) for key, total in totals.items()]
    return sorted(rows, key=lambda row: (-row.score, row.id))


def level(share: float) -> int:
    """Turn the share of the need's weight that a record holds into a level 1-4."""
    return next((value for value, threshold in LEVELS if share >= threshold), 1)


def shared_words(need: NeedText, record: str, statistics: Statistics, most: int = 8) -> list[tuple[str, float]]:
    """Give the words that stand letter for letter in both texts, heaviest first, with their weight."""
    asked = f"{need.title}\n{need.body}"
    seen = dict.fromkeys(text.words(text.normalise(asked)))
    both = [word for word in seen if len(word) > 1 and word in asked and word in record]
    weighed = {word: sum(idf(statistics, "bigrams", piece) for piece in text.bigrams(word)) for word in both}
    ordered = sorted(weighed.items(), key=lambda item: (-item[1], item[0]))
    kept: list[tuple[str, float]] = []
    for word, value in ordered:
        if not any(word in longer for longer, _ in kept):
            kept.append((word, round(value, 2)))
    return kept[:most]


def _bm25(heavy: Mapping[str, float], counts: Mapping[str, int], average: float) -> float:
    length = sum(counts.values())
    norm = K1 * (1 - B + B * length / max(average, 1.0))
    return sum(
        weight * counts[token] * (K1 + 1) / (counts[token] + norm) for token, weight in heavy.items() if token in counts
    )


def _coverage(heavy: Mapping[tuple[str, str], Mapping[str, float]], counts: Mapping[str, Mapping[str, int]]) -> float:
    """Say how much of the title's weight (bigrams) a record holds: a measure that does not depend on the other candidates."""
    title: Mapping[str, float] = heavy["bigrams", "title"] or heavy["chars", "title"]
    held: Mapping[str, int] = counts["bigrams"] if heavy["bigrams", "title"] else counts["chars"]
    total = sum(title.values())
    return sum(value for token, value in title.items() if token in held) / total if total else 0.0


__all__: Sequence[str] = (
    "NeedText",
    "Scored",
    "candidate_terms",
    "idf",
    "level",
    "rank",
    "shared_words",
    "vocabulary",
    "weights",
)
