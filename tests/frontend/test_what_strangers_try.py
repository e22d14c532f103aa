"""What somebody tries who means no good: finding out a hidden owner, taking an account over, going around a check."""

import re
from datetime import UTC, datetime, timedelta

import pytest

from frontend.pages.account import browser_name
from frontend.periodic import each_day
from services.accounts import recovery, rules
from services.accounts import service as accounts
from services.accounts import sessions as signing_in
from services.accounts.schemas import SignUpIn
from services.ground import clock, mail
from services.ground.actor import ANONYMOUS
from services.listings import service as listings
from services.listings.schemas import ListingIn
from tests.frontend.market_in_process import OPERATOR, PASSWORD, market_here

START = datetime(2026, 3, 12, 2, 0, tzinfo=UTC)
FIRM = "演示油坊甲"


@pytest.fixture
def here(tmp_path):
    with clock.at(START), market_here(tmp_path) as made:
        made.person("firm", organisation=FIRM, email="firm@example.org")
        made.person("other", organisation="演示植提乙")
        yield made


def published(here, title, **more):
    with here.market.database.write() as session:
        owner = accounts.organisation(session, accounts.claim_unverified(session, OPERATOR, FIRM)).code
        code = listings.create(session, OPERATOR, ListingIn(kind="need", title=title, owner=owner, **more)).code
        listings.submit(session, OPERATOR, code)
        listings.publish(session, OPERATOR, code)
    return code, owner


def test_a_record_that_hides_its_owner_is_not_found_by_naming_the_owner(here):
    hidden, owner = published(here, "残油偏高", levels={"owner": "after_contact"})
    shown = [published(here, f"饼粕发霉 {n}")[0] for n in range(3)]
    for who in (here.browser(), here.browser().sign_in("other")):
        first = who.get(f"/api/v1/needs?owner={owner}&limit=2").json()
        rest = who.get(f"/api/v1/needs?owner={owner}&limit=2&cursor={first['next']}").json()
        assert [item["code"] for item in first["items"] + rest["items"]] == shown
        assert hidden not in who.get(f"/api/v1/needs?owner={owner}&format=csv").text
    own = here.browser().sign_in("firm").get(f"/api/v1/needs?owner={owner}").json()["items"]
    assert [item["code"] for item in own] == [hidden, *shown]


def test_the_form_of_a_record_of_somebody_else_answers_no_guesses_about_its_owner(here):
    code, _owner = published(here, "残油偏高", levels={"owner": "after_contact"})
    guess = {"do": "count", "title": "残油", "body": f"是不是{FIRM}", "hide_owner": "1", "rows": "0"}
    answer = here.browser().sign_in("other").post(f"/needs/{code}/edit", guess, "/account")
    assert answer.status_code == 403
    assert "可能被认出来" not in answer.text
    assert "可能被认出来" in here.browser().sign_in("firm").post(f"/needs/{code}/edit", guess).text


def test_another_address_takes_the_password_so_a_stolen_session_is_no_stolen_account(here):
    browser = here.browser().sign_in("firm")
    thief = {"do": "profile", "name": "演示人", "email": "thief@example.org"}
    assert browser.post("/account", thief).status_code == 422
    assert browser.post("/account", thief | {"password": "guess-guess-guess"}).status_code == 422
    assert browser.post("/account", thief | {"email": "firm@example.org"}).status_code == 303
    assert browser.get("/account/data.json").json()["profile"]["email"] == "firm@example.org"
    assert browser.post("/account", thief | {"password": PASSWORD}).status_code == 303


@pytest.mark.parametrize(
    ("page", "wrong"),
    [
        ("/account", {"do": "password", "old": "guess-guess-guess", "new": "another-long-password"}),
        ("/account/erase", {"old": "guess-guess-guess"}),
        ("/account/second-factor", {"do": "off", "code": "000000", "password": PASSWORD}),
    ],
)
def test_passwords_and_codes_cannot_be_tried_through_with_a_stolen_session(here, page, wrong):
    browser = here.browser().sign_in("firm")
    if page.endswith("second-factor"):
        from tests.frontend.test_account_security import turn_on

        turn_on(browser)
    answers = [browser.post(page, wrong).status_code for _n in range(9)]
    assert answers == [422] * 8 + [429]


def test_a_role_that_needs_a_second_factor_gets_no_token_around_it(tmp_path):
    with market_here(tmp_path, second_factor_roles="registrar") as here:
        here.person("registrar", role="registrar", region="431100")
        browser = here.browser().sign_in("registrar")
        made = browser.post("/account/tokens", {"label": "around", "scopes": "read", "days": "9"}, "/account")
        assert made.status_code == 403
        with here.market.database.read() as session:
            assert signing_in.tokens_of(session, signing_in.actor_of_person(session, 1)) == []


def test_who_has_left_an_organisation_confirms_nothing_for_it_by_an_old_mail(here):
    code, _owner = published(here, "残油偏高")
    with clock.at(START + timedelta(days=84)):
        each_day(here.market)
        link = re.search(r"/confirm/\S+", here.mails()[0][2])[0]
        with here.market.database.write() as session:
            owner = accounts.claim_unverified(session, OPERATOR, FIRM)
            accounts.revoke(session, OPERATOR, 1, "organisation_admin", owner)
        assert here.browser().post(link, {}).status_code == 409
        with here.market.database.read() as session:
            assert listings.get_visible(session, OPERATOR, code).confirmed_at == START


def test_accounts_made_under_somebodys_address_do_not_keep_that_person_out(here):
    with here.market.database.write() as session:
        for number in range(6):
            data = SignUpIn(
                login=f"a{number}",
                password=PASSWORD,
                name="演示",
                email="firm@example.org",
                organisation=f"演示{number}",
            )
            accounts.sign_up(session, ANONYMOUS, data)
        asked = [login for _to, login, _token in recovery.ask(session, "firm@example.org")]
    assert asked[0] == "firm"
    assert len(asked) == recovery.MOST


def test_a_mail_says_nothing_that_a_stranger_wrote_as_the_name_of_a_browser():
    assert "example" not in browser_name("您的账号有危险，请打开 https://evil.example")
    assert browser_name("Mozilla/5.0 (X11; Linux x86_64) Firefox/130.0") == "Firefox · Linux"


def test_a_break_of_any_kind_in_a_title_does_not_keep_the_mail_back(here):
    with here.market.database.write() as session:
        mail.send(session, "firm@example.org", "残油\u2028偏高\x85很多\r\nBcc: all@example.org", "正文")
    [(to, subject, _text)] = here.mails()
    assert (to, subject) == ("firm@example.org", "残油 偏高 很多 Bcc: all@example.org")


def test_a_text_longer_than_any_record_is_not_read_to_its_end(here):
    long = "流量 1 m3/h，" * 4_000 + "残油不超过 5 %"
    page = here.browser().sign_in("firm").post("/needs/new", {"body": long, "rows": "0", "do": "read"})
    assert page.status_code == 200
    assert 'value="流量"' in page.text
    assert 'value="残油"' not in page.text


@pytest.mark.parametrize(
    "details",
    [{"plain": "长" * 20_001}, {f"k{n}": "x" for n in range(41)}, {"plain": "a\0b"}, {"keywords": ["x"] * 201}],
    ids=["long", "many", "nul", "list"],
)
def test_details_of_a_record_have_bounds_as_its_text_has(here, details):
    browser = here.browser().sign_in("firm")
    token = re.search(r'name="csrf" value="(\w+)"', browser.get("/account").text)[1]
    body = {"kind": "need", "title": "残油偏高", "details": details}
    answer = browser.ask("POST", "/api/v1/needs", json=body, headers={"x-csrf-token": token})
    assert answer.status_code == 422
    assert answer.json()["fields"][0]["field"].startswith("details")


def test_other_users_of_the_machine_read_neither_the_home_nor_the_mails_in_it(tmp_path):
    home = tmp_path / "new" / "home"
    with market_here(home) as here:
        with here.market.database.write() as session:
            mail.send(session, "firm@example.org", "重设密码", "链接")
        assert len(here.mails()) == 1
    assert [path.stat().st_mode & 0o077 for path in (home, home / "mail")] == [0, 0]


def test_one_address_makes_so_many_accounts_and_then_waits(here):
    new = {"password": PASSWORD, "name": "演示", "email": "", "organisation": "演示丙"}
    assert here.browser().post("/signup", {"login": "new0", **new}).status_code == 303
    with here.market.database.write() as session:
        for number in range(rules.THROTTLE_LIMITS["address"] - 1):
            signing_in.remember_failure(session, here.market.settings.secret, f"sign-up n{number}", "sign-up 127.0.0.1")
    assert here.browser().post("/signup", {"login": "new1", **new}).status_code == 429
    assert here.browser().sign_in("firm").get("/account").status_code == 200
