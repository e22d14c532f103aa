"""Tables going out: csv that office programs open rightly, xlsx, jsonl. Row by row, so that memory stays flat."""

import csv
import io
import json
from collections.abc import Iterable, Mapping
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any, BinaryIO

import xlsxwriter

from services.ground.errors import Invalid

Row = Mapping[str, Any]
Columns = Mapping[str, str]
"""field -> head, in the order of the columns."""

FORMULA_SIGNS = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")
"""What a spreadsheet takes for the beginning of a formula (OWASP, CSV injection)."""
SHEET_ROWS = 1_048_576
"""Rows of a sheet, the head among them: a limit of xlsx."""
CELL_LENGTH = 32_767
"""Characters of a cell: a limit of xlsx."""
MEDIA_TYPES = {
    "csv": "text/csv; charset=utf-8",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "jsonl": "application/x-ndjson",
}


def write(kind: str, columns: Columns, rows: Iterable[Row], out: BinaryIO) -> int:
    """Write rows as `csv`, `xlsx` or `jsonl` and return how many. `out` stays open.

    Fields that are not in `columns` are left out; missing ones are empty. Raises Invalid for another kind, and for more
    rows than a sheet of xlsx holds.
    """
    writer = writer_of(kind)(columns, out)
    try:
        writer.add(rows)
    finally:
        writer.close()
    return writer.count


def writer_of(kind: str) -> "type[Writer]":
    """Give the writer of `csv`, `xlsx` or `jsonl`. Raises Invalid for another kind."""
    if kind not in WRITERS:
        raise Invalid("format", "export_kind", value=kind[:40])
    return WRITERS[kind]


def write_file(columns: Columns, rows: Iterable[Row], path: Path) -> int:
    """Write rows to a file whose ending names the kind; see `write`."""
    kind = path.suffix.lower().removeprefix(".")
    if kind not in WRITERS:
        raise Invalid("format", "export_kind", value=kind[:40])
    with path.open("wb") as out:
        return write(kind, columns, rows, out)


def harmless(text: str) -> str:
    """Put an apostrophe before text that a spreadsheet would run as a formula."""
    return f"'{text}" if text.startswith(FORMULA_SIGNS) else text


def text_of(value: Any) -> str:
    """Give a value as the text of a cell: lists joined by 、, dates as in ISO 8601, 是 and 否, nothing for None."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "是" if value else "否"
    if isinstance(value, date | datetime):
        return value.isoformat()
    if isinstance(value, list | tuple | set | frozenset):
        return "、".join(text_of(item) for item in value)
    if isinstance(value, Mapping):
        return json.dumps(value, ensure_ascii=False, default=_plain)
    return str(value)


def _csv_cell(value: Any) -> str:
    # A negative number is no formula; only what people wrote can be one.
    return text_of(value) if isinstance(value, int | float | Decimal) else harmless(text_of(value))


class Writer:
    """Writes a table part by part. `add` may be called as often as wanted; `close` finishes the file, `out` stays open."""

    def __init__(self, columns: Columns, out: BinaryIO) -> None:
        self.columns, self.out, self.count = columns, out, 0

    def add(self, rows: Iterable[Row]) -> None:
        """Write some more rows. Raises Invalid for more than the kind of file holds."""
        for row in rows:
            self.count += 1
            self.line(row)

    def line(self, row: Row) -> None:
        """Write one row."""
        raise NotImplementedError

    def close(self) -> None:
        """Finish the file."""


class CsvWriter(Writer):
    """Comma separated values: UTF-8 with its mark, without which Excel reads the encoding of the machine."""

    def __init__(self, columns: Columns, out: BinaryIO) -> None:
        super().__init__(columns, out)
        self._text = io.TextIOWrapper(out, encoding="utf-8-sig", newline="", write_through=True)
        self._csv = csv.writer(self._text)
        self._csv.writerow([harmless(head) for head in columns.values()])

    def line(self, row: Row) -> None:
        """Write one row, no cell of which runs as a formula."""
        self._csv.writerow([_csv_cell(row.get(name)) for name in self.columns])

    def close(self) -> None:
        """Let go of `out`."""
        self._text.detach()


class XlsxWriter(Writer):
    """A workbook of one sheet, all cells text: long numbers keep their digits, and nothing is a formula."""

    def __init__(self, columns: Columns, out: BinaryIO) -> None:
        super().__init__(columns, out)
        options = {"constant_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
        self._book = xlsxwriter.Workbook(out, options)
        self._sheet = self._book.add_worksheet()
        for place, head in enumerate(columns.values()):
            self._sheet.write_string(0, place, head)

    def line(self, row: Row) -> None:
        """Write one row as text."""
        if self.count >= SHEET_ROWS:
            raise Invalid("format", "export_too_long", limit=SHEET_ROWS - 1)
        for place, name in enumerate(self.columns):
            self._sheet.write_string(self.count, place, text_of(row.get(name))[:CELL_LENGTH])

    def close(self) -> None:
        """Put the workbook together."""
        self._book.close()


class JsonlWriter(Writer):
    """One JSON a line, values as they are."""

    def line(self, row: Row) -> None:
        """Write one row."""
        line = {name: row.get(name) for name in self.columns}
        self.out.write(json.dumps(line, ensure_ascii=False, default=_plain).encode() + b"\n")


def _plain(value: Any) -> Any:
    if isinstance(value, date | datetime):
        return value.isoformat()
    if isinstance(value, set | frozenset):
        return sorted(value)
    return str(value)


WRITERS: dict[str, type[Writer]] = {"csv": CsvWriter, "xlsx": XlsxWriter, "jsonl": JsonlWriter}
