"""What an operator sees of a running market, and what nobody may see there."""

import io
import json
import logging
import re

import pytest
import structlog

from frontend import logs
from frontend.app import create_app
from services.accounts import sessions
from services.accounts.schemas import TokenIn
from services.ground import outbox
from services.ground.web import access
from tests.frontend.market_in_process import OPERATOR, market_here

SECRETS = {
    "login": "zhangsanfeng1980",
    "password": "Wudang-Mountain-77",
    "name": "张三丰",
    "email": "sanfeng.zhang@example.org",
    "phone": "13907461234",
    "firm": "武当内丹技术行",
    "words": "我家的配方是朱砂三钱",
}


@pytest.fixture
def written():
    """Everything that is logged during a test, as the server would write it."""
    stream = io.StringIO()
    root, level = logging.getLogger(), logging.getLogger("frontend").level
    before = (root.handlers[:], root.level)
    logs.configure("debug", stream)
    yield stream
    root.handlers, root.level = before
    logging.getLogger("frontend").setLevel(level)
    structlog.reset_defaults()


@pytest.fixture
def market(tmp_path):
    with market_here(tmp_path) as made:
        yield made


def token(market, login: str, *scopes: str) -> dict[str, str]:
    with market.market.database.write() as session:
        person = market.person_ids[login]
        made = sessions.create_token(
            session, OPERATOR, TokenIn(scopes=list(scopes), days=1, label="t"), person_id=person
        )
    return {"Authorization": f"Bearer {made.token}"}


@pytest.fixture
def people(market):
    market.person_ids = {
        "keeper": market.person("keeper", "administrator"),
        "member": market.person("member", "member", "演示单位"),
    }
    return market


def figure(text: str, name: str) -> float:
    return float(re.search(rf"^{re.escape(name)} (\S+)$", text, re.MULTILINE)[1])


def test_metrics_count_requests_by_route_and_tell_what_waits(people):
    visitor = people.browser()
    with people.market.database.write() as session:
        outbox.add(session, "nobody-handles-this", "x")
    told = visitor.ask("GET", "/metrics", headers=token(people, "keeper", "statistics:read")).text
    counted = 'yaosu_requests_total{method="GET",route="/needs",status="200"}'
    before = figure(told, counted) if counted in told else 0
    visitor.get("/needs?q=a-person-was-looked-for")
    answer = visitor.ask("GET", "/metrics", headers=token(people, "keeper", "statistics:read"))
    assert answer.headers["content-type"].startswith("text/plain")
    assert figure(answer.text, counted) == before + 1
    assert figure(answer.text, 'yaosu_outbox_rows{state="waiting"}') == 1
    assert figure(answer.text, 'yaosu_up{part="database"}') == 1
    assert figure(answer.text, 'yaosu_up{part="search"}') == 1
    assert "a-person-was-looked-for" not in answer.text


@pytest.mark.parametrize(
    ("who", "scopes", "status"),
    [
        (None, (), 401),
        ("member", ("statistics:read", "admin"), 403),
        ("keeper", ("read",), 403),
        ("keeper", ("statistics:read",), 200),
        ("keeper", ("admin",), 200),
    ],
)
def test_metrics_are_for_administrators_and_a_token_that_was_made_for_it(people, who, scopes, status):
    answer = people.browser().ask("GET", "/metrics", headers=token(people, who, *scopes) if who else {})
    assert answer.status_code == status
    assert status == 200 or answer.headers["content-type"] == "application/problem+json"


def test_readyz_names_the_part_that_is_missing_and_only_the_database_makes_it_503(people):
    visitor = people.browser()
    assert visitor.ask("GET", "/readyz").json()["status"] == "ok"
    with people.market.database.write() as session:
        session.connection().exec_driver_sql("ALTER TABLE outbox RENAME TO outbox_away")
    broken = visitor.ask("GET", "/readyz")
    assert (broken.status_code, broken.json()["database"]) == (503, "OperationalError")
    assert visitor.ask("GET", "/healthz").json() == {"status": "ok"}


def forgotten() -> None:
    """A route nobody thought of."""


def test_an_api_route_that_does_not_say_who_may_call_it_stops_the_start(market, monkeypatch):
    from services.listings.api import router

    monkeypatch.setattr(router, "routes", router.routes[:])
    router.add_api_route("/api/v1/forgotten", forgotten)
    with pytest.raises(RuntimeError, match="forgotten"):
        create_app(market.market)


def type_in_everything(market) -> None:
    """Give every secret to the market in every way that people do: forms, queries, JSON, files, mistakes, crashes."""
    browser = market.browser(agent=SECRETS["email"])
    form = {"login": SECRETS["login"], "password": SECRETS["password"], "name": SECRETS["name"]}
    form |= {"organisation": SECRETS["firm"], "email": SECRETS["email"], "phone": SECRETS["phone"]}
    browser.post("/signup", form)
    browser.post("/login", {"login": SECRETS["login"], "password": SECRETS["password"] + "-wrong"})
    browser.post("/login", {"login": SECRETS["login"], "password": SECRETS["password"]})
    for address in ("/search", "/needs", "/api/v1/search", "/api/v1/organisations"):
        browser.get(address, params={"q": SECRETS["name"], "cursor": SECRETS["words"]})
    browser.get(f"/needs/{SECRETS['phone']}")
    browser.get(f"/{SECRETS['name']}")
    browser.post("/needs/new", {"title": SECRETS["name"], "body": SECRETS["words"], "contact": SECRETS["phone"]})
    headers = token(market, "member", "read", "listings:write", "contracts:write", "admin")
    party = {"role": "seller", "name": SECRETS["firm"], "contact": {"name": SECRETS["name"], "phone": SECRETS["phone"]}}
    for body in ({"contract_title": SECRETS["words"], "parties": [party]}, {"title": 5, "parties": SECRETS["name"]}):
        browser.ask("POST", "/api/v1/contracts", json=body, headers=headers)
    browser.ask("POST", "/api/v1/contracts", content=SECRETS["words"], headers=headers)
    browser.ask("GET", "/api/v1/me", headers={"Authorization": f"Bearer {SECRETS['password']}"})


def crash_with_everything(market) -> None:
    """Let a route fail in a way nobody foresaw, the values in its hands and in the message of its error."""

    def fail(phone: str) -> None:
        try:
            raise KeyError(SECRETS["name"])
        except KeyError as error:
            raise ValueError(f"cannot write {phone} {SECRETS['words']}") from error

    market.app.router.routes.clear()
    market.app.add_api_route("/crash/{phone}", fail, **access("market.look"))
    answer = market.browser().ask("GET", f"/crash/{SECRETS['phone']}")
    assert answer.status_code == 500
    assert answer.headers["x-request-id"] in answer.text
    assert "content-security-policy" in answer.headers


def test_nothing_that_people_typed_is_in_the_log_and_every_line_has_its_request(people, written):
    type_in_everything(people)
    people.drain()
    crash_with_everything(people)
    text = written.getvalue()
    lines = [json.loads(line) for line in text.splitlines()]
    assert {"/signup", "/login", "/search", "/needs/new", "/api/v1/contracts", "/crash/{phone}"} <= {
        line["route"] for line in lines if "route" in line
    }
    assert all(line["request"] for line in lines if line["event"] in {"answered", "unexpected"})
    assert [line["raised"] for line in lines if line["event"] == "unexpected"] == [["ValueError", "KeyError"]]
    assert {name for name, secret in SECRETS.items() if secret in text or json.dumps(secret)[1:-1] in text} == set()


def test_libraries_write_no_message_of_an_exception_either(written):
    try:
        raise RuntimeError(SECRETS["phone"])
    except RuntimeError as error:
        words = {"name": "drain", "exc": error}
        logging.getLogger("celery.app.trace").exception("Task %(name)s raised: %(exc)s", words)
    line = json.loads(written.getvalue())
    assert line["raised"] == ["RuntimeError"]
    assert SECRETS["phone"] not in written.getvalue()
