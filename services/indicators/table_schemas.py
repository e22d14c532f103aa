"""A statistical table as everything shows it: the same cells for the page, the files and the API."""

import itertools
from decimal import Decimal
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

from services.ground import money
from services.ground.money import half_up

CellKind = Literal["count", "yi", "wan", "yuan", "percent", "points", "text"]
UNITS: dict[str, str] = {
    "count": "项",
    "yi": "亿元",
    "wan": "万元",
    "yuan": "元",
    "percent": "%",
    "points": "%",
    "text": "",
}
HIDDEN, NOT_COMPUTABLE = "…", "—"


class TableCell(BaseModel):
    """One cell: its exact value (fen, contracts, or a decimal number as text), and where its lines are found.

    `text` is what is printed: "…" suppressed, "—" cannot be computed, empty for nothing at all.
    """

    value: int | str | None = None
    text: str = ""
    opens: str = ""
    of: list[str] = Field(default_factory=list, exclude=True)
    """The figures it is made of: what is hidden of them hides this cell."""


class TableColumn(BaseModel):
    """One column: a head, the unit in the head, the heading over a group of columns."""

    key: str
    label: str
    kind: CellKind
    group: str = ""

    @property
    def unit(self) -> str:
        """The unit as it stands in the head."""
        return UNITS[self.kind]


class TableRow(BaseModel):
    """One row: what it is about, how deep it is indented, and its cells in the order of the columns."""

    key: str
    label: str
    level: int = 0
    look: Literal["row", "sum", "of_which"] = "row"
    cells: list[TableCell]
    url: str = ""
    kind: CellKind | None = None
    """What the row counts in where its columns leave it open: table T0 has a unit a row."""

    def kind_of(self, column: TableColumn) -> CellKind:
        """Say what a cell of this row is."""
        return self.kind if self.kind and column.kind == "text" else column.kind


class Table(BaseModel):
    """One table of one period."""

    model_config = ConfigDict(
        json_schema_extra={
            "example": {"code": "T8", "title": "按县市区（输出）", "period": "2025", "columns": [], "rows": []}
        }
    )
    code: str
    title: str
    period: str
    stub: str
    """The head of the first column."""
    columns: list[TableColumn]
    rows: list[TableRow]
    notes: list[str] = []

    @property
    def heads(self) -> list[tuple[str, list[TableColumn]]]:
        """Give the columns under the headings of their groups, in order; columns without a group stand alone."""
        return [(group, list(columns)) for group, columns in itertools.groupby(self.columns, key=lambda c: c.group)]


def count_cell(value: int, *of: str) -> TableCell:
    """Write a number of contracts; nothing is left blank."""
    return TableCell(value=value, text=f"{value:,}".replace("-", "−") if value else "", of=list(of))


def money_cell(value: int | None, kind: CellKind, *of: str, blank: bool = True) -> TableCell:
    """Write fen in the unit of the column, from the unrounded amount, half up; nothing is left blank."""
    if value is None:
        return TableCell(text=NOT_COMPUTABLE, of=list(of))
    write = {"yi": money.yi, "wan": money.wan, "yuan": money.yuan}[kind]
    return TableCell(value=value, text="" if blank and not value else write(value).replace("-", "−"), of=list(of))


def percent_cell(value: Decimal | None, *of: str) -> TableCell:
    """Write a ratio in percent with two decimals, or "—" where it cannot be computed."""
    if value is None:
        return TableCell(text=NOT_COMPUTABLE, of=list(of))
    rounded = half_up(value)
    return TableCell(value=str(rounded), text=f"{rounded:,}".replace("-", "−"), of=list(of))


def text_cell(text: str) -> TableCell:
    """Write words."""
    return TableCell(value=text, text=text)


def growth(this: int, last: int) -> Decimal | None:
    """Give the growth over last year in percent from unrounded values; None where there was nothing to grow from."""
    return Decimal(this - last) * 100 / last if last > 0 else None


def part(amount: int, whole: int) -> Decimal | None:
    """Give the part of a whole in percent; None where the whole is nothing."""
    return Decimal(amount) * 100 / whole if whole > 0 else None
