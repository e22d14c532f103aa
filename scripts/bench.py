"""Measure the market in both shapes and write docs/benchmarks.md (`make bench`).

Everything is measured from outside, as a user would: processes are started, pages asked for, commands run. Beside each figure
stands a bare floor measured in the same run on the same machine (scripts/floors.py), and the ratio of the two. Times are no
promise and no test asserts them.
"""

import argparse
import contextlib
import itertools
import json
import os
import platform
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import httpx

from scripts import bench_search, bench_statistics, floors
from scripts.bench_page import put_section
from scripts.processes import free_port, memory_mb, say
from scripts.shop import Shop, files_to_import
from tests import servers
from tests.running_market import RunningMarket, running_market

ROOT = Path(__file__).resolve().parent.parent
PAGE = ROOT / "docs" / "benchmarks.md"
QUERIES = ["锰渣", "余热回收", "茶叶加工", "控制系统", "废水处理", "新材料", "油茶", "检测", "节能降耗", "数控机床"]
IMPORTED = 2000
YEARS = 11


@dataclass
class Figure:
    """One line of the page: what, how much, in which unit, and the floor beside it."""

    what: str
    value: float
    unit: str
    floor: float
    floor_is: str
    note: str = ""

    def line(self) -> str:
        """Return the line of the table."""
        ratio = f"{self.value / self.floor:.1f}" if self.floor else "–"
        return f"| {self.what} | {_short(self.value)} {self.unit} | {_short(self.floor)} {self.unit} | {ratio} | {self.floor_is} | {self.note} |"


@dataclass
class Report:
    """All figures of one shape at one size."""

    shape: str
    size: str
    figures: list[Figure] = field(default_factory=list)

    def add(self, what: str, value: float, unit: str, floor: float, floor_is: str, note: str = "") -> None:
        """Keep a figure and tell it."""
        figure = Figure(what, value, unit, floor, floor_is, note)
        self.figures.append(figure)
        say(f"{self.shape}, {self.size}: {what} {_short(value)} {unit} (floor {_short(floor)} {unit})")


def _short(value: float) -> str:
    return f"{value:,.0f}" if value >= 100 else f"{value:.1f}" if value >= 1 else f"{value:.2f}"


@contextlib.contextmanager
def bare_app(folder: Path) -> Iterator[tuple[str, float, int]]:
    """Serve the bare application; give its address, the seconds to its first answer, and its memory in MB."""
    port = free_port()
    start = time.perf_counter()
    with (folder / "bare.log").open("wb") as log:
        process = subprocess.Popen(
            [sys.executable, "-m", "uvicorn", "scripts.floors:app", "--port", str(port), "--log-level", "warning"],
            cwd=ROOT,
            stdout=log,
            stderr=log,
        )
    url = f"http://127.0.0.1:{port}"
    try:
        _wait(url + "/healthz", process)
        seconds = time.perf_counter() - start
        yield url, seconds, process.pid
    finally:
        process.terminate()
        process.wait()


def _wait(url: str, process: "subprocess.Popen[bytes]") -> None:
    while process.poll() is None:
        with contextlib.suppress(httpx.HTTPError):
            if httpx.get(url, timeout=5).status_code == httpx.codes.OK:
                return
        time.sleep(0.02)
    raise RuntimeError(f"the process behind {url} ended")


def measure_pages(report: Report, shop: Shop, bare: httpx.Client, engine: Any) -> None:
    """Search page and API, matches of a need, and the page of the indicator."""
    floor, _ = floors.median_ms(lambda: bare.get("/page").raise_for_status(), 100)
    floor_api, _ = floors.median_ms(lambda: bare.get("/api").raise_for_status(), 100)
    words = itertools.cycle(QUERIES)

    def look(path: str) -> Callable[[], object]:
        return lambda: shop.visitor.get(path, params={"q": next(words)}).raise_for_status()

    value, slow = floors.median_ms(look("/search"), 60, warm_up=10)
    report.add(
        "search page, ten queries", value, "ms", floor, "a constant page by the same server", f"p95 {_short(slow)} ms"
    )
    value, slow = floors.median_ms(look("/api/v1/search"), 60, warm_up=10)
    report.add("search by API", value, "ms", floor_api, "a constant list by the same server", f"p95 {_short(slow)} ms")

    hits = statistics.mean(shop.get("/api/v1/search", q=word)["total"] for word in QUERIES)
    report.figures[-1].note += f"; {hits:.0f} hits a query on average"

    needs = [item["code"] for item in shop.get("/api/v1/needs", limit=40)["items"]]
    texts = itertools.cycle(
        [json.dumps(shop.get(f"/api/v1/needs/{code}"), ensure_ascii=False)[:300] for code in needs[:10]]
    )
    floor_match, _ = floors.median_ms(lambda: engine.search(next(texts)), 40)
    codes = itertools.cycle(needs)
    value, slow = floors.median_ms(lambda: shop.get(f"/api/v1/needs/{next(codes)}/matches"), 40, warm_up=5)
    report.add(
        "matches of a need",
        value,
        "ms",
        floor_match + floor_api,
        "one bare query of 300 characters, top 50, and the hop",
        f"p95 {_short(slow)} ms",
    )


def measure_search_here(report: Report, market: RunningMarket) -> None:
    """Search and completion inside this process, on the market that the others serve."""
    here = bench_search.opened(market.settings)
    try:
        for what, took, least, floor_is, note in bench_search.measure(here):
            report.add(what, took, "ms", least, floor_is, note)
    finally:
        here.close()


def measure_indicator(report: Report, shop: Shop, bare: httpx.Client, database: floors.SqliteFloor) -> None:
    """The page of the indicator, over all movements of the market."""
    floor, _ = floors.median_ms(lambda: bare.get("/page").raise_for_status(), 50)
    sums, _ = floors.median_ms(lambda: database.sum_amounts(YEARS), 50)
    value, slow = floors.median_ms(lambda: shop.visitor.get("/indicators").raise_for_status(), 40, warm_up=5)
    report.add(
        "indicator page", value, "ms", floor + sums, "a constant page and one grouped sum", f"p95 {_short(slow)} ms"
    )


def measure_publishing(report: Report, shop: Shop, database: floors.SqliteFloor, engine: Any) -> None:
    """The time from the answer "published" until the search finds it."""
    took = []
    for number in range(15):
        word = f"qx{os.getpid()}z{number}"
        code = shop.draft_need(word)
        start = time.perf_counter()
        shop.publish(code)
        while shop.found(word) == 0:
            time.sleep(0.005)
        took.append((time.perf_counter() - start) * 1000)

    def bare_publish() -> None:
        database.commit_one()
        engine.add("一条新的技术需求")
        engine.search("需求")

    floor, _ = floors.median_ms(bare_publish, 15)
    report.add(
        "publish until found by search",
        statistics.median(took),
        "ms",
        floor,
        "one commit, one indexed document, one query",
        f"slowest {_short(max(took))} ms",
    )


def measure_import(
    report: Report, market: RunningMarket, shop: Shop, database: floors.SqliteFloor, folder: Path
) -> None:
    """Import a file of results, published, beside a bare insert of the same rows."""
    rows = [
        {"title": f"演示成果 {number} 号装置的运行方法", "body": f"第 {number} 套装置在 {number % 90 + 10}℃ 下运行，收率不低于 {number % 40 + 50}%。" * 4}
        for number in range(IMPORTED)
    ]  # fmt: skip
    file = folder / "results.jsonl"
    file.write_text("\n".join(json.dumps(row, ensure_ascii=False) for row in rows))
    start = time.perf_counter()
    database.insert([dict(row) for row in rows])
    floor = time.perf_counter() - start
    start = time.perf_counter()
    market.yaosu("import", "results", str(file), "--owner", shop.owner_code, "--publish")
    report.add(
        f"import of {IMPORTED:,} results, published",
        time.perf_counter() - start,
        "s",
        floor,
        "a bare insert of the same rows",
        "",
    )


def measure(shape: str, folder: Path, real: "Real | None" = None) -> list[Report]:
    """Measure one shape at the size of the demo market, and with real records where a folder of them is named."""
    report = Report(shape, "demo market")
    with (
        running_market(shape, migrate=shape == "city", start=False) as market,
        bare_app(folder) as (url, bare_start, bare_pid),
    ):
        bare = httpx.Client(base_url=url, timeout=30)
        database, engine = _floors(shape, market, folder)
        start = time.perf_counter()
        shop = Shop.of_a_demo(market)
        load = time.perf_counter() - start
        _measure_start(report, market, bare_start)
        shop.connect()
        texts = [json.dumps(item, ensure_ascii=False) for item in shop.every("/api/v1/results")]
        start = time.perf_counter()
        database.insert([{"text": text} for text in texts * 10])
        engine.fill(texts)
        report.add(
            "demo load",
            load,
            "s",
            time.perf_counter() - start,
            f"a bare insert of {len(texts) * 10:,} records and one fill of the engine",
        )
        measure_pages(report, shop, bare, engine)
        measure_search_here(report, market)
        measure_indicator(report, shop, bare, database)
        measure_publishing(report, shop, database, engine)
        measure_import(report, market, shop, database, folder)
        report.add(
            "memory of the web process after all this",
            memory_mb(market.pid("web")),
            "MB",
            memory_mb(bare_pid),
            "a bare FastAPI application",
            "two processes" if shape == "city" else "",
        )
        reports = [report]
        if real:
            reports.append(_with_real_records(real, market, shop, bare, (database, engine), folder))
            _measure_start_again(reports[-1], market, bare_start, memory_mb(bare_pid))
        for floor in (database, engine):
            getattr(floor, "close", lambda: None)()
    return reports


def _floors(shape: str, market: RunningMarket, folder: Path) -> tuple[floors.SqliteFloor, Any]:
    if shape == "embedded":
        return floors.SqliteFloor(folder), floors.TantivyFloor(folder / "floor-index")
    settings = market.settings
    return (
        floors.PostgresFloor(settings["YAOSU_DATABASE_URL"]),
        floors.ElasticsearchFloor(settings["YAOSU_SEARCH_URL"], f"{settings['YAOSU_SEARCH_PREFIX']}-floor"),
    )


@dataclass(frozen=True)
class Real:
    """A folder of real records (jsonl), and how many lines of each file are taken. Their texts stay where they are."""

    folder: Path
    rows: int | None = None


def _with_real_records(
    real: Real,
    market: RunningMarket,
    shop: Shop,
    bare: httpx.Client,
    bottom: tuple[floors.SqliteFloor, Any],
    folder: Path,
) -> Report:
    """Load real records on top of the demo market and measure everything again."""
    database, engine = bottom
    report = Report(market.shape, "demo market and real records")
    for file, kind in files_to_import(real.folder):
        with file.open(encoding="utf-8") as lines:
            taken = list(itertools.islice(lines, real.rows))
        part = folder / f"real-{file.name}"
        part.write_text("".join(taken), encoding="utf-8")
        start = time.perf_counter()
        database.insert([{"text": line} for line in taken])
        floor = time.perf_counter() - start
        start = time.perf_counter()
        market.yaosu("import", kind, str(part), "--owner", shop.owner_code, "--publish", check=False, timeout=6000)
        seconds = time.perf_counter() - start
        note = f"{len(taken) / seconds:,.0f} a second"
        report.add(f"import of {len(taken):,} {kind}", seconds, "s", floor, "a bare insert of the same rows", note)
        part.unlink()
    measure_pages(report, shop, bare, engine)
    measure_search_here(report, market)
    measure_indicator(report, shop, bare, database)
    measure_publishing(report, shop, database, engine)
    return report


def _measure_start(report: Report, market: RunningMarket, bare_start: float) -> None:
    start = time.perf_counter()
    market.start()
    took = time.perf_counter() - start
    report.add("start until the first answer", took, "s", bare_start, "a bare FastAPI application")


def _measure_start_again(report: Report, market: RunningMarket, bare_start: float, bare_memory: float) -> None:
    """How long a market of this size takes to start, and what it needs then."""
    market.stop()
    _measure_start(report, market, bare_start)
    memory = memory_mb(market.pid("web"))
    report.add("memory of the web process, just started", memory, "MB", bare_memory, "a bare FastAPI application")


def write(reports: list[Report], command: str, page: Path) -> None:
    """Write the page."""
    memory = int(next(line for line in Path("/proc/meminfo").read_text().splitlines() if "MemTotal" in line).split()[1])
    lines = [
        "# Benchmarks",
        "",
        f"Written by `{command}` on {time.strftime('%Y-%m-%d', time.gmtime())}: {os.cpu_count()} cores, {memory / 1e6:.0f} GB,",
        f"Python {platform.python_version()}, Linux; everything on one machine, one client. Medians. The floor is the least work that could",
        "give the same answer, measured in the same run; on a borrowed machine the ratio says more than the time. Elasticsearch runs",
        "with a small heap and half its compiler: its figures are no measure of that product.",
    ]  # fmt: skip
    text = page.read_text(encoding="utf-8") if page.exists() else ""
    rest = text[text.index("\n## ") :] if "\n## " in text else ""
    page.write_text("\n".join(lines) + "\n" + rest, encoding="utf-8")
    for report in reports:
        table = ["| what | measured | floor | ratio | the floor is | |", "|---|---|---|---|---|---|"]
        heading = f"{report.shape.capitalize()} shape, {report.size}"
        put_section(page, heading, [*table, *(figure.line() for figure in report.figures)])


def main(given: list[str] | None = None) -> int:
    """Measure every shape that this machine can run."""
    parser = argparse.ArgumentParser(prog="make bench", description=__doc__)
    named = os.environ.get("YAOSU_REALDATA")
    parser.add_argument(
        "--realdata", type=Path, default=Path(named) if named else None, help="a folder of real records"
    )
    parser.add_argument("--rows", type=int, help="take so many lines of each real file, for a trial")
    parser.add_argument("--shape", choices=("embedded", "city"), help="only this shape")
    parser.add_argument("--out", type=Path, default=PAGE, help="the page to write")
    asked = parser.parse_args(given)
    real = Real(asked.realdata, asked.rows) if asked.realdata else None
    if real is None:
        say("no --realdata and no YAOSU_REALDATA: nothing is measured with real records")
    reports = []
    shapes = ["embedded"]
    problems = [problem for name in ("postgres", "redis", "elasticsearch") if (problem := servers.missing(name))]
    shapes += [] if problems else ["city"]
    for problem in problems:
        say(f"the city shape is not measured: {problem}")
    for shape in shapes:
        if asked.shape in (None, shape):
            with TemporaryDirectory(prefix="yaosu-bench-") as folder:
                reports += measure(shape, Path(folder), real)
    write(reports, "make bench", asked.out)
    if asked.out == PAGE:
        bench_statistics.append()
    say(f"written: {asked.out}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
