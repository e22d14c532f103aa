"""One's own account: who one is, password, sessions, and one's own data."""

import json
from dataclasses import dataclass, field

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse, Response

from frontend.forms import SESSION_COOKIE
from frontend.i18n import _
from frontend.identity import counted
from frontend.pages.account import browser_name
from frontend.pages.account_address import changed_address
from frontend.shell import role_name
from frontend.web import (
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
from services.accounts import addresses, own_data, second_factor, service, sessions
from services.accounts.schemas import OrganisationOut, PasswordIn, ProfileIn, SessionOut
from services.follows import service as follows
from services.ground import clock
from services.ground.errors import Invalid, NotFound
from services.ground.web import access
from services.notices import service as notices

pages = APIRouter()
LABELS = {
    "name": "姓名",
    "email": "邮箱",
    "phone": "电话",
    "old": "现在的密码",
    "new": "新密码",
    "password": "现在的密码",
}


@dataclass
class AccountPage:
    """Everything account/show.html may use."""

    organisations: list[OrganisationOut]
    roles: list[str]
    profile: dict[str, str]
    sessions: list[tuple[SessionOut, str]]
    second_on: bool
    spare: int
    tokens: int
    unproved: bool
    errors: FormErrors = field(default_factory=FormErrors)


@dataclass
class ErasePage:
    """Everything account/erase.html may use."""

    errors: FormErrors = field(default_factory=FormErrors)


@pages.get("/account", **access("account.use"))
def account(request: Request, session: ReadSession, actor: CurrentActor) -> HTMLResponse:
    """Show one's own account."""
    return render(request, "account/show.html", _page(request, session, actor))


@pages.post("/account", **access("account.use"))
def change(request: Request, form: PostedForm, actor: CurrentActor, market: TheMarket) -> Response:
    """Correct the profile, change the password, or end sessions, as the button says; too many wrong passwords wait."""
    try:
        with counted(request, _own(actor)), market.database.write() as session:
            before = addresses.of(session, actor.person_id or 0)
            told = _done(session, actor, form, request.state.session_id)
            changed_address(market, session, actor.person_id or 0, before)
            return see_other(request, "/account", told)
    except Invalid as error:
        if form.action not in {"profile", "password"}:
            raise
        with market.database.read() as session:
            page = _page(request, session, actor, form_errors(error, LABELS))
        if form.action == "profile":
            page.profile = {name: form.text(name) for name in ("name", "email", "phone")}
        return render(request, "account/show.html", page, 422)


def _own(actor: CurrentActor) -> str:
    return f"own password {actor.person_id}"


def _done(session: WriteSession, actor: CurrentActor, form: PostedForm, current: int) -> str:
    """Do what the button says; give the sentence that is said afterwards."""
    act, _colon, what = form.action.partition(":")
    if act == "profile":
        own_data.edit_profile(session, actor, build(ProfileIn, _profile(form)), form.text("password"))
        return _("已改好")
    if act == "password":
        data = build(PasswordIn, {"old": form.text("old"), "new": form.text("new")})
        sessions.change_password(session, actor, data.old, data.new, keep=current)
        notices.notify(session, "password_changed", {}, url="/account", person_id=actor.person_id)
        return _("密码已改，其他地方都已退出")
    if act == "end" and what.isdecimal():
        sessions.sign_out(session, actor, min(int(what), 2**31 - 1))
        return _("那一处已退出")
    if act == "everywhere":
        sessions.sign_out_everywhere(session, actor, but=current)
        return _("其他地方都已退出")
    raise Invalid("do", "literal_error")


@pages.get("/account/data.json", **access("account.use"))
def export(session: WriteSession, actor: CurrentActor) -> Response:
    """Hand out a copy of everything kept about oneself, as one file."""
    copy = own_data.export(session, actor)
    copy["notices"] = notices.export(session, actor.person_id or 0)
    copy |= follows.export(session, actor.person_id or 0)
    body = json.dumps({"made_at": clock.now().isoformat(), **copy}, ensure_ascii=False, indent=2)
    headers = {"Content-Disposition": 'attachment; filename="yaosu-account.json"', "Cache-Control": "no-store"}
    return Response(body, media_type="application/json", headers=headers)


@pages.get("/account/erase", **access("account.use"))
def ask_erase(request: Request) -> HTMLResponse:
    """Say what erasing does before it is done."""
    return render(request, "account/erase.html", ErasePage())


@pages.post("/account/erase", **access("account.use"))
def erase(request: Request, form: PostedForm, actor: CurrentActor, market: TheMarket) -> Response:
    """Erase what names the person, and sign out everywhere."""
    try:
        with counted(request, _own(actor)), market.database.write() as session:
            own_data.erase(session, actor, form.text("old"))
            notices.forget(session, actor.person_id or 0)
            follows.forget(session, actor.person_id or 0)
    except Invalid as error:
        return render(request, "account/erase.html", ErasePage(form_errors(error, LABELS)), 422)
    response = see_other(request, "/", _("您的个人资料已删去"))
    response.delete_cookie(SESSION_COOKIE)
    return response


def _profile(form: PostedForm) -> dict[str, str | None]:
    return {"name": form.text("name"), "email": form.optional("email"), "phone": form.optional("phone")}


def _page(request: Request, session: ReadSession, actor: CurrentActor, errors: FormErrors | None = None) -> AccountPage:
    found = service.organisations(session, actor.organisation_ids)
    own = sessions.sessions_of(session, actor, getattr(request.state, "session_id", None))
    try:
        known = own_data.profile(session, actor)
    except NotFound:
        known = ProfileIn.model_construct(name=actor.name)
    return AccountPage(
        organisations=list(found.values()),
        roles=sorted({role_name(grant.role) for grant in actor.grants}),
        profile={"name": known.name, "email": known.email or "", "phone": known.phone or ""},
        sessions=[(row, browser_name(row.browser)) for row in own],
        second_on=second_factor.is_on(session, actor.person_id or 0),
        spare=second_factor.spare_left(session, actor.person_id or 0),
        tokens=sum(1 for row in sessions.tokens_of(session, actor) if not row.revoked_at),
        unproved=addresses.unproved(session, actor.person_id or 0) is not None,
        errors=errors or FormErrors(),
    )
