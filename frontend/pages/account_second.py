"""Setting up and turning off the second factor."""

import io
from dataclasses import dataclass, field

import segno
from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse, Response

from frontend.i18n import _
from frontend.identity import counted
from frontend.web import (
    CurrentActor,
    FormErrors,
    PostedForm,
    ReadSession,
    TheMarket,
    WriteSession,
    form_errors,
    render,
    see_other,
)
from frontend.words import load_words
from services.accounts import second_factor
from services.ground.errors import Conflict, Invalid
from services.ground.web import access
from services.notices import service as notices

pages = APIRouter()
LABELS = {"code": "验证码", "password": "现在的密码"}


@dataclass
class SecondFactorPage:
    """Everything account/second_factor.html may use."""

    on: bool
    required: bool
    secret: str = ""
    spare: list[str] = field(default_factory=list)
    left: int = 0
    errors: FormErrors = field(default_factory=FormErrors)


@pages.get("/account/second-factor", **access("account.use"))
def show(request: Request, session: WriteSession, actor: CurrentActor, market: TheMarket) -> HTMLResponse:
    """Show the secret to be scanned, or that the second factor is on."""
    return render(request, "account/second_factor.html", _page(session, actor, market))


@pages.get("/account/second-factor/picture.svg", **access("account.use"))
def picture(session: WriteSession, actor: CurrentActor, market: TheMarket) -> Response:
    """Draw the secret for the camera of a telephone. A picture of its own: the page needs no inline style."""
    _secret, address = second_factor.begin(session, actor, market.settings.secret, _issuer(market))
    drawn = io.BytesIO()
    segno.make(address, error="m").save(drawn, kind="svg", scale=5, border=3, xmldecl=False, svgclass=None)
    return Response(drawn.getvalue(), media_type="image/svg+xml", headers={"Cache-Control": "no-store"})


@pages.post("/account/second-factor", **access("account.use"))
def change(request: Request, form: PostedForm, actor: CurrentActor, market: TheMarket) -> Response:
    """Turn the second factor on (the spare codes are shown this once) or off, or make new spare codes; wrong codes wait."""
    try:
        with counted(request, f"second {actor.person_id}"), market.database.write() as session:
            return _turn(request, session, actor, market, form)
    except Invalid as error:
        with market.database.write() as session:
            page = _page(session, actor, market, form_errors(error, LABELS))
        return render(request, "account/second_factor.html", page, 422)


def _turn(
    request: Request, session: WriteSession, actor: CurrentActor, market: TheMarket, form: PostedForm
) -> Response:
    key, code, password = market.settings.secret, form.text("code"), form.text("password")
    if form.action == "off":
        if _is_required(actor, market):
            raise Conflict("second_factor_required")
        second_factor.turn_off(session, actor, key, code, password)
        notices.notify(session, "second_factor_off", {}, url="/account", person_id=actor.person_id)
        return see_other(request, "/account", _("第二道验证已关掉"))
    renewed = form.action == "renew"
    make = second_factor.renew_spare if renewed else second_factor.confirm
    spare = make(session, actor, key, code, password)
    told = "spare_codes_new" if renewed else "second_factor_on"
    notices.notify(session, told, {}, url="/account", person_id=actor.person_id)
    page = _page(session, actor, market)
    page.spare = spare
    return render(request, "account/second_factor.html", page)


def _page(
    session: ReadSession, actor: CurrentActor, market: TheMarket, errors: FormErrors | None = None
) -> SecondFactorPage:
    on = second_factor.is_on(session, actor.person_id or 0)
    secret = "" if on else second_factor.begin(session, actor, market.settings.secret, _issuer(market))[0]
    return SecondFactorPage(
        on=on,
        required=_is_required(actor, market),
        secret=" ".join(secret[start : start + 4] for start in range(0, len(secret), 4)),
        left=second_factor.spare_left(session, actor.person_id or 0),
        errors=errors or FormErrors(),
    )


def _is_required(actor: CurrentActor, market: TheMarket) -> bool:
    return any(grant.role in market.settings.roles_with_second_factor for grant in actor.grants)


def _issuer(market: TheMarket) -> str:
    return load_words(market.settings.home)["zh"].name
