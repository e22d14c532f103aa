"""The clock of the machine jumps, forward by a day and back again: nobody is locked out, nothing waits for hours, nothing is done twice."""

import re
from datetime import UTC, datetime, timedelta

import pytest

from frontend.nightly import once_a_day
from services.accounts import sessions
from services.ground import clock, mail, outbox
from services.indicators import service as indicators
from tests.frontend.market_in_process import OPERATOR, PASSWORD, market_here

START = datetime(2026, 3, 12, 2, 0, tzinfo=UTC)
JUMPS = [pytest.param(timedelta(days=1), id="forward"), pytest.param(-timedelta(days=1), id="back")]


@pytest.fixture
def here(tmp_path):
    with clock.at(START), market_here(tmp_path) as made:
        made.person("firm", organisation="演示油坊甲", email="firm@example.org")
        yield made


@pytest.mark.parametrize("jump", JUMPS)
def test_what_was_to_be_done_is_done_at_once_wherever_the_clock_jumps(here, jump):
    with here.market.database.write() as session:
        mail.send(session, "firm@example.org", "之前写的", "正文")
        outbox.add(session, "mail", "broken", subject="没有收件人", body="正文")
    here.drain()  # the broken one now waits for its next try
    with here.market.database.write() as session:
        mail.send(session, "firm@example.org", "还没发的", "正文")
    with clock.at(START + jump):
        assert [subject for _to, subject, _text in here.mails()] == ["之前写的", "还没发的"]
        with here.market.database.read() as session:
            assert session.connection().exec_driver_sql("SELECT attempts FROM outbox").scalars().all() == [2]


def test_a_session_outlives_a_clock_that_goes_wrong_for_a_while_and_lives_no_longer_for_it(here):
    browser = here.browser().sign_in("firm")
    with clock.at(START - timedelta(days=1)):
        assert browser.ask("GET", "/account").status_code == 200
    with clock.at(START + timedelta(days=1)):
        assert browser.ask("GET", "/account").status_code == 303, "its twelve hours are over, by this clock"
    assert browser.ask("GET", "/account").status_code == 200
    with clock.at(START + timedelta(hours=13)):
        assert browser.ask("GET", "/account").status_code == 303


@pytest.mark.parametrize("jump", JUMPS)
def test_a_throttled_name_is_not_locked_out_for_longer_by_a_jump(here, jump):
    with here.market.database.write() as session:
        for _n in range(8):
            sessions.remember_failure(session, here.market.settings.secret, "firm", "127.0.0.1")
    form = {"login": "firm", "password": PASSWORD}
    refused = here.browser().post("/login", form)
    assert refused.status_code == 429
    assert 0 < int(refused.headers["retry-after"]) <= 901
    with clock.at(START + jump):
        assert here.browser().post("/login", form).status_code == 303


@pytest.mark.parametrize("jump", JUMPS)
def test_a_request_that_names_itself_makes_one_record_whatever_the_clock_says(here, jump):
    browser = here.browser().sign_in("firm")
    token = re.search(r'name="csrf" value="(\w+)"', browser.get("/account").text)[1]
    headers, body = {"x-csrf-token": token, "idempotency-key": "zqjump"}, {"kind": "need", "title": "只要一条"}
    made = browser.ask("POST", "/api/v1/needs", json=body, headers=headers)
    with clock.at(START + jump / 48):
        again = browser.ask("POST", "/api/v1/needs", json=body, headers=headers)
    assert made.json()["code"] == again.json()["code"]


def test_figures_are_published_once_for_each_night_though_the_clock_goes_back(here):
    with here.market.database.write() as session:
        indicators.publish_cut_off(session, OPERATOR)
    look = once_a_day(here.market)
    for step in (timedelta(), timedelta(days=1), timedelta(), timedelta(days=1)):
        with clock.at(START + step):
            look()
    with here.market.database.read() as session:
        found = session.connection().exec_driver_sql("SELECT at FROM cut_off ORDER BY at").scalars().all()
    assert len(found) == len(set(found)) == 2, "the one by hand, and one for the night between"
