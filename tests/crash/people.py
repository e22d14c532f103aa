"""The people of a market under siege, made beside the running market as the operator's commands make them."""

import contextlib
from collections.abc import Iterator

import httpx

from services.accounts import service as accounts
from services.accounts import sessions
from services.accounts.schemas import OrganisationIn, TokenIn
from services.ground.actor import system_actor
from tests.crash.acts import People
from tests.running_market import RunningMarket

LOGINS = {
    "keeper": ("administrator", ["read", "listings:write", "admin"]),
    "moderator": ("moderator", ["read", "admin"]),
    "registrar": ("registrar", ["read", "contracts:register", "statistics:read"]),
    "second_registrar": ("registrar", ["read", "contracts:register"]),
    "bureau": ("bureau_officer", ["read", "statistics:read", "admin"]),
    "member": ("member", ["read", "listings:write", "deals:write", "contracts:write"]),
    "provider": ("member", ["read", "listings:write", "deals:write"]),
    "broker": ("broker", ["read", "deals:write"]),
}


def tokens_of(market: RunningMarket) -> tuple[dict[str, str], dict[str, str]]:
    """Make two organisations, an account for everybody and a token of each: (tokens by login, organisations by member)."""
    tokens, codes = {}, {}
    operator = system_actor("operator", "cli")
    with market.database() as database, database.write() as session:
        for login, name, kind in (("member", "演示受灾单位", "enterprise"), ("provider", "演示供方单位", "institute")):
            codes[login] = accounts.create_organisation(session, operator, OrganisationIn(name=name, kind=kind))
        for login, (role, scopes) in LOGINS.items():
            person = accounts.create_person(session, operator, login=login, password="a-long-password", name=login)
            organisation = codes[login].id if login in codes else None
            accounts.grant(session, operator, person, role, organisation)
            wanted = TokenIn(scopes=scopes, days=90, label="test")
            tokens[login] = sessions.create_token(session, operator, wanted, person_id=person).token
    return tokens, {login: made.code for login, made in codes.items()}


@contextlib.contextmanager
def open_people(market: RunningMarket) -> Iterator[People]:
    """Give everybody a client with a token of their own."""
    with contextlib.ExitStack() as stack:

        def client(token: str | None) -> httpx.Client:
            headers = {"Authorization": f"Bearer {token}"} if token else {}
            return stack.enter_context(httpx.Client(base_url=market.url, headers=headers, timeout=30))

        tokens, codes = tokens_of(market)
        clients = {name: client(token) for name, token in tokens.items() if name != "keeper"}
        clients["visitor"] = client(None)
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
