"""Counting the tokens of many texts at once: characters and bigrams as numbers, so that numpy does the work.

The tokens are those of `search.text.characters` and `search.text.bigrams`, one by one; a test holds them equal.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from search.documents import StoredText

Numbers = NDArray[np.int64]
_Kind = TypeVar("_Kind", np.int64, np.bool_)
_LATIN = re.compile("[a-z0-9]+")
_BEYOND = re.compile("[^\x01-\ud7ff\ue000-\uffff]")
LATIN_BASE = 1 << 40
"""Latin runs are numbered from here; Han characters are their code, bigrams two codes of 16 bits."""


@dataclass(frozen=True, slots=True)
class Field:
    """All tokens of one field: code and number of the text for each, and the length of each text."""

    codes: Numbers
    owners: Numbers
    lengths: NDArray[np.float64]


class Texts:
    """Texts prepared for ranking; made once, asked by many needs."""

    def __init__(self, texts: Mapping[int, StoredText]) -> None:
        """Cut all normalised texts; the order of `ids` is the order of every score array."""
        self.ids: tuple[int, ...] = tuple(texts)
        whole = [_BEYOND.sub(" ", f"{one.title}\n{one.body}\n") for one in texts.values()]
        joined = "".join(whole)
        array = np.frombuffer(joined.encode("utf-16-le"), dtype=np.uint16).astype(np.int64)
        ends = np.cumsum([len(one) for one in whole], dtype=np.int64)
        han = (array >= 0x4E00) & (array <= 0x9FFF)
        latin = ((array >= 48) & (array <= 57)) | ((array >= 97) & (array <= 122))
        starts = latin & ~_shifted(latin, 1)
        self._latin: dict[str, int] = {}
        codes = array.copy()
        codes[starts] = [
            self._latin.setdefault(run, LATIN_BASE + len(self._latin)) for run in _LATIN.findall(joined)
        ] or np.zeros(0, dtype=np.int64)
        followed = han & _shifted(han, -1)
        alone = han & ~_shifted(han, -1) & ~_shifted(han, 1)
        lengths = np.array([len(one) for one in whole], dtype=np.int64)
        titles = np.array([len(one.title) for one in texts.values()], dtype=np.int64)
        places = np.arange(len(array), dtype=np.int64) - np.repeat(ends - lengths, lengths)
        title = places < np.repeat(titles, lengths)
        self._fields = {
            "chars": _field(codes, han | starts, ends),
            "title_chars": _field(codes, (han | starts) & title, ends),
        }
        pairs = codes.copy()
        pairs[followed] = (array[followed] << 16) | _shifted(array, -1)[followed]
        self._fields["bigrams"] = _field(pairs, followed | alone | starts, ends)

    def __len__(self) -> int:
        """Count the texts."""
        return len(self.ids)

    def field(self, name: str) -> Field:
        """Give the tokens of `chars`, `title_chars` or `bigrams`."""
        return self._fields[name]

    @property
    def latin(self) -> tuple[str, ...]:
        """Give the latin runs in the order of their numbers, the first one numbered LATIN_BASE."""
        return tuple(self._latin)

    def code(self, token: str) -> int | None:
        """Give the number of a token; None for a latin run that stands in none of the texts."""
        if "\u4e00" <= token[0] <= "\u9fff":
            return ord(token) if len(token) == 1 else (ord(token[0]) << 16) | ord(token[1])
        return self._latin.get(token)

    def frequencies(self, name: str) -> dict[int, int]:
        """Count for each token code of a field in how many texts it stands."""
        field = self._fields[name]
        order = np.lexsort((field.owners, field.codes))
        codes, owners = field.codes[order], field.owners[order]
        first = np.ones(len(codes), dtype=bool)
        first[1:] = (codes[1:] != codes[:-1]) | (owners[1:] != owners[:-1])
        found, counts = np.unique(codes[first], return_counts=True)
        return dict(zip(found.tolist(), counts.tolist(), strict=True))

    def counts(self, name: str, tokens: Sequence[str]) -> tuple[Numbers, Numbers, Numbers]:
        """Count tokens: three arrays of equal length, number of the text, place in `tokens`, times it stands there."""
        known = sorted((code, place) for place, token in enumerate(tokens) if (code := self.code(token)) is not None)
        empty = np.zeros(0, dtype=np.int64)
        field = self._fields[name]
        if not known or not len(field.codes):
            return empty, empty, empty
        wanted = np.array([code for code, _ in known], dtype=np.int64)
        places = np.array([place for _, place in known], dtype=np.int64)
        found = np.minimum(np.searchsorted(wanted, field.codes), len(wanted) - 1)
        hit = wanted[found] == field.codes
        pairs, times = np.unique(field.owners[hit] * len(wanted) + found[hit], return_counts=True)
        return pairs // len(wanted), places[pairs % len(wanted)], times.astype(np.int64)


def _shifted(values: NDArray[_Kind], by: int) -> NDArray[_Kind]:
    """Give at each place the value `by` places before (negative: after); zero beyond the ends."""
    out = np.zeros_like(values)
    if by > 0:
        out[by:] = values[:-by]
    elif len(values):
        out[:by] = values[-by:]
    return out


def _field(codes: Numbers, where: NDArray[np.bool_], ends: Numbers) -> Field:
    places = np.flatnonzero(where)
    owners = np.searchsorted(ends, places, side="right").astype(np.int64)
    return Field(codes[places], owners, np.bincount(owners, minlength=len(ends)).astype(np.float64))
