"""What people do on a market all day, for measuring it under them: pages by role, records chosen at random, now and then a write.

Used by scripts/load.py (many people at once) and scripts/soak.py (one person for an hour).
"""

import random
import re
import secrets
import time
from dataclasses import dataclass, field
from typing import Any

import httpx

QUERIES = [
    "锰渣",
    "余热回收",
    "茶叶加工",
    "控制系统",
    "废水 COD 不高于 50 mg/L",
    "油茶",
    "检测",
    "数控机床",
    "不存在的词",
]
VISITORS = [
    "/", "/search?q={query}", "/search?q={query}&kind=result", "/api/v1/search?q={query}", "/needs", "/results", "/patents", "/experts",
    "/needs/{need}", "/results/{result}", "/patents/{patent}", "/experts/{expert}", "/organisations/{organisation}",
    "/indicators", "/indicators/tables", "/indicators/tables/T1", "/indicators.csv", "/quality", "/about", "/login", "/signup",
    "/api/v1/needs?format=csv", "/api/v1/needs?limit=50", "/api/v1/needs/{need}/matches", "/api/v1/search/completions?q={letter}",
]  # fmt: skip
PAGES = {
    "member": ["/work", "/desk", "/needs/new", "/needs/{need}", "/follows", "/notices", "/account", "/deals/{deal}", "/contracts"],
    "broker": ["/work", "/work?format=csv", "/deals/{deal}", "/needs/{need}", "/notices", "/api/v1/work"],
    "registrar": [
        "/contracts", "/contracts?format=csv", "/contracts/{contract}", "/contracts/{contract}/print", "/contracts/ledger",
        "/contracts/calendar", "/indicators/movements", "/indicators/tables.xlsx",
    ],
    "moderator": ["/moderation", "/claims", "/needs/{need}", "/desk"],
    "bureau_officer": [
        "/indicators", "/indicators/gap", "/indicators/plan", "/indicators/tables", "/indicators/tables/T1", "/indicators.xlsx",
        "/indicators/movements", "/desk",
    ],
    "station_clerk": ["/desk", "/needs/new", "/needs/{need}/sheet", "/work", "/search?q={query}"],
    "administrator": ["/audit", "/quality", "/search/words", "/metrics", "/desk"],
}  # fmt: skip
LISTS = {
    "need": "needs",
    "result": "results",
    "patent": "patents",
    "expert": "experts",
    "organisation": "organisations",
}
SHARE_OF_WRITES = 0.03
SHARE_OF_SIGN_INS = 0.01


@dataclass
class Sample:
    """One answer: the page as its address is written above, the seconds it took, and what it said."""

    page: str
    seconds: float
    status: int
    what: str = ""

    @property
    def failed(self) -> bool:
        """Say whether something went wrong: no answer (0), an error of ours, or a refusal nobody expected."""
        return self.status == 0 or self.status >= httpx.codes.BAD_REQUEST


@dataclass
class Person:
    """Somebody at a browser: a visitor, or one who signs in with a login of the demo market."""

    client: httpx.AsyncClient
    role: str = "visitor"
    login: str = ""
    password: str = ""
    records: dict[str, list[str]] = field(default_factory=dict)

    async def ask(self, page: str, method: str = "GET", path: str = "", **more: Any) -> Sample:
        """Send one request, read the answer whole, and say how it went."""
        start = time.perf_counter()
        try:
            answer = await self.client.request(method, path or page, **more)
        except httpx.HTTPError as error:
            return Sample(page, time.perf_counter() - start, 0, type(error).__name__)
        seconds = time.perf_counter() - start
        wrong = answer.text[:300] if answer.is_error else ""
        return Sample(page, seconds, answer.status_code, wrong)

    async def sign_in(self) -> list[Sample]:
        """Sign in by the form; a visitor has nothing to do."""
        if not self.login:
            return []
        self.client.cookies.clear()
        csrf = await self._csrf("/login")
        form = {"csrf": csrf, "login": self.login, "password": self.password}
        return [await self.ask("POST /login", "POST", "/login", data=form)]

    async def look_around(self) -> None:
        """Note the codes of records this person may open."""
        for name, noun in LISTS.items():
            self.records[name] = await self._codes(f"/api/v1/{noun}?limit=50")
        if self.role != "visitor":
            self.records["deal"] = await self._codes("/api/v1/deals?limit=50")
            self.records["contract"] = await self._codes("/api/v1/contracts?limit=50")

    def pages(self) -> list[str]:
        """Give the pages of this person, without those of records there are none of."""
        names = VISITORS if self.role == "visitor" else PAGES[self.role] * 2 + VISITORS
        return [name for name in names if all(self.records.get(key) for key in self._keys(name))]

    async def visit(self, page: str) -> Sample:
        """Open one page, with a record or a query chosen at random."""
        query = random.choice(QUERIES)
        chosen = {key: random.choice(self.records[key]) for key in self._keys(page)}
        return await self.ask(page, path=page.format(query=query, letter=query[0], **chosen))

    async def do_something(self) -> list[Sample]:
        """Do what comes next: mostly look at a page; now and then write a need, or sign in again."""
        try:
            return await self._next()
        except httpx.HTTPError as error:
            return [Sample("several requests in a row", 0.0, 0, type(error).__name__)]

    async def _next(self) -> list[Sample]:
        chance = random.random()
        if chance < SHARE_OF_SIGN_INS:
            return await self.sign_in()
        if chance < SHARE_OF_SIGN_INS + SHARE_OF_WRITES and self.role == "member":
            return await self.write_a_need()
        return [await self.visit(random.choice(self.pages()))]

    async def write_a_need(self) -> list[Sample]:
        """Write a need and hand it in."""
        headers = {"X-CSRF-Token": await self._csrf("/needs/new"), "Idempotency-Key": secrets.token_hex(8)}
        body = {
            "kind": "need",
            "title": f"演示：{random.choice(QUERIES)} {secrets.token_hex(3)}",
            "body": "温度不低于 80℃，每天 3 吨。",
        }
        made = await self.client.post("/api/v1/needs", json=body, headers=headers)
        if made.is_error:
            return [Sample("POST /api/v1/needs", 0.0, made.status_code, made.text[:300])]
        code = made.json()["code"]
        path = f"/api/v1/needs/{code}/submit"
        return [await self.ask("POST /api/v1/needs/{need}/submit", "POST", path, json={}, headers=headers)]

    async def _csrf(self, page: str) -> str:
        found = re.search(r'name="csrf" value="(\w+)"', (await self.client.get(page)).text)
        return found[1] if found else ""

    async def _codes(self, path: str) -> list[str]:
        answer = await self.client.get(path)
        return [item["code"] for item in answer.json()["items"]] if answer.status_code == httpx.codes.OK else []

    @staticmethod
    def _keys(page: str) -> list[str]:
        return [key for key in re.findall(r"\{(\w+)\}", page) if key not in ("query", "letter")]


def everybody(base: str, logins: list[dict[str, str]], many: int) -> list[Person]:
    """Make people: every second one a visitor, the others with the logins of the demo market in turn. Each has a browser."""
    people = []
    for number in range(many):
        client = httpx.AsyncClient(base_url=base, timeout=60, limits=httpx.Limits(keepalive_expiry=30))
        if number % 2 == 0:
            people.append(Person(client))
        else:
            who = logins[number // 2 % len(logins)]
            people.append(Person(client, who["role"], who["name"], who["password"]))
    return people
