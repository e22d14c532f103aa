"""A migrated market inside the test, with browsers that keep cookies: for tests that set the clock or read the mail."""

import email
import email.policy
import functools
import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from anyio.from_thread import BlockingPortal, start_blocking_portal
from httpx import ASGITransport, AsyncClient, Response

from frontend.app import create_app
from frontend.opening import open_market
from frontend.schema import migrate
from services.accounts import service as accounts
from services.ground import outbox
from services.ground.actor import system_actor
from services.ground.settings import Settings

PASSWORD = "a-long-demo-password"
OPERATOR = system_actor("operator", "cli")


class Browser:
    """A browser: keeps cookies, sends the hidden fields of forms."""

    def __init__(self, client: AsyncClient, portal: BlockingPortal) -> None:
        self.client = client
        self._portal = portal

    def ask(self, method: str, path: str, **more: Any) -> Response:
        """Send one request and follow nothing."""
        return self._portal.call(functools.partial(self.client.request, method, path, **more))

    def get(self, path: str, **more: Any) -> Response:
        """Open a page, wherever it leads."""
        return self.ask("GET", path, follow_redirects=True, **more)

    def post(self, path: str, data: dict[str, Any], form: str | None = None, **more: Any) -> Response:
        """Open the page of the form (`form`, or the address itself), then send the form."""
        token = re.search(r'name="csrf" value="(\w+)"', self.get(form or path).text)
        return self.ask("POST", path, data={"csrf": token[1] if token else "", **data}, **more)

    def sign_in(self, name: str, password: str = PASSWORD) -> "Browser":
        answer = self.post("/login", {"login": name, "password": password})
        assert answer.status_code == 303, answer.text
        return self


class MarketHere:
    """The market, its pages and its mail folder."""

    def __init__(self, home: Path, **settings: Any) -> None:
        self.market = open_market(Settings(home=home, _env_file=None, **settings))
        migrate(self.market.database)
        self.app = create_app(self.market)
        self._clients: list[AsyncClient] = []
        self._closing = start_blocking_portal()
        self._portal = self._closing.__enter__()

    def browser(self, agent: str = "Mozilla/5.0 test") -> Browser:
        transport = ASGITransport(self.app, raise_app_exceptions=False)
        client = AsyncClient(transport=transport, base_url="http://127.0.0.1:8000", headers={"user-agent": agent})
        self._clients.append(client)
        return Browser(client, self._portal)

    def person(
        self,
        login: str,
        role: str = "organisation_admin",
        organisation: str | None = None,
        region: str | None = None,
        email: str | None = None,
    ) -> int:
        """Make a person with one role; an organisation is made by its name."""
        with self.market.database.write() as session:
            owner = accounts.claim_unverified(session, OPERATOR, organisation) if organisation else None
            person_id = accounts.create_person(
                session, OPERATOR, login=login, password=PASSWORD, name=f"演示{login}", email=email
            )
            accounts.grant(session, OPERATOR, person_id, role, owner, region)
        return person_id

    def drain(self) -> None:
        """Do what the outbox holds, as the background thread would."""
        outbox.drain_all(self.market.database, self.market)

    def mails(self) -> list[tuple[str, str, str]]:
        """Read all mails that went out: (to, subject, text)."""
        self.drain()
        found = []
        for path in sorted(
            (self.market.settings.home / "mail").glob("*.eml"), key=lambda item: item.stat().st_mtime_ns
        ):
            message = email.message_from_bytes(path.read_bytes(), policy=email.policy.default)
            body = message.get_body()
            found.append((message["To"], message["Subject"], body.get_content() if body else ""))
        return found

    def close(self) -> None:
        for client in self._clients:
            self._portal.call(client.aclose)
        self._closing.__exit__(None, None, None)
        self.market.close()


@contextmanager
def market_here(home: Path, **settings: Any) -> Iterator[MarketHere]:
    """Give a migrated market for the length of a block."""
    made = MarketHere(home, **settings)
    try:
        yield made
    finally:
        made.close()
