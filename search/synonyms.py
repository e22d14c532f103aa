"""Different words for one thing: 青蒿素 = 黄花蒿素 = artemisinin, 起动 = 启动. Expanded in the query, never in the index.

data/synonyms.tsv: kind, words separated by |, source. Kind `term`: the whole word stands for the others; kind
`spelling`: the same two characters written differently, also inside longer words (起动机 = 启动机).
"""

from dataclasses import dataclass
from functools import cache

from search import text

LONGEST = 6
"""Neighbouring words of a query that are tried together as one synonym."""


@dataclass(frozen=True, slots=True)
class SynonymGroup:
    """One line of the file, normalised."""

    kind: str
    words: tuple[str, ...]
    source: str


@cache
def groups() -> tuple[SynonymGroup, ...]:
    """Read the file."""
    return tuple(
        SynonymGroup(kind, tuple(text.normalise(word) for word in words.split("|")), source)
        for kind, words, source in text.read_table(text.DATA / "synonyms.tsv")
    )


@cache
def _terms() -> dict[str, tuple[str, ...]]:
    found: dict[str, tuple[str, ...]] = {}
    for group in groups():
        for word in group.words:
            key = "".join(text.runs(word))
            found[key] = tuple(dict.fromkeys((*found.get(key, ()), *(other for other in group.words if other != word))))
    return found


@cache
def _spellings() -> dict[str, tuple[str, ...]]:
    return {
        word: tuple(other for other in group.words if other != word)
        for group in groups()
        if group.kind == "spelling"
        for word in group.words
    }


def others(word: str) -> tuple[str, ...]:
    """Give the other normalised words for a normalised word; nothing where none are known."""
    found = list(_terms().get("".join(text.runs(word)), ()))
    for spelling, alternatives in _spellings().items():
        if spelling in word and spelling != word:
            found.extend(word.replace(spelling, alternative) for alternative in alternatives)
    return tuple(dict.fromkeys(found))


def join_known(words: list[str]) -> list[str]:
    """Put neighbouring words together where together they are a word of the file (超临界 + 萃取)."""
    known = _terms()
    joined: list[str] = []
    place = 0
    while place < len(words):
        for length in range(min(LONGEST, len(words) - place), 1, -1):
            together = "".join(words[place : place + length])
            if together in known:
                joined.append(together)
                place += length
                break
        else:
            joined.append(words[place])
            place += 1
    return joined
