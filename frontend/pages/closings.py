"""Closed periods: closing one, its files as they were, and what has come after it, line by line."""

from dataclasses import dataclass
from typing import Annotated

from fastapi import APIRouter, Path, Request
from fastapi.responses import HTMLResponse, Response

from etl.statistics_files import closed_report
from frontend.i18n import _
from frontend.labels import period_words
from frontend.texts import message_of
from frontend.web import Again, CurrentActor, PostedForm, ReadSession, TheMarket, WriteSession, render, see_other
from services.ground import clock
from services.ground.actor import Actor
from services.ground.errors import BadRequest, Conflict
from services.ground.permissions import may
from services.ground.web import access
from services.indicators import closing
from services.indicators.api import Traced
from services.indicators.closing import ClosingOut, Differences
from services.indicators.periods import Period, year_of

pages = APIRouter()
Code = Annotated[str, Path(max_length=12)]


@dataclass
class ClosingsPage:
    """Everything indicators/closings.html may use."""

    closings: list[ClosingOut]
    ready: list[tuple[str, str]]
    may_close: bool
    problem: str = ""


@dataclass
class ClosingPage:
    """Everything indicators/closing.html may use."""

    closing: ClosingOut
    differences: Differences
    runs: str
    doors: bool


@pages.get("/indicators/closings", **access("indicator.see_internal"))
def closings(request: Request, session: ReadSession, actor: CurrentActor) -> HTMLResponse:
    """List the closed periods, and those that can be closed."""
    return render(request, "indicators/closings.html", _list(closing.closings(session, actor), actor))


def _list(found: list[ClosingOut], actor: Actor, problem: str = "") -> ClosingsPage:
    closed = {item.period for item in found}
    ready = [(one.code, period_words(one.code, one.label)) for one in over() if one.code not in closed]
    return ClosingsPage(found, ready, may(actor, "indicator.manage"), problem)


def over() -> list[Period]:
    """List the periods of this year and the last that are over, the latest first: a year, its quarters, its months."""
    today = clock.today()
    found: list[Period] = []
    for year in (today.year, today.year - 1):
        parts = [*(Period("quarter", year, n) for n in range(1, 5)), *(Period("month", year, n) for n in range(1, 13))]
        found += [period for period in (year_of(year), *parts) if period.until < today]
    return sorted(found, key=lambda period: (period.until, -len(period.code)), reverse=True)


@pages.post("/indicators/closings", **access("indicator.manage"))
def close(
    request: Request, form: PostedForm, session: WriteSession, actor: CurrentActor, market: TheMarket
) -> Response:
    """Close a period: from now on its report is handed out as it is now."""
    try:
        made = closing.close(session, actor, form.text("period"), closed_report)
    except (Conflict, BadRequest) as error:
        with market.database.read() as fresh:
            page = _list(closing.closings(fresh, actor), actor, message_of(error))
        raise Again(render(request, "indicators/closings.html", page, 422)) from error
    said = _("%(p)s已封账，校验 %(h)s") % {"p": made.label, "h": made.sha256[:12]}
    return see_other(request, f"/indicators/closings/{made.period}", said)


@pages.get("/indicators/closings/{code}", **access("indicator.see_internal"))
def show(request: Request, code: Code, session: ReadSession, actor: CurrentActor, _trace: Traced) -> HTMLResponse:
    """Show a closed report: what went in, its files, and what has changed since."""
    found = closing.closing(session, actor, code)
    runs = found.inputs["movements"]
    said = "、".join(f"{first}–{last}" if first != last else str(first) for first, last in runs[:12])
    more = _(" 等 %(n)s 段") % {"n": len(runs)} if len(runs) > 12 else ""
    page = ClosingPage(
        found, closing.differences(session, actor, code), said + more, doors=may(actor, "contract.ledger")
    )
    return render(request, "indicators/closing.html", page)


@pages.get("/indicators/closings/{code}/{name}", **access("indicator.see_internal"))
def hand_out(
    code: Code, name: Annotated[str, Path(max_length=80)], session: WriteSession, actor: CurrentActor
) -> Response:
    """Hand out a finished file, byte for byte as it was made."""
    found = closing.closed_file(session, actor, code, name)
    headers = {"Content-Disposition": f'attachment; filename="{found.name}"'}
    return Response(found.content, media_type=found.media_type, headers=headers)
