"""Moves of one record: decided by a moderator, or made by its owner."""

from fastapi import APIRouter, Request
from fastapi.responses import Response

from frontend.i18n import _
from frontend.pages.desk import queue_page
from frontend.web import Again, CurrentActor, PostedForm, WriteSession, form_errors, render, see_other
from services.ground.errors import Conflict, Invalid
from services.ground.web import access
from services.listings import service

pages = APIRouter()


@pages.post("/moderation/{code}", **access("listing.moderate"))
def decide(request: Request, code: str, form: PostedForm, session: WriteSession, actor: CurrentActor) -> Response:
    """Publish, or return with reasons."""
    if form.action == "publish":
        service.publish(session, actor, code)
        return see_other(request, "/moderation", _("%(c)s 已发布") % {"c": code})
    try:
        service.return_with_reasons(session, actor, code, form.text("reasons"))
    except Invalid as error:
        page = queue_page(request, session, actor)
        page.errors = form_errors(error, {"reasons": _("退回原因")})
        raise Again(render(request, "listings/moderation.html", page, 422)) from error
    return see_other(request, "/moderation", _("%(c)s 已退回") % {"c": code})


@pages.post("/listings/{code}/{move}", **access("listing.edit"))
def move(
    request: Request, code: str, move: str, form: PostedForm, session: WriteSession, actor: CurrentActor
) -> Response:
    """Submit, confirm, fulfil or withdraw a record of one's own."""
    moves = {"submit": service.submit, "confirm": service.confirm, "fulfil": service.fulfil}
    if move == "withdraw":
        service.withdraw(session, actor, code, form.text("reasons"))
        return see_other(request, "/desk", _("已撤下"))
    if move not in moves:
        raise Conflict("move_not_possible", record=code, move=move, state="")
    out = moves[move](session, actor, code)
    return see_other(request, out.url, _("已办好"))
