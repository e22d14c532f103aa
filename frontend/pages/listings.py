"""One's own desk, and the moderators' queue."""

from dataclasses import dataclass, field

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse, Response
from sqlmodel import Session

from frontend import clinic_view
from frontend.i18n import N_, _
from frontend.pages.public import NOUNS, Row, row_of
from frontend.web import (
    Again,
    CurrentActor,
    FormErrors,
    PostedForm,
    ReadSession,
    WriteSession,
    form_errors,
    render,
    see_other,
)
from services.accounts import service as accounts
from services.ground.actor import Actor
from services.ground.errors import Conflict, Invalid
from services.ground.web import access
from services.listings import service
from services.listings.schemas import ListingView

pages = APIRouter()


@dataclass
class DeskPage:
    """Everything listings/desk.html may use."""

    groups: list[tuple[str, list[Row]]]
    may_write: bool
    exports: list[tuple[str, str]]


KIND_NAMES = {"needs": N_("需求"), "results": N_("成果"), "patents": N_("专利"), "experts": N_("专家")}


@dataclass
class ModerationPage:
    """Everything listings/moderation.html may use."""

    queue: list[ListingView]
    errors: FormErrors = field(default_factory=FormErrors)


def _exports(session: Session, actor: Actor) -> list[tuple[str, str]]:
    """Give the lists of the own organisation at the API: (name, address), which can be had as files."""
    if actor.organisation_id is None:
        return []
    code = accounts.organisation(session, actor.organisation_id).code
    return [(_(name), f"/api/v1/{noun}?owner={code}") for noun, name in KIND_NAMES.items()]


@pages.get("/desk", **access("account.use"))
def desk(request: Request, session: ReadSession, actor: CurrentActor) -> HTMLResponse:
    """Show what is one's own, by how far it has come."""
    groups: dict[str, list[Row]] = {}
    for organisation_id in sorted(actor.organisation_ids):
        for kind in NOUNS.values():
            for view in service.list_listings(session, actor, kind, owner_id=organisation_id, limit=200):
                groups.setdefault(view.state, []).append(row_of(view))
    names = {
        "returned": _("退回，等您修改"),
        "draft": _("草稿"),
        "submitted": _("等审核"),
        "published": _("已发布"),
        "expired": _("已过期"),
        "fulfilled": _("已解决"),
        "withdrawn": _("已撤下"),
    }
    shown = [(names[state], groups[state]) for state in names if state in groups]
    return render(
        request,
        "listings/desk.html",
        DeskPage(shown, bool(actor.organisation_ids) or clinic_view.writes_for_others(actor), _exports(session, actor)),
    )


@pages.get("/moderation", **access("listing.queue"))
def moderation(request: Request, session: ReadSession, actor: CurrentActor) -> HTMLResponse:
    """Show what waits for a decision, oldest first."""
    return render(request, "listings/moderation.html", ModerationPage(service.queue(session, actor)))


@pages.post("/moderation/{code}", **access("listing.moderate"))
def decide(request: Request, code: str, form: PostedForm, session: WriteSession, actor: CurrentActor) -> Response:
    """Publish, or return with reasons."""
    try:
        if form.action == "publish":
            service.publish(session, actor, code)
            return see_other(request, "/moderation", _("%(c)s 已发布") % {"c": code})
        service.return_with_reasons(session, actor, code, form.text("reasons"))
    except Invalid as error:
        page = ModerationPage(service.queue(session, actor), form_errors(error, {"reasons": "退回原因"}))
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
