"""The parts of the table of speed that need a server: pages over HTTP, memory of the web process, requests to Elasticsearch."""

import contextlib
import itertools
import os
import statistics
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import httpx

from frontend.opening import open_market
from scripts.bench_search import QUERIES, ROWS
from scripts.processes import free_port
from services.ground.actor import ANONYMOUS
from services.ground.market import Market
from services.ground.settings import Settings
from services.listings import service as listings
from services.matching import index
from services.matching import service as matching

ROOT = Path(__file__).resolve().parent.parent
CONNECTIONS = 16
EACH = 30
TURNS = 120


def opened(home: Path, search_url: str | None = None) -> Market:
    """Open a market beside the processes that serve it; through a search server that is filled if it is empty."""
    given = {"search_url": search_url, "search_prefix": f"bench-{home.name}"} if search_url else {}
    market = open_market(Settings(_env_file=None, home=home, **given), writable=bool(search_url))  # type: ignore[call-arg,arg-type]
    if search_url and not market.engine.ids(0, 1):
        print(f"{index.reindex(market):,} records brought into the search server", flush=True)
    return market


@contextlib.contextmanager
def serving(command: list[str], port: int, path: str, **settings: str) -> Iterator[tuple[str, int]]:
    """Start a server, wait for its first answer, end it; give its address and process id."""
    process = subprocess.Popen(
        command,
        cwd=ROOT,
        env={**os.environ, **settings},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    url = f"http://127.0.0.1:{port}"
    try:
        while process.poll() is None:
            with contextlib.suppress(httpx.HTTPError):
                if httpx.get(url + path, timeout=5).status_code == httpx.codes.OK:
                    break
            time.sleep(0.05)
        else:
            raise RuntimeError(f"{command} ended")
        yield url, process.pid
    finally:
        process.terminate()
        process.wait()


def over_http(market: Market, home: Path) -> Iterator[str]:
    """Measure a page of search over HTTP with one connection and with sixteen, and the memory of the process after all."""
    port, bare_port = free_port(), free_port()
    serve = [sys.executable, "-m", "frontend.cli", "serve", "--port", str(port)]
    bare = [sys.executable, "-m", "uvicorn", "scripts.floors:app", "--port", str(bare_port), "--log-level", "error"]
    with (
        serving(serve, port, "/healthz", YAOSU_HOME=str(home)) as (url, pid),
        serving(bare, bare_port, "/healthz") as (bare_url, _),
    ):
        yield _one_connection(market, url, bare_url)
        yield _many_connections(url)
        yield _memory(market, url, pid)


def _one_connection(market: Market, url: str, bare_url: str) -> str:
    took: dict[str, list[float]] = {"ours": [], "page": [], "hop": []}
    words = itertools.cycle(QUERIES)
    with httpx.Client(base_url=url, timeout=60) as client, httpx.Client(base_url=bare_url, timeout=60) as hop:
        for turn in range(TURNS + 20):
            word = next(words)
            start = time.perf_counter()
            answer = client.get("/api/v1/search", params={"q": word, "limit": ROWS}).raise_for_status()
            there = time.perf_counter()
            hop.get("/bytes", params={"count": len(answer.content)}).raise_for_status()
            hopped = time.perf_counter()
            with market.database.read() as session:
                asked = matching.Asked(word, limit=ROWS, counted=False)
                matching.search(session, ANONYMOUS, market, asked).model_dump_json()
            done = time.perf_counter()
            if turn >= 20:
                took["ours"].append((there - start) * 1000)
                took["hop"].append((hopped - there) * 1000)
                took["page"].append((done - hopped) * 1000)
    ours, page, hop_ms = (statistics.median(took[name]) for name in ("ours", "page", "hop"))
    return (
        f"| the same by HTTP, one connection, 9 facets | {ours:.2f} ms | {page:.2f} + {hop_ms:.2f} ms | "
        f"{ours / (page + hop_ms):.2f} | – | ≤ 1.3 | that page in process and a bare FastAPI hop with the same bytes |"
    )


def _many_connections(url: str) -> str:
    took: list[float] = []
    wrong: list[str] = []

    def ask(number: int) -> None:
        with httpx.Client(base_url=url, timeout=60) as client:
            for turn in range(EACH):
                start = time.perf_counter()
                try:
                    answer = client.get(
                        "/api/v1/search", params={"q": QUERIES[(number + turn) % len(QUERIES)], "limit": ROWS}
                    )
                    if answer.status_code != httpx.codes.OK:
                        wrong.append(str(answer.status_code))
                except httpx.HTTPError as error:
                    wrong.append(type(error).__name__)
                took.append((time.perf_counter() - start) * 1000)

    threads = [threading.Thread(target=ask, args=(number,)) for number in range(CONNECTIONS)]
    start = time.perf_counter()
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    seconds = time.perf_counter() - start
    half, most = statistics.median(took), sorted(took)[round(len(took) * 0.99) - 1]
    return (
        f"| {CONNECTIONS} connections, {len(took)} pages, {len(wrong)} errors | p50 {half:.1f}, p99 {most:.1f} ms | – | "
        f"p99/p50 {most / half:.1f} | {len(took) / seconds:.0f} pages/s | no error, p99 ≤ 3 × p50 | – |"
    )


def _memory(market: Market, url: str, pid: int) -> str:
    with market.database.read() as session:
        needs = [need.code for need in listings.list_listings(session, ANONYMOUS, "need", limit=20)]
    with httpx.Client(base_url=url, timeout=120) as client:
        for code in needs:
            client.get(f"/api/v1/needs/{code}/matches").raise_for_status()
            client.get(f"/needs/{code}").raise_for_status()
    kept = {
        line.split(":")[0]: int(line.split()[1]) / 1000
        for line in Path(f"/proc/{pid}/smaps_rollup").read_text(encoding="ascii").splitlines()[1:]
    }
    files = sum(path.stat().st_size for path in (market.settings.home / "vectors").rglob("*") if path.is_file()) / 1e6
    return (
        f"| memory of the web process after that and 20 matched needs | {kept['Anonymous']:.0f} MB anonymous | – | – | "
        f"{kept['Rss']:.0f} MB resident with mapped files | ≤ 1,200 MB | vectors: {files:.1f} MB on disk, mapped |"
    )


def round_trips(market: Market) -> str:
    """Count the requests that a page of search sends to Elasticsearch."""
    client, _ = market.engine.bare  # type: ignore[attr-defined]
    sent: list[str] = []
    perform = client.transport.perform_request

    def counting(method: str, target: str, **options: object) -> object:
        sent.append(f"{method} {target}")
        return perform(method, target, **options)

    client.transport.perform_request = counting
    try:
        with market.database.read() as session:
            for word in QUERIES:
                matching.search(session, ANONYMOUS, market, matching.Asked(word, limit=ROWS, counted=False))
    finally:
        client.transport.perform_request = perform
    return f"| requests to the server for a page that finds something | {len(sent) / len(QUERIES):.1f} | 1 | – | – | one | – |"
