"""What is said about the cells of somebody's list, on the page of its batch: each code, and how it is mended."""

import io

import pytest
import xlsxwriter

from etl.imports.report import MENDABLE
from frontend import texts
from tests.frontend.market_in_process import market_here

LONG = "长" * 30_000
RESULTS = f"""成果名称,单位,成熟度,创新链,合作方式,技术指标,说明,期限
别家的成果,演示别的单位,,,,,,
词不认识的成果,,奇怪,怪链,怪法,含量不低于5%,{LONG},
词不认识的成果,,奇怪,怪链,怪法,含量不低于5%,{LONG},
"""
PATENTS = """专利名称,专利申请号
号码坏了的方法,2.02E+11
号码不对的方法,abc
"""
CONTRACTS = """合同登记编号,登记日期,合同名称,卖方,买方,合同成交额,签订日期
2026431100000041,2026-03-12,登记过的合同,演示油坊甲,演示公司甲,10 万元,2026-03-01
,,没有写单位的合同,演示油坊甲,演示公司甲,5,2026-03-02
,,没有买方的合同,演示油坊甲,,5,2026-03-01
,,日子不对的合同,演示油坊甲,演示公司甲,5,某一天
,,金额不对的合同,演示油坊甲,演示公司甲,很多,2026-03-02
,,金额为负的合同,演示油坊甲,演示公司甲,-5 万元,2026-03-02
"""
SAID = {
    ("firm", "results", RESULTS): {
        "import_owner_not_yours", "import_maturity_unknown", "import_code_unknown",
        "import_parameters_as_text", "import_cut",
    },
    ("firm", "patents", PATENTS): {"import_number_spoilt", "patent_number_form"},
    ("firm", "contracts", CONTRACTS): {
        "contract_record_not_yours", "required", "import_unit_assumed", "import_day_unknown", "import_amount", "amount_negative",
    },
    ("moderator", "results", "成果名称,单位\n谁家的成果,演示没听说过的单位\n"): {"import_owner_new"},
    ("moderator", "organisations", "单位名称,单位类型\n演示一家单位,怪类型\n"): {"import_word_unknown"},
}  # fmt: skip


@pytest.fixture
def here(tmp_path):
    with market_here(tmp_path) as made:
        made.person("firm", organisation="演示油坊甲")
        made.person("moderator", role="moderator")
        yield made


@pytest.fixture
def told():
    found = set()
    texts.listeners.append(found.add)
    yield found
    texts.listeners.remove(found.add)


def brought(here, who, kind, name, content):
    browser = here.browser().sign_in(who)
    answer = browser.post("/import", {"kind": kind}, files={"file": (name, io.BytesIO(content))})
    here.drain()
    return browser, answer


def test_what_is_wrong_in_a_cell_is_told_on_the_page_of_its_batch(here, told):
    missing = {}
    for (who, kind, text), codes in SAID.items():
        told.clear()
        browser, answer = brought(here, who, kind, f"{kind}.csv", text.encode())
        assert answer.status_code == 303, answer.text
        for show in ("refused", "warning"):
            assert browser.get(f"{answer.headers['location']}?show={show}").status_code == 200
        mended = {f"mend_{code}" for code in codes & MENDABLE}
        if lacking := (codes | mended) - told:
            missing[kind, who] = sorted(lacking), sorted(told)
    assert missing == {}


def a_workbook_of_sheets(count):
    out = io.BytesIO()
    book = xlsxwriter.Workbook(out)
    for number in range(count):
        book.add_worksheet(f"表{number}").write_row(0, 0, ["成果名称", "正文"])
    book.close()
    return out.getvalue()


@pytest.mark.parametrize(
    ("code", "name", "content"),
    [
        ("import_line_long", "a.jsonl", b'{"title": "' + b"a" * (5 << 20) + b'"}\n'),
        ("import_too_many_sheets", "a.xlsx", a_workbook_of_sheets(102)),
    ],
    ids=["line", "sheets"],
)
def test_a_file_that_is_no_list_is_told_before_anything_is_read(here, told, code, name, content):
    _browser, answer = brought(here, "firm", "results", name, content)
    assert answer.status_code == 422
    assert code in told, sorted(told)
