"""Getting back in, signing in with a second factor, seeing and ending sessions, one's own data."""

import hashlib
import re
from datetime import UTC, datetime, timedelta

import pyotp
import pytest
from sqlmodel import select

from services.accounts import service as accounts
from services.accounts.models import SecondFactor
from services.ground import audit, clock
from tests.frontend.market_in_process import PASSWORD, market_here

START = datetime(2026, 3, 12, 2, 0, tzinfo=UTC)
NEW_PASSWORD = "another-long-password"


@pytest.fixture
def here(tmp_path):
    with clock.at(START), market_here(tmp_path) as made:
        made.person("firm", organisation="演示油坊甲", email="firm@example.org")
        yield made


def recovery_link(here, typed="firm@example.org"):
    here.browser().post("/login/forgotten", {"login": typed})
    return re.search(r"/login/new-password/\S+", here.mails()[-1][2])[0]


def test_a_forgotten_password_is_set_anew_by_a_link_that_works_once(here):
    old = here.browser().sign_in("firm")
    link = recovery_link(here)
    visitor = here.browser()
    assert "firm" in visitor.get(link).text
    assert visitor.post(link, {"new": "short"}).status_code == 422
    assert visitor.post(link, {"new": NEW_PASSWORD}).status_code == 303
    assert visitor.get(link).status_code == 409
    assert "登录" in old.get("/account").text
    assert old.ask("GET", "/account").status_code == 303, "sessions from before have ended"
    visitor.sign_in("firm", NEW_PASSWORD)
    assert any("重设" in subject for _to, subject, _text in here.mails())


def test_a_link_to_set_the_password_runs_out_after_an_hour(here):
    link = recovery_link(here, "firm")
    with clock.at(START + timedelta(minutes=61)):
        assert here.browser().get(link).status_code == 409


def test_an_older_link_stops_working_when_a_newer_one_is_asked_for(here):
    first, second = recovery_link(here), recovery_link(here)
    assert first != second
    assert here.browser().get(first).status_code == 409
    assert here.browser().get(second).status_code == 200


def test_the_answer_does_not_say_whether_an_account_exists(here):
    known = here.browser().post("/login/forgotten", {"login": "firm"}).text
    unknown = here.browser().post("/login/forgotten", {"login": "nobody"}).text
    assert re.sub(r'value="\w+"', "", known) == re.sub(r'value="\w+"', "", unknown)
    assert len(here.mails()) == 1


def test_asking_again_and_again_has_to_wait(here):
    visitor = here.browser()
    answers = [visitor.post("/login/forgotten", {"login": "firm"}).status_code for _n in range(9)]
    assert answers[-1] == 429


def turn_on(browser):
    page = browser.get("/account/second-factor").text
    secret = re.search(r'wrap-any">([A-Z2-7 ]+)<', page)[1].replace(" ", "")
    picture = browser.get("/account/second-factor/picture.svg")
    assert picture.headers["content-type"] == "image/svg+xml"
    assert "style=" not in picture.text
    answer = browser.post("/account/second-factor", {"do": "on", "code": code_now(secret), "password": PASSWORD})
    assert answer.status_code == 200
    return secret, re.findall(r'class="code">(\d{8})<', answer.text)


def code_now(secret):
    return pyotp.TOTP(secret).generate_otp(int(clock.now().timestamp()) // 30)


def second_step(here, code, browser=None):
    browser = browser or here.browser()
    page = browser.post("/login", {"login": "firm", "password": PASSWORD}).text
    token = re.search(r'name="token" value="([^"]+)"', page)[1]
    return browser, browser.post("/login/second", {"token": token, "code": code, "next": "/desk"}, "/login")


def test_with_a_second_factor_the_password_alone_opens_nothing(here):
    secret, spare = turn_on(here.browser().sign_in("firm"))
    assert len(spare) == 8
    with clock.at(START + timedelta(minutes=2)):
        visitor = here.browser()
        assert visitor.post("/login", {"login": "firm", "password": PASSWORD}).status_code == 200
        assert visitor.ask("GET", "/account").status_code == 303
        _browser, wrong = second_step(here, "000000")
        assert wrong.status_code == 422
        assert "验证码不对" in wrong.text
        code = code_now(secret)
        browser, right = second_step(here, code)
        assert right.status_code == 303
        assert browser.get("/account").status_code == 200
        _browser, again = second_step(here, code)
        assert again.status_code == 422, "a code is taken once"


def test_a_spare_code_lets_in_once(here):
    _secret, spare = turn_on(here.browser().sign_in("firm"))
    assert second_step(here, spare[0])[1].status_code == 303
    assert second_step(here, spare[0])[1].status_code == 422


def test_codes_cannot_be_tried_through(here):
    turn_on(here.browser().sign_in("firm"))
    answers = [second_step(here, f"{n:06d}")[1].status_code for n in range(9)]
    assert answers[-1] == 429


def test_the_database_alone_does_not_give_the_secret_away(here):
    secret, spare = turn_on(here.browser().sign_in("firm"))
    data = b"".join(path.read_bytes() for path in here.market.settings.home.glob("yaosu.sqlite3*"))
    assert secret.encode() not in data
    with here.market.database.read() as session:
        [row] = session.exec(select(SecondFactor))
    guesses = {hashlib.sha256(f"spare:{row.person_id}:{code}".encode()).hexdigest() for code in spare}
    assert not guesses & set(row.spare_hashes), "whoever has a copy could try all codes"


def test_turning_it_off_takes_a_code_and_turning_it_on_twice_is_refused(here):
    browser = here.browser().sign_in("firm")
    secret, _spare = turn_on(browser)
    assert browser.post("/account/second-factor", {"do": "on", "code": "1"}).status_code == 409
    assert (
        browser.post("/account/second-factor", {"do": "off", "code": "000000", "password": PASSWORD}).status_code == 422
    )
    with clock.at(START + timedelta(minutes=2)):
        assert (
            browser.post(
                "/account/second-factor", {"do": "off", "code": code_now(secret), "password": PASSWORD}
            ).status_code
            == 303
        )
    assert here.browser().sign_in("firm").get("/account").status_code == 200


def test_a_code_without_a_secret_is_refused(here):
    answer = here.browser().sign_in("firm").post("/account/second-factor", {"do": "on", "code": "1"}, "/account")
    assert answer.status_code == 409


def test_a_role_that_needs_it_can_do_nothing_else_before_it_is_set_up(tmp_path):
    with clock.at(START), market_here(tmp_path, second_factor_roles="registrar") as here:
        here.person("registrar", role="registrar", region="431100")
        browser = here.browser().sign_in("registrar")
        assert browser.ask("GET", "/contracts").headers["location"] == "/account/second-factor"
        refused = browser.ask("GET", "/api/v1/me")
        assert refused.status_code == 403
        assert refused.json()["code"] == "second_factor_required"
        turn_on(browser)
        assert browser.get("/contracts").status_code == 200
        assert browser.post("/account/second-factor", {"do": "off", "code": "1"}, "/account").status_code == 409


def test_a_sign_in_from_a_browser_never_seen_is_told_by_mail(here):
    here.browser("Mozilla/5.0 (Windows NT 10.0) Firefox/130.0").sign_in("firm")
    here.browser("Mozilla/5.0 (Windows NT 10.0) Firefox/130.0").sign_in("firm")
    assert here.mails() == []
    here.browser("Mozilla/5.0 (Linux; Android 14) Chrome/129.0").sign_in("firm")
    [(to, subject, _text)] = here.mails()
    assert to == "firm@example.org"
    assert "Chrome · Android" in subject


def test_sessions_are_ended_one_by_one(here):
    here_now, elsewhere = here.browser().sign_in("firm"), here.browser().sign_in("firm")
    number = re.search(r'value="end:(\d+)"', here_now.get("/account").text)[1]
    assert here_now.post("/account", {"do": f"end:{number}"}).status_code == 303
    assert elsewhere.ask("GET", "/account").status_code == 303
    assert here_now.ask("GET", "/account").status_code == 200


def test_a_session_of_somebody_else_cannot_be_ended(here):
    here.person("other", organisation="演示油坊乙")
    here.browser().sign_in("firm")
    assert here.browser().sign_in("other").post("/account", {"do": "end:1"}).status_code == 404


def test_the_copy_of_ones_own_data_holds_no_secret(here):
    browser = here.browser().sign_in("firm")
    browser.post(
        "/account",
        {"do": "profile", "name": "演示人", "email": "new@example.org", "phone": "0746-1234567", "password": PASSWORD},
    )
    copy = browser.get("/account/data.json").json()
    assert copy["profile"] == {"name": "演示人", "email": "new@example.org", "phone": "0746-1234567"}
    assert copy["roles"][0]["organisation"] == "演示油坊甲"
    assert "hash" not in str(copy)


def test_erasing_takes_the_name_and_leaves_the_trail_under_a_pseudonym(here):
    browser = here.browser().sign_in("firm")
    code = browser.post("/needs/new", {"title": "残油偏高", "do": "save", "rows": "0"}).headers["location"][-13:]
    assert browser.post("/account/erase", {"old": "wrong-password"}).status_code == 422
    assert browser.post("/account/erase", {"old": PASSWORD}).status_code == 303
    assert here.browser().post("/login", {"login": "firm", "password": PASSWORD}).status_code == 422
    with here.market.database.read() as session:
        assert accounts.person_name(session, 1).startswith("用户")
        assert any(event.person_id == 1 for event in audit.events(session, code=code))
    assert here.browser().post("/login/forgotten", {"login": "firm@example.org"}).status_code == 200
    assert here.mails() == []


def test_the_last_administrator_hands_over_before_leaving(here):
    here.person("boss", role="administrator")
    answer = here.browser().sign_in("boss").post("/account/erase", {"old": PASSWORD})
    assert answer.status_code == 409
    assert "最后一位管理员" in answer.text


def test_a_token_is_shown_once_and_ended_by_its_owner_only(here):
    browser = here.browser().sign_in("firm")
    page = browser.post("/account/tokens", {"label": "夜间", "days": "30", "scopes": "read", "do": "token"}).text
    token = re.search(r"yao_[\w-]+", page)[0]
    assert token not in browser.get("/account/tokens").text
    assert here.browser().get("/api/v1/me", headers={"authorization": f"Bearer {token}"}).status_code == 200
    wrong = browser.post("/account/tokens", {"label": "x", "days": "9999", "scopes": "read", "do": "token"})
    assert wrong.status_code == 422
    assert browser.post("/account/tokens", {"do": "revoke:1"}).status_code == 303
    assert here.browser().get("/api/v1/me", headers={"authorization": f"Bearer {token}"}).status_code == 401


def test_an_operator_names_only_roles_that_exist(tmp_path):
    with pytest.raises(ValueError, match="no such role: chief"), market_here(tmp_path, second_factor_roles="chief"):
        pass
