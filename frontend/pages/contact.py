"""From a match to a deal: contacting the other owner, bringing two together, or saying why a match does not suit."""

from dataclasses import dataclass, field, replace
from typing import Annotated

from fastapi import APIRouter, Query, Request
from fastapi.responses import HTMLResponse, Response
from sqlmodel import Session

from frontend.i18n import _
from frontend.pages import deals_words as words
from frontend.pages.deals import Options, names_of
from frontend.texts import message_of
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
from services.accounts import sessions
from services.deals import schemas, service
from services.deals.errors import AlreadyIntroduced
from services.ground.actor import Actor
from services.ground.errors import Conflict, Gone, Invalid, NotFound
from services.ground.identifiers import path_of
from services.ground.permissions import may, require
from services.listings import service as listings

pages = APIRouter()
Other = Annotated[str, Query(max_length=20, description="The code of the record on the other side.")]


@dataclass(frozen=True)
class Known:
    """A need or a record that the form is about, as its reader may see it."""

    kind: str
    code: str
    title: str
    owner: str


@dataclass
class ContactPage:
    """Everything deals/contact.html may use."""

    known: list[Known]
    broker: bool
    values: dict[str, str]
    errors: FormErrors = field(default_factory=FormErrors)
    problem: str = ""
    first: dict[str, str] = field(default_factory=dict)
    """Where somebody was first: who, when, the number in the register, and the deal if it is the reader's."""


@dataclass
class UnsuitablePage:
    """Everything deals/unsuitable.html may use."""

    known: list[Known]
    back: str
    reasons: Options
    values: dict[str, str]
    errors: FormErrors = field(default_factory=FormErrors)


def _known(session: Session, actor: Actor, *codes: str) -> list[Known]:
    """Look the records up that a form names; what is not to be seen is left to the service to refuse."""
    found = []
    for code in codes:
        try:
            view = listings.get_visible(session, actor, code) if code else None
        except (NotFound, Gone):
            continue
        if view:
            found.append(Known(view.kind, view.code, view.title, view.owner_name or ""))
    return found


def _contact_page(session: Session, actor: Actor, values: dict[str, str]) -> ContactPage:
    require(actor, "deal.work")
    known = _known(session, actor, values.get("need_code", ""), values.get("result_code", ""))
    return ContactPage(known, actor.has("broker"), values)


@pages.get("/work/new")
def ask_introduction(
    request: Request, session: ReadSession, actor: CurrentActor, need: Other = "", record: Other = ""
) -> HTMLResponse:
    """Show the form that brings two together, with what is known of them filled in."""
    page = _contact_page(session, actor, {"need_code": need, "result_code": record})
    return render(request, "deals/contact.html", page)


@pages.get("/needs/{code}/contact")
def ask_contact_of_need(
    request: Request, code: str, session: ReadSession, actor: CurrentActor, record: Other = ""
) -> HTMLResponse:
    """Ask whether contact about this need is meant, and say what follows."""
    listings.get_visible(session, actor, code)
    return render(
        request, "deals/contact.html", _contact_page(session, actor, {"need_code": code, "result_code": record})
    )


@pages.get("/results/{code}/contact")
@pages.get("/patents/{code}/contact")
@pages.get("/experts/{code}/contact")
def ask_contact_of_record(
    request: Request, code: str, session: ReadSession, actor: CurrentActor, need: Other = ""
) -> HTMLResponse:
    """Ask whether contact about this record is meant, and say what follows."""
    listings.get_visible(session, actor, code)
    return render(
        request, "deals/contact.html", _contact_page(session, actor, {"need_code": need, "result_code": code})
    )


@pages.post("/work/new")
@pages.post("/needs/{code}/contact")
@pages.post("/results/{code}/contact")
@pages.post("/patents/{code}/contact")
@pages.post("/experts/{code}/contact")
def make_contact(
    request: Request, form: PostedForm, session: WriteSession, actor: CurrentActor, market: TheMarket
) -> Response:
    """Open the deal; where somebody was first, say who, and lead to the deal if it is the reader's own."""
    names = ("need_code", "result_code", "seeker_organisation", "provider_organisation")
    values = {name: form.optional(name) for name in names} | {"note": form.text("note")}
    _from_address(request, values)
    actor = _for_the_firm(request, session, actor, values["need_code"] or "")
    try:
        deal = service.introduce(session, actor, build(schemas.IntroductionIn, values))
    except (Invalid, Conflict) as error:
        kept = form.values() | {name: value or "" for name, value in values.items()}
        with market.database.read() as fresh:
            page = _contact_page(fresh, actor, kept)
            if isinstance(error, Invalid):
                page.errors = form_errors(error, words.labels())
            elif isinstance(error, AlreadyIntroduced):
                page.first = {name: str(value) for name, value in error.params.items()}
            else:
                page.problem = message_of(error)
            raise Again(render(request, "deals/contact.html", page, error.status)) from error
    return see_other(request, f"/deals/{deal.code}", _("已引荐，记入首荐账本；等对方确认"))


def _for_the_firm(request: Request, session: Session, actor: Actor, need: str) -> Actor:
    """Let a station clerk who contacts somebody about a firm's need act for that firm, now and on the pages that follow."""
    if actor.on_behalf_of_id or not need or not any(grant.role == "station_clerk" for grant in actor.grants):
        return actor
    try:
        firm = accounts.organisation(session, listings.find(session, need).owner_id)
    except NotFound:
        return actor  # said at the field of the form
    if not may(actor, "organisation.act_for", accounts.thing_of(firm)):
        return actor
    sessions.act_on_behalf(session, actor, getattr(request.state, "session_id", 0), firm.code)
    return replace(actor, on_behalf_of_id=firm.id)


def _from_address(request: Request, values: dict[str, str | None]) -> None:
    """Take the record that the address names: what stands there cannot be left out of the form."""
    code = request.path_params.get("code")
    if code:
        values["need_code" if request.url.path.startswith("/needs/") else "result_code"] = code


@pages.get("/needs/{code}/unsuitable")
def ask_unsuitable(
    request: Request, code: str, session: ReadSession, actor: CurrentActor, record: Other = ""
) -> HTMLResponse:
    """Show the eight reasons for "not suitable"."""
    page = _unsuitable_page(session, actor, {"need_code": code, "record_code": record}, f"/needs/{code}")
    return render(request, "deals/unsuitable.html", page)


@pages.get("/results/{code}/unsuitable")
@pages.get("/patents/{code}/unsuitable")
@pages.get("/experts/{code}/unsuitable")
def ask_unsuitable_need(
    request: Request, code: str, session: ReadSession, actor: CurrentActor, need: Other = ""
) -> HTMLResponse:
    """Show the eight reasons for "not suitable", said by the owner of the result."""
    page = _unsuitable_page(session, actor, {"need_code": need, "record_code": code}, path_of(code) or "/")
    return render(request, "deals/unsuitable.html", page)


def _unsuitable_page(session: Session, actor: Actor, values: dict[str, str], back: str) -> UnsuitablePage:
    require(actor, "deal.work")
    known = _known(session, actor, values["need_code"], values["record_code"])
    return UnsuitablePage(known, back, list(names_of(session, "unsuitable_reason").items()), values)


@pages.post("/needs/{code}/unsuitable")
@pages.post("/results/{code}/unsuitable")
@pages.post("/patents/{code}/unsuitable")
@pages.post("/experts/{code}/unsuitable")
def mark_unsuitable(
    *, request: Request, code: str, form: PostedForm, session: WriteSession, actor: CurrentActor, market: TheMarket
) -> Response:
    """Keep the reason and pass it on without the name."""
    about_need = request.url.path.startswith("/needs/")
    back = path_of(code) or "/"
    values = {
        "need_code": code if about_need else form.text("need"),
        "record_code": form.text("record") if about_need else code,
        "reason": form.text("reason"),
        "sentence": form.text("sentence"),
    }
    wanted = {name: value for name, value in values.items() if value}
    try:
        service.mark_unsuitable(session, actor, build(schemas.UnsuitableIn, wanted))
    except Invalid as error:
        with market.database.read() as fresh:
            page = _unsuitable_page(fresh, actor, values, back)
            page.errors = form_errors(error, words.labels())
            raise Again(render(request, "deals/unsuitable.html", page, error.status)) from error
    return see_other(request, back, _("已记下原因，转给对方时不带您单位的名字"))
