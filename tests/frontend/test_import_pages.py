"""The import desk as people meet it, without a script: upload, look, decide, watch, mend, take back."""

import io
import re
import zipfile

import pytest
import xlsxwriter
from python_calamine import CalamineWorkbook

from etl.imports import passes
from tests.frontend.market_in_process import market_here

HEAD = ["成果名称", "成熟度", "预算（万元）", "没听过的列"]
ROWS = [["演示低温冷榨", "中试", 120, "甲"], ["演示茶粕脱毒", "很成熟", "面议", "乙"], ["", "小试", 3, "丙"], ["演示机收头", "3", "12.5万元", "丁"]]  # fmt: skip


@pytest.fixture
def here(tmp_path):
    with market_here(tmp_path) as made:
        made.person("university", "member", "演示农学院")
        yield made


@pytest.fixture
def browser(here):
    return here.browser().sign_in("university")


def a_book(rows, name="成果"):
    out = io.BytesIO()
    book = xlsxwriter.Workbook(out)
    sheet = book.add_worksheet(name)
    for number, row in enumerate(rows):
        sheet.write_row(number, 0, row)
    book.close()
    return out.getvalue()


def upload(browser, content, name="成果.xlsx", kind="results", **more):
    answer = browser.post(
        "/import", {"kind": kind, **more}, files={"file": (name, content, "application/octet-stream")}
    )
    return answer.headers["location"] if answer.status_code == 303 else answer


def text_of(answer):
    return re.sub(r"<[^>]+>|\s+", " ", answer.text)


def test_a_table_is_looked_at_first_then_written_and_handed_to_the_moderators(here, browser):
    url = upload(browser, a_book([HEAD, *ROWS]))
    assert 'http-equiv="refresh"' in browser.get(url).text
    here.drain()
    page = browser.get(url)
    assert "检查完成" in page.text
    assert "写入 2 行" in page.text
    assert "C 预算（万元）" in page.text
    assert "面议" in page.text
    assert browser.get("/desk").text.count("演示低温冷榨") == 0
    assert browser.post(url, {"do": "write", "what": "good"}).status_code == 303
    here.drain()
    done = browser.get(url)
    assert "写入完成" in done.text
    assert "演示低温冷榨" in browser.get("/desk").text
    here.person("moderator", "moderator")
    assert "演示低温冷榨" in here.browser().sign_in("moderator").get("/moderation").text


def test_the_rows_to_mend_come_back_in_their_own_columns_and_only_they_go_in_again(here, browser):
    url = upload(browser, a_book([HEAD, *ROWS]))
    here.drain()
    browser.post(url, {"do": "write", "what": "good"})
    here.drain()
    content = browser.get(f"{url}/refused.xlsx").content
    rows = CalamineWorkbook.from_filelike(io.BytesIO(content)).get_sheet_by_index(0).to_python()
    assert rows[0] == [*HEAD, "原表", "原行号", "要改什么"]
    assert [row[:2] for row in rows[1:]] == [["演示茶粕脱毒", "很成熟"], ["", "小试"]]
    assert "面议" in rows[1][6]
    mended = [rows[0], [*rows[1][:2], "15", *rows[1][3:]], ["演示补上的", *rows[2][1:]]]
    again = upload(browser, a_book(mended))
    here.drain()
    assert "写入 2 行" in browser.get(again).text


def test_a_column_that_was_not_understood_is_named_and_kept_for_the_next_list(here, browser):
    content = a_book([["课题", "阶段"], ["演示低温冷榨", "中试"]])
    url = upload(browser, content)
    here.drain()
    page = browser.get(url)
    assert "表头里没有“成果名称”这一列" in page.text
    assert "开始写入" not in page.text
    assert browser.post(url, {"do": "write", "what": "good"}).status_code == 409
    browser.post(url, {"do": "remap", "column.0": "title", "column.1": "maturity"})
    here.drain()
    assert "写入 1 行" in browser.get(url).text
    browser.post(url, {"do": "profile", "profile": "农学院课题表"})
    browser.post(url, {"do": "write", "what": "good"})
    here.drain()
    next_url = upload(browser, content.replace(b"", b""))
    here.drain()
    assert "农学院课题表" in browser.get(next_url).text


def test_stopping_takes_everything_back_and_deciding_for_nothing_writes_nothing(here, browser, monkeypatch):
    monkeypatch.setattr(passes, "CHUNK", 1)
    monkeypatch.setattr("etl.imports.background.SLICE_SECONDS", 0)
    url = upload(browser, a_book([HEAD, *ROWS]))
    here.drain()
    browser.post(url, {"do": "write", "what": "good"})
    assert "正在写入" in browser.get(url).text
    browser.post(url, {"do": "remove"})
    here.drain()
    assert "已全部退回" in browser.get(url).text
    other = upload(browser, a_book([HEAD, *ROWS]))
    here.drain()
    browser.post(other, {"do": "write", "what": "nothing"})
    here.drain()
    assert "已全部退回" in browser.get(other).text
    assert "演示低温冷榨" not in browser.get("/desk").text


def test_a_finished_batch_is_taken_back_after_a_page_that_asks(here, browser):
    url = upload(browser, a_book([HEAD, *ROWS]))
    here.drain()
    browser.post(url, {"do": "write", "what": "good"})
    here.drain()
    assert "撤回" in browser.get(f"{url}/undo").text
    assert browser.post(f"{url}/undo", {}).status_code == 303
    assert "已整批撤回" in browser.get(url).text
    assert "演示低温冷榨" not in browser.get("/desk").text


def test_what_looks_like_a_known_contract_is_confirmed_one_by_one(here):
    here.person("reg", "registrar")
    registrar = here.browser().sign_in("reg")
    head = ["项目名称", "卖方", "买方", "合同金额（万元）", "签订日期", "合同类型"]
    rows = [["演示冷榨开发", "演示甲大学", "演示乙公司", 12, "2026-03-12", "技术开发"]]
    first = upload(registrar, a_book([head, *rows]), "一.xlsx", "contracts")
    here.drain()
    registrar.post(first, {"do": "write", "what": "good"})
    here.drain()
    official = [["登记编号", "登记日期", *head], ["2026430000000001", "2026-03-20", *rows[0]]]
    second = upload(registrar, a_book(official), "二.xlsx", "contracts")
    here.drain()
    registrar.post(second, {"do": "write", "what": "good"})
    here.drain()
    page = registrar.get(second)
    assert "可能是同一份合同" in page.text
    assert registrar.post(second, {"do": "new"}).status_code == 422
    made = registrar.post(second, {"do": "new", "line": "1"})
    here.drain()
    assert "写入完成" in registrar.get(made.headers["location"]).text
    assert len(registrar.get("/api/v1/contracts?q=2026430000000001").json()["items"]) == 1
    assert "可能是同一份合同" not in registrar.get(second).text


def a_bomb():
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("xl/workbook.xml", b"0" * (300 << 20))
    return out.getvalue()


def broken_in_the_middle():
    content = bytearray(a_book([HEAD, *ROWS * 50]))
    content[len(content) // 3 : len(content) // 2] = b"\0" * (len(content) // 2 - len(content) // 3)
    return bytes(content)


BAD = [
    ("编码.csv", b"\xff\xfe\x00\x81", "编码读不懂"),
    ("坏.xlsx", b"PK\x03\x04broken", "打不开"),
    ("坏一半.xlsx", broken_in_the_middle(), "打不开"),
    ("空.csv", b"", "空"),
    ("只有表头.csv", "成果名称,说明\n".encode(), "没有可以导入的行"),
    ("文档.docx", b"PK\x03\x04", "读不了这种文件"),
    ("图片.csv", b"\x89PNG\r\n\x1a\n" + bytes(range(256)), "编码读不懂"),
    ("假的.xlsx", "成果名称\n演示\n".encode(), "打不开"),
    ("引号.csv", b'\xef\xbb\xbf"' + b"x" * 200_000, "引号"),
]


@pytest.mark.parametrize(("name", "content", "says"), BAD, ids=[name for name, _content, _says in BAD])
def test_a_file_that_cannot_be_read_is_refused_on_the_page_with_what_to_do(here, browser, name, content, says):
    answer = upload(browser, content, name)
    assert answer.status_code == 422
    assert says in text_of(answer)


def test_a_zip_bomb_is_refused_before_it_is_unpacked(here, browser):
    answer = upload(browser, a_bomb())
    assert answer.status_code == 422
    assert "压缩" in answer.text


def test_a_file_of_500_megabytes_is_refused_before_it_is_read(here, browser):
    huge = {"content-length": str(500 << 20), "content-type": "multipart/form-data; boundary=x"}

    async def never():
        raise AssertionError("read although it is too long")
        yield b""

    page = browser.ask("POST", "/import", content=never(), headers=huge)
    assert page.status_code == 413
    api = browser.ask("POST", "/api/v1/imports", content=never(), headers=huge)
    assert (api.status_code, api.json()["code"]) == (413, "too_large")


def test_a_file_that_does_not_say_how_long_it_is_is_read_up_to_the_limit_only(tmp_path):
    read = 0

    async def endless():
        nonlocal read
        yield b'--x\r\nContent-Disposition: form-data; name="file"; filename="a.csv"\r\n\r\n'
        while True:
            read += 1 << 20
            yield b"a" * (1 << 20)

    with market_here(tmp_path, max_upload_mb=1, max_import_mb=1) as here:
        here.person("university", "member", "演示农学院")
        browser = here.browser().sign_in("university")
        headers = {"content-type": "multipart/form-data; boundary=x"}
        assert browser.ask("POST", "/import", content=endless(), headers=headers).status_code == 413
    assert read < 8 << 20


def test_nul_formulas_and_one_column_are_told_cell_by_cell(here, browser):
    nul = upload(browser, "成果名称\n演示\0名称\n演示好的\n".encode(), "nul.csv")
    here.drain()
    assert "不能保存的控制字符" in browser.get(nul).text
    assert "写入 1 行" in browser.get(nul).text
    formulas = upload(browser, "成果名称\n=A1+B1\n演示好的二\n#REF!\n".encode(), "formulas.csv")
    here.drain()
    assert browser.get(formulas).text.count("没有算出结果的公式") == 2


@pytest.mark.parametrize("ending", ["xlsx", "csv"])
@pytest.mark.parametrize("kind", ["results", "patents", "needs", "experts", "contracts"])
def test_a_template_filled_in_is_understood_column_by_column(here, browser, kind, ending):
    content = browser.get(f"/import/templates/{kind}.{ending}").content
    if ending == "xlsx":
        heads = CalamineWorkbook.from_filelike(io.BytesIO(content)).get_sheet_by_index(0).to_python()[0]
    else:
        heads = content.decode("utf-8-sig").strip().split(",")
    filled = {"专利申请号": "202310375785.X", "买方名称": "演示公司甲", "合同成交总额（元）": "120"}
    cells = ["演示" if n == 0 else filled.get(head, "") for n, head in enumerate(heads)]
    url = upload(browser, a_book([heads, cells]), "模板.xlsx", kind)
    here.drain()
    page = browser.get(url)
    assert "写入 1 行" in page.text
    assert page.text.count('<option value="" selected>') == 0
