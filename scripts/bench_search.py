"""Searching inside one process, beside the bare engine calls and one bare SELECT of the same ten rows.

`make bench` measures the demo market; a market of any size is measured by `python -m scripts.bench_search` with the settings of
that market in the environment.
"""

import itertools
import json
import sys
from collections.abc import Callable
from typing import Any

import tantivy

from scripts.beside import Act, beside
from search import generations
from search import tantivy_query as tq
from search.elastic_query import search_body
from search.query import Query
from services.ground.actor import ANONYMOUS
from services.ground.market import Market
from services.ground.settings import Settings
from services.matching import service as matching
from services.matching.searching import understand

QUERIES = ("油茶", "检测", "提取", "电机", "温度", "油茶 提取", "监测装置", "废水", "控制", "工艺")
FACETS = ("chain", "maturity", "region", "kind")
ROWS = 10
TYPED = ("qhs", "青", "sk", "数控", "云麓", "zhongshi", "jc", "提")
TIMES = 200


def asked(words: str) -> matching.Asked:
    """Ask for ten rows and four facets, as the page of issue 5 does."""
    return matching.Asked(words, limit=ROWS, facets=FACETS, counted=False)


def bare_engine(market: Market) -> Callable[[Query], list[int]]:
    """Give the same search by the engine's own library: hits, total and facets; it returns the ids."""
    if market.settings.search_url:
        client, alias = market.engine.bare  # type: ignore[attr-defined]

        def on_server(query: Query) -> list[int]:
            body = search_body(query)
            answer = client.search(index=alias, search_type="dfs_query_then_fetch", **body)
            return [int(hit["_id"]) for hit in answer["hits"]["hits"][:ROWS]]

        return on_server
    generation = generations.current(market.settings.home / "index" / market.settings.search_prefix)
    assert generation is not None
    index = tantivy.Index.open(str(generation.folder))
    searcher, schema = index.searcher(), index.schema
    counting = {name: {"terms": {"field": f"f_{name}", "size": 5000}} for name in FACETS}

    def embedded(query: Query) -> list[int]:
        found = tq.condition(schema, query)
        answer: Any = searcher.search(tq.scored(schema, found, query.terms), ROWS + 1, count=True)
        searcher.aggregate(found, counting)
        return [int(number or 0) for number in searcher.fast_field_values("id", [hit[1] for hit in answer.hits[:ROWS]])]

    return embedded


def page_and_floor(market: Market) -> tuple[Act, Act, Act]:
    """Give the floor of a page of search, the page itself, and what closes the floor's connection."""
    search = bare_engine(market)
    with market.database.read() as session:
        queries = [understand(session, market, asked(words)) for words in QUERIES]
    queries = [query for query in queries if search(query)]
    raw = market.database.engine.raw_connection()
    select = "SELECT * FROM listing l JOIN listing_version v ON v.listing_id = l.id AND v.n = l.published_version WHERE l.id IN (%s)"
    turn, other = itertools.cycle(queries), itertools.cycle(queries)

    def bare() -> None:
        ids = search(next(turn))
        cursor = raw.cursor()
        cursor.execute(select % ",".join(map(str, ids)))
        cursor.fetchall()
        cursor.close()

    def ours() -> str:
        with market.database.read() as session:
            return matching.search(session, ANONYMOUS, market, asked(next(other).text)).model_dump_json()

    return bare, ours, raw.close


def completion_and_floor(market: Market) -> tuple[Act, Act]:
    """Give one bare search of the engine, and completing what somebody types."""
    search = bare_engine(market)
    with market.database.read() as session:
        turn = itertools.cycle([understand(session, market, asked(words)) for words in QUERIES])
    typed = itertools.cycle(TYPED)

    def complete() -> None:
        with market.database.read() as session:
            matching.complete(session, market, next(typed))

    return lambda: search(next(turn)), complete


def measure(market: Market) -> list[tuple[str, float, float, str, str]]:
    """Measure; give (what, milliseconds, floor, what the floor is, 95th percentile in words) for each."""
    page_floor, page, close = page_and_floor(market)
    floor, complete = completion_and_floor(market)
    rows = []
    try:
        for what, act, least, floor_is in (
            ("search in process, 4 facets, 10 rows, marked, as JSON", page, page_floor, "bare engine calls and one bare SELECT of the rows"),
            ("completion in process", complete, floor, "one bare engine search"),
        ):  # fmt: skip
            found = beside(act, least, TIMES)
            rows.append((what, found.ms, found.floor_ms, floor_is, f"p95 {found.p95:.2f} ms"))
    finally:
        close()
    return rows


def opened(settings: dict[str, str] | None = None) -> Market:
    """Open a market beside the processes that serve it: by these settings, or by those of the environment."""
    from frontend.opening import open_market

    given = {name.removeprefix("YAOSU_").lower(): value for name, value in (settings or {}).items()}
    made = Settings(_env_file=None, **given) if settings else Settings()  # type: ignore[call-arg,arg-type]
    return open_market(made, writable=False)


def main() -> int:
    """Print what was measured, one JSON line each."""
    market = opened()
    for what, took, least, floor_is, note in measure(market):
        line = {"what": what, "ms": round(took, 3), "floor_ms": round(least, 3), "ratio": round(took / least, 2)}
        print(json.dumps({**line, "floor_is": floor_is, "note": note}, ensure_ascii=False))
    market.close()
    return 0


if __name__ == "__main__":
    sys.exit(main())
