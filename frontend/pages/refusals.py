"""Why firms say no: coded reasons by chain, each figure open to its cases for those who may."""

from dataclasses import dataclass
from typing import Annotated

from fastapi import APIRouter, Query, Request
from fastapi.responses import HTMLResponse

from frontend.i18n import _
from frontend.labels import code_name
from frontend.web import CurrentActor, ReadSession, WriteSession, render, with_query
from services.deals import refusals as service
from services.ground import reference
from services.ground.permissions import may
from services.ground.web import access

pages = APIRouter()
Word = Annotated[str, Query(max_length=60)]


@dataclass(frozen=True)
class Figure:
    """One figure as it is printed, and where it opens."""

    text: str
    url: str


@dataclass(frozen=True)
class Reason:
    """One row: what was said, how often in each chain, and the sum of what is shown."""

    label: str
    figures: list[Figure]
    shown: Figure


@dataclass
class RefusalsPage:
    """Everything deals/refusals.html may use."""

    tables: list[tuple[str, str, list[Reason]]]
    chains: list[str]
    views: list[tuple[str, str, bool]]
    fewest: int
    exact: bool
    own_url: str


@dataclass
class CasesPage:
    """Everything deals/refusal_cases.html may use."""

    rows: list[tuple[service.CaseOut, str, str]]
    everybody: bool
    most: int
    asked: list[str]
    back: str


@pages.get("/quality/no", **access("market.look"))
def why_no(request: Request, session: ReadSession, actor: CurrentActor, time: Word = "") -> HTMLResponse:
    """Show the reasons by chain."""
    all_time = time == "all"
    found = service.refusals(session, actor, all_time=all_time)
    here = "/quality/no/cases?time=all" if all_time else "/quality/no/cases"
    names = {"match": _("看过匹配，说不合适"), "deal": _("对接结束的原因")}
    lines = {"match": _("需求方或成果方在匹配上点的"), "deal": _("已经开始对接、没有签约的")}
    tables = []
    for source, name in names.items():
        rows = [_reason(row, here, exact=found.exact) for row in found.reasons if row.source == source]
        if rows:
            tables.append((name, lines[source], rows))
    page = RefusalsPage(
        tables=tables,
        chains=[_chain(code) for code in found.chains],
        views=[(_("近 12 个月"), "/quality/no", not all_time), (_("全部"), "/quality/no?time=all", all_time)],
        fewest=found.fewest,
        exact=found.exact,
        own_url="" if actor.is_anonymous or found.exact or not actor.organisation_ids else here,
    )
    return render(request, "deals/refusals.html", page)


@pages.get("/quality/no/cases", **access("account.use"))
def cases(
    request: Request,
    session: WriteSession,
    actor: CurrentActor,
    source: Word = "",
    reason: Word = "",
    chain: Word = "",
    time: Word = "",
) -> HTMLResponse:
    """Show the cases behind a figure; opening those of others is written into the audit trail."""
    found = service.cases(session, actor, service.Wanted(source, reason, chain, time == "all"))
    page = CasesPage(
        rows=[(row, _label(row.source, row.reason), _chain(row.chain)) for row in found],
        everybody=may(actor, "refusal.see_all"),
        most=service.MOST_CASES,
        asked=[*([_label(source, reason)] if reason else []), *([_chain(chain)] if chain else [])],
        back="/quality/no?time=all" if time == "all" else "/quality/no",
    )
    return render(request, "deals/refusal_cases.html", page)


def _reason(row: service.ReasonOut, here: str, *, exact: bool) -> Reason:
    def door(count: int | None, chain: str | None) -> Figure:
        text = "…" if count is None else (f"{count:,}" if count else "")
        url = with_query(here, source=row.source, reason=row.reason, chain=chain) if exact and count else ""
        return Figure(text, url)

    cells = [door(cell.count, cell.chain) for cell in row.cells]
    return Reason(_label(row.source, row.reason), cells, door(row.sum_of_shown, None))


def _label(source: str, reason: str) -> str:
    return code_name(service.list_of(source, reason), service.code_of(reason))


def _chain(code: str) -> str:
    return _("没写领域") if code == service.UNKNOWN else reference.name_of("chain", code)
