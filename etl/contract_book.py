"""The full contract workbook going out: every field of every contract its reader may see, receipts among them.

Contracts come one by one and go at once into the rows of all sheets, so memory stays flat.
"""

from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any, BinaryIO

import xlsxwriter
from sqlmodel import Session

from etl import contract_columns as columns
from etl.exports import CELL_LENGTH, SHEET_ROWS
from services.accounts import service as accounts
from services.contracts import service as contracts
from services.contracts.schemas import ContractFilter
from services.contracts.views import ContractOut
from services.ground import reference
from services.ground.actor import Actor
from services.ground.errors import Invalid
from services.ground.market import Market

PART = 100
Whole = tuple[ContractOut, list[dict[str, Any]], str]
"""A contract as its reader may see it, its receipts, the name of its broker."""
NOTES = (
    "每份合同在“合同”表里一行；当事人、非技术性费用、付款计划、知识产权、到账各在自己的表里，第一列是本系统编号。",
    "金额以元为单位，日期写成 2026-03-12，是非题写“是”或“否”；代码列可以改，名称列只供看。",
    "照原样可以导入另一个市场：yaosu import contracts 文件.xlsx。已登记的按登记编号认，从不覆盖已有的。",
)


def write_book(
    market: Market,
    actor: Actor,
    out: BinaryIO,
    *,
    wanted: ContractFilter | None = None,
    progress: Callable[[int], None] | None = None,
) -> int:
    """Write the contracts that the reader may see, newest last, and return how many. Raises Invalid for too many rows."""
    book = _Book(out)
    try:
        for contract, receipts, broker in _contracts(market, actor, wanted or ContractFilter()):
            book.add(contract, receipts, broker)
            if progress and book.count % PART == 0:
                progress(book.count)
    finally:
        book.close()
    return book.count


def write_book_file(market: Market, actor: Actor, path: Path) -> int:
    """Write the workbook to a file. Raises Invalid for a name that is not one of a workbook."""
    if path.suffix.lower() != ".xlsx":
        raise Invalid("format", "export_kind", value=path.suffix[:40])
    with path.open("wb") as out:
        return write_book(market, actor, out)


def _contracts(market: Market, actor: Actor, wanted: ContractFilter) -> Iterator[Whole]:
    after: Any = None
    while True:
        with market.database.read() as session:
            rows, after = contracts.list_contracts(session, actor, wanted, after=after, limit=PART)
            found = [_whole(session, actor, row.code) for row in rows]
        yield from found
        if after is None:
            return


def _whole(session: Session, actor: Actor, code: str) -> Whole:
    shown = contracts.get_visible(session, actor, code)
    receipts = contracts.around(session, actor, code).receipts
    number = shown.content.broker_id
    broker = accounts.person_name(session, number) if number else ""
    return shown, [line.model_dump(exclude={"id"}) for line in receipts], broker


class _Book:
    """A workbook whose sheets grow side by side, all cells text: long numbers keep their digits."""

    def __init__(self, out: BinaryIO) -> None:
        options = {"constant_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
        self._book = xlsxwriter.Workbook(out, options)
        self._next: dict[str, int] = {}
        self._sheets: dict[str, Any] = {}
        self.count = 0
        self._begin(columns.MAIN, _main_heads())
        for sheet in columns.SHEETS:
            self._begin(sheet.title, _heads(sheet.columns))
        notes = self._book.add_worksheet("说明")
        for number, line in enumerate(NOTES):
            notes.write_string(number, 0, line)

    def add(self, contract: ContractOut, receipts: list[dict[str, Any]], broker: str) -> None:
        """Write one contract."""
        self.count += 1
        content = contract.content
        verified = contract.verification
        self._row(
            columns.MAIN,
            [
                contract.code,
                contract.state,
                str(contract.changes or ""),
                broker,
                *_cells(columns.REGISTRATION, contract),
                *_cells(columns.VERIFIED, verified),
                *_cells(columns.CONTENT, content),
                *_cells(columns.FILING, content.filing),
            ],
        )
        parts: dict[str, list[Any]] = {
            "parties": [
                party.model_dump(exclude={"contact"}) | party.contact.model_dump() for party in content.parties
            ],
            "non_technical_items": list(content.non_technical_items),
            "verified_items": list(verified.items) if verified else [],
            "payment_schedule": list(content.payment_schedule),
            "ip_objects": list(content.ip_objects),
            "receipts": receipts,
        }
        for sheet in columns.SHEETS:
            for part in parts[sheet.part]:
                self._row(sheet.title, [contract.code, *_cells(sheet.columns, part)])

    def close(self) -> None:
        """Put the workbook together."""
        self._book.close()

    def _begin(self, title: str, heads: list[str]) -> None:
        self._sheets[title] = self._book.add_worksheet(title)
        self._next[title] = 0
        self._row(title, heads)

    def _row(self, title: str, cells: list[str]) -> None:
        number = self._next[title]
        if number >= SHEET_ROWS:
            raise Invalid("format", "export_too_long", limit=SHEET_ROWS - 1)
        for place, text in enumerate(cells):
            if text:
                self._sheets[title].write_string(number, place, text[:CELL_LENGTH])
        self._next[title] += 1


def _main_heads() -> list[str]:
    every = columns.REGISTRATION, columns.VERIFIED, columns.CONTENT, columns.FILING
    return [
        columns.CODE,
        columns.STATES,
        columns.CHANGES,
        columns.BROKER,
        *(head for part in every for head in _heads(part)[1:]),
    ]


def _heads(part: Mapping[str, str]) -> list[str]:
    found = [columns.CODE]
    for name, head in part.items():
        found.append(head)
        if name in columns.NAMES:
            found.append(columns.NAMES[name][1])
    return found


def _cells(part: Mapping[str, str], values: Any) -> list[str]:
    found = []
    for name in part:
        value = values.get(name) if isinstance(values, Mapping) else getattr(values, name, None)
        found.append(columns.cell_of(name, value))
        if name in columns.NAMES:
            found.append(reference.name_of(columns.NAMES[name][0], value) if value else "")
    return found
