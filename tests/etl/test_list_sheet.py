"""Long lists in workbooks: what the quick way writes is what the library would write, and spreadsheet programs read it."""

import io
from datetime import UTC, datetime

import pytest
from python_calamine import CalamineWorkbook

from etl.statistics_files import Workbook, list_through
from services.indicators.table_schemas import Table
from services.indicators.tables_ledger import LIST_COLUMNS

TEXTS = [
    "演示合同",
    " 前后有空 ",
    'a<b>&"c"',
    "=1+1",
    "20260000000000001",
    "坏\x07字\x1f",
    "_x0041_",
    "两\n行",
    "😀",
    "",
]


def a_list(rows):
    table = Table(code="T17", title="清单", period="2025", stub="序号", columns=LIST_COLUMNS, rows=[])
    sheet, text = io.BytesIO(), io.BytesIO()
    book = Workbook(sheet, {}, datetime(2026, 1, 5, tzinfo=UTC))
    book.add_list(table, list_through(table, rows, text))
    book.close()
    read = CalamineWorkbook.from_filelike(io.BytesIO(sheet.getvalue())).get_sheet_by_name("T17 清单")
    return read.to_python(skip_empty_area=False)[2:], text.getvalue().decode("utf-8-sig").splitlines()


@pytest.mark.parametrize("text", TEXTS)
def test_words_of_a_long_list_read_back_as_they_were(text):
    rows = [("1", "7" * 16, text, "技术服务", "甲", "乙", 123, -4500, "2025-03-01", "登记")] * 3
    sheet, _csv = a_list(rows)
    assert len(sheet) == 3
    for row in sheet:
        assert row[1] == "7" * 16, "long numbers stay text"
        assert row[2] == text
        assert row[6:8] == [1.23, -45.0]


def test_the_list_in_the_archive_is_written_while_the_sheet_is(text="=1+1"):
    rows = [(str(n), "7" * 16, text, "技术服务", "甲", "乙", 123, -4505, "2025-03-01", "登记") for n in range(1, 4)]
    sheet, lines = a_list(iter(rows))
    assert len(sheet) == 3
    assert lines[1:] == [f"{n},{'7' * 16},'=1+1,技术服务,甲,乙,1.23,-45.05,2025-03-01,登记" for n in range(1, 4)]
