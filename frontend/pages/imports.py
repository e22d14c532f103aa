"""The import desk: bring a file, see what would become of it, decide, watch it being written, take it back."""

from dataclasses import dataclass, field
from typing import Any

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse, Response

from etl import imports
from etl.exports import MEDIA_TYPES
from etl.imports import desk, kinds, profiles, templates
from etl.imports.api import receive
from frontend.i18n import _
from frontend.pages import imports_words as words
from frontend.pages.imports_read import BatchPage, Listed, batch_page, listed, mended
from frontend.web import (
    Again,
    CurrentActor,
    FormErrors,
    PostedForm,
    ReadSession,
    TheMarket,
    form_errors,
    render,
    see_other,
)
from services.ground import batches
from services.ground.actor import Actor
from services.ground.errors import Conflict, DomainError, Forbidden, Invalid, NotFound, TooLarge
from services.ground.market import Market
from services.ground.permissions import may
from services.ground.web import access

pages = APIRouter()
SHOWN = 30
UPLOAD_LABELS = {"file": "文件", "kind": "种类", "owner": "单位编号"}


@dataclass
class StartPage:
    """Everything imports/start.html may use."""

    choices: list[tuple[str, str, str]]
    columns: list[tuple[str, str, list[tuple[str, bool, str]]]]
    kind: str
    batches: list[Listed]
    may_name_owner: bool
    limit_mb: int
    values: dict[str, str] = field(default_factory=dict)
    errors: FormErrors = field(default_factory=FormErrors)


@dataclass
class UndoPage:
    """Everything imports/undo.html may use."""

    code: str
    title: str
    count: int
    kind: str
    refused: str = ""


@pages.get("/import", **access("import.use"))
def start(request: Request, session: ReadSession, actor: CurrentActor, market: TheMarket) -> HTMLResponse:
    """Show what can be brought, what the columns are called, and one's batches."""
    return render(request, "imports/start.html", _start_page(session, actor, market, request.query_params.get("kind")))


@pages.post("/import", **access("import.use"))
def bring(request: Request, form: PostedForm, actor: CurrentActor, market: TheMarket) -> Response:
    """Take a file and leave it to the worker to check."""
    upload = form.file("file")
    kind = form.text("kind")
    try:
        if kind not in words.kinds_for(actor):
            raise Invalid("kind", "import_kind_missing")
        if upload is None:
            raise Invalid("file", "import_file_missing")
        options = imports.Options(owner=form.optional("owner"))
        code = receive(market, actor, kind, upload.file, upload.filename or "", options, state="checking")
    except (Invalid, TooLarge, NotFound) as error:
        wrong = error if isinstance(error, Invalid) else Invalid(_field_of(error), error.code, **error.params)
        with market.database.read() as session:
            page = _start_page(session, actor, market, kind)
        page.values, page.errors = form.values(), form_errors(wrong, UPLOAD_LABELS)
        status = error.status if isinstance(error, TooLarge) else 422
        raise Again(render(request, "imports/start.html", page, status)) from error
    return see_other(request, f"/import/{code}")


@pages.get("/import/templates/{name}", **access("import.use"))
def template(name: str) -> Response:
    """Give an empty table to fill in: results.xlsx, results.csv."""
    kind, _dot, ending = name.partition(".")
    makers = {"xlsx": templates.as_xlsx, "csv": templates.as_csv}
    if kind not in kinds.TAKERS or ending not in makers:
        raise NotFound("template", name[:40])
    return _download(makers[ending](kind), ending, f"{words.kind_name(kind)}{_('导入模板')}.{ending}")


@pages.get("/import/{code}", **access("import.use"))
def show(request: Request, code: str, session: ReadSession, actor: CurrentActor, market: TheMarket) -> HTMLResponse:
    """Show a batch: its progress, what stands in the way, and what can be decided now."""
    row = batches.seen(session, actor, code)
    page = batch_page(market, session, actor, row, request.query_params)
    return render(request, "imports/batch.html", page)


@pages.post("/import/{code}", **access("import.use"))
def decide(request: Request, code: str, form: PostedForm, actor: CurrentActor, market: TheMarket) -> Response:
    """Do what the pressed button says; a batch that has moved on meanwhile is shown as it is now."""
    moves: dict[str, Any] = {
        "write": _write,
        "remap": _remap,
        "stop": _stop,
        "remove": _remove,
        "profile": _profile,
        "use": _use,
        "new": _take,
        "same": _settle,
    }
    move = moves.get(form.action)
    if move is None:
        raise NotFound("batch", code)
    try:
        return see_other(request, *move(market, actor, code, form))
    except (Conflict, Invalid) as error:
        with market.database.read() as session:
            page: BatchPage = batch_page(market, session, actor, batches.seen(session, actor, code), {})
        wrong = error if isinstance(error, Invalid) else Invalid("", error.code, **error.params)
        page.errors = form_errors(wrong)
        raise Again(render(request, "imports/batch.html", page, error.status)) from error


@pages.get("/import/{code}/undo", **access("import.use"))
def ask_undo(request: Request, code: str, session: ReadSession, actor: CurrentActor) -> HTMLResponse:
    """Say what taking a batch back means, before it is done."""
    row = batches.seen(session, actor, code)
    batches.check_move(row, "undo")
    return render(request, "imports/undo.html", UndoPage(code, row.file_name, row.accepted, words.kind_name(row.kind)))


@pages.post("/import/{code}/undo", **access("import.use"))
def take_back(
    request: Request,
    code: str,
    form: PostedForm,  # noqa: ARG001 - the form is checked against forged ones
    actor: CurrentActor,
    market: TheMarket,
) -> Response:
    """Take a batch back."""
    try:
        count = imports.undo(market, actor, code)
    except Conflict as error:
        with market.database.read() as session:
            row = batches.seen(session, actor, code)
        why = form_errors(Invalid("", error.code, **error.params)).items[0].text
        page = UndoPage(code, row.file_name, row.accepted, words.kind_name(row.kind), why)
        raise Again(render(request, "imports/undo.html", page, error.status)) from error
    return see_other(request, f"/import/{code}", _("已撤回 %(n)s 条") % {"n": count})


@pages.get("/import/{code}/refused.{ending}", **access("import.use"))
def to_mend(code: str, ending: str, session: ReadSession, actor: CurrentActor, market: TheMarket) -> Response:
    """Give the rows that stayed out, in their sender's own columns with the reasons behind, to be mended and brought again."""
    if ending not in {"xlsx", "csv"}:
        raise NotFound("file", ending[:10])
    row = batches.seen(session, actor, code)
    return _download(mended(market, session, row, ending), ending, f"{code}-{_('要改的行')}.{ending}")


def _start_page(session: Any, actor: Actor, market: Market, kind: str | None) -> StartPage:
    offered = words.kinds_for(actor)
    if not offered:
        raise Forbidden("import.use")
    chosen = kind if kind in offered else offered[0]
    return StartPage(
        [(name, words.kind_name(name), _(words.KIND_NOTES[name])) for name in offered],
        [(name, words.kind_name(name), templates.explained(name)) for name in offered],
        chosen,
        listed(batches.listed(session, actor, limit=SHOWN)),
        bool({grant.role for grant in actor.grants} - {"member", "organisation_admin"}),
        market.settings.max_import_mb,
    )


def _field_of(error: DomainError) -> str:
    return "owner" if isinstance(error, NotFound) else "file"


def _write(market: Market, actor: Actor, code: str, form: Any) -> tuple[str, ...]:
    with market.database.write() as session:
        row = batches.seen(session, actor, code)
        if form.text("what") == "nothing":
            desk.give_up(session, actor, code)
            return (f"/import/{code}",)
        publish = form.ticked("publish") and may(actor, "listing.queue") if row.state == "checked" else None
        desk.write(session, actor, code, publish=publish)
    return (f"/import/{code}",)


def _remap(market: Market, actor: Actor, code: str, form: Any) -> tuple[str, ...]:
    with market.database.write() as session:
        row = batches.seen(session, actor, code)
        mapping = {}
        for place, (_letter, head, known) in enumerate(desk.columns(row)):
            chosen = form.text(f"column.{place}")
            if chosen and chosen != known:
                mapping[chosen] = head
        kept = {name: head for name, head in row.options["mapping"].items() if name not in mapping}
        desk.read_otherwise(session, actor, code, {"mapping": kept | mapping})
    return (f"/import/{code}",)


def _stop(market: Market, actor: Actor, code: str, _form: Any) -> tuple[str, ...]:
    with market.database.write() as session:
        desk.stop(session, actor, code)
    return (f"/import/{code}", _("停下了，什么都没有写出"))


def _remove(market: Market, actor: Actor, code: str, _form: Any) -> tuple[str, ...]:
    with market.database.write() as session:
        desk.give_up(session, actor, code)
    return (f"/import/{code}",)


def _profile(market: Market, actor: Actor, code: str, form: Any) -> tuple[str, ...]:
    name = form.text("profile")[:80]
    if not name:
        raise Invalid("profile", "missing")
    with market.database.write() as session:
        profiles.save(session, actor, batches.seen(session, actor, code), name)
    return (f"/import/{code}", _("已存为“%(n)s”，下次同样的表头会提示用它") % {"n": name})


def _use(market: Market, actor: Actor, code: str, form: Any) -> tuple[str, ...]:
    with market.database.write() as session:
        profiles.use(session, actor, code, form.text("profile"))
    return (f"/import/{code}",)


def _take(market: Market, actor: Actor, code: str, form: Any) -> tuple[str, ...]:
    with market.database.write() as session:
        made = desk.take_candidates(market, session, actor, code, _lines(form))
        return (f"/import/{made.code}",)


def _settle(market: Market, actor: Actor, code: str, form: Any) -> tuple[str, ...]:
    with market.database.write() as session:
        desk.settle(session, actor, code, _lines(form))
    return (f"/import/{code}", _("已记为同一份合同"))


def _lines(form: Any) -> list[int]:
    lines = [int(text) for text in form.texts("line") if text.isascii() and text.isdecimal() and len(text) < 10]
    if not lines:
        raise Invalid("line", "import_no_line")
    return lines


def _download(content: bytes, ending: str, name: str) -> Response:
    from urllib.parse import quote  # noqa: PLC0415 - only for downloads

    headers = {"Content-Disposition": f"attachment; filename*=UTF-8''{quote(name)}", "Cache-Control": "no-store"}
    return Response(content, media_type=MEDIA_TYPES[ending], headers=headers)
