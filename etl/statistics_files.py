"""Statistical tables as files: one table as csv or xlsx, or a workbook of all with a sheet that explains them.

Units stand in the head and never in a cell; numbers are numbers, long numbers and words are text, and nothing a person
typed can run as a formula. The hash covers what the cells say, so that two files can be told to hold the same figures.
"""

import csv
import hashlib
import io
import zipfile
from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime
from decimal import Decimal
from typing import Any, BinaryIO

import xlsxwriter

from etl.exports import MEDIA_TYPES, SHEET_ROWS, harmless
from etl.list_sheet import ListSheet
from services.indicators.closing import Finished, Report
from services.indicators.readings import DEFAULT
from services.indicators.table_schemas import HIDDEN, NOT_COMPUTABLE, CellKind, Table, TableCell, TableColumn, TableRow
from services.indicators.tables_ledger import list_values

SYMBOLS = (
    "— 算不出；… 为保护企业信息不公布；空白 没有",
    "单位写在表头，不写在格里；由分的整数换算，四舍五入",
    "本表不作计税依据",
)
DEFINITION = "登记的技术合同之和：登记为加，变更为增减，注销和撤销为减，各归其发生之日"
FEN_IN = {"yuan": 100, "wan": 1_000_000, "yi": 10_000_000_000}
SHEET_NAME_LENGTH = 31


def head_of(table: Table) -> list[str]:
    """Write the head of a table: group, name and unit of each column."""
    return [table.stub, *[_head(column) for column in table.columns]]


def _head(column: TableColumn) -> str:
    named = f"{column.group}·{column.label}" if column.group else column.label
    return f"{named}（{column.unit}）" if column.unit else named


def plain(cell: TableCell, kind: CellKind) -> str:
    """Write a cell as plain text: exact to the fen where it is money, without thousands signs."""
    if cell.text in (HIDDEN, NOT_COMPUTABLE):
        return cell.text
    if cell.value is None or (cell.value == 0 and not cell.text):
        return ""
    if isinstance(cell.value, int) and kind in FEN_IN:
        places = {"yuan": 2, "wan": 6, "yi": 10}[kind]
        return f"{Decimal(cell.value) / FEN_IN[kind]:.{places}f}"
    return cell.text.replace(",", "").replace("−", "-") if kind != "text" else harmless(cell.text)


def as_csv(table: Table, out: BinaryIO) -> None:
    """Write one table as csv with the mark by which office programs know UTF-8."""
    text = io.TextIOWrapper(out, encoding="utf-8-sig", newline="", write_through=True)
    try:
        writer = csv.writer(text)
        writer.writerow([harmless(head) for head in head_of(table)])
        for row in table.rows:
            cells = [plain(cell, row.kind_of(column)) for cell, column in zip(row.cells, table.columns, strict=True)]
            writer.writerow([harmless("　" * row.level + row.label), *cells])
    finally:
        text.detach()


Plain = tuple[str | int, ...]
"""A row of a long list: words, and amounts in fen."""


def list_through(table: Table, rows: Iterable[Plain], out: BinaryIO) -> Iterator[Plain]:
    """Write a long list as csv under the heads of a table while its rows pass by: it is read once for several files."""
    text = io.TextIOWrapper(out, encoding="utf-8-sig", newline="", write_through=False)
    writer = csv.writer(text)
    writer.writerow([harmless(head) for head in head_of(table)])
    for row in rows:
        writer.writerow(
            [
                f"{cell // 100}.{cell % 100:02}" if isinstance(cell, int) and cell >= 0 else _csv_cell(cell)
                for cell in row
            ]
        )
        yield row
    text.flush()
    text.detach()


def _csv_cell(cell: str | int) -> str:
    return f"{Decimal(cell) / 100:.2f}" if isinstance(cell, int) else harmless(cell)


class Workbook:
    """A workbook being written, sheet after sheet and row after row: memory stays flat however long a sheet is."""

    def __init__(self, out: BinaryIO, facts: Mapping[str, str], made_at: datetime) -> None:
        options = {"constant_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
        self._book = xlsxwriter.Workbook(out, options)
        self._book.set_properties({"created": made_at.replace(tzinfo=None), "title": facts.get("报表", "")})
        self._facts = facts
        self._hash = hashlib.sha256()
        self._front = self._book.add_worksheet("说明")
        self._bold = self._book.add_format({"bold": True, "text_wrap": True, "bottom": 1})
        money = {"num_format": "#,##0.00"}
        self._formats = {name: self._book.add_format(money) for name in ("yuan", "wan", "yi", "percent", "points")}
        self._formats["count"] = self._book.add_format({"num_format": "#,##0"})
        self._titles: list[tuple[str, str]] = []

    def add(self, table: Table) -> None:
        """Write one table on a sheet of its own."""
        sheet = self._sheet(table)
        for number, row in enumerate(table.rows, start=2):
            self._row(sheet, number, row, table.columns)
        for offset, note in enumerate(table.notes, start=2 + len(table.rows)):
            sheet.write_string(offset, 0, note)

    def _sheet(self, table: Table, kind: type[Any] | None = None) -> Any:
        name = f"{table.code} {table.title}".replace("/", "／")[:SHEET_NAME_LENGTH]
        sheet = self._book.add_worksheet(name, kind)
        self._titles.append((table.code, table.title))
        sheet.set_column(0, 0, 22)
        sheet.set_column(1, len(table.columns), 14)
        sheet.write_string(0, 0, f"{table.code} {table.title}（{table.period}）", self._bold)
        for place, head in enumerate(head_of(table)):
            sheet.write_string(1, place, head, self._bold)
        self._hash.update("\t".join([table.code, *head_of(table)]).encode())
        return sheet

    def add_list(self, table: Table, rows: Iterable[Plain]) -> None:
        """Write a long list: the heads of a table, and rows of plain values with amounts in fen."""
        sheet, money = self._sheet(table, ListSheet), self._formats["yuan"]
        for number, row in enumerate(rows, start=2):
            if number < SHEET_ROWS:
                sheet.line(number, row, money)
                self._hash.update(repr(row).encode())

    def _row(self, sheet: Any, number: int, row: TableRow, columns: list[TableColumn]) -> None:
        sheet.write_string(number, 0, "　" * row.level + row.label)
        said = [row.label]
        for place, (cell, column) in enumerate(zip(row.cells, columns, strict=True), start=1):
            kind = row.kind_of(column)
            text = plain(cell, kind)
            said.append(text)
            if not text:
                continue
            if kind == "text" or text in (HIDDEN, NOT_COMPUTABLE):
                sheet.write_string(number, place, text)
            else:
                sheet.write_number(number, place, float(text), self._formats[kind])
        self._hash.update("\t".join(said).encode())

    def close(self) -> str:
        """Write the sheet that explains the others, finish the file, and return the hash of all cells."""
        digest = self._hash.hexdigest()
        lines = [*self._facts.items(), ("校验（各表单元格的 SHA-256）", digest)]
        lines += [("符号", SYMBOLS[0]), ("单位与取整", SYMBOLS[1]), ("提示", SYMBOLS[2])]
        lines += [(code, title) for code, title in self._titles]
        self._front.set_column(0, 0, 26)
        self._front.set_column(1, 1, 90)
        for number, (name, value) in enumerate(lines):
            self._front.write_string(number, 0, name, self._bold)
            self._front.write_string(number, 1, value)
        self._book.close()
        return digest


def closed_report(report: Report) -> list[Finished]:
    """Make the files of a closed report: a workbook, and every table as csv in one archive."""
    facts, lists = facts_of(report), io.BytesIO()
    out = io.BytesIO()
    book = Workbook(out, facts, report.closed_at)
    for table in report.tables:
        if table.code == "T17":
            book.add_list(table, list_through(table, list_values(report.given), lists))
        else:
            book.add(table)
    book.close()
    name = f"statistics-{report.period.code}"
    return [
        Finished(f"{name}.xlsx", MEDIA_TYPES["xlsx"], out.getvalue()),
        Finished(f"{name}.zip", "application/zip", _archive(report, lists.getvalue())),
    ]


def facts_of(report: Report) -> dict[str, str]:
    """Say what the sheet 说明 of a closed report says: definition, reading, cut-off and every version that went in."""
    gdp = report.inputs["gdp"].get(str(report.period.year))
    rules = [f"{item['code']}{'' if item['verified'] else '（规则文本未核对）'}" for item in report.inputs["rule_sets"]]
    return {
        "报表": f"技术合同统计表 {report.period.label}（封账）",
        "定义": DEFINITION,
        "口径": f"{DEFAULT.label}：{DEFAULT.words}",
        "截至": f"{report.closed_at:%Y-%m-%d %H:%M:%S} UTC，登记变动第 {report.given.books.up_to_id} 号",
        "登记变动": f"{report.inputs['movement_count']} 行",
        "GDP 版本": f"{gdp['kind']} · {gdp['source']}" if gdp else "未录入",
        "规则": "、".join(rules) or "无",
        "性质": "内部封账数；名单和小格不得公开",
    }


def _archive(report: Report, contracts: bytes) -> bytes:
    """Pack every table as csv, the list of contracts as it was written already; times are those of the closing, so that the same report gives the same bytes."""
    out = io.BytesIO()
    when = report.closed_at.timetuple()[:6]
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for table in report.tables:
            part = io.BytesIO()
            if table.code != "T17":
                as_csv(table, part)
            content = contracts if table.code == "T17" else part.getvalue()
            archive.writestr(zipfile.ZipInfo(f"{table.code}.csv", when), content, zipfile.ZIP_DEFLATED)
    return out.getvalue()
