"""Reading tables as people send them: jsonl, csv in either encoding, xlsx. Row by row, so that memory stays flat."""

import csv
import io
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from python_calamine import CalamineWorkbook

from services.ground.errors import Invalid
from services.ground.files import check_archive

Row = tuple[str, int, dict[str, Any]]
"""(sheet, row number as the reader sees it, head -> value)."""


def read(path: Path) -> Iterator[Row]:
    """Give the rows of a file. Raises Invalid for a kind that is not read, a broken file or an unknown encoding."""
    suffix = path.suffix.lower()
    if suffix in {".jsonl", ".ndjson"}:
        return _jsonl(path)
    if suffix in {".csv", ".txt", ".tsv"}:
        return _csv(path)
    if suffix == ".xlsx":
        return _xlsx(path)
    raise Invalid("file", "import_file_kind", value=suffix or path.name[:40])


def _jsonl(path: Path) -> Iterator[Row]:
    with path.open(encoding="utf-8-sig") as file:
        for number, line in enumerate(file, start=1):
            if not line.strip():
                continue
            try:
                value = json.loads(line)
            except ValueError:
                value = {"": line[:60]}
            yield "", number, value if isinstance(value, dict) else {"": str(value)[:60]}


def encoding_of(path: Path) -> str:
    """Find the encoding of a text file: UTF-8 with or without mark, or GB18030. Raises Invalid for anything else."""
    for encoding in ("utf-8-sig", "gb18030"):
        try:
            with path.open(encoding=encoding) as file:
                while file.read(1 << 20):
                    pass
        except UnicodeDecodeError:
            continue
        return encoding
    raise Invalid("file", "import_encoding")


def _csv(path: Path) -> Iterator[Row]:
    with path.open(encoding=encoding_of(path), newline="") as file:
        sample = file.read(4096)
        file.seek(0)
        delimiter = "\t" if sample.partition("\n")[0].count("\t") > sample.partition("\n")[0].count(",") else ","
        rows = csv.reader(file, delimiter=delimiter)
        head = [cell.strip() for cell in next(rows, [])]
        for number, row in enumerate(rows, start=2):
            if any(cell.strip() for cell in row):
                yield "", number, dict(zip(head, row, strict=False))


def _xlsx(path: Path) -> Iterator[Row]:
    check_archive(path)
    try:
        book = CalamineWorkbook.from_filelike(io.BytesIO(path.read_bytes()))
    except Exception as error:
        raise Invalid("file", "file_broken") from error
    for name in book.sheet_names:
        head: list[str] = []
        for number, row in enumerate(book.get_sheet_by_name(name).iter_rows(), start=1):
            cells = [
                str(cell).strip() if not isinstance(cell, float) or not cell.is_integer() else str(int(cell))
                for cell in row
            ]
            if not any(cells):
                continue
            if not head:
                head = cells
                continue
            yield name, number, dict(zip(head, cells, strict=False))
