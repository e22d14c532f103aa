"""The parts of the table of speed that write: an import until the index has it, and a publication until search finds it.

Both in a market of their own, filled with texts of the market that is being measured.
"""

import json
import sqlite3
import statistics
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

from etl.imports import import_file
from frontend.opening import open_market
from frontend.schema import migrate
from frontend.worker import Background, drain_here
from scripts import floors
from search.documents import Document
from services.accounts import service as accounts
from services.accounts.schemas import OrganisationIn
from services.ground import outbox
from services.ground.actor import ANONYMOUS, system_actor
from services.ground.market import Market
from services.ground.settings import Settings
from services.listings import service as listings
from services.listings.schemas import ListingIn
from services.matching import service as matching

IMPORTED = 3000
TABLES = ("listing", "listing_version", "parameter", "listing_move", "audit_event")
CHUNK = 500
PUBLISHED = 15
SYSTEM = system_actor("bench", "cli")


def writing(source: Market) -> Iterator[str]:
    """Measure an import and publications with texts of a market."""
    with TemporaryDirectory(prefix="yaosu-bench-", ignore_cleanup_errors=True) as name:
        folder = Path(name)
        rows = _texts(source)
        with _empty_market(folder / "home") as (market, owner):
            yield _import(market, owner, rows, folder)
            yield _publish(market, owner, folder)


def _texts(source: Market) -> list[dict[str, object]]:
    with source.database.read() as session:
        found = listings.list_listings(session, ANONYMOUS, "result", limit=IMPORTED)
    return [
        {"title": f"{one.title[:150]} {place}", "body": one.body, "chain": one.chain} for place, one in enumerate(found)
    ]


@contextmanager
def _empty_market(home: Path) -> Iterator[tuple[Market, str]]:
    market = open_market(Settings(_env_file=None, home=home))  # type: ignore[call-arg]
    try:
        migrate(market.database)
        with market.database.write() as session:
            made = accounts.create_organisation(session, SYSTEM, OrganisationIn(name="测速演示大学", kind="university"))
        market.engine.may_write()
        yield market, made.code
    finally:
        market.close()


def _timed(act: Callable[[], object]) -> tuple[float, float]:
    clock, cpu = time.perf_counter(), time.process_time()
    act()
    return time.perf_counter() - clock, time.process_time() - cpu


def _import(market: Market, owner: str, rows: list[dict[str, object]], folder: Path) -> str:
    file = folder / "results.jsonl"
    file.write_text("\n".join(json.dumps(row, ensure_ascii=False) for row in rows), encoding="utf-8")

    def ours() -> None:
        import_file(market, SYSTEM, "results", file, owner=owner, publish=True)
        outbox.drain_all(market.database, market)

    took, cpu = _timed(ours)
    with market.database.read() as session:
        documents = list(listings.documents(session, listings.public_ids(session, 0, 10 * IMPORTED)).values())
    copied = _rows_of(market.settings.home / "yaosu.sqlite3", [document.code for document in documents])
    least, least_cpu = _timed(lambda: _bare_import(folder, copied, documents))
    return (
        f"| import of {len(documents):,} results until the outbox is empty | {took:.1f} s ({len(documents) / took:,.0f}/s) | "
        f"{least:.1f} s | {took / least:.2f} | {cpu:.1f} / {least_cpu:.1f} s = {cpu / least_cpu:.2f} | ≤ 1.5 | "
        "tokens, executemany of the same rows (record, version, move, audit, outbox), index |"
    )


Copied = tuple[list[str], dict[str, list[tuple[object, ...]]]]


def _rows_of(database: Path, codes: list[str]) -> Copied:
    """Read the tables that an import fills as they now are; the rows of the outbox, gone by now, are written down again."""
    with sqlite3.connect(database) as source:
        wanted = ",".join(f"'{name}'" for name in (*TABLES, "outbox"))
        made = source.execute(
            f"SELECT sql FROM sqlite_master WHERE tbl_name IN ({wanted}) AND sql IS NOT NULL AND type != 'trigger' ORDER BY type DESC"
        )
        ddl = [sql for (sql,) in made]
        rows = {name: source.execute(f"SELECT * FROM {name}").fetchall() for name in TABLES}
    now = "2026-01-01 00:00:00.000000"
    rows["outbox"] = [(n, "index", code, "{}", now, now, 0, 0, "") for n, code in enumerate(codes, start=1)]
    return ddl, rows


def _bare_import(folder: Path, copied: Copied, documents: list[Document]) -> None:
    ddl, rows = copied
    with sqlite3.connect(folder / "bare.sqlite3", isolation_level=None) as bare:
        for pragma in ("journal_mode=WAL", "synchronous=FULL"):
            bare.execute(f"PRAGMA {pragma}")
        for sql in ddl:
            bare.execute(sql)
        for name, found in rows.items():
            for start in range(0, len(found), CHUNK):
                bare.execute("BEGIN IMMEDIATE")
                marks = ",".join("?" * len(found[0]))
                bare.executemany(f"INSERT INTO {name} VALUES ({marks})", found[start : start + CHUNK])
                bare.execute("COMMIT")
        bare.execute("DELETE FROM outbox")
    bare.close()
    floors.fill_index(folder / "bare-index", documents, CHUNK)


def _publish(market: Market, owner: str, folder: Path) -> str:
    worker = Background(drain_here(market))
    market.database.on_write(worker.poke)
    worker.start()
    took = []
    try:
        for number in range(PUBLISHED):
            word = f"qxz{number}k"
            data = ListingIn(kind="need", owner=owner, title=f"求购 {word} 型装置")
            with market.database.write() as session:
                code = listings.create(session, SYSTEM, data).code
                listings.submit(session, SYSTEM, code)
            with market.database.write() as session:
                listings.publish(session, SYSTEM, code)
            start = time.perf_counter()
            while not _found(market, word):
                time.sleep(0.001)
            took.append((time.perf_counter() - start) * 1000)
    finally:
        worker.stop()
    look = statistics.median(_ms(lambda: _found(market, "qxz1k"), 15))
    commit = statistics.median(floors.commits(folder / "commits", PUBLISHED))
    least = look + 3 * commit
    return (
        f"| published until found | {statistics.median(took):.0f} ms | {look:.1f} + 3 × {commit:.1f} = {least:.0f} ms | "
        f"{statistics.median(took) / least:.2f} | – | ≤ 1 | one look and three bare commits of the engine |"
    )


def _found(market: Market, word: str) -> bool:
    with market.database.read() as session:
        return matching.search(session, ANONYMOUS, market, matching.Asked(word, facets=(), counted=False)).total > 0


def _ms(act: Callable[[], object], times: int) -> list[float]:
    took = []
    for _ in range(times):
        start = time.perf_counter()
        act()
        took.append((time.perf_counter() - start) * 1000)
    return took
