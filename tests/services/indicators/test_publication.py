"""A solver tries to recover hidden cells from all published tables of a year together, knowing only what is printed."""

import random
from datetime import UTC, datetime

import numpy as np
import pytest
from scipy.optimize import linprog

from services.ground import clock
from services.indicators import publishing, statistics
from services.indicators.books import Books
from services.indicators.dimensions import DIMENSIONS, OUTSIDE
from services.indicators.periods import Period
from services.indicators.publishing import publish_cut_off
from services.indicators.rules import FEWEST
from services.indicators.suppression import WIDTH
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


def small_cells(session):
    """Cells of one or two contracts, by the name the reader gives them, with what they truly are."""
    books, period = Books(session), Period("year", YEAR)
    cuts = {(name,): f"{name}:" for name in [*LISTS.values(), "size"]}
    cuts |= {("county", "chain"): "chain:", ("county", "buyer_place"): "place:"}
    return {
        prefix + key.replace("/", ":"): cell.amount_fen
        for names, prefix in cuts.items()
        for key, cell in books.cube(period, "output", *names).items()
        if 0 < cell.count < FEWEST
    }


@pytest.mark.parametrize("seed", [1, 2])
def test_no_small_cell_can_be_recovered_from_all_published_tables_together(world, seed):
    fill(world, seed)
    with clock.at(datetime(YEAR + 1, 1, 6, tzinfo=UTC)):
        world.do(publish_cut_off, OPERATOR)
        with world.database.read() as session:
            public = publishing.published_tables(session, YEAR)
            secrets = small_cells(session)
    reader = Reader(public, "amount")
    assert len(secrets) > 10
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
