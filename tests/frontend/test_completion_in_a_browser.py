"""Completion while typing, as somebody with a keyboard meets it."""

import time

import httpx
import pytest

from frontend.opening import open_market
from services.accounts import service as accounts
from services.ground.actor import system_actor
from services.ground.settings import Settings
from services.listings import service as listings
from services.listings.schemas import ListingIn
from tests import servers
from tests.running_market import running_market

OPERATOR = system_actor("operator", "cli")


@pytest.fixture(scope="module")
def market():
    with running_market("embedded") as made:
        beside = open_market(Settings(home=made.home, _env_file=None), writable=False)
        with beside.database.write() as session:
            owner_id = accounts.claim_unverified(session, OPERATOR, "云麓示范大学")
            owner = accounts.organisation(session, owner_id).code
            code = listings.create(
                session, OPERATOR, ListingIn(kind="result", title="青蒿素结晶工艺", owner=owner)
            ).code
            listings.submit(session, OPERATOR, code)
            listings.publish(session, OPERATOR, code)
        beside.close()
        deadline = time.monotonic() + 30
        while not httpx.get(f"{made.url}/api/v1/search/completions?q=qhs").json()["items"]:
            assert time.monotonic() < deadline, "the record does not appear in the index"
            time.sleep(0.2)
        yield made


@pytest.mark.browser
def test_initials_are_completed_and_chosen_by_keyboard_without_breaking_the_policy(market):
    with servers.browser() as browser:
        page = browser.new_context(base_url=market.url).new_page()
        said = []
        page.on("console", lambda message: said.append(message.text) if message.type == "error" else None)
        page.goto("/search")
        box = page.locator(".big-search input[name=q]")
        box.press_sequentially("qhs")
        first = page.locator(".big-search [role=option]").first
        first.wait_for(state="visible")
        assert first.inner_text().split() == ["青蒿素", "词"]
        assert box.get_attribute("aria-expanded") == "true"
        box.press("ArrowDown")
        assert first.get_attribute("aria-selected") == "true"
        assert box.get_attribute("aria-activedescendant") == first.get_attribute("id")
        box.press("Enter")
        page.wait_for_url("**/search?q=%E9%9D%92%E8%92%BF%E7%B4%A0*")
        assert page.locator(".records mark").first.inner_text() == "青蒿素"
        box.press_sequentially("结")
        page.locator(".big-search [role=option]").first.wait_for(state="visible")
        box.press("Escape")
        assert page.locator(".big-search [role=listbox]").is_hidden()
        assert said == []


@pytest.mark.browser
def test_without_script_the_box_is_an_ordinary_form(market):
    with servers.browser() as browser:
        page = browser.new_context(base_url=market.url, java_script_enabled=False).new_page()
        page.goto("/")
        page.fill(".big-search input[name=q]", "青蒿素")
        page.press(".big-search input[name=q]", "Enter")
        page.wait_for_url("**/search?q=*")
        assert page.locator(".records mark").first.inner_text() == "青蒿素"


@pytest.mark.browser
def test_a_page_of_search_is_left_and_found_again_by_the_way_back(market):
    with servers.browser() as browser:
        page = browser.new_context(base_url=market.url).new_page()
        page.goto("/search?q=%E9%9D%92%E8%92%BF%E7%B4%A0&sort=published&page=1")
        page.click(".records h2 a")
        page.wait_for_url("**/results/**")
        page.go_back()
        assert "sort=published" in page.url
        assert page.locator("select[name=sort]").input_value() == "published"
        assert page.locator(".records mark").first.inner_text() == "青蒿素"
