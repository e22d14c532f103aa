"""Different words for one thing: 青蒿素 = 黄花蒿素 = artemisinin, 起动 = 启动. Expanded in the query, never in the index.

data/synonyms.tsv: kind, words separated by |, source. Kind `term`: the whole word stands for the others; kind
`spelling`: the same two characters written differently, also inside longer words (起动机 = 启动机).
"""

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache, lru_cache

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


class Book:
    """Groups of synonyms, ready to be asked: those of the release, and those a market has added."""

    def __init__(self, groups: Iterable[SynonymGroup]) -> None:
        """Turn the groups into two tables: whole words, and spellings that stand inside longer words too."""
        self._terms: dict[str, tuple[str, ...]] = {}
        self._spellings: dict[str, tuple[str, ...]] = {}
        for group in groups:
            for word in group.words:
                others = tuple(other for other in group.words if other != word)
                key = "".join(text.runs(word))
                self._terms[key] = tuple(dict.fromkeys((*self._terms.get(key, ()), *others)))
                if group.kind == "spelling":
                    self._spellings[word] = tuple(dict.fromkeys((*self._spellings.get(word, ()), *others)))

    def __contains__(self, word: str) -> bool:
        """Say whether a normalised word stands in a group."""
        return word in self._terms

    def others(self, word: str) -> tuple[str, ...]:
        """Give the other normalised words for a normalised word; nothing where none are known."""
        found = list(self._terms.get("".join(text.runs(word)), ()))
        for spelling, alternatives in self._spellings.items():
            if spelling in word and spelling != word:
                found.extend(word.replace(spelling, alternative) for alternative in alternatives)
        return tuple(dict.fromkeys(found))

    def joins(self, words: list[str]) -> list[list[str]]:
        """Put neighbouring words into one list where together they are a word of the book (超临界 + 萃取)."""
        joined: list[list[str]] = []
        place = 0
        while place < len(words):
            length = next(
                (
                    length
                    for length in range(min(LONGEST, len(words) - place), 1, -1)
                    if "".join(words[place : place + length]) in self._terms
                ),
                1,
            )
            joined.append(words[place : place + length])
            place += length
        return joined

    def join_known(self, words: list[str]) -> list[str]:
        """Put neighbouring words together where together they are a word of the book."""
        return ["".join(parts) for parts in self.joins(words)]


NO_SYNONYMS = Book(())


@lru_cache(maxsize=8)
def book(added: tuple[SynonymGroup, ...] = ()) -> Book:
    """Give the book of the release, with the groups that a market has added."""
    return Book((*groups(), *added))


@cache
def terms() -> frozenset[str]:
    """Give the normalised words of the user dictionary and of the synonyms of the release."""
    words = [text.normalise(entry.word) for entry in text.dictionary()]
    return frozenset([*words, *(word for group in groups() for word in group.words)])


def others(word: str) -> tuple[str, ...]:
    """Give the other words of the release for a normalised word."""
    return book().others(word)
