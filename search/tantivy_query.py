"""The engine-neutral query in the words of tantivy, and the order of its answers made exact."""

from collections.abc import Collection, Mapping, Sequence
from typing import Any, NamedTuple

from tantivy import FieldType, Occur, Order, Query, Schema, Searcher

from search import query as neutral
from search.documents import BANDS, LENGTHS, SORTS, STORED_FILTERS, TOKEN_FIELDS

WITH_POSITIONS = ("bigrams", "title_bigrams")
SLACK = 32
"""Hits fetched beyond the page, so that ties at its end can be put in the order of their ids."""


def index_option(field: str) -> str:
    """Positions are kept where phrases are asked for."""
    if field in TOKEN_FIELDS:
        return "position" if field in WITH_POSITIONS else "freq"
    return "basic"


def make_schema(builder: Any) -> Schema:
    """Declare all fields of a document."""
    builder.add_unsigned_field("id", indexed=True, fast=True)
    builder.add_integer_field("version", fast=True)
    for name in TOKEN_FIELDS:
        builder.add_text_field(name, tokenizer_name="whitespace", index_option=index_option(name))
    for name in STORED_FILTERS:
        builder.add_text_field(f"f_{name}", tokenizer_name="raw", fast=True, index_option="basic")
    for name in SORTS:
        builder.add_integer_field(f"s_{name}", fast=True)
        builder.add_integer_field(f"s_{name}_asc", fast=True)
    for name in LENGTHS:
        builder.add_unsigned_field(f"n_{name}", fast=True)
    builder.add_text_field("complete", tokenizer_name="whitespace", index_option="basic")
    builder.add_bytes_field("title_text", stored=True)
    builder.add_bytes_field("body_text", stored=True)
    schema: Schema = builder.build()
    return schema


def one_record(schema: Schema, number: int) -> Query:
    """Find one record, to remove it. tantivy 0.27 removes nothing by the term of a number: it has to be a query."""
    return Query.term_set_query(schema, "id", [number])


def _phrase(schema: Schema, phrase: neutral.Phrase) -> Query:
    if len(phrase.tokens) == 1:
        return Query.term_query(schema, phrase.field, phrase.tokens[0], index_option(phrase.field))
    return Query.phrase_query(schema, phrase.field, list(phrase.tokens))


def _any_of(queries: Sequence[Query]) -> Query:
    return queries[0] if len(queries) == 1 else Query.boolean_query([(Occur.Should, one) for one in queries])


def filter_clauses(
    schema: Schema,
    filters: Mapping[str, Collection[str]],
    bands: Mapping[str, Sequence[neutral.Band]] | None = None,
    without: str = "",
) -> list[Query]:
    """Make one clause a filter: any of its values. A filter without values does not filter."""
    return [
        _filter(schema, name, values, (bands or {}).get(name, ()))
        for name, values in filters.items()
        if values and name != without
    ]


def _filter(schema: Schema, name: str, values: Collection[str], bands: Sequence[neutral.Band]) -> Query:
    if name not in BANDS:
        return Query.term_set_query(schema, f"f_{name}", list(values))
    chosen = [
        Query.range_query(
            schema, f"s_{BANDS[name]}", FieldType.Integer, band.low, band.high, include_upper=band.high is None
        )
        if band.low is not None or band.high is not None
        else Query.all_query()
        for band in bands
        if band.value in values
    ]
    return _any_of(chosen) if chosen else Query.empty_query()


def condition(schema: Schema, query: neutral.Query, without: str = "") -> Query:
    """Make the part of a query that finds and does not score; `without` leaves one of the ticked filters out."""
    musts = filter_clauses(schema, query.filters, query.bands, without)
    musts += filter_clauses(schema, query.must, query.bands)
    groups = [_any_of([_phrase(schema, phrase) for phrase in group.any_of]) for group in query.groups]
    if groups and query.required >= len(groups):
        musts += groups
    elif groups and query.required:
        musts.append(Query.boolean_query([(Occur.Should, group) for group in groups], query.required))
    clauses = [(Occur.Must, one) for one in musts] or [(Occur.Must, Query.all_query())]
    clauses += [(Occur.MustNot, _phrase(schema, phrase)) for phrase in query.excluded]
    clauses += [(Occur.MustNot, one) for one in filter_clauses(schema, query.must_not, query.bands)]
    return Query.boolean_query(clauses)


def weighted(schema: Schema, terms: Sequence[neutral.Term], factor: float = 1.0) -> list[tuple[Occur, Query]]:
    """Make the flat sum that scores; `factor` lowers or raises all of it."""
    return [
        (
            Occur.Should,
            Query.boost_query(
                Query.term_query(schema, term.field, term.text, index_option(term.field)), term.weight * factor
            ),
        )
        for term in terms
    ]


def scored(schema: Schema, found: Query, terms: Sequence[neutral.Term], ages: Sequence[neutral.Age] = ()) -> Query:
    """Put what finds and what scores together; what finds adds nothing to the score.

    The engine cannot multiply a score by a condition, so each stretch of age is a branch of its own with lowered
    weights; a record is in exactly one.
    """
    if not ages:
        return Query.boolean_query([(Occur.Must, Query.const_score_query(found, 0.0)), *weighted(schema, terms)])
    stretches = [(age, _confirmed(schema, age)) for age in ages]
    fresh = Query.boolean_query([(Occur.Must, found), *((Occur.MustNot, stretch) for _age, stretch in stretches)])
    branches = [(fresh, 1.0)]
    for age, stretch in stretches:
        branches.append((Query.boolean_query([(Occur.Must, found), (Occur.Must, stretch)]), age.factor))
    return Query.boolean_query(
        [
            (
                Occur.Should,
                Query.boolean_query(
                    [(Occur.Must, Query.const_score_query(branch, 0.0)), *weighted(schema, terms, factor)]
                ),
            )
            for branch, factor in branches
        ]
    )


def _confirmed(schema: Schema, age: neutral.Age) -> Query:
    return Query.range_query(
        schema, "s_confirmed", FieldType.Integer, age.low, age.high, include_upper=age.high is None
    )


Hits = list[tuple[float, int]]
"""(key, id), best first: the key is the score or the value sorted by."""


def _with_ids(searcher: Searcher, hits: Sequence[tuple[Any, Any]]) -> Hits:
    ids = searcher.fast_field_values("id", [address for _, address in hits])
    return [(float(key), int(number or 0)) for (key, _), number in zip(hits, ids, strict=True)]


class Best(NamedTuple):
    """The first hits in an exact order, whether these are all, and how many records were found."""

    hits: Hits
    everything: bool
    total: int


def best_by_score(searcher: Searcher, query: Query, want: int, *, counting: bool = False) -> Best:
    """Give at least the `want` best (score, id), score descending and ids ascending.

    The engine breaks ties in its own order; hits are fetched until every one that ties with the last wanted is there.
    Counting in the same pass costs next to nothing where every hit is scored anyway; a flat sum alone skips most hits,
    and counting would take that away: then the total is 0.
    """
    limit = want + SLACK
    while True:
        answer: Any = searcher.search(query, limit, count=counting)
        hits = answer.hits
        everything = len(hits) < limit
        if everything or hits[-1][0] < hits[want - 1][0]:
            break
        limit *= 8
    found = sorted(_with_ids(searcher, hits), key=lambda hit: (-hit[0], hit[1]))
    return Best(found[:want], everything and len(found) <= want, int(answer.count or 0) if counting else 0)


def best_by_field(schema: Schema, searcher: Searcher, found: Query, want: int, field: str, *, descending: bool) -> Best:
    """Give the first `want` (value, id) in the order of a number, ids ascending within equal values.

    The values equal to the last one may be many: they are asked for again, in the order of ids.
    """
    order = Order.Desc if descending else Order.Asc
    answer: Any = searcher.search(found, want + 1, count=True, order_by_field=field, order=order)
    total, hits = int(answer.count or 0), answer.hits
    everything = len(hits) <= want
    hits = hits[:want]
    if not hits:
        return Best([], everything=True, total=total)
    last = hits[-1][0]
    ahead = sorted(
        _with_ids(searcher, [hit for hit in hits if hit[0] != last]),
        key=lambda hit: (-hit[0] if descending else hit[0], hit[1]),
    )
    equal = Query.boolean_query(
        [(Occur.Must, found), (Occur.Must, Query.range_query(schema, field, FieldType.Integer, last, last))]
    )
    tied = searcher.search(equal, want - len(ahead), count=False, order_by_field="id", order=Order.Asc).hits
    return Best(ahead + [(float(last), int(number)) for number, _ in tied], everything, total)
