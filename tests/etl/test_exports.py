"""Tables going out: what people get when they open them."""

import csv
import io
import json
from datetime import date

import pytest
from python_calamine import CalamineWorkbook

from etl import exports
from services.ground.errors import Invalid

COLUMNS = {"title": "标题", "amount": "金额（元）", "signed_on": "签订日", "words": "关键词"}
ROWS = [
    {"title": "饼粕残油偏高", "amount": -5, "signed_on": date(2026, 3, 4), "words": ["冷榨", "残油"], "secret": "底价"},
    {"title": "=HYPERLINK(1)", "amount": 12345678901234567890},
]


def written(kind, rows=ROWS):
    out = io.BytesIO()
    assert exports.write(kind, COLUMNS, rows, out) == len(rows)
    return out.getvalue()


def test_a_csv_begins_with_the_mark_and_reads_back_as_it_was():
    data = written("csv")
    assert data.startswith(b"\xef\xbb\xbf")
    assert data.count(b"\xef\xbb\xbf") == 1
    rows = list(csv.reader(io.StringIO(data.decode("utf-8-sig"), newline="")))
    assert rows[0] == list(COLUMNS.values())
    assert rows[1] == ["饼粕残油偏高", "-5", "2026-03-04", "冷榨、残油"]


@pytest.mark.parametrize("sign", ["=", "+", "-", "@", "\t", "\r"])
def test_no_cell_of_a_csv_runs_as_a_formula(sign):
    data = written("csv", [{"title": f"{sign}1+1", "words": [f"{sign}2"]}])
    row = list(csv.reader(io.StringIO(data.decode("utf-8-sig"), newline="")))[1]
    assert (row[0], row[3]) == (f"'{sign}1+1", f"'{sign}2")


def test_an_xlsx_holds_text_only_so_long_numbers_keep_their_digits_and_nothing_is_a_formula():
    book = CalamineWorkbook.from_filelike(io.BytesIO(written("xlsx")))
    rows = book.get_sheet_by_index(0).to_python()
    assert rows[0] == list(COLUMNS.values())
    assert rows[2][:2] == ["=HYPERLINK(1)", "12345678901234567890"]


def test_jsonl_keeps_numbers_and_lists_as_they_are():
    first, second = [json.loads(line) for line in written("jsonl").decode().splitlines()]
    assert first == {"title": "饼粕残油偏高", "amount": -5, "signed_on": "2026-03-04", "words": ["冷榨", "残油"]}
    assert second["signed_on"] is None


@pytest.mark.parametrize("kind", ["csv", "xlsx", "jsonl"])
def test_a_field_that_was_not_asked_for_does_not_go_out(kind):
    data = written(kind)
    if kind == "xlsx":
        data = str(CalamineWorkbook.from_filelike(io.BytesIO(data)).get_sheet_by_index(0).to_python()).encode()
    assert "底价" not in data.decode()


@pytest.mark.parametrize("kind", ["csv", "xlsx", "jsonl"])
def test_an_empty_list_is_a_file_that_opens(kind, tmp_path):
    path = tmp_path / f"list.{kind}"
    assert exports.write_file(COLUMNS, [], path) == 0
    assert path.exists()


def test_another_kind_is_refused_and_leaves_no_file(tmp_path):
    with pytest.raises(Invalid):
        exports.write_file(COLUMNS, ROWS, tmp_path / "list.pdf")
    assert not (tmp_path / "list.pdf").exists()


def test_more_rows_than_a_sheet_holds_are_refused_and_not_cut(monkeypatch):
    monkeypatch.setattr(exports, "SHEET_ROWS", 2)
    with pytest.raises(Invalid):
        exports.write("xlsx", COLUMNS, ROWS, io.BytesIO())
