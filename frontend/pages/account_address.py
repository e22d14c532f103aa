"""Proving that a mail address is one's own: the link in the mail, and the button behind it."""

from dataclasses import dataclass

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse, Response
from sqlmodel import Session

from frontend.i18n import _
from frontend.identity import address_of
from frontend.web import CurrentActor, PostedForm, ReadSession, TheMarket, WriteSession, render, see_other
from frontend.words import load_words
from services.accounts import addresses, sessions
from services.ground import mail
from services.ground.market import Market
from services.ground.web import access

pages = APIRouter()


@dataclass
class AddressPage:
    """Everything account/address.html may use."""

    address: str
    token: str


def send_link(market: Market, session: Session, person_id: int) -> None:
    """Mail the link that proves a person's address, in the caller's transaction."""
    address, token = addresses.ask(session, person_id)
    link = f"{market.settings.public_url.rstrip('/')}/account/address/{token}"
    name = load_words(market.settings.home)["zh"].name
    text = _(
        "有人（应该是您）在本市场填了这个邮箱。三天内点开这个链接，按一下按钮，通知才会发到这里：\n\n%(u)s\n\n不是您填的就不用理会。"
    )
    mail.send(session, address, f"[{name}] " + _("确认邮箱"), text % {"u": link})


def changed_address(market: Market, session: Session, person_id: int, before: str | None) -> None:
    """After a change of the account: have a new address proved, and tell the old one, whose owner may not have done it."""
    if addresses.of(session, person_id) == before:
        return
    if addresses.unproved(session, person_id):
        send_link(market, session, person_id)
    if before:
        name = load_words(market.settings.home)["zh"].name
        text = _("您账号的邮箱换了，通知不再发到这里。不是您换的，请马上改密码，并告诉管理员。")
        mail.send(session, before, f"[{name}] " + _("邮箱换了"), text)


@pages.post("/account/address", **access("account.use"))
def again(request: Request, form: PostedForm, actor: CurrentActor, market: TheMarket) -> Response:  # noqa: ARG001
    """Send the link once more; too many askings wait."""
    counted = (f"address {actor.person_id}", f"address {address_of(request)}")
    with market.database.read() as session:
        sessions.count_try(session, market.settings.secret, *counted)
    with market.database.write() as session:
        sessions.remember_failure(session, market.settings.secret, *counted)
        send_link(market, session, actor.person_id or 0)
    return see_other(request, "/account", _("链接已发到您的邮箱"))


@pages.get("/account/address/{token}", **access("account.sign_in"))
def look(request: Request, token: str, session: ReadSession) -> HTMLResponse:
    """Show which address is to be confirmed; opening it confirms nothing, for scanners of mail open every link."""
    return render(request, "account/address.html", AddressPage(addresses.look(session, token), token))


@pages.post("/account/address/{token}", **access("account.sign_in"))
def prove(request: Request, token: str, form: PostedForm, session: WriteSession) -> Response:  # noqa: ARG001
    """Note that the address is the person's. Whoever has the link needs no session: the telephone reads the mail."""
    addresses.prove(session, token)
    return see_other(request, "/login", _("邮箱已确认，通知会发到这里"))
