"""What every API route shares: sessions, who calls, what they may, pages of lists, versions, and repeated requests."""

import base64
import hashlib
import json
from collections.abc import Callable, Iterator
from typing import Annotated, Any, Generic, TypeVar

from fastapi import Depends, Header, Query, Request, Response, UploadFile
from pydantic import BaseModel, Field
from sqlmodel import Session

from services.ground.actor import ANONYMOUS, Actor
from services.ground.errors import BadRequest, Forbidden, Invalid, NotSignedIn
from services.ground.market import Market
from services.ground.permissions import POLICY, anyone

T = TypeVar("T")
MAX_LIMIT = 200


class ProblemField(BaseModel):
    """One field that cannot be taken."""

    field: str
    code: str
    message: str


class Problem(BaseModel):
    """An error as RFC 9457 writes it, with our stable code."""

    type: str = "about:blank"
    title: str
    status: int
    code: str
    detail: str = ""
    request: str = ""
    fields: list[ProblemField] = []
    params: dict[str, Any] = {}


class Page(BaseModel, Generic[T]):
    """A part of a list, and the cursor of the next part, or null at the end."""

    items: list[T]
    next: str | None = None


def market_of(request: Request) -> Market:
    """Give the market this process serves."""
    return request.app.state.market  # type: ignore[no-any-return]


def _read(request: Request) -> Iterator[Session]:
    with market_of(request).database.read() as session:
        yield session


def _write(request: Request) -> Iterator[Session]:
    # scope="function" below: the commit happens before the answer leaves, so "saved" is true when it is read.
    with market_of(request).database.write() as session:
        yield session


TheMarket = Annotated[Market, Depends(market_of)]


def address_of(request: Request) -> str:
    """Give the caller's address; X-Forwarded-For is believed only from a trusted proxy."""
    peer = request.client.host if request.client else ""
    trusted = {item.strip() for item in market_of(request).settings.trusted_proxies.split(",") if item.strip()}
    if peer in trusted:
        chain = [item.strip() for item in request.headers.get("x-forwarded-for", "").split(",") if item.strip()]
        return next((item for item in reversed(chain) if item not in trusted), peer)
    return peer


ReadSession = Annotated[Session, Depends(_read, scope="function")]
WriteSession = Annotated[Session, Depends(_write, scope="function")]


def current_actor(request: Request) -> Actor:
    """Say who calls. The middleware of the assembled application has looked at the session cookie or the token."""
    return getattr(request.state, "actor", ANONYMOUS)


CurrentActor = Annotated[Actor, Depends(current_actor)]


def _problem(status: int, description: str, code: str, **more: Any) -> dict[str, Any]:
    """Describe one kind of error, with an example as the application writes it."""
    example = {"type": "about:blank", "title": description, "status": status, "code": code, "detail": ""}
    example |= {"request": "605e21451f6c48bf", "fields": [], "params": {}, **more}
    schema = {"$ref": "#/components/schemas/Problem"}
    return {
        "description": description,
        "content": {"application/problem+json": {"schema": schema, "example": example}},
    }


PROBLEMS: dict[int | str, dict[str, Any]] = {
    400: _problem(400, "读不懂这个请求", "bad_request"),
    401: _problem(401, "需要登录或令牌", "not_signed_in"),
    403: _problem(403, "没有权限", "forbidden", params={"action": "deal.see"}),
    404: _problem(404, "没有这条记录", "not_found", params={"kind": "need", "record": "N-2026-000123"}),
    409: _problem(409, "现在不能这样做，或别人先做了", "move_not_possible", params={"state": "withdrawn"}),
    410: _problem(
        410, "已撤下", "gone", params={"kind": "need", "record": "N-2026-000123", "title": "锰渣里的锰怎么回收"}
    ),
    412: _problem(412, "别人先改过了", "stale_version", params={"current": "4", "expected": "3"}),
    413: _problem(413, "太大", "too_large", params={"limit_mb": "20"}),
    422: _problem(
        422, "有字段要改", "invalid", fields=[{"field": "title", "code": "missing", "message": "必填，不能空着"}]
    ),
    429: _problem(429, "太频繁", "too_many", params={"retry_after": "60"}),
    503: _problem(503, "暂时不可用", "unavailable", params={"part": "search"}),
}


def access(action: str, scope: str | None = None, *, look: bool = False) -> dict[str, Any]:
    """State who may call a route: `@router.get("/deals/{code}", **access("deal.see", "read"))`.

    Whether this actor may do it to *this* thing is asked in the service, which knows the thing; here an anonymous
    caller is stopped where the policy has no step for everybody, and a token without the scope is stopped always.
    `look` marks routes whose answer depends on the thing, so that visitors reach the service too. A route without
    these marks stops the application at its start.
    """
    steps, sentence = POLICY[action]
    open_to_all = look or any(step is anyone or step.__name__ == "is_public" for step in steps)

    def check(actor: CurrentActor) -> None:
        if actor.is_anonymous and not open_to_all:
            raise NotSignedIn
        if not actor.may_use(scope):
            raise Forbidden(action, "scope_missing", scope=scope)

    return {
        "dependencies": [Depends(check)],
        "responses": PROBLEMS,
        "openapi_extra": {
            "x-action": action,
            "x-scope": scope,
            "x-who": [step.__name__.rstrip("_") for step in steps],
            "x-policy": sentence,
        },
    }


Limit = Annotated[int, Query(ge=1, le=MAX_LIMIT, description="How many rows at most.")]
Cursor = Annotated[
    str | None, Query(max_length=400, description="The `next` of the part before; nothing else is understood.")
]


def encode_cursor(*values: Any) -> str:
    """Write the place in a list where the next part begins."""
    return base64.urlsafe_b64encode(json.dumps(values, default=str).encode()).decode().rstrip("=")


def decode_cursor(cursor: str | None, length: int) -> list[Any] | None:
    """Read a cursor of `length` values. Raises BadRequest for one that this list did not give."""
    if cursor is None:
        return None
    try:
        values = json.loads(base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)))
    except (ValueError, UnicodeDecodeError) as error:
        raise BadRequest("cursor_unknown") from error
    scalar = isinstance(values, list) and all(
        isinstance(v, str | int | float) and not isinstance(v, bool) for v in values
    )
    if not scalar or len(values) != length or any(isinstance(v, int) and abs(v) > 2**53 for v in values):
        raise BadRequest("cursor_unknown")
    return list(values)


def set_etag(response: Response, version: int) -> None:
    """Tell the version of a record in the ETag header."""
    response.headers["ETag"] = f'"{version}"'


def _if_match(
    if_match: Annotated[str | None, Header(description="The ETag last seen; another one answers 412.")] = None,
) -> int | None:
    if if_match is None or if_match.strip() == "*":
        return None
    text = if_match.strip().removeprefix("W/").strip('"')
    if not text.isdecimal() or len(text) > 9:
        raise BadRequest("if_match_unreadable")
    return int(text)


IfMatch = Annotated[int | None, Depends(_if_match)]


class IdempotencyKey(BaseModel):
    """A creating request that names itself, so that sending it twice creates once."""

    key: str = Field(max_length=120)
    fingerprint: str


async def _idempotency(
    request: Request,
    idempotency_key: Annotated[
        str | None, Header(max_length=120, description="Any text of yours; the same one creates only once.")
    ] = None,
) -> IdempotencyKey | None:
    if idempotency_key is None:
        return None
    if not idempotency_key.isprintable() or not idempotency_key.strip():
        raise Invalid("Idempotency-Key", "key_unreadable")
    body = await request.body()
    fingerprint = hashlib.sha256(
        b"\0".join([request.method.encode(), str(request.url.path).encode(), body])
    ).hexdigest()
    return IdempotencyKey(key=idempotency_key, fingerprint=fingerprint)


Idempotent = Annotated[IdempotencyKey | None, Depends(_idempotency)]


UploadKey = Annotated[
    str | None, Header(max_length=120, pattern=r"\S", description="Any text of yours; the same one uploads only once.")
]


def key_of_upload(key: str | None, file: UploadFile, *said: str) -> IdempotencyKey | None:
    """Name a repeated upload by what it says and holds: the body of a form differs each time by its boundary."""
    if key is None:
        return None
    content = hashlib.file_digest(file.file, "sha256").hexdigest()  # type: ignore[arg-type]
    file.file.seek(0)
    words = "\0".join((*said, file.filename or "", content))
    return IdempotencyKey(key=key, fingerprint=hashlib.sha256(words.encode()).hexdigest())


def once(session: Session, actor: Actor, key: IdempotencyKey | None, create: Callable[[], str]) -> tuple[str, bool]:
    """Create something, or give the code that the same key created before: (code, whether it is new).

    The key is written in the same transaction as the thing. Raises Conflict when the key came with another request.
    """
    from services.ground import idempotency  # noqa: PLC0415 - the table is needed only where a key is given

    if key is None:
        return create(), True
    return idempotency.once(session, actor, key.key, key.fingerprint, create)
