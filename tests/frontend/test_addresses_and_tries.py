"""Addresses are proved before they are used, names and passwords are not tried through, and a session alone changes nothing of weight."""

import re
from datetime import UTC, datetime, timedelta

import pytest

from services.accounts import rules, sessions
from services.accounts import service as accounts
from services.ground import clock
from services.notices import service as notices
from tests.frontend.market_in_process import PASSWORD, market_here
from tests.frontend.test_account_security import code_now, second_step, turn_on

START = datetime(2026, 3, 12, 2, 0, tzinfo=UTC)
NEW = {"login": "new", "password": PASSWORD, "name": "演示", "email": "new@example.org", "organisation": "演示丙"}


@pytest.fixture
def here(tmp_path):
    with clock.at(START), market_here(tmp_path) as made:
        made.person("firm", organisation="演示油坊甲", email="firm@example.org")
        yield made


def tell(here, login, url) -> list[tuple[str, str]]:
    """Tell somebody something that goes out by mail at once; return all mails as (to, text)."""
    with here.market.database.write() as session:
        notices.notify(session, "password_changed", {}, url=url, person_id=accounts.person_by_login(session, login))
    return [(to, text) for to, _subject, text in here.mails()]


def test_notices_go_to_an_address_only_after_its_link_was_confirmed_with_a_press(here):
    browser = here.browser()
    assert browser.post("/signup", NEW).status_code == 303
    assert [to for to, _text in tell(here, "new", "/account?1")] == ["new@example.org"], "nothing but the link"
    link = re.search(r"/account/address/\S+", here.mails()[0][2])[0]
    assert "还没有确认" in browser.get("/account").text
    scanner = here.browser()
    assert scanner.get(link).status_code == 200
    assert len(tell(here, "new", "/account?2")) == 1, "a scanner of mail that opens the link confirms nothing"
    assert scanner.post(link, {}).status_code == 303
    assert len(tell(here, "new", "/account?3")) == 2
    assert scanner.post(link, {}, "/login").status_code == 409, "once"
    assert "还没有确认" not in browser.get("/account").text


def test_another_address_has_to_be_proved_anew_and_the_old_one_is_told(here):
    browser = here.browser().sign_in("firm")
    change = {"do": "profile", "name": "演示人", "email": "other@example.org", "password": PASSWORD}
    assert browser.post("/account", change).status_code == 303
    mails = tell(here, "firm", "/account?1")
    assert sorted(to for to, _text in mails) == ["firm@example.org", "other@example.org"]
    first = re.search(r"/account/address/\S+", next(text for to, text in mails if to == "other@example.org"))[0]
    assert browser.post("/account", change | {"email": "third@example.org"}).status_code == 303
    assert browser.post(first, {}, "/account").status_code == 409, "a link proves the address it was sent to, no other"


def test_the_link_for_an_address_is_not_sent_without_end(here):
    browser = here.browser()
    browser.post("/signup", NEW)
    answers = [browser.post("/account/address", {}, "/account").status_code for _n in range(9)]
    assert answers == [303] * 8 + [429]


def test_taken_names_are_not_tried_through_by_signing_up(here):
    browser = here.browser()
    with here.market.database.write() as session:
        for number in range(rules.THROTTLE_LIMITS["address"] - 2):  # as many tries, without waiting for each
            secret = here.market.settings.secret
            sessions.remember_failure(session, secret, f"sign-up n{number}", "sign-up 127.0.0.1")
    taken = [browser.post("/signup", NEW | {"login": "firm"}).status_code for _n in range(3)]
    assert taken == [422, 422, 429]


def test_an_unknown_name_costs_the_same_work_as_a_wrong_password(here, monkeypatch):
    done = []

    class Counting:
        """The hasher of the program, which counts what it verifies."""

        def __init__(self, real):
            self.real = real

        def verify(self, given, password):
            done.append(given.rpartition("$")[0].rpartition("$")[0])  # the parameters, without salt and hash
            return self.real.verify(given, password)

        def __getattr__(self, name):
            return getattr(self.real, name)

    monkeypatch.setattr(sessions, "HASHER", Counting(sessions.HASHER))
    for login in ("nobody-of-this-name", "firm"):
        done.clear()
        assert here.browser().post("/login", {"login": login, "password": "wrong-wrong-wrong"}).status_code == 422
        assert len(done) == 1, login
        kept = done[0]
    assert done == [kept]


@pytest.mark.parametrize("what", ["on", "off", "renew"])
def test_with_a_session_alone_nobody_changes_the_second_factor(here, what):
    browser = here.browser().sign_in("firm")
    if what == "on":
        secret = re.search(r'class="code wrap-any">([A-Z2-7 ]+)<', browser.get("/account/second-factor").text)[1]
        secret = secret.replace(" ", "")
    else:
        secret, _spare = turn_on(browser)
    with clock.at(START + timedelta(minutes=2)):
        for password in ("", "guess-guess-guess"):
            form = {"do": what, "code": code_now(secret), "password": password}
            assert browser.post("/account/second-factor", form).status_code == 422
        assert ("备用码" in browser.get("/account/second-factor").text) is (what != "on")


def test_new_spare_codes_make_the_old_ones_worthless(here):
    browser = here.browser().sign_in("firm")
    secret, old = turn_on(browser)
    with clock.at(START + timedelta(minutes=2)):
        form = {"do": "renew", "code": code_now(secret), "password": PASSWORD}
        fresh = re.findall(r'class="code">(\d{8})<', browser.post("/account/second-factor", form).text)
    assert len(set(fresh) - set(old)) == 8
    assert second_step(here, old[0])[1].status_code == 422
    assert second_step(here, fresh[0])[1].status_code == 303


def token_of(browser, *scopes) -> dict[str, str]:
    """Make a token at the page; give the header that carries it."""
    made = browser.post("/account/tokens", {"label": "test", "scopes": list(scopes), "days": "9"})
    return {"authorization": f"Bearer {re.search(r'yao_[A-Za-z0-9_-]{40,}', made.text)[0]}"}


def test_a_token_that_may_only_read_opens_no_page_and_sends_no_form(here):
    owner = here.browser().sign_in("firm")
    header = token_of(owner, "read")
    thief = here.browser()
    csrf = re.search(r'name="csrf" value="(\w+)"', thief.get("/login").text)[1]
    assert thief.ask("GET", "/api/v1/me", headers=header).status_code == 200
    for path in ("/account", "/account/data.json", "/needs/new", "/work", "/contracts"):
        assert thief.ask("GET", path, headers=header).status_code == 403, path
    form = {"csrf": csrf, "title": "偷写的", "body": "偷写的", "do": "save", "rows": "0"}
    assert thief.ask("POST", "/needs/new", data=form, headers=header).status_code == 403
    assert owner.get("/api/v1/needs?mine=true").json()["items"] == []


def test_passwords_are_not_tried_through_over_the_api_either(here):
    browser = here.browser().sign_in("firm")
    token = re.search(r'name="csrf" value="(\w+)"', browser.get("/account").text)[1]
    body = {"old": "guess-guess-guess", "new": "another-long-password"}
    answers = [
        browser.ask("POST", "/api/v1/me/password", json=body, headers={"x-csrf-token": token}).status_code
        for _n in range(9)
    ]
    assert answers == [422] * 8 + [429]
