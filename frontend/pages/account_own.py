"""One's own account: who one is, password, sessions, and one's own data."""

import json
from dataclasses import dataclass, field

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse, Response

from frontend.forms import SESSION_COOKIE
from frontend.i18n import _
from frontend.pages.account import browser_name
from frontend.shell import role_name
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
from services.accounts import own_data, second_factor, service, sessions
from services.accounts.schemas import OrganisationOut, PasswordIn, ProfileIn, SessionOut
from services.follows import service as follows
from services.ground import clock
from services.ground.errors import Invalid, NotFound
from services.ground.web import access
from services.notices import service as notices

pages = APIRouter()
LABELS = {"name": "姓名", "email": "邮箱", "phone": "电话", "old": "现在的密码", "new": "新密码", "password": "密码"}


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
def change(request: Request, form: PostedForm, session: WriteSession, actor: CurrentActor) -> Response:
    """Correct the profile, change the password, or end sessions, as the button says."""
    current = request.state.session_id
    act, _colon, what = form.action.partition(":")
    try:
        if act == "profile":
            own_data.edit_profile(session, actor, build(ProfileIn, _profile(form)))
            return see_other(request, "/account", _("已改好"))
        if act == "password":
            data = build(PasswordIn, {"old": form.text("old"), "new": form.text("new")})
            sessions.change_password(session, actor, data.old, data.new, keep=current)
            notices.notify(session, "password_changed", {}, url="/account", person_id=actor.person_id)
            return see_other(request, "/account", _("密码已改，其他地方都已退出"))
        if act == "end" and what.isdecimal():
            sessions.sign_out(session, actor, min(int(what), 2**31 - 1))
            return see_other(request, "/account", _("那一处已退出"))
        if act == "everywhere":
            sessions.sign_out_everywhere(session, actor, but=current)
            return see_other(request, "/account", _("其他地方都已退出"))
    except Invalid as error:
        page = _page(request, session, actor, form_errors(error, LABELS))
        if act == "profile":
            page.profile = {name: form.text(name) for name in ("name", "email", "phone")}
        raise Again(render(request, "account/show.html", page, 422)) from error
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
def erase(request: Request, form: PostedForm, session: WriteSession, actor: CurrentActor) -> Response:
    """Erase what names the person, and sign out everywhere."""
    try:
        own_data.erase(session, actor, form.text("old"))
    except Invalid as error:
        raise Again(render(request, "account/erase.html", ErasePage(form_errors(error, LABELS)), 422)) from error
    notices.forget(session, actor.person_id or 0)
    follows.forget(session, actor.person_id or 0)
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
        errors=errors or FormErrors(),
    )
