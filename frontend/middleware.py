"""Around every answer: the headers that keep a browser safe, and the language of the page."""

from collections.abc import Awaitable, Callable, MutableMapping
from http.cookies import CookieError, SimpleCookie
from typing import Any

from starlette.responses import JSONResponse

from frontend.i18n import speaking
from frontend.problems import problem
from services.ground.errors import TooLarge

Scope = MutableMapping[str, Any]
Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
AsgiApp = Callable[[Scope, Receive, Send], Awaitable[None]]

CONTENT_SECURITY_POLICY = (
    "default-src 'self'; style-src 'self'; script-src 'self'; img-src 'self' data:; "
    "form-action 'self'; frame-ancestors 'none'; base-uri 'none'; object-src 'none'"
)
HEADERS = {
    "content-security-policy": CONTENT_SECURITY_POLICY,
    "x-content-type-options": "nosniff",
    "x-frame-options": "DENY",
    "referrer-policy": "same-origin",
    "permissions-policy": "camera=(), microphone=(), geolocation=(), browsing-topics=()",
    "cross-origin-opener-policy": "same-origin",
}
HSTS = ("strict-transport-security", "max-age=31536000")


class UploadLimit:
    """Pure ASGI middleware: a program that announces more bytes than are taken anywhere is told so before they are read.

    Pages see to it themselves, where they read the form, and answer with a page.
    """

    def __init__(self, app: AsgiApp, *, megabytes: int) -> None:
        self.app = app
        self.megabytes = megabytes

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer 413, or pass the request on."""
        if scope["type"] == "http" and scope["path"].startswith("/api/") and self._is_too_long(scope):
            answer = JSONResponse(
                problem(TooLarge(limit_mb=self.megabytes), 413), 413, media_type="application/problem+json"
            )
            await answer(scope, receive, send)
            return
        await self.app(scope, receive, send)

    def _is_too_long(self, scope: Scope) -> bool:
        length = dict(scope.get("headers", [])).get(b"content-length", b"")
        return bool(length.isdigit() and int(length) > self.megabytes << 20)


class PageHeaders:
    """Pure ASGI middleware; a header that an answer sets itself is left as it is."""

    def __init__(self, app: AsgiApp, *, https: bool = False) -> None:
        self.app = app
        self.headers = [(k.encode(), v.encode()) for k, v in (*HEADERS.items(), *([HSTS] if https else []))]

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on, in its language, and add the headers to the answer."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return

        async def with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = list(message.get("headers", []))
                there = {name.lower() for name, _value in headers}
                message["headers"] = headers + [item for item in self.headers if item[0] not in there]
            await send(message)

        with speaking(_language(scope)):
            await self.app(scope, receive, with_headers)


def _language(scope: Scope) -> str:
    for name, value in scope.get("headers", []):
        if name == b"cookie" and b"yaosu_language" in value:
            try:
                morsel = SimpleCookie(value.decode("latin-1")).get("yaosu_language")
            except CookieError:
                return "zh"
            return morsel.value if morsel else "zh"
    return "zh"
