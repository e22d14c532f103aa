"""Lists as files: exactly what is filtered and what this reader may see, whole, and harmless in a spreadsheet."""

import asyncio
import csv
import io
import json

import pytest
from httpx import ASGITransport, AsyncClient
from python_calamine import CalamineWorkbook
from starlette.responses import Response

from etl import imports
from frontend.exporting import ListExports
from services.ground.actor import system_actor
from tests.frontend.market_in_process import market_here

OPERATOR = system_actor("operator", "cli")


@pytest.fixture(scope="module")
def here(tmp_path_factory):
    home = tmp_path_factory.mktemp("exports")
    with market_here(home) as made:
        file = home / "needs.jsonl"
        rows = [{"title": f"演示残油偏高 {n}", "owner": "演示油坊", "chain": "AF"} for n in range(250)]
        rows.append({"title": "=1+1 的演示需求", "owner": "演示油坊", "budget": "120"})
        file.write_text("\n".join(json.dumps(row) for row in rows))
        imports.import_file(made.market, OPERATOR, "needs", file, publish=True)
        hidden = home / "hidden.jsonl"
        hidden.write_text(json.dumps({"title": "演示没有发布的", "owner": "演示油坊"}))
        imports.import_file(made.market, OPERATOR, "needs", hidden)
        made.drain()
        yield made


def table(answer):
    assert answer.status_code == 200, answer.text
    return list(csv.DictReader(io.StringIO(answer.content.decode("utf-8-sig"), newline="")))


def test_a_list_of_several_parts_comes_as_one_whole_csv_with_names_and_units_in_the_head(here):
    answer = here.browser().get("/api/v1/needs?format=csv")
    assert answer.content.startswith(b"\xef\xbb\xbf")
    assert answer.content.count(b"\xef\xbb\xbf") == 1
    assert "attachment" in answer.headers["content-disposition"]
    rows = table(answer)
    assert len({row["编号"] for row in rows}) == 251
    assert (rows[0]["创新链代码"], rows[0]["创新链"], rows[0]["状态"]) == ("AF", "农产品精深加工创新链", "已发布")
    assert (rows[-1]["名称"], rows[-1]["金额上限（元）"]) == ("'=1+1 的演示需求", "1200000.00")
    assert "演示没有发布的" not in answer.text


def test_a_workbook_holds_text_only_and_jsonl_the_values_as_they_are(here):
    browser = here.browser()
    book = CalamineWorkbook.from_filelike(io.BytesIO(browser.get("/api/v1/needs?format=xlsx").content))
    rows = book.get_sheet_by_index(0).to_python()
    assert (len(rows), {type(cell) for row in rows for cell in row}) == (252, {str})
    lines = browser.get("/api/v1/needs?format=jsonl").text.splitlines()
    assert (len(lines), json.loads(lines[-1])["budget_high_fen"]) == (251, 120_000_000)


def test_fields_choose_the_columns_of_files_and_of_json(here):
    browser = here.browser()
    assert list(table(browser.get("/api/v1/needs?format=csv&fields=code,title"))[0]) == ["编号", "名称"]
    items = browser.get("/api/v1/needs?limit=2&fields=code,title").json()["items"]
    assert [set(item) for item in items] == [{"code", "title"}] * 2
    wrong = browser.get("/api/v1/needs?fields=secret")
    assert (wrong.status_code, wrong.json()["fields"][0]["code"]) == (422, "export_field_unknown")


def test_another_kind_of_file_and_a_refused_list_are_answered_as_errors(here):
    browser = here.browser()
    wrong = browser.get("/api/v1/needs?format=pdf")
    assert (wrong.status_code, wrong.json()["fields"][0]["code"]) == (422, "export_kind")
    assert browser.get("/api/v1/contracts?format=csv").status_code == 401
    assert browser.get("/api/v1/nothing?format=csv").status_code in {404, 422}


def test_a_search_gives_out_exactly_what_its_page_counts_and_links_to_it(here):
    browser = here.browser()
    page = browser.get("/search?q=残油&kind=need")
    assert "format=csv" in page.text
    total = browser.get("/api/v1/search?q=残油&kind=need").json()["total"]
    assert len(table(browser.get("/api/v1/search?q=残油&kind=need&format=csv"))) == total == 250


def test_the_lists_of_a_registrar_go_out_as_filtered_and_a_stranger_gets_none(here, tmp_path):
    file = tmp_path / "c.csv"
    file.write_text(
        "登记编号,登记日期,项目名称,合同类型,卖方,买方,合同金额（万元）,签订日期\n"
        "2026430000000001,2026-03-20,演示甲,技术开发,演示甲大学,演示乙公司,12,2026-03-12\n"
        "2026430000000002,2026-03-20,演示乙,技术服务,演示甲大学,演示乙公司,3,2026-03-12\n"
    )
    imports.import_file(here.market, OPERATOR, "contracts", file)
    here.person("reg", "registrar")
    registrar = here.browser().sign_in("reg")
    rows = table(registrar.get("/api/v1/contracts?format=csv&category=DEV"))
    assert [(row["合同登记编号"], row["合同成交额（元）"], row["合同类型"]) for row in rows] == [
        ("2026430000000001", "120000.00", "技术开发合同")
    ]
    assert "/api/v1/contracts?" in registrar.get("/contracts?view=registered").text
    here.person("somebody", "member", "演示无关单位")
    assert table(here.browser().sign_in("somebody").get("/api/v1/contracts?format=csv")) == []


def test_every_list_in_parts_says_in_the_description_that_it_can_be_exported(here):
    paths = here.browser().get("/openapi.json").json()["paths"]
    for path in ("/api/v1/{noun}", "/api/v1/organisations", "/api/v1/contracts", "/api/v1/deals", "/api/v1/search"):
        get = paths[path]["get"]
        assert {"format", "fields"} <= {item["name"] for item in get["parameters"]}
        assert "text/csv" in get["responses"]["200"]["content"]


def test_a_file_asked_for_with_fields_comes_as_it_is():
    wrapped = ListExports(Response(b"%PDF-1.7", media_type="application/pdf"))

    async def ask():
        async with AsyncClient(transport=ASGITransport(wrapped), base_url="http://market") as client:
            return await client.get("/api/v1/deals/D-2026-000001/files/1?fields=code")

    answer = asyncio.run(ask())
    assert (answer.status_code, answer.content) == (200, b"%PDF-1.7")
