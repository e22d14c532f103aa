"""Statistical tables: chosen by period, reading and view; one by one, all to print, as files, and down to the lines."""

import tempfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from typing import Annotated, BinaryIO

from fastapi import APIRouter, Depends, Query, Request
from fastapi.responses import HTMLResponse, Response, StreamingResponse
from sqlmodel import Session

from etl import statistics_files
from etl.exports import MEDIA_TYPES
from frontend.i18n import N_, _
from frontend.pages.statistics_charts import Chart, chart_of
from frontend.web import CurrentActor, ReadSession, WriteSession, render
from services.contracts.statistics_queries import Line
from services.ground import clock
from services.ground.actor import Actor
from services.ground.errors import NotFound
from services.ground.permissions import may
from services.ground.web import access, decode_cursor, encode_cursor
from services.indicators import statistics, tables_ledger, tables_shown
from services.indicators.api import Traced
from services.indicators.books import Cell
from services.indicators.figures import FIRST_YEAR
from services.indicators.periods import Period, parse
from services.indicators.readings import READINGS
from services.indicators.statistics import Question
from services.indicators.table_schemas import Table
from services.indicators.tables import Asked

pages = APIRouter()
SPANS: list[tuple[str, str]] = [
    ("", N_("全年")),
    *[
        (f"Q{n}", label)
        for n, label in enumerate((N_("第一季度"), N_("第二季度"), N_("第三季度"), N_("第四季度")), start=1)
    ],
    *[(f"-{month:02}", f"{month} 月") for month in range(1, 13)],
    *[(f"-01..{month:02}", f"1–{month} 月累计") for month in range(2, 12)],
]
VIEWS = {"now": N_("按现在的登记"), "restated": N_("按合同登记的年份重列"), "published": N_("封账时的数")}
LINES = 200


@dataclass
class Choice:
    """What is chosen on a page of statistics, as the forms and links need it."""

    asked: Question
    year: int
    span: str
    years: list[int]
    internal: bool

    @property
    def query(self) -> str:
        """The choice as it stands in addresses."""
        parts = [f"period={self.asked.period.code}"]
        if self.asked.reading.code != "default":
            parts.append(f"reading={self.asked.reading.code}")
        if self.asked.view != "now":
            parts.append(f"view={self.asked.view}")
        return "&".join(parts)


@dataclass
class TablesPage:
    """Everything indicators/tables.html may use."""

    choice: Choice
    years: list[tuple[str, str]]
    spans: list[tuple[str, str]]
    readings: list[tuple[str, str]]
    views: list[tuple[str, str]]
    overview: Table | None
    entries: list[tuple[str, str, bool]]


@dataclass
class TablePage:
    """Everything indicators/table.html may use."""

    choice: Choice
    table: Table
    spans: list[tuple[str, str]]
    before: str
    after: str
    chart: Chart | None


@dataclass
class PrintPage:
    """Everything indicators/tables_print.html may use."""

    choice: Choice
    tables: list[Table]


@dataclass
class FigurePage:
    """Everything indicators/figure.html may use."""

    choice: Choice
    title: str
    cell: Cell
    lines: list[Line]
    first: int
    next_url: str
    all_shown: bool
    shown_fen: int
    doors: bool
    """The lines lead to their contracts: for those who read contracts."""


def chosen(
    period: Annotated[str, Query(max_length=12)] = "",
    year: Annotated[str, Query(max_length=4)] = "",
    span: Annotated[str, Query(max_length=8)] = "",
    reading: Annotated[str, Query(max_length=10)] = "default",
    view: Annotated[str, Query(max_length=10)] = "now",
) -> Question:
    """Read the choice: a period, or a year and a part of it. Without any, this year so far."""
    given = period or (f"{year}{span}" if year else str(clock.today().year))
    return statistics.question(given, reading, view)


Asking = Annotated[Question, Depends(chosen)]


def _choice(asked: Question, actor: Actor) -> Choice:
    code = asked.period.code
    years = list(range(clock.today().year, FIRST_YEAR - 1, -1))
    return Choice(asked, asked.period.year, code[4:], years, may(actor, "indicator.see_internal"))


def _spans(choice: Choice) -> list[tuple[str, str]]:
    return [(value, _(label)) for value, label in SPANS] if choice.internal else [("", _("全年"))]


@pages.get("/indicators/tables", **access("indicator.see"))
def tables(request: Request, session: ReadSession, actor: CurrentActor, _trace: Traced, asked: Asking) -> HTMLResponse:
    """Show the list of tables with the first of them."""
    choice = _choice(asked, actor)
    entries = [(item.code, item.title, item.inside) for item in tables_shown.definitions(actor)]
    try:
        overview = tables_shown.one(session, actor, "T0", asked)
    except NotFound:
        overview = None
    page = TablesPage(
        choice=choice,
        years=[(str(year), str(year)) for year in choice.years],
        spans=_spans(choice),
        readings=[(item.code, item.label) for item in READINGS.values()],
        views=[(value, _(label)) for value, label in VIEWS.items()] if choice.internal else [],
        overview=overview,
        entries=entries,
    )
    return render(request, "indicators/tables.html", page)


@pages.get("/indicators/tables/print", **access("indicator.see"))
def print_tables(
    request: Request, session: ReadSession, actor: CurrentActor, _trace: Traced, asked: Asking
) -> HTMLResponse:
    """Show every table of a period one after the other, for the printer."""
    found = tables_shown.every(session, actor, asked)
    if not found:
        raise NotFound("table", asked.period.code)
    return render(request, "indicators/tables_print.html", PrintPage(_choice(asked, actor), found))


@pages.get("/indicators/tables.xlsx", **access("indicator.see"))
def workbook(session: ReadSession, actor: CurrentActor, _trace: Traced, asked: Asking) -> Response:
    """Give every table of a period in one workbook with the sheet that explains them."""
    found = tables_shown.every(session, actor, asked)
    if not found:
        raise NotFound("table", asked.period.code)
    return _file(lambda out: _book(out, found, session, actor, asked), f"tables-{asked.period.code}.xlsx")


def _book(out: BinaryIO, found: list[Table], session: Session, actor: Actor, asked: Question) -> None:
    book = statistics_files.Workbook(out, facts(asked, actor), clock.now())
    for table in found:
        if table.code == "T17":
            book.add_list(table, _list(session, asked))
        else:
            book.add(table)
    book.close()


def _list(session: Session, asked: Question) -> Iterator[statistics_files.Plain]:
    """Give every line of the list of contracts: the page shows the first of them, files all."""
    books = statistics.books_of(session, asked, medians=False)
    return tables_ledger.list_values(Asked(books, asked.period, asked.reading))


def _csv(out: BinaryIO, found: Table, session: Session, asked: Question) -> None:
    if found.code == "T17":
        for _line in statistics_files.list_through(found, _list(session, asked), out):
            pass
    else:
        statistics_files.as_csv(found, out)


def facts(asked: Question, actor: Actor) -> dict[str, str]:
    """Say what the sheet 说明 says: definition, reading, cut-off and versions."""
    internal = may(actor, "indicator.see_internal")
    state = "内部即时数，未封账" if internal else "公开数，小格不公布"
    return {
        "报表": f"技术合同统计表 {asked.period.label}",
        "定义": "登记的技术合同之和：登记为加，变更为增减，注销和撤销为减，各归其发生之日",
        "口径": f"{asked.reading.label}：{asked.reading.words}",
        "视图": VIEWS[asked.view],
        "截至": f"{clock.now():%Y-%m-%d %H:%M} UTC" if internal else "最近一次公布的截数",
        "性质": "封账时的数，以后的变动不在内" if asked.view == "published" else state,
    }


def _file(write: Callable[[BinaryIO], None], name: str) -> Response:
    """Write a file where it fills no memory however long it gets, and hand it over part by part."""
    out = tempfile.TemporaryFile()  # noqa: SIM115 - closed when the answer has been sent
    write(out)
    out.seek(0)
    headers = {"Content-Disposition": f'attachment; filename="{name}"'}
    return StreamingResponse(_sent(out), media_type=MEDIA_TYPES[name.rpartition(".")[2]], headers=headers)


def _sent(file: BinaryIO) -> Iterator[bytes]:
    with file:
        while part := file.read(65_536):
            yield part


@pages.get("/indicators/tables/{name}", **access("indicator.see"))
def table(
    request: Request, name: str, session: ReadSession, actor: CurrentActor, _trace: Traced, asked: Asking
) -> Response:
    """Show one table, or give it as a file: T8, T8.csv, T8.xlsx."""
    code, _dot, kind = name.partition(".")
    found = tables_shown.one(session, actor, code, asked)
    if kind == "csv":
        return _file(lambda out: _csv(out, found, session, asked), f"{code}-{asked.period.code}.csv")
    if kind == "xlsx":
        return _file(lambda out: _book(out, [found], session, actor, asked), f"{code}-{asked.period.code}.xlsx")
    if kind:
        raise NotFound("table", name[:20])
    choice = _choice(asked, actor)
    codes = [item.code for item in tables_shown.definitions(actor)]
    place = codes.index(code)
    before, after = codes[place - 1] if place else "", codes[place + 1] if place + 1 < len(codes) else ""
    page = TablePage(choice, found, _spans(choice), before, after, _chart(session, actor, found, asked))
    return render(request, "indicators/table.html", page)


def _chart(session: Session, actor: Actor, found: Table, asked: Question) -> Chart | None:
    """Draw a table; months stand beside those of last year, where these may be seen."""
    before = None
    if found.code == "T12":
        try:
            before = tables_shown.one(session, actor, "T12", replace(asked, period=asked.period.previous))
        except NotFound:
            return None
    return chart_of(found, before)


@pages.get("/indicators/figure", **access("indicator.see_internal"))
def figure(
    *,
    request: Request,
    session: WriteSession,
    actor: CurrentActor,
    asked: Asking,
    figure: Annotated[str, Query(max_length=120)],
    cursor: Annotated[str | None, Query(max_length=400)] = None,
    first: Annotated[int, Query(ge=1, le=100_000_000)] = 1,
) -> HTMLResponse:
    """Show a figure and the lines it is the sum of, a part at a time."""
    place = decode_cursor(cursor, 2)
    after = (int(place[0]), int(place[1])) if place and all(isinstance(part, int) for part in place) else (0, 0)
    found = statistics.open_figure(session, actor, figure, asked, after=after, limit=LINES)
    more = (
        request.url.include_query_params(cursor=encode_cursor(*found.following), first=first + LINES)
        if found.following
        else None
    )
    page = FigurePage(
        choice=_choice(Question(_period_of(figure), asked.reading, asked.view), actor),
        title=found.title,
        cell=found.cell,
        lines=found.lines,
        first=first,
        next_url=f"?{more.query}" if more else "",
        all_shown=first == 1 and not found.following,
        shown_fen=sum(line.amount_fen for line in found.lines),
        doors=may(actor, "contract.ledger"),
    )
    return render(request, "indicators/figure.html", page)


def _period_of(figure: str) -> Period:
    return parse(figure.rpartition("@")[2])
