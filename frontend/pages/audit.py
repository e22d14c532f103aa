"""The audit trail: who did what to which record, when. Persons stand there as numbers; a name would outlive its erasure."""

import json
import tempfile
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from datetime import date
from typing import Annotated, Any
from urllib.parse import urlencode

from fastapi import APIRouter, Query, Request
from fastapi.responses import HTMLResponse, Response, StreamingResponse
from sqlmodel import Session

from etl import exports
from frontend.i18n import N_, _
from frontend.web import CurrentActor, ReadSession, TheMarket, WriteSession, render, when
from services.accounts import service as accounts
from services.ground import audit
from services.ground.actor import Actor
from services.ground.audit import AuditEvent, Wanted
from services.ground.market import Market
from services.ground.permissions import require
from services.ground.record_numbers import page_of
from services.ground.web import access

pages = APIRouter()
ON_A_PAGE = 50
CHUNK = 500
LINES_OF_A_FILE = 100_000
VIA = {"page": N_("网页"), "api": N_("接口"), "cli": N_("命令行"), "worker": N_("后台")}
COLUMNS = {
    "at": "时间",
    "who": "谁",
    "organisation": "代表单位",
    "on_behalf_of": "代谁办理",
    "action": "做了什么",
    "kind": "种类",
    "code": "编号",
    "via": "途径",
    "request": "请求编号",
    "detail": "细节",
}


@dataclass
class Line:
    """One line of the trail as it is shown."""

    at: str
    who: str
    person_id: int | None
    organisation: str
    on_behalf_of: str
    action: str
    kind: str
    code: str
    url: str
    via: str
    request: str
    detail: str


@dataclass
class AuditPage:
    """Everything audit/index.html may use."""

    lines: list[Line]
    values: dict[str, str]
    kinds: list[tuple[str, str]]
    next_url: str
    file_url: str


Text = Annotated[str, Query(max_length=80)]


@pages.get("/audit", **access("audit.see"))
def show(
    *,
    request: Request,
    session: ReadSession,
    actor: CurrentActor,
    person: Text = "",
    kind: Text = "",
    code: Text = "",
    action: Text = "",
    day: Text = "",
    before: Annotated[int | None, Query(ge=1, le=2**31 - 1)] = None,
) -> HTMLResponse:
    """Show the trail, newest first, narrowed by person, kind, record, act and day."""
    require(actor, "audit.see")
    values = {"person": person, "kind": kind, "code": code, "action": action, "day": day}
    rows = audit.events(session, wanted=_wanted(values), before=before, limit=ON_A_PAGE + 1)
    shown = rows[:ON_A_PAGE]
    asked = {name: value for name, value in values.items() if value}
    page = AuditPage(
        lines=_lines(session, shown, actor),
        values=values,
        kinds=[("", _("全部")), *((name, name) for name in audit.kinds(session))],
        next_url="/audit?" + urlencode(asked | {"before": shown[-1].id}) if len(rows) > ON_A_PAGE else "",
        file_url="/audit.csv" + (f"?{urlencode(asked)}" if asked else ""),
    )
    return render(request, "audit/index.html", page)


@pages.get("/audit.csv", **access("audit.see"))
def download(
    *,
    session: WriteSession,
    actor: CurrentActor,
    market: TheMarket,
    person: Text = "",
    kind: Text = "",
    code: Text = "",
    action: Text = "",
    day: Text = "",
) -> Response:
    """Give exactly what is filtered as csv; taking it away leaves a line of its own."""
    require(actor, "audit.see")
    values = {"person": person, "kind": kind, "code": code, "action": action, "day": day}
    audit.record(
        session, actor, "audit.export", "audit", "", filter={name: text for name, text in values.items() if text}
    )
    file = tempfile.TemporaryFile()  # noqa: SIM115 - closed when the answer has been sent
    exports.write("csv", {name: _(text) for name, text in COLUMNS.items()}, _rows(market, _wanted(values)), file)
    file.seek(0)
    headers = {"Content-Disposition": 'attachment; filename="audit.csv"'}
    return StreamingResponse(_sent(file), media_type=exports.MEDIA_TYPES["csv"], headers=headers)


def _wanted(values: dict[str, str]) -> Wanted:
    """Read the filter; what cannot be read finds nothing, and the form shows what was typed."""
    person = values["person"].strip().lstrip("#")
    on = None
    with suppress(ValueError):
        on = date.fromisoformat(values["day"].strip())
    if values["day"].strip() and on is None:
        on = date.min.replace(year=1900)
    number = int(person) if person.isascii() and person.isdecimal() and len(person) < 10 else -1
    return Wanted(
        code=values["code"].strip().upper(),
        kind=values["kind"],
        action=values["action"].strip(),
        person_id=number if person else None,
        on=on,
    )


def _lines(session: Session, rows: list[AuditEvent], reader: Actor | None = None) -> list[Line]:
    """Give the lines; codes of records that the reader may open lead to them (an administrator reads no contracts)."""
    ids = {number for row in rows for number in (row.organisation_id, row.on_behalf_of_id) if number}
    codes = {number: found.code for number, found in accounts.organisations(session, ids).items()}
    named = {row.code for row in rows if row.code} if reader else set()
    urls = {code: page_of(session, reader, code) or "" for code in named} if reader else {}
    return [_line(row, codes, urls.get(row.code, "")) for row in rows]


def _line(row: AuditEvent, codes: dict[int, str], url: str) -> Line:
    return Line(
        at=when(row.at),
        who=f"#{row.person_id}" if row.person_id else row.actor_name,
        person_id=row.person_id,
        organisation=codes.get(row.organisation_id or 0, ""),
        on_behalf_of=codes.get(row.on_behalf_of_id or 0, ""),
        action=row.action,
        kind=row.kind,
        code=row.code,
        url=url,
        via=_(VIA.get(row.via, row.via)),
        request=row.request,
        detail=json.dumps(row.detail, ensure_ascii=False) if row.detail else "",
    )


def _rows(market: Market, wanted: Wanted) -> Iterator[dict[str, Any]]:
    """Give the lines of the file, a chunk at a time, so that memory stays flat."""
    before, given = None, 0
    while given < LINES_OF_A_FILE:
        with market.database.read() as session:
            rows = audit.events(session, wanted=wanted, before=before, limit=CHUNK)
            for line in _lines(session, rows):
                yield vars(line)
        if len(rows) < CHUNK:
            return
        before, given = rows[-1].id, given + len(rows)


def _sent(file: Any) -> Iterator[bytes]:
    with file:
        while piece := file.read(1 << 16):
            yield piece
