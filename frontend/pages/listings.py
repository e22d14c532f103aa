"""Writing needs and results, one's own desk, and the moderators' queue."""

from dataclasses import dataclass, field
from typing import Any

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse, Response

from frontend.forms import Form
from frontend.i18n import N_, _
from frontend.pages.public import NOUNS, Row, row_of
from frontend.web import (
    Again,
    CurrentActor,
    FormErrors,
    PostedForm,
    ReadSession,
    WriteSession,
    build,
    form_errors,
    render,
    see_other,
)
from services.ground import money, reference, regions
from services.ground.errors import Conflict, Invalid, NotFound, StaleVersion
from services.ground.web import access
from services.listings import service
from services.listings.schemas import ListingIn, ListingView
from services.matching.rules import LABELS

pages = APIRouter()
TEXTS = ("title", "summary", "body", "chain", "subfield", "region_code", "maturity", "deadline", "owner")
HIDEABLE = ("budget", "owner")
ROW_FIELDS = ("name", "comparison", "low", "high", "unit", "method", "present")
COMPARISONS = [
    ("ge", "≥"),
    ("le", "≤"),
    ("between", N_("区间")),
    ("eq", "="),
    ("approx", N_("约")),
    ("tolerance", "±"),
    ("gt", ">"),
    ("lt", "<"),
]
FIELD_LABELS = {
    "title": "标题",
    "summary": "一句话",
    "body": "说明",
    "chain": "创新链",
    "subfield": "细分领域",
    "region_code": "县市区",
    "maturity": "成熟度",
    "deadline": "期限",
    "budget_low_fen": "预算下限",
    "budget_high_fen": "预算上限",
    "owner": "单位编号",
    "parameters.*.name": "第 {n} 行指标的名称",
    "parameters.*.low": "第 {n} 行指标的下限",
    "parameters.*.high": "第 {n} 行指标的上限",
}


@dataclass
class EditPage:
    """Everything listings/edit.html may use."""

    noun: str
    kind: str
    code: str
    version: str
    values: dict[str, str]
    rows: list[dict[str, str]]
    cooperation: list[str]
    choices: dict[str, list[tuple[str, str]]]
    stale: ListingView | None = None
    errors: FormErrors = field(default_factory=FormErrors)


@dataclass
class DeskPage:
    """Everything listings/desk.html may use."""

    groups: list[tuple[str, list[Row]]]
    may_write: bool


@dataclass
class ModerationPage:
    """Everything listings/moderation.html may use."""

    queue: list[ListingView]
    errors: FormErrors = field(default_factory=FormErrors)


def _new(kind: str, noun: str) -> Any:
    def show(request: Request) -> HTMLResponse:
        page = EditPage(noun, kind, "", "", {}, [{} for _row in range(3)], [], _choices())
        return render(request, "listings/edit.html", page)

    return show


def _edit(kind: str, noun: str) -> Any:
    def show(request: Request, code: str, session: ReadSession, actor: CurrentActor) -> HTMLResponse:
        record = service.get_for_editing(session, actor, code)
        if record.kind != kind:
            raise NotFound(kind, code)
        rows = [
            {name: _plain(getattr(row, name)) for name in ROW_FIELDS} | {"must": "1" if row.must else ""}
            for row in record.parameters
        ]
        values = {name: _plain(getattr(record, name, "")) for name in TEXTS}
        for name in ("budget_low", "budget_high"):
            amount = getattr(record, f"{name}_fen")
            values[name] = money.wan(amount).replace(",", "") if amount is not None else ""
        values |= {f"hide_{name}": "1" for name in HIDEABLE if name in record.levels}
        page = EditPage(noun, kind, code, str(record.version), values, [*rows, {}, {}], record.cooperation, _choices())
        return render(request, "listings/edit.html", page)

    return show


def _save(kind: str, noun: str) -> Any:
    def save(
        request: Request, form: PostedForm, session: WriteSession, actor: CurrentActor, code: str = ""
    ) -> Response:
        if form.action == "row":
            raise Again(render(request, "listings/edit.html", _kept(form, kind, noun, code, extra=1)))
        try:
            kept = service.get_visible(session, actor, code, working=True) if code else None
            data = build(ListingIn, _values(form, kind, kept))
            out = (
                service.edit(session, actor, code, data, form.version())
                if code
                else service.create(session, actor, data)
            )
            if form.action == "submit":
                service.submit(session, actor, out.code)
        except Invalid as error:
            page = _kept(form, kind, noun, code, errors=form_errors(error, FIELD_LABELS))
            raise Again(render(request, "listings/edit.html", page, 422)) from error
        except StaleVersion as error:
            page = _kept(form, kind, noun, code)
            page.stale, page.version = (
                service.get_visible(session, actor, code, working=True),
                str(error.params["current"]),
            )
            raise Again(render(request, "listings/edit.html", page, 412)) from error
        said = _("已提交审核") if form.action == "submit" else _("已存为草稿")
        return see_other(request, out.url, said)

    return save


for _noun, _kind in (("needs", "need"), ("results", "result")):
    pages.add_api_route(f"/{_noun}/new", _new(_kind, _noun), methods=["GET"], **access("account.use"))
    pages.add_api_route(f"/{_noun}/new", _save(_kind, _noun), methods=["POST"], **access("account.use"))
    pages.add_api_route(f"/{_noun}/{{code}}/edit", _edit(_kind, _noun), methods=["GET"], **access("listing.edit"))
    pages.add_api_route(f"/{_noun}/{{code}}/edit", _save(_kind, _noun), methods=["POST"], **access("listing.edit"))


@pages.get("/desk", **access("account.use"))
def desk(request: Request, session: ReadSession, actor: CurrentActor) -> HTMLResponse:
    """Show what is one's own, by how far it has come."""
    groups: dict[str, list[Row]] = {}
    for organisation_id in sorted(actor.organisation_ids):
        for kind in NOUNS.values():
            for view in service.list_listings(session, actor, kind, owner_id=organisation_id, limit=200):
                groups.setdefault(view.state, []).append(row_of(view))
    names = {
        "returned": _("退回，等您修改"),
        "draft": _("草稿"),
        "submitted": _("等审核"),
        "published": _("已发布"),
        "expired": _("已过期"),
        "fulfilled": _("已解决"),
        "withdrawn": _("已撤下"),
    }
    shown = [(names[state], groups[state]) for state in names if state in groups]
    return render(request, "listings/desk.html", DeskPage(shown, bool(actor.organisation_ids)))


@pages.get("/moderation", **access("listing.queue"))
def moderation(request: Request, session: ReadSession, actor: CurrentActor) -> HTMLResponse:
    """Show what waits for a decision, oldest first."""
    return render(request, "listings/moderation.html", ModerationPage(service.queue(session, actor)))


@pages.post("/moderation/{code}", **access("listing.moderate"))
def decide(request: Request, code: str, form: PostedForm, session: WriteSession, actor: CurrentActor) -> Response:
    """Publish, or return with reasons."""
    try:
        if form.action == "publish":
            service.publish(session, actor, code)
            return see_other(request, "/moderation", _("%(c)s 已发布") % {"c": code})
        service.return_with_reasons(session, actor, code, form.text("reasons"))
    except Invalid as error:
        page = ModerationPage(service.queue(session, actor), form_errors(error, {"reasons": "退回原因"}))
        raise Again(render(request, "listings/moderation.html", page, 422)) from error
    return see_other(request, "/moderation", _("%(c)s 已退回") % {"c": code})


@pages.post("/listings/{code}/{move}", **access("listing.edit"))
def move(
    request: Request, code: str, move: str, form: PostedForm, session: WriteSession, actor: CurrentActor
) -> Response:
    """Submit, confirm, fulfil or withdraw a record of one's own."""
    moves = {"submit": service.submit, "confirm": service.confirm, "fulfil": service.fulfil}
    if move == "withdraw":
        service.withdraw(session, actor, code, form.text("reasons"))
        return see_other(request, "/desk", _("已撤下"))
    if move not in moves:
        raise Conflict("move_not_possible", record=code, move=move, state="")
    out = moves[move](session, actor, code)
    return see_other(request, out.url, _("已办好"))


def _choices() -> dict[str, list[tuple[str, str]]]:
    return {
        "chain": [(e.code, e.name) for e in reference.entries(None, "chain")],
        "subfield": [(e.code, f"{e.code} {e.name}") for e in reference.entries(None, "subfield")],
        "region_code": [(e.code, e.name) for e in regions.home_counties()],
        "maturity": [(str(n), str(n)) for n in range(1, 10)],
        "cooperation": list(LABELS["cooperation"].items()),
        "comparison": [(code, _(text)) for code, text in COMPARISONS],
    }


def _plain(value: Any) -> str:
    return "" if value is None else (f"{value:g}" if isinstance(value, float) else str(value))


def _rows(form: Form) -> list[dict[str, str]]:
    count = int(form.text("rows")) if form.text("rows").isdecimal() and len(form.text("rows")) < 3 else 0
    return [
        {name: form.text(f"parameters.{i}.{name}") for name in (*ROW_FIELDS, "must")} for i in range(min(count, 40))
    ]


def _values(form: Form, kind: str, kept: ListingView | None) -> dict[str, Any]:
    """Read the form; what it does not show of the record being edited stays as it is."""
    values: dict[str, Any] = {name: form.text(name) or None for name in TEXTS if form.text(name)}
    values |= {"kind": kind, "title": form.text("title"), "cooperation": form.texts("cooperation")}
    for name in ("budget_low", "budget_high"):
        if text := form.text(name):
            try:
                values[f"{name}_fen"] = money.parse(text, "万元")
            except ValueError as error:
                raise Invalid(f"{name}_fen", "amount_unreadable", value=text[:40]) from error
    rows = [row for row in _rows(form) if any(value for name, value in row.items() if name != "comparison")]
    values["parameters"] = [
        {
            **{k: v for k, v in row.items() if v and k not in {"low", "high", "must"}},
            "name": row["name"],
            "must": bool(row["must"]),
            "low": row["low"] or None,
            "high": row["high"] or None,
        }
        for row in rows
    ]
    before = kept.levels if kept else {}
    values["levels"] = {name: level for name, level in before.items() if name not in HIDEABLE} | {
        name: before.get(name, "after_contact") for name in HIDEABLE if form.ticked(f"hide_{name}")
    }
    if kept:
        values |= {"details": kept.details, "number": kept.number}
    if entry := reference.find("subfield", values.get("subfield")):
        values["chain"] = entry.parent
    elif kept and kept.chain and not kept.subfield:
        values["chain"] = kept.chain
    return values


def _kept(form: Form, kind: str, noun: str, code: str, *, extra: int = 0, errors: FormErrors | None = None) -> EditPage:
    rows = _rows(form) + [{} for _row in range(extra)]
    values = {name: form.text(name) for name in (*TEXTS, "budget_low", "budget_high", "hide_budget", "hide_owner")}
    return EditPage(
        noun,
        kind,
        code,
        form.text("version"),
        values,
        rows,
        form.texts("cooperation"),
        _choices(),
        errors=errors or FormErrors(),
    )
