"""Some pages of the market without its frame: the actor comes from the test, forms are sent as a browser sends them."""

import asyncio
import re
from collections.abc import Callable, Mapping, Sequence
from types import ModuleType
from typing import Any

import httpx
from fastapi import FastAPI, Request, Response
from fastapi.responses import PlainTextResponse

from frontend.web import Again
from services.ground.actor import Actor
from services.ground.errors import DomainError
from services.ground.market import Market


class Browser:
    """One person's browser: keeps cookies, sends forms with the token of the page they stand on."""

    def __init__(self, app: FastAPI, who: str) -> None:
        self.app, self.who, self.cookies = app, who, httpx.Cookies()

    def ask(self, method: str, url: str, **more: Any) -> httpx.Response:
        """Send one request and follow nothing."""

        async def go() -> httpx.Response:
            transport = httpx.ASGITransport(self.app)
            async with httpx.AsyncClient(transport=transport, base_url="http://market", cookies=self.cookies) as client:
                answer = await client.request(method, url, headers={"x-who": self.who}, **more)
                self.cookies = client.cookies
                return answer

        return asyncio.run(go())

    def get(self, url: str) -> httpx.Response:
        """Open a page."""
        return self.ask("GET", url)

    def send(self, url: str, page: str | None = None, files: Any = None, **fields: Any) -> httpx.Response:
        """Fill in the form that stands on `page` and send it to `url`."""
        html = self.get(page or url).text
        token = re.search(r'name="csrf" value="([^"]+)"', html)
        version = re.search(r'name="version" value="(\d*)"', html)
        assert token, f"{page or url} has no form"
        known = {"csrf": token[1]} | ({"version": version[1]} if version else {})
        return self.ask("POST", url, data=known | fields, files=files)


def browsers(market: Market, actors: Mapping[str, Actor], modules: Sequence[ModuleType]) -> Callable[[str], Browser]:
    """Assemble the pages of some modules, in the order of the application; give the browser of each actor by name."""
    app = FastAPI()
    app.state.market = market

    @app.middleware("http")
    async def who(request: Request, proceed: Callable[[Request], Any]) -> Response:
        request.state.actor = actors[request.headers["x-who"]]
        answer: Response = await proceed(request)
        return answer

    @app.exception_handler(Again)
    def again(_request: Request, error: Again) -> Response:
        return error.response

    @app.exception_handler(DomainError)
    def tell(_request: Request, error: DomainError) -> Response:
        return PlainTextResponse(error.code, error.status)

    for module in modules:
        app.include_router(module.pages)
    return lambda name: Browser(app, name)


def text_of(html: str) -> str:
    """Give what stands on a page without its marks."""
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", html))
