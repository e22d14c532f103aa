"""A registration point's list of 300 contracts as offices keep them: merged heads, units in the head, digits of every width.

Everything in it is invented. The sums are reckoned here, in fen, beside the writing, so that a test can compare.
"""

from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path

import xlsxwriter

FIRST_SERIAL = date(1899, 12, 30)
FULL_WIDTH = str.maketrans("0123456789.", "０１２３４５６７８９．")
HEADS = (
    ("登记信息", ("登记编号", "认定登记日期")),
    ("标的", ("技术标的", "合同类型")),
    ("当事人", ("卖方", "卖方行政区划", "买方", "买方行政区划")),
    ("金额（万元）", ("合同成交额", "技术交易额")),
    ("日期", ("签约日期",)),
)
"""The column 技术标的 is called by no name that the program knows: a person has to say that it is the title."""
KINDS = ("技术开发", "技术转让", "技术许可", "技术咨询", "技术服务")
COUNTIES = (
    "431102",
    "431103",
    "431122",
    "431123",
    "431124",
    "431125",
    "431126",
    "431127",
    "431128",
    "431129",
    "431181",
)


@dataclass(frozen=True)
class Entry:
    """One line of the list, as it is meant."""

    number: str
    registered_on: date
    title: str
    kind: str
    seller: str
    region: str
    buyer: str
    amount_fen: int
    technical_fen: int
    signed_on: date


def entries(first: int, count: int, since: date) -> list[Entry]:
    """Invent lines with running numbers, registered from `since` on; the last county comes off badly."""
    found = []
    for index in range(first, first + count):
        day = since + timedelta(days=index % 60)
        fen = 10_000_00 + index * 1_234_50
        found.append(
            Entry(
                number=f"{since.year % 100}4311{index:08}",
                registered_on=day,
                title=f"第{index}号演示工艺的开发与应用",
                kind=KINDS[index % 5],
                seller=f"演示{'甲乙丙丁戊己庚'[index % 7]}研究所",
                region=COUNTIES[index % len(COUNTIES)],
                buyer=f"演示{'子丑寅卯辰巳午'[index % 7]}制造厂",
                amount_fen=fen,
                technical_fen=fen * 3 // 4 // 100 * 100,
                signed_on=day - timedelta(days=9),
            )
        )
    return found


def write(path: Path, sheets: dict[str, list[Entry]]) -> Path:
    """Write the workbook: a sheet of remarks, then the lists, each with its title, its two-row head, gaps and a sum."""
    book = xlsxwriter.Workbook(str(path))
    remarks = book.add_worksheet("填表说明")
    remarks.write_column(0, 0, ["1. 本表由登记点留存，数据均为虚构。", "2. 金额以万元计。"])
    dated = book.add_format({"num_format": "yyyy-mm-dd"})
    for name, lines in sheets.items():
        sheet = book.add_worksheet(name)
        sheet.merge_range(0, 0, 0, 10, f"技术合同登记台账（{name}）")
        _write_head(sheet)
        row = 4
        for index, entry in enumerate(lines):
            row += 1 if index % 50 == 25 else 0  # a blank row now and then
            _write_line(sheet, row, index, entry, dated)
            row += 1
        sheet.write(row, 0, "合计")
        sheet.write(row, 8, sum(entry.amount_fen for entry in lines) / 1_000_000)
        sheet.write(row + 1, 0, "制表人：演示登记员")
    book.close()
    return path


def _write_head(sheet: xlsxwriter.worksheet.Worksheet) -> None:
    column = 0
    for group, heads in HEADS:
        if len(heads) > 1:
            sheet.merge_range(2, column, 2, column + len(heads) - 1, group)
        else:
            sheet.write(2, column, group)
        for head in heads:
            sheet.write(3, column, head)
            column += 1


def _write_line(sheet: xlsxwriter.worksheet.Worksheet, row: int, index: int, entry: Entry, dated: object) -> None:
    if index % 3:
        sheet.write_string(row, 0, entry.number)
    else:
        sheet.write_number(row, 0, int(entry.number))  # what a spreadsheet makes of a long number
    sheet.write(row, 1, f"{entry.registered_on.year}.{entry.registered_on.month}.{entry.registered_on.day}")
    texts = (entry.title, entry.kind, entry.seller, entry.region, entry.buyer, "431102")
    for place, text in enumerate(texts, 2):
        sheet.write_string(row, place, text)
    _write_money(sheet, row, index, entry)
    serial = (entry.signed_on - FIRST_SERIAL).days
    sheet.write_number(row, 10, serial, *([dated] if index % 2 else []))


def _write_money(sheet: xlsxwriter.worksheet.Worksheet, row: int, index: int, entry: Entry) -> None:
    wan = f"{entry.amount_fen / 1_000_000:.6f}".rstrip("0").rstrip(".")
    if index % 4 == 0:
        sheet.write_string(row, 8, wan.translate(FULL_WIDTH))
    elif index % 4 == 1:
        sheet.write_string(row, 8, f"{wan}万元")
    else:
        sheet.write_number(row, 8, float(wan))
    sheet.write_number(row, 9, entry.technical_fen / 1_000_000)
