"""Reading tables as people send them: jsonl, csv in either encoding, xlsx, xls. Row by row, so that memory stays flat."""

import csv
import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from python_calamine import CalamineWorkbook

from etl import contract_columns
from etl.imports import whole
from etl.imports.xlsx import Workbook, plain_cell
from services.ground.errors import Invalid

SUFFIXES = (".jsonl", ".ndjson", ".csv", ".txt", ".tsv", ".xlsx", ".xlsm", ".xls")
LONGEST_LINE = 4 << 20
"""Characters of one line of jsonl; longer ones are no record of ours."""
OLD_WORKBOOK = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
ZIP = b"PK\x03\x04"
BLOCK = 1 << 20


@dataclass(frozen=True)
class Line:
    """One row as it stands: the sheet ("" where there are none), its number, its cells or the record of a jsonl."""

    sheet: str
    number: int
    cells: list[str] | dict[str, Any]


def read(path: Path, name: str = "") -> Iterator[Line]:
    """Give the rows of a file, heads among them. `name` is what its sender called it, if the file lies under another.

    Raises Invalid for a kind that is not read, an empty or broken file, an unknown encoding. A broken row in the middle
    of a jsonl is given as a record with the one key "".
    """
    suffix = Path(name or path.name).suffix.lower()
    if suffix not in SUFFIXES:
        raise Invalid("file", "import_file_kind", value=suffix or (name or path.name)[:40])
    with path.open("rb") as file:
        start = file.read(8)
    if not start:
        raise Invalid("file", "file_empty")
    if start.startswith(OLD_WORKBOOK):
        return _xls(path)
    if start.startswith(ZIP):
        return _xlsx(path)
    if suffix in {".xlsx", ".xlsm", ".xls"}:
        raise Invalid("file", "file_broken")
    return _jsonl(path) if suffix in {".jsonl", ".ndjson"} else _csv(path)


def encoding_of(path: Path) -> str:
    """Find the encoding of a text file: UTF-8 with or without mark, or GB18030. Raises Invalid for anything else."""
    for encoding in ("utf-8-sig", "gb18030"):
        try:
            with path.open(encoding=encoding) as file:
                while file.read(BLOCK):
                    pass
        except UnicodeDecodeError:
            continue
        return encoding
    raise Invalid("file", "import_encoding")


def _jsonl(path: Path) -> Iterator[Line]:
    with path.open(encoding=encoding_of(path)) as file:
        number = 0
        while text := file.readline(LONGEST_LINE):
            number += 1
            if len(text) == LONGEST_LINE:
                raise Invalid("file", "import_line_long", row=number)
            if not text.strip():
                continue
            try:
                value = json.loads(text, parse_constant=str)
                if "\\ud" in text or "\\uD" in text:  # half a character is no text and can be kept nowhere
                    value = json.loads(json.dumps(value, ensure_ascii=False).encode("utf-8", "replace"))
            except (ValueError, RecursionError):
                value = None
            yield Line("", number, value if isinstance(value, dict) else {"": text[:60].strip()})


def _csv(path: Path) -> Iterator[Line]:
    with path.open(encoding=encoding_of(path), newline="") as file:
        first = file.readline(BLOCK)
        file.seek(0)
        delimiter = max(",\t;", key=first.count)
        rows = csv.reader(file, delimiter=delimiter)
        try:
            for number, row in enumerate(rows, start=1):
                if any(cell.strip() for cell in row):
                    yield Line("", number, row)
        except csv.Error as error:
            raise Invalid("file", "import_csv_broken", row=rows.line_num) from error


def _xlsx(path: Path) -> Iterator[Line]:
    with Workbook(path) as book:
        if whole.is_ours(book):
            for number, record in whole.records(book):
                yield Line(contract_columns.MAIN, number, record)
            return
        for sheet in book.sheets:
            for number, cells in book.rows(sheet):
                yield Line(sheet, number, cells)


def _xls(path: Path) -> Iterator[Line]:
    # The old format ends at 65,536 rows a sheet, so holding one is no burden.
    try:
        book = CalamineWorkbook.from_path(str(path))
        for name in book.sheet_names:
            sheet = book.get_sheet_by_name(name)
            for number, row in enumerate(sheet.to_python(skip_empty_area=False), start=1):
                cells = [plain_cell(cell) for cell in row]
                if any(cells):
                    yield Line(name, number, cells)
    except Invalid:
        raise
    except Exception as error:  # the library raises errors of many kinds for files that are none
        raise Invalid("file", "file_broken") from error
