"""Search and matching on markets of any size, each figure beside its bare floor: the table of speed of docs/develop/search.md.

    python -m scripts.bench_sized [--write] HOME [HOME]

Each HOME is the home of an embedded market (`yaosu demo`, then `yaosu generate --records N`); with two the growth from the
first to the second is told. `--search-url URL` measures the first through an Elasticsearch server, which is filled if it is
empty. `--write` puts the tables into docs/benchmarks.md. Nothing is changed in a home: what has to write does so in a market of
its own. The clock suffers from whatever else the machine does; so the time of the processor stands beside it.
"""

import argparse
import itertools
import os
import platform
import statistics
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

from scripts import bench_search, bench_sized_servers, bench_sized_writing
from scripts.bench_page import put_section
from scripts.bench_search import FACETS, ROWS
from scripts.beside import Beside, beside
from search import ranking, text
from services.ground.actor import ANONYMOUS
from services.ground.market import Market
from services.listings import service as listings
from services.listings.schemas import ListingView
from services.matching import matches as matching_order
from services.matching import service as matching

TABLE = [
    "| what | measured | floor | ratio | of the processor | goal | the floor is |",
    "|---|---|---|---|---|---|---|",
]
KINDS: dict[str, matching.Asked] = {
    "one word": matching.Asked("检测", facets=FACETS, limit=ROWS, counted=False),
    "two words": matching.Asked("油茶 提取", facets=FACETS, limit=ROWS, counted=False),
    "one character": matching.Asked("茶", facets=FACETS, limit=ROWS, counted=False),
    "a phrase": matching.Asked('"监测装置"', facets=FACETS, limit=ROWS, counted=False),
    "a word and two filters": matching.Asked(
        "控制", {"kind": ["result"], "chain": ["AF", "AM"]}, facets=FACETS, limit=ROWS, counted=False
    ),
    "a word by price": matching.Asked("工艺", sort="price", facets=FACETS, limit=ROWS, counted=False),
    "no word at all": matching.Asked("", facets=FACETS, limit=ROWS, counted=False),
    "words nobody wrote together": matching.Asked("青蒿素 起重机 陶瓷", facets=FACETS, limit=ROWS, counted=False),
}
TEXTS = 800
"""Texts that are cut for the row of tokens: jieba takes a second or two for them."""
PAGE = Path(__file__).resolve().parent.parent / "docs" / "benchmarks.md"
Lines = list[str]


def line(what: str, found: Beside, goal: str, floor_is: str) -> str:
    """Write one line of a table."""
    return (
        f"| {what} | {found.ms:.2f} ms | {found.floor_ms:.2f} ms | {found.ratio:.2f} | "
        f"{found.cpu:.2f} / {found.floor_cpu:.2f} = {found.cpu_ratio:.2f} | {goal} | {floor_is} |"
    )


def tell(lines: Lines, new: str) -> None:
    """Keep a line and show it at once."""
    lines.append(new)
    print(new, flush=True)


def machine() -> str:
    """Say where and when something is being measured, and how busy the machine is with other things."""
    memory = next(line for line in Path("/proc/meminfo").read_text(encoding="ascii").splitlines() if "MemTotal" in line)
    return (
        f"{time.strftime('%Y-%m-%d', time.gmtime())}, {os.cpu_count()} cores, {int(memory.split()[1]) / 1e6:.0f} GB, "
        f"Python {platform.python_version()}, load of the machine {os.getloadavg()[0]:.0f}"
    )


def measure_tokens(lines: Lines, market: Market) -> None:
    """Cut the texts of the market, as the market does and as jieba does."""
    with market.database.read() as session:
        ids = listings.public_ids(session, 0, TEXTS)
        texts = [text.normalise(f"{one.title}\n{one.body}") for one in listings.documents(session, ids).values()]
    slow = text.jieba_cutter().search
    equal = all(text.words(one) == text.words_with(slow, one) for one in texts)
    turn, other = itertools.cycle(texts), itertools.cycle(texts)
    found = beside(lambda: text.words(next(turn)), lambda: text.words_with(slow, next(other)), len(texts), 50)
    characters = statistics.mean(map(len, texts))
    tell(
        lines,
        f"| tokens of {len(texts):,} texts, {'equal to' if equal else 'NOT equal to'} jieba's | "
        f"{characters / found.cpu / 1000:.2f} M characters/s | {characters / found.floor_cpu / 1000:.2f} M | "
        f"{found.floor_cpu / found.cpu:.1f} times as fast | {found.cpu:.3f} / {found.floor_cpu:.3f} ms a text | "
        "≥ 8 times | jieba behind the same split |",
    )


def measure_page(lines: Lines, market: Market, goal: str) -> None:
    """A page of search in process."""
    floor, ours, close = bench_search.page_and_floor(market)
    try:
        found = beside(ours, floor)
    finally:
        close()
    tell(lines, line("search page in process: 4 facets, 10 rows, marked, JSON", found, goal, "bare engine calls and one bare SELECT of the ten rows"))  # fmt: skip


def measure_match(lines: Lines, market: Market) -> None:
    """What fits a need, with reasons for twenty, beside the call that fetches its candidates."""
    with market.database.read() as session:
        needs = listings.list_listings(session, ANONYMOUS, "need", limit=40)
    turn, calls = itertools.cycle(needs), itertools.cycle(_candidate_calls(market, needs))

    def fetch() -> None:
        next(calls)()

    def ours() -> None:
        with market.database.read() as session:
            matching.matches(session, ANONYMOUS, market, next(turn).code)

    found = beside(ours, fetch, 80, 10)
    goal = "≤ 1.5" if market.settings.search_url else "p50 ≤ 50 ms at 1 M"
    tell(lines, line("whole need matched, reasons for 20", found, goal, "the engine's call for 500 candidates"))


def _candidate_calls(market: Market, needs: list[ListingView]) -> list[Callable[[], object]]:
    calls: list[Callable[[], object]] = []
    for need in needs:
        asked = ranking.NeedText(need.title, "\n".join(part for part in (need.summary, need.body) if part))
        terms = ranking.candidate_terms(asked, market.engine.statistics(ranking.vocabulary(asked)))
        wanted = {"kind": matching_order.KINDS["need"]}
        calls.append(
            lambda terms=terms, wanted=wanted: market.engine.candidates(terms, wanted, matching_order.CANDIDATES)
        )  # type: ignore[misc]
    return calls


def kinds_of(market: Market) -> dict[str, float]:
    """Give milliseconds of the processor for every kind of query, completing and matching included."""
    found = {}
    with market.database.read() as session:
        needs = itertools.cycle(listings.list_listings(session, ANONYMOUS, "need", limit=20))
        typed = itertools.cycle(bench_search.TYPED)

        def complete() -> None:
            matching.complete(session, market, next(typed))

        def match() -> None:
            matching.matches(session, ANONYMOUS, market, next(needs).code)

        def nothing() -> None:
            return

        for name, asked in KINDS.items():
            taken = beside(lambda asked=asked: matching.search(session, ANONYMOUS, market, asked), nothing, 60, 8)  # type: ignore[misc]
            found[name] = taken.cpu
        found["completion"] = beside(complete, nothing, 60, 8).cpu
        found["a whole need matched"] = beside(match, nothing, 40, 5).cpu
    return found


def records(market: Market) -> int:
    """Count what the index holds."""
    return market.engine.health().documents


def measure(market: Market, home: Path) -> tuple[str, Lines]:
    """Measure one market; give the head of its section and its lines."""
    count = records(market)
    server = bool(market.settings.search_url)
    head = f"Search and matching over {count:,} records, {'Elasticsearch' if server else 'embedded'}"
    print(f"\n## {head}\n", flush=True)
    lines = [*TABLE]
    if server:
        measure_page(lines, market, "≤ 1.3")
        tell(lines, bench_sized_servers.round_trips(market))
        measure_match(lines, market)
        return head, lines
    measure_tokens(lines, market)
    measure_page(lines, market, "≤ 1.8 at 100 k, ≤ 1.35 at 1 M")
    measure_match(lines, market)
    for new in bench_sized_servers.over_http(market, home):
        tell(lines, new)
    for new in bench_sized_writing.writing(market):
        tell(lines, new)
    return head, lines


def growth(first: tuple[int, dict[str, float]], second: tuple[int, dict[str, float]]) -> Iterator[str]:
    """Compare two sizes, kind by kind."""
    (small, before), (large, after) = first, second
    yield f"| kind of query | {small:,} records | {large:,} records | growth (goal ≤ 12 for ten times the records) |"
    yield "|---|---|---|---|"
    for name, value in before.items():
        yield f"| {name} | {value:.2f} ms | {after[name]:.2f} ms | {after[name] / value:.1f} |"


def main(arguments: list[str] | None = None) -> int:
    """Measure the homes that are named."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("homes", nargs="+", type=Path, help="homes of embedded markets, the smaller one first")
    parser.add_argument("--write", action="store_true", help="put the tables into docs/benchmarks.md")
    parser.add_argument("--search-url", help="measure the first home through this Elasticsearch server")
    options = parser.parse_args(arguments)
    grown = []
    for home in options.homes[:1] if options.search_url else options.homes:
        market = bench_sized_servers.opened(home, options.search_url)
        try:
            head, lines = measure(market, home)
            if not options.search_url:
                grown.append((records(market), kinds_of(market)))
        finally:
            market.close()
        if options.write:
            command = f"`python -m scripts.bench_sized{' --search-url URL' if options.search_url else ''} HOME`"
            put_section(PAGE, head, [f"{command} on {machine()}.", "", *lines])
    if len(grown) == 2:
        told = list(growth(*grown))
        print("\n".join(told))
        if options.write:
            words = f"`python -m scripts.bench_sized HOME HOME` on {machine()}; time of the processor."
            put_section(PAGE, "Search and matching: growth", [words, "", *told])
    return 0


if __name__ == "__main__":
    sys.exit(main())
