"""Vectors of characters made from our own texts: characters that keep the same company lie near each other.

A text is the mean of its characters' vectors weighted by rarity, centred, of length 1. They are kept as small integers
with one scale for each character: a market's vectors are a file of about a megabyte, mapped into memory, whatever the
number of its records. Records are embedded when they are candidates, so nothing is kept for each of them. How they are
made: vector_training.py; why characters: docs/develop/matching.md.
"""

import json
import os
import shutil
from dataclasses import asdict, dataclass
from functools import cached_property
from pathlib import Path
from typing import Protocol

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from search import text
from search.counting import LATIN_BASE, Texts
from search.documents import StoredText

Floats = NDArray[np.float32]
CURRENT = "current"
FORMAT = 1


class Meaning(Protocol):
    """What is blended with the comparison of letters: our own vectors, or a sentence model as an optional extra."""

    @property
    def name(self) -> str:
        """Name it as the page, the API and the evaluation do."""

    def of_texts(self, texts: Texts) -> Floats:
        """Give a row of length 1 for every text; a row of zeros for one that it can say nothing about."""

    def of(self, normalised: str) -> Floats:
        """Give the same for one normalised text."""


@dataclass(frozen=True, slots=True)
class About:
    """What is known of a set of vectors. `fingerprint` names the texts it was made from, `version` the result."""

    version: str
    fingerprint: str
    texts: int
    chain_version: str = text.CHAIN_VERSION
    format: int = FORMAT


@dataclass(frozen=True)
class CharacterVectors:
    """Vectors of characters: row i of `small` x `scale[i]` belongs to `tokens[i]`, whose rarity is `weight[i]`."""

    tokens: tuple[str, ...]
    small: NDArray[np.int8]
    scale: Floats
    weight: Floats
    centre: Floats
    about: About

    @property
    def name(self) -> str:
        """Name the vectors by their version."""
        return f"character vectors {self.about.version}"

    def of(self, normalised: str) -> Floats:
        """Embed one text."""
        row: Floats = self.of_texts(Texts({0: StoredText(normalised, "")}))[0]
        return row

    def of_texts(self, texts: Texts) -> Floats:
        """Embed many texts: one row each, of length 1 or 0."""
        rows = self.means(texts)
        some = rows.any(axis=1)
        rows[some] -= self.centre
        length = np.linalg.norm(rows, axis=1, keepdims=True)
        return np.asarray(rows / np.where(length > 0, length, 1), dtype=np.float32)

    def means(self, texts: Texts) -> Floats:
        """Give for every text the mean of its characters' vectors, weighted by rarity, not yet centred."""
        field = texts.field("chars")
        places = self._places(texts, field.codes)
        owners, places = field.owners[places >= 0], places[places >= 0]
        used, column = np.unique(places, return_inverse=True)
        shape = (len(texts), len(used))
        weights = sparse.csr_matrix((self.weight[places], (owners, column)), shape=shape, dtype=np.float32)
        summed = np.asarray(weights @ (self.small[used] * self.scale[used, None]), dtype=np.float32)
        counted = np.bincount(owners, minlength=len(texts)).astype(np.float32)
        return np.asarray(summed / np.maximum(counted, 1)[:, None], dtype=np.float32)

    def _places(self, texts: Texts, codes: NDArray[np.int64]) -> NDArray[np.int64]:
        latin = codes >= LATIN_BASE
        places = self._han[np.where(latin, 0, codes)]
        numbers = np.array([self._latin.get(run, -1) for run in texts.latin], dtype=np.int64)
        places[latin] = numbers[codes[latin] - LATIN_BASE]
        return places

    @cached_property
    def _han(self) -> NDArray[np.int64]:
        rows = np.full(1 << 16, -1, dtype=np.int64)
        for place, token in enumerate(self.tokens):
            if text.is_han(token):
                rows[ord(token)] = place
        return rows

    @cached_property
    def _latin(self) -> dict[str, int]:
        return {token: place for place, token in enumerate(self.tokens) if not text.is_han(token)}


# ---- on disk: folder/VERSION/{about.json, tokens.txt, small.npy, numbers.npz}, and folder/current names the one in use


def save(vectors: CharacterVectors, folder: Path) -> None:
    """Write a new version beside the others and make it the one in use; older versions but one are removed."""
    folder.mkdir(parents=True, exist_ok=True)
    goal = folder / vectors.about.version
    if not goal.exists():
        draft = folder / f".{vectors.about.version}.{os.getpid()}"
        draft.mkdir(exist_ok=True)
        np.save(draft / "small.npy", vectors.small)
        np.savez(draft / "numbers.npz", scale=vectors.scale, weight=vectors.weight, centre=vectors.centre)
        (draft / "tokens.txt").write_text("\n".join(vectors.tokens), encoding="utf-8")
        (draft / "about.json").write_text(json.dumps(asdict(vectors.about)), encoding="utf-8")
        draft.rename(goal)
    before = current(folder)
    pointer = folder / f".{CURRENT}.{os.getpid()}"
    pointer.write_text(vectors.about.version, encoding="ascii")
    pointer.replace(folder / CURRENT)
    for old in folder.iterdir():
        # The version before stays: another process may be about to open it.
        if old.is_dir() and old.name not in {vectors.about.version, before}:
            shutil.rmtree(old, ignore_errors=True)


def current(folder: Path) -> str | None:
    """Name the version in use; None where no vectors have been made."""
    try:
        return (folder / CURRENT).read_text(encoding="ascii").strip() or None
    except FileNotFoundError:
        return None


def about(folder: Path) -> About | None:
    """Say what the vectors in use were made from; None where there are none that this program can use."""
    version = current(folder)
    if version is None:
        return None
    try:
        found = About(**json.loads((folder / version / "about.json").read_text(encoding="utf-8")))
    except (FileNotFoundError, TypeError, ValueError):
        return None
    return found if (found.chain_version, found.format) == (text.CHAIN_VERSION, FORMAT) else None


def load(folder: Path) -> CharacterVectors | None:
    """Map the vectors in use into memory.

    None where there are none, or where another language chain made them: those would be compared with other tokens.
    """
    known = about(folder)
    if known is None:
        return None
    where = folder / known.version
    with np.load(where / "numbers.npz") as numbers:
        return CharacterVectors(
            tuple((where / "tokens.txt").read_text(encoding="utf-8").split("\n")),
            np.load(where / "small.npy", mmap_mode="r"),
            numbers["scale"],
            numbers["weight"],
            numbers["centre"],
            known,
        )
