"""The engine-neutral query in the words of Elasticsearch, and its answer as a page."""

from collections.abc import Collection, Mapping, Sequence
from typing import Any

from search.documents import (
    BANDS,
    INDEX_VERSION,
    LENGTHS,
    SORTS,
    STORED_FILTERS,
    TOKEN_FIELDS,
    Document,
    filter_values,
    indexed,
    sort_values,
)
from search.engine import Page
from search.query import Age, Band, Cursor, Phrase, Query, Term

DEEPEST = 10_000
"""The server's own ceiling for from + size; beyond it lists go on by cursor."""
FACET_VALUES = 5_000
"""More values than any declared filter has: the counts are exact only when none is cut off."""


def mapping() -> dict[str, Any]:
    """Declare all fields of a document; an unknown one is refused."""
    fields: dict[str, Any] = {"id": {"type": "long"}, "version": {"type": "long"}}
    fields |= {name: {"type": "text", "analyzer": "whitespace"} for name in TOKEN_FIELDS}
    fields |= {f"f_{name}": {"type": "keyword"} for name in STORED_FILTERS}
    fields |= {f"s_{name}{tail}": {"type": "long"} for name in SORTS for tail in ("", "_asc")}
    fields |= {f"n_{name}": {"type": "long"} for name in LENGTHS}
    fields |= {name: {"type": "keyword", "index": False, "doc_values": False} for name in ("title_text", "body_text")}
    fields["complete"] = {"type": "keyword"}
    return {"dynamic": "strict", "_meta": {"chain": INDEX_VERSION}, "properties": fields}


def to_elastic(document: Document) -> dict[str, Any]:
    """Turn a document into the server's."""
    tokens, stored, lengths = indexed(document)
    made: dict[str, Any] = {"id": document.id, "version": document.version}
    made["complete"] = tokens.pop("complete")
    made |= {name: " ".join(found) for name, found in tokens.items()}
    made |= {f"f_{name}": list(dict.fromkeys(values)) for name, values in filter_values(document).items()}
    made |= {f"s_{name}": value for name, value in sort_values(document).items()}
    made |= {f"n_{name}": value for name, value in lengths.items()}
    return made | {"title_text": stored.title, "body_text": stored.body}


def _phrase(phrase: Phrase) -> dict[str, Any]:
    if len(phrase.tokens) == 1:
        return {"term": {phrase.field: phrase.tokens[0]}}
    return {"match_phrase": {phrase.field: " ".join(phrase.tokens)}}


def _any_of(clauses: list[dict[str, Any]], least: int = 1) -> dict[str, Any]:
    return {"bool": {"should": clauses, "minimum_should_match": least}}


def filter_clauses(
    filters: Mapping[str, Collection[str]], bands: Mapping[str, Sequence[Band]] | None = None, without: str = ""
) -> list[dict[str, Any]]:
    """Make one clause a filter: any of its values. A filter without values does not filter."""
    return [
        _filter(name, values, (bands or {}).get(name, ()))
        for name, values in filters.items()
        if values and name != without
    ]


def _filter(name: str, values: Collection[str], bands: Sequence[Band]) -> dict[str, Any]:
    if name not in BANDS:
        return {"terms": {f"f_{name}": list(values)}}
    chosen = [{"range": {f"s_{BANDS[name]}": _ends(band, "gte", "lt")}} for band in bands if band.value in values]
    return _any_of(chosen) if chosen else {"match_none": {}}


def _ends(band: Band, low: str, high: str) -> dict[str, int]:
    return {name: end for name, end in ((low, band.low), (high, band.high)) if end is not None}


def condition(query: Query) -> dict[str, Any]:
    """Make the part of a query that finds and does not score, the ticked filters left out."""
    groups = [_any_of([_phrase(phrase) for phrase in group.any_of]) for group in query.groups]
    musts = groups if query.required >= len(groups) else ([_any_of(groups, query.required)] if query.required else [])
    musts = musts + filter_clauses(query.must, query.bands)
    unwanted = [_phrase(one) for one in query.excluded] + filter_clauses(query.must_not, query.bands)
    return {"bool": {"filter": musts or [{"match_all": {}}], "must_not": unwanted}}


def weighted(terms: Sequence[Term]) -> list[dict[str, Any]]:
    """Make the flat sum that scores."""
    return [{"term": {term.field: {"value": term.text, "boost": term.weight}}} for term in terms]


def search_body(query: Query) -> dict[str, Any]:
    """Make the one request that answers a query: rows, total and facets.

    Ticked filters are laid over the found records afterwards, so that a facet can count without its own selection.
    """
    first, by_score = _order(query)
    found = {"bool": {"filter": [condition(query)], "should": weighted(query.terms) if by_score else []}}
    body: dict[str, Any] = {
        "query": _sinking(found, query.ages) if by_score and query.ages else found,
        "sort": [first, {"id": "asc"}],
        "size": query.limit + 1,
        "track_total_hits": True,
        "track_scores": by_score,
        "source": False,
    }
    if chosen := filter_clauses(query.filters, query.bands):
        body["post_filter"] = {"bool": {"filter": chosen}}
    if query.facets:
        body["aggs"] = {name: _facet(query, name) for name in query.facets}
    if query.cursor is not None:
        body["search_after"] = [query.cursor.key if by_score else int(query.cursor.key), query.cursor.id]
    else:
        body["from_"] = min(query.offset, DEEPEST - query.limit - 1)
    return body


def _sinking(found: dict[str, Any], ages: Sequence[Age]) -> dict[str, Any]:
    """Lower the score of what was confirmed long ago."""
    functions = [
        {"filter": {"range": {"s_confirmed": _ends(Band("", age.low, age.high), "gte", "lt")}}, "weight": age.factor}
        for age in ages
    ]
    return {"function_score": {"query": found, "functions": functions, "score_mode": "first", "boost_mode": "multiply"}}


def total_body(query: Query) -> dict[str, Any]:
    """Make the request that only counts what a query finds."""
    chosen = filter_clauses(query.filters, query.bands)
    found = {"match_none": {}} if query.matches_nothing else {"bool": {"filter": [condition(query), *chosen]}}
    return {"query": found, "size": 0, "track_total_hits": True}


def page_of(query: Query, answer: Any) -> Page:
    """Read the answer to `search_body`."""
    before = query.offset if query.cursor is None else query.cursor.position
    _first, by_score = _order(query)
    hits = answer["hits"]["hits"]
    page = [(int(hit["_id"]), float(hit["sort"][0])) for hit in hits[: query.limit]]
    following = Cursor(page[-1][1], page[-1][0], before + len(page)) if len(hits) > query.limit and page else None
    facets = {}
    for name in query.facets:
        found = answer["aggregations"][name]["values"]["buckets"]
        counts = {str(bucket["key"]): int(bucket["doc_count"]) for bucket in found if bucket["doc_count"]}
        for value in query.filters.get(name, ()):
            counts.setdefault(value, 0)
        facets[name] = tuple(sorted(counts.items(), key=lambda pair: (-pair[1], pair[0])))
    rows = tuple((number, key if by_score else 0.0) for number, key in page)
    return Page(int(answer["hits"]["total"]["value"]), rows, facets, following)


def _order(query: Query) -> tuple[Any, bool]:
    """Give what to sort by, and whether that is the score."""
    by_score = query.sort == "relevance" and bool(query.terms)
    descending = query.descending or query.sort == "relevance"
    name = f"s_{'published' if query.sort == 'relevance' else query.sort}{'' if descending else '_asc'}"
    return ("_score" if by_score else {name: "desc" if descending else "asc"}), by_score


def _facet(query: Query, name: str) -> dict[str, Any]:
    if name in BANDS:
        ranges = [{"key": band.value, **_ends(band, "from", "to")} for band in query.bands[name]]
        counting: dict[str, Any] = {"range": {"field": f"s_{BANDS[name]}", "ranges": ranges}}
    else:
        counting = {"terms": {"field": f"f_{name}", "size": FACET_VALUES}}
    others = filter_clauses(query.filters, query.bands, name)
    return {"filter": {"bool": {"filter": others}} if others else {"match_all": {}}, "aggs": {"values": counting}}
