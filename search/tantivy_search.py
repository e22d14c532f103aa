"""Answering a query with one searcher of tantivy: hits, total and facets come from the same commit."""

from collections.abc import Mapping
from typing import Any

import tantivy

from search import tantivy_query as tq
from search.documents import BANDS
from search.engine import Page
from search.query import Band, Cursor, Query

FACET_VALUES = 5_000
"""More values than any declared filter has: the counts are exact only when none is cut off."""

Hits = tuple[tuple[int, float], ...]
Counts = tuple[tuple[str, int], ...]


def search(index: tantivy.Index, searcher: tantivy.Searcher, query: Query) -> Page:
    """Answer a query whose names have been checked."""
    found = tq.condition(index.schema, query)
    hits, following, total = _hits(index, searcher, query, found)
    return Page(total, hits, _facets(index, searcher, query, found), following)


def total_of(index: tantivy.Index, searcher: tantivy.Searcher, query: Query) -> int:
    """Count what a query finds."""
    return 0 if query.matches_nothing else count(searcher, tq.condition(index.schema, query))


def count(searcher: tantivy.Searcher, found: tantivy.Query) -> int:
    """Count the records that are found; removed ones do not count."""
    return searcher.search(found, 1, count=True).count or 0  # type: ignore[attr-defined]  # the stub leaves it out


def _hits(
    index: tantivy.Index, searcher: tantivy.Searcher, query: Query, found: tantivy.Query
) -> tuple[Hits, Cursor | None, int]:
    by_score = query.sort == "relevance" and bool(query.terms)
    descending = query.descending or query.sort == "relevance"
    field = f"s_{'published' if query.sort == 'relevance' else query.sort}{'' if descending else '_asc'}"
    ranked = tq.scored(index.schema, found, query.terms, query.ages) if by_score else found
    before = query.offset if query.cursor is None else query.cursor.position
    want = before + query.limit
    while True:
        if by_score:
            hits, everything, total = tq.best_by_score(searcher, ranked, want + 1, counting=True)
        else:
            hits, everything, total = tq.best_by_field(
                index.schema, searcher, ranked, want + 1, field, descending=descending
            )
        if query.cursor is None:
            page = hits[before:]
            break
        sign = -1.0 if descending else 1.0
        end = (sign * query.cursor.key, query.cursor.id)
        page = [hit for hit in hits if (sign * hit[0], hit[1]) > end]
        if len(page) > query.limit or everything:
            break
        want += query.limit + tq.SLACK  # records were written in front of the cursor meanwhile
    more = len(page) > query.limit
    page = page[: query.limit]
    following = Cursor(page[-1][0], page[-1][1], before + len(page)) if more and page else None
    return tuple((number, key if by_score else 0.0) for key, number in page), following, total


def _facets(index: tantivy.Index, searcher: tantivy.Searcher, query: Query, found: tantivy.Query) -> dict[str, Counts]:
    """Count values: all filters without a selection in one pass, each of the others without its own selection.

    One call with several filters inside is three times slower than one call for each.
    """
    answer: dict[str, Counts] = {}
    plain = [name for name in query.facets if not query.filters.get(name)]
    passes = [(plain, found)] if plain else []
    passes += [([name], tq.condition(index.schema, query, without=name)) for name in query.facets if name not in plain]
    for names, candidates in passes:
        wanted = {name: _aggregation(name, query.bands) for name in names}
        for name, counted in searcher.aggregate(candidates, wanted).items():
            answer[name] = _counts(query, name, counted["buckets"])
    return {name: answer[name] for name in query.facets}


def _aggregation(name: str, bands: Mapping[str, tuple[Band, ...]]) -> dict[str, Any]:
    if name not in BANDS:
        return {"terms": {"field": f"f_{name}", "size": FACET_VALUES}}
    ranges = []
    for band in bands[name]:
        ends = {"from": band.low, "to": band.high}
        ranges.append({"key": band.value, **{key: float(end) for key, end in ends.items() if end is not None}})
    return {"range": {"field": f"s_{BANDS[name]}", "ranges": ranges}}


def _counts(query: Query, name: str, buckets: list[dict[str, Any]]) -> Counts:
    counts = {str(bucket["key"]): int(bucket["doc_count"]) for bucket in buckets if bucket["doc_count"]}
    if name in BANDS:  # what lies between the stretches is no value
        counts = {band.value: counts[band.value] for band in query.bands[name] if band.value in counts}
    for value in query.filters.get(name, ()):
        counts.setdefault(value, 0)
    return tuple(sorted(counts.items(), key=lambda pair: (-pair[1], pair[0])))
