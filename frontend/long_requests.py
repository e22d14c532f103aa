"""Requests that are too long: told so (413), before anything of them is understood."""

import json
import sys
from typing import Any

import h11
from starlette.exceptions import HTTPException
from uvicorn.protocols.http.h11_impl import H11Protocol

from frontend import texts
from frontend.middleware import AsgiApp, Message, Receive, Scope, Send
from services.ground.errors import TooLarge

LONGEST_HEAD = 512 * 1024
"""Bytes of address and headers together: 20,000 Han characters in an address are 180,000."""
LONGEST_JSON = 4 * 1024 * 1024
"""Bytes of a body that is no form; the longest description of a record is a hundredth of that."""
TOO_LONG = 431
"""What h11 calls a head that never ends."""


class Protocol(H11Protocol):
    """uvicorn's protocol, which answers a head that is too long with 413 and our words instead of a bare 400."""

    def send_400_response(self, msg: str) -> None:
        """Answer what h11 could not read."""
        error = sys.exc_info()[1]
        if not (isinstance(error, h11.RemoteProtocolError) and error.error_status_hint == TOO_LONG):
            super().send_400_response(msg)
            return
        body = json.dumps(
            {"type": "about:blank", "title": texts.message_of(TooLarge()), "status": 413, "code": TooLarge.code},
            ensure_ascii=False,
        ).encode()
        headers = [
            (b"content-type", b"application/problem+json; charset=utf-8"),
            (b"content-length", str(len(body)).encode()),
            (b"connection", b"close"),
        ]
        for event in (
            h11.Response(status_code=413, headers=headers, reason=b"Content Too Large"),
            h11.Data(data=body),
            h11.EndOfMessage(),
        ):
            self.transport.write(self.conn.send(event) or b"")
        self.transport.close()


class BodyLimit:
    """Pure ASGI middleware: a body is read up to a limit, JSON to a small one, forms to that of uploads (settings).

    The bytes are counted as they come: a body sent in chunks announces no length.
    """

    def __init__(self, app: AsgiApp, *, megabytes: int, limit: int = LONGEST_JSON) -> None:
        self.app = app
        self.limit = limit
        self.form_limit = megabytes << 20

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Count what is read, and stop reading beyond the limit."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        is_form = _header(scope, b"content-type").startswith((b"multipart/", b"application/x-www"))
        limit, seen = self.form_limit if is_form else self.limit, 0
        told = _header(scope, b"content-length")

        async def counted() -> Message:
            nonlocal seen
            if told.isdigit() and int(told[:15]) > limit:
                raise HTTPException(413)
            message = await receive()
            seen += len(message.get("body", b""))
            if seen > limit:
                raise HTTPException(413)
            return message

        await self.app(scope, counted, send)


def _header(scope: Scope, name: bytes) -> bytes:
    return next((value for key, value in _headers(scope) if key == name), b"")


def _headers(scope: Scope) -> list[tuple[bytes, bytes]]:
    headers: Any = scope.get("headers", [])
    return list(headers)
