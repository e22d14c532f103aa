"""Why a record was found for a need, so that an expert can check it from the page alone."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache, lru_cache

from search import levels, ranking, synonyms, text
from search.engine import Statistics
from search.ranking import NeedText

WORDS = 8
FEW_DIGITS = 3
"""Shorter numbers stand in every text; 304 and 6061 are materials."""
WORTHLESS = 1.5
"""Words lighter than this stand in so many records that they are no reason."""


SHORTEST_TEXT = 60
"""A record with fewer characters is little more than a title: that a word does not stand in it says nothing."""


@dataclass(frozen=True, slots=True)
class Said:
    """What a record says of what a need names: telling words shared, and the share of the title's, by weight."""

    words: int
    named: float
    has_text: bool

    def most(self) -> int:
        """Give the highest level that a record may have which says this much. A bare title is not held to it."""
        three, four = _limits()
        if not self.has_text or self.named >= four:
            return levels.STRONG
        return levels.FAIRLY_STRONG if self.named >= three else levels.WEAK


@cache
def _limits() -> tuple[float, float]:
    three, four = json.loads((text.DATA / "thresholds.json").read_text(encoding="utf-8"))["named"]
    return float(three), float(four)


def said(need: NeedText, record: str, statistics: Statistics, words: Sequence[tuple[str, float]]) -> Said:
    """Say how much of what the title of a need names stands in a record, in these words or in their synonyms."""
    plain = text.normalise(record)
    named = {
        word: sum(ranking.idf(statistics, "bigrams", piece) for piece in text.bigrams(word))
        for word in _telling_words(need.title)
    }
    whole = sum(named.values())
    there = sum(
        weight
        for word, weight in named.items()
        if word in plain or any(other in plain for other in synonyms.others(word))
    )
    return Said(len(words), there / whole if whole else 1.0, len(plain) >= SHORTEST_TEXT)


@cache
def worthless() -> frozenset[str]:
    """Read the words that say nothing about a field."""
    return frozenset(row[0] for row in text.read_table(text.DATA / "no_reasons.tsv"))


def shared_words(need: NeedText, record: str, statistics: Statistics, most: int = WORDS) -> list[tuple[str, float]]:
    """Give the words that stand letter for letter in both texts as displayed, heaviest first, with their weight.

    A word inside a longer shared word is not told again.
    """
    asked = f"{need.title}\n{need.body}"
    both: dict[str, float] = {}
    for word in _telling_words(asked):
        written = _as_written(word, asked, record)
        if written:
            weight = sum(ranking.idf(statistics, "bigrams", piece) for piece in text.bigrams(word))
            both[written] = round(weight, 2)
    kept: list[tuple[str, float]] = []
    for word, weight in sorted(both.items(), key=lambda item: (-item[1], item[0])):
        if not any(word in longer for longer, _ in kept) and (weight >= WORTHLESS or statistics.documents < 20):
            kept.append((word, weight))
    return kept[:most]


@lru_cache(maxsize=64)
def _telling_words(asked: str) -> tuple[str, ...]:
    """Give the words of a text that may be a reason; the same need is put beside many records."""
    words = dict.fromkeys(text.words(text.normalise(asked)))
    return tuple(
        word
        for word in words
        if len(word) > 1 and word not in worthless() and not (word.isdigit() and len(word) < FEW_DIGITS)
    )


def _as_written(word: str, *texts: str) -> str | None:
    """Give the spelling that stands in all texts: as normalised, or for latin words in capitals as one of them wrote it."""
    if word in texts[0] and word in texts[1]:
        return word
    if not word.isascii():
        return None
    place = texts[0].lower().find(word)
    written = texts[0][place : place + len(word)] if place >= 0 else ""
    return written if written and all(written in one for one in texts) else None
