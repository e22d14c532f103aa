"""Reading xlsx row by row. Only the row at hand and an index of the shared texts are in memory, however long the sheet.

The libraries at hand hold a whole sheet: 200,000 rows of ten columns are 230 MB with calamine. A sheet is XML (ECMA-376),
so an incremental parser is enough; what a cell means needs the shared texts and the number formats beside it.
"""

import re
import tempfile
import zipfile
import zlib
from array import array
from collections.abc import Callable, Iterator
from datetime import date, datetime, timedelta
from functools import lru_cache
from pathlib import Path
from types import TracebackType
from typing import IO, Any, Self, cast
from xml.etree.ElementTree import Element, ParseError, XMLPullParser
from xml.parsers import expat

from services.ground.errors import Invalid
from services.ground.files import check_archive

BLOCK = 1 << 16
LONGEST_TEXT = 1 << 20
"""Bytes of one cell or shared text; a spreadsheet holds 32,767 characters in a cell."""
LAST_ROW = 1_048_576
LONGEST_FORMAT = 255
"""Characters of a number format that are looked at: more are none (ECMA-376 part 1, 18.8.30)."""
WIDEST = 200
"""Columns that are read; what stands further right is no list of ours."""
BUILT_IN_DATES = frozenset({*range(14, 23), *range(27, 37), *range(45, 48), *range(50, 59)})
"""Number formats that show a date without saying how (ECMA-376 part 1, 18.8.30, with those of East Asian versions)."""
DATE_MARKS = re.compile(r"[ymdhs年月日]", re.IGNORECASE)
NOT_MARKS = re.compile(r'"[^"]*"|\\.|\[[^\]]*\]|General', re.IGNORECASE)
ESCAPED = re.compile(r"_x([0-9A-Fa-f]{4})_")
EPOCHS = {False: datetime(1899, 12, 30), True: datetime(1904, 1, 1)}  # noqa: DTZ001 - a serial number has no zone
LAST_SERIAL = 2_958_466
BROKEN = (
    zipfile.BadZipFile,
    ParseError,
    expat.ExpatError,
    KeyError,
    ValueError,
    IndexError,
    zlib.error,
    EOFError,
    NotImplementedError,
)

Cells = list[str]


class Workbook:
    """An open xlsx file: its sheets in their order, each read as (row number, cells). Raises Invalid for a broken one."""

    def __init__(self, path: Path) -> None:
        names = set(check_archive(path))
        if not any(name.startswith("xl/") for name in names):
            raise Invalid("file", "import_file_kind", value=path.suffix[:20])
        self._archive = zipfile.ZipFile(path)
        try:
            self._texts = _SharedTexts(self._archive, "xl/sharedStrings.xml" if "xl/sharedStrings.xml" in names else "")
            self._dates = _date_styles(self._archive) if "xl/styles.xml" in names else frozenset()
            self.sheets, self._from_1904 = _sheets(self._archive)
        except BROKEN as error:
            self._archive.close()
            raise Invalid("file", "file_broken") from error

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._texts.close()
        self._archive.close()

    def rows(self, sheet: str) -> Iterator[tuple[int, Cells]]:
        """Give the rows of a sheet that hold anything. Cells merged downwards repeat the value they show."""
        part = self.sheets[sheet]
        try:
            merged = _merged_down(self._archive, part)
            held: dict[int, str] = {}
            for number, cells in self._plain_rows(part):
                for column, spans in merged.items():
                    _repeat(cells, column, number, spans, held)
                if any(cells):
                    yield number, cells
        except BROKEN as error:
            raise Invalid("file", "file_broken") from error

    def _plain_rows(self, part: str) -> Iterator[tuple[int, Cells]]:
        rows = _RowParser(self._text)
        for block in _blocks(self._archive, part):
            rows.feed(block)
            yield from rows.taken()
        rows.finish()

    def _text(self, kind: str, style: str, value: str, formula: str | None) -> str:
        """Say what a cell shows. A formula that was never computed is given as it is written."""
        if kind == "inlineStr":
            return _unescape(value)
        if not value:
            return "" if formula is None else f"={formula}"
        if kind == "s":
            return self._texts[int(value)]
        if kind in {"str", "e", "d"}:
            return _unescape(value)
        if kind == "b":
            return "是" if value == "1" else "否"
        return self._number(value, int(style or "0"))

    def _number(self, value: str, style: int) -> str:
        if style in self._dates and 0 <= float(value) < LAST_SERIAL:
            return moment(float(value), from_1904=self._from_1904)
        return number_text(value)


def moment(serial: float, *, from_1904: bool = False) -> str:
    """Write a serial number of a spreadsheet as the day it shows, with the time where there is one."""
    at = EPOCHS[from_1904] + timedelta(seconds=round(serial * 86_400))
    return at.date().isoformat() if at.time() == at.time().min else at.isoformat(sep=" ")


def number_text(value: str) -> str:
    """Write a stored number as people typed it: 20230001.0 and 2.0230001E7 are 20230001, 12.300000000000001 is 12.3."""
    number = float(value)
    if number.is_integer() and abs(number) < 1e15:
        return str(int(number))
    return f"{number:.15g}"


def plain_cell(value: Any) -> str:
    """Write a cell as another library gives it (xls): text, number, day."""
    if isinstance(value, float):
        return number_text(repr(value))
    if isinstance(value, bool):
        return "是" if value else "否"
    if isinstance(value, datetime):
        return value.date().isoformat() if value.time() == value.time().min else value.isoformat(sep=" ")
    if isinstance(value, date):
        return value.isoformat()
    return "" if value is None else str(value)


def letters(place: int) -> str:
    """Give the letter of a column, counted from 0: A, Z, AA."""
    text = ""
    place += 1
    while place:
        place, rest = divmod(place - 1, 26)
        text = chr(65 + rest) + text
    return text


@lru_cache(maxsize=4096)
def _column_of(text: str) -> int:
    if len(text) > 3:  # noqa: PLR2004, RUF100 - XFD is the last column there is; longer ones would be huge numbers
        raise ValueError("no column")
    place = 0
    for character in text:
        place = place * 26 + ord(character) - 64
    return place - 1


def _column(reference: str) -> int:
    return _column_of(reference.rstrip("0123456789").upper())


def _local(tag: str) -> str:
    return tag.rpartition("}")[2]


def _unescape(text: str) -> str:
    if "_x" not in text:
        return text
    written = ESCAPED.sub(lambda match: chr(int(match[1], 16)), text)
    # Halves of a character are joined; one without its other half is no text and can be kept nowhere.
    return written.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")


def _blocks(archive: zipfile.ZipFile, name: str) -> Iterator[bytes]:
    with archive.open(name) as file:
        tail = b""
        while block := file.read(BLOCK):
            # A spreadsheet declares no entities; what does is made to blow up in a parser. The mark is looked for in
            # every block, and another encoding than UTF-8, in which it would not be seen, is none a spreadsheet uses.
            seen = tail + block
            if b"<!DOCTYPE" in seen or b"<!ENTITY" in seen or b"\0" in block:
                raise ValueError("declares a document type")
            tail = block[-10:]
            yield block


def _elements(archive: zipfile.ZipFile, name: str, wanted: str) -> Iterator[Element]:
    """Give every element of a name, whole, and forget it and all others when it was used."""
    parser: XMLPullParser[Any] = XMLPullParser(("start", "end"))
    above: list[Element] = []
    quiet = 0
    for block in _blocks(archive, name):
        parser.feed(block)
        quiet += len(block)
        if quiet > LONGEST_TEXT:
            raise ValueError("a text without end")
        for event, element in cast("Iterator[tuple[str, Element]]", parser.read_events()):
            if event == "start":
                above.append(element)
                continue
            above.pop()
            quiet = 0
            if _local(element.tag) == wanted:
                yield element
                element.clear()
            if above and _local(above[-1].tag) in {"sheetData", "sst"}:
                above[-1].clear()
    parser.close()


class _RowParser:
    """Turns the XML of a sheet into rows with one callback a tag: building a tree of millions of cells takes minutes."""

    def __init__(self, text_of: Callable[[str, str, str, str | None], str]) -> None:
        self._text_of = text_of
        self._rows: list[tuple[int, Cells]] = []
        self._number = 0
        self._cells: Cells = []
        self._cell: dict[str, str] = {}
        self._words: list[str] = []
        self._quiet = 0
        self._value = ""
        self._formula: str | None = None
        self._in_cell = False
        self._parser = expat.ParserCreate(namespace_separator="}")
        self._parser.buffer_text = True
        self._parser.StartElementHandler = self._start
        self._parser.EndElementHandler = self._end
        self._parser.CharacterDataHandler = self._words.append

    def feed(self, block: bytes) -> None:
        """Take the next bytes. Raises expat.ExpatError for what is no XML."""
        self._quiet += len(block)
        self._parser.Parse(block)
        if self._quiet > LONGEST_TEXT:
            raise ValueError("a text without end")

    def finish(self) -> None:
        """Say that nothing follows. Raises expat.ExpatError for XML that ends in the middle."""
        self._parser.Parse(b"", True)

    def taken(self) -> list[tuple[int, Cells]]:
        """Give the rows that are whole by now."""
        rows, self._rows = self._rows, []
        return rows

    def _start(self, tag: str, attributes: dict[str, str]) -> None:
        self._quiet = 0
        name = tag.rpartition("}")[2]
        if name == "c":
            self._cell, self._value, self._formula, self._in_cell = attributes, "", None, True
        elif name == "row":
            self._number = int(attributes.get("r") or self._number + 1)
            if self._number > LAST_ROW:
                raise ValueError("no row")
            self._cells = []
        self._words.clear()

    def _end(self, tag: str) -> None:
        name = tag.rpartition("}")[2]
        if name == "c":
            self._add()
            self._in_cell = False
        elif name == "v" or (name == "t" and self._in_cell):
            self._value += "".join(self._words)
        elif name == "f":
            self._formula = "".join(self._words)
        elif name == "row":
            self._rows.append((self._number, self._cells))

    def _add(self) -> None:
        reference = self._cell.get("r")
        place = _column(reference) if reference else len(self._cells)
        if place >= WIDEST:
            return
        while len(self._cells) < place:
            self._cells.append("")
        kind = self._cell.get("t", "n")
        self._cells.append(self._text_of(kind, self._cell.get("s", ""), self._value, self._formula))


class _SharedTexts:
    """The texts that cells refer to, on the disk, with the place of each in memory."""

    def __init__(self, archive: zipfile.ZipFile, part: str) -> None:
        self._file: IO[bytes] = tempfile.TemporaryFile()  # noqa: SIM115 - closed with the workbook
        self._places = array("Q", [0])
        if part:
            for item in _elements(archive, part, "si"):
                self._file.write(_unescape(_visible(item)).encode("utf-8", "surrogatepass"))
                self._places.append(self._file.tell())
        self._read = lru_cache(maxsize=20_000)(self._read_one)

    def __getitem__(self, index: int) -> str:
        return self._read(index)

    def close(self) -> None:
        """Let the texts go."""
        self._file.close()

    def _read_one(self, index: int) -> str:
        if index < 0:
            raise IndexError(index)
        start, end = self._places[index], self._places[index + 1]
        self._file.seek(start)
        return self._file.read(end - start).decode("utf-8", "surrogatepass")


def _visible(item: Element) -> str:
    """Join the runs of a text and leave out the readings that stand above the characters (rPh)."""
    parts = []
    for part in item:
        if _local(part.tag) == "t":
            parts.append(part.text or "")
        elif _local(part.tag) == "r":
            parts += [run.text or "" for run in part if _local(run.tag) == "t"]
    return "".join(parts)


def _date_styles(archive: zipfile.ZipFile) -> frozenset[int]:
    custom: dict[int, bool] = {}
    for item in _elements(archive, "xl/styles.xml", "numFmt"):
        code = NOT_MARKS.sub("", item.get("formatCode", "")[:LONGEST_FORMAT])
        custom[int(item.get("numFmtId", "0"))] = bool(DATE_MARKS.search(code))
    for formats in _elements(archive, "xl/styles.xml", "cellXfs"):
        ids = [int(item.get("numFmtId", "0")) for item in formats]
        return frozenset(n for n, key in enumerate(ids) if custom.get(key, key in BUILT_IN_DATES))
    return frozenset()


def _sheets(archive: zipfile.ZipFile) -> tuple[dict[str, str], bool]:
    targets = {
        item.get("Id", ""): item.get("Target", "")
        for item in _elements(archive, "xl/_rels/workbook.xml.rels", "Relationship")
    }
    found: dict[str, str] = {}
    for sheet in _elements(archive, "xl/workbook.xml", "sheet"):
        key = next((value for name, value in sheet.attrib.items() if _local(name) == "id"), "")
        target = targets[key]
        part = target.lstrip("/") if target.startswith("/") else f"xl/{target}"
        if "worksheets/" in part and sheet.get("state", "visible") == "visible":
            found[sheet.get("name", "")] = part
    settings = list(_elements(archive, "xl/workbook.xml", "workbookPr"))
    return found, bool(settings and settings[0].get("date1904") in {"1", "true"})


def _merged_down(archive: zipfile.ZipFile, part: str) -> dict[int, list[tuple[int, int]]]:
    """Find the cells merged over several rows: column -> (first row, last row). They are named behind all rows."""
    found: dict[int, list[tuple[int, int]]] = {}
    tail = b""
    for block in _blocks(archive, part):
        text = tail + block
        for match in re.finditer(rb'<(?:\w+:)?mergeCell [^<>]{0,200}?ref="([A-Z]+)(\d+):([A-Z]+)(\d+)"', text):
            first, last = int(match[2]), int(match[4])
            if first < last and match[1] == match[3]:
                spans = found.setdefault(_column_of(match[1].decode()), [])
                if (first, last) not in spans[-1:]:
                    spans.append((first, last))
        tail = text[-120:]
    return {column: sorted(spans, reverse=True) for column, spans in found.items()}


def _repeat(cells: Cells, column: int, number: int, spans: list[tuple[int, int]], held: dict[int, str]) -> None:
    """Write the value of a merged cell into the rows it covers; only into rows that hold something else."""
    while spans and spans[-1][1] < number:
        spans.pop()
    if not spans or not spans[-1][0] <= number:
        return
    if number == spans[-1][0]:
        held[column] = cells[column] if column < len(cells) else ""
    elif any(cells) and column in held:
        cells.extend([""] * (column + 1 - len(cells)))
        cells[column] = cells[column] or held[column]
