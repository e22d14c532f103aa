"""The indicator written out, with its chart, tables, the gap, and the way down to the contracts."""

import io
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from typing import Annotated

from fastapi import APIRouter, Query, Request
from fastapi.responses import HTMLResponse, Response

from etl import exports
from frontend.i18n import _
from frontend.pages.indicators_parts import FIELDS, Calculator, RowView, calculator, with_growth
from frontend.web import CurrentActor, PostedForm, ReadSession, WriteSession, render, see_other
from services.contracts import service as contracts
from services.contracts.schemas import MovementLine
from services.ground import money, reference
from services.ground.permissions import may
from services.ground.web import access, decode_cursor, encode_cursor
from services.indicators import service
from services.indicators.api import Traced
from services.indicators.readings import READINGS, Reading
from services.indicators.schemas import Breakdown, CrossTable, YearOut, Years

pages = APIRouter()
Bar = tuple[str, str, float | None, str, str]
LINES = 200
"""Lines of the ledger on one page."""


@dataclass
class IndicatorPage:
    """Everything indicators/show.html may use."""

    series: Years
    year: YearOut | None
    bars: list[Bar]
    targets: list[tuple[float, str, bool]]
    top: float
    counties: Breakdown | None
    chains: Breakdown | None
    categories: Breakdown | None
    internal: bool
    doors: bool
    """Figures open to the lines they are the sum of: for those who may read the ledger."""
    base: dict[str, str]
    county_rows: list[RowView]
    cross: CrossTable | None
    pace: Calculator
    reading: Reading
    readings: list[Reading]


@dataclass
class MovementsPage:
    """Everything indicators/movements.html may use."""

    lines: list[MovementLine]
    count: int
    total_fen: int
    year: int
    title: str
    first: int
    next_url: str


@pages.get("/indicators", **access("indicator.see"))
def show(
    request: Request,
    session: ReadSession,
    actor: CurrentActor,
    _trace: Traced,
    year: int | None = None,
    reading: str = "default",
) -> HTMLResponse:
    """Show the indicator, live for those who may, else as published last."""
    code = service.computed_code()
    series = service.years(session, actor, code, reading)
    with_figures = [row for row in series.items if row.share is not None and row.count]
    chosen = next((row for row in series.items if row.year == year), with_figures[-1] if with_figures else None)
    targets = [(float(item.target), item.label, index > 0) for index, item in enumerate(chosen.gaps)] if chosen else []
    # What is broken down is broken down in the default reading only: two readings never stand on one page.
    broken = chosen if reading == READINGS["default"].code else None
    parts = [
        service.breakdown(session, actor, code, name, broken.year) if broken else None for name in service.BREAKDOWNS
    ]
    reckoned = calculator(series, {name: request.query_params[name] for name in FIELDS if name in request.query_params})
    page = IndicatorPage(
        series=series,
        year=chosen,
        bars=_bars(series),
        targets=targets,
        counties=parts[0],
        chains=parts[1],
        categories=parts[2],
        top=float(max([Decimal("1.8"), *(Decimal(row.share) for row in series.items if row.share)])),
        internal=may(actor, "indicator.see_internal"),
        doors=may(actor, "indicator.see_internal") and may(actor, "contract.ledger"),
        base={key: str(value) for key, value in reference.document("market")["base"].items()},
        county_rows=with_growth(parts[0], service.breakdown(session, actor, code, "county", broken.year - 1))
        if broken and parts[0]
        else [],
        cross=service.cross(session, actor, code, broken.year) if broken else None,
        pace=reckoned,
        reading=READINGS[reading],
        readings=list(READINGS.values()),
    )
    return render(request, "indicators/show.html", page, 422 if reckoned.errors.items else 200)


def _bars(series: Years) -> list[Bar]:
    return [
        (
            str(row.year),
            {"preliminary": _("初步"), "closed": _("已封账")}.get(row.status, _("未封账")),
            float(row.share),
            row.share,
            "solid" if row.status == "closed" else "preliminary",
        )
        for row in series.items
        if row.share is not None
    ]


@pages.get("/indicators/movements", **access("indicator.see_internal"))
def movements(
    *,
    request: Request,
    session: WriteSession,
    actor: CurrentActor,
    year: int,
    dimension: str | None = None,
    value: str | None = None,
    cursor: Annotated[str | None, Query(max_length=400)] = None,
    first: Annotated[int, Query(ge=1, le=10_000_000)] = 1,
) -> HTMLResponse:
    """Show the lines a figure is the sum of, page by page; the sum of all of them comes first."""
    wanted = service.open_figure(session, actor, service.computed_code(), year, dimension, value)
    place = decode_cursor(cursor, 2)
    after = (str(place[0]), int(place[1])) if place and isinstance(place[1], int) else None
    lines, following = contracts.list_movements(session, actor, wanted, after=after, limit=LINES)
    total = contracts.sums(session, wanted)
    more = ""
    if following:
        more = f"?{request.url.include_query_params(cursor=encode_cursor(*following), first=first + LINES).query}"
    page = MovementsPage(
        lines=lines,
        count=total.count,
        total_fen=total.contract_amount_fen,
        year=year,
        title=f"{year} · {value or _('全市')}",
        first=first,
        next_url=more,
    )
    return render(request, "indicators/movements.html", page)


@pages.post("/indicators/publish", **access("indicator.manage"))
def publish(request: Request, form: PostedForm, session: WriteSession, actor: CurrentActor) -> Response:  # noqa: ARG001 - the form is read for its check
    """Publish a cut-off: what everybody sees from now on."""
    row = service.publish_cut_off(session, actor)
    return see_other(request, "/indicators", _("已公布，校验 %(h)s") % {"h": row.sha256[:12]})


@pages.get("/indicators.csv", **access("indicator.see"))
@pages.get("/indicators.xlsx", **access("indicator.see"))
def series_file(
    request: Request, session: ReadSession, actor: CurrentActor, _trace: Traced, reading: str = "default"
) -> Response:
    """Give the series as csv (with byte order mark) or xlsx: units in the head, exact fen as 元."""
    kind = request.url.path.rpartition(".")[2]
    series = service.years(session, actor, service.computed_code(), reading)
    out = io.BytesIO()
    exports.write(kind, {name: name for name in _head(series)}, _rows(series), out)
    headers = {"Content-Disposition": f'attachment; filename="indicator.{kind}"'}
    return Response(out.getvalue(), media_type=exports.MEDIA_TYPES[kind], headers=headers)


def _head(series: Years) -> list[str]:
    gaps = series.items[0].gaps if series.items else []
    named = ["年份", "合同数（项）", "成交额（元）", "GDP（亿元）", "GDP 版本", "比重（%）"]
    return named + [f"距{gap.label}（元）" for gap in gaps]


def _rows(series: Years) -> Iterator[dict[str, str]]:
    head = _head(series)
    for row in series.items:
        values = [
            str(row.year),
            "…" if row.count is None else str(row.count),
            "…" if row.amount_fen is None else f"{Decimal(row.amount_fen) / 100:.2f}",
            money.yi(row.gdp_fen).replace(",", "") if row.gdp_fen else "",
            row.gdp_kind,
            "…" if row.suppressed else row.share or "—",
            *[f"{Decimal(gap.gap_fen) / 100:.2f}" if gap.gap_fen is not None else "—" for gap in row.gaps],
        ]
        yield dict(zip(head, values, strict=True))
