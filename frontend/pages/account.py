"""Signing in and out, one's own password, tokens and sessions, and the language of the pages."""

from dataclasses import dataclass, field

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response

from frontend import i18n
from frontend.forms import SESSION_COOKIE
from frontend.i18n import _
from frontend.identity import address_of
from frontend.web import (
    LANGUAGE_COOKIE,
    Again,
    CurrentActor,
    FormErrors,
    PostedForm,
    ReadSession,
    TheMarket,
    WriteSession,
    build,
    form_errors,
    is_secure,
    local_path,
    render,
    see_other,
)
from services.accounts import service, sessions
from services.accounts.schemas import OrganisationOut, PasswordIn, SessionOut, SignUpIn, TokenIn, TokenOut
from services.ground.errors import Invalid
from services.ground.web import access

pages = APIRouter()
SIGN_UP_LABELS = {"login": "登录名", "password": "密码", "name": "姓名", "email": "邮箱", "organisation": "单位名称"}


@dataclass
class LoginPage:
    """Everything account/login.html may use."""

    next: str
    values: dict[str, str] = field(default_factory=dict)
    errors: FormErrors = field(default_factory=FormErrors)


@dataclass
class SignUpPage:
    """Everything account/signup.html may use."""

    values: dict[str, str] = field(default_factory=dict)
    errors: FormErrors = field(default_factory=FormErrors)


@dataclass
class AccountPage:
    """Everything account/show.html may use."""

    organisations: list[OrganisationOut]
    sessions: list[SessionOut]
    tokens: list[TokenOut]
    new_token: str = ""
    errors: FormErrors = field(default_factory=FormErrors)


@pages.get("/login", **access("account.sign_in"))
def login_form(request: Request, next: str = "/desk") -> HTMLResponse:
    """Show the sign-in form."""
    return render(request, "account/login.html", LoginPage(local_path(next, "/desk")))


@pages.post("/login", **access("account.sign_in"))
def login(request: Request, form: PostedForm, market: TheMarket) -> Response:
    """Sign in. A wrong name and a wrong password look and last alike; too many tries wait."""
    name, password, goal = form.text("login"), form.text("password"), local_path(form.text("next"), "/desk")
    secret, address = market.settings.secret, address_of(request)
    with market.database.read() as session:
        sessions.count_try(session, secret, name, address)
    try:
        with market.database.write() as session:
            cookie = sessions.sign_in(session, name, password, browser=request.headers.get("user-agent", ""))
    except Invalid as error:
        with market.database.write() as session:
            sessions.remember_failure(session, secret, name, address)
        page = LoginPage(goal, {"login": name}, form_errors(error))
        return render(request, "account/login.html", page, 422)
    response = RedirectResponse(goal, 303)
    _set_cookie(request, response, cookie)
    return response


@pages.post("/logout", **access("account.use"))
def logout(request: Request, form: PostedForm, session: WriteSession, actor: CurrentActor) -> Response:  # noqa: ARG001
    """End this session."""
    sessions.sign_out(session, actor, request.state.session_id)
    response = see_other(request, "/", _("已退出"))
    response.delete_cookie(SESSION_COOKIE)
    return response


@pages.get("/signup", **access("account.sign_up"))
def sign_up_form(request: Request) -> HTMLResponse:
    """Show the form for a new account."""
    return render(request, "account/signup.html", SignUpPage())


@pages.post("/signup", **access("account.sign_up"))
def sign_up(request: Request, form: PostedForm, session: WriteSession, actor: CurrentActor) -> Response:
    """Make an account and sign in."""
    values = {name: form.text(name) for name in SIGN_UP_LABELS}
    try:
        person_id = service.sign_up(session, actor, build(SignUpIn, {**values, "email": values["email"] or None}))
    except Invalid as error:
        kept = {**values, "password": ""}
        raise Again(
            render(request, "account/signup.html", SignUpPage(kept, form_errors(error, SIGN_UP_LABELS)), 422)
        ) from error
    cookie = sessions.begin_session(session, person_id, browser=request.headers.get("user-agent", ""))
    response = see_other(request, "/desk", _("账号已建好"))
    _set_cookie(request, response, cookie)
    return response


@pages.get("/account", **access("account.use"))
def account(request: Request, session: ReadSession, actor: CurrentActor) -> HTMLResponse:
    """Show one's own account."""
    return render(request, "account/show.html", _page(request, session, actor))


@pages.post("/account", **access("account.use"))
def change(request: Request, form: PostedForm, session: WriteSession, actor: CurrentActor) -> Response:
    """Change the password, make or end a token, or sign out everywhere, as the button says."""
    current = request.state.session_id
    try:
        if form.action == "password":
            data = build(PasswordIn, {"old": form.text("old"), "new": form.text("new")})
            sessions.change_password(session, actor, data.old, data.new, keep=current)
            return see_other(request, "/account", _("密码已改，其他地方都已退出"))
        if form.action == "everywhere":
            sessions.sign_out_everywhere(session, actor, but=current)
            return see_other(request, "/account", _("其他地方都已退出"))
        if form.action.startswith("revoke-") and form.action[7:].isdecimal():
            sessions.revoke_token(session, actor, int(form.action[7:]))
            return see_other(request, "/account", _("令牌已作废"))
        data_in = build(TokenIn, {"label": form.text("label"), "scopes": form.texts("scopes"), "days": 90})
        made = sessions.create_token(session, actor, data_in)
    except Invalid as error:
        raise Again(
            render(request, "account/show.html", _page(request, session, actor, errors=form_errors(error)), 422)
        ) from error
    session.flush()
    return render(request, "account/show.html", _page(request, session, actor, new_token=made.token))


@pages.get("/language", **access("market.look"))
def language(request: Request, to: str = "zh", back: str = "/") -> Response:
    """Switch the language and go back."""
    response = RedirectResponse(local_path(back), 303)
    if to in i18n.LANGUAGES:
        response.set_cookie(
            LANGUAGE_COOKIE, to, max_age=365 * 86400, httponly=True, samesite="lax", secure=is_secure(request)
        )
    return response


def _set_cookie(request: Request, response: Response, cookie: str) -> None:
    response.set_cookie(SESSION_COOKIE, cookie, httponly=True, samesite="lax", secure=is_secure(request), path="/")


def _page(
    request: Request,
    session: ReadSession,
    actor: CurrentActor,
    *,
    new_token: str = "",
    errors: FormErrors | None = None,
) -> AccountPage:
    found = service.organisations(session, actor.organisation_ids)
    return AccountPage(
        organisations=list(found.values()),
        sessions=sessions.sessions_of(session, actor, getattr(request.state, "session_id", None)),
        tokens=sessions.tokens_of(session, actor),
        new_token=new_token,
        errors=errors or FormErrors(),
    )
