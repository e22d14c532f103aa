"""The index follows the database: the outbox's work, the comparison of both, and the rebuild from nothing."""

from collections.abc import Callable, Sequence

from search.engine import EngineUnavailable, NotTheWriter, WrongVersion
from services.ground import outbox
from services.ground.market import Market
from services.listings import service as listings

CHUNK = 500
Progress = Callable[[int, int], None]


AWAY = (EngineUnavailable, NotTheWriter)
"""What says that it is the engine, not the record, that keeps the work from being done."""


@outbox.handler("index", away=AWAY)
def follow(market: Market, work: Sequence[outbox.Work]) -> set[int]:
    """Bring the index to the state of the database for these records; return the rows that were *seen* to agree."""
    with market.database.read() as session:
        ids = listings.ids_of(session, {row.key for row in work})
        wanted = listings.documents(session, ids.values())
    market.engine.write(list(wanted.values()), [key for key in ids.values() if key not in wanted])
    # Between reading and writing another worker may have read a later state, written it and finished its rows; what was
    # written here last would then be too old, and nobody would come back. So the database is asked again afterwards.
    with market.database.read() as session:
        now = listings.shelf_versions(session, ids.values())
    held = market.engine.versions(list(ids.values()))
    agree = {code for code, key in ids.items() if held.get(key) == now.get(key)}
    return {row.id for row in work if row.key in agree or row.key not in ids}


def reconcile(market: Market, progress: Progress | None = None) -> dict[str, int]:
    """Compare index and database record by record and mend what differs; return how many were missing, stale, left over."""
    found = {"missing": 0, "stale": 0, "left_over": 0, "compared": 0}
    after, known = 0, set()
    while True:
        with market.database.read() as session:
            ids = listings.public_ids(session, after, CHUNK)
            wanted = listings.documents(session, ids)
        if not ids:
            break
        held = market.engine.versions(ids)
        missing = [wanted[key] for key in wanted if key not in held]
        stale = [wanted[key] for key in wanted if key in held and held[key] != wanted[key].version]
        left = [key for key in held if key not in wanted]
        if missing or stale or left:
            market.engine.write([*missing, *stale], left)
        found["missing"] += len(missing)
        found["stale"] += len(stale)
        found["left_over"] += len(left)
        found["compared"] += len(ids)
        known.update(ids)
        after = ids[-1]
        if progress:
            progress(found["compared"], 0)
    found["left_over"] += _strangers(market, known)
    return found


def reindex(market: Market, progress: Progress | None = None) -> int:
    """Build the index anew aside and switch to it; return how many records it holds. A rebuild that stops leaves the old one."""
    after = done = 0
    with market.engine.rebuild() as fresh:
        while True:
            with market.database.read() as session:
                ids = listings.public_ids(session, after, CHUNK)
                batch = list(listings.documents(session, ids).values())
            if not ids:
                break
            fresh.add(batch)
            done += len(batch)
            after = ids[-1]
            if progress:
                progress(done, 0)
        fresh.switch()
    reconcile(market)
    return done


def reindex_if_outdated(market: Market) -> bool:
    """Rebuild an index that another version of the language chain made; until then searches are answered by 503."""
    if outdated := is_outdated(market):
        reindex(market)
    return outdated


def is_outdated(market: Market) -> bool:
    """Tell whether the index was made by another version of the language chain, so that nothing can be asked of it."""
    try:
        market.engine.ids(0, 1)
    except WrongVersion:
        return True
    return False


def _strangers(market: Market, known: set[int]) -> int:
    """Remove what the index holds and the database has never heard of."""
    after = removed = 0
    while ids := market.engine.ids(after, CHUNK):
        strange = [key for key in ids if key not in known]
        if strange:
            with market.database.read() as session:
                real = set(listings.documents(session, strange))
            gone = [key for key in strange if key not in real]
            if gone:
                market.engine.write([], gone)
            removed += len(gone)
        after = ids[-1]
    return removed
