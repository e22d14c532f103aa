"""From a need to a digit of the indicator at the pages, in a real browser without JavaScript, on a running market."""

import os
from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from tests import servers
from tests.frontend import walking
from tests.running_market import SHAPES, running_market

SHANGHAI = ZoneInfo("Asia/Shanghai")


def post(page, noun, title, body, low="", high=""):
    page.goto(f"/{noun}/new")
    fields = {"title": title, "body": body, "parameters.0.name": "残油", "parameters.0.unit": "%"}
    fields |= {"parameters.0.value": high or low}
    walking.fill(page, fields | {"parameters.0.comparison": "le" if high and not low else "eq"})
    with page.expect_navigation():
        page.click("main button[value=submit]")
    return page.url.rpartition("/")[2]


def save(page):
    with page.expect_navigation():
        page.locator("main button[value=save]").last.click()


def found(visitor, words, count):
    for _try in range(100):
        visitor.goto(f"/search?q={words}")
        if visitor.locator(".record").count() >= count:
            return True
    return False


@pytest.mark.browser
@pytest.mark.parametrize("shape", SHAPES)
def test_a_need_becomes_a_digit_of_the_indicator_at_the_pages(shape):
    today = datetime.now(SHANGHAI).date()
    with running_market(shape) as market, servers.browser() as browser:
        people = walking.People(market, browser)
        people.made_by_the_operator()
        firm, school = people.sign_up("firm", "演示油坊"), people.sign_up("university", "演示农学院")

        firm.goto("/needs/new")
        walking.fill(firm, {"body": "这段话不能丢", "budget_low": "很多"})
        save(firm)
        assert firm.locator("#errors").count() == 1
        assert firm.input_value("main [name=body]") == "这段话不能丢"
        walking.fill(firm, {"budget_low": ""})
        save(firm)
        assert "/needs/N-" in firm.url, "one vague sentence is enough to be kept"
        assert "这段话不能丢" in firm.inner_text("main")

        need = post(firm, "needs", "饼粕残油偏高，想降到百分之五以内", "低温冷榨后饼粕发粘，夹料停机。", high="5")
        result = post(
            school, "results", "油茶籽低温冷榨预调质成套技术", "经预调质后低温冷榨，连续运行。", low="4.6", high="4.6"
        )
        visitor = people.stranger()
        assert visitor.goto(f"/needs/{need}").status == 404
        for record in (need, result):
            people["moderator"].goto("/moderation")
            with people["moderator"].expect_navigation():
                people["moderator"].locator(f"form[action$='/moderation/{record}'] button[value=publish]").click()
        assert visitor.goto(f"/needs/{need}").status == 200
        assert found(visitor, "冷榨", 2)
        firm.goto(f"/needs/{need}")
        assert "满足" in firm.locator(".match").first.inner_text()
        with firm.expect_navigation():
            firm.locator(".match a.btn").first.click()
        assert result in firm.content()

        contract = walking.walk_the_deal(people, need, result, today)
        walking.register_the_contract(people, contract, today)
        walking.see_the_figure(people, contract, today)


@pytest.mark.browser
@pytest.mark.timeout(2400)
@pytest.mark.skipif("YAOSU_REALDATA" not in os.environ, reason="YAOSU_REALDATA names no folder of real records")
@pytest.mark.parametrize("shape", SHAPES)
def test_a_real_need_becomes_a_digit_of_the_indicator_at_the_pages(shape):
    folder, today = Path(os.environ["YAOSU_REALDATA"]), datetime.now(SHANGHAI).date()
    with running_market(shape) as market, servers.browser() as browser:
        people = walking.People(market, browser)
        people.made_by_the_operator()
        page = people.sign_up("firm", "演示窑业")
        page.goto("/account")
        firm = page.locator("main a[href^='/organisations/O-']").first.get_attribute("href").rpartition("/")[2]
        market.yaosu("import", "patents", str(folder / "patents.jsonl"), "--publish", timeout=1200)
        market.yaosu("import", "needs", str(folder / "needs.jsonl"), "--owner", firm, "--publish", timeout=600)
        visitor = people.stranger()
        assert found(visitor, "日产500吨 石灰窑&kind=need", 1)
        need = visitor.locator(".record a[href^='/needs/']").first.get_attribute("href").rpartition("/")[2]
        visitor.goto(f"/needs/{need}")
        best = visitor.locator(".match a[href^='/patents/']").first
        assert best.count(), "a real need has found no patent"
        patent = best.get_attribute("href").rpartition("/")[2]
        visitor.goto(f"/patents/{patent}")
        owner = visitor.locator("main a[href^='/organisations/O-']").first.get_attribute("href").rpartition("/")[2]
        who = ("university", "--role", "member", "--organisation", owner, "--password", walking.PASSWORD)
        market.yaosu("user", "create", *who)
        people.sign_in("university")
        contract = walking.walk_the_deal(people, need, patent, today)
        walking.register_the_contract(people, contract, today)
        walking.see_the_figure(people, contract, today)
