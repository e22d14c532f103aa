"""Signing in (with a second factor where there is one) and out, signing up, and the language of the pages."""

from dataclasses import dataclass, field
from datetime import timedelta

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response

from frontend import i18n
from frontend.forms import SESSION_COOKIE
from frontend.i18n import _
from frontend.identity import address_of
from frontend.pages.account_address import send_link
from frontend.web import (
    LANGUAGE_COOKIE,
    CurrentActor,
    FormErrors,
    PostedForm,
    TheMarket,
    WriteSession,
    build,
    form_errors,
    is_secure,
    local_path,
    render,
    see_other,
)
from services.accounts import links, second_factor, service, sessions
from services.accounts.schemas import SignUpIn
from services.ground.errors import Invalid
from services.ground.web import access
from services.notices import service as notices

pages = APIRouter()
SECOND = "second_factor"
SECOND_TIME = timedelta(minutes=10)
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
class SecondPage:
    """Everything account/login_second.html may use."""

    token: str
    next: str
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
            person_id = sessions.prove(session, name, password)
            second = second_factor.is_on(session, person_id)
            token = links.make(session, SECOND, person_id, "", SECOND_TIME) if second else ""
            cookie = "" if second else begin(request, session, person_id)
    except Invalid as error:
        with market.database.write() as session:
            sessions.remember_failure(session, secret, name, address)
        page = LoginPage(goal, {"login": name}, form_errors(error))
        return render(request, "account/login.html", page, 422)
    if second:
        return render(request, "account/login_second.html", SecondPage(token, goal))
    response = RedirectResponse(goal, 303)
    set_session_cookie(request, response, cookie)
    return response


@pages.post("/login/second", **access("account.sign_in"))
def login_second(request: Request, form: PostedForm, market: TheMarket) -> Response:
    """Finish signing in with a code of the second factor; too many wrong ones wait."""
    token, goal = form.text("token"), local_path(form.text("next"), "/desk")
    secret, address = market.settings.secret, address_of(request)
    with market.database.read() as session:
        person_id = links.look(session, SECOND, token).person_id
        sessions.count_try(session, secret, f"second {person_id}", address)
    try:
        with market.database.write() as session:
            second_factor.check(session, secret, person_id, form.text("code"))
            links.use(session, SECOND, token)
            cookie = begin(request, session, person_id)
    except Invalid as error:
        with market.database.write() as session:
            sessions.remember_failure(session, secret, f"second {person_id}", address)
        return render(request, "account/login_second.html", SecondPage(token, goal, form_errors(error)), 422)
    response = RedirectResponse(goal, 303)
    set_session_cookie(request, response, cookie)
    return response


def begin(request: Request, session: WriteSession, person_id: int) -> str:
    """Begin a session; a browser that was never seen with this person is told to the person."""
    browser = request.headers.get("user-agent", "")
    if sessions.is_new_browser(session, person_id, browser):
        params = {"browser": browser_name(browser)}
        notices.notify(session, "sign_in_new", params, url="/account", person_id=person_id)
    return sessions.begin_session(session, person_id, browser=browser)


def browser_name(agent: str) -> str:
    """Say in a few words which browser a User-Agent header names: Firefox · Windows.

    Nothing of the header itself is said: a mail carries these words, and a stranger would choose them.
    """
    browsers = {"Edg/": "Edge", "OPR/": "Opera", "Firefox/": "Firefox", "MicroMessenger": "WeChat"}
    browsers |= {"Chrome/": "Chrome", "Safari/": "Safari"}
    systems = {"Windows": "Windows", "Android": "Android", "iPhone": "iPhone", "iPad": "iPad"}
    systems |= {"Mac OS X": "macOS", "Linux": "Linux"}
    found = [next((name for mark, name in table.items() if mark in agent), "") for table in (browsers, systems)]
    return " · ".join(item for item in found if item) or _("不知道的浏览器")


@pages.post("/logout", **access("account.use"))
def logout(request: Request, form: PostedForm, session: WriteSession, actor: CurrentActor) -> Response:  # noqa: ARG001
    """End this session."""
    sessions.sign_out(session, actor, request.state.session_id)
    response = see_other(request, "/", _("已退出"))
    response.delete_cookie(SESSION_COOKIE)
    response.headers["Clear-Site-Data"] = '"cache"'
    return response


@pages.get("/signup", **access("account.sign_up"))
def sign_up_form(request: Request) -> HTMLResponse:
    """Show the form for a new account."""
    return render(request, "account/signup.html", SignUpPage())


@pages.post("/signup", **access("account.sign_up"))
def sign_up(request: Request, form: PostedForm, actor: CurrentActor, market: TheMarket) -> Response:
    """Make an account and sign in; too many tries at one address wait, so that taken names are not tried through.

    A hall of people is not too many.
    """
    values = {name: form.text(name) for name in SIGN_UP_LABELS}
    secret = market.settings.secret
    counted = (f"sign-up {values['login']}", f"sign-up {address_of(request)}")
    with market.database.read() as session:
        sessions.count_try(session, secret, *counted)
    try:
        with market.database.write() as session:
            person_id = service.sign_up(session, actor, build(SignUpIn, {**values, "email": values["email"] or None}))
            sessions.remember_failure(session, secret, *counted)
            if values["email"]:
                send_link(market, session, person_id)
            cookie = begin(request, session, person_id)
    except Invalid as error:
        with market.database.write() as session:
            sessions.remember_failure(session, secret, *counted)
        kept = {**values, "password": ""}
        return render(request, "account/signup.html", SignUpPage(kept, form_errors(error, SIGN_UP_LABELS)), 422)
    response = see_other(request, "/desk", _("账号已建好"))
    set_session_cookie(request, response, cookie)
    return response


@pages.get("/language", **access("market.look"))
def language(request: Request, to: str = "zh", back: str = "/") -> Response:
    """Switch the language and go back."""
    response = RedirectResponse(local_path(back), 303)
    if to in i18n.LANGUAGES:
        response.set_cookie(
            LANGUAGE_COOKIE, to, max_age=365 * 86400, httponly=True, samesite="lax", secure=is_secure(request)
        )
    return response


def set_session_cookie(request: Request, response: Response, cookie: str) -> None:
    """Give the browser the cookie of its session."""
    response.set_cookie(SESSION_COOKIE, cookie, httponly=True, samesite="lax", secure=is_secure(request), path="/")
