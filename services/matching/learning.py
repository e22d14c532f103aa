"""The market's own vectors: made by a job from its public texts, kept with a version, mapped by whoever ranks."""

import threading
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

from search import vector_training, vectors
from search.documents import StoredText, stored_text
from services.ground import clock
from services.ground.database import Database
from services.ground.market import Market
from services.listings import service as listings

CHUNK = 500
MOST_TEXTS = 60_000
"""Of a larger market every nth chunk of records is read: more text changes nothing that could be measured."""

_opened: dict[Path, tuple[str, vectors.CharacterVectors | None]] = {}
_lock = threading.Lock()


def folder(market: Market) -> Path:
    """Give the folder of the vectors: in the home, which the processes of a city share."""
    return market.settings.home / "vectors"


def current(market: Market) -> vectors.CharacterVectors | None:
    """Give the vectors in use, mapped once per process and version; None where none have been made yet."""
    where = folder(market)
    version = vectors.current(where)
    if version is None:
        return None
    with _lock:
        known = _opened.get(where)
        if known is None or known[0] != version:
            known = _opened[where] = (version, vectors.load(where))
    return known[1]


def learn(market: Market) -> vectors.About | None:
    """Make vectors from the public texts of the market and use them from now on; return what they were made from.

    Nothing is done when the vectors in use were made from exactly these texts. None: too few texts, matching goes on
    without vectors.
    """
    texts = public_texts(market.database)
    known = vectors.about(folder(market))
    if known is not None and known.fingerprint == vector_training.fingerprint(texts):
        (folder(market) / vectors.CURRENT).touch()
        return known
    try:
        made = vector_training.train(texts)
    except vector_training.TooFewTexts:
        return None
    vectors.save(made, folder(market))
    return made.about


def is_due(market: Market) -> bool:
    """Say whether nobody has looked today whether the vectors still suit the texts."""
    pointer = folder(market) / vectors.CURRENT
    if not pointer.exists() or vectors.about(folder(market)) is None:
        return True
    looked = datetime.fromtimestamp(pointer.stat().st_mtime, UTC)
    return looked.astimezone(clock.LAW_ZONE).date() < clock.today()


def public_texts(database: Database) -> list[StoredText]:
    """Read the texts that everybody may read, normalised, in the order of the records, each wording once."""
    return list(dict.fromkeys(text for chunk in _chunks(database) for text in chunk))


def _chunks(database: Database) -> Iterator[list[StoredText]]:
    with database.read() as session:
        step = -(-sum(listings.counts(session).values()) // MOST_TEXTS) or 1
    after = number = 0
    while True:
        with database.read() as session:
            ids = listings.public_ids(session, after, CHUNK)
            if not ids:
                return
            if number % step == 0:
                yield [stored_text(document) for document in listings.documents(session, ids).values()]
        after, number = ids[-1], number + 1
