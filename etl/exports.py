"""Tables going out: csv that office programs open rightly, xlsx, jsonl. Row by row, so that memory stays flat."""

import csv
import io
import json
from collections.abc import Callable, Iterable, Mapping
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any, BinaryIO

import xlsxwriter

from services.ground.errors import Invalid

Row = Mapping[str, Any]
Columns = Mapping[str, str]
"""field -> head, in the order of the columns."""

FORMULA_SIGNS = ("=", "+", "-", "@", "\t", "\r")
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
    writer = WRITERS.get(kind)
    if writer is None:
        raise Invalid("format", "export_kind", value=kind[:40])
    return writer(columns, rows, out)


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


def _csv(columns: Columns, rows: Iterable[Row], out: BinaryIO) -> int:
    # Without the mark Excel reads UTF-8 as the encoding of the machine.
    text = io.TextIOWrapper(out, encoding="utf-8-sig", newline="", write_through=True)
    count = 0
    try:
        writer = csv.writer(text)
        writer.writerow([harmless(head) for head in columns.values()])
        for count, row in enumerate(rows, start=1):  # noqa: B007 - the last number is the answer
            writer.writerow([_csv_cell(row.get(name)) for name in columns])
    finally:
        text.detach()
    return count


def _xlsx(columns: Columns, rows: Iterable[Row], out: BinaryIO) -> int:
    options = {"constant_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
    book = xlsxwriter.Workbook(out, options)
    count = 0
    try:
        sheet = book.add_worksheet()
        for place, head in enumerate(columns.values()):
            sheet.write_string(0, place, head)
        for count, row in enumerate(rows, start=1):
            if count >= SHEET_ROWS:
                raise Invalid("format", "export_too_long", limit=SHEET_ROWS - 1)
            for place, name in enumerate(columns):
                # Everything as text: long numbers keep their digits, and nothing is a formula.
                sheet.write_string(count, place, text_of(row.get(name))[:CELL_LENGTH])
    finally:
        book.close()
    return count


def _jsonl(columns: Columns, rows: Iterable[Row], out: BinaryIO) -> int:
    count = 0
    for count, row in enumerate(rows, start=1):  # noqa: B007 - the last number is the answer
        line = {name: row.get(name) for name in columns}
        out.write(json.dumps(line, ensure_ascii=False, default=_plain).encode() + b"\n")
    return count


def _plain(value: Any) -> Any:
    if isinstance(value, date | datetime):
        return value.isoformat()
    if isinstance(value, set | frozenset):
        return sorted(value)
    return str(value)


WRITERS: dict[str, Callable[[Columns, Iterable[Row], BinaryIO], int]] = {"csv": _csv, "xlsx": _xlsx, "jsonl": _jsonl}
