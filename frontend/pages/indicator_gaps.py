"""What is missing to the targets and where, and why a county stands where it stands."""

from dataclasses import dataclass
from typing import Annotated

from fastapi import APIRouter, Path, Query, Request
from fastapi.responses import HTMLResponse

from frontend.i18n import N_, _
from frontend.web import CurrentActor, ReadSession, render
from services.ground import clock
from services.ground.web import access
from services.indicators import gaps
from services.indicators.api import Traced
from services.indicators.entries import computed_code

pages = APIRouter()
STATES = {
    "draft": N_("草稿（还没提交）"),
    "submitted": N_("已提交"),
    "supplement_requested": N_("待补正"),
    "accepted": N_("已受理"),
    "in_review": N_("审核中"),
    "expert_review": N_("专家审核"),
}
Year = Annotated[int | None, Query(ge=1990, le=2100)]


@dataclass
class GapPage:
    """Everything indicators/gap.html may use."""

    gap: gaps.Gap
    years: list[int]
    states: dict[str, str]
    code: str


@dataclass
class StoryPage:
    """Everything indicators/story.html may use."""

    story: gaps.Story
    year: int
    states: dict[str, str]


def _states() -> dict[str, str]:
    return {state: _(label) for state, label in STATES.items()}


@pages.get("/indicators/gap", **access("indicator.see_internal"))
def gap(request: Request, session: ReadSession, actor: CurrentActor, _trace: Traced, year: Year = None) -> HTMLResponse:
    """Show what is missing in a year, by target, GDP scenario, county and chain."""
    today = clock.today()
    found = gaps.gap(session, actor, computed_code(), year or today.year)
    years = list(range(today.year + 1, today.year - 6, -1))
    return render(request, "indicators/gap.html", GapPage(found, years, _states(), computed_code()))


@pages.get("/indicators/gap/{county}", **access("indicator.see_internal"))
def story(
    request: Request,
    county: Annotated[str, Path(max_length=12)],
    session: ReadSession,
    actor: CurrentActor,
    _trace: Traced,
    year: Year = None,
) -> HTMLResponse:
    """Show why a county is behind or ahead: against its target and against the same months of last year."""
    chosen = year or clock.today().year
    return render(
        request, "indicators/story.html", StoryPage(gaps.story(session, actor, county, chosen), chosen, _states())
    )
