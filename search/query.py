"""What a user typed, as one flat query that both engines understand alike.

A query has two sides. *Which* records are found: `required` of the `groups` must be there, each by one of its
alternatives, and nothing `excluded`. *In which order*: a flat sum of weighted terms. Both engines sum the same way.
"""

from __future__ import annotations

import base64
import binascii
import json
from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from search import text
from search.documents import BANDS, FILTERS, SORTS, require_declared

MAX_LENGTH = 500
"""Characters of a typed query that are read; what comes after is cut off."""
MAX_PAGE = 200
MAX_PIECES = 6
"""Pieces of a typed query that are tried one by one whether the rest finds something."""
MAX_OFFSET = 9_800
"""Elasticsearch refuses offset + limit above 10,000; deeper pages use the cursor."""


@dataclass(frozen=True, slots=True)
class Term:
    """One token in one token field, with what it adds to the score."""

    field: str
    text: str
    weight: float = 1.0


@dataclass(frozen=True, slots=True)
class Phrase:
    """Tokens that follow each other in one token field."""

    field: str
    tokens: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Group:
    """Alternatives for one word of the user: any of them will do. They do not score. `others` are its synonyms."""

    words: str
    any_of: tuple[Phrase, ...]
    others: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Band:
    """One value of a filter of `documents.BANDS`: from `low` up to, but without, `high`; None is open."""

    value: str
    low: int | None = None
    high: int | None = None


@dataclass(frozen=True, slots=True)
class Age:
    """Records confirmed from `low` up to, but without, `high` (seconds; None is open) count `factor` times: old ones sink."""

    factor: float
    low: int | None = None
    high: int | None = None


@dataclass(frozen=True, slots=True)
class Cursor:
    """Where the last page ended: key of its last hit (score or sort value), its id, and how many came before."""

    key: float
    id: int
    position: int

    def encode(self) -> str:
        """Give a string for an address."""
        return base64.urlsafe_b64encode(json.dumps([self.key, self.id, self.position]).encode()).decode().rstrip("=")

    @classmethod
    def decode(cls, value: str) -> Cursor:
        """Read it back. Raises ValueError for anything that `encode` did not make."""
        try:
            key, number, position = json.loads(base64.urlsafe_b64decode(value + "=" * (-len(value) % 4)))
            cursor = cls(float(key), int(number), int(position))
        except (ValueError, TypeError, binascii.Error, RecursionError, OverflowError) as error:
            raise ValueError("not a cursor of this list") from error
        if not 0 <= cursor.position < 10**9 or not 0 <= cursor.id < 2**63 or cursor.key != cursor.key:
            raise ValueError("not a cursor of this list")
        return cursor


@dataclass(frozen=True, slots=True)
class Query:
    """A query as both engines understand it.

    `sort` is "relevance" or one of SORTS; without any term relevance means newest first. `required` of the `groups`
    must match; `fallback` are weaker groups for when they do not. `filters` are the boxes that were ticked: the counts
    of a facet ignore its own. `must` and `must_not` are filters that were typed (种类:专利): nothing ignores them.
    `numbers` are record codes and patent numbers recognised in the text, so that the caller can lead there.
    """

    text: str = ""
    terms: tuple[Term, ...] = ()
    groups: tuple[Group, ...] = ()
    required: int = 0
    fallback: tuple[Group, ...] = ()
    excluded: tuple[Phrase, ...] = ()
    matches_nothing: bool = False
    filters: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    must: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    must_not: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    bands: Mapping[str, tuple[Band, ...]] = field(default_factory=dict)
    ages: tuple[Age, ...] = ()
    """What sinks in the order of relevance, and by how much; the stretches do not overlap."""
    facets: tuple[str, ...] = ()
    sort: str = "relevance"
    descending: bool = True
    offset: int = 0
    limit: int = 20
    cursor: Cursor | None = None
    numbers: tuple[str, ...] = ()
    clamped: bool = False

    def check(self) -> None:
        """Raise `UndeclaredField` for filters, facets or a sort that no document declares."""
        for names in (self.filters, self.must, self.must_not, self.facets):
            require_declared(names, FILTERS)
            require_declared([name for name in names if name in BANDS], self.bands)
        require_declared([self.sort], ("relevance", *SORTS))

    def pieces(self) -> list[tuple[str, tuple[Group, ...]]]:
        """List what can be left out of what was typed, with the words that then remain, most of them first.

        A piece stands between blanks; where there are no blanks every word is a piece.
        """
        found = []
        for piece in self._typed or [group.words for group in self.groups]:
            normal = text.normalise(piece)
            others = tuple(group for group in self.groups if group.words not in normal)
            if 0 < len(others) < len(self.groups):
                found.append((piece, others))
        return sorted(found, key=lambda pair: -sum(len(group.words) for group in pair[1]))[:MAX_PIECES]

    @property
    def _typed(self) -> list[str]:
        typed = self.text.split()
        return typed if len(typed) > 1 else []

    def ways(self) -> list[Query]:
        """List the weaker queries, strongest first, that are asked when this one finds nothing. Filters stay.

        One typed piece less, the shortest first; three of four words, half of them; then most pairs of characters, then
        some; then any whole word.
        """
        pieces = self.pieces()
        found = [replace(self, groups=others, required=len(others)) for _, others in pieces] if self._typed else []
        # A single character is no word to relax to: too many texts share one.
        words = tuple(group for group in self.groups if len(group.words) > 1) or self.groups
        least = len(self.groups) if len(words) == len(self.groups) else len(words) + 1
        for share in (0.75, 0.5):
            weaker = max(1, int(len(words) * share))
            if weaker < least:
                found.append(replace(self, groups=words, required=weaker))
                least = weaker
        pairs = len(self.fallback)
        if pairs > 1:
            levels = dict.fromkeys(max(2, round(pairs * share)) for share in (0.7, 0.4))
            found += [replace(self, groups=self.fallback, required=required) for required in levels]
        if least > 1:
            found.append(replace(self, groups=words, required=1))
        return found
