"""Routes of the statistical tables and of the way down from each of their figures."""

from datetime import datetime
from typing import Annotated, Any

from fastapi import APIRouter, Path, Query, Response
from pydantic import BaseModel

from services.contracts.statistics_queries import Line
from services.ground.web import (
    CurrentActor,
    Cursor,
    Idempotent,
    Limit,
    Page,
    ReadSession,
    WriteSession,
    access,
    decode_cursor,
    encode_cursor,
    once,
)
from services.indicators import closing, publishing, statistics, tables_shown
from services.indicators.api import Traced
from services.indicators.readings import READINGS
from services.indicators.table_schemas import Table

router = APIRouter(prefix="/api/v1/statistics", tags=["statistics"])
ROUTERS = (router,)
PeriodCode = Annotated[str, Query(max_length=12, examples=["2025"], description="2026, 2026Q3, 2026-07 or 2026-01..09")]
ReadingCode = Annotated[str, Query(max_length=10, description="default, or a to e")]
ViewName = Annotated[str, Query(max_length=10, description="now, or restated")]


class TableEntry(BaseModel):
    """One table that can be asked for."""

    code: str
    title: str
    state: str = "active"
    url: str
    inside: bool


class ReadingOut(BaseModel):
    """One labelled way to read the indicator."""

    code: str
    title: str
    state: str = "active"
    url: str
    words: str


class FileAnswer(Response):
    """A file as it was made."""

    media_type = "application/octet-stream"


class ClosedFile(BaseModel):
    """One finished file of a closed period."""

    name: str
    size: int
    sha256: str


class ClosingEntry(BaseModel):
    """One closed period."""

    code: str
    title: str
    state: str = "closed"
    url: str
    closed_at: datetime
    sha256: str
    files: list[ClosedFile]


class ClosingDetail(ClosingEntry):
    """A closed period with what went in, and what has come since."""

    inputs: dict[str, Any]
    published_fen: int
    now_fen: int
    restated_fen: int
    late_fen: int
    """What all late lines come to; `late` lists the first of them."""
    unexplained_fen: int
    later_fen: int
    earlier_fen: int
    unexplained_restated_fen: int
    """0: restated = now + later − earlier."""
    late: list[Line]
    later: list[Line]
    earlier: list[Line]


class FigureOut(BaseModel):
    """A figure and a part of the lines it is the sum of."""

    figure: str
    title: str
    count: int
    amount_fen: int
    technical_fen: int
    items: list[Line]
    next: str | None


@router.get("/readings", summary="口径", **access("indicator.see", "read"))
def list_readings() -> Page[ReadingOut]:
    """List the readings; they are never mixed in one series."""
    return Page(
        items=[
            ReadingOut(code=item.code, title=item.label, words=item.words, url=f"/indicators?reading={item.code}")
            for item in READINGS.values()
        ]
    )


@router.get("/tables", summary="统计表目录", **access("indicator.see", "read"))
def list_tables(actor: CurrentActor) -> Page[TableEntry]:
    """List the tables this caller may see."""
    return Page(
        items=[
            TableEntry(code=item.code, title=item.title, inside=item.inside, url=f"/indicators/tables/{item.code}")
            for item in tables_shown.definitions(actor)
        ]
    )


@router.get("/tables/{code}", summary="一张统计表", **access("indicator.see", "read"))
def one_table(
    code: Annotated[str, Path(max_length=8)],
    session: ReadSession,
    actor: CurrentActor,
    _trace: Traced,
    period: PeriodCode,
    reading: ReadingCode = "default",
    view: ViewName = "now",
) -> Table:
    """Give one table: live for those who may (looking leaves a trace), else a year as it was published last."""
    return tables_shown.one(session, actor, code, statistics.question(period, reading, view))


@router.get(
    "/figures/{figure:path}", summary="一个数由哪些登记变动加成", **access("indicator.see_internal", "statistics:read")
)
def open_figure(
    figure: Annotated[str, Path(max_length=120, description="As in `opens` of a cell, e.g. output:county:431102@2025")],
    session: WriteSession,
    actor: CurrentActor,
    reading: ReadingCode = "default",
    view: ViewName = "now",
    limit: Limit = 200,
    cursor: Cursor = None,
) -> FigureOut:
    """Give a figure with the lines it is the sum of; looking leaves a trace."""
    place = decode_cursor(cursor, 2)
    after = (int(place[0]), int(place[1])) if place and all(isinstance(part, int) for part in place) else (0, 0)
    asked = statistics.question("all", reading, view)
    found = statistics.open_figure(session, actor, figure, asked, after=after, limit=limit)
    return FigureOut(
        figure=figure,
        title=found.title,
        count=found.cell.count,
        amount_fen=found.cell.amount_fen,
        technical_fen=found.cell.technical_fen,
        items=found.lines,
        next=encode_cursor(*found.following) if found.following else None,
    )


@router.get("/closings", summary="已封账的期间", **access("indicator.see_internal", "statistics:read"))
def list_closings(session: ReadSession, actor: CurrentActor) -> Page[ClosingEntry]:
    """List the closed periods, the latest first, with the hashes of their reports."""
    return Page(items=[entry_of(item) for item in closing.closings(session, actor)])


@router.get("/closings/{period}", summary="一期封账与以后的差异", **access("indicator.see_internal", "statistics:read"))
def one_closing(
    period: Annotated[str, Path(max_length=12, examples=["2026Q1"])],
    session: ReadSession,
    actor: CurrentActor,
    _trace: Traced,
) -> ClosingDetail:
    """Give a closed report's hash and inputs, and what lies between it and the books of today."""
    found = closing.closing(session, actor, period)
    since = closing.differences(session, actor, period)
    return ClosingDetail(
        **entry_of(found).model_dump(),
        inputs=found.inputs,
        published_fen=since.published.amount_fen,
        now_fen=since.now.amount_fen,
        restated_fen=since.restated.amount_fen,
        late_fen=since.late_fen,
        unexplained_fen=since.unexplained_fen,
        later_fen=since.later_sum.amount_fen,
        earlier_fen=since.earlier_sum.amount_fen,
        unexplained_restated_fen=since.unexplained_restated.amount_fen,
        late=since.late,
        later=since.later,
        earlier=since.earlier,
    )


@router.get(
    "/closings/{period}/files/{name}",
    summary="封账报表的一个文件",
    response_class=FileAnswer,
    **access("indicator.see_internal", "statistics:read"),
)
def closed_file(
    period: Annotated[str, Path(max_length=12, examples=["2026Q1"])],
    name: Annotated[str, Path(max_length=80)],
    session: WriteSession,
    actor: CurrentActor,
) -> FileAnswer:
    """Hand out a finished file of a closed report, byte for byte as it was made; handing out leaves a trace."""
    found = closing.closed_file(session, actor, period, name)
    headers = {"Content-Disposition": f'attachment; filename="{found.name}"'}
    return FileAnswer(found.content, headers=headers)


class CutOffOut(BaseModel):
    """A publication: when the figures that everybody sees were computed, with their hash."""

    code: str
    title: str
    state: str = "published"
    url: str = "/indicators"
    at: datetime
    sha256: str


@router.post("/cut-offs", status_code=201, summary="公布一次", **access("indicator.manage", "admin"))
def publish(session: WriteSession, actor: CurrentActor, key: Idempotent, response: Response) -> CutOffOut:
    """Compute and publish the figures that everybody sees until the next cut-off."""
    number, _new = once(session, actor, key, lambda: str(publishing.publish_cut_off(session, actor).id))
    response.headers["Location"] = "/api/v1/statistics/tables"
    row = publishing.cut_off(session, int(number))
    return CutOffOut(code=number, title=f"{row.at:%Y-%m-%d %H:%M}", at=row.at, sha256=row.sha256)


def entry_of(item: closing.ClosingOut) -> ClosingEntry:
    """Write a closed period as lists show it."""
    return ClosingEntry(
        code=item.period,
        title=item.label,
        url=f"/indicators/closings/{item.period}",
        closed_at=item.closed_at,
        sha256=item.sha256,
        files=[ClosedFile(name=name, size=size, sha256=digest) for name, size, digest in item.files],
    )
