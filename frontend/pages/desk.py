"""The lists people live in: one's own records and the moderators' queue. The address is the question; many are moved at once."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse, Response
from sqlmodel import Session

from frontend import clinic_view
from frontend.forms import Form
from frontend.i18n import N_, _
from frontend.pages.duties import Duty, duties_of
from frontend.pages.public import NOUNS
from frontend.texts import message_of
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
from services.ground import clock
from services.ground.actor import Actor
from services.ground.errors import DomainError, Invalid
from services.ground.web import access
from services.listings import desk as service
from services.listings.schemas import ListingView

pages = APIRouter()
PER_PAGE = 50
KIND_NAMES = {"needs": N_("需求"), "results": N_("成果"), "patents": N_("专利"), "experts": N_("专家")}
STATE_NAMES = {
    "returned": N_("退回，等您修改"),
    "draft": N_("草稿"),
    "submitted": N_("等审核"),
    "published": N_("已发布"),
    "expired": N_("已过期"),
    "archived": N_("已归档"),
    "fulfilled": N_("已解决"),
    "withdrawn": N_("已撤下"),
}
STATE_LOOKS = {
    "returned": "warn",
    "submitted": "info",
    "published": "ok",
    "fulfilled": "ok",
    "expired": "warn",
    "archived": "warn",
}
SORTS = {
    "new": N_("最新的在前"),
    "old": N_("最早的在前"),
    "unconfirmed": N_("最久没确认的在前"),
    "title": N_("按标题"),
    "owner": N_("按单位"),
}
ACTS = {
    "confirm": N_("确认还有效"),
    "submit": N_("提交审核"),
    "fulfil": N_("标为已解决"),
    "withdraw": N_("撤下"),
    "publish": N_("发布"),
    "return": N_("退回"),
    "assign": N_("分给"),
}


@dataclass(frozen=True)
class Row:
    """One record of the list, as it is printed."""

    view: ListingView
    state: tuple[str, str]
    days: int | None
    taken_by: str


@dataclass
class ListPage:
    """What both lists may use."""

    rows: list[Row]
    all: int
    found: int
    views: list[tuple[str, str, bool]]
    kinds: list[tuple[str, str, bool]]
    q: str
    sort: str
    sorts: list[tuple[str, str]]
    hidden: list[tuple[str, str]]
    here: str
    export: str
    next_url: str
    before_url: str
    start: int
    most: int = service.AT_ONCE
    errors: FormErrors = field(default_factory=FormErrors)


@dataclass
class DeskPage(ListPage):
    """Everything listings/desk.html may use."""

    may_write: bool = False
    duties: list[Duty] = field(default_factory=list)
    """What waits for those who work for the market."""


@dataclass
class ModerationPage(ListPage):
    """Everything listings/moderation.html may use."""

    moderators: list[tuple[str, str]] = field(default_factory=list)
    takers: list[tuple[str, str, bool]] = field(default_factory=list)


@dataclass
class SurePage:
    """Everything listings/sure.html may use."""

    lines: list[tuple[str, str]]
    back: str
    reasons: str


@dataclass
class DonePage:
    """Everything listings/done.html may use."""

    act: str
    done: int
    failed: list[tuple[str, str, str]]
    back: str


Read = Callable[[Session, Actor, service.Asked], service.Found]


@pages.get("/desk", **access("account.use"))
def desk(request: Request, session: ReadSession, actor: CurrentActor) -> HTMLResponse:
    """Show what is one's own and what one has written for firms, as the address asks for it."""
    return render(request, "listings/desk.html", _desk(request, session, actor))


@pages.post("/desk", **access("account.use"))
def act_on_desk(request: Request, form: PostedForm, session: WriteSession, actor: CurrentActor) -> Response:
    """Make one move of all that were ticked, or of all that the address finds."""
    return _act(
        request, form, session, actor, service.own, lambda: _desk(request, session, actor), "listings/desk.html"
    )


@pages.get("/moderation", **access("listing.queue"))
def moderation(request: Request, session: ReadSession, actor: CurrentActor) -> HTMLResponse:
    """Show what waits for a decision, oldest first."""
    return render(request, "listings/moderation.html", queue_page(request, session, actor))


@pages.post("/moderation", **access("listing.queue"))
def decide_many(request: Request, form: PostedForm, session: WriteSession, actor: CurrentActor) -> Response:
    """Publish, return or assign all that were ticked; what cannot be done is told of each, the others go on."""
    service.waiting(session, actor, service.Asked())  # whoever may not see the queue decides nothing in it
    return _act(
        request,
        form,
        session,
        actor,
        service.waiting,
        lambda: queue_page(request, session, actor),
        "listings/moderation.html",
    )


def _act(
    request: Request,
    form: Form,
    session: Session,
    actor: Actor,
    read: Read,
    again: Callable[[], ListPage],
    template: str,
) -> Response:
    back = local_path(form.text("back"), request.url.path)
    try:
        codes = form.texts("codes")
        if form.ticked("all"):
            # More than can be done at once is done in parts, the first of the list first; what is left stays in it.
            codes = [line.code for line in read(session, actor, _asked_in(back)).lines][: service.AT_ONCE]
        if form.action == "withdraw" and codes and not form.ticked("sure"):
            lines = [
                (line.code, line.title) for line in read(session, actor, service.Asked()).lines if line.code in codes
            ]
            return render(request, "listings/sure.html", SurePage(lines[: service.AT_ONCE], back, form.text("reasons")))
        person = form.text("person")
        found = service.act_on(
            session,
            actor,
            form.action,
            codes,
            reasons=form.text("reasons"),
            person_id=int(person) if person.isdecimal() and len(person) < 10 else None,
        )
    except Invalid as error:
        page = again()
        page.errors = form_errors(
            error, {"reasons": _("退回原因"), "codes": _("勾选"), "person": _("分给"), "do": _("做什么")}
        )
        raise Again(render(request, template, page, 422)) from error
    failed = [(one.code, one.title, _why(one.error)) for one in found if one.error]
    done = len(found) - len(failed)
    if not failed:
        return see_other(request, back, _("办好 %(n)s 条") % {"n": done})
    return render(request, "listings/done.html", DonePage(_(ACTS[form.action]), done, failed, back))


def _why(error: DomainError) -> str:
    return message_of(error.fields[0] if isinstance(error, Invalid) and error.fields else error)


def _asked_in(url: str) -> service.Asked:
    """Read the question out of an address: the same list again, whoever opens it."""
    from urllib.parse import parse_qs, urlsplit  # noqa: PLC0415 - only here

    query = parse_qs(urlsplit(url).query)
    values = {name: query.get(name, [""])[0].strip()[:100] for name in ("kind", "state", "q", "sort", "assigned")}
    return service.Asked(**values)


def _desk(request: Request, session: Session, actor: Actor) -> DeskPage:
    common = _list(request, session, actor, service.own, "/desk", "/api/v1/desk", "new")
    may_write = bool(actor.organisation_ids) or clinic_view.writes_for_others(actor)
    return DeskPage(**common, may_write=may_write, duties=duties_of(session, actor))


def queue_page(request: Request, session: Session, actor: Actor) -> ModerationPage:
    """Give the part of the queue that the address asks for."""
    common = _list(request, session, actor, service.waiting, "/moderation", "/api/v1/moderation", "old")
    assigned, here = request.query_params.get("assigned", ""), common["here"]
    return ModerationPage(
        **common,
        moderators=[(str(key), name) for key, name in accounts.holders(session, "moderator")],
        takers=[
            (name, with_query(here, assigned=value or None, page=None), assigned == value)
            for value, name in (("", _("全部")), ("me", _("分给我的")), ("none", _("还没有人接的")))
        ],
    )


def _list(
    request: Request, session: Session, actor: Actor, read: Read, path: str, api: str, order: str
) -> dict[str, Any]:
    """Give what both lists have in common: the part that the address asks for, and the ways to other parts."""
    asked = _asked_in(str(request.url))
    number = request.query_params.get("page", "")
    page = int(number) if number.isdecimal() and 0 < len(number) < 4 else 1
    found = read(session, actor, service.Asked(asked.kind, asked.state, asked.q, asked.sort or order, asked.assigned))
    start = (max(page, 1) - 1) * PER_PAGE
    lines = found.lines[start : start + PER_PAGE]
    kept = {name: getattr(asked, name) for name in ("kind", "state", "q", "sort", "assigned") if getattr(asked, name)}
    here = with_query(path, **kept)
    takers = dict(accounts.holders(session, "moderator")) if any(line.assigned_to for line in lines) else {}
    states = {line.id: line.state for line in lines}
    taken = {line.id: takers.get(line.assigned_to or 0, "") for line in lines}
    return {
        "rows": [_row(view, states[view.id], taken[view.id]) for view in service.shown(session, actor, lines)],
        "all": found.all,
        "found": len(found.lines),
        "views": _views(
            here, "state", {name: _(text) for name, text in STATE_NAMES.items()}, found.states, asked.state
        ),
        "kinds": _views(
            here, "kind", {NOUNS[noun]: _(text) for noun, text in KIND_NAMES.items()}, found.kinds, asked.kind
        ),
        "q": asked.q,
        "sort": asked.sort or order,
        "sorts": [(name, _(text)) for name, text in SORTS.items()],
        "hidden": [(name, value) for name, value in kept.items() if name not in {"q", "sort"}],
        "here": with_query(here, page=page if page > 1 else None),
        "export": with_query(api, **{**kept, "sort": asked.sort or order}),
        "next_url": with_query(here, page=page + 1) if len(found.lines) > start + PER_PAGE else "",
        "before_url": with_query(here, page=page - 1) if page > 1 else "",
        "start": start,
    }


def _views(
    here: str, name: str, texts: dict[str, str], counts: dict[str, int], chosen: str
) -> list[tuple[str, str, bool]]:
    every = [(f"{_('全部')} {sum(counts.values())}", with_query(here, **{name: None}), not chosen)]
    return every + [
        (f"{text} {counts.get(value, 0)}", with_query(here, **{name: value}), chosen == value)
        for value, text in texts.items()
        if counts.get(value) or chosen == value
    ]


def _row(view: ListingView, state: str, taken_by: str) -> Row:
    days = (clock.now() - view.confirmed_at).days if view.confirmed_at and state == "published" else None
    return Row(view, (_(STATE_NAMES[state]), STATE_LOOKS.get(state, "plain")), days, taken_by)
