"""Writing needs and results: one page of five parts that reads a vague sentence, asks what is missing and counts what fits."""

import secrets
from dataclasses import dataclass, field
from typing import Any

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse, Response
from pydantic import ValidationError
from sqlmodel import Session

from frontend import clinic_view, listing_forms
from frontend.forms import Form
from frontend.i18n import _
from frontend.web import (
    Again,
    CurrentActor,
    FormErrors,
    PostedForm,
    ReadSession,
    TheMarket,
    WriteSession,
    build,
    form_errors,
    render,
    see_other,
)
from services.accounts import service as accounts
from services.clinic import service as clinic
from services.clinic.schemas import Effects, Proposal, Recognisable
from services.ground import idempotency, money, reference
from services.ground.actor import Actor
from services.ground.errors import Conflict, Invalid, NotFound, StaleVersion, Unavailable
from services.ground.market import Market
from services.ground.web import access
from services.listings import service
from services.listings.schemas import ListingIn, ListingView, ParameterIn

pages = APIRouter()
NOUNS = {"needs": "need", "results": "result"}
STAY = {"read", "count", "row", "repair", "drop", "usual"}
"""Buttons that show the form again with what was typed; they save nothing."""
KEPT_BY_BROWSER = {"Cache-Control": "private, no-cache"}
"""The back button shows the form as it was left; signing out clears what browsers kept."""


@dataclass
class ClinicPage:
    """Everything clinic/edit.html may use."""

    noun: str
    kind: str
    code: str
    version: str
    values: dict[str, str]
    rows: list[dict[str, str]]
    cooperation: list[str]
    choices: dict[str, list[tuple[str, str]]]
    for_others: bool
    checks: list[tuple[str, str, str, str]]
    done: int
    usual: list[Proposal]
    questions: list[str]
    nameless: list[str] = field(default_factory=list)
    today: list[str] = field(default_factory=list)
    told: str = ""
    effects: Effects | None = None
    recognisable: Recognisable | None = None
    unavailable: bool = False
    stale: ListingView | None = None
    errors: FormErrors = field(default_factory=FormErrors)


def _new(kind: str, noun: str) -> Any:
    def show(request: Request, actor: CurrentActor, q: str = "", owner: str = "") -> HTMLResponse:
        values = {"once": secrets.token_urlsafe(16), "body": q[:2000], "owner": owner[:200]}
        page = _page(actor, noun, kind, "", "", values, [{} for _row in range(3)], [])
        return render(request, "clinic/edit.html", page, headers=KEPT_BY_BROWSER)

    return show


def _edit(kind: str, noun: str) -> Any:
    def show(request: Request, code: str, session: ReadSession, actor: CurrentActor, market: TheMarket) -> HTMLResponse:
        record = service.get_for_editing(session, actor, code)
        if record.kind != kind:
            raise NotFound(kind, code)
        rows = [*(listing_forms.row_of(item) for item in record.parameters), {}, {}]
        values = _values_of(record)
        page = _page(actor, noun, kind, code, str(record.version), values, rows, record.cooperation)
        if kind == "need":
            _count(page, session, market, record.owner_id)
        return render(request, "clinic/edit.html", page, headers=KEPT_BY_BROWSER)

    return show


def _save(kind: str, noun: str) -> Any:
    def save(
        request: Request,
        form: PostedForm,
        session: WriteSession,
        actor: CurrentActor,
        market: TheMarket,
        code: str = "",
    ) -> Response:
        if form.action.partition(":")[0] in STAY:
            raise Again(_stay(request, form, session, actor, market, kind, noun, code))
        try:
            out = _store(form, session, actor, kind, code)
        except Invalid as error:
            page = _typed(form, actor, kind, noun, code)
            page.errors = form_errors(error, listing_forms.labels())
            raise Again(render(request, "clinic/edit.html", page, 422)) from error
        except StaleVersion as error:
            page = _typed(form, actor, kind, noun, code)
            page.stale = service.get_visible(session, actor, code, working=True)
            page.version = str(error.params["current"])
            raise Again(render(request, "clinic/edit.html", page, 412)) from error
        return _said(request, session, form, out)

    return save


for _noun, _kind in NOUNS.items():
    pages.add_api_route(f"/{_noun}/new", _new(_kind, _noun), methods=["GET"], **access("account.use"))
    pages.add_api_route(f"/{_noun}/new", _save(_kind, _noun), methods=["POST"], **access("account.use"))
    pages.add_api_route(f"/{_noun}/{{code}}/edit", _edit(_kind, _noun), methods=["GET"], **access("listing.edit"))
    pages.add_api_route(f"/{_noun}/{{code}}/edit", _save(_kind, _noun), methods=["POST"], **access("listing.edit"))


def _store(form: Form, session: Session, actor: Actor, kind: str, code: str) -> ListingView:
    """Save what was typed and hand it in where that was asked. A form sent twice is one record."""
    kept = service.get_for_editing(session, actor, code) if code else None
    owner = None if code else listing_forms.owner_of(session, actor, form)
    data = _data(form, kind, kept, owner.code if owner else None)
    if code:
        out = service.edit(session, actor, code, data, form.version())
    else:
        out = _create(session, actor, form.text("once"), data)
    if form.action == "submit" and out.state not in {"submitted", "withdrawn", "fulfilled"}:
        out = service.submit(session, actor, out.code)
    return out


def _create(session: Session, actor: Actor, once: str, data: ListingIn) -> ListingView:
    made: list[ListingView] = []

    def create() -> str:
        made.append(service.create(session, actor, data))
        return made[0].code

    if not once:
        create()
        return made[0]
    code, _new = idempotency.once(session, actor, once[:100], f"new {data.kind}", create)
    if made:
        return made[0]
    # The same form again: after a double click nothing is to be done; after the back button the later words count.
    try:
        return service.edit(session, actor, code, data)
    except Conflict:
        return service.get_visible(session, actor, code, working=True)


def _stay(
    request: Request, form: Form, session: Session, actor: Actor, market: Market, kind: str, noun: str, code: str
) -> HTMLResponse:
    """Show the form again, with more in it: what was read from the text, a row more or less, the numbers counted anew."""
    kept = service.get_for_editing(session, actor, code) if code else None
    page = _typed(form, actor, kind, noun, code)
    act, _colon, what = form.action.partition(":")
    number = int(what) if what.isdecimal() else 0
    if act == "row":
        page.rows.append({})
    elif act == "drop" and number < len(page.rows):
        del page.rows[number]
    elif act == "repair" and number < len(page.rows):
        page.rows[number] = listing_forms.repaired(page.rows[number])
    elif act == "usual" and number < len(page.usual):
        clinic_view.add(page.rows, page.usual[number])
    elif act == "read":
        page.told, page.nameless, page.today = clinic_view.read_into(page.values, page.rows)
    page.rows = page.rows[: listing_forms.MOST_ROWS]
    _look_again(page, actor)
    if kind == "need":
        owner = None if code else _quiet_owner(session, actor, form)
        _count(page, session, market, kept.owner_id if kept else (owner or actor.organisation_id))
    return render(request, "clinic/edit.html", page, headers=KEPT_BY_BROWSER)


def _quiet_owner(session: Session, actor: Actor, form: Form) -> int | None:
    """Find the firm somebody writes for while nothing is saved yet; a name that fits none is said at saving."""
    try:
        found = accounts.find_organisations(session, form.text("owner"), limit=1) if form.text("owner") else []
    except Invalid:
        return None
    return found[0].id if found else actor.organisation_id


def _count(page: ClinicPage, session: Session, market: Market, owner_id: int | None) -> None:
    """Count what the text finds and what each readable line leaves; say whether a hidden firm can be recognised."""
    rows = []
    for row in page.rows:
        try:
            rows += [ParameterIn.model_validate(item) for item in listing_forms.parameters([row]) if item["name"]]
        except (Invalid, ValidationError):
            continue
    title = page.values.get("title") or clinic.title_from(page.values.get("body", ""))
    body = "\n".join(page.values.get(name) or "" for name in ("summary", "body", "plain"))[: clinic.LONGEST]
    if title:
        try:
            page.effects = clinic.effects(session, market, title, body, rows)
        except Unavailable:
            page.unavailable = True
    if page.values.get("hide_owner"):
        region, subfield = page.values.get("region_code") or None, page.values.get("subfield") or None
        page.recognisable = clinic.recognisable(session, owner_id, f"{title}\n{body}", region, subfield)


def _data(form: Form, kind: str, kept: ListingView | None, owner: str | None) -> ListingIn:
    """Read the form; what it does not show of the record being edited stays as it is. Raises Invalid, all at once."""
    values: dict[str, Any] = {name: form.text(name) for name in listing_forms.TEXTS if form.text(name)}
    values |= {"kind": kind, "owner": owner, "cooperation": form.texts("cooperation")}
    values["title"] = form.text("title") or clinic.title_from(form.text("body"))
    faults = []
    for read in (lambda: listing_forms.amounts(form), lambda: {"parameters": listing_forms.parameters(_rows(form))}):
        try:
            values |= read()
        except Invalid as error:
            faults += error.fields
    details = {name: form.text(name) for name in listing_forms.DETAILS if form.text(name)}
    values["details"] = {
        **{k: v for k, v in (kept.details if kept else {}).items() if k not in listing_forms.DETAILS},
        **details,
    }
    values["levels"] = listing_forms.levels(form, kept)
    if kept:
        values["number"] = kept.number
    if entry := reference.find("subfield", values.get("subfield")):
        values["chain"] = entry.parent
    elif kept and kept.chain and not kept.subfield:
        values["chain"] = kept.chain
    try:
        data = build(ListingIn, values)
    except Invalid as error:
        raise Invalid(error.fields + faults) from error
    if faults:
        raise Invalid(faults)
    return data


def _rows(form: Form) -> list[dict[str, str]]:
    return [row for row in listing_forms.rows_of(form) if not listing_forms.is_empty(row)]


def _said(request: Request, session: Session, form: Form, out: ListingView) -> Response:
    said = _("已提交审核") if form.action == "submit" else _("已存为草稿")
    if out.on_behalf:
        said += _("；写在“%(o)s”名下，您的名字也留着") % {"o": accounts.organisation(session, out.owner_id).name}
    if form.ticked("hide_owner"):
        text = f"{out.title}\n{out.summary}\n{out.body}"
        found = clinic.recognisable(session, out.owner_id, text, out.region_code, out.subfield)
        if found:
            return see_other(request, out.url, f"{said}。{clinic_view.warning(found)}", "warn")
    return see_other(request, out.url, said)


def _values_of(record: ListingView) -> dict[str, str]:
    values = {name: clinic_view.plain(getattr(record, name, "")) for name in listing_forms.TEXTS}
    values |= {name: clinic_view.plain(record.details.get(name)) for name in listing_forms.DETAILS}
    for name in ("budget_low", "budget_high"):
        amount = getattr(record, f"{name}_fen")
        values[name] = money.wan(amount).replace(",", "") if amount is not None else ""
    return values | {f"hide_{name}": "1" for name in listing_forms.HIDEABLE if name in record.levels}


def _typed(form: Form, actor: Actor, kind: str, noun: str, code: str) -> ClinicPage:
    values, rows = listing_forms.typed(form), listing_forms.rows_of(form)
    return _page(actor, noun, kind, code, form.text("version"), values, rows, form.texts("cooperation"))


def _page(
    actor: Actor,
    noun: str,
    kind: str,
    code: str,
    version: str,
    values: dict[str, str],
    rows: list[dict[str, str]],
    cooperation: list[str],
) -> ClinicPage:
    page = ClinicPage(
        noun=noun,
        kind=kind,
        code=code,
        version=version,
        values=values,
        rows=rows,
        cooperation=cooperation,
        choices=listing_forms.choices(),
        for_others=not code and clinic_view.writes_for_others(actor),
        checks=[],
        done=0,
        usual=[],
        questions=[],
    )
    _look_again(page, actor)
    return page


def _look_again(page: ClinicPage, _actor: Actor) -> None:
    found = clinic.checks(page.values, page.rows)
    page.checks = clinic_view.checks(found)
    page.done = sum(1 for item in found if item.state == "ok")
    subfield = page.values.get("subfield") or None
    page.usual, page.questions = clinic.usual(subfield), clinic.questions(subfield)
