"""A sheet for long lists: rows of plain words and amounts written straight into the file, as xlsxwriter would write them.

Cell by cell the library takes four times as long, and a list of contracts is most of a workbook. What is not plain (signs
that XML cannot hold) is left to the library.
"""

import re
from collections.abc import Sequence
from typing import Any

from xlsxwriter.worksheet import Worksheet

_NOT_PLAIN = re.compile("[\x00-\x1f\ufffe\uffff]|_x[0-9A-Fa-f]{4}_")
_MARKS = re.compile("[&<>]")
LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"


def _escaped(text: str) -> str:
    if _MARKS.search(text):
        return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    return text


class ListSheet(Worksheet):  # type: ignore[misc]
    """A worksheet in constant memory to which whole rows can be added; `line` must go down row by row."""

    def line(self, number: int, row: Sequence[str | int], money: Any) -> None:
        """Write one row (counted from 0): words as they are, whole numbers as amounts in fen under the format `money`."""
        if len(row) > len(LETTERS) or _NOT_PLAIN.search("".join(cell for cell in row if isinstance(cell, str))):
            for place, cell in enumerate(row):
                if isinstance(cell, int):
                    self.write_number(number, place, cell / 100, money)
                else:
                    self.write_string(number, place, cell)
            return
        self._check_dimensions(number, len(row) - 1)
        self._write_single_row(number)  # finishes the row before
        style, here = money._get_xf_index(), number + 1  # noqa: SLF001 - how the library numbers its formats
        cells = [
            f'<c r="{letter}{here}" s="{style}"><v>{cell / 100:.16G}</v></c>'
            if isinstance(cell, int)
            else f'<c r="{letter}{here}" t="inlineStr"><is><t xml:space="preserve">{_escaped(cell)}</t></is></c>'
            for letter, cell in zip(LETTERS, row, strict=False)
        ]
        self.fh.write(f'<row r="{here}">{"".join(cells)}</row>')
