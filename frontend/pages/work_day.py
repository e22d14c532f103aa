"""The day sheet: one printable page of what is due, whom to call and where to go."""

from dataclasses import dataclass

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse

from frontend.i18n import N_, _
from frontend.pages import deals_words as words
from frontend.web import CurrentActor, ReadSession, render
from services.deals.daysheet import Asking, Task, day_sheet
from services.ground import clock
from services.ground.identifiers import path_of

pages = APIRouter()
WHY = {
    "returned": N_("退回了，问清楚再补"),
    "draft": N_("还没写完，问缺的"),
    "unconfirmed": N_("很久没确认，问还有没有效"),
}


@dataclass(frozen=True)
class Line:
    """One thing to do, as it is printed."""

    task: Task
    what: str
    due: str
    clock: tuple[str, str]
    parties: tuple[str, str]


@dataclass
class DayPage:
    """Everything deals/day.html may use."""

    today: str
    parts: list[tuple[str, list[Line]]]
    asking: list[tuple[Asking, str, str]]
    calls: int


@pages.get("/work/day")
def day(request: Request, session: ReadSession, actor: CurrentActor) -> HTMLResponse:
    """Show the sheet of today."""
    found = day_sheet(session, actor)
    parts = [
        (_("今天要办的"), [_line(task) for task in found.due]),
        (_("这几天到期的"), [_line(task) for task in found.soon]),
    ]
    page = DayPage(
        today=words.day_title(clock.today()),
        parts=[(name, lines) for name, lines in parts if lines],
        asking=[(one, _(WHY[one.why]), path_of(one.line.code)) for one in found.asking],
        calls=sum(len(task.people) for task in [*found.due, *found.soon]) + sum(1 for one in found.asking if one.phone),
    )
    return render(request, "deals/day.html", page)


def _line(task: Task) -> Line:
    deal = task.deal
    return Line(
        task=task,
        what=words.next_words(deal.next) if deal.next else deal.title,
        due=deal.next.due_on.isoformat() if deal.next and deal.next.due_on else "",
        clock=words.clock_words(deal.next) if deal.next else ("", ""),
        parties=(words.side_name(deal, "seeker"), words.side_name(deal, "provider")),
    )
