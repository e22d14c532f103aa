"""Search and matching as users meet them. The engine ranks ids; rows come from the database, asked `may` once more."""

from collections.abc import Iterable, Mapping

from sqlmodel import Session

from search import numbers, ranking, reasons
from search.documents import SORTS, UndeclaredField
from search.engine import EngineUnavailable, Statistics, search_relaxing
from search.parse import parse
from search.query import Cursor
from services.ground.actor import Actor
from services.ground.errors import BadRequest, NotFound, Unavailable
from services.ground.identifiers import PREFIXES, path_of
from services.ground.market import Market
from services.listings import service as listings
from services.listings.schemas import ListingView
from services.matching import learning, rules
from services.matching.index import follow, reconcile, reindex
from services.matching.schemas import FacetValue, MatchesOut, MatchOut, ParameterCheck, ReasonOut, SearchOut

__all__ = ["follow", "matches", "reconcile", "reindex", "search"]

FACETS = ("kind", "chain", "subfield", "region", "maturity", "organisation_kind", "cooperation", "freshness")
CANDIDATES = 500


def search(
    session: Session,
    actor: Actor,
    market: Market,
    typed: str,
    *,
    filters: Mapping[str, Iterable[str]] | None = None,
    sort: str = "relevance",
    cursor: str | None = None,
    offset: int = 0,
    limit: int = 20,
) -> SearchOut:
    """Find public records.

    Raises BadRequest for a sort or a filter that no record declares and for a cursor this list did not give,
    Unavailable when the engine does not answer.
    """
    if sort not in {"relevance", *SORTS}:
        raise BadRequest("sort_unknown", value=sort[:40], allowed="、".join(("relevance", *SORTS)))
    try:
        place = Cursor.decode(cursor) if cursor else None
    except ValueError as error:
        raise BadRequest("cursor_unknown") from error
    query = parse(typed, filters=filters, facets=FACETS, sort=sort, offset=offset, limit=limit, cursor=place)
    try:
        page = search_relaxing(market.engine, query)
    except UndeclaredField as error:
        raise BadRequest("filter_unknown", value=error.name, allowed="、".join(error.allowed)) from error
    except EngineUnavailable as error:
        raise Unavailable("search") from error
    rows = listings.visible_by_ids(session, actor, [key for key, _score in page.hits])
    return SearchOut(
        items=rows,
        next=page.next.encode() if page.next else None,
        total=page.total,
        facets={
            name: [FacetValue(value=v, label=rules.label(name, v), count=n) for v, n in values]
            for name, values in page.facets.items()
        },
        relaxed=page.relaxed,
        record=_record(session, actor, query.numbers),
    )


def matches(
    session: Session, actor: Actor, market: Market, code: str, *, kinds: tuple[str, ...] = (), limit: int = 20
) -> MatchesOut:
    """Find what fits a need (results, patents, experts) or a record (needs), best first, each with its reasons.

    Raises NotFound or Gone as the record's page does, Unavailable when the engine does not answer.
    """
    asked = listings.get_visible(session, actor, code)
    kinds = kinds or (("result", "patent") if asked.kind == "need" else ("need",))
    need = ranking.NeedText(asked.title, "\n".join(part for part in (asked.summary, asked.body) if part))
    try:
        statistics = market.engine.statistics(ranking.vocabulary(need))
        hits = market.engine.candidates(
            ranking.candidate_terms(need, statistics), {"kind": kinds}, CANDIDATES, exclude=(asked.id,)
        )
        texts = market.engine.texts([key for key, _score in hits])
    except EngineUnavailable as error:
        raise Unavailable("search") from error
    candidates = ranking.prepare(texts, learning.current(market))
    ranked = ranking.rank(need, candidates, statistics)
    rows = {row.id: row for row in listings.visible_by_ids(session, actor, [item.id for item in ranked[: limit * 2]])}
    items = [_match(asked, rows[item.id], item, need, statistics) for item in ranked if item.id in rows]
    items.sort(key=lambda item: (-item.score, item.code))
    return MatchesOut(items=items[:limit], ranker=candidates.ranker)


def _match(
    asked: ListingView,
    record: ListingView,
    scored: ranking.Scored,
    need: ranking.NeedText,
    statistics: Statistics,
) -> MatchOut:
    wanted, offered = (asked, record) if asked.kind == "need" else (record, asked)
    shown = f"{record.title}\n{record.summary}\n{record.body}"
    told = [
        ReasonOut(kind="word", text=word, weight=weight)
        for word, weight in reasons.shared_words(need, shown, statistics)
    ]
    told += [ReasonOut(kind=kind, text=text) for kind, text in rules.facts(wanted, offered)]
    checks = [ParameterCheck(**row) for row in rules.compare(wanted, offered)]
    return MatchOut(
        code=record.code,
        title=record.title,
        state=record.state,
        url=record.url,
        kind=record.kind,
        score=round(max(0.0, scored.score + rules.adjustment(checks)) * 100, 1),
        level=scored.level,
        reasons=told,
        parameters=checks,
    )


def _record(session: Session, actor: Actor, found: tuple[str, ...]) -> str | None:
    """Give the page of the one record whose number was typed."""
    if len(found) != 1:
        return None
    number = numbers.find_numbers(found[0])
    code = found[0] if found[0][:1] in PREFIXES.values() and "-" in found[0] else None
    if code is None and number and number[0].kind == "patent":
        code = listings.by_number(session, number[0].value)
    if code is None:
        return None
    if code[0] in "NRPE":
        try:
            listings.get_visible(session, actor, code)
        except NotFound:
            return None
    return path_of(code)
