"""The tables T0 to T12 and county × chain: how each is laid out. One definition serves page, file and API.

Source: contract reference, section 11; heads marked there as seen were published like this, the others are proposals.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from services.contracts.statistics_queries import Side
from services.indicators.books import EMPTY, Books, Cell, Cut, address
from services.indicators.dimensions import DIMENSIONS, Row, counties, places
from services.indicators.periods import Period, year_of
from services.indicators.readings import DEFAULT, Reading
from services.indicators.table_schemas import (
    CellKind,
    Table,
    TableCell,
    TableColumn,
    TableRow,
    count_cell,
    growth,
    money_cell,
    part,
    percent_cell,
)

TOTAL = "合计"
SIZE_NOTE = "金额变更跨档的合同，从原档移到新档；各档之和与总表一致。"
ROUNDING_NOTE = "因小数取舍而产生的误差均未做配平处理。"


@dataclass(frozen=True)
class Asked:
    """What a table is asked for: a period, a reading, and the books it is computed from."""

    books: Books
    period: Period
    reading: Reading = DEFAULT

    @property
    def side(self) -> Side:
        """The side of the trade of the reading."""
        return self.reading.side


@dataclass(frozen=True)
class Definition:
    """One table: its number, title, and how it is made."""

    code: str
    title: str
    make: Callable[["Definition", Asked], Table]
    dimension: str = ""
    unit: CellKind = "wan"
    inside: bool = False
    """Only for those who may see single contracts or names."""


def open_cells(table: Table) -> None:
    """Let every cell that is one figure open to the lines it is the sum of."""
    for row in table.rows:
        for cell in row.cells:
            if not cell.opens and len(cell.of) == 1 and cell.value and ":" in cell.of[0]:
                cell.opens = cell.of[0]


class _Sheet:
    """Gathers the figures of one cut of this year and of the last."""

    def __init__(self, asked: Asked, *names: str) -> None:
        self.period, self.side, self.names = asked.period, asked.side, names
        both = (asked.period, asked.period.previous)
        asked.books.fetch(*(Cut(period, asked.side, cut) for cut in ((), names) for period in both))
        self.now = asked.books.cube(asked.period, asked.side, *names)
        self.before = asked.books.cube(asked.period.previous, asked.side, *names)
        self.whole = asked.books.total(asked.period, asked.side)
        self.whole_before = asked.books.total(asked.period.previous, asked.side)

    def cells(self, key: str | None, columns: Sequence[TableColumn]) -> list[TableCell]:
        """Give the cells of one row (None for the total) in the order of the columns."""
        now = self.whole if key is None else self.now.get(key, EMPTY)
        before = self.whole_before if key is None else self.before.get(key, EMPTY)
        names = () if key is None else self.names
        of = address(Cut(self.period, self.side, names), key or "")
        of_before = address(Cut(self.period.previous, self.side, names), key or "")
        return [_measure(column, now, before, self.whole, of, of_before) for column in columns]


def _measure(column: TableColumn, now: Cell, before: Cell, whole: Cell, of: str, of_before: str) -> TableCell:
    name, _dot, what = column.key.partition(".")
    if name == "count":
        this, last = now.count, before.count
    else:
        this, last = (
            (now.amount_fen, before.amount_fen) if name == "amount" else (now.technical_fen, before.technical_fen)
        )
    if what == "growth":
        return percent_cell(growth(this, last), of, of_before)
    if what == "part":
        return percent_cell(part(this, whole.amount_fen), of)
    if what == "mean":
        return money_cell(round(this / now.count) if now.count > 0 else None, column.kind, of)
    if what == "median":
        return money_cell(now.median_fen, column.kind, of)
    value, source = (last, of_before) if what == "before" else (this, of)
    return count_cell(value, source) if name == "count" else money_cell(value, column.kind, source)


def _columns(unit: CellKind, *, before: bool = False, medians: bool = False) -> list[TableColumn]:
    """Give the common columns: this year (and last), growth, part of the whole, mean and median."""
    found: list[TableColumn] = []
    measures: tuple[tuple[str, str, CellKind], ...] = (
        ("count", "合同数", "count"),
        ("amount", "成交额", unit),
        ("technical", "技术交易额", unit),
    )
    for name, label, kind in measures:
        group = label if before else ""
        if before:
            found.append(TableColumn(key=f"{name}.before", label="上年", kind=kind, group=group))
        found.append(TableColumn(key=name, label="本年" if before else label, kind=kind, group=group))
        found.append(
            TableColumn(key=f"{name}.growth", label="增长率" if before else "同比", kind="percent", group=group)
        )
    found.append(TableColumn(key="amount.part", label="成交额占比", kind="percent"))
    found.append(TableColumn(key="amount.mean", label="平均每项", kind="wan"))
    if medians:
        found.append(TableColumn(key="amount.median", label="中位数", kind="wan"))
    return found


def laid_out(
    definition: Definition, asked: Asked, stub: str, columns: list[TableColumn], rows: list[TableRow], *notes: str
) -> Table:
    """Put rows under their columns; what is said of rounding stands under every table."""
    return Table(
        code=definition.code,
        title=definition.title,
        period=asked.period.code,
        stub=stub,
        columns=columns,
        rows=rows,
        notes=[*notes, ROUNDING_NOTE],
    )


def _overall(definition: Definition, asked: Asked) -> Table:
    """T0: three lines, last year, this year, growth."""
    sheet = _Sheet(asked)
    lines: tuple[tuple[str, str, CellKind], ...] = (
        ("count", "交易量（项）", "count"),
        ("amount", "成交额（亿元）", "yi"),
        ("technical", "技术交易额（亿元）", "yi"),
    )
    rows = []
    for name, label, kind in lines:
        three = [TableColumn(key=f"{name}{what}", label="", kind=kind) for what in (".before", "", ".growth")]
        rows.append(TableRow(key=name, label=label, kind=kind, cells=sheet.cells(None, three)))
    columns = [
        TableColumn(key="before", label="上年", kind="text"),
        TableColumn(key="now", label="本年", kind="text"),
        TableColumn(key="growth", label="增长率", kind="percent"),
    ]
    return laid_out(definition, asked, "指标", columns, rows)


def _by_dimension(definition: Definition, asked: Asked) -> Table:
    """T1 to T8: the rows of one dimension under their sum."""
    dimension = DIMENSIONS[definition.dimension]
    sheet = _Sheet(asked, definition.dimension)
    columns = _columns(definition.unit, before=definition.code == "T1", medians=asked.books.shows_medians)
    rows = [TableRow(key="", label=TOTAL, look="sum", cells=sheet.cells(None, columns))]
    for row in dimension.rows():
        if _is_shown(row, sheet):
            line = TableRow(key=row.key, label=row.label, level=row.level, cells=sheet.cells(row.key, columns))
            line.look = "of_which" if row.level else "row"
            rows.append(line)
    return laid_out(definition, asked, dimension.label, columns, rows)


def _by_county(definition: Definition, asked: Asked) -> Table:
    """T8: the counties, and the zones that are counted "of which"."""
    both = (asked.period, asked.period.previous)
    asked.books.fetch(*(Cut(one, asked.side, names) for names in ((), ("county",), ("zone",)) for one in both))
    table, sheet = _by_dimension(definition, asked), _Sheet(asked, "zone")
    for zone in DIMENSIONS["zone"].rows():
        if _is_shown(zone, sheet):
            cells = sheet.cells(zone.key, table.columns)
            table.rows.append(TableRow(key=zone.key, label=zone.label, level=1, look="of_which", cells=cells))
    return table


def _is_shown(row: Row, sheet: _Sheet) -> bool:
    """Every row of the list stands there; sub-rows and leftovers only with something in them, this year or last."""
    return row.always_stands or not (
        sheet.now.get(row.key, EMPTY).is_empty and sheet.before.get(row.key, EMPTY).is_empty
    )


def _ranked(definition: Definition, asked: Asked) -> Table:
    """T4: as by dimension, with the rank by amount."""
    table = _by_dimension(definition, asked)
    place = next(index for index, column in enumerate(table.columns) if column.key == "amount")
    amounts = sorted((_number(row.cells[place].value) for row in table.rows[1:]), reverse=True)
    table.columns.append(TableColumn(key="rank", label="排名", kind="count"))
    for row in table.rows:
        amount = row.cells[place]
        known = row.key != "" and bool(amount.value)
        rank = TableCell(of=[*amount.of, "rank"])
        if known:
            rank.value = amounts.index(_number(amount.value)) + 1
            rank.text = str(rank.value)
        row.cells.append(rank)
    return table


def _number(value: Any) -> int:
    return int(value or 0)


SIDES: tuple[tuple[Side, str], ...] = (("output", "county"), ("absorbed", "buyer_county"), ("internal", "county"))
"""What table T9 sets beside each other."""


def _both_sides(definition: Definition, asked: Asked) -> Table:
    """T9: what counties sell and buy, what of it stays at home, and the balance."""
    books, period = asked.books, asked.period
    years = years_before(period.year) if period.kind == "year" else ()
    whole = [period, *(year_of(year) for year in years)]
    books.fetch(
        *(Cut(period, side, (name,)) for side, name in SIDES), *(Cut(p, side) for side, _n in SIDES for p in whole)
    )
    cuts = {side: (books.cube(period, side, name), (name,)) for side, name in SIDES}
    columns = [
        TableColumn(key="output.count", label="项数", kind="count", group="输出"),
        TableColumn(key="output.amount", label="金额", kind="wan", group="输出"),
        TableColumn(key="absorbed.count", label="项数", kind="count", group="吸纳"),
        TableColumn(key="absorbed.amount", label="金额", kind="wan", group="吸纳"),
        TableColumn(key="internal.amount", label="输出中卖在市内", kind="wan"),
        TableColumn(key="net", label="净流出", kind="wan"),
    ]

    def row(key: str | None, label: str, of: Period = period) -> TableRow:
        figures: dict[Any, tuple[Cell, str]] = {}
        for side, (cube, names) in cuts.items():
            cell = books.total(of, side) if key is None else cube.get(key, EMPTY)
            figures[side] = (cell, address(Cut(of, side, () if key is None else names), key or ""))
        cells = []
        for shown, name in (column.key.split(".") for column in columns[:-1]):
            cell, source = figures[shown]
            money = money_cell(cell.amount_fen, "wan", source)
            cells.append(count_cell(cell.count, source) if name == "count" else money)
        (output, of_output), (absorbed, of_absorbed) = figures["output"], figures["absorbed"]
        cells.append(money_cell(output.amount_fen - absorbed.amount_fen, "wan", of_output, of_absorbed))
        return TableRow(key=key or "", label=label, look="sum" if key is None else "row", cells=cells)

    rows = [row(None, TOTAL), *(row(item.key, item.label) for item in counties() if _any(item.key, cuts))]
    if years:
        rows += [_of_year(row(None, f"{year} 年", year_of(year)), year) for year in years]
    return laid_out(definition, asked, "县市区", columns, rows, "输出与吸纳不相加：市内成交在两边各出现一次。")


YEARS_BACK = 5
"""How many years, the one asked for among them, stand under the counties of T9."""


def years_before(year: int) -> range:
    """Give the years that T9 shows under its counties."""
    return range(year - YEARS_BACK + 1, year + 1)


def _of_year(row: TableRow, year: int) -> TableRow:
    return row.model_copy(update={"key": f"year.{year}", "look": "row"})


def _any(key: str, cuts: Any) -> bool:
    return key != "elsewhere" or any(key in cube for cube, _names in cuts.values())


def _matrix(rows_by: str, columns_by: str) -> Callable[[Definition, Asked], Table]:
    """T10 and county × chain: amounts by two dimensions with both totals."""

    def make(definition: Definition, asked: Asked) -> Table:
        books, period, side = asked.books, asked.period, asked.side
        books.fetch(*(Cut(period, side, names) for names in ((rows_by, columns_by), (rows_by,), (columns_by,), ())))
        cross = books.cube(period, side, rows_by, columns_by)
        down, across = books.cube(period, side, rows_by), books.cube(period, side, columns_by)
        heads = [row for row in _heads(columns_by) if row.key in across or row.always_stands]
        cut = Cut(period, side, (rows_by, columns_by))
        columns = [TableColumn(key=head.key, label=head.label, kind="wan") for head in heads]
        columns.append(TableColumn(key="total", label=TOTAL, kind="wan"))

        def cells(key: str) -> list[TableCell]:
            found = []
            for head in heads:
                name = f"{key}/{head.key}"
                found.append(money_cell(cross.get(name, EMPTY).amount_fen, "wan", address(cut, name)))
            total = address(Cut(period, side, (rows_by,)), key)
            return [*found, money_cell(down.get(key, EMPTY).amount_fen, "wan", total)]

        rows = [
            TableRow(key=row.key, label=row.label, cells=cells(row.key))
            for row in DIMENSIONS[rows_by].rows()
            if row.key in down or row.always_stands
        ]
        bottom = [
            money_cell(
                across.get(head.key, EMPTY).amount_fen, "wan", address(Cut(period, side, (columns_by,)), head.key)
            )
            for head in heads
        ]
        whole = money_cell(books.total(period, side).amount_fen, "wan", address(Cut(period, side), ""))
        rows.insert(0, TableRow(key="", label=TOTAL, look="sum", cells=[*bottom, whole]))
        return laid_out(definition, asked, DIMENSIONS[rows_by].label, columns, rows)

    return make


def _heads(name: str) -> tuple[Row, ...]:
    return places() if name == "buyer_place" else DIMENSIONS[name].rows()


def _by_size(definition: Definition, asked: Asked) -> Table:
    """T11: size classes; only the whole amount decides."""
    sheet = _Sheet(asked, "size")
    columns = [
        TableColumn(key="count", label="合同数", kind="count"),
        TableColumn(key="amount", label="成交额", kind="wan"),
        TableColumn(key="amount.part", label="成交额占比", kind="percent"),
    ]
    rows = [TableRow(key="", label=TOTAL, look="sum", cells=sheet.cells(None, columns))]
    rows += [
        TableRow(key=row.key, label=row.label, cells=sheet.cells(row.key, columns)) for row in DIMENSIONS["size"].rows()
    ]
    return laid_out(definition, asked, "金额规模", columns, rows, SIZE_NOTE)


DEFINITIONS: dict[str, Definition] = {
    item.code: item
    for item in (
        Definition("T0", "技术合同交易情况总表", _overall),
        Definition("T1", "按合同类别", _by_dimension, "category"),
        Definition("T2", "按卖方类别", _by_dimension, "seller_group"),
        Definition("T3", "按买方类别", _by_dimension, "buyer_group"),
        Definition("T4", "按技术领域", _ranked, "field"),
        Definition("T5", "按知识产权", _by_dimension, "ip"),
        Definition("T6", "按社会经济目标", _by_dimension, "objective"),
        Definition("T7", "按计划来源", _by_dimension, "plan"),
        Definition("T8", "按县市区（输出）", _by_county, "county", "yi"),
        Definition("TC", "县市区 × 创新链", _matrix("county", "chain")),
        Definition("T9", "输出与吸纳", _both_sides),
        Definition("T10", "流向矩阵（卖方县市区 × 买方所在地）", _matrix("county", "buyer_place")),
        Definition("T11", "按金额规模", _by_size),
    )
}
