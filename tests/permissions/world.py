"""A small market with somebody of every kind in it and a record in every state, and a browser for each person.

Whatever is asked of it is undone again: every question is asked of the same market.
"""

import json
import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

from httpx import Cookies, Response
from sqlmodel import Session

from frontend.forms import SESSION_COOKIE
from services.accounts import service as accounts
from services.accounts import sessions
from services.accounts.schemas import OrganisationIn
from services.contracts import service as contracts
from services.contracts.schemas import RefusalIn
from services.ground import batches, clock, reference
from services.ground.actor import Actor
from services.ground.database import Database
from services.indicators import service as indicators
from services.listings import service as listings
from services.listings.schemas import ListingIn
from tests.frontend.market_in_process import OPERATOR, Browser, MarketHere
from tests.services.contracts.factories import a_content, a_party
from tests.services.contracts.world import World as Contracts
from tests.services.deals.factories import a_listing
from tests.services.deals.world import NOW
from tests.services.deals.world import World as Deals

PEOPLE = {
    "member": ("member", "firm", None),
    "boss": ("organisation_admin", "firm", None),
    "provider": ("member", "university", None),
    "rival": ("organisation_admin", "rival", None),
    "broker": ("broker", None, None),
    "other_broker": ("broker", None, None),
    "registrar": ("registrar", None, "431100"),
    "far_registrar": ("registrar", None, "430200"),
    "moderator": ("moderator", None, "431100"),
    "far_moderator": ("moderator", None, "430200"),
    "bureau": ("bureau_officer", None, "431100"),
    "clerk": ("station_clerk", None, "431122"),
    "far_clerk": ("station_clerk", None, "431129"),
    "keeper": ("administrator", None, None),
}
"""Login -> role, organisation, region. The firm lies in 431122, the rival in 431129, the university in 431102."""
ORGANISATIONS = {
    "firm": ("穗原里植提", "enterprise", "431122"),
    "university": ("云麓示范大学", "university", "431102"),
    "rival": ("岚渡电机", "enterprise", "431129"),
}
PDF = b"%PDF-1.7\n% an agreement\n"


class Undone(Database):
    """A database in which every write comes to its end and is taken back."""

    @contextmanager
    def write(self) -> Iterator[Session]:
        engine = self.engine.execution_options(yaosu_write=True)
        with Session(engine, expire_on_commit=False) as session:
            yield session
            session.flush()
            session.rollback()


@dataclass
class World:
    """Names of records to their codes (`{need}` in a row of the table), and a browser for everybody."""

    market: MarketHere
    names: dict[str, str]
    browsers: dict[str, Browser]
    csrf: dict[str, str]
    cookies: dict[str, dict[str, str]]

    def ask(self, who: str, method: str, path: str, body: Any = None) -> Response:
        """Ask as somebody, with the token of the page. `body` is JSON for the API and a form for pages."""
        browser, path = self.browsers[who], path.format(**self.names)
        # Some answers take the cookie away or give another one; what they wrote about it is undone.
        browser.client.cookies = Cookies(self.cookies[who])
        if method == "GET":
            return browser.ask("GET", path)
        given = json.loads(self._filled(body))
        upload = {"file": ("协议.pdf", PDF, "application/pdf")} if given.pop("a_file", None) else None
        if not path.startswith("/api/"):
            return browser.ask(method, path, data={"csrf": self.csrf[who], **given}, files=upload)
        headers = {"X-CSRF-Token": self.csrf[who]}
        if upload:
            return browser.ask(method, path, data=given, files=upload, headers=headers)
        return browser.ask(method, path, json=given, headers=headers)

    def _filled(self, body: Any) -> str:
        text = json.dumps(body or {}, ensure_ascii=False)
        for name, code in self.names.items():
            text = text.replace(f"<{name}>", code)
        return text


@contextmanager
def a_world(home: Path) -> Iterator[World]:
    """Make the market at a set time; give it with every write undone."""
    with clock.at(NOW):
        market = MarketHere(home)
        try:
            yield _fill(market)
        finally:
            market.close()


def _fill(market: MarketHere) -> World:
    database = market.market.database
    names, people, cookies = {}, {}, {}
    with database.write() as session:
        for key, (name, kind, region) in ORGANISATIONS.items():
            made = accounts.create_organisation(
                session, OPERATOR, OrganisationIn(name=name, kind=kind, region_code=region)
            )
            names[key] = made.code
            names[f"{key}_id"] = str(made.id)
        for login, (role, organisation, region) in PEOPLE.items():
            owner = int(names[f"{organisation}_id"]) if organisation else None
            people[login] = market_person(session, login, role, owner, region)
            cookies[login] = sessions.begin_session(session, people[login])
        names |= _listings(session, names)
        actors = {login: sessions.actor_of_person(session, person) for login, person in people.items()}
    deals = Deals(database, market.market.settings, need=names["need"], result=names["result"], actors=actors)
    actors["seeker"] = actors["member"]
    names |= _deals(deals, names)
    names["indicator"] = indicators.computed_code()
    with database.write() as session:
        new = batches.NewBatch(
            "needs", "需求.csv", "0" * 64, 9, 1, [{"name": "", "heads": ["标题"], "left_out": False}]
        )
        names["batch"] = batches.begin(session, actors["member"], new, state="done").code
    names |= _contracts(Contracts(database, {**actors, "seller": actors["provider"]}), names)
    with database.write() as session:
        indicators.publish_cut_off(session, OPERATOR)
    market.drain()
    market.market.database = Undone(database.url)
    database.close()
    browsers = {who: market.browser() for who in ("visitor", *PEOPLE)}
    for login, cookie in cookies.items():
        browsers[login].client.cookies.set(SESSION_COOKIE, cookie)
    csrf = {who: _csrf(browser) for who, browser in browsers.items()}
    return World(
        market, names, browsers, csrf, {who: dict(browser.client.cookies) for who, browser in browsers.items()}
    )


def market_person(session: Session, login: str, role: str, owner: int | None, region: str | None) -> int:
    person = accounts.create_person(
        session, OPERATOR, login=login, password=f"a-password-of-{login}", name=f"演示{login}"
    )
    accounts.grant(session, OPERATOR, person, role, owner, region)
    return person


def _listings(session: Session, names: dict[str, str]) -> dict[str, str]:
    found = {}
    for name, kind, owner, state in (
        ("need", "need", "firm", "published"),
        ("other_need", "need", "firm", "published"),
        ("draft", "need", "firm", "draft"),
        ("draft_result", "result", "university", "draft"),
        ("submitted", "need", "firm", "submitted"),
        ("gone", "need", "firm", "withdrawn"),
        ("gone_result", "result", "university", "withdrawn"),
        ("result", "result", "university", "published"),
        ("other_result", "result", "university", "published"),
        ("patent", "patent", "university", "published"),
        ("expert", "expert", "university", "published"),
    ):
        data = ListingIn(kind=kind, owner=names[owner], title=f"演示 {name} 的锰渣回收", number=_number(kind))
        code = found[name] = listings.create(session, OPERATOR, data).code
        if state != "draft":
            listings.submit(session, OPERATOR, code)
        if state in {"published", "withdrawn"}:
            listings.publish(session, OPERATOR, code)
        if state == "withdrawn":
            listings.withdraw(session, OPERATOR, code)
    return found


def _number(kind: str) -> str | None:
    return "CN202410123456.X" if kind == "patent" else None


def _deals(world: Deals, names: dict[str, str]) -> dict[str, str]:
    """Deals of `broker`: one with an offer on the table and a file, one just introduced, one agreed, one signed by one side."""
    deal = world.walk("offered")
    found = {"deal": deal, "deal_file": str(world.attach("seeker", deal))}
    for name, step in (("fresh_deal", "introduced"), ("agreed_deal", "agreed"), ("signed_deal", "agreed")):
        with world.database.write() as session:
            need = a_listing(session, "need", f"演示 {name} 的需求", int(names["firm_id"]))
        found[name] = world.walk(step, world.introduce("broker", need_code=need, result_code=world.result))
    world.sign("seeker", found["signed_deal"])
    return found


def _contracts(world: Contracts, names: dict[str, str]) -> dict[str, str]:
    parties = [
        a_party("seller", organisation_code=names["university"], name=ORGANISATIONS["university"][0]),
        a_party("buyer", organisation_code=names["firm"], name=ORGANISATIONS["firm"][0], region_code="431122"),
    ]
    content = a_content(parties=parties)
    made = {}
    for name, steps in CONTRACTS.items():
        code = made[name] = world.do(contracts.create_draft, "seller", content).code
        for who, step in steps:
            world.do(step, who, code)
    world.register(made["contract"], registered_on=date(2026, 3, 12), who=OPERATOR)
    return made


def _refuse(session: Session, actor: Actor, code: str) -> None:
    ground = next(iter(reference.lists()["refusal_ground"]))
    contracts.refuse(session, actor, code, RefusalIn(ground=ground, reason="不是技术合同"))


SUBMIT, ACCEPT = ("seller", contracts.submit), ("registrar", contracts.accept)
REVIEW, APPROVE = ("registrar", contracts.start_review), (OPERATOR, contracts.approve)
CONTRACTS: dict[str, tuple[Any, ...]] = {
    "contract_draft": (),
    "contract_submitted": (SUBMIT,),
    "contract_accepted": (SUBMIT, ACCEPT),
    "contract_review": (SUBMIT, ACCEPT, REVIEW),
    "contract_refused": (SUBMIT, ACCEPT, REVIEW, ("registrar", _refuse)),
    # Accepted by somebody else, so that the registrar may be the second person.
    "contract_approved": (SUBMIT, (OPERATOR, contracts.accept), (OPERATOR, contracts.start_review), APPROVE),
    "contract": (SUBMIT, ACCEPT, REVIEW, APPROVE),
}
"""Name -> the steps it has come; the last one is registered too."""


def _csrf(browser: Browser) -> str:
    found = re.search(r'name="csrf" value="(\w+)"', browser.ask("GET", "/signup").text)
    assert found
    return found[1]
