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
    "member": ("member", ["read", "listings:write", "contracts:write"]),
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
        made = keeper.post("/api/v1/organisations", json={"name": "演示受灾单位", "kind": "enterprise"})
        assert made.status_code == httpx.codes.CREATED, made.text
        owner = made.json()["code"]
        clients = {"visitor": client(None)}
        for name in ("moderator", "registrar", "second_registrar", "member"):
            more = ["--organisation", owner] if name == "member" else []
            clients[name] = client(token_of(market, name, *LOGINS[name], *more))
        yield People(owner=owner, **clients)
