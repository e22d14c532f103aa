"""The people of a market under siege, made by the operator's own commands."""

import contextlib
from collections.abc import Iterator

import httpx

from tests.crash.acts import People
from tests.running_market import RunningMarket

LOGINS = {
    "keeper": ("administrator", ["read", "listings:write", "admin"]),
    "moderator": ("moderator", ["read", "admin"]),
    "registrar": ("registrar", ["read", "contracts:register", "statistics:read"]),
    "second_registrar": ("registrar", ["read", "contracts:register"]),
    "member": ("member", ["read", "listings:write", "deals:write", "contracts:write"]),
    "provider": ("member", ["read", "listings:write", "deals:write"]),
    "broker": ("broker", ["read", "deals:write"]),
}


def token_of(market: RunningMarket, login: str, role: str, scopes: list[str], *more: str) -> str:
    """Make an account and a token of it; return the token."""
    market.yaosu("user", "create", login, "--role", role, *more)
    options = [part for scope in scopes for part in ("--scope", scope)]
    return str(market.yaosu_json("token", "create", "--user", login, *options)["token"])


@contextlib.contextmanager
def open_people(market: RunningMarket) -> Iterator[People]:
    """Give everybody a client with a token of their own."""
    with contextlib.ExitStack() as stack:

        def client(token: str | None) -> httpx.Client:
            headers = {"Authorization": f"Bearer {token}"} if token else {}
            return stack.enter_context(httpx.Client(base_url=market.url, headers=headers, timeout=30))

        keeper = client(token_of(market, "keeper", *LOGINS["keeper"]))
        codes = {}
        for login, name, kind in (("member", "演示受灾单位", "enterprise"), ("provider", "演示供方单位", "institute")):
            made = keeper.post("/api/v1/organisations", json={"name": name, "kind": kind})
            assert made.status_code == httpx.codes.CREATED, made.text
            codes[login] = made.json()["code"]
        clients = {"visitor": client(None)}
        for name, (role, scopes) in LOGINS.items():
            if name != "keeper":
                more = ["--organisation", codes[name]] if name in codes else []
                clients[name] = client(token_of(market, name, role, scopes, *more))
        result = _published(clients["provider"], clients["moderator"])
        yield People(owner=codes["member"], result=result, **clients)


def _published(provider: httpx.Client, moderator: httpx.Client) -> str:
    """Publish one result of the provider; return its code."""
    body = {"kind": "result", "title": "演示供方的换热装置", "body": "回收 80℃ 废水的热量，效率不低于 60%。"}
    made = provider.post("/api/v1/results", json=body)
    assert made.status_code == httpx.codes.CREATED, made.text
    code = str(made.json()["code"])
    for who, name in ((provider, "submit"), (moderator, "publish")):
        answer = who.post(f"/api/v1/results/{code}/{name}")
        assert answer.status_code == httpx.codes.OK, answer.text
    return code
