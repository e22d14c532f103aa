"""A row of somebody's table as the rest of the import sees it: asked by our names, answered as text."""

import dataclasses
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from etl import contract_columns
from etl.imports.heads import Place
from services.ground.errors import FieldError, Invalid

CONTROL = re.compile(r"[\x01-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff]")
ERRORS = frozenset({"#REF!", "#N/A", "#VALUE!", "#DIV/0!", "#NAME?", "#NUM!", "#NULL!"})
"""What a spreadsheet shows where it could not compute."""
NOTHING = frozenset({"-", "--", "—", "——", "/", "\\", "无", "None", "null", "NULL", "N/A"})
"""What people write where there is nothing to write."""


@dataclass(frozen=True)
class Finding:
    """Something to tell about one cell: our field, the code of the reason, its particulars."""

    field: str
    code: str
    value: str = ""
    params: Mapping[str, Any] = dataclasses.field(default_factory=dict)


@dataclass
class Row:
    """One row: its number in the kept copy, where it stood, its cells, and where our fields are."""

    line: int
    sheet: str
    number: int
    cells: list[str] | dict[str, Any]
    places: Mapping[str, tuple[Place, ...]]
    warnings: list[Finding] = dataclasses.field(default_factory=list)

    def text(self, name: str) -> str:
        """Give the text of one of our fields, '' for none. Raises Invalid for text that cannot be kept or computed."""
        raw = self.raw(name)
        if raw in (None, ""):
            return ""
        words = raw if isinstance(raw, str) else json.dumps(raw, ensure_ascii=False, default=str)
        if "\0" in words:
            raise Invalid(name, "nul_in_text", value=words.replace("\0", "␀")[:60])
        words = CONTROL.sub(" ", words).strip()
        if words in ERRORS or (words.startswith("=") and re.match(r"=[A-Z$]{1,4}\d|=[A-Z]{2,}\(", words)):
            raise Invalid(name, "import_formula", value=words[:60])
        return words

    def word(self, name: str) -> str:
        """Give the text of a field that holds a word or a number; signs for "nothing" count as nothing."""
        text = self.text(name)
        return "" if text in NOTHING else text

    def raw(self, name: str) -> Any:
        """Give what stands in the first filled column of a field."""
        for place in self.places.get(name, ()):
            value = self._cell(place)
            if value not in (None, ""):
                return value
        return None

    def has(self, name: str) -> bool:
        """Say whether any column stands for a field."""
        return name in self.places

    def unit(self, name: str, otherwise: str) -> str:
        """Give the unit that the head of a column names."""
        return next((place.unit for place in self.places.get(name, ()) if place.unit), otherwise)

    def warn(self, name: str, code: str, value: str = "", **params: Any) -> None:
        """Say that somebody should look, though the row goes in."""
        self.warnings.append(Finding(name, code, value[:200], params))

    def column_of(self, name: str) -> tuple[str, str]:
        """Give head and letter of the column a field stands in; our own name where there is none."""
        filled = [place for place in self.places.get(name, ()) if self._cell(place) not in (None, "")]
        place = next(iter(filled or self.places.get(name, ())), None)
        if place is None:
            return name[:80], ""
        return place.head[:80], place.letter if isinstance(self.cells, list) else ""

    def place_of(self, name: str) -> tuple[str, int, str, str]:
        """Give sheet, row, head and letter of a field; a contract of our workbook has its parts on sheets of their own."""
        if self.is_whole and isinstance(self.cells, dict):
            sheet, number, head = contract_columns.place_of(self.cells, name)
            return sheet, number or self.number, head, ""
        return self.sheet, self.number, *self.column_of(name)

    @property
    def is_whole(self) -> bool:
        """Say whether it is a record put together of several sheets."""
        return isinstance(self.cells, dict) and "rows" in self.cells and "content" in self.cells

    def _cell(self, place: Place) -> Any:
        if isinstance(self.cells, dict):
            return self.cells.get(place.head)
        return self.cells[place.index] if place.index < len(self.cells) else None


def finding_of(error: FieldError, row: Row, known: Mapping[str, str] | None = None) -> Finding:
    """Turn what a service said about a field into something to tell about a cell. `known` renames fields to ours."""
    name = (known or {}).get(error.field, error.field)
    value = str(error.params.get("value", "")) or str(row.raw(name) or "")
    params = {key: item for key, item in error.params.items() if isinstance(item, str | int | float)}
    return Finding(name, error.code, value[:200], params)
