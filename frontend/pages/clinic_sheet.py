"""The sheet of a need for a visit to the plant: on paper, with room to write."""

from dataclasses import dataclass
from typing import Any

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse

from frontend.i18n import _
from frontend.web import CurrentActor, ReadSession, render
from services.clinic import service as clinic
from services.ground.errors import NotFound
from services.ground.web import access
from services.listings import service
from services.listings.schemas import ListingView

pages = APIRouter()


@dataclass
class SheetPage:
    """Everything clinic/sheet.html may use."""

    record: ListingView | None
    facts: list[tuple[str, str]]
    questions: list[str]


@pages.get("/needs/sheet", **access("market.look"))
def empty_sheet(request: Request) -> HTMLResponse:
    """Show an empty sheet to be taken to a plant."""
    return render(request, "clinic/sheet.html", SheetPage(None, _sheet_facts({}), clinic.questions(None)))


@pages.get("/needs/{code}/sheet", **access("listing.edit"))
def sheet(request: Request, code: str, session: ReadSession, actor: CurrentActor) -> HTMLResponse:
    """Show a need on one page, with room to write where something is still open."""
    record = service.get_for_editing(session, actor, code)
    if record.kind != "need":
        raise NotFound("need", code)
    page = SheetPage(record, _sheet_facts(record.details), clinic.questions(record.subfield))
    return render(request, "clinic/sheet.html", page)


def _sheet_facts(details: dict[str, Any]) -> list[tuple[str, str]]:
    names = {
        "plain": _("换个行业的人也能看懂的说法"),
        "tried": _("试过的办法和结果"),
        "conditions": _("现场条件和限制"),
        "acceptance": _("怎样算做成了"),
    }
    return [(label, str(details.get(name) or "")) for name, label in names.items()]
