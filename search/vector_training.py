"""Making the vectors of vectors.py: positive pointwise mutual information of neighbouring characters, reduced by SVD.

Deterministic: the same texts in the same order give the same vectors.
"""

import hashlib
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray
from scipy import sparse
from scipy.sparse.linalg import svds

from search import text
from search.counting import Texts
from search.documents import StoredText
from search.vectors import About, CharacterVectors

DIMENSIONS = 200
WINDOW = 5
RAREST = 3
"""Characters and latin runs that stand in fewer texts get no vector."""
MOST_TOKENS = 8_000
SMOOTHING = 0.75
"""Power of the neighbours' frequencies: the usual value, which keeps rare neighbours from weighing too much."""
CHUNK = 2_000_000
"""Characters counted at a time; bounds the memory."""
MOST_CHARACTERS = 20_000_000
"""More text than this is thinned evenly: more of it changes nothing that could be measured."""
SAMPLE = 5_000
"""Texts from which the centre is taken."""
FEWEST_TEXTS = 30
STEPS = 127


class TooFewTexts(ValueError):
    """There is not enough text to learn from; matching goes on without vectors."""


def train(texts: Sequence[StoredText]) -> CharacterVectors:
    """Make vectors from normalised texts. Raises TooFewTexts."""
    chosen = thinned(texts)
    cut = [text.characters(f"{one.title}\n{one.body}") for one in chosen]
    frequency = Counter(token for tokens in cut for token in set(tokens))
    kept = sorted((token for token, times in frequency.items() if times >= RAREST), key=lambda t: (-frequency[t], t))
    kept = kept[:MOST_TOKENS]
    if min(len(chosen), len(kept)) < FEWEST_TEXTS:
        raise TooFewTexts(f"{len(chosen)} texts with {len(kept)} known characters are too few to learn from")
    vectors = _reduced(_mutual_information(_in_chunks(cut, kept), len(kept)))
    scale = np.maximum(np.abs(vectors).max(axis=1), 1e-9).astype(np.float32) / STEPS
    small = np.round(vectors / scale[:, None]).astype(np.int8)
    weight = np.log((len(chosen) + 1) / (np.array([frequency[token] for token in kept]) + 1)).astype(np.float32)
    version = hashlib.sha256(small.tobytes() + "\n".join(kept).encode()).hexdigest()[:12]
    origin = About(version, fingerprint(texts), len(texts))
    made = CharacterVectors(tuple(kept), small, scale, weight, np.zeros(small.shape[1], np.float32), origin)
    sample = Texts(dict(enumerate(chosen[:: -(-len(chosen) // SAMPLE)])))
    return replace(made, centre=made.means(sample).mean(axis=0).astype(np.float32))


def fingerprint(texts: Iterable[StoredText]) -> str:
    """Name a sequence of texts, to see whether vectors were made from exactly these."""
    digest = hashlib.sha256()
    for one in texts:
        digest.update(f"{one.title}\n{one.body}\0".encode())
    return digest.hexdigest()[:16]


def thinned(texts: Sequence[StoredText]) -> Sequence[StoredText]:
    """Take every nth text where there is more than needed."""
    length = sum(len(one.title) + len(one.body) for one in texts)
    return texts[:: -(-length // MOST_CHARACTERS)] if length else texts


def _in_chunks(cut: Iterable[Sequence[str]], kept: Sequence[str]) -> Iterator[NDArray[np.int64]]:
    """Give the places of the tokens in `kept` (-1: none), with a gap between texts as wide as the window."""
    place = {token: number for number, token in enumerate(kept)}
    chunk: list[int] = []
    for tokens in cut:
        chunk.extend(place.get(token, -1) for token in tokens)
        chunk.extend([-1] * WINDOW)
        if len(chunk) >= CHUNK:
            yield np.array(chunk, dtype=np.int64)
            chunk = []
    yield np.array(chunk, dtype=np.int64)


def _mutual_information(chunks: Iterable[NDArray[np.int64]], size: int) -> sparse.csr_matrix:
    counts = sparse.csr_matrix((size, size), dtype=np.float64)
    for places in chunks:
        for distance in range(1, WINDOW + 1):
            one, other = places[:-distance], places[distance:]
            both = (one >= 0) & (other >= 0)
            ones = np.ones(int(both.sum()))
            counts = counts + sparse.csr_matrix((ones, (one[both], other[both])), shape=(size, size))
    together = (counts + counts.T).tocoo()
    times = np.asarray(together.sum(axis=1)).ravel()
    smoothed = times**SMOOTHING
    expected = times[together.row] * (smoothed / smoothed.sum())[together.col]
    values = np.log(together.data / expected)
    above = values > 0
    where = (together.row[above], together.col[above])
    return sparse.csr_matrix((values[above], where), shape=(size, size))


def _reduced(information: sparse.csr_matrix) -> NDArray[np.float64]:
    size = min(DIMENSIONS, information.shape[0] - 1)
    left, values, _right = svds(information, k=size, v0=np.ones(information.shape[0]))
    vectors: NDArray[np.float64] = left * np.sqrt(np.maximum(values, 0.0))
    return vectors
