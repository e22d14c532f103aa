"""Measure statistics over many contracts: pages against bare SQL on the same sums, closing a year, the workbook of all tables.

    python -m scripts.bench_statistics [CONTRACTS]

The ledger is filled with plain inserts of invented contracts (registering a million one by one would measure the desk), then
asked through the services as the pages do. Beside each figure stands the bare SQL it cannot be faster than.
"""

import io
import random
import resource
import statistics as numbers
import sys
import time
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import sqlalchemy as sa

from etl.statistics_files import Workbook, closed_report
from frontend import schema
from services.contracts import statistics_queries as ledger
from services.contracts.models import Contract, ContractVersion, Movement
from services.ground import clock
from services.ground.actor import system_actor
from services.ground.database import Database
from services.ground.regions import home_counties
from services.indicators import closing, rollup, statistics, tables_ledger
from services.indicators.books import Books, Cut
from services.indicators.dimensions import DIMENSIONS
from services.indicators.periods import Period
from services.indicators.tables import Asked

OPERATOR = system_actor("operator", "cli")
FIRST_YEAR, YEARS = 2016, 10
CHUNK = 20_000
LINES: list[str] = []
"""What was measured, as lines of the table."""
PAGES = ("T0", "T1", "T4", "T8", "TC", "T10", "T12")


def fill(database: Database, count: int) -> None:
    """Write `count` registered contracts of ten years with one movement each, and an end for every fiftieth."""
    dice = random.Random(11)
    counties = [entry.code for entry in home_counties()]
    places = [*counties, "430100", "440100", "310000"]
    now = datetime(2026, 1, 2, tzinfo=UTC)
    for start in range(0, count, CHUNK):
        with database.write() as session:
            contracts, versions, movements = [], [], []
            for number in range(start + 1, min(start + CHUNK, count) + 1):
                day = date(FIRST_YEAR, 1, 1) + timedelta(days=dice.randrange(365 * YEARS))
                amount = int(dice.lognormvariate(17, 1.2))
                contracts.append(_contract(number, day, amount, now))
                versions.append(_version(number, day, amount, now))
                movements.append(_movement(number, day, amount, dice, counties, places))
            for table, rows in ((Contract, contracts), (ContractVersion, versions), (Movement, movements)):
                session.execute(sa.insert(table), rows)


def _contract(number: int, day: date, amount: int, now: datetime) -> dict[str, Any]:
    return {
        "id": number,
        "code": f"C-{day.year}-{number:07d}",
        "state": "registered",
        "version": 1,
        "current_version": 1,
        "registration_number": f"2026{number:012d}",
        "registered_on": day,
        "title": f"演示合同 {number}",
        "seller_name": f"演示卖方 {number % 3000}",
        "buyer_name": f"演示买方 {number % 7000}",
        "contract_amount_fen": amount,
        "technical_amount_fen": amount // 2,
        "created_at": now,
        "updated_at": now,
    }


def _version(number: int, day: date, amount: int, now: datetime) -> dict[str, Any]:
    return {
        "id": number,
        "contract_id": number,
        "number": 1,
        "kind": "registered",
        "true_from": day,
        "recorded_at": now,
        "contract_title": "演示合同",
        "contract_category": "SRV",
        "ip_types": [],
        "verified_contract_amount_fen": amount,
        "verified_technical_amount_fen": amount // 2,
        "amount_status": "determined",
        "cross_border": "none",
    }


def _movement(
    number: int, day: date, amount: int, dice: random.Random, counties: list[str], places: list[str]
) -> dict[str, Any]:
    return {
        "contract_id": number,
        "version_id": number,
        "kind": "registration",
        "dated_on": day,
        "recorded_at": datetime(day.year, day.month, day.day, 4, tzinfo=UTC),
        "contract_amount_fen": amount,
        "technical_amount_fen": amount // 2,
        "count_delta": 1,
        "original_year": day.year,
        "original_on": day,
        "category": dice.choice(("DEV", "SRV", "SRV", "SRV", "CON", "TRF")),
        "technical_field": f"{dice.randint(1, 11):02}",
        "ip_type": dice.choice(("NONE", "SECRET", "PATENT_INV")),
        "socio_economic_objective": "10",
        "plan_source": "NONE",
        "chain": dice.choice(("EI", "BM", "NM", "EM", "AF", "LI")),
        "seller_region": dice.choice(counties),
        "buyer_region": dice.choice(places),
        "seller_group": "ENTERPRISE",
        "buyer_group": "ENTERPRISE",
        "signed_on": day,
        "standing_amount_fen": amount,
        "amount_status": "determined",
        "is_home_output": True,
        "is_import": False,
        "is_related_party": False,
        "is_split": False,
    }


def median_ms(act: Callable[[], object], times: int = 7) -> float:
    """Do something several times and give the median in milliseconds."""
    act()
    found = []
    for _ in range(times):
        start = time.perf_counter()
        act()
        found.append((time.perf_counter() - start) * 1000)
    return numbers.median(found)


def once(act: Callable[[], object]) -> float:
    """Do something once and give the seconds it took."""
    start = time.perf_counter()
    act()
    return time.perf_counter() - start


def measure_pages(database: Database) -> None:
    """Each table of a year, live, beside the bare SQL on the kept sums that it cannot do without."""
    asked = statistics.question(str(FIRST_YEAR + YEARS - 1))

    def table(code: str) -> None:
        with database.read() as session:
            statistics.table(session, OPERATOR, code, asked)

    def bare(code: str) -> None:
        with database.read() as session:
            cuts = _cuts(code)
            for names in cuts:
                for year in (asked.period.year, asked.period.year - 1):
                    session.execute(
                        sa.text(
                            "SELECT key, SUM(count), SUM(amount_fen), SUM(technical_fen) FROM statistic_sum "
                            "WHERE cut = :cut AND month BETWEEN :a AND :b GROUP BY key"
                        ),
                        {"cut": f"output:{names}", "a": year * 100 + 1, "b": year * 100 + 12},
                    ).all()

    for code in PAGES:
        value, floor = median_ms(lambda code=code: table(code)), median_ms(lambda code=code: bare(code))
        say(f"table {code} live", value, "ms", floor, "its cuts and totals of two years by bare SQL on the sums")


def _cuts(code: str) -> list[str]:
    cuts = {"T0": [], "T1": ["category"], "T4": ["field"], "T8": ["county"], "T12": []}
    cuts |= {"TC": ["county*chain", "county", "chain"], "T10": ["county*buyer_place", "county", "buyer_place"]}
    return ["", *cuts[code]]


def measure_building(database: Database) -> None:
    """The sums from nothing, beside the bare grouped scans they are made of."""

    def scans() -> None:
        with database.read() as session:
            for side, names in rollup.CUTS:
                columns = tuple(c for name in names for c in DIMENSIONS[name].columns)
                wanted = ledger.Slice(date(1990, 1, 1), date(2100, 12, 31), side=side)
                ledger.grouped(session, wanted, ("year", "month", *columns))

    value, floor = once(lambda: rollup.roll_up(database)), once(scans)
    say("sums from nothing", value, "s", floor, "the grouped scans of all cuts")


def measure_reports(database: Database, rows: int) -> None:
    """Closing a year, and a workbook of all tables with a long list."""
    year = FIRST_YEAR + YEARS - 1

    def close() -> None:
        with database.write() as session:
            closing.close(session, OPERATOR, str(year), closed_report)

    with clock.at(datetime(year + 1, 1, 6, tzinfo=UTC)):
        value = once(close)
    say(f"closing a year of {rows:,} contracts, files and all", value, "s", 0, "–")


def measure_workbook(database: Database) -> None:
    """All tables of the whole time in one workbook."""
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss

    def write() -> None:
        with database.read() as session:
            asked = Asked(statistics.live_books(session), Period("cumulative", FIRST_YEAR + YEARS - 1, 12))
            wanted = Asked(Books(session), Period("all", 0))
            book = Workbook(io.BytesIO(), {"报表": "测"}, clock.now())
            for code in statistics.ALL:
                table = statistics.make(code, asked)
                if code == "T17":
                    book.add_list(table, tables_ledger.list_values(wanted))
                else:
                    book.add(table)
            book.close()

    value = once(write)
    with database.read() as session:
        count = Books(session).total(Period("all", 0), "output").count
    grown = (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) / 1024
    say(f"workbook of all tables, {count:,} lines in the list (memory +{grown:.0f} MB)", value, "s", 0, "–")


def say(what: str, value: float, unit: str, floor: float, floor_is: str) -> None:
    """Print one line of a table."""
    ratio = f"{value / floor:.1f}" if floor else "–"
    line = f"| {what} | {value:.1f} {unit} | {floor:.1f} {unit} | {ratio} | {floor_is} |"
    LINES.append(line)
    print(line, flush=True)


def append(page: Path, count: int = 100_000) -> None:
    """Measure and add a section to the page of benchmarks."""
    run(count)
    head = f"\n## Statistics over {count:,} contracts (SQLite, asked through the services)\n\n"
    table = "| what | measured | floor | ratio | floor is |\n|---|---|---|---|---|\n"
    page.write_text(page.read_text(encoding="utf-8") + head + table + "\n".join(LINES) + "\n", encoding="utf-8")


def main() -> int:
    """Measure and print the lines of docs/benchmarks.md."""
    run(int(sys.argv[1]) if len(sys.argv) > 1 else 100_000)
    return 0


def run(count: int) -> None:
    """Fill a market with so many contracts and measure it."""
    with TemporaryDirectory() as folder:
        database = Database(f"sqlite:///{Path(folder) / 'market.db'}")
        schema.migrate(database)
        print(f"{count:,} contracts, SQLite; filled in {once(lambda: fill(database, count)):.0f} s", flush=True)
        with database.read() as session:
            last = Books(session).slice(Cut(Period("year", FIRST_YEAR + YEARS - 1), "output"))
            yearly = ledger.grouped(session, last, ())[0].count
        measure_building(database)
        measure_pages(database)
        if yearly <= 20_000:
            measure_reports(database, yearly)
        if count <= 100_000:
            measure_workbook(database)
        database.close()


if __name__ == "__main__":
    raise SystemExit(main())
