"""What a table looks like as a drawing: ranked bars, months beside last year's, squares for two dimensions."""

from dataclasses import dataclass, field
from decimal import Decimal

from frontend.i18n import _
from services.ground.money import FEN_IN, half_up
from services.indicators.table_schemas import HIDDEN, Table, TableCell

WAN = FEN_IN["万元"]
Square = tuple[float, str]
"""Side of a square from 0 to 1, and what is written where there is none."""


@dataclass
class Chart:
    """A drawing with the sentence that says what it shows; the table stands beside it."""

    kind: str
    sentence: str
    bars: list[tuple[str, float, str]] = field(default_factory=list)
    """Ranked bars: label, length from 0 to 1, the figure."""
    months: list[tuple[str, float, float, str]] = field(default_factory=list)
    """Months: label, height this year and last from 0 to 1, the figure."""
    columns: list[str] = field(default_factory=list)
    squares: list[tuple[str, list[Square]]] = field(default_factory=list)
    """Rows of squares whose areas are the amounts."""


def chart_of(table: Table, before: Table | None = None) -> Chart | None:
    """Choose the drawing of a table; those of many words have none. `before` is the same table of last year."""
    if table.code in ("T4", "T8", "T11"):
        return _ranked(table)
    if table.code in ("TC", "T10"):
        return _squares(table)
    if table.code == "T12" and before is not None:
        return _months(table, before)
    return None


def _column(table: Table, key: str) -> int:
    return next(place for place, column in enumerate(table.columns) if column.key == key)


def _amount(cell: TableCell) -> int:
    return max(int(cell.value or 0), 0)


def _ranked(table: Table) -> Chart:
    place = _column(table, "amount")
    rows = [(row.label, row.cells[place]) for row in table.rows if row.look == "row"]
    top = max((_amount(cell) for _label, cell in rows), default=0) or 1
    if table.code != "T11":
        rows.sort(key=lambda item: -_amount(item[1]))
    return Chart(
        "ranked",
        _("%(t)s，成交额，万元") % {"t": table.title},
        bars=[(label, _amount(cell) / top, cell.text or "0.00") for label, cell in rows],
    )


def _months(table: Table, before: Table) -> Chart:
    now, last = _column(table, "amount"), _column(before, "amount")
    earlier = {row.key: row.cells[last] for row in before.rows}
    pairs = [(row.label, row.cells[now], earlier.get(row.key, TableCell())) for row in table.rows]
    top = max((max(_amount(this), _amount(that)) for _label, this, that in pairs), default=0) or 1
    return Chart(
        "months",
        _("各月成交额，万元；空心是上年同月"),
        months=[
            (label, _amount(this) / top, _amount(that) / top, f"{half_up(Decimal(_amount(this)) / WAN, 0):,}")
            for label, this, that in pairs
        ],
    )


def _squares(table: Table) -> Chart:
    rows = [row for row in table.rows if row.look == "row"]
    top = max((_amount(cell) for row in rows for cell in row.cells[:-1]), default=0) or 1
    return Chart(
        "squares",
        _("%(t)s：方块的面积是成交额，“…”不公布") % {"t": table.title},
        columns=[column.label for column in table.columns[:-1]],
        squares=[
            (
                row.label,
                [((_amount(cell) / top) ** 0.5, HIDDEN if cell.text == HIDDEN else "") for cell in row.cells[:-1]],
            )
            for row in rows
        ],
    )
