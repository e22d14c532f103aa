"""Writing patents and experts."""

import secrets
from dataclasses import dataclass, field
from typing import Any

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse, Response
from sqlmodel import Session

from frontend import clinic_view, listing_forms
from frontend.forms import Form
from frontend.i18n import N_, _
from frontend.pages.clinic import KEPT_BY_BROWSER
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
from services.ground import idempotency, reference
from services.ground.actor import Actor
from services.ground.errors import Invalid, NotFound, StaleVersion
from services.ground.web import access
from services.listings import service
from services.listings.schemas import ListingIn, ListingView
from services.matching.rules import LABELS

pages = APIRouter()
TEXTS = ("title", "summary", "body", "subfield", "region_code")
PATENT_KINDS = {"invention": N_("发明"), "utility": N_("实用新型"), "design": N_("外观设计")}
FIELDS = {
    "patent": ("kind", "legal_status", "application_date", "grant_date", "expires_on", "ipc"),
    "expert": ("position", "fields", "keywords"),
}
"""What only one kind of record has; it lies in the details."""
LISTS = {"ipc", "keywords"}
DATES = {"application_date", "grant_date", "expires_on"}
HEADS = {
    ("patent", True): N_("修改专利"),
    ("patent", False): N_("登记一项专利"),
    ("expert", True): N_("修改专家"),
    ("expert", False): N_("登记一位专家"),
}


@dataclass
class RecordEditPage:
    """Everything listings/edit_record.html may use."""

    noun: str
    kind: str
    code: str
    heading: str
    version: str
    values: dict[str, str]
    cooperation: list[str]
    choices: dict[str, list[tuple[str, str]]]
    for_others: bool
    stale: ListingView | None = None
    errors: FormErrors = field(default_factory=FormErrors)


def _new(kind: str, noun: str) -> Any:
    def show(request: Request, actor: CurrentActor) -> HTMLResponse:
        page = _page(actor, noun, kind, "", "", {"once": secrets.token_urlsafe(16)}, [])
        return render(request, "listings/edit_record.html", page, headers=KEPT_BY_BROWSER)

    return show


def _edit(kind: str, noun: str) -> Any:
    def show(request: Request, code: str, session: ReadSession, actor: CurrentActor) -> HTMLResponse:
        record = service.get_for_editing(session, actor, code)
        if record.kind != kind:
            raise NotFound(kind, code)
        values = {name: clinic_view.plain(getattr(record, name, "")) for name in (*TEXTS, "number")}
        values |= {name: _shown(record.details.get(name)) for name in FIELDS[kind]}
        page = _page(actor, noun, kind, code, str(record.version), values, record.cooperation)
        return render(request, "listings/edit_record.html", page, headers=KEPT_BY_BROWSER)

    return show


def _save(kind: str, noun: str) -> Any:
    def save(
        request: Request, form: PostedForm, session: WriteSession, actor: CurrentActor, code: str = ""
    ) -> Response:
        try:
            out = _store(form, session, actor, kind, code)
        except Invalid as error:
            page = _typed(form, actor, kind, noun, code)
            page.errors = form_errors(error, _labels())
            raise Again(render(request, "listings/edit_record.html", page, 422)) from error
        except StaleVersion as error:
            page = _typed(form, actor, kind, noun, code)
            page.stale = service.get_visible(session, actor, code, working=True)
            page.version = str(error.params["current"])
            raise Again(render(request, "listings/edit_record.html", page, 412)) from error
        return see_other(request, out.url, _("已提交审核") if form.action == "submit" else _("已存为草稿"))

    return save


for _noun, _kind in (("patents", "patent"), ("experts", "expert")):
    pages.add_api_route(f"/{_noun}/new", _new(_kind, _noun), methods=["GET"], **access("account.use"))
    pages.add_api_route(f"/{_noun}/new", _save(_kind, _noun), methods=["POST"], **access("account.use"))
    pages.add_api_route(f"/{_noun}/{{code}}/edit", _edit(_kind, _noun), methods=["GET"], **access("listing.edit"))
    pages.add_api_route(f"/{_noun}/{{code}}/edit", _save(_kind, _noun), methods=["POST"], **access("listing.edit"))


def _store(form: Form, session: Session, actor: Actor, kind: str, code: str) -> ListingView:
    kept = service.get_for_editing(session, actor, code) if code else None
    data = build(ListingIn, _values(form, session, actor, kind, kept))
    if code:
        out = service.edit(session, actor, code, data, form.version())
    else:
        once = form.text("once")[:100] or secrets.token_urlsafe(16)
        made, _new_one = idempotency.once(
            session, actor, once, f"new {kind}", lambda: service.create(session, actor, data).code
        )
        out = service.get_visible(session, actor, made, working=True)
    if form.action == "submit" and out.state not in {"submitted", "withdrawn", "fulfilled"}:
        out = service.submit(session, actor, out.code)
    return out


def _values(form: Form, session: Session, actor: Actor, kind: str, kept: ListingView | None) -> dict[str, Any]:
    values: dict[str, Any] = {name: form.text(name) for name in TEXTS if form.text(name)}
    values |= {"kind": kind, "title": form.text("title"), "cooperation": form.texts("cooperation")}
    if kept is None and (owner := listing_forms.owner_of(session, actor, form)):
        values["owner"] = owner.code
    details = dict(kept.details) if kept else {}
    for name in FIELDS[kind]:
        typed: Any = form.text(name)
        if name in LISTS:
            typed = [item.strip() for item in typed.replace("，", "、").replace(",", "、").split("、") if item.strip()]
        details[name] = typed
    values["details"] = {name: value for name, value in details.items() if value}
    faults = [name for name in DATES if details.get(name) and not _is_date(str(details[name]))]
    if faults:
        raise Invalid(faults[0], "date_parsing")
    if kind == "patent":
        values["number"] = form.text("number")
    if kept:
        values["levels"] = kept.levels
        values["maturity"], values["deadline"] = kept.maturity, kept.deadline
        values["budget_low_fen"], values["budget_high_fen"] = kept.budget_low_fen, kept.budget_high_fen
        values["parameters"] = [item.model_dump(exclude={"sequence"}) for item in kept.parameters]
    if entry := reference.find("subfield", values.get("subfield")):
        values["chain"] = entry.parent
    elif kept and kept.chain and not kept.subfield:
        values["chain"] = kept.chain
    return values


def _is_date(text: str) -> bool:
    """Say whether a text is a date, or a year or month where the source knows no more."""
    parts = text.split("-")
    return len(text) <= 10 and 1 <= len(parts) <= 3 and all(part.isdecimal() for part in parts) and len(parts[0]) == 4


def _shown(value: Any) -> str:
    return "、".join(value) if isinstance(value, list) else clinic_view.plain(value)


def _labels() -> dict[str, str]:
    return listing_forms.labels() | {"title": _("名称"), "expires_on": _("到期日"), "grant_date": _("授权日")}


def _typed(form: Form, actor: Actor, kind: str, noun: str, code: str) -> RecordEditPage:
    names = (*TEXTS, "number", "owner", "owner_new", "once", *FIELDS[kind])
    values = {name: form.text(name) for name in names}
    return _page(actor, noun, kind, code, form.text("version"), values, form.texts("cooperation"))


def _page(
    actor: Actor, noun: str, kind: str, code: str, version: str, values: dict[str, str], cooperation: list[str]
) -> RecordEditPage:
    choices = listing_forms.choices() | {
        "patent_kind": [(value, _(name)) for value, name in PATENT_KINDS.items()],
        "legal_status": [(value, _(name)) for value, name in LABELS["state_of_patent"].items()],
    }
    others = not code and clinic_view.writes_for_others(actor)
    return RecordEditPage(noun, kind, code, _(HEADS[kind, bool(code)]), version, values, cooperation, choices, others)
