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
    assert codes[0] in moderator.get(answer.headers["location"]).text


def test_nothing_ticked_is_said(moderator):
    answer = moderator.post("/moderation", {"do": "publish"})
    assert answer.status_code == 422
    assert "一条也没有勾" in answer.text


def test_nobody_else_decides_many(here):
    assert (
        here.browser()
        .sign_in("firm")
        .post("/moderation", {"do": "publish", "codes": "N-2026-000001"}, "/account")
        .status_code
        == 403
    )
