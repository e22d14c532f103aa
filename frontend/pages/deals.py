"""The deal room: what comes next, what happened, who was first, and the forms of every move."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Annotated, Any

from fastapi import APIRouter, Query, Request
from fastapi.responses import HTMLResponse, Response
from sqlmodel import Session

from frontend.i18n import N_, _
from frontend.labels import code_name
from frontend.pages import deals_words as words
from frontend.texts import message_of
from frontend.web import (
    Again,
    CurrentActor,
    Form,
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
from services.deals import rules, schemas, service
from services.ground import reference
from services.ground.actor import Actor
from services.ground.errors import Conflict, DomainError, Invalid, StaleVersion
from services.ground.market import Market

pages = APIRouter()
Options = list[tuple[str, str]]
Show = Annotated[str, Query(max_length=10, description="steps, messages, files, or all.")]


# -- the room --------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Item:
    """One line of the history."""

    at: datetime
    look: str
    who: str
    said: str = ""
    bubble: str = ""
    mine: bool = False
    seen_by: str = ""
    file: schemas.FileOut | None = None


@dataclass(frozen=True)
class Person:
    """Somebody who takes part, as the reader may know them."""

    name: str
    organisation: str
    side: str
    email: str = ""
    phone: str = ""
    demo: bool = False


@dataclass
class DealPage:
    """Everything deals/show.html may use."""

    deal: schemas.DealDetail
    title: tuple[str, str]
    state: tuple[str, str]
    steps: list[tuple[str, str, str]]
    next_title: str
    clock: tuple[str, str]
    offers: list[tuple[schemas.OfferOut, str, str, tuple[str, str]]]
    signing: schemas.SigningOut | None
    signing_by: str
    days: list[tuple[str, list[Item]]]
    show: str
    introduced_by: str
    hash: str
    people: list[Person]
    files: list[tuple[schemas.FileOut, str, str]]
    ending: str
    levels: Options
    values: dict[str, str] = field(default_factory=dict)
    errors: FormErrors = field(default_factory=FormErrors)
    problem: str = ""


@pages.get("/deals/{code}")
def show_deal(request: Request, code: str, session: ReadSession, actor: CurrentActor, show: Show = "") -> HTMLResponse:
    """Show the room, with the whole history or only steps, messages or files."""
    return render(request, "deals/show.html", deal_page(session, actor, code, show))


def deal_page(session: Session, actor: Actor, code: str, show: str = "", **more: Any) -> DealPage:
    """Gather the room for one actor."""
    deal = service.detail(session, actor, code)
    modes = names_of(session, "payment_mode")
    signing = next((row for row in deal.signings if not row.superseded), None)
    return DealPage(
        deal=deal,
        title=(words.side_name(deal, "seeker"), words.side_name(deal, "provider")),
        state=(_(words.STATES[deal.state]), words.STATE_LOOKS[deal.state]),
        steps=[_step(deal, step) for step in deal.steps],
        next_title=words.next_title(deal),
        clock=words.clock_words(deal.next) if deal.next else ("", ""),
        offers=[
            (row, words.who(row), modes.get(row.payment_mode, row.payment_mode), _offer_state(row))
            for row in deal.offers
        ],
        signing=signing,
        signing_by=words.who(signing) if signing else "",
        days=_days(_history(deal, show)),
        show=show,
        introduced_by=words.who(deal.introduction),
        hash=words.short_hash(deal.introduction.hash),
        people=_people(deal),
        files=[(row, words.who(row), _(words.SEEN_BY[row.level])) for row in deal.files],
        ending=_ending(session, deal),
        levels=levels_for(deal),
        **more,
    )


def levels_for(deal: schemas.DealOut) -> Options:
    """List what a side may choose for who sees what it writes, the usual one first."""
    side = deal.your_side
    offered = rules.levels_offered(rules.BROKER if side == "broker" else rules.SEEKER)
    return [(level, _(words.LEVELS[level])) for level in sorted(offered, key=lambda level: level != "after_contact")]


def names_of(session: Session, list_code: str) -> dict[str, str]:
    """Give the names of a code list in the language of the page."""
    return {entry.code: code_name(list_code, entry.code) for entry in reference.entries(session, list_code)}


def _step(deal: schemas.DealDetail, step: schemas.StepOut) -> tuple[str, str, str]:
    detail = words.local_day(step.at).isoformat() if step.at else ""
    if step.state == "skipped":
        detail = _("没有签") if step.code == "confidential" else _("跳过")
    if step.state == "now" and deal.state == "ended":
        detail = _("在这里结束")
    return _(words.STEPS[step.code]), detail, step.state


def _offer_state(row: schemas.OfferOut) -> tuple[str, str]:
    text, look = words.OFFER_STATES[row.state]
    return _(text), look


def _ending(session: Session, deal: schemas.DealDetail) -> str:
    if deal.end_reason is None:
        return ""
    parts = [names_of(session, "deal_end_reason").get(deal.end_reason, deal.end_reason)]
    if deal.unsuitable_reason:
        parts.append(names_of(session, "unsuitable_reason").get(deal.unsuitable_reason, deal.unsuitable_reason))
    return "：".join(parts)


def _people(deal: schemas.DealDetail) -> list[Person]:
    """List who has acted, and the sides of which nobody has yet."""
    demo = {"seeker": deal.seeker.demo, "provider": deal.provider.demo}
    people = []
    for row in deal.people:
        side = _(words.SIDES.get(row.side, row.side))
        organisation = row.organisation or (words.side_name(deal, row.side) if row.side in demo else "")
        people.append(
            Person(row.name or side, organisation, side, row.email or "", row.phone or "", demo.get(row.side, False))
        )
    acted = {row.side for row in deal.people}
    absent = [party for party in (deal.seeker, deal.provider) if party.side not in acted]
    return people + [Person(p.name or _("确认后可见"), "", _(words.SIDES[p.side]), demo=p.demo) for p in absent]


def _history(deal: schemas.DealDetail, show: str) -> list[Item]:
    items = []
    if show in {"", "steps"}:
        signed = [event for event in deal.history if event.move == "agree_confidentiality"]
        newest = next((event for event in deal.history if event.from_step != event.to_step), None)
        for event in deal.history:
            moved = event.from_step != event.to_step or event.move == "introduce"
            look = ("dot now" if event is newest and deal.state == "open" else "dot step") if moved else "dot"
            items.append(
                Item(event.at, look, words.who(event), words.happened(event, again=event in signed[:-1]), event.note)
            )
    if show in {"", "messages"}:
        items += [
            Item(m.at, "dot", words.who(m), "", m.body, m.side == deal.your_side, _(words.SEEN_BY[m.level]))
            for m in deal.messages
        ]
    if show in {"", "files"}:
        items += [Item(f.at, "dot", words.who(f), seen_by=_(words.SEEN_BY[f.level]), file=f) for f in deal.files]
    return sorted(items, key=lambda item: item.at, reverse=True)


def _days(items: Iterable[Item]) -> list[tuple[str, list[Item]]]:
    days: dict[date, list[Item]] = {}
    for item in items:
        days.setdefault(words.local_day(item.at), []).append(item)
    return [(words.day_title(day), list_) for day, list_ in days.items()]


@pages.post("/deals/{code}/message")
def post_message(
    *, request: Request, code: str, form: PostedForm, session: WriteSession, actor: CurrentActor, market: TheMarket
) -> Response:
    """Write to the others, with a file if one was chosen."""
    level = form.text("level") or "after_contact"
    upload = form.file("file")
    try:
        if upload:
            service.attach_file(session, actor, market.settings, code, upload.file, upload.filename or "", level)  # type: ignore[arg-type]
        if form.text("body") or not upload:
            service.post_message(
                session, actor, code, build(schemas.MessageIn, {"body": form.text("body"), "level": level})
            )
    except (Invalid, Conflict) as error:
        raise _room_again(request, market, actor, code, error=error, form=form) from error
    return see_other(request, f"/deals/{code}#history", _("已发出"))


def _room_again(request: Request, market: Market, actor: Actor, code: str, *, error: DomainError, form: Form) -> Again:
    """Show the room again, as it now is, with what stood against it; nothing of this request is kept."""
    errors = form_errors(error, words.labels()) if isinstance(error, Invalid) else FormErrors()
    problem = "" if isinstance(error, Invalid) else message_of(error)
    with market.database.read() as fresh:
        page = deal_page(fresh, actor, code, values=form.values(), errors=errors, problem=problem)
        return Again(render(request, "deals/show.html", page, error.status))


# -- moves of one button ---------------------------------------------------------------------------------------------

Simple = Callable[[Session, Actor, str, Form], Any]


def _accept(session: Session, actor: Actor, code: str, form: Form) -> None:
    number = form.text("n")
    service.accept_offer(
        session, actor, code, int(number) if number.isdecimal() and len(number) < 9 else 0, form.version()
    )


SIMPLE: dict[str, tuple[Simple, str]] = {
    "acknowledge": (lambda s, a, c, f: service.acknowledge(s, a, c, f.version()), N_("已确认这次引荐")),
    "accept": (_accept, N_("已接受报价，双方达成一致")),
    "confirm-signature": (
        lambda s, a, c, f: service.confirm_signature(s, a, c, f.version()),
        N_("已确认签约，合同草稿已生成"),
    ),
    "next-done": (lambda s, a, c, f: service.clear_next_action(s, a, c, f.version()), N_("已记下做完了")),
}


@pages.post("/deals/{code}/acknowledge")
@pages.post("/deals/{code}/accept")
@pages.post("/deals/{code}/confirm-signature")
@pages.post("/deals/{code}/next-done")
def press(
    *, request: Request, code: str, form: PostedForm, session: WriteSession, actor: CurrentActor, market: TheMarket
) -> Response:
    """Make a move that needs no more than a button; a move that came too late shows the room as it now is."""
    move, said = SIMPLE[request.url.path.rpartition("/")[2]]
    try:
        move(session, actor, code, form)
    except (Conflict, StaleVersion) as error:
        raise _room_again(request, market, actor, code, error=error, form=form) from error
    return see_other(request, f"/deals/{code}", _(said))
