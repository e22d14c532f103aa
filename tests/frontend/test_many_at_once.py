"""A long queue: looked through by kind, words and order, decided many at once, with an address that can be sent on."""

import re

import pytest

from services.accounts import service as accounts
from services.listings import service as listings
from services.listings.schemas import ListingIn
from tests.frontend.market_in_process import OPERATOR, market_here


@pytest.fixture(scope="module")
def here(tmp_path_factory):
    with market_here(tmp_path_factory.mktemp("many")) as made:
        made.person("firm", organisation="演示植提甲")
        made.person("moderator", role="moderator")
        with made.market.database.write() as session:
            owner = accounts.organisation(session, accounts.claim_unverified(session, OPERATOR, "演示植提甲")).code
            for number in range(60):
                kind = "need" if number < 55 else "result"
                data = ListingIn(kind=kind, title=f"第 {number:02d} 条演示记录", owner=owner)
                listings.submit(session, OPERATOR, listings.create(session, OPERATOR, data).code)
        yield made


@pytest.fixture(scope="module")
def moderator(here):
    return here.browser().sign_in("moderator")


def titles(page):
    return re.findall(r">(第 \d\d 条演示记录)<", page)


def test_the_queue_is_filtered_sorted_and_paged_by_its_address(moderator):
    first = moderator.get("/moderation").text
    assert len(titles(first)) == 50
    assert len(titles(moderator.get("/moderation?page=2").text)) == 10
    assert titles(moderator.get("/moderation?kind=result").text)[0] == "第 55 条演示记录"
    assert titles(moderator.get("/moderation?sort=new").text)[0] == "第 59 条演示记录"
    assert titles(moderator.get("/moderation?q=第 07 条").text) == ["第 07 条演示记录"]
    assert "没有符合条件的" in moderator.get("/moderation?q=没有这样的").text


def test_many_are_published_or_returned_at_once_and_the_owner_is_told(here, moderator):
    codes = re.findall(r'name="codes" value="([^"]+)"', moderator.get("/moderation?kind=result").text)
    answer = moderator.post("/moderation", {"do": "publish", "codes": codes[:3], "back": "/moderation?kind=result"})
    assert answer.headers["location"] == "/moderation?kind=result"
    assert here.browser().get(f"/results/{codes[0]}").status_code == 200
    missing = moderator.post("/moderation", {"do": "return", "codes": codes[3:], "reasons": ""})
    assert missing.status_code == 422
    moderator.post("/moderation", {"do": "return", "codes": codes[3:], "reasons": "请写指标"})
    assert "请写指标" in here.browser().sign_in("firm").get("/notices").text


def test_what_cannot_be_done_is_named_and_the_others_go_on(moderator):
    codes = re.findall(r'name="codes" value="([^"]+)"', moderator.get("/moderation").text)[:2]
    moderator.post(f"/moderation/{codes[0]}", {"do": "publish"}, "/moderation")
    answer = moderator.post("/moderation", {"do": "publish", "codes": codes})
    assert answer.status_code == 200
    assert "办好 1 条，1 条没有办成" in answer.text
    assert codes[0] in answer.text
    assert codes[1] not in answer.text


def test_nothing_ticked_is_said(moderator):
    answer = moderator.post("/moderation", {"do": "publish"})
    assert answer.status_code == 422
    assert "一条也没有勾" in answer.text


def test_a_moderator_takes_some_on_and_finds_them_by_an_address(here, moderator):
    codes = re.findall(r'name="codes" value="([^"]+)"', moderator.get("/moderation").text)[:2]
    with here.market.database.read() as session:
        [(person, _name)] = accounts.holders(session, "moderator")
    moderator.post("/moderation", {"do": "assign", "codes": codes, "person": str(person)})
    mine = re.findall(r'name="codes" value="([^"]+)"', moderator.get("/moderation?assigned=me").text)
    assert mine == codes
    assert codes[0] not in re.findall(r'name="codes" value="([^"]+)"', moderator.get("/moderation?assigned=none").text)


@pytest.fixture(scope="module")
def firm(here):
    return here.browser().sign_in("firm")


def own(here, title, state="published"):
    with here.market.database.write() as session:
        owner = accounts.organisation(session, accounts.claim_unverified(session, OPERATOR, "演示植提甲")).code
        code = listings.create(session, OPERATOR, ListingIn(kind="result", title=title, owner=owner)).code
        if state == "published":
            listings.submit(session, OPERATOR, code)
            listings.publish(session, OPERATOR, code)
    return code


def test_a_firm_confirms_all_that_it_filtered_and_reads_of_each_that_failed(here, firm):
    made = [own(here, f"确认用的成果 {n}") for n in range(3)] + [own(here, "确认用的草稿", "draft")]
    address = "/desk?q=确认用的"
    page = firm.get(address).text
    assert sorted(re.findall(r'name="codes" value="([^"]+)"', page)) == sorted(made)
    answer = firm.post("/desk", {"do": "confirm", "all": "1", "back": address}, address)
    assert "办好 3 条，1 条没有办成" in answer.text
    assert made[3] in answer.text
    assert made[0] not in answer.text
    only = firm.post("/desk", {"do": "confirm", "all": "1", "back": address + "&state=published"}, address)
    assert only.headers["location"].endswith("&state=published"), "where nothing failed the list comes back as it was"


def test_withdrawing_many_asks_first_on_a_page_of_its_own(here, firm):
    code = own(here, "要撤下的成果")
    asked = firm.post("/desk", {"do": "withdraw", "codes": [code], "back": "/desk"})
    assert "撤下 1 条？" in asked.text
    assert here.browser().get(f"/results/{code}").status_code == 200
    firm.post("/desk", {"do": "withdraw", "codes": [code], "back": "/desk", "sure": "1", "reasons": "卖掉了"})
    assert here.browser().get(f"/results/{code}").status_code == 410


def test_nobody_moves_what_is_not_theirs_and_is_told_of_each(here, moderator):
    here.person("stranger", organisation="演示别家")
    code = own(here, "别人的成果")
    asked = {"do": "confirm", "codes": [code], "back": "/desk"}
    answer = here.browser().sign_in("stranger").post("/desk", asked, "/account")
    assert "办好 0 条，1 条没有办成" in answer.text
    assert "别人的成果" not in answer.text


def test_the_file_holds_exactly_what_is_filtered_in_the_order_of_the_page(firm):
    sheet = firm.get("/api/v1/desk?q=确认用的&state=published&sort=title&format=csv").text
    assert re.findall(r"确认用的成果 \d", sheet) == ["确认用的成果 0", "确认用的成果 1", "确认用的成果 2"]
    assert "确认用的草稿" not in sheet
    assert firm.get("/api/v1/desk?q=确认用的&format=xlsx").content[:2] == b"PK"


def test_nobody_else_decides_many(here):
    assert (
        here.browser()
        .sign_in("firm")
        .post("/moderation", {"do": "publish", "codes": "N-2026-000001"}, "/account")
        .status_code
        == 403
    )
