"""A station clerk's day at the pages, without JavaScript: a telephone call becomes a need, the firm is claimed, a result found, a broker called."""

from datetime import datetime
from zoneinfo import ZoneInfo

import pytest

from tests import servers
from tests.frontend import walking
from tests.running_market import SHAPES, running_market

CALL = "竹笋烘干一批要二十多天，夏天还发霉，想缩短到十天以内，含水率不超过12%"
PAPER = {"name": "licence.pdf", "mimeType": "application/pdf", "buffer": b"%PDF-1.7\n% a licence\n"}


def account(market, name, role, *more):
    market.yaosu("user", "create", name, "--role", role, "--password", walking.PASSWORD, *more)


def save_profile(page, name, phone):
    page.goto("/account")
    walking.fill(page, {"name": name, "phone": phone}, "/account")
    with page.expect_navigation():
        page.locator("main button[value=profile]").click()


def publish(moderator, *codes):
    for code in codes:
        moderator.goto(f"/moderation?q={code}")
        walking.press(moderator, f"/moderation/{code}", "button[value=publish]")


def a_result(page):
    page.goto("/results/new")
    walking.fill(page, {"title": "竹笋热泵低温烘干成套", "body": "竹笋热泵分段烘干，一批七天，不发霉，含水率 10 %。"})
    with page.expect_navigation():
        page.locator("main button[value=submit]").last.click()
    walking.refused(page)
    return page.url.rpartition("/")[2]


def fits(page, width):
    page.set_viewport_size({"width": width, "height": 900})
    return page.evaluate("document.documentElement.scrollWidth") <= width


def appears(page, url, selector):
    for _try in range(100):
        page.goto(url)
        if page.locator(selector).count():
            return True
    return False


def take_the_call(clerk):
    """Write one vague sentence down for a firm that the market does not know yet; give the code of the need."""
    clerk.goto("/needs/new")
    walking.fill(clerk, {"owner": "演示笋厂", "body": CALL, "region_code": "431122"})
    clerk.check("main [name=owner_new]")
    with clerk.expect_navigation():
        clerk.click("main button[value=read]")
    rows = [clerk.input_value(f"main [name='parameters.{n}.value']") for n in range(2)]
    assert rows == ["10", "12"], "what is wanted, not how it is today"
    assert not clerk.locator("main [name$='.must']:checked").count()
    with clerk.expect_navigation():
        clerk.locator("main button[value=submit]").last.click()
    walking.refused(clerk)
    need = clerk.url.rpartition("/")[2]
    assert "演示笋厂" in clerk.inner_text("body")
    clerk.goto("/desk")
    assert clerk.locator(f"main a[href='/needs/{need}']").count(), "what a clerk wrote for a firm is on the desk"
    return need


def claim_the_firm(people, need):
    """Let the firm claim itself with its licence and choose what is shown; give its address."""
    moderator = people["moderator"]
    owner = people.sign_up("owner", "演示笋厂老板的小店")
    owner.goto(f"/needs/{need}")
    owner.locator("main a[href^='/organisations/O-']").first.click()
    firm = owner.url
    owner.click("main a[href$='/claim']")
    owner.set_input_files("main [name=paper]", PAPER)
    walking.send(owner)
    moderator.goto("/claims")
    with moderator.expect_navigation():
        moderator.locator("main button[value=accept]").first.click()
    owner.goto("/notices")
    assert "已核实" in owner.inner_text("main")
    owner.goto(firm)
    owner.click("main a[href$='/shown']")
    walking.fill(owner, {"words": "冷水滩区演示路 1 号", "phone": "0746-1234567", "shown": "phone"}, "/shown")
    walking.send(owner)
    return firm


def contact_the_result(people, need, result):
    """Find the result and contact its owner in the firm's name; give the address of the deal."""
    clerk, school = people["clerk"], people["university"]
    assert appears(clerk, f"/needs/{need}", f".match a[href='/results/{result}']")
    with clerk.expect_navigation():
        clerk.locator(".match a.btn").first.click()
    walking.send(clerk)
    deal = clerk.url
    assert "/deals/D-" in deal
    assert "正在替“演示笋厂”办事" in clerk.inner_text("body")
    school.goto(deal)
    walking.press(school, "/acknowledge")
    return deal


def call_a_broker(people, deal, today):
    """See a broker who agreed to be listed, set what comes next, and print the sheet."""
    clerk, broker = people["clerk"], people["broker"]
    save_profile(broker, "柳经理", "0746-5555555")
    broker.goto("/account/shown")
    for name in ("listed", "phone"):
        broker.check(f"main [name=shown][value={name}]")
    walking.send(broker)
    clerk.goto("/brokers")
    assert "0746-5555555" in clerk.inner_text("main")
    clerk.goto(f"{deal}/next-action")
    walking.fill(clerk, {"text": "给骆老师打电话约时间", "side": "seeker", "due_on": str(today)})
    walking.send(clerk)
    clerk.goto("/work/day")
    sheet = clerk.inner_text("main")
    assert "给骆老师打电话约时间" in sheet
    assert "0746-8000000" in sheet


def see_the_same_everywhere(clerk, paths):
    """Open the pages at both widths in both languages."""
    for language in ("en", "zh"):
        clerk.goto(f"/language?to={language}&back=/desk")
        for path in paths:
            clerk.goto(path)
            assert fits(clerk, 1280) and fits(clerk, 375), f"{path} in {language} scrolls sideways"
    with clerk.expect_navigation():
        clerk.click("form.acting button")
    assert not clerk.locator("form.acting").count()


@pytest.mark.browser
@pytest.mark.parametrize("shape", SHAPES)
def test_a_call_becomes_a_need_the_firm_is_claimed_a_result_found_and_a_broker_called(shape):
    today = datetime.now(ZoneInfo("Asia/Shanghai")).date()
    with running_market(shape) as market, servers.browser() as browser:
        people = walking.People(market, browser)
        account(market, "clerk", "station_clerk", "--region", "431122")
        for name, role in (("moderator", "moderator"), ("broker", "broker")):
            account(market, name, role)
        clerk, moderator, _broker = (people.sign_in(name) for name in ("clerk", "moderator", "broker"))
        clerk.set_viewport_size({"width": 375, "height": 800})
        need = take_the_call(clerk)
        school = people.sign_up("university", "演示农学院")
        save_profile(school, "骆老师", "0746-8000000")
        result = a_result(school)
        publish(moderator, need, result)
        firm = claim_the_firm(people, need)
        deal = contact_the_result(people, need, result)
        call_a_broker(people, deal, today)
        everywhere = ("/desk", "/work", "/work/day", "/brokers", f"/needs/{need}", "/needs/new", firm, deal)
        see_the_same_everywhere(clerk, everywhere)
