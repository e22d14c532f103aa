"""What runs behind the pages: what waits, what was set aside, and trying it again by hand."""

from dataclasses import dataclass

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse, Response

from frontend.i18n import N_, _
from frontend.observing import state_of
from frontend.web import CurrentActor, PostedForm, ReadSession, TheMarket, WriteSession, render, see_other
from services.ground import operating
from services.ground.errors import BadRequest
from services.ground.web import access

pages = APIRouter()
ADDRESS = "/operations"
KINDS = {
    "index": N_("搜索索引"),
    "wake": N_("为需求找新记录"),
    "mail": N_("邮件"),
    "notice": N_("通知"),
    "import": N_("导入"),
}
PARTS = {"database": N_("数据库"), "search": N_("搜索引擎"), "broker": N_("消息队列")}


@dataclass
class OperationsPage:
    """Everything operations/show.html may use."""

    parts: list[tuple[str, str]]
    waiting: list[tuple[str, operating.Waiting]]
    aside: list[tuple[str, operating.Aside]]


@pages.get(ADDRESS, **access("market.operate"))
def show(request: Request, session: ReadSession, actor: CurrentActor, market: TheMarket) -> HTMLResponse:
    """Show the parts of the market, what waits, and what was set aside."""
    waiting = [(_kind(row.kind), row) for row in operating.waiting(session, actor)]
    aside = [(_kind(row.kind), row) for row in operating.set_aside(session, actor)]
    parts = [
        (_(PARTS.get(part, part)), _("正常") if word == "ok" else word) for part, word in state_of(market)[0].items()
    ]
    return render(request, "operations/show.html", OperationsPage(parts, waiting, aside))


@pages.post(ADDRESS, **access("market.operate"))
def change(request: Request, form: PostedForm, session: WriteSession, actor: CurrentActor) -> Response:
    """Try one piece of work or all of it again, or give one up."""
    number = form.text("row")
    if number and not (number.isascii() and number.isdecimal() and len(number) < 16):
        raise BadRequest
    ids = [int(number)] if number else None
    if form.action == "give_up" and ids:
        count = operating.give_up(session, actor, ids)
        return see_other(request, ADDRESS, _("不再试了：%(n)s 项") % {"n": count})
    if form.action != "again":
        raise BadRequest
    count = operating.try_again(session, actor, ids)
    return see_other(request, ADDRESS, _("马上再试：%(n)s 项") % {"n": count})


def _kind(kind: str) -> str:
    return _(KINDS.get(kind, kind))
