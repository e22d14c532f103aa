"""Files that cannot be read, and cells that cannot be kept: told by the command with a sentence and an exit code."""

import io
import json
import os
import subprocess
import sys
import tracemalloc
import zipfile

import pytest
import xlsxwriter

from etl import imports
from etl.imports.readers import read
from services.ground.errors import Invalid, TooLarge
from services.ground.settings import Settings
from tests.etl.conftest import OPERATOR
from tests.running_market import ROOT


def a_bomb():
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("xl/workbook.xml", b"0" * (300 << 20))
    return out.getvalue()


def a_workbook(sheet_xml, more=""):
    """A workbook made by hand, with what no library would write."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        archive.writestr(
            "xl/workbook.xml", f'<workbook xmlns:r="r">{more}<sheets><sheet name="一" r:id="a"/></sheets></workbook>'
        )
        archive.writestr(
            "xl/_rels/workbook.xml.rels",
            '<Relationships><Relationship Id="a" Target="worksheets/sheet1.xml"/></Relationships>',
        )
        archive.writestr("xl/worksheets/sheet1.xml", sheet_xml)
    return out.getvalue()  # fmt: skip


def cells(*rows):
    body = "".join(
        f"<row>{''.join(f'<c t=%sinlineStr%s><is><t>{cell}</t></is></c>' % (chr(34), chr(34)) for cell in row)}</row>"
        for row in rows
    )
    return f"<worksheet><sheetData>{body}</sheetData></worksheet>"


LAUGHS = '<!DOCTYPE x [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;&a;&a;">]>'
BAD = [
    ("unknown-encoding.csv", b"\xff\xfe\x00\x81", "import_encoding"),
    ("broken.xlsx", b"PK\x03\x04broken", "file_broken"),
    ("bomb.xlsx", a_bomb(), "file_bomb"),
    ("entities.xlsx", a_workbook(LAUGHS + cells(["成果名称"], ["演示"])), "file_broken"),
    (
        "late-entities.xlsx",
        a_workbook(f"<!--{'x' * 70_000}-->" + LAUGHS + cells(["成果名称"], ["演示"])),
        "file_broken",
    ),
    ("utf16.xlsx", a_workbook((LAUGHS + cells(["成果名称"], ["演示"])).encode("utf-16")), "file_broken"),
    ("far-column.xlsx", a_workbook(f'<w><row><c r="{"A" * 500_000}1"><v>1</v></c></row></w>'), "file_broken"),
    ("endless.xlsx", a_workbook(cells(["成果名称"], ["演" * 700_000])), "file_broken"),
    ("merged.xlsx", a_workbook(cells(["成果名称"]) + "<mergeCell " * 60_000), "file_broken"),
    ("far-row.xlsx", a_workbook('<w><row r="99999999999999999999"><c><v>1</v></c></row></w>'), "file_broken"),
    ("half.xlsx", a_workbook("<worksheet><sheetData><row><c><v>1"), "file_broken"),
    ("empty.csv", b"", "file_empty"),
    ("head-only.csv", "成果名称,说明\n".encode(), "import_no_rows"),
    ("wrong-kind.pdf", b"%PDF-1.7", "import_file_kind"),
    ("renamed.csv", b"%PDF-1.7\n\x00\xff\xfe\x81", "import_encoding"),
    ("document.xlsx", a_workbook("x").replace(b"xl/", b"wd/"), "import_file_kind"),
    ("quote.csv", b'\xef\xbb\xbf"' + b"x" * 200_000, "import_csv_broken"),
    ("one-column.csv", "没听过\n演示\n".encode(), "import_head_unknown"),
]


@pytest.mark.parametrize(("name", "content", "code"), BAD, ids=[name for name, _content, _code in BAD])
def test_a_file_that_cannot_be_read_is_refused_and_leaves_no_batch(market, tmp_path, name, content, code):
    path = tmp_path / name
    path.write_bytes(content)
    with pytest.raises(Invalid) as refused:
        imports.import_file(market, OPERATOR, "results", path)
    assert refused.value.fields[0].code == code
    with market.database.read() as session:
        assert imports.batches.listed(session, OPERATOR) == []


def test_a_file_beyond_the_limit_is_refused_before_it_is_read(market, tmp_path):
    path = tmp_path / "huge.csv"
    with path.open("wb") as file:
        file.truncate(500 << 20)
    with pytest.raises(TooLarge):
        imports.import_file(market, OPERATOR, "results", path)


def test_one_column_that_we_know_is_enough(market, tmp_path):
    path = tmp_path / "one.csv"
    path.write_text("成果名称\n演示低温冷榨\n", encoding="utf-8")
    assert imports.import_file(market, OPERATOR, "results", path).accepted == 1


def test_nul_formulas_and_lines_that_are_no_records_are_told_row_by_row(market, tmp_path):
    table = tmp_path / "a.csv"
    table.write_bytes("成果名称,说明\n演示\0甲,\n=SUM(A1:A2),\n#REF!,\n演示\x07乙,好的\n".encode())
    report = imports.import_file(market, OPERATOR, "results", table)
    assert [(f.row, f.column, f.reason) for f in report.of("refused")] == [
        (2, "成果名称", "nul_in_text"),
        (3, "成果名称", "import_formula"),
        (4, "成果名称", "import_formula"),
    ]
    lines = tmp_path / "b.jsonl"
    lines.write_text('{"title": "演示丙"}\n{"title": "断了\n[1, 2]\n{"title": "\\u0000"}\n', encoding="utf-8")
    report = imports.import_file(market, OPERATOR, "results", lines)
    assert (report.accepted, [(f.row, f.reason) for f in report.of("refused")]) == (
        1,
        [(2, "missing"), (3, "missing"), (4, "nul_in_text")],
    )


def test_a_formula_without_a_computed_value_is_told_and_one_with_it_is_read(market, tmp_path):
    path = tmp_path / "formulas.xlsx"
    book = xlsxwriter.Workbook(str(path))
    sheet = book.add_worksheet()
    sheet.write_row(0, 0, ["成果名称", "预算（万元）"])
    sheet.write_string(1, 0, "演示甲")
    sheet.write_formula(1, 1, "=60*2", None, 120)
    sheet.write_string(2, 0, "演示乙")
    sheet.write_formula(2, 1, "=A9*2", None, "")
    book.close()
    report = imports.import_file(market, OPERATOR, "results", path)
    assert (report.accepted, [(f.row, f.letter, f.reason) for f in report.of("refused")]) == (
        1,
        [(3, "B", "import_formula")],
    )


def test_dates_numbers_and_escapes_of_a_workbook_are_read_as_they_are_shown(tmp_path):
    path = tmp_path / "a.xlsx"
    book = xlsxwriter.Workbook(str(path), {"remove_timezone": True})
    sheet, day = book.add_worksheet(), book.add_format({"num_format": "yyyy年m月d日"})
    money = book.add_format({"num_format": '#,##0.00 "元"'})
    sheet.write_row(0, 0, ["a", "b"])
    sheet.write_number(1, 0, 46093, day)
    sheet.write_number(1, 1, 0.1 + 0.2)
    sheet.write_number(2, 0, 431102199001011, money)
    book.close()
    rows = [line.cells for line in read(path)]
    assert rows[1:] == [["2026-03-12", "0.3"], ["431102199001011"]]
    by_hand = tmp_path / "b.xlsx"
    by_hand.write_bytes(a_workbook(cells(["a"], ["一行_x000D_二行"])))
    assert [line.cells for line in read(by_hand)] == [["a"], ["一行\r二行"]]


def test_a_long_workbook_is_read_in_flat_memory(tmp_path):
    path = tmp_path / "long.xlsx"
    book = xlsxwriter.Workbook(str(path), {"constant_memory": True})
    sheet = book.add_worksheet()
    for number in range(20_000):
        sheet.write_row(number, 0, [f"第 {number} 行", "演示" * 20, number])
    book.close()
    tracemalloc.start()
    try:
        assert sum(1 for _line in read(path)) == 20_000
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert peak < 4 << 20, "a fifth of what the cells hold"


def test_the_command_says_in_a_sentence_why_and_ends_with_the_code_of_its_contract(tmp_path):
    environment = {**os.environ, "YAOSU_HOME": str(tmp_path / "home"), "PYTHONPATH": str(ROOT)}

    def yaosu(*arguments):
        return subprocess.run(
            [sys.executable, "-m", "frontend.cli", *arguments],
            check=False,
            env=environment,
            cwd=tmp_path,
            capture_output=True,
            text=True,
        )

    yaosu("migrate")
    (tmp_path / "bad.csv").write_bytes(b"\xff\xfe\x00\x81")
    bad = yaosu("import", "results", "bad.csv")
    assert (bad.returncode, "请存成 UTF-8 或 GB18030" in bad.stderr) == (1, True)
    (tmp_path / "some.csv").write_text("成果名称,预算（万元）\n演示甲,12\n演示乙,面议\n", encoding="utf-8")
    some = yaosu("import", "results", "some.csv", "--json")
    told = json.loads(some.stdout)
    assert (some.returncode, told["accepted"], told["refused_rows"]) == (3, 1, 1)
    assert {k: told["refused"][0][k] for k in ("row", "column", "value", "reason")} == {
        "row": 3,
        "column": "预算（万元）",
        "value": "面议",
        "reason": "import_amount",
    }
    none = yaosu("import", "results", "some.csv", "--all-or-nothing", "--json")
    assert (none.returncode, json.loads(none.stdout)["state"]) == (1, "refused")
    assert yaosu("import", "results", "some.csv", "--map", "nonsense").returncode == 2


def test_the_limit_is_the_setting(tmp_path):
    assert Settings(home=tmp_path, _env_file=None).max_import_mb == 200


def test_half_a_character_becomes_a_mark_that_can_be_kept(tmp_path):
    book, lines = tmp_path / "a.xlsx", tmp_path / "a.jsonl"
    book.write_bytes(a_workbook(cells(["坏_xD800_字", "好_xD83D__xDE00_"])))
    lines.write_text('{"title": "坏\\ud800字", "body": "好\\ud83d\\ude00"}\n', encoding="utf-8")
    [row] = read(book)
    [record] = read(lines)
    assert row.cells == ["坏\ufffd字", "好\U0001f600"]
    assert record.cells == {"title": "坏?字", "body": "好\U0001f600"}
