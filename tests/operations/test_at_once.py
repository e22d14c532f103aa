"""Two people do the same thing at the same moment, through the pages and the API: one has done it, the other is told."""

import re
import threading
from datetime import UTC, datetime, timedelta

import pytest

from frontend.nightly import publish_figures
from frontend.periodic import each_day
from services.accounts import service as accounts
from services.ground import clock
from services.indicators import service as indicators
from services.listings import service as listings
from services.listings.schemas import ListingIn
from tests import servers
from tests.frontend.market_in_process import OPERATOR, PASSWORD, market_here
from tests.frontend.test_account_security import code_now, turn_on

START = datetime(2026, 3, 12, 2, 0, tzinfo=UTC)


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.city)])
def here(request, tmp_path):
    """A market on one of the databases, with the embedded engine."""
    if request.param == "sqlite":
        with clock.at(START), market_here(tmp_path) as made:
            yield made
        return
    with (
        servers.new_database() as url,
        clock.at(START),
        market_here(tmp_path, database_url=url, secret_key="f" * 64) as made,
    ):
        yield made


def at_once(*calls):
    """Run calls in threads that start together; give what each returned."""
    barrier, results = threading.Barrier(len(calls)), [None] * len(calls)

    def run(place, call):
        barrier.wait(timeout=10)
        results[place] = call()

    threads = [threading.Thread(target=run, args=pair) for pair in enumerate(calls)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    return results


def ready_to_send(browser, path, data, form=None):
    """Open the form now; give the call that sends it."""
    token = re.search(r'name="csrf" value="(\w+)"', browser.get(form or path).text)[1]
    return lambda: browser.ask("POST", path, data={"csrf": token, **data}).status_code


def test_a_link_that_confirms_a_record_is_used_by_one_of_two(here):
    here.person("firm", organisation="演示油坊甲", email="firm@example.org")
    with here.market.database.write() as session:
        owner = accounts.organisation(session, accounts.claim_unverified(session, OPERATOR, "演示油坊甲")).code
        code = listings.create(session, OPERATOR, ListingIn(kind="need", title="残油偏高", owner=owner)).code
        listings.submit(session, OPERATOR, code)
        listings.publish(session, OPERATOR, code)
    with clock.at(START + timedelta(days=84)):
        each_day(here.market)
        link = re.search(r"/confirm/\S+", here.mails()[0][2])[0]
        answers = at_once(*(ready_to_send(here.browser(), link, {}) for _n in range(2)))
    assert sorted(answers) == [200, 409]


def test_a_period_is_closed_by_one_of_two_officers(here):
    for name in ("officer1", "officer2"):
        here.person(name, "bureau_officer", region="431100")
    browsers = [here.browser().sign_in(name) for name in ("officer1", "officer2")]
    close = {"period": "2025Q4"}
    answers = at_once(*(ready_to_send(browser, "/indicators/closings", close) for browser in browsers))
    assert sorted(answers) in ([303, 422], [303, 409]), "too late, or written by the other in the meantime"
    assert browsers[0].get("/indicators/closings/2025Q4").status_code == 200


def test_one_code_of_an_authenticator_lets_one_of_two_in(here):
    here.person("firm", organisation="演示油坊甲")
    secret, _spare = turn_on(here.browser().sign_in("firm"))
    with clock.at(START + timedelta(minutes=2)):
        code, tries = code_now(secret), []
        for _n in range(2):
            browser = here.browser()
            page = browser.post("/login", {"login": "firm", "password": PASSWORD}).text
            token = re.search(r'name="token" value="([^"]+)"', page)[1]
            tries.append(ready_to_send(browser, "/login/second", {"token": token, "code": code}, "/login"))
        # The second link ends the first, so both try the newer one.
        tries[0] = ready_to_send(here.browser(), "/login/second", {"token": token, "code": code}, "/login")
        assert sorted(at_once(*tries)) in ([303, 409], [303, 422])


def test_one_request_sent_twice_at_once_makes_one_record(here):
    here.person("firm", organisation="演示油坊甲")
    browser = here.browser().sign_in("firm")
    token = re.search(r'name="csrf" value="(\w+)"', browser.get("/account").text)[1]
    headers = {"x-csrf-token": token, "idempotency-key": "zqonce"}
    body = {"kind": "need", "title": "只要一条"}

    def send():
        return browser.ask("POST", "/api/v1/needs", json=body, headers=headers)

    answers = at_once(*[send] * 4)
    good = [answer for answer in answers if answer.status_code in (200, 201)]
    assert good
    assert {answer.status_code for answer in answers} <= {200, 201, 409}
    again = send()
    assert {answer.json()["code"] for answer in good} == {again.json()["code"]}


def test_of_two_schedulers_one_publishes_the_figures_of_the_night(here):
    with here.market.database.write() as session:
        indicators.publish_cut_off(session, OPERATOR)
    with clock.at(START + timedelta(days=1)):
        assert sorted(at_once(*[lambda: publish_figures(here.market)] * 2)) == [False, True]


def test_two_colleagues_confirm_one_address_and_the_link_is_used_once(here):
    browser = here.browser()
    new = {"login": "new", "password": PASSWORD, "name": "演示", "email": "new@example.org", "organisation": "演示丙"}
    browser.post("/signup", new)
    link = re.search(r"/account/address/\S+", here.mails()[0][2])[0]
    assert sorted(at_once(*(ready_to_send(here.browser(), link, {}) for _n in range(2)))) == [303, 409]
