"""Files taken in: every bad row named, good ones in, the same file twice without doubles."""

import json

import pytest
import xlsxwriter

from etl.imports import import_file
from etl.lists import write_list
from services.ground.actor import ANONYMOUS
from services.ground.errors import Invalid
from services.listings import service as listings
from tests.etl.conftest import OPERATOR


def titles(market, kind):
    with market.database.read() as session:
        return [row.title for row in listings.list_listings(session, OPERATOR, kind, limit=100)]


def a_file(tmp_path, name, rows):
    path = tmp_path / name
    path.write_text("\n".join(json.dumps(row, ensure_ascii=False) for row in rows), encoding="utf-8")
    return path


def test_good_rows_go_in_and_a_bad_one_is_named_with_row_and_column(market, tmp_path):
    path = a_file(tmp_path, "needs.jsonl", [{"title": "饼粕残油偏高"}, {"content": ""}, {"title": "座椅面套气味重"}])
    report = import_file(market, OPERATOR, "needs", path, publish=True)
    assert (report.rows, report.accepted) == (3, 2)
    assert [(item.row, item.column, item.reason) for item in report.of("refused")] == [(2, "title", "missing")]
    assert titles(market, "need") == ["饼粕残油偏高", "座椅面套气味重"]


def test_the_same_file_twice_makes_no_doubles(market, tmp_path):
    path = a_file(
        tmp_path,
        "patents.jsonl",
        [{"title": "一种冷榨机", "application_no": "CN202119839256.9", "owner": "演示农学院"}],
    )
    import_file(market, OPERATOR, "patents", path, publish=True)
    again = import_file(market, OPERATOR, "patents", path, publish=True)
    assert (again.accepted, again.unchanged, again.refused) == (0, 1, 0)
    assert titles(market, "patent") == ["一种冷榨机"]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030"])
def test_a_csv_with_chinese_heads_is_read_in_either_encoding(market, tmp_path, encoding):
    path = tmp_path / "results.csv"
    path.write_text("成果名称,说明,成熟度\n低温冷榨,连续运行,中试\n", encoding=encoding)
    assert import_file(market, OPERATOR, "results", path, publish=True).accepted == 1
    with market.database.read() as session:
        assert listings.list_listings(session, OPERATOR, "result")[0].maturity == 6


def test_a_workbook_is_read_sheet_by_sheet(market, tmp_path):
    path = tmp_path / "needs.xlsx"
    book = xlsxwriter.Workbook(str(path))
    for name in ("一", "二"):
        sheet = book.add_worksheet(name)
        sheet.write_row(0, 0, ["标题", "预算（万元）"])
        sheet.write_row(1, 0, [f"第{name}张表的需求", "１２０万元"])
    book.close()
    assert import_file(market, OPERATOR, "needs", path, publish=True).accepted == 2
    with market.database.read() as session:
        assert listings.list_listings(session, OPERATOR, "need")[0].budget_high_fen == 120_000_000


def test_a_dry_run_and_a_refused_whole_write_nothing(market, tmp_path):
    path = a_file(tmp_path, "needs.jsonl", [{"title": "饼粕残油偏高"}, {"title": ""}])
    assert import_file(market, OPERATOR, "needs", path, dry_run=True).accepted == 1
    assert import_file(market, OPERATOR, "needs", path, all_or_nothing=True).accepted == 0
    assert titles(market, "need") == []


@pytest.mark.parametrize(
    ("name", "content", "code"),
    [
        ("a.xlsx", b"PK\x03\x04broken", "file_broken"),
        ("a.csv", b"\xff\xfe\x00\x81", "import_encoding"),
        ("a.doc", b"x", "import_file_kind"),
    ],
)
def test_a_file_that_cannot_be_read_is_refused_with_its_reason(market, tmp_path, name, content, code):
    path = tmp_path / name
    path.write_bytes(content)
    with pytest.raises(Invalid) as refused:
        import_file(market, OPERATOR, "needs", path)
    assert refused.value.fields[0].code == code


def test_what_was_imported_comes_out_again_and_a_draft_does_not(market, tmp_path):
    import_file(
        market,
        OPERATOR,
        "needs",
        a_file(tmp_path, "a.jsonl", [{"title": "=1+1 的需求", "owner": "演示油坊", "budget": "120"}]),
        publish=True,
    )
    import_file(market, OPERATOR, "needs", a_file(tmp_path, "b.jsonl", [{"title": "没有发布的需求"}]))
    path = tmp_path / "needs.csv"
    assert write_list(market, ANONYMOUS, "needs", path, []) == 1
    text = path.read_text(encoding="utf-8-sig")
    assert "'=1+1 的需求" in text
    assert "1200000.00" in text
    assert "没有发布" not in text
