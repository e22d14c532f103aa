"""Our own full contract workbook coming in: its sheets put together again, one record a contract.

The rows of all sheets but the first are laid into a database on the disk while the first is read, so that memory stays flat.
"""

import json
import sqlite3
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import closing
from typing import Any

from etl import contract_columns as columns
from etl.imports.xlsx import Workbook

ROWS = "rows"
"""Where the parts of a record stood: "parties.1" -> [sheet, row]."""
WRONG = "wrong"
"""Cells that could not be read: [field, code, value]."""


def is_ours(book: Workbook) -> bool:
    """Say whether a workbook is one that `yaosu export contracts --full` wrote."""
    return set(book.sheets) >= columns.TITLES


def records(book: Workbook) -> Iterator[tuple[int, dict[str, Any]]]:
    """Give the contracts as (row of the first sheet, record)."""
    with tempfile.NamedTemporaryFile(prefix="yaosu-book-") as file, closing(sqlite3.connect(file.name)) as kept:
        kept.execute("CREATE TABLE part (code TEXT, part TEXT, row INTEGER, cells TEXT)")
        for sheet in columns.SHEETS:
            for number, cells in _rows(book, sheet.title):
                kept.execute(
                    "INSERT INTO part VALUES (?, ?, ?, ?)",
                    (cells.get(columns.CODE, ""), sheet.part, number, json.dumps(cells, ensure_ascii=False)),
                )
        kept.execute("CREATE INDEX by_code ON part (code)")
        for number, cells in _rows(book, columns.MAIN):
            yield number, _record(kept, cells)


def _rows(book: Workbook, title: str) -> Iterator[tuple[int, dict[str, str]]]:
    heads: list[str] = []
    for number, cells in book.rows(title):
        if not heads:
            heads = [cell.strip() for cell in cells]
            continue
        yield number, dict(zip(heads, (cell.strip() for cell in cells), strict=False))


def _record(kept: sqlite3.Connection, cells: Mapping[str, str]) -> dict[str, Any]:
    content, wrong = columns.values_of(columns.CONTENT, cells, "content.")
    content["filing"], _ = columns.values_of(columns.FILING, cells, "content.filing.")
    registration, _ = columns.values_of(columns.REGISTRATION, cells, "")
    verified, more = columns.values_of(columns.VERIFIED, cells, "verification.")
    wrong += more
    lists: dict[str, list[dict[str, Any]]] = {sheet.part: [] for sheet in columns.SHEETS}
    where: dict[str, list[Any]] = {}
    asked = "SELECT part, row, cells FROM part WHERE code = ? ORDER BY part, row"
    for part, row, text in kept.execute(asked, (cells.get(columns.CODE, ""),)):
        sheet = next(sheet for sheet in columns.SHEETS if sheet.part == part)
        place = f"{part}.{len(lists[part])}"
        found, more = columns.values_of(sheet.columns, json.loads(text), f"{place}.")
        where[place] = [sheet.title, row]
        wrong += more
        if part == "parties":
            found["contact"] = {name: found.pop(name) for name in columns.CONTACT if name in found}
        lists[part].append(found)
    if verified.get("contract_amount_fen") is not None:
        registration["verification"] = verified | {"items": lists.pop("verified_items")}
    receipts = lists.pop("receipts")
    lists.pop("verified_items", None)
    primary = {
        f"{party.get('role')}_name": party.get("name", "") for party in reversed(lists["parties"]) if party.get("role")
    }
    return {
        "code": cells.get(columns.CODE, ""),
        "state": cells.get(columns.STATES, ""),
        "broker": cells.get(columns.BROKER, ""),
        "changes": cells.get(columns.CHANGES, ""),
        "contract_title": cells.get(columns.CONTENT["contract_title"], ""),
        "contract_amount_fen": cells.get(columns.CONTENT["contract_amount_fen"], ""),
        "buyer_name": "",
        **primary,
        **registration,
        "content": content | lists,
        "receipts": receipts,
        ROWS: where,
        WRONG: [[item.field, item.code, str(item.params.get("value", ""))] for item in wrong],
    }
