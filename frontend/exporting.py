"""Any list of the API as a file: `format=csv|xlsx|jsonl` and `fields=` on every address that answers {"items", "next"}.

The list itself is asked, part by part, as the caller: so a file holds exactly what is filtered and what this reader may
see, and a new list can be exported without a word about it here.
"""

import io
import json
import re
import tempfile
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, MutableMapping
from typing import Any, BinaryIO
from urllib.parse import parse_qsl, urlencode

from starlette.responses import JSONResponse

from etl.export_columns import columns_of, row_of
from etl.exports import MEDIA_TYPES, Writer, writer_of
from frontend.problems import problem
from services.ground import clock
from services.ground.errors import DomainError

LINK_KINDS = ("csv", "xlsx", "jsonl")
Scope = MutableMapping[str, Any]
Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
AsgiApp = Callable[[Scope, Receive, Send], Awaitable[None]]
PART = 100
"""Rows asked for at once: every list of the API gives as many."""
BLOCK = 1 << 16
Answer = tuple[int, list[tuple[bytes, bytes]], bytes]


class ListExports:
    """Pure ASGI middleware around the application: it sees `format=` and `fields=`, the list does not."""

    def __init__(self, app: AsgiApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer with a file or with fewer fields, or pass the request on."""
        asked = _asked(scope)
        if asked is None:
            await self.app(scope, receive, send)
            return
        kind, fields, rest = asked
        try:
            if kind != "json":
                writer_of(kind)
            status, headers, body = await self._part(scope, rest if kind == "json" else {**rest, "limit": str(PART)})
            found = _list_in(status, headers, body)
            if found is None:
                await _pass_on(send, (status, headers, body))
            elif kind == "json":
                await _pass_on(send, (status, headers, _fewer(found, fields)))
            else:
                await self._file(scope, send, kind, fields, rest, found)
        except DomainError as error:
            await JSONResponse(problem(error, error.status), error.status, media_type="application/problem+json")(
                scope, receive, send
            )

    async def _file(
        self, scope: Scope, send: Send, kind: str, fields: list[str], rest: Mapping[str, str], first: dict[str, Any]
    ) -> None:
        columns = columns_of(kind, first["items"], fields)
        named = _name(scope, kind)
        started = False
        async for block in self._blocks(scope, kind, columns, rest, first):
            if not started:
                await send({"type": "http.response.start", "status": 200, "headers": named})
                started = True
            await send({"type": "http.response.body", "body": block, "more_body": True})
        await send({"type": "http.response.body", "body": b""})

    async def _blocks(
        self, scope: Scope, kind: str, columns: Mapping[str, str], rest: Mapping[str, str], part: dict[str, Any]
    ) -> AsyncIterator[bytes]:
        """Write part after part. csv and jsonl leave at once; a workbook is put together on the disk first."""
        with _target(kind) as out:
            writer = writer_of(kind)(columns, out)
            async for rows in self._parts(scope, rest, part):
                _add(writer, kind, rows, columns)
                if kind != "xlsx":
                    yield _taken(out)
            writer.close()
            out.seek(0)
            while block := out.read(BLOCK):
                yield block

    async def _parts(
        self, scope: Scope, rest: Mapping[str, str], part: dict[str, Any]
    ) -> AsyncIterator[list[dict[str, Any]]]:
        while True:
            yield part["items"]
            if not part.get("next"):
                return
            asked = {**{k: v for k, v in rest.items() if k != "page"}, "limit": str(PART), "cursor": part["next"]}
            following = _list_in(*await self._part(scope, asked))
            if following is None:
                # The answer has begun; breaking it off is the only honest way to say that it is not whole.
                raise ConnectionError("a part of the list could not be read")
            part = following

    async def _part(self, scope: Scope, query: Mapping[str, Any]) -> Answer:
        """Ask the list itself, as the caller, for one part."""
        inner = {**scope, "query_string": urlencode(query, doseq=True).encode(), "state": dict(scope.get("state", {}))}
        status, headers, body = 500, [], bytearray()

        async def receive() -> Message:
            return {"type": "http.request", "body": b"", "more_body": False}

        async def send(message: Message) -> None:
            nonlocal status, headers
            if message["type"] == "http.response.start":
                status, headers = message["status"], list(message.get("headers", []))
            else:
                body.extend(message.get("body", b""))

        await self.app(inner, receive, send)
        return status, headers, bytes(body)


def describe(schema: dict[str, Any]) -> None:
    """Say in the description of the API that every list in parts takes `format=` and `fields=`."""
    schemas = schema["components"]["schemas"]
    for path, operations in schema["paths"].items():
        answer = operations.get("get", {}).get("responses", {}).get("200", {})
        content = answer.get("content", {})
        reference = content.get("application/json", {}).get("schema", {}).get("$ref", "")
        fields = schemas.get(reference.rpartition("/")[2], {}).get("properties", {})
        if not path.startswith("/api/v1/") or not {"items", "next"} <= fields.keys():
            continue
        operations["get"].setdefault("parameters", []).extend(PARAMETERS)
        _promise_no_field(schemas, fields["items"]["items"])
        for kind in LINK_KINDS:
            media_type = MEDIA_TYPES[kind].partition(";")[0]
            content[media_type] = {"schema": {"type": "string", "format": "binary"}}


def _promise_no_field(schemas: dict[str, Any], items: dict[str, Any]) -> None:
    """Describe the records of a list as those of which `fields=` may leave any field out."""
    whole = items.get("$ref", "").rpartition("/")[2]
    if whole in schemas and not whole.endswith("InList"):
        part = f"{whole}InList"
        schemas[part] = {key: value for key, value in schemas[whole].items() if key != "required"} | {"title": part}
        items["$ref"] = f"#/components/schemas/{part}"


PARAMETERS: list[dict[str, Any]] = [
    {
        "name": "format",
        "in": "query",
        "required": False,
        "description": "json（默认），或整张清单一个文件：csv、xlsx、jsonl；筛选什么就导出什么。",
        "schema": {"type": "string", "enum": ["json", *LINK_KINDS]},
    },
    {
        "name": "fields",
        "in": "query",
        "required": False,
        "description": "只要这些字段，用逗号隔开。",
        "schema": {"type": "string", "maxLength": 1000},
        "example": "code,title,state",
    },
]


def _asked(scope: Scope) -> tuple[str, list[str], dict[str, Any]] | None:
    """Read what is wanted: (kind of file or json, fields, the other parameters); None for a request that is none of ours."""
    if scope["type"] != "http" or scope["method"] != "GET" or not scope["path"].startswith("/api/v1/"):
        return None
    pairs = parse_qsl(scope["query_string"].decode("latin-1"), keep_blank_values=True)
    wanted = dict(pairs)
    if "format" not in wanted and "fields" not in wanted:
        return None
    fields = [name for name in wanted.get("fields", "").split(",") if name]
    rest: dict[str, Any] = {}
    for name, value in pairs:
        if name not in {"format", "fields"}:
            rest.setdefault(name, []).append(value)
    kind = wanted.get("format") or "json"
    if kind != "json":
        rest = {name: value for name, value in rest.items() if name not in {"limit", "cursor", "page"}}
    return kind, fields, rest


def _list_in(status: int, headers: list[tuple[bytes, bytes]], body: bytes) -> dict[str, Any] | None:
    """Read a list in an answer; None for an error, a file and a single record."""
    kind = dict(headers).get(b"content-type", b"")
    if status != 200 or not kind.startswith(b"application/json"):  # noqa: PLR2004, RUF100
        return None
    found = json.loads(body)
    is_list = isinstance(found, dict) and isinstance(found.get("items"), list)
    return found if is_list and all(isinstance(item, dict) for item in found["items"]) else None


def _fewer(found: dict[str, Any], fields: list[str]) -> bytes:
    columns_of("jsonl", found["items"], fields)
    items = [{name: item.get(name) for name in fields or item} for item in found["items"]]
    return json.dumps({**found, "items": items}, ensure_ascii=False).encode()


async def _pass_on(send: Send, answer: Answer) -> None:
    status, headers, body = answer
    kept = [(name, value) for name, value in headers if name.lower() != b"content-length"]
    kept.append((b"content-length", str(len(body)).encode()))
    await send({"type": "http.response.start", "status": status, "headers": kept})
    await send({"type": "http.response.body", "body": body})


def _name(scope: Scope, kind: str) -> list[tuple[bytes, bytes]]:
    stem = re.sub(r"[^a-z0-9]+", "-", scope["path"].removeprefix("/api/v1/").lower()).strip("-") or "list"
    disposition = f'attachment; filename="{stem}-{clock.today().isoformat()}.{kind}"'
    return [
        (b"content-type", MEDIA_TYPES[kind].encode()),
        (b"content-disposition", disposition.encode()),
        (b"cache-control", b"no-store"),
    ]


def _target(kind: str) -> BinaryIO:
    return tempfile.TemporaryFile() if kind == "xlsx" else io.BytesIO()


def _add(writer: Writer, kind: str, rows: list[dict[str, Any]], columns: Mapping[str, str]) -> None:
    writer.add(rows if kind == "jsonl" else (row_of(item, columns) for item in rows))


def _taken(out: BinaryIO) -> bytes:
    out.seek(0)
    block = out.read()
    out.seek(0)
    out.truncate()
    return block
