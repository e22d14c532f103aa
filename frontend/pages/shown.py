"""What is shown of an organisation, an expert, a broker: chosen by themselves, in force at once; and the list of brokers."""

from dataclasses import dataclass, field

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse, Response
from sqlmodel import Session

from frontend.forms import Form
from frontend.i18n import N_, _
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
from services.accounts import shown as service
from services.accounts.shown import BrokerOut, Shown, ShownIn
from services.ground.actor import Actor
from services.ground.errors import Invalid
from services.ground.permissions import require
from services.ground.web import access
from services.listings import service as listings
from services.listings import shown as experts

pages = APIRouter()
NAMES = {
    "organisation": {
        "uscc": N_("信用代码"),
        "intro": N_("单位简介"),
        "address": N_("地址"),
        "phone": N_("电话"),
    },
    "expert": {
        "position": N_("职务"),
        "fields": N_("研究方向"),
        "keywords": N_("关键词"),
        "body": N_("能帮企业做什么"),
        "owner": N_("单位"),
        "region": N_("县市区"),
        "contact": N_("愿意被联系（不勾，谁也不能发起对接）"),
    },
    "broker": {
        "listed": N_("列进技术经理人名单"),
        "fields": N_("擅长的领域"),
        "organisation": N_("单位"),
        "phone": N_("电话"),
        "email": N_("邮箱"),
    },
}


@dataclass
class ShownPage:
    """Everything account/shown.html may use."""

    kind: str
    heading: str
    action: str
    back: tuple[str, str]
    choices: list[tuple[str, str]]
    chosen: list[str]
    words: str
    phone: str
    version: str
    by_person: bool
    may_claim: bool
    errors: FormErrors = field(default_factory=FormErrors)


@dataclass
class BrokersPage:
    """Everything public/brokers.html may use."""

    rows: list[BrokerOut]
    is_broker: bool


@pages.get("/brokers", **access("market.look"))
def brokers(request: Request, session: ReadSession, actor: CurrentActor) -> HTMLResponse:
    """List the brokers who agreed to be listed."""
    return render(request, "public/brokers.html", BrokersPage(service.brokers_listed(session), actor.has("broker")))


@pages.get("/organisations/{code}/shown", **access("organisation.edit"))
def of_organisation(request: Request, code: str, session: ReadSession, actor: CurrentActor) -> HTMLResponse:
    """Ask what of an organisation is shown."""
    return render(request, "account/shown.html", _organisation(session, actor, code))


@pages.post("/organisations/{code}/shown", **access("organisation.edit"))
def choose_for_organisation(
    request: Request, code: str, form: PostedForm, session: WriteSession, actor: CurrentActor
) -> Response:
    """Keep it; in force with the next page."""
    try:
        service.choose_for_organisation(session, actor, code, _data(form), form.version())
    except Invalid as error:
        raise _again(request, _organisation(session, actor, code), form, error) from error
    return see_other(request, f"/organisations/{code}", _("已改，马上生效"))


@pages.get("/experts/{code}/shown", **access("listing.edit"))
def of_expert(request: Request, code: str, session: ReadSession, actor: CurrentActor) -> HTMLResponse:
    """Ask what of an expert's entry is shown."""
    return render(request, "account/shown.html", _expert(session, actor, code))


@pages.post("/experts/{code}/shown", **access("listing.edit"))
def choose_for_expert(
    request: Request, code: str, form: PostedForm, session: WriteSession, actor: CurrentActor
) -> Response:
    """Keep it; whoever says that the entry is about them decides alone from now on."""
    try:
        experts.choose_for_expert(
            session, actor, code, _data(form), is_me=form.ticked("is_me"), expected=form.version()
        )
    except Invalid as error:
        raise _again(request, _expert(session, actor, code), form, error) from error
    return see_other(request, f"/experts/{code}", _("已改，马上生效"))


@pages.get("/account/shown", **access("account.use"))
def of_me(request: Request, session: ReadSession, actor: CurrentActor) -> HTMLResponse:
    """Ask a broker what is shown."""
    return render(request, "account/shown.html", _broker(session, actor))


@pages.post("/account/shown", **access("account.use"))
def choose_as_broker(request: Request, form: PostedForm, session: WriteSession, actor: CurrentActor) -> Response:
    """Keep it; in force with the next page."""
    try:
        service.choose_as_broker(session, actor, _data(form), form.version())
    except Invalid as error:
        raise _again(request, _broker(session, actor), form, error) from error
    return see_other(request, "/account/shown", _("已改，马上生效"))


def _again(request: Request, page: ShownPage, form: Form, error: Invalid) -> Again:
    page.chosen, page.words, page.phone = form.texts("shown"), form.text("words"), form.text("phone")
    page.errors = form_errors(error, {"words": _("文字"), "phone": _("电话"), "shown": _("公开哪些")})
    return Again(render(request, "account/shown.html", page, 422))


def _data(form: Form) -> ShownIn:
    return build(ShownIn, {"shown": form.texts("shown"), "words": form.text("words"), "phone": form.text("phone")})


def _organisation(session: Session, actor: Actor, code: str) -> ShownPage:
    row = service.organisation_for(session, actor, code)
    choice = service.one(session, "organisation", code)
    return _page("organisation", row.name, f"/organisations/{code}", choice, may_claim=False)


def _expert(session: Session, actor: Actor, code: str) -> ShownPage:
    row, choice = experts.entry_for(session, actor, code)
    title = listings.find(session, code).title
    own = row.owner_id in actor.organisation_ids
    return _page("expert", title, f"/experts/{code}", choice, may_claim=own and choice.person_id is None)


def _broker(session: Session, actor: Actor) -> ShownPage:
    require(actor, "account.use")
    choice = service.one(session, "broker", str(actor.person_id))
    return _page("broker", actor.name, "/account", choice, may_claim=False)


def _page(kind: str, heading: str, back: str, choice: Shown, *, may_claim: bool) -> ShownPage:
    return ShownPage(
        kind=kind,
        heading=heading,
        action=f"{back}/shown",
        back=(heading, back),
        choices=[(name, _(text)) for name, text in NAMES[kind].items()],
        chosen=[name for name in NAMES[kind] if name in choice.fields],
        words=choice.words,
        phone=choice.phone,
        version=str(choice.version) if choice.version else "",
        by_person=choice.person_id is not None,
        may_claim=may_claim,
    )
