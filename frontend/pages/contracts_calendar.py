"""The working-day calendar: which years are known, and a year entered by hand when the library does not reach it yet."""

from dataclasses import dataclass, field

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse, Response
from sqlmodel import Session

from frontend.i18n import _
from frontend.pages import contracts_words as words
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
from services.contracts import service
from services.ground import clock
from services.ground.actor import Actor
from services.ground.errors import Invalid
from services.ground.permissions import require
from services.ground.workdays import Calendar, days_of

pages = APIRouter()
YEARS_AHEAD = 2


@dataclass
class CalendarPage:
    """Everything contracts/calendar.html may use."""

    years: list[tuple[int, str, int]]
    """Year, `library`, `entered` or `unknown`, and how many days were entered."""
    open_years: list[tuple[str, str]]
    values: dict[str, str]
    errors: FormErrors = field(default_factory=FormErrors)


@pages.get("/contracts/calendar")
def show(request: Request, session: ReadSession, actor: CurrentActor) -> HTMLResponse:
    """Show which years are known, and the form for one that is not."""
    return render(request, "contracts/calendar.html", calendar_page(session, actor))


@pages.post("/contracts/calendar")
def enter(request: Request, form: PostedForm, session: WriteSession, actor: CurrentActor) -> Response:
    """Enter a year."""
    year = form.text("year")
    try:
        if not (year.isascii() and year.isdecimal() and 1985 <= int(year) <= 2100):
            raise Invalid("year", "literal_error")
        count = service.enter_year(session, actor, int(year), form.text("days"))
    except Invalid as error:
        page = calendar_page(session, actor)
        page.values, page.errors = form.values(), form_errors(error, words.labels())
        raise Again(render(request, "contracts/calendar.html", page, 422)) from error
    return see_other(
        request, "/contracts/calendar", _("%(y)s 年已录入 %(n)s 天，新算的时限按它") % {"y": year, "n": count}
    )


def calendar_page(session: Session, actor: Actor) -> CalendarPage:
    """Gather the years from this one on. Raises Forbidden for those who keep no calendar."""
    require(actor, "contract.calendar")
    first = clock.today().year
    years = []
    for year in range(first, first + YEARS_AHEAD + 1):
        entered = days_of(session, year)
        known = Calendar.in_library(clock.today().replace(year=year, month=1, day=1))
        years.append((year, "library" if known else "entered" if entered else "unknown", len(entered)))
    open_years = [(str(year), str(year)) for year, kind, _count in years if kind != "library"]
    shown = days_of(session, int(open_years[0][0])) if open_years else []
    text = "\n".join(f"{row.day} {'班' if row.works else '休'} {row.note}".rstrip() for row in shown)
    return CalendarPage(years, open_years, {"days": text} | ({"year": open_years[0][0]} if open_years else {}))
