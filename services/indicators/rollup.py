"""Sums kept by month, so that a page over a million contracts reads hundreds of rows. The ledger stays the only truth.

What the sums hold ends at a line of the ledger; what was written since is added up fresh at every question, so a
contract that was just registered is in the figures at once. Rolling forward adds new rows and changes none; when a
batch of imported contracts was switched on or taken back, the sums are made anew.
"""

from collections.abc import Iterable, Iterator, Sequence
from datetime import date
from functools import cache
from typing import Any

import sqlalchemy as sa
from sqlmodel import Session, col, delete, func, select

from services.contracts import reach as ledger_reach
from services.contracts import statistics_queries as ledger
from services.contracts.statistics_queries import Side, Slice
from services.ground import clock, market
from services.ground.database import Database, lock_row
from services.indicators import dimensions
from services.indicators.books import EMPTY, Cell, Cut, with_parents
from services.indicators.models import StatisticState, StatisticSum
from services.indicators.periods import ALL

CUTS: tuple[tuple[Side, tuple[str, ...]], ...] = (
    *[
        ("output", names)
        for names in (
            (),
            ("category",),
            ("seller_group",),
            ("buyer_group",),
            ("field",),
            ("ip",),
            ("objective",),
            ("plan",),
            ("county",),
            ("zone",),
            ("chain",),
            ("size",),
            ("buyer_place",),
            ("county", "chain"),
            ("county", "buyer_place"),
        )
    ],
    ("absorbed", ()),
    ("absorbed", ("buyer_county",)),
    ("internal", ()),
    ("internal", ("county",)),
)
"""The cuts that are kept. Names of sellers and brokers are not: there are too many of them for a sum a month."""
TAIL = 2000
"""The sums are rolled forward once so many lines lie behind them."""
CHUNK = 5000
ONLY = 1
BY_TIME = (("month",), ("year",))
"""Cuts that are made of the months of the totals."""


def name_of(side: Side, names: Iterable[str]) -> str:
    """Give the name a cut is kept under."""
    return f"{side}:{'*'.join(names)}"


KEPT = frozenset(name_of(side, names) for side, names in CUTS)


def reach(session: Session) -> tuple[int, int] | None:
    """Say how far the sums reach and under which switch; None when there are none or a batch was switched since."""
    wanted = select(StatisticState.last_movement, StatisticState.switches).where(StatisticState.id == ONLY)
    row = session.execute(wanted).first()
    return (int(row[0]), int(row[1])) if row is not None and row[1] == ledger_reach.switches(session) else None


def kept(session: Session, cuts: Sequence[Cut]) -> dict[Cut, dict[str, Cell]]:
    """Give the figures of several cuts from the sums and the lines written since; cuts the sums cannot answer are left out.

    Sums and how far they reach come in one statement, so they belong together; the lines behind them are asked for only
    where there are any in the period.
    """
    names = [name_of(cut.side, () if cut.names in BY_TIME else cut.names) for cut in cuts]
    known = [(cut, name) for cut, name in zip(cuts, names, strict=True) if name in KEPT]
    found: dict[Cut, dict[str, Cell]] = {cut: {} for cut, _name in known}
    if not known:
        return {}
    rows = session.connection().execute(_question(tuple(_per(cut) for cut, _name in known)), _values(known))
    reached, behind = None, ""
    for place, key, *sums in rows:
        if place < 0:
            reached, behind = ((int(sums[0]), int(sums[1])) if sums[1] == sums[2] else None), str(key)
        else:
            found[known[place][0]][str(key)] = Cell(int(sums[0]), int(sums[1]), int(sums[2]))
    if reached is None:
        return {}
    if behind:
        first, _slash, last = behind.partition("/")
        since, until = date.fromisoformat(first), date.fromisoformat(last)
        for cut, cells in found.items():
            if since <= cut.period.until and until >= cut.period.since:
                _add_lines(session, cells, cut, reached[0])
        # Batches switched, or lines rolled forward meanwhile and counted by both: then the ledger answers.
        if reach(session) != reached:
            return {}
    return found


def _add_lines(session: Session, cells: dict[str, Cell], cut: Cut, after: int) -> None:
    tail = Slice(cut.period.since, cut.period.until, side=cut.side, after_id=after)
    columns, key_of = dimensions.crossed(cut.names)
    for group in ledger.grouped(session, tail, columns):
        cell = Cell(group.count, group.amount_fen, group.technical_fen)
        for key in with_parents(cut.names, key_of(group.raw)):
            cells[key] = cells.get(key, EMPTY).plus(cell)


def _per(cut: Cut) -> str:
    return cut.names[0] if cut.names in BY_TIME else "key"


def _values(known: Sequence[tuple[Cut, str]]) -> dict[str, Any]:
    values: dict[str, Any] = {}
    for place, (cut, name) in enumerate(known):
        since, until = cut.period.since, cut.period.until
        values[f"cut{place}"] = name
        values[f"since{place}"] = since.year * 100 + since.month
        values[f"until{place}"] = until.year * 100 + until.month
    return values


@cache
def _question(parts: tuple[str, ...]) -> Any:
    """Write the one statement that gives the sums of so many cuts, and before them how far the sums reach.

    Written once for each form: what a table asks differs from day to day only in its values.
    """
    measures = (StatisticSum.count, StatisticSum.amount_fen, StatisticSum.technical_fen)
    keys: dict[str, Any] = {
        "key": col(StatisticSum.key),
        "month": sa.cast(col(StatisticSum.month) % 100, sa.String),
        "year": sa.cast(col(StatisticSum.month) // 100, sa.String),
    }
    found = [
        ledger_reach.reach_of(StatisticState.last_movement, StatisticState.switches).where(StatisticState.id == ONLY)
    ]
    for place, per in enumerate(parts):
        month = col(StatisticSum.month)
        found.append(
            sa.select(sa.literal_column(str(place)), keys[per], *[func.sum(col(measure)) for measure in measures])
            .where(
                col(StatisticSum.cut) == sa.bindparam(f"cut{place}"),
                month >= sa.bindparam(f"since{place}"),
                month <= sa.bindparam(f"until{place}"),
            )
            .group_by(keys[per])
        )
    return sa.union_all(*found)


def roll_up(database: Database) -> int:
    """Bring the sums up to the last line of the ledger; make them anew where a batch was switched. Returns new rows.

    The ledger is held only for the moment its last line is read: up to that line nothing can be written any more. What
    takes long is only looking; nobody waits for it. Where another process was quicker, or a batch was switched
    meanwhile, what was added up is thrown away.
    """
    with database.write() as session:
        last, switches = ledger_reach.hold(session), ledger_reach.switches(session)
    with database.read() as session:
        row = session.get(StatisticState, ONLY)
        before = (row.last_movement, row.switches) if row is not None else None
        after = before[0] if before is not None and before[1] == switches else 0
        rows = list(_rows(session, after, last)) if last > after else []
    with database.write() as session:
        lock_row(session, market.MarketRow, 1)  # two workers at once: the second finds nothing left to do
        row = session.get(StatisticState, ONLY)
        now = (row.last_movement, row.switches) if row is not None else None
        if now != before or ledger_reach.switches(session) != switches:
            return 0
        if not after:
            session.execute(delete(StatisticSum))
        for start in range(0, len(rows), CHUNK):
            session.execute(sa.insert(StatisticSum), rows[start : start + CHUNK])
        row = row or StatisticState(last_movement=0, switches=0, made_at=clock.now())
        row.last_movement, row.switches, row.made_at = max(last, after), switches, clock.now()
        session.add(row)
    return len(rows)


def roll_up_if_due(database: Database) -> int:
    """Roll the sums forward when enough lies behind them. Returns how many rows were added."""
    with database.read() as session:
        reached, last = reach(session), ledger_reach.last_movement(session)
        if last == 0 or (reached is not None and last - reached[0] < TAIL):
            return 0
    return roll_up(database)


def _rows(session: Session, after: int, last: int) -> Iterator[dict[str, Any]]:
    for side, names in CUTS:
        columns, key_of = dimensions.crossed(names)
        wanted = Slice(ALL.since, ALL.until, side=side, after_id=after, up_to_id=last)
        sums: dict[tuple[int, str], Cell] = {}
        for group in ledger.grouped(session, wanted, ("year", "month", *columns)):
            month = int(group.raw[0]) * 100 + int(group.raw[1])
            cell = Cell(group.count, group.amount_fen, group.technical_fen)
            for key in with_parents(names, key_of(group.raw[2:])):
                sums[month, key] = sums.get((month, key), EMPTY).plus(cell)
        for (month, key), cell in sums.items():
            yield {
                "cut": name_of(side, names),
                "month": month,
                "key": key,
                "count": cell.count,
                "amount_fen": cell.amount_fen,
                "technical_fen": cell.technical_fen,
            }
