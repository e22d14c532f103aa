"""The kept copy of a file: its rows in one plain form, so that an import can stop anywhere and go on from there.

One JSON a line: [sheet, row, cells]. It lies beside the uploaded files, which all processes of a market share, and goes
when the batch is finished.
"""

import hashlib
import json
import os
import tempfile
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import IO, Any

from etl.imports.heads import LOOK_FOR_HEAD, Heads, Place, head_of, unit_above
from etl.imports.readers import Line, read
from etl.imports.table import Row
from services.ground.batches import ImportBatch
from services.ground.errors import Invalid, TooLarge
from services.ground.settings import Settings

FOOT = frozenset({"合计", "总计", "小计", "本页合计", "累计", "总合计", "合计:", "合计：", "total"})
FOOT_STARTS = ("制表人", "填表人", "审核人", "备注：", "注：", "说明：", "单位负责人")
NOTES = "说明"
"""A sheet called so explains the others."""
MOST_HEADS = 200
MOST_SHEETS = 100


@dataclass
class Sheet:
    """One sheet: its name, its heads, where they end, how many rows follow."""

    name: str
    heads: list[str] = field(default_factory=list)
    head_row: int = 0
    rows: int = 0
    unit: str = ""
    """The unit of money that a line over the head names for all columns whose head names none."""
    left_out: bool = False
    """No head of it is known while another sheet has some: notes, lists of options."""


@dataclass(frozen=True)
class Kept:
    """What is known of a file that was copied."""

    path: Path
    sha256: str
    size: int
    sheets: list[Sheet]

    @property
    def rows(self) -> int:
        """Rows of all sheets."""
        return sum(sheet.rows for sheet in self.sheets if not sheet.left_out)


def folder(settings: Settings) -> Path:
    """Say where kept copies lie."""
    return settings.files_folder / "imports"


def path_of(settings: Settings, code: str) -> Path:
    """Say where the kept copy of a batch lies."""
    return folder(settings) / f"{code}.jsonl"


def keep(settings: Settings, source: Path, name: str, heads: Heads) -> Kept:
    """Copy a file. Raises Invalid for a file that cannot be read or holds no rows, TooLarge beyond the limit.

    The copy is on the disk (fsync) when this returns; `place` gives it the name of its batch.
    """
    size = source.stat().st_size
    if size > settings.max_import_mb << 20:
        raise TooLarge(limit_mb=settings.max_import_mb)
    lines = read(source, name)
    target = folder(settings)
    target.mkdir(parents=True, exist_ok=True)
    with tempfile.NamedTemporaryFile("w", encoding="utf-8", dir=target, prefix="new-", delete=False) as out:
        path = Path(out.name)
        try:
            sheets = _copy(lines, heads, out)
            out.flush()
            os.fsync(out.fileno())
        except BaseException:
            path.unlink(missing_ok=True)
            raise
    for sheet in sheets:
        sheet.left_out = heads.score(sheet.heads) == 0 and any(heads.score(other.heads) for other in sheets)
    if not any(sheet.rows for sheet in sheets if not sheet.left_out):
        path.unlink(missing_ok=True)
        raise Invalid("file", "import_no_rows")
    return Kept(path, _digest(source), size, sheets)


def place(settings: Settings, kept: Kept, code: str) -> None:
    """Give a copy the name of its batch."""
    kept.path.replace(path_of(settings, code))


def forget(settings: Settings, code: str) -> None:
    """Delete the copy of a batch."""
    path_of(settings, code).unlink(missing_ok=True)


def copy_lines(settings: Settings, row: ImportBatch, code: str, lines: Collection[int]) -> None:
    """Copy some rows of a batch as the file of another one; on the disk when this returns."""
    target = path_of(settings, code)
    spool = Spool(path_of(settings, row.code), row.sheets, Heads({}, {}))
    index = {sheet["name"]: number for number, sheet in enumerate(row.sheets)}
    with target.open("w", encoding="utf-8") as out:
        for one, _place in spool.rows():
            if one.line in lines:
                out.write(json.dumps([index[one.sheet], one.number, one.cells], ensure_ascii=True) + "\n")
        out.flush()
        os.fsync(out.fileno())


class Spool:
    """Reads a kept copy from any place on."""

    def __init__(self, path: Path, sheets: Sequence[Mapping[str, Any]], heads: Heads) -> None:
        self._path = path
        self._names = [str(sheet["name"]) for sheet in sheets]
        self._left_out = {index for index, sheet in enumerate(sheets) if sheet.get("left_out")}
        self._places = [places_of(heads, sheet["heads"], sheet.get("unit", "")) for sheet in sheets]

    def rows(self, *, place: int = 0, line: int = 0) -> Iterator[tuple[Row, int]]:
        """Give the rows behind a place (in bytes) that is behind row `line`, each with the place behind it.

        Raises Invalid when the copy is gone.
        """
        try:
            file = self._path.open("rb")
        except FileNotFoundError as error:
            raise Invalid("file", "import_copy_gone") from error
        with file:
            file.seek(place)
            for text in file:
                place += len(text)
                index, number, cells = json.loads(text)
                if index in self._left_out:
                    continue
                line += 1
                yield Row(line, self._names[index], number, cells, self._places[index]), place


def places_of(heads: Heads, found: Sequence[str], unit: str = "") -> dict[str, tuple[Place, ...]]:
    """Say where each of our fields stands, the better column first; `unit` is that of columns whose head names none."""
    best = heads.places(found)
    places = {name: [item] for name, item in best.items()}
    taken = {item.index for item in best.values()}
    for index, head in enumerate(found):
        known = heads.field_of(head)
        if known in places and index not in taken and known not in heads.mapping:
            places[known].append(Place(index, head, best[known].unit))
    return {name: tuple(replace(item, unit=item.unit or unit) for item in items) for name, items in places.items()}


def _copy(lines: Iterator[Line], heads: Heads, out: IO[str]) -> list[Sheet]:
    sheets: list[Sheet] = []
    waiting: list[Line] = []
    for line in lines:
        if NOTES in line.sheet:
            continue
        if isinstance(line.cells, dict):
            _copy_record(line, sheets, out)
            continue
        if not sheets or sheets[-1].name != line.sheet:
            _begin(sheets, waiting, heads, out)
            if len(sheets) == MOST_SHEETS:
                raise Invalid("file", "import_too_many_sheets", limit=MOST_SHEETS)
            sheets.append(Sheet(line.sheet))
        if sheets[-1].heads:
            _write(out, sheets, line)
            continue
        waiting.append(line)
        if len(waiting) > LOOK_FOR_HEAD:
            _begin(sheets, waiting, heads, out)
    _begin(sheets, waiting, heads, out)
    return sheets


def _copy_record(line: Line, sheets: list[Sheet], out: IO[str]) -> None:
    assert isinstance(line.cells, dict)
    if not sheets:
        sheets.append(Sheet(line.sheet))
    known = sheets[0].heads
    known += [key for key in line.cells if key and key not in known][: MOST_HEADS - len(known)]
    sheets[0].rows += 1
    out.write(json.dumps([0, line.number, line.cells], ensure_ascii=True) + "\n")


def _begin(sheets: list[Sheet], waiting: list[Line], heads: Heads, out: IO[str]) -> None:
    """Find the head of the sheet among the rows held back, and write those that stand below it."""
    if not waiting:
        return
    rows = [[" ".join(cell.split()) for cell in line.cells] for line in waiting]
    place, found, height = head_of(rows, heads)
    sheets[-1].heads = [head[:80] for head in found[:MOST_HEADS]] or [""]
    sheets[-1].head_row = waiting[place].number
    sheets[-1].unit = unit_above(rows[:place])
    for line in waiting[place + height :]:
        _write(out, sheets, line)
    waiting.clear()


def _write(out: IO[str], sheets: list[Sheet], line: Line) -> None:
    cells = [cell.strip() for cell in line.cells]
    if not any(cells) or _is_foot(cells) or cells[: len(sheets[-1].heads)] == sheets[-1].heads:
        return
    sheets[-1].rows += 1
    out.write(json.dumps([len(sheets) - 1, line.number, cells], ensure_ascii=True) + "\n")


def _is_foot(cells: Sequence[str]) -> bool:
    filled = [cell for cell in cells if cell]
    first = filled[0].replace(" ", "").replace("\u3000", "").lower()
    return first in FOOT or (len(filled) <= 3 and first.startswith(FOOT_STARTS))  # noqa: PLR2004, RUF100


def _digest(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
