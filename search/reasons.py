"""Why a record was found for a need, so that an expert can check it from the page alone."""

from functools import cache, lru_cache

from search import ranking, text
from search.engine import Statistics
from search.ranking import NeedText

WORDS = 8
FEW_DIGITS = 3
"""Shorter numbers stand in every text; 304 and 6061 are materials."""
WORTHLESS = 1.5
"""Words lighter than this stand in so many records that they are no reason."""


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
