"""Waking up: what is newly published is run against the needs that are there, and hits are told once.

Needs that were closed without a solution (expired, archived, withdrawn) are looked at too: what was impossible when they
were written may be on the shelf now.
"""

from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from datetime import timedelta
from typing import Any

import structlog
from sqlmodel import Session, col, select

from search import levels, ranking
from search.documents import Document
from search.engine import EngineUnavailable, NotTheWriter
from services.ground import clock, outbox
from services.ground.actor import Actor, system_actor
from services.ground.market import Market
from services.listings import service as listings
from services.listings.schemas import ListingView
from services.matching import matches
from services.matching.match_models import MatchHit
from services.matching.match_schemas import MatchOut
from services.notices import service as notices

log = structlog.get_logger(__name__)
SYSTEM = system_actor("waking")
WAKING_KINDS = ("result", "patent", "expert")
OPEN_NEEDS = 50
"""Open needs that are looked at for each new record: those the engine finds nearest."""
SLEEPING_NEEDS = 300
AT_ONCE = 20
"""Records that one call looks at, where they came one by one."""
PART = 50
"""Needs that one call looks at, where a batch came."""
UNSOLVED = ("published", "expired")
MOST_HITS = 3
"""Of one batch the owner of a need is told of the best, not of every one."""
LOOKED_AT = 20
NEW = timedelta(days=14)

Found = tuple[ListingView, MatchOut, str]
"""A need, what was found for it, and the ranker that found it."""
Brokers = Callable[[Session, str], Collection[int]]
_brokers: list[Brokers] = []


def register_brokers(function: Brokers) -> None:
    """Let a capability above say which persons look after a need."""
    if function not in _brokers:
        _brokers.append(function)


@outbox.handler("wake", away=(EngineUnavailable, NotTheWriter))
def wake(market: Market, work: Sequence[outbox.Work]) -> set[int]:
    """Run new records, named by their code or by the batch they came in, against the needs.

    One call does a part, so that index and mail wait for seconds at most: what is left is written down as new rows, in
    the transaction that keeps what was found.
    """
    since = clock.now() - NEW
    with market.database.read() as session:
        codes = {row.id: _codes(session, row) for row in work}
        ids = listings.ids_published_since(session, {code for some in codes.values() for code in some}, since)
        records = listings.documents(session, ids.values())
    held = market.engine.versions(list(records))
    ready = [row for row in work if all(ids[code] in held for code in codes[row.id] if ids.get(code) in records)]

    def new(rows: Sequence[outbox.Work]) -> dict[int, Document]:
        found = {key: records[key] for row in rows for code in codes[row.id] if (key := ids.get(code)) in records}
        return {key: record for key, record in found.items() if record.kind in WAKING_KINDS}

    singles = [row for row in ready if not row.payload.get("batch")]
    _wake_singles(market, new(singles[:AT_ONCE]), singles[AT_ONCE:])
    for row in ready:
        if row.payload.get("batch") and (arrived := new([row])):
            _wake_batch(market, row, arrived)
    return {row.id for row in ready}


def hits_of(session: Session, need_id: int) -> set[int]:
    """Give the ids of records that were found to fit a need in the last two weeks."""
    since = clock.now() - NEW
    statement = select(MatchHit.record_id).where(MatchHit.need_id == need_id, col(MatchHit.found_at) >= since)
    return set(session.exec(statement))


def hits_for(session: Session, actor: Actor, limit: int = 10) -> list[tuple[ListingView, ListingView]]:
    """Give the newest hits of the actor's own needs as (need, record), newest first; what is gone is left out."""
    own = actor.organisation_ids | ({actor.on_behalf_of_id} if actor.on_behalf_of_id else set())
    if not own:
        return []
    statement = select(MatchHit).where(
        col(MatchHit.need_owner_id).in_(own), col(MatchHit.found_at) >= clock.now() - NEW
    )
    rows = list(session.exec(statement.order_by(col(MatchHit.id).desc()).limit(limit)))
    ids = list({key for row in rows for key in (row.need_id, row.record_id)})
    shown = {view.id: view for view in listings.visible_by_ids(session, actor, ids)}
    return [
        (shown[row.need_id], shown[row.record_id]) for row in rows if row.need_id in shown and row.record_id in shown
    ]


def _codes(session: Session, row: outbox.Work) -> list[str]:
    return listings.codes_of_batch(session, row.key) if row.payload.get("batch") else [row.key]


def _wake_singles(market: Market, records: dict[int, Document], left: Sequence[outbox.Work]) -> None:
    """Look at the needs nearest to a few records, and put off the others."""
    found: list[Found] = []
    if records:
        with market.database.read() as session:
            found = _fits(market, session, _nearest_needs(session, market, records), records)
    _keep(market, found, len(records), [(row.key, {}) for row in left])


def _wake_batch(market: Market, row: outbox.Work, records: dict[int, Document]) -> None:
    """Look at the next part of all needs, since of a batch each may have been waited for; the last part is the sleeping ones."""
    with market.database.read() as session:
        part = listings.list_listings(session, SYSTEM, "need", after=int(row.payload.get("after", 0)), limit=PART)
        needs = [need for need in part if need.state in UNSOLVED]
        if not part:
            needs = listings.sleeping_needs(session, SYSTEM, SLEEPING_NEEDS)
        found = _fits(market, session, needs, records)
    _keep(market, found, len(records), [(row.key, {"batch": True, "after": part[-1].id})] if part else [])


def _fits(market: Market, session: Session, needs: Iterable[ListingView], records: dict[int, Document]) -> list[Found]:
    found: list[Found] = []
    for need in needs:
        order = matches.order(market, need, {record.kind for record in records.values()})
        fit = matches.judged(session, SYSTEM, need, order, LOOKED_AT)
        good = [item for item in fit if item.level >= levels.FAIRLY_STRONG and _is_new(need, records.get(item.id))]
        found += [(need, item, order.ranker) for item in good[:MOST_HITS]]
    return found


def _keep(market: Market, found: list[Found], looked_at: int, left: list[tuple[str, dict[str, Any]]]) -> None:
    if not found and not left:
        return
    with market.database.write() as session:
        told = sum(_tell(session, need, item, ranker) for need, item, ranker in found)
        for key, payload in left:
            outbox.add(session, "wake", key, **payload)
    log.info("needs_woken", records=looked_at, hits=len(found), told=told, left=len(left))


def _nearest_needs(session: Session, market: Market, records: dict[int, Document]) -> Iterator[ListingView]:
    """Give the unsolved needs that the engine finds nearest to the records, then those that have left the shelf."""
    near: set[int] = set()
    for record in records.values():
        text = ranking.NeedText(record.title, record.body)
        statistics = market.engine.statistics(ranking.vocabulary(text))
        terms = ranking.candidate_terms(text, statistics)
        near |= {key for key, _score in market.engine.candidates(terms, {"kind": ("need",)}, OPEN_NEEDS)}
    for need in listings.visible_by_ids(session, SYSTEM, sorted(near)):
        if need.state in UNSOLVED:
            yield need
    for need in listings.sleeping_needs(session, SYSTEM, SLEEPING_NEEDS):
        if need.id not in near:
            yield need


def _is_new(need: ListingView, record: Document | None) -> bool:
    """Say whether a record came after the need: what was there before, its owner has seen on the need's page."""
    written = need.published_at.timestamp() if need.published_at else 0
    return record is not None and record.sorts.get("published", 0) >= int(written)


def _tell(session: Session, need: ListingView, item: MatchOut, ranker: str) -> int:
    known = select(MatchHit.id).where(MatchHit.need_id == need.id, MatchHit.record_id == item.id)
    if session.exec(known).first() is not None:
        return 0
    hit = MatchHit(
        need_id=need.id,
        need_owner_id=need.owner_id,
        record_id=item.id,
        level=item.level,
        score=item.score,
        ranker=ranker[:120],
        found_at=clock.now(),
    )
    session.add(hit)
    session.flush()
    params = {"need": need.title, "title": item.title}
    told = notices.notify(session, "match_new", params, url=need.url, organisation_id=need.owner_id)
    minders = {person for function in _brokers for person in function(session, need.code)}
    for person_id in sorted(minders | set(listings.minders(session, need.code))):
        told += notices.notify(session, "match_new", params, url=need.url, person_id=person_id)
    return told
