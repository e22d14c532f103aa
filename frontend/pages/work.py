"""My work: the deals ordered by what is due."""

from dataclasses import dataclass
from typing import Annotated, Literal

from fastapi import APIRouter, Query, Request
from fastapi.responses import HTMLResponse
from sqlmodel import Session

from frontend.i18n import _
from frontend.pages import deals_words as words
from frontend.web import CurrentActor, ReadSession, render
from services.deals import rules, schemas, service
from services.ground import clock
from services.ground.actor import Actor
from services.ground.money import wan
from services.listings.schemas import ListingView
from services.matching import service as matching

pages = APIRouter()
View = Literal["mine", "others", "all", "over"]
LIMIT = 200
SOON = 5


@dataclass(frozen=True)
class Line:
    """One deal of the work list."""

    deal: schemas.DealOut
    title: str
    parties: tuple[str, str]
    about: str
    clock: tuple[str, str]
    step: str
    done: int
    waits_for: str


@dataclass
class WorkPage:
    """Everything deals/work.html may use."""

    today: str
    view: View
    views: list[tuple[str, str, bool]]
    counts: dict[str, int]
    groups: list[tuple[str, list[Line]]]
    more: bool
    soon: list[Line]
    year: list[tuple[str, str]]
    new_matches: list[tuple[ListingView, ListingView]]
    steps: int = len(rules.STEPS)


@pages.get("/work")
def show_work(
    request: Request, session: ReadSession, actor: CurrentActor, view: Annotated[View, Query()] = "mine"
) -> HTMLResponse:
    """Show what is to be done, the longest overdue first."""
    return render(request, "deals/work.html", work_page(session, actor, view))


def work_page(session: Session, actor: Actor, view: View) -> WorkPage:
    """Gather the work list of one actor."""
    more: object = None
    if view == "over":
        deals, more = service.own(session, actor, state="over", limit=LIMIT)
        groups = [(_("已结束和已签约"), [_line(deal) for deal in deals])] if deals else []
    else:
        turns: dict[View, Literal["mine", "others", "any"]] = {"mine": "mine", "others": "others", "all": "any"}
        deals, more = service.work_list(session, actor, turn=turns[view], limit=LIMIT)
        groups = _grouped(deals)
    others, _rest = service.work_list(session, actor, turn="others", limit=SOON) if view == "mine" else ([], None)
    counts = service.counts(session, actor)
    year = service.year_figures(session, actor)
    names = {"mine": _("轮到我"), "others": _("等对方"), "all": _("全部在办"), "over": _("已结束")}
    numbers = {"mine": counts["mine"], "others": counts["others"], "all": counts["open"], "over": counts["over"]}
    return WorkPage(
        today=words.day_title(clock.today()),
        view=view,
        views=[(f"{name} {numbers[key]}", f"/work?view={key}", key == view) for key, name in names.items()],
        counts=counts,
        groups=groups,
        more=more is not None,
        soon=[_line(deal) for deal in others],
        new_matches=matching.hits_for(session, actor) if view == "mine" else [],
        year=[
            (_("引荐"), _("%(n)s 次，双方确认 %(m)s 次") % {"n": year["introduced"], "m": year["acknowledged"]}),
            (_("签约"), _("%(n)s 份，成交额 %(a)s 万元") % {"n": year["signed"], "a": wan(year["amount_fen"])}),
        ],
    )


def _grouped(deals: list[schemas.DealOut]) -> list[tuple[str, list[Line]]]:
    groups: dict[str, list[Line]] = {}
    for deal in deals:
        groups.setdefault(deal.next.bucket if deal.next else "undated", []).append(_line(deal))
    return [(_(name), groups[key]) for key, name in words.BUCKETS.items() if key in groups]


def _line(deal: schemas.DealOut) -> Line:
    place = rules.STEPS.index(deal.step) + 1
    title = words.next_words(deal.next) if deal.next else deal.title
    waits = ""
    if deal.state == "ended":
        waits = _("已结束")
    elif deal.next:
        waits = _("等您") if deal.next.your_turn else _("等%(who)s") % {"who": words.side_name(deal, deal.next.side)}
    return Line(
        deal=deal,
        title=title,
        parties=(words.side_name(deal, "seeker"), words.side_name(deal, "provider")),
        about=deal.title,
        clock=words.clock_words(deal.next) if deal.next else ("", ""),
        step=_(words.STEPS[deal.step]),
        done=place,
        waits_for=waits,
    )
