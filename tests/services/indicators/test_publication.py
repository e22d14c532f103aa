"""A solver tries to recover hidden cells from all published tables of a year together, knowing only what is printed."""

import random
from datetime import UTC, date, datetime

import numpy as np
import pytest
from scipy.optimize import linprog

from services.contracts import reach
from services.contracts import service as contracts
from services.contracts.schemas import RegisteredIn
from services.ground import clock
from services.indicators import publishing, statistics
from services.indicators.books import Books, Cut
from services.indicators.changes import Changes
from services.indicators.dimensions import DIMENSIONS, OUTSIDE
from services.indicators.periods import Period
from services.indicators.publishing import publish_cut_off
from services.indicators.rules import FEWEST
from services.indicators.suppression import WIDTH
from tests.services.contracts.factories import a_content, a_party
from tests.services.contracts.world import OPERATOR
from tests.services.indicators.ledger import YEAR, fill

LISTS = {
    "T1": "category",
    "T2": "seller_group",
    "T3": "buyer_group",
    "T4": "field",
    "T5": "ip",
    "T6": "objective",
    "T7": "plan",
}


class Reader:
    """Somebody with all public tables and a solver. Every cell is an unknown; what is printed fixes it."""

    def __init__(self, tables, measure):
        self.tables = {table.code: table for table in tables}
        self.measure = measure
        self.names, self.sums, self.values = [], [], []
        self._read()

    def variable(self, name):
        if name not in self.names:
            self.names.append(name)
        return self.names.index(name)

    def adds_up(self, parts, *wholes):
        """Parts add up to the wholes; a whole may be a number or another unknown."""
        self.sums.append(({self.variable(part): 1 for part in parts}, wholes))

    def know(self, name, cell):
        self.variable(name)
        if cell.text != "…":
            self.sums.append(({self.variable(name): 1}, (int(cell.value or 0),)))

    def cell(self, table, row, column=None):
        place = next(i for i, head in enumerate(table.columns) if head.key == (column or self.measure))
        return row.cells[place]

    def _read(self):
        for code, name in LISTS.items():
            self._list(self.tables[code], name)
        if self.measure == "technical":
            self._list(self.tables["T8"], "county")
        if self.measure == "amount":
            self._list(self.tables["T11"], "size")
            self._months()
            self._counties()

    def _list(self, table, name):
        total = self.cell(table, table.rows[0]).value
        for row in table.rows[1:]:
            self.know(f"{name}:{row.key}", self.cell(table, row))
        top = [f"{name}:{row.key}" for row in table.rows[1:] if row.level == 0]
        self.adds_up(top, int(total))
        parents = {row.key: row.parent for row in DIMENSIONS[name].rows() if row.parent}
        for parent in {parents[row.key] for row in table.rows[1:] if row.key in parents}:
            children = [f"{name}:{row.key}" for row in table.rows[1:] if parents.get(row.key) == parent]
            self.adds_up(children, f"{name}:{parent}")

    def _months(self):
        table = self.tables["T12"]
        for row in table.rows:
            self.know(f"month:{row.key}", self.cell(table, row, "amount"))
            self.know(f"so far:{row.key}", self.cell(table, row, "all.amount"))
            before = [f"so far:{int(row.key) - 1}"] if row.key != "1" else []
            self.adds_up([f"month:{row.key}", *before], f"so far:{row.key}")

    def _counties(self):
        for code, first in (("TC", "chain"), ("T10", "place")):
            table = self.tables[code]
            for row in table.rows:
                for column, cell in zip(table.columns, row.cells, strict=True):
                    self.know(self._name(first, row.key, column.key), cell)
            keys = [column.key for column in table.columns if column.key != "total"]
            for row in table.rows:
                self.adds_up([self._name(first, row.key, key) for key in keys], self._name(first, row.key, "total"))
            for key in [*keys, "total"]:
                inner = [self._name(first, row.key, key) for row in table.rows[1:]]
                self.adds_up(inner, self._name(first, "", key))
        table = self.tables["T8"]
        for row in table.rows:
            self.know(self._name("", row.key, "total"), self.cell(table, row, "amount"))
        table = self.tables["T9"]
        counties = [row for row in table.rows[1:] if not row.key.startswith("year.")]
        for row in counties:
            self.know(self._name("", row.key, "total"), self.cell(table, row, "output.amount"))
            self.know(f"absorbed:{row.key}", self.cell(table, row, "absorbed.amount"))
            self.adds_up([self._name("place", "", row.key), f"inbound:{row.key}"], f"absorbed:{row.key}")
        absorbed = [f"absorbed:{row.key}" for row in counties]
        self.adds_up(absorbed, int(self.cell(table, table.rows[0], "absorbed.amount").value))

    @staticmethod
    def _name(first, row, column):
        if column == "total":
            return f"county:{row}"
        return f"{first}:{row}:{column}"

    def interval(self, name):
        """The least and the most that a cell can be, given everything printed and that nothing is negative."""
        matrix, right = np.zeros((len(self.sums), len(self.names))), np.zeros(len(self.sums))
        for line, (parts, wholes) in enumerate(self.sums):
            for place, factor in parts.items():
                matrix[line, place] += factor
            for whole in wholes:
                if isinstance(whole, str):
                    matrix[line, self.names.index(whole)] -= 1
                else:
                    right[line] += whole
        scale, ends = 1e6, []
        for sign in (1, -1):
            aim = np.zeros(len(self.names))
            aim[self.names.index(name)] = sign
            found = linprog(aim, A_eq=matrix, b_eq=right / scale, bounds=(0, None), method="highs")
            assert found.status in (0, 3), found.message
            ends.append(sign * found.fun * scale if found.status == 0 else float("inf"))
        return tuple(ends)


def small_cells(session, measure="amount"):
    """Cells of one or two contracts, by the name the reader gives them, with what they truly are."""
    books, period = Books(session), Period("year", YEAR)
    cuts = {(name,): f"{name}:" for name in LISTS.values()}
    if measure == "technical":
        cuts[("county",)] = "county:"
    else:
        cuts |= {("size",): "size:", ("county", "chain"): "chain:", ("county", "buyer_place"): "place:"}
    return {
        prefix + key.replace("/", ":"): cell.technical_fen if measure == "technical" else cell.amount_fen
        for names, prefix in cuts.items()
        for key, cell in books.cube(period, "output", *names).items()
        if 0 < cell.count < FEWEST
    }


@pytest.mark.parametrize(("seed", "measure"), [(1, "amount"), (2, "amount"), (2, "technical")])
def test_no_small_cell_can_be_recovered_from_all_published_tables_together(world, seed, measure):
    fill(world, seed, count=70 if measure == "amount" else 14)
    with clock.at(datetime(YEAR + 1, 1, 6, tzinfo=UTC)):
        world.do(publish_cut_off, OPERATOR)
        with world.database.read() as session:
            public = publishing.published_tables(session, YEAR)
            secrets = small_cells(session, measure)
    reader = Reader(public, measure)
    assert len(secrets) > (10 if measure == "amount" else 2)
    dice = random.Random(seed)
    for name in sorted(secrets, key=lambda _name: dice.random())[:40]:
        low, high = reader.interval(name)
        assert high - low >= float(WIDTH) * secrets[name] * 0.999, (name, low, secrets[name], high)


def test_hidden_cells_of_the_last_year_are_not_told_by_growth_or_by_the_column_of_last_year(world):
    fill(world, 3, count=9)
    with clock.at(datetime(YEAR + 1, 1, 6, tzinfo=UTC)):
        world.do(publish_cut_off, OPERATOR)
        with world.database.read() as session:
            now = {table.code: table for table in publishing.published_tables(session, YEAR)}
            later = {table.code: table for table in publishing.published_tables(session, YEAR + 1)}
    for code in ("T4", "T8"):
        hidden = {row.key for row in now[code].rows if any(cell.text == "…" for cell in row.cells)}
        assert hidden
        for row in later[code].rows:
            if row.key in hidden:
                for column, cell in zip(later[code].columns, row.cells, strict=True):
                    if column.key.endswith((".growth", ".before")):
                        assert cell.value is None


def test_tables_with_names_and_single_contracts_are_not_published(world):
    fill(world, 4, count=8)
    with clock.at(datetime(YEAR + 1, 1, 6, tzinfo=UTC)):
        world.do(publish_cut_off, OPERATOR)
        with world.database.read() as session:
            codes = {table.code for table in publishing.published_tables(session, YEAR)}
    assert codes.isdisjoint({"T13", "T14", "T16", "T17"})
    assert {"T0", "T1", "T8", "T10", "T12", "T15"} <= codes
    assert set(OUTSIDE) & {column.key for column in now_columns(world)}


def now_columns(world):
    with world.database.read() as session:
        asked = statistics.question(str(YEAR))
        return statistics.table(session, world.actors["bureau"], "T10", asked).columns


def published(world, at):
    with clock.at(at):
        row = world.do(publish_cut_off, OPERATOR)
        with world.database.read() as session:
            return row, publishing.published_tables(session, YEAR)


def one_more(world, number, day):
    """A single contract registered on a day."""
    content = a_content(
        contract_title=f"单独一份 {number}",
        **dict.fromkeys(("signed_on", "effective_on", "valid_from", "filled_on"), day),
        parties=[a_party("seller", name=f"独一卖方 {number}"), a_party("buyer", name="独一买方")],
    )
    given = RegisteredIn(content=content, registration_number=f"2025999{number:09d}", registered_on=day)
    world.do(contracts.record_registered, OPERATOR, [given])


def test_two_nights_of_the_running_year_tell_nothing_of_the_one_contract_between_them(world):
    fill(world, 5, count=20, months=(1, 9), at=datetime(YEAR, 10, 2, tzinfo=UTC))
    before, tables = published(world, datetime(YEAR, 10, 3, tzinfo=UTC))
    with clock.at(datetime(YEAR, 10, 4, 4, tzinfo=UTC)):
        one_more(world, 1, date(YEAR, 10, 4))
    after, same = published(world, datetime(YEAR, 10, 5, tzinfo=UTC))
    assert after.figures | {"state": 0} == before.figures | {"state": 0}
    assert same == tables
    with clock.at(datetime(YEAR, 10, 6, 4, tzinfo=UTC)):
        for number in (2, 3):
            one_more(world, number, date(YEAR, 10, 6))
    later, tables_still = published(world, datetime(YEAR, 10, 7, tzinfo=UTC))
    years = {row["year"]: row["count"] for row in later.figures["years"]}
    assert years[YEAR] == 23, "three contracts of three sellers may be seen together"
    assert tables_still == tables, "the tables wait for the quarter"


@pytest.mark.parametrize("seed", [1])
def test_the_difference_of_two_quarters_gives_no_small_cell_away(world, seed):
    fill(world, seed, count=60, months=(1, 9), at=datetime(YEAR, 10, 2, tzinfo=UTC))
    _row, first = published(world, datetime(YEAR, 10, 3, tzinfo=UTC))
    with world.database.read() as session:
        line = reach.last_movement(session)
    fill(world, seed + 50, count=14, months=(10, 12))
    _row, second = published(world, datetime(YEAR + 1, 1, 6, tzinfo=UTC))
    with world.database.read() as session:
        changes = Changes(session, line, reach.last_movement(session))
        checked = 0
        for before, after in zip(first, second, strict=True):
            for row, cell, column in cells_of(after):
                was = next((c for r, c, k in cells_of(before) if (r.key, k.key) == (row.key, column.key)), None)
                shown = {"…", "—"}.isdisjoint({cell.text, was.text if was else ""})
                names = DIMENSION_OF.get(after.code)
                if was is None or not shown or names is None or column.key not in ("count", "amount", "technical"):
                    continue
                change = changes.of(Cut(Period("year", YEAR), "output", names), row.key)
                if cell.value != was.value:
                    checked += 1
                    assert change is not None
                    assert not change.is_small, (after.code, row.label, column.label)
    assert checked > 5


DIMENSION_OF = {code: (name,) for code, name in [*LISTS.items(), ("T8", "county"), ("T11", "size")]}


def cells_of(table):
    return [
        (row, cell, column)
        for row in table.rows
        for column, cell in zip(table.columns, row.cells, strict=True)
        if row.key
    ]
