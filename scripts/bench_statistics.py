"""Measure statistics over many contracts on both databases: pages, sums from nothing, closing, workbook, import.

    python -m scripts.bench_statistics [--contracts N] [--database sqlite] [--database postgresql] [--keep FOLDER] [--write]

The ledger is filled with plain inserts (scripts/ledger_filler.py), then asked through the services and pages as people do.
Beside each figure stands the bare work it cannot be faster than, measured in turn with it. `--keep` leaves the SQLite market
in a folder, and finds it there again; PostgreSQL is the server that YAOSU_TEST_DATABASE_URL names, else one of our own.
"""

import argparse
import contextlib
import csv
import json
import statistics as numbers
import sys
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ProcessPoolExecutor
from datetime import UTC, date, datetime
from multiprocessing import get_context
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import sqlalchemy as sa

from etl import imports
from etl.statistics_files import Workbook, closed_report
from frontend import schema
from scripts import statistics_floors
from scripts.bench_page import put_section
from scripts.ledger_filler import FIRST_YEAR, YEARS, file_to_import, fill
from scripts.processes import say
from services.contracts import statistics_queries as ledger
from services.ground import clock
from services.ground.actor import system_actor
from services.ground.database import Database
from services.indicators import closing, rollup, statistics, tables_ledger
from services.indicators.books import Books
from services.indicators.dimensions import DIMENSIONS
from services.indicators.periods import ALL, Period
from services.indicators.tables import Asked
from tests import servers
from tests.frontend.market_in_process import Browser, MarketHere, market_here

PAGE = Path(__file__).resolve().parent.parent / "docs" / "benchmarks.md"
OPERATOR = system_actor("operator", "cli")
LAST = FIRST_YEAR + YEARS - 1
YEAR = Period("year", LAST)
IMPORTED = 10_000
AFTER = datetime(LAST + 1, 1, 6, tzinfo=UTC)
HEAD = ["| what | measured | floor | ratio | the floor is |", "|---|---|---|---|---|"]
PAGES = ("T0", "T8", "T10", "T12", "T17")
"""Tables whose whole page is measured too; the others differ in the table alone."""


def in_turn(act: Callable[[], object], floor: Callable[[], object], times: int = 15) -> tuple[float, float]:
    """Do both in turn and give the best of each in milliseconds: so short a thing is either disturbed or it is not."""
    took: tuple[list[float], list[float]] = ([], [])
    for number in range(times + 2):
        for place, work in enumerate((act, floor)):
            start = time.perf_counter()
            work()
            if number > 1:
                took[place].append((time.perf_counter() - start) * 1000)
    return min(took[0]), min(took[1])


def once(act: Callable[[], object]) -> float:
    """Do something once and give the seconds it took."""
    start = time.perf_counter()
    act()
    return time.perf_counter() - start


class Measured:
    """The lines of one database at one size."""

    def __init__(self, here: MarketHere, what: str) -> None:
        self.here, self.database, self.what = here, here.market.database, what
        self.lines: list[str] = []

    def add(self, what: str, value: float, unit: str, floor: float, floor_is: str) -> None:
        """Keep one line and tell it."""
        shown = [f"{one:,.2f}" if one < 10 else f"{one:,.0f}" for one in (value, floor)]
        self.lines.append(f"| {what} | {shown[0]} {unit} | {shown[1]} {unit} | {value / floor:.1f} | {floor_is} |")
        say(f"{self.what}: {self.lines[-1]}")

    def tables(self) -> None:
        """Each table of a year, live, beside the bare SQL that gives the same numbers."""
        asked = statistics.question(str(LAST))
        for code in statistics.ALL:
            texts = statistics_floors.statements(code, YEAR, is_sqlite=self.database.is_sqlite)

            def table(code: str = code) -> None:
                with self.database.read() as session:
                    statistics.table(session, OPERATOR, code, asked)

            def bare(texts: list[str] = texts) -> None:
                with self.database.read() as session:
                    statistics_floors.run(session, texts)

            value, floor = in_turn(table, bare, 5 if code in statistics_floors.NO_SUMS else 25)
            self.add(
                f"table {code}", value, "ms", floor, statistics_floors.NO_SUMS.get(code, statistics_floors.ON_SUMS)
            )

    def pages(self) -> None:
        """Whole pages as the bureau opens them, in process: signed in, looked at, noted, computed, rendered."""
        browser = self._signed_in()

        def note() -> None:
            with self.database.write() as session:
                session.connection().exec_driver_sql("UPDATE market SET id = id")

        for code in PAGES:
            texts = statistics_floors.statements(code, YEAR, is_sqlite=self.database.is_sqlite)

            def bare(texts: list[str] = texts) -> None:
                browser.get("/healthz")
                note()
                with self.database.read() as session:
                    statistics_floors.run(session, texts)

            value, floor = in_turn(lambda code=code: self._page(browser, code), bare, 9)  # type: ignore[misc]
            floor_is = "the shortest answer of the same application, one commit for the trace, and the table's SQL"
            self.add(f"page of table {code}", value, "ms", floor, floor_is)

    def _page(self, browser: Browser, code: str) -> None:
        answer = browser.get(f"/indicators/tables/{code}?period={LAST}")
        if answer.status_code != 200:
            raise RuntimeError(f"{code}: {answer.status_code}")

    def _signed_in(self) -> Browser:
        login = f"bench{time.time_ns()}"
        self.here.person(login, "bureau_officer")
        return self.here.browser().sign_in(login)

    def sums(self) -> None:
        """The sums from nothing, beside the bare grouped scans they are made of."""

        def scans() -> None:
            with self.database.read() as session:
                for side, names in rollup.CUTS:
                    columns = tuple(c for name in names for c in DIMENSIONS[name].columns)
                    ledger.grouped(session, ledger.Slice(ALL.since, ALL.until, side=side), ("year", "month", *columns))

        def empty() -> None:
            with self.database.write() as session:
                for table in ("statistic_sum", "statistic_state"):
                    session.connection().exec_driver_sql(f"DELETE FROM {table}")

        floor = once(scans)
        empty()
        value = once(lambda: rollup.roll_up(self.database))
        self.add("sums from nothing", value, "s", floor, "the grouped scans of all cuts")

    def close_a_year(self) -> None:
        """Close the last year, files and all, and hand its files out again; nothing of it is kept."""
        with self.database.read() as session:
            count = Books(session).total(YEAR, "output").count
        seconds, sizes = [], []
        with clock.at(AFTER):
            for _ in range(3):
                with contextlib.suppress(_Undone), self.database.write() as session:
                    start = time.perf_counter()
                    made = closing.close(session, OPERATOR, str(LAST), closed_report)
                    seconds.append(time.perf_counter() - start)
                    sizes = [size for _name, size, _hash in made.files]
                    for name, _size, digest in made.files:
                        again = closing.closed_file(session, OPERATOR, str(LAST), name)
                        if closing.hash_of(again.content) != digest:
                            raise RuntimeError("the reprint is another file")
                    raise _Undone
        floor = numbers.median(once(lambda: self._bare_closing(sizes)) for _ in range(3))
        floor_is = "reading the year's lines once and writing as many bytes"
        self.add(
            f"closing a year of {count:,} contracts, reprint identical", numbers.median(seconds), "s", floor, floor_is
        )

    def _bare_closing(self, sizes: list[int]) -> None:
        every = statistics_floors.statements("T17", YEAR, is_sqlite=self.database.is_sqlite)[0].replace(
            " LIMIT 200", ""
        )
        with self.database.read() as session:
            statistics_floors.run(session, [every])
        with contextlib.suppress(_Undone), self.database.write() as session:
            connection = session.connection()
            blob = "BLOB" if self.database.is_sqlite else "BYTEA"
            connection.exec_driver_sql(f"CREATE TABLE bare_file (content {blob})")
            for size in sizes:
                connection.execute(sa.text("INSERT INTO bare_file VALUES (:content)"), {"content": b"x" * size})
            raise _Undone

    def workbook(self) -> None:
        """All tables of the whole time in one workbook, in a process of its own, whose memory is told."""
        url = self.database.url
        with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as child:
            seconds, floor, count, before, after = child.submit(write_workbook, url).result()
        memory = f"memory {before:.0f} → {after:.0f} MB"
        self.add(
            f"workbook of all tables, {count:,} lines in the list, {memory}",
            seconds,
            "s",
            floor,
            "the bare list as csv",
        )

    def take_in(self, folder: Path) -> None:
        """Import a list of contracts that carry their numbers, beside bare inserts of as many into an empty market."""
        path = folder / "contracts.csv"
        file_to_import(path, IMPORTED, time.time_ns() // 1000 % 10**9)
        told: list[int] = []

        def act() -> None:
            tell = lambda done, _total: told.append(done)  # noqa: E731
            report = imports.import_file(self.here.market, OPERATOR, "contracts", path, progress=tell)
            if report.accepted != IMPORTED:
                raise RuntimeError(f"{report.accepted} of {IMPORTED} rows came in")

        seconds = once(act)
        bare = Database(f"sqlite:///{folder / 'bare.sqlite3'}")
        schema.migrate(bare)
        floor = once(lambda: fill(bare, IMPORTED))
        bare.close()
        what = f"import of {IMPORTED:,} contracts, progress told {len(told)} times"
        self.add(what, seconds, "s", floor, "bare inserts of heads, versions and movements alone")


class _Undone(Exception):
    """What was measured is not kept."""


def write_workbook(url: str) -> tuple[float, float, int, float, float]:
    """Write the workbook of a market to a file; give the seconds, those of the bare list, its lines, and memory in MB."""
    database = Database(url)
    with TemporaryDirectory() as folder, database.read() as session:
        asked = Asked(statistics.live_books(session), Period("cumulative", LAST, 12))
        wanted = Asked(Books(session), ALL)
        made = [statistics.make(code, asked) for code in statistics.ALL]
        count = Books(session).total(ALL, "output").count
        before = peak_mb()
        start = time.perf_counter()
        with (Path(folder) / "book.xlsx").open("wb") as out:
            book = Workbook(out, {"报表": "测"}, clock.now())
            for table in made:
                if table.code == "T17":
                    book.add_list(table, tables_ledger.list_values(wanted))
                else:
                    book.add(table)
            book.close()
        seconds, after = time.perf_counter() - start, peak_mb()
        start = time.perf_counter()
        with (Path(folder) / "list.csv").open("w", encoding="utf-8", newline="") as text:
            csv.writer(text).writerows(tables_ledger.list_values(wanted))
        floor = time.perf_counter() - start
    database.close()
    return seconds, floor, count, before, after


def peak_mb() -> float:
    """Give the most memory this process has had so far, in MB."""
    line = next(row for row in Path("/proc/self/status").read_text().splitlines() if row.startswith("VmHWM"))
    return int(line.split()[1]) / 1024


@contextlib.contextmanager
def market_of(kind: str, count: int, keep: Path | None) -> Iterator[MarketHere]:
    """Give a market on this database with so many contracts; a kept one is filled only once."""
    with contextlib.ExitStack() as stack:
        home = keep or Path(stack.enter_context(TemporaryDirectory(prefix="yaosu-bench-")))
        settings: dict[str, Any] = {}
        if kind == "postgresql":
            settings = {"database_url": stack.enter_context(servers.new_database()), "secret_key": "b" * 40}
        here = stack.enter_context(market_here(home / kind, **settings))
        mark = home / kind / "filled.json"
        if kind == "postgresql" or not mark.exists() or json.loads(mark.read_text()) != count:
            say(f"{count:,} contracts on {kind}: filled in {once(lambda: fill(here.market.database, count)):.0f} s")
            mark.write_text(json.dumps(count))
        yield here


def run(kind: str, count: int, keep: Path | None) -> list[str]:
    """Measure one database at one size; give the lines of its table."""
    with market_of(kind, count, keep) as here, TemporaryDirectory() as folder, clock.at(AFTER):
        measured = Measured(here, f"{kind}, {count:,}")
        measured.sums()
        measured.tables()
        measured.pages()
        measured.close_a_year()
        measured.workbook()
        measured.take_in(Path(folder))
        return measured.lines


def section(kind: str, count: int) -> str:
    """Give the heading under which the lines of one database at one size stand."""
    return f"Statistics over {count:,} contracts, {'SQLite' if kind == 'sqlite' else 'PostgreSQL'}"


def write(kind: str, count: int, lines: list[str]) -> None:
    """Write the section of one database at one size into docs/benchmarks.md; all others stay."""
    said = f"Measured on {date.today().isoformat()} with `python -m scripts.bench_statistics --contracts {count}`. "  # noqa: DTZ011
    said += "Tables are asked through the services, pages\nthrough the whole application in one process; both and their floors in turn, the best of all turns."
    put_section(PAGE, section(kind, count), [said, "", *HEAD, *lines])


def kinds() -> list[str]:
    """List the databases this machine can measure."""
    problem = servers.missing("postgres")
    if problem:
        say(f"PostgreSQL is not measured: {problem}")
    return ["sqlite"] if problem else ["sqlite", "postgresql"]


def append(count: int = 100_000) -> None:
    """Measure what this machine can and write the sections."""
    for kind in kinds():
        write(kind, count, run(kind, count, None))


def main() -> int:
    """Measure and print; with --write into docs/benchmarks.md."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--contracts", type=int, default=100_000)
    parser.add_argument("--database", action="append", choices=("sqlite", "postgresql"))
    parser.add_argument("--keep", type=Path, help="folder in which the SQLite market stays")
    parser.add_argument("--write", action="store_true", help="write the sections of docs/benchmarks.md")
    chosen = parser.parse_args()
    for kind in chosen.database or kinds():
        lines = run(kind, chosen.contracts, chosen.keep)
        print("\n".join([f"\n## {section(kind, chosen.contracts)}\n", *HEAD, *lines]))
        if chosen.write:
            write(kind, chosen.contracts, lines)
    return 0


if __name__ == "__main__":
    sys.exit(main())
