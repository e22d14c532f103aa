"""Searching as users meet it. The engine gives ids in order; rows come from the database, asked `may` once more."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace

from sqlmodel import Session

from search.documents import FILTERS, SORTS, UndeclaredField
from search.engine import EngineUnavailable, search_relaxing
from search.parse import parse
from search.query import MAX_OFFSET, Band, Cursor, Query
from search.snippets import Marker
from search.synonyms import NO_SYNONYMS
from services.ground import clock, record_numbers
from services.ground.actor import Actor
from services.ground.answers import made
from services.ground.errors import BadRequest, TooLarge, Unavailable
from services.ground.market import Market
from services.listings import rules as listing_rules
from services.listings import service as listings
from services.listings.schemas import ListingView
from services.matching import ageing, queries, rules, synonyms
from services.matching.fields import resolver
from services.matching.schemas import FacetValue, HighlightOut, HitOut, SearchOut, WayOut, WordOut

FACETS = ("kind", "chain", "subfield", "region", "maturity", "organisation_kind", "cooperation", "state_of_patent", "freshness")  # fmt: skip
MAX_TYPED = 20_000
"""More characters than that are no query; a whole text is a need to be written, or a file."""
MAX_VALUES = 1_000
MAX_WAYS = 8
SORT_NAMES = ("relevance", *SORTS)


@dataclass(frozen=True)
class Asked:
    """One question as it came from an address. `page` counts from 1; deeper than MAX_OFFSET only the cursor leads."""

    typed: str = ""
    filters: Mapping[str, Iterable[str]] | None = None
    sort: str = "relevance"
    descending: bool = True
    cursor: str | None = None
    page: int = 1
    limit: int = 20
    exact: bool = False
    """Only the words as they were typed, without synonyms."""
    facets: tuple[str, ...] = FACETS
    counted: bool = True
    """Whether somebody asked; what the market asks by itself is not written into the book of queries."""


def search(session: Session, actor: Actor, market: Market, asked: Asked) -> SearchOut:
    """Find public records.

    Raises BadRequest for a sort or a filter that no record declares, for too many values, a page that is too deep and a
    cursor this list did not give; TooLarge for a text that is no query; Unavailable when the engine does not answer.
    """
    query = understand(session, market, asked)
    try:
        page = search_relaxing(market.engine, query)
        ways = _ways(market, query) if page.relaxed or not page.total else []
    except UndeclaredField as error:
        raise BadRequest("filter_unknown", value=error.name[:40], allowed="、".join(error.allowed)) from error
    except EngineUnavailable as error:
        raise Unavailable("search") from error
    if asked.counted and query.cursor is None and not query.offset:
        queries.note_search(market, query, found=page.total > 0 and not page.relaxed)
    marker = Marker.of(query, relaxed=page.relaxed)
    rows = listings.visible_by_ids(session, actor, [key for key, _score in page.hits])
    return SearchOut.model_construct(
        items=[_hit(row, marker) for row in rows],
        next=page.next.encode() if page.next else None,
        total=page.total,
        facets={name: _counted(name, values) for name, values in page.facets.items()},
        relaxed=page.relaxed,
        ways=ways,
        words=[WordOut(word=group.words, others=list(group.others)) for group in query.groups],
        clamped=query.clamped,
        record=record_numbers.page_of(session, actor, asked.typed) if query.numbers else None,
    )


def understand(session: Session, market: Market, asked: Asked) -> Query:
    """Turn a question into the engine's query. Raises as `search` does, but for Unavailable."""
    if len(asked.typed) > MAX_TYPED:
        raise TooLarge("query_too_long", limit=MAX_TYPED)
    if asked.sort not in SORT_NAMES:
        raise BadRequest("sort_unknown", value=asked.sort[:40], allowed="、".join(SORT_NAMES))
    filters = {name: tuple(dict.fromkeys(values)) for name, values in (asked.filters or {}).items()}
    unknown = next((name for name in filters if name not in FILTERS), None)
    if unknown is not None:
        raise BadRequest("filter_unknown", value=unknown[:40], allowed="、".join(FILTERS))
    if sum(map(len, filters.values())) > MAX_VALUES:
        raise BadRequest("too_many_values", limit=MAX_VALUES)
    offset = (asked.page - 1) * asked.limit
    if not 0 <= offset <= MAX_OFFSET:
        raise BadRequest("page_too_deep", limit=MAX_OFFSET // asked.limit + 1)
    try:
        place = Cursor.decode(asked.cursor) if asked.cursor else None
    except ValueError as error:
        raise BadRequest("cursor_unknown") from error
    return parse(
        asked.typed,
        filters=filters,
        facets=asked.facets,
        bands=bands(),
        ages=ageing.ages(clock.now()),
        sort=asked.sort,
        descending=asked.descending,
        offset=offset,
        limit=asked.limit,
        cursor=place,
        book=NO_SYNONYMS if asked.exact else synonyms.book_of(market, session),
        resolve=resolver(session),
    )


def bands() -> dict[str, tuple[Band, ...]]:
    """Say where each stretch of freshness begins and ends now."""
    bounds = listing_rules.freshness_bounds(clock.now())
    return {
        "freshness": tuple(
            Band(value, *(None if moment is None else int(moment.timestamp()) for moment in (low, high)))
            for value, low, high in bounds
        )
    }


def _counted(name: str, values: Iterable[tuple[str, int]]) -> list[FacetValue]:
    return [
        made(FacetValue, {"value": value, "label": rules.label(name, value), "count": count}) for value, count in values
    ]


def _hit(row: ListingView, marker: Marker) -> HitOut:
    snippet = marker.snippet(row.summary, row.body)
    highlight = made(
        HighlightOut,
        {"title": list(marker.marks(row.title)), "snippet": snippet.text, "snippet_marks": list(snippet.marks)},
    )
    return made(HitOut, {**row.__dict__, "highlight": highlight})


def _ways(market: Market, query: Query) -> list[WayOut]:
    """Say for each filter, and for each of several words, what leaving it out would give. Nothing is left out by itself."""
    ways: list[tuple[WayOut, Query]] = []
    for name, values in query.filters.items():
        rest = {key: kept for key, kept in query.filters.items() if key != name}
        label = "、".join(rules.label(name, value) for value in values[:5])
        ways.append((_way("filter", name, list(values), label), replace(query, filters=rest)))
    for piece, others in query.pieces():
        without = replace(query, groups=others, required=len(others))
        ways.append((_way("word", piece, [], piece), without))
    ways = ways[:MAX_WAYS]
    totals = market.engine.totals([weaker for _way, weaker in ways])
    return [way.model_copy(update={"total": total}) for (way, _query), total in zip(ways, totals, strict=True) if total]


def _way(drop: str, name: str, values: list[str], label: str) -> WayOut:
    return WayOut.model_validate({"drop": drop, "name": name, "values": values, "label": label, "total": 0})
