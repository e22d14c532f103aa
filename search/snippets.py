"""The words that were searched for, found again in a record's own text, and the best sentence to show.

Offsets are characters of the text as given: whoever shows them escapes the text and sets the marks.
"""

import bisect
import re
from collections.abc import Iterable
from dataclasses import dataclass

from search import text
from search.query import Query
from search.typed_words import letters_and_digits

LENGTH = 96
"""Characters of a snippet: about two lines on a phone."""
LOOKED_AT = 6_000
"""Characters of a long text that are looked through for the best sentence."""
MAX_WORDS = 64
WORD = 4
"""Characters of a word that count for the choice of a sentence: a long foreign word is one word too."""
_SENTENCE_END = re.compile(r"[。；！？;!?\n]+")
_BETWEEN_HAN, _BETWEEN_RUNS = r"\s*", r"[\W_]*"

Marks = tuple[tuple[int, int], ...]


@dataclass(frozen=True, slots=True)
class Snippet:
    """A piece of a text, with the places of it (start, end) where words stand."""

    text: str
    marks: Marks = ()


class _Fold(dict[int, int]):
    """Turns one character into its normal form of one character (ａ -> a, 劑 -> 剂), so that offsets stay."""

    def __missing__(self, code: int) -> int:
        normal = text.normalise(chr(code))
        self[code] = folded = ord(normal) if len(normal) == 1 else code
        return folded


_FOLD = _Fold()
_WIDE = re.compile("[\uff10-\uff19\uff21-\uff3a\uff41-\uff5a²³¹⁰-⁹₀-₉]")


def _folded(given: str) -> str:
    """Write a text in normal characters, place by place. Most texts hold none to change, and looking is faster."""
    if _WIDE.search(given) or text.has_traditional(given):
        given = given.translate(_FOLD)
    lowered = given.lower()
    return lowered if len(lowered) == len(given) else given


def _pattern_of(word: str) -> str:
    """Make the pattern of one normalised word: blanks may stand between Han characters, signs between other runs.

    It begins with a plain character, for then the search skips all places that begin otherwise.
    """
    runs = [part for run in text.runs(word) for part in (letters_and_digits(run) or (run,))]
    if not runs:
        return ""
    parts = [_BETWEEN_HAN.join(run) if text.is_han(run) else run for run in runs]
    pattern = _BETWEEN_RUNS.join(parts)
    if runs[0].isascii():
        pattern = f"{pattern[0]}(?<![a-z0-9]{pattern[0]}){pattern[1:]}"
    return pattern + (r"(?![a-z0-9])" if runs[-1].isascii() else "")


class Marker:
    """Finds the words of one query in the texts of many records."""

    def __init__(self, words: Iterable[str], *, overlapping: bool = False) -> None:
        """Take normalised words; longer ones are preferred where two begin at one place.

        `overlapping` finds each word by itself: pairs of characters overlap (青蒿, 蒿素).
        """
        wanted = sorted(dict.fromkeys(words), key=lambda word: (-len(word), word))[:MAX_WORDS]
        patterns = [pattern for pattern in map(_pattern_of, wanted) if pattern]
        self._patterns = [re.compile(one) for one in (patterns if overlapping else ["|".join(patterns)]) if one]

    @classmethod
    def of(cls, query: Query, *, relaxed: bool = False) -> "Marker":
        """Mark the words of a query and their synonyms; where it was relaxed, pairs of its characters too."""
        groups = (*query.groups, *query.fallback) if relaxed else query.groups
        return cls((word for group in groups for word in (group.words, *group.others)), overlapping=relaxed)

    def marks(self, given: str) -> Marks:
        """Give the places of a text where words stand, in order; places that touch are one."""
        found: list[tuple[int, int]] = []
        for start, end, _word in self._hits(given):
            if found and start <= found[-1][1]:
                found[-1] = (found[-1][0], max(end, found[-1][1]))
            else:
                found.append((start, end))
        return tuple(found)

    def _hits(self, given: str) -> list[tuple[int, int, str]]:
        if not self._patterns:
            return []
        folded = _folded(given)
        found = [(hit.start(), hit.end(), hit[0]) for pattern in self._patterns for hit in pattern.finditer(folded)]
        if len(self._patterns) > 1:
            found.sort()
        return found

    def snippet(self, *texts: str) -> Snippet:
        """Give the sentence that holds most of the words, of the first text that holds as many as any other.

        Without any word it is the beginning of the first text that is not empty.
        """
        best: tuple[int, str, int] | None = None
        for given in texts:
            weight, start = self._best_sentence(given[:LOOKED_AT])
            if weight and (best is None or weight > best[0]):
                best = (weight, given, start)
        if best is None:
            given = next((one for one in texts if one.strip()), "")
            return Snippet(_cut(given, 0))
        piece = _cut(best[1], best[2])
        return Snippet(piece, self.marks(piece))

    def _best_sentence(self, given: str) -> tuple[int, int]:
        """Give the weight of the best sentence (the different words in it) and where to begin showing it."""
        hits = self._hits(given)
        if not hits:
            return 0, 0
        first, _end, word = hits[0]
        if all(hit[2] == word for hit in hits):  # the first sentence with the only word that is there
            begin = 0
            for hit in _SENTENCE_END.finditer(given, 0, first):
                begin = hit.end()
            return min(len(word), WORD), _beginning(begin, first)
        ends = [hit.end() for hit in _SENTENCE_END.finditer(given)]
        sentences: dict[int, dict[str, int]] = {}
        for start, _end, word in hits:
            sentences.setdefault(bisect.bisect_right(ends, start), {}).setdefault(word, start)
        weights = {number: sum(min(len(word), WORD) for word in words) for number, words in sentences.items()}
        number = max(weights, key=lambda one: (weights[one], -one))
        begin = ends[number - 1] if number else 0
        first = min(sentences[number].values())
        return weights[number], _beginning(begin, first)


def _beginning(begin: int, first: int) -> int:
    """Say where to begin showing a sentence: with its beginning, or shortly before its first word where that stands far in."""
    return begin if first - begin <= LENGTH // 2 else first - LENGTH // 3


def _cut(given: str, start: int) -> str:
    """Cut a piece of LENGTH characters, with a sign where text was left out within a sentence."""
    piece = " ".join(given[start : start + LENGTH].split())
    before = "…" if start and not _SENTENCE_END.fullmatch(given[start - 1]) else ""
    return before + piece + ("…" if start + LENGTH < len(given.rstrip()) else "")
