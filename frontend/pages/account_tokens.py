"""Tokens for programs: made once, listed, ended."""

from dataclasses import dataclass, field

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse, Response

from frontend.i18n import _
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
from services.accounts import sessions
from services.accounts.schemas import TokenIn, TokenOut
from services.ground.errors import Invalid
from services.ground.web import access

pages = APIRouter()
LABELS = {"label": "名称", "scopes": "权限", "days": "天数"}


@dataclass
class TokensPage:
    """Everything account/tokens.html may use."""

    tokens: list[TokenOut]
    values: dict[str, str] = field(default_factory=dict)
    scopes: list[str] = field(default_factory=lambda: ["read"])
    new_token: str = ""
    errors: FormErrors = field(default_factory=FormErrors)


@pages.get("/account/tokens", **access("account.use"))
def show(request: Request, session: ReadSession, actor: CurrentActor) -> HTMLResponse:
    """List one's tokens."""
    return render(request, "account/tokens.html", TokensPage(sessions.tokens_of(session, actor)))


@pages.post("/account/tokens", **access("account.use"))
def change(request: Request, form: PostedForm, session: WriteSession, actor: CurrentActor) -> Response:
    """Make a token (its text is shown this once), or end one."""
    act, _colon, what = form.action.partition(":")
    if act == "revoke" and what.isdecimal():
        sessions.revoke_token(session, actor, min(int(what), 2**31 - 1))
        return see_other(request, "/account/tokens", _("令牌已作废"))
    values = {"label": form.text("label"), "days": form.text("days") or "90"}
    try:
        made = sessions.create_token(session, actor, build(TokenIn, {**values, "scopes": form.texts("scopes")}))
    except Invalid as error:
        page = TokensPage(
            sessions.tokens_of(session, actor), values, form.texts("scopes"), errors=form_errors(error, LABELS)
        )
        raise Again(render(request, "account/tokens.html", page, 422)) from error
    session.flush()
    page = TokensPage(sessions.tokens_of(session, actor), new_token=made.token)
    return render(request, "account/tokens.html", page)
