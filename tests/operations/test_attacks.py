"""What an attacker tries at the door, through the assembled application."""

import pytest

from frontend.forms import SESSION_COOKIE
from services.accounts import rules, sessions
from tests.frontend.market_in_process import PASSWORD, market_here

ELSEWHERE = [
    "https://evil.example",
    "//evil.example",
    "/\\evil.example",
    "https:evil.example",
    "/%0d%0aX: y",
    "javascript:alert(1)",
]


@pytest.fixture
def market(tmp_path):
    with market_here(tmp_path, public_url="https://market.example", trusted_proxies="127.0.0.1") as made:
        made.person("member", "member", "演示单位")
        yield made


def browser_of(market):
    """A browser that came by https, as the secure cookies ask."""
    browser = market.browser()
    browser.client.base_url = "https://market.example"
    return browser


@pytest.mark.parametrize("goal", ELSEWHERE)
def test_nobody_is_sent_to_another_host(market, goal):
    browser = browser_of(market)
    signed = browser.post("/login", {"login": "member", "password": PASSWORD, "next": goal})
    switched = browser.ask("GET", "/language", params={"to": "en", "back": goal})
    for answer in (signed, switched):
        assert answer.status_code == 303
        target = answer.headers["location"]
        assert target.startswith("/") and not target.startswith(("//", "/\\")), target
        assert "\n" not in target


def test_the_cookie_of_a_session_is_closed_to_scripts_other_sites_and_plain_http(market):
    answer = browser_of(market).post("/login", {"login": "member", "password": PASSWORD})
    cookie = next(line for line in answer.headers.get_list("set-cookie") if line.startswith(SESSION_COOKIE))
    assert {"httponly", "secure", "samesite=lax"} <= {part.strip().lower() for part in cookie.split(";")}


def test_a_session_planted_before_signing_in_is_not_the_one_that_is_signed_in(market):
    browser = browser_of(market)
    browser.client.cookies.set(SESSION_COOKIE, "planted")
    answer = browser.post("/login", {"login": "member", "password": PASSWORD})
    assert f"{SESSION_COOKIE}=planted" not in str(answer.headers)
    planted = browser_of(market)
    planted.client.cookies.set(SESSION_COOKIE, "planted")
    assert planted.ask("GET", "/api/v1/me").status_code == 401


@pytest.mark.parametrize("path", ["/", "/search?q=x", "/login", "/no-such-page", "/api/v1/needs", "/api/v1/nothing"])
def test_every_answer_may_not_be_framed_and_runs_no_foreign_script(market, path):
    headers = browser_of(market).ask("GET", path).headers
    assert "frame-ancestors 'none'" in headers["content-security-policy"]
    assert "unsafe" not in headers["content-security-policy"]
    assert (headers["x-frame-options"], headers["x-content-type-options"]) == ("DENY", "nosniff")
    assert "max-age" in headers["strict-transport-security"]


def test_a_forged_host_stands_in_no_page_and_no_mail(market):
    market.person("other", "member", "另一单位", email="other@example.org")
    browser = browser_of(market)
    page = browser.get("/login/forgotten", headers={"host": "evil.example"})
    assert "evil.example" not in page.text
    browser.post("/login/forgotten", {"login": "other"}, headers={"host": "evil.example"})
    letters = [body for to, _subject, body in market.mails() if to == "other@example.org"]
    assert letters
    assert all("evil.example" not in body and "https://market.example/" in body for body in letters)


def test_a_form_from_elsewhere_changes_nothing(market):
    browser = browser_of(market).sign_in("member")
    for path in ("/needs/new", "/account", "/logout"):
        assert browser.ask("POST", path, data={"title": "x"}).status_code == 403
        assert browser.ask("POST", path, data={"title": "x", "csrf": "0" * 64}).status_code == 403
    assert browser.ask("POST", "/api/v1/needs", json={"kind": "need", "title": "x"}).status_code == 403


@pytest.mark.parametrize(
    "more", [{"state": "published"}, {"owner_id": 1}, {"code": "N-1"}, {"published_version": 1}, {"demo": True}]
)
def test_fields_that_are_not_asked_for_are_not_taken(market, more):
    browser = browser_of(market).sign_in("member")
    token = browser.get("/needs/new").text.partition('name="csrf" value="')[2].partition('"')[0]
    body = {"kind": "need", "title": "演示：锰渣怎么办", **more}
    answer = browser.ask("POST", "/api/v1/needs", json=body, headers={"X-CSRF-Token": token})
    assert answer.status_code == 422


def test_guessing_is_slowed_by_the_address_that_the_trusted_proxy_names(market):
    """The proxy's own address is everybody's: it must not be the one that is counted."""
    browser = browser_of(market)

    def guess(address: str, number: int) -> int:
        form = {"login": f"nobody{number}", "password": "wrong"}
        return browser.post("/login", form, headers={"x-forwarded-for": f"6.6.6.6, {address}"}).status_code

    with market.market.database.write() as session:
        for number in range(rules.THROTTLE_LIMITS["address"]):  # as many wrong guesses, without waiting for each
            sessions.remember_failure(session, market.market.settings.secret, f"nobody{number}", "203.0.113.7")
    assert guess("203.0.113.7", 98) == 429, "one address guesses many names"
    assert guess("203.0.113.8", 99) == 422, "another address is not punished for it"
