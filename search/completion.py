"""Completing what somebody begins to type: words of titles, organisations and experts, in characters, pinyin or initials.

Every public record carries its completions as tokens of one index field, `key|kind|text|code`: the engine gives those
that begin with what was typed and counts only records that are there, so a withdrawn record takes its words with it.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache
from typing import Literal, Protocol

from pypinyin import Style, lazy_pinyin

from search import text
from search.synonyms import terms

Kind = Literal["word", "organisation", "expert"]
BLANK = "\u2420"
"""Stands for a blank inside a token."""
MAX_TYPED = 40
LONGEST = 24
"""Characters of a text that can be completed by; names are longer, nobody types so far."""
INNER_STARTS = 4
"""A name is also found by its second to fourth word: 示范大学 finds 云麓示范大学."""
_KINDS: dict[str, Kind] = {"w": "word", "o": "organisation", "e": "expert"}
SHORT_LETTERS = 3
_DIGITS = re.compile(r"[0-9.]+")


@dataclass(frozen=True, slots=True)
class Completion:
    """One way to go on: the text to put in the box, what it is, and in how many public records it stands."""

    text: str
    kind: Kind
    count: int
    code: str = ""


class Completes(Protocol):
    """The part of an engine that is needed here."""

    def complete(self, prefix: str, limit: int = 10) -> list[tuple[str, int]]:
        """Give completion tokens that begin with a prefix, with the number of records that hold them."""


@lru_cache(maxsize=200_000)
def keys(normalised: str) -> tuple[str, ...]:
    """Give what may be typed for a text: its characters, its pinyin, and the initials of its pinyin."""
    short = "".join(text.runs(normalised))[:LONGEST]
    if not short:
        return ()
    if short.isascii():
        return (short,)
    pinyin = "".join(lazy_pinyin(short))
    initials = "".join(lazy_pinyin(short, style=Style.FIRST_LETTER))
    return tuple(dict.fromkeys((short, pinyin, initials)))


def tokens(kind: str, code: str, title: str, words: Iterable[str], body: Iterable[str]) -> list[str]:
    """Make the completion tokens of one public record from the words of its title and its body.

    Of the body only words of the dictionary count: what a text happens to mention is no help to somebody typing.
    """
    known = terms()
    wanted = dict.fromkeys([*filter(_worth, words), *filter(known.__contains__, body)])
    made = list(dict.fromkeys(token for word in wanted for token in _word_tokens(word)))
    return [*made, *(name_tokens("e", title, code) if kind == "expert" else ())]


@lru_cache(maxsize=200_000)
def _word_tokens(word: str) -> tuple[str, ...]:
    return tuple(f"{key}|w|{word}|".replace(" ", BLANK) for key in keys(word))


def _worth(word: str) -> bool:
    return len(word) > 1 and not _DIGITS.fullmatch(word)


@lru_cache(maxsize=10_000)
def name_tokens(kind: str, name: str, code: str) -> tuple[str, ...]:
    """Make the completion tokens of a name (kind o: organisation, e: expert), whose page has the code."""
    parts = text.whole_words(text.normalise(name))
    starts = [
        "".join(parts[place:]) for place in range(min(INNER_STARTS, len(parts))) if not place or len(parts[place]) > 1
    ]
    shown = " ".join(name.replace("|", " ").split())
    shown = shown.replace(" ", BLANK)
    return tuple(f"{key}|{kind}|{shown}|{code}" for start in starts if len(start) > 1 for key in keys(start))


def complete(engine: Completes, typed: str, limit: int = 8) -> list[Completion]:
    """Give the best ways to go on, names first, then the most frequent words; nothing for what no record begins with.

    Where the whole does not begin anything, the last of several typed words is completed.
    """
    pieces = [text.normalise(piece) for piece in typed[:MAX_TYPED].split()]
    found = _begins(engine, "".join(pieces), limit)
    if found or len(pieces) < 2:
        return found
    head = " ".join(pieces[:-1])
    last = _begins(engine, pieces[-1], limit)
    return [Completion(f"{head} {one.text}", one.kind, one.count) for one in last if one.kind == "word"]


def _begins(engine: Completes, normalised: str, limit: int) -> list[Completion]:
    prefix = "".join(text.runs(normalised))
    if not prefix:
        return []
    found: dict[tuple[Kind, str], Completion] = {}
    for token, count in engine.complete(prefix, limit * 4):
        _key, kind, shown, code = token.replace(BLANK, " ").split("|", 3)
        one = Completion(shown, _KINDS[kind], count, code)
        found.setdefault((one.kind, one.text), one)
    # Two letters are the beginning of a hundred names, and seldom meant as one.
    names_first = len(prefix) > 1 and (not prefix.isascii() or len(prefix) > SHORT_LETTERS)
    names = [one for one in found.values() if one.kind != "word"][: limit // 2]
    named = {one.text for one in names}
    words = [one for one in found.values() if one.kind == "word" and one.text not in named]
    order = {"organisation": 0, "expert": 1, "word": 2 if names_first else -1}
    best = sorted([*names, *words], key=lambda one: (order[one.kind], -one.count, -len(one.text), one.text))
    return best[:limit]
