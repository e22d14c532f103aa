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
    local_path,
    render,
    see_other,
    with_query,
)
from services.accounts import service as accounts
from services.ground.actor import Actor
from services.ground.errors import Conflict, Forbidden, Invalid, NotFound
from services.ground.web import access
from services.listings import service
from services.listings.schemas import ListingView

pages = APIRouter()
PER_PAGE = 50
MOST_AT_ONCE = 200
MOST_IN_QUEUE = 2000


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
    waiting: int
    found: int
    views: list[tuple[str, str, bool]]
    q: str
    kind: str
    sort: str
    next_url: str
    before_url: str
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
        "archived": _("已归档"),
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
    return render(request, "listings/moderation.html", _queue(request, session, actor))


@pages.post("/moderation", **access("listing.queue"))
def decide_many(request: Request, form: PostedForm, session: WriteSession, actor: CurrentActor) -> Response:
    """Publish or return all that were ticked; what cannot be done is named, the others go on."""
    service.queue(session, actor, limit=1)  # whoever may not see the queue decides nothing in it
    codes = list(dict.fromkeys(form.texts("codes")))[:MOST_AT_ONCE]
    done, failed = 0, []
    try:
        if not codes:
            raise Invalid("codes", "nothing_ticked")
        for code in codes:
            try:
                if form.action == "publish":
                    service.publish(session, actor, code)
                else:
                    service.return_with_reasons(session, actor, code, form.text("reasons"))
                done += 1
            except (Conflict, NotFound, Forbidden):
                failed.append(code)
    except Invalid as error:
        page = _queue(request, session, actor)
        page.errors = form_errors(error, {"reasons": _("退回原因"), "codes": _("勾选")})
        raise Again(render(request, "listings/moderation.html", page, 422)) from error
    said = _("办好 %(n)s 条") % {"n": done}
    if failed:
        said += _("；没有办成：%(c)s") % {"c": _("、").join(failed[:10])}
    return see_other(request, local_path(form.text("back"), "/moderation"), said, "warn" if failed else "ok")


def _queue(request: Request, session: Session, actor: Actor) -> ModerationPage:
    """Give the part of the queue that the address asks for: kind, words, order, page. The address can be sent on."""
    asked = request.query_params
    kind, q, sort = asked.get("kind", ""), asked.get("q", "").strip()[:100], asked.get("sort", "")
    page = int(asked["page"]) if asked.get("page", "").isdecimal() and len(asked["page"]) < 4 else 1
    waiting = service.queue(session, actor, limit=MOST_IN_QUEUE)
    counts = {name: sum(1 for row in waiting if row.kind == name) for name in NOUNS.values()}
    rows = [row for row in waiting if kind in ("", row.kind) and _mentions(row, q)]
    if sort == "new":
        rows.reverse()
    elif sort == "owner":
        rows.sort(key=lambda row: row.owner_name)
    here = with_query("/moderation", q=q or None, sort=sort or None)
    views = [(f"{_('全部')} {len(waiting)}", here, not kind)]
    views += [
        (f"{_(KIND_NAMES[noun])} {counts[name]}", with_query(here, kind=name), kind == name)
        for noun, name in NOUNS.items()
        if counts[name]
    ]
    url = with_query(here, kind=kind or None)
    start = (max(page, 1) - 1) * PER_PAGE
    return ModerationPage(
        queue=rows[start : start + PER_PAGE],
        waiting=len(waiting),
        found=len(rows),
        views=views,
        q=q,
        kind=kind,
        sort=sort,
        next_url=with_query(url, page=page + 1) if len(rows) > start + PER_PAGE else "",
        before_url=with_query(url, page=page - 1) if page > 1 else "",
    )


def _mentions(row: ListingView, words: str) -> bool:
    return words.lower() in f"{row.code} {row.title} {row.owner_name} {row.summary}".lower()


@pages.post("/moderation/{code}", **access("listing.moderate"))
def decide(request: Request, code: str, form: PostedForm, session: WriteSession, actor: CurrentActor) -> Response:
    """Publish, or return with reasons."""
    try:
        if form.action == "publish":
            service.publish(session, actor, code)
            return see_other(request, "/moderation", _("%(c)s 已发布") % {"c": code})
        service.return_with_reasons(session, actor, code, form.text("reasons"))
    except Invalid as error:
        page = _queue(request, session, actor)
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
