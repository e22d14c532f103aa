"""A forgotten password: asking for a link by mail, and using it."""

from dataclasses import dataclass, field

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse, Response

from frontend.i18n import _
from frontend.identity import address_of
from frontend.web import (
    Again,
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
from frontend.words import load_words
from services.accounts import recovery, sessions
from services.accounts.schemas import NewPasswordIn
from services.ground import mail
from services.ground.errors import Invalid
from services.ground.web import access
from services.notices import service as notices

pages = APIRouter()


@dataclass
class ForgottenPage:
    """Everything account/forgotten.html may use."""

    sent: bool = False


@dataclass
class NewPasswordPage:
    """Everything account/new_password.html may use."""

    token: str
    login: str
    errors: FormErrors = field(default_factory=FormErrors)


@pages.get("/login/forgotten", **access("account.sign_in"))
def ask_form(request: Request) -> HTMLResponse:
    """Ask for the login name or the address."""
    return render(request, "account/forgotten.html", ForgottenPage())


@pages.post("/login/forgotten", **access("account.sign_in"))
def ask(request: Request, form: PostedForm, market: TheMarket) -> HTMLResponse:
    """Send links to the accounts there are; the answer is the same whether there are any. Too many askings wait."""
    typed, settings = form.text("login")[:200], market.settings
    with market.database.read() as session:
        sessions.count_try(session, settings.secret, f"forgotten {typed}", address_of(request))
    with market.database.write() as session:
        sessions.remember_failure(session, settings.secret, f"forgotten {typed}", address_of(request))
        name = load_words(settings.home)["zh"].name
        for address, login, token in recovery.ask(session, typed) if typed else ():
            link = f"{settings.public_url.rstrip('/')}/login/new-password/{token}"
            text = _(
                "有人（应该是您）要重设 %(l)s 的密码。一小时内点开这个链接，只能用一次：\n\n%(u)s\n\n不是您要的就不用理会，密码没有变。"
            )
            mail.send(session, address, f"[{name}] " + _("重设密码"), text % {"l": login, "u": link})
    return render(request, "account/forgotten.html", ForgottenPage(sent=True))


@pages.get("/login/new-password/{token}", **access("account.sign_in"))
def new_form(request: Request, token: str, session: ReadSession) -> HTMLResponse:
    """Show the form for the new password; opening it uses nothing up."""
    return render(request, "account/new_password.html", NewPasswordPage(token, recovery.whose(session, token)))


@pages.post("/login/new-password/{token}", **access("account.sign_in"))
def new(request: Request, token: str, form: PostedForm, session: WriteSession) -> Response:
    """Set the new password; the second factor, where there is one, is asked for at the next sign-in all the same."""
    try:
        person_id = recovery.reset(session, token, build(NewPasswordIn, {"new": form.text("new")}).new)
    except Invalid as error:
        page = NewPasswordPage(token, recovery.whose(session, token), form_errors(error, {"new": "新密码"}))
        raise Again(render(request, "account/new_password.html", page, 422)) from error
    notices.notify(session, "recovery_used", {}, url="/account", person_id=person_id)
    return see_other(request, "/login", _("密码已改好，请用新密码登录"))
