"""Filling an empty market with the demo: invented organisations, records, deals and contracts, dated relative to today."""

import json
import os
import secrets
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from functools import partial
from pathlib import Path
from typing import Any

from sqlmodel import Session

from etl.demo import ledger
from etl.demo.contract_amounts import FIRST_YEAR
from etl.demo.contracts import generate
from etl.demo.deal_contracts import register_signed
from etl.demo.deals import Deals
from etl.demo.desk import Desk
from services.accounts import service as accounts
from services.accounts import sessions, shown
from services.accounts.schemas import OrganisationIn
from services.accounts.shown import ShownIn
from services.ground import audit, clock, money, regions
from services.ground.actor import Actor, Grant, system_actor
from services.ground.errors import Conflict
from services.ground.market import Market, MarketRow
from services.indicators import service as indicators
from services.indicators.schemas import GdpIn
from services.listings import service as listings
from services.listings.schemas import ListingIn, ParameterIn

DATA = Path(__file__).parent / "data"
CHUNK = 200
FINISHED = "demo"
"""What the audit trail says when the last record of the demo is in."""
Progress = Callable[[int, int], None]
Login = dict[str, str]
ROLES = (
    ("registrar", "演示登记员甲"),
    ("registrar", "演示登记员乙"),
    ("moderator", "演示审核员"),
    ("bureau_officer", "演示统计员"),
    ("station_clerk", "演示站员"),
    ("administrator", "演示管理员"),
)
DEMO_GDP = {2023: "2498.60", 2024: "2588.30", 2025: "2701.50"}
"""Years of which no figure was found: invented, and said so in their source."""
LEVELLED = {"budget", "owner", "body", "parameters", "deadline"}


def load(market: Market, *, today: date | None = None, progress: Progress | None = None) -> list[Login]:
    """Make the demo market and return its logins (role, name, password), or return those of the one that is there.

    Raises Conflict for a market that holds something and is no demo, for a demo that was not finished
    (demo_half_made: nothing of it is worth keeping), and for one whose logins lie in another home.
    """
    kept = market.settings.home / "demo-logins.json"
    with market.database.read() as session:
        row = session.get(MarketRow, 1)
        if row and row.demo and kept.exists():
            return list(json.loads(kept.read_text(encoding="utf-8")))
        if row and row.demo:
            raise Conflict("demo_logins_elsewhere" if _is_finished(session) else "demo_half_made")
        if accounts.is_in_use(session):
            raise Conflict("demo_market_not_empty")
    tell = progress or (lambda _done, _total: None)
    loader = _Loader(market, today or clock.today(), tell)
    logins = loader.run()
    descriptor = os.open(kept, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "w", encoding="utf-8") as file:
        json.dump(logins, file, ensure_ascii=False)
    return logins


def _is_finished(session: Session) -> bool:
    return bool(audit.events(session, code=FINISHED, limit=1))


def lines(name: str) -> Iterator[dict[str, Any]]:
    """Read the records of one kind from all demo files."""
    for path in sorted(DATA.glob(f"{name}_*.jsonl")):
        for line in path.read_text(encoding="utf-8").splitlines():
            if line.strip():
                yield json.loads(line)


class _Loader:
    """Carries what later steps need of earlier ones: ids and codes by the keys of the files."""

    def __init__(self, market: Market, today: date, tell: Progress) -> None:
        self.market, self.today, self.tell = market, today, tell
        self.actor: Actor = system_actor("demo")
        self.ids: dict[str, int] = {}
        self.codes: dict[str, str] = {}
        self.people: dict[str, int] = {}
        self.records: dict[str, str] = {}
        self.done = 0

    def run(self) -> list[Login]:
        """Load everything, chunk by chunk, so that no write lock is held for long."""
        with self.market.database.write() as session:
            row = session.get(MarketRow, 1) or MarketRow(id=1, made_at=clock.now())
            row.demo = True
            session.add(row)
        founded = datetime(FIRST_YEAR, 1, 4, 2, tzinfo=UTC)
        with clock.at(min(founded, clock.now())):
            self._in_chunks(list(lines("organisations")), self._organisation)
        logins = self._people()
        for kind, name in (("patent", "patents"), ("result", "results"), ("need", "needs"), ("expert", "experts")):
            self._in_chunks(list(lines(name)), partial(self._listing, kind))
        self._contracts_and_deals()
        with self.market.database.write() as session:
            for year, value in DEMO_GDP.items():
                if year <= self.today.year:
                    indicators.enter_gdp(
                        session,
                        self.actor,
                        GdpIn(year=year, value_yi=value, kind="演示值", source="演示值（虚构），没有找到公布的数"),
                    )
            indicators.publish_cut_off(session, self.actor)
            audit.record(session, self.actor, "market.load_demo", "market", FINISHED)
        return logins

    def _writer(self, session: Session, kind: str, key: str, owner: int) -> Actor:
        """Say who writes a record down: its owner; every tenth need of a firm at home a station clerk, for the firm."""
        region = accounts.organisation(session, owner).region_code
        if kind == "need" and key.endswith("0") and region and regions.is_home(region):
            return sessions.actor_of_person(session, self.people["station_clerk5"], "page")
        own = Grant("organisation_admin", organisation_id=owner)
        return replace(self.actor, grants=(*self.actor.grants, own), organisation_id=owner)

    def _contracts_and_deals(self) -> None:
        made = generate(self.today)
        registered = [item for item in made if item.registration_number]
        ledger.record(
            self.market, self.actor, registered, self.codes, self.people, today=self.today, tell=self._progress
        )
        with self.market.database.read() as session:
            first, second = (
                sessions.actor_of_person(session, self.people[login], "page") for login in ("registrar1", "registrar2")
            )
        desk = Desk(self.market, self.actor, first, second, self.today)
        for item in made:
            if not item.registration_number:
                desk.put(item, self.codes, self.people)
                self._progress(1)
        walk = Deals(self.market, self.actor, records=self.records, ids=self.ids, people=self.people, today=self.today)
        register_signed(self.market, desk, walk.make(lines), registered[::-1], self.codes)

    def _progress(self, more: int) -> None:
        self.done += more
        self.tell(self.done, 0)

    def _in_chunks(self, items: list[Any], make: Callable[[Session, Any], None]) -> None:
        for start in range(0, len(items), CHUNK):
            with self.market.database.write() as session:
                for item in items[start : start + CHUNK]:
                    make(session, item)
            self._progress(len(items[start : start + CHUNK]))

    def _organisation(self, session: Session, item: dict[str, Any]) -> None:
        region = item["region_code"] if regions.region(session, item["region_code"]) else None
        data = OrganisationIn(
            name=item["name"],
            short_name=item.get("short_name", ""),
            kind=item["kind"],
            region_code=region,
            uscc=item.get("uscc"),
            intro=item.get("intro", ""),
        )
        made = accounts.create_organisation(session, self.actor, data)
        self.ids[item["key"]], self.codes[item["key"]] = made.id, made.code

    def _people(self) -> list[Login]:
        logins: list[Login] = []
        firm = next(item["owner"] for item in lines("needs") if item["state"] == "published")
        school = next(item["owner"] for item in lines("results"))
        with self.market.database.write() as session:
            for role, login, key in (("member", "qiye", firm), ("member", "gaoxiao", school)):
                person_id = self._person(session, logins, role, login, "演示用户")
                accounts.grant(session, self.actor, person_id, "organisation_admin", self.ids[key])
                self.people[login] = person_id
            self.ids["firm"], self.ids["school"] = self.ids[firm], self.ids[school]
            for index, item in enumerate(lines("people"), start=1):
                person_id = self._person(
                    session, logins if index == 1 else [], "broker", f"jingli{index}", item["name"]
                )
                accounts.grant(session, self.actor, person_id, "broker")
                agreed = ShownIn(shown=["listed", "fields"], words=str(item.get("fields", ""))[:200])
                shown.choose(session, self.actor, "broker", str(person_id), agreed, person_id=person_id)
                self.people[item["key"]] = person_id
                self.people.setdefault("broker", person_id)
            for index, (role, name) in enumerate(ROLES, start=1):
                person_id = self._person(session, logins, role, f"{role}{index}", name)
                accounts.grant(
                    session,
                    self.actor,
                    person_id,
                    role,
                    region_code=None if role == "administrator" else regions.home_region(),
                )
                self.people[f"{role}{index}"] = person_id
        return logins

    def _person(self, session: Session, logins: list[Login], role: str, login: str, name: str) -> int:
        password = secrets.token_urlsafe(9)
        logins.append({"role": role, "name": login, "password": password})
        return accounts.create_person(session, self.actor, login=login, password=password, name=name)

    def _listing(self, kind: str, session: Session, item: dict[str, Any]) -> None:
        owner = item.get("owner") or item.get("organisation") or item["owners"][0]
        published = datetime.combine(self.today, time(2), UTC) - timedelta(
            days=int(item.get("published_days_ago") or 30)
        )
        data = record_of(kind, item, self.codes[owner], self.today)
        writer = self._writer(session, kind, item["key"], self.ids[owner])
        with clock.at(published):
            out = listings.create(session, writer, data)
            self.records[item["key"]] = out.code
            state = item.get("state", "published")
            if state != "draft":
                listings.submit(session, writer, out.code)
            if state == "returned":
                listings.return_with_reasons(session, self.actor, out.code, "请补上测试方法和现在的数值")
            if state in {"published", "withdrawn", "fulfilled"}:
                listings.publish(session, self.actor, out.code)
        if state == "withdrawn":
            listings.withdraw(session, self.actor, out.code)
        if state == "fulfilled":
            listings.fulfil(session, self.actor, out.code)
        if state == "published" and item.get("confirmed_days_ago") is not None:
            confirmed = datetime.combine(self.today, time(2), UTC) - timedelta(days=int(item["confirmed_days_ago"]))
            if confirmed > published:
                with clock.at(confirmed):
                    listings.confirm(session, self.actor, out.code)


def record_of(kind: str, item: dict[str, Any], owner: str, today: date) -> ListingIn:
    """Turn a line of a demo file into what the listing service takes."""

    def fen(name: str) -> int | None:
        value = item.get(name)
        return money.from_wan(str(value)) if value is not None else None

    low, high = ("budget_low_wan", "budget_high_wan") if kind == "need" else ("price_wan_low", "price_wan_high")
    details = {
        key: item[key]
        for key in ("kind", "legal_status", "application_date", "grant_date", "ipc", "fields", "keywords")
        if item.get(key)
    }
    region = item.get("region_code") if kind == "need" else None
    return ListingIn(
        kind=kind,  # type: ignore[arg-type]
        owner=owner,
        title=item["title"] if kind != "expert" else f"{item['name']}　{item['title']}",
        summary=item.get("summary", "") or (item.get("fields", "") if kind == "expert" else ""),
        body=item.get("body") or item.get("abstract") or item.get("intro") or "",
        chain=item.get("chain"),
        subfield=item.get("subfield"),
        region_code=region,
        maturity=item.get("maturity"),
        budget_low_fen=fen(low),
        budget_high_fen=fen(high),
        deadline=today + timedelta(days=int(item["deadline_days"])) if item.get("deadline_days") else None,
        cooperation=item.get("cooperation", []),
        levels={key: level for key, level in item.get("levels", {}).items() if key in LEVELLED},
        number=item.get("number") if kind == "patent" else None,
        details=details,
        parameters=[_parameter(row) for row in item.get("parameters", [])],
    )


def _parameter(row: dict[str, Any]) -> ParameterIn:
    values = {
        key: row[key] for key in ("name", "comparison", "low", "high", "unit", "must") if row.get(key) is not None
    }
    present = str(row["present"]) if row.get("present") is not None else ""
    return ParameterIn.model_validate({**values, "method": row.get("method") or "", "present": present})
