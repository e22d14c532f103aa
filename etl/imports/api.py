"""Routes of imports: bring a file, look at what would become of it, let it be written, take it back."""

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any, BinaryIO, Literal

from fastapi import APIRouter, File, Form, Query, Response, UploadFile
from fastapi import Path as InPath
from pydantic import BaseModel, ConfigDict

from etl import imports
from etl.imports import desk, profiles
from services.ground import batches
from services.ground.actor import Actor
from services.ground.batches import ImportBatch, ImportFault
from services.ground.errors import FieldError, Forbidden, Invalid, TooLarge
from services.ground.files import safe_name
from services.ground.market import Market
from services.ground.web import (
    CurrentActor,
    Cursor,
    Limit,
    Page,
    ReadSession,
    TheMarket,
    WriteSession,
    access,
    decode_cursor,
    encode_cursor,
)

router = APIRouter(prefix="/api/v1/imports", tags=["imports"])
COPY_BLOCK = 1 << 20
SCOPES = {"contracts": "contracts:write"}
Code = Annotated[str, InPath(max_length=20, examples=["B-2026-000001"])]


class Kind(StrEnum):
    """What can be imported."""

    needs = "needs"
    results = "results"
    patents = "patents"
    experts = "experts"
    organisations = "organisations"
    contracts = "contracts"


class BatchOut(BaseModel):
    """A batch: how far it has come, and what became of its rows so far."""

    model_config = ConfigDict(
        json_schema_extra={
            "example": {
                "code": "B-2026-000001",
                "title": "成果.xlsx",
                "state": "checked",
                "url": "/import/B-2026-000001",
                "kind": "results",
                "rows": 1284,
                "done": 1284,
                "accepted": 1243,
                "unchanged": 12,
                "refused": 29,
                "warnings": 7,
                "error": "",
                "created_at": "2026-03-12T02:18:00Z",
                "finished_at": None,
            }
        }
    )
    code: str
    title: str
    state: str
    """checking, checked, writing, stopped, removing, done, refused, removed or undone."""
    url: str
    kind: str
    rows: int
    done: int
    accepted: int
    unchanged: int
    refused: int
    warnings: int
    error: str
    created_at: datetime
    finished_at: datetime | None


class FaultOut(BaseModel):
    """One finding: a cell that kept its row out, that somebody should look at, or a row that may be a known contract."""

    severity: Literal["refused", "warning", "candidate"]
    sheet: str
    row: int
    column: str
    letter: str
    field: str
    value: str
    reason: str
    params: dict[str, Any]


class UndoneOut(BaseModel):
    """How many records were taken back."""

    code: str
    count: int


def out(row: ImportBatch) -> BatchOut:
    """Show a batch."""
    names = [name for name in BatchOut.model_fields if name not in {"title", "url"}]
    values = {name: getattr(row, name) for name in names}
    return BatchOut(title=row.file_name, url=f"/import/{row.code}", **values)


def fault_out(row: ImportFault) -> FaultOut:
    """Show a finding."""
    names = [name for name in FaultOut.model_fields if name != "reason"]
    return FaultOut(reason=row.code, **{name: getattr(row, name) for name in names})


def receive(
    market: Market, actor: Actor, kind: str, upload: BinaryIO, name: str, options: imports.Options, *, state: str
) -> str:
    """Copy an upload and leave it to the worker; return the code of its batch. Raises TooLarge, Invalid."""
    scope = SCOPES.get(kind, "listings:write")
    if not actor.may_use(scope):
        raise Forbidden("import.use", "scope_missing", scope=scope)
    with _on_disk(market, upload) as path:
        return imports.receive(market, actor, kind, path, safe_name(name or "file"), options, state=state, later=True)


@router.post("", status_code=202, summary="上传一个文件", **access("import.use"))
def create_import(
    *,
    kind: Annotated[Kind, Form(description="What the rows are.")],
    file: Annotated[UploadFile, File(description="xlsx, xls, csv or jsonl.")],
    owner: Annotated[str | None, Form(max_length=20, description="Code of the owner of rows without one.")] = None,
    map: Annotated[list[str] | None, Form(description="OURS=THEIRS, once per column.")] = None,
    profile: Annotated[str, Form(max_length=80, description="A kept mapping; `map` goes before it.")] = "",
    publish: Annotated[bool, Form(description="Publish at once; for those who moderate.")] = False,
    all_or_nothing: Annotated[bool, Form(description="One refused row keeps all out.")] = False,
    write: Annotated[bool, Form(description="Write after looking, without asking again.")] = False,
    actor: CurrentActor,
    market: TheMarket,
    response: Response,
) -> BatchOut:
    """Bring a file. It is checked row by row; then it waits for `write`, unless `write` was said at once."""
    mapping = _pairs(map or [])
    if profile:
        with market.database.read() as session:
            mapping = profiles.named(session, actor, kind.value, profile) | mapping
    options = imports.Options(mapping, owner or None, publish, all_or_nothing)
    state = "writing" if write else "checking"
    code = receive(market, actor, kind.value, file.file, file.filename or "", options, state=state)
    response.headers["Location"] = f"/api/v1/imports/{code}"
    with market.database.read() as session:
        return out(batches.find(session, code))


@router.get("", summary="导入批次", **access("import.use", "read"))
def list_imports(session: ReadSession, actor: CurrentActor, limit: Limit = 50, cursor: Cursor = None) -> Page[BatchOut]:
    """List one's own batches, newest first; an administrator sees all."""
    place = decode_cursor(cursor, 1)
    before = int(place[0]) if place and isinstance(place[0], int) and place[0] > 0 else 0
    rows = batches.listed(session, actor, before=before, limit=limit + 1)
    more = encode_cursor(rows[limit - 1].id) if len(rows) > limit else None
    return Page(items=[out(row) for row in rows[:limit]], next=more)


@router.get("/{code}", summary="一个批次", **access("import.use", "read"))
def get_import(code: Code, session: ReadSession, actor: CurrentActor) -> BatchOut:
    """Show how far a batch has come."""
    return out(batches.seen(session, actor, code))


@router.get("/{code}/findings", summary="要看的格子", **access("import.use", "read"))
def list_findings(
    code: Code,
    session: ReadSession,
    actor: CurrentActor,
    severity: Annotated[Literal["refused", "warning", "candidate"] | None, Query()] = None,
    limit: Limit = 50,
    cursor: Cursor = None,
) -> Page[FaultOut]:
    """List every cell that somebody has to look at, in the order of the rows."""
    batches.seen(session, actor, code)
    place = decode_cursor(cursor, 1)
    after = int(place[0]) if place and isinstance(place[0], int) else 0
    rows = batches.faults(session, code, severity=severity, after=after, limit=limit + 1)
    more = encode_cursor(rows[limit - 1].id) if len(rows) > limit else None
    return Page(items=[fault_out(row) for row in rows[:limit]], next=more)


@router.post("/{code}/write", summary="写入，或接着写", **access("import.use"))
def write_import(code: Code, session: WriteSession, actor: CurrentActor) -> BatchOut:
    """Let a checked batch be written, or a stopped one go on."""
    return out(desk.write(session, actor, code))


@router.post("/{code}/stop", summary="停下", **access("import.use"))
def stop_import(code: Code, session: WriteSession, actor: CurrentActor) -> BatchOut:
    """Let a batch stand where it is; nothing of it is visible, and it can go on or be removed."""
    return out(desk.stop(session, actor, code))


@router.post("/{code}/remove", summary="停下并全部退回", **access("import.use"))
def remove_import(code: Code, session: WriteSession, actor: CurrentActor) -> BatchOut:
    """Take back all that an unfinished batch has written."""
    return out(desk.give_up(session, actor, code))


@router.post("/{code}/undo", summary="整批撤回", **access("import.use"))
def undo_import(code: Code, actor: CurrentActor, market: TheMarket) -> UndoneOut:
    """Take a finished batch back, as long as no deal, contract or edit depends on it."""
    return UndoneOut(code=code, count=imports.undo(market, actor, code))


def _pairs(items: list[str]) -> dict[str, str]:
    wrong = [item for item in items if "=" not in item]
    if wrong:
        raise Invalid([FieldError("map", "import_map_form", {"value": wrong[0][:40]})])
    return {ours.strip(): theirs.strip() for ours, _sign, theirs in (item.partition("=") for item in items)}


@contextmanager
def _on_disk(market: Market, upload: BinaryIO) -> Iterator[Path]:
    """Lay an upload down as a file for as long as it is read."""
    limit = market.settings.max_import_mb << 20
    size = 0
    with tempfile.NamedTemporaryFile(prefix="yaosu-import-") as target:
        while block := upload.read(COPY_BLOCK):
            size += len(block)
            if size > limit:
                raise TooLarge(limit_mb=limit >> 20)
            target.write(block)
        target.flush()
        yield Path(target.name)
