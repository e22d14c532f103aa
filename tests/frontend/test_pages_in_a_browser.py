"""A firm, a university and a moderator at their pages, in a real browser without JavaScript, on a running market."""

import pytest

from tests import servers
from tests.running_market import SHAPES, running_market

PASSWORD = "a-long-demo-password"


def sign_in(browser, market, name):
    page = browser.new_context(java_script_enabled=False, base_url=market.url).new_page()
    page.goto("/login")
    page.fill("main [name=login]", name)
    page.fill("main [name=password]", PASSWORD)
    page.click("main button")
    assert page.url == f"{market.url}/desk"
    return page


def post(page, noun, title, body, low="", high=""):
    page.goto(f"/{noun}/new")
    page.fill("main [name=title]", title)
    page.fill("main [name=body]", body)
    page.fill("main [name='parameters.0.name']", "残油")
    page.select_option("main [name='parameters.0.comparison']", "le" if high and not low else "eq")
    page.fill("main [name='parameters.0.low']", low)
    page.fill("main [name='parameters.0.high']", high)
    page.fill("main [name='parameters.0.unit']", "%")
    page.click("main button[value=submit]")
    return page.url.rpartition("/")[2]


@pytest.mark.browser
@pytest.mark.parametrize("shape", SHAPES)
def test_a_need_is_written_moderated_found_and_matched_at_the_pages(shape):
    with running_market(shape) as market, servers.browser() as browser:
        codes = {}
        market.yaosu("user", "create", "moderator", "--role", "moderator", "--password", PASSWORD)
        for who, organisation in (("firm", "演示油坊"), ("school", "演示农学院")):
            page = browser.new_context(java_script_enabled=False, base_url=market.url).new_page()
            page.goto("/signup")
            for name, value in (
                ("login", who),
                ("password", PASSWORD),
                ("name", "演示用户"),
                ("organisation", organisation),
            ):
                page.fill(f"main [name={name}]", value)
            page.click("main button")
            assert page.url == f"{market.url}/desk"
        firm, school, moderator = (sign_in(browser, market, name) for name in ("firm", "school", "moderator"))

        firm.goto("/needs/new")
        firm.fill("main [name=body]", "这段话不能丢")
        firm.click("main button[value=save]")
        assert firm.locator("#errors").count() == 1
        assert firm.input_value("main [name=body]") == "这段话不能丢"

        codes["need"] = post(
            firm, "needs", "饼粕残油偏高，想降到百分之五以内", "低温冷榨后饼粕发粘，夹料停机。", high="5"
        )
        codes["result"] = post(
            school, "results", "油茶籽低温冷榨预调质成套技术", "经预调质后低温冷榨，连续运行。", low="4.6", high="4.6"
        )
        visitor = browser.new_context(java_script_enabled=False, base_url=market.url).new_page()
        assert visitor.goto(f"/needs/{codes['need']}").status == 404
        for _record in codes:
            moderator.goto("/moderation")
            moderator.locator("main button[value=publish]").first.click()
        assert visitor.goto(f"/needs/{codes['need']}").status == 200
        for _try in range(100):
            visitor.goto("/search?q=冷榨")
            if visitor.locator(".record").count() == 2:
                break
        assert visitor.locator(".record").count() == 2
        firm.goto(f"/needs/{codes['need']}")
        assert "满足" in firm.locator(".match").first.inner_text()
        firm.locator(".match a.btn").first.click()
        assert codes["result"] in firm.content()
