"""The indicator written out, with its chart, tables, the gap, and the way down to the contracts."""

import io
from dataclasses import dataclass
from decimal import Decimal

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse, Response

from etl import exports
from frontend.i18n import _
from frontend.pages.indicators_parts import FIELDS, Calculator, RowView, calculator, with_growth
from frontend.web import CurrentActor, PostedForm, ReadSession, WriteSession, render, see_other
from services.contracts import service as contracts
from services.contracts.schemas import MovementLine
from services.ground import money, reference
from services.ground.permissions import may
from services.ground.web import access
from services.indicators import service
from services.indicators.schemas import Breakdown, CrossTable, IndicatorOut, YearOut, Years

pages = APIRouter()
Bar = tuple[str, str, float | None, str, str]


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
    others: list[IndicatorOut]
    internal: bool
    base: dict[str, str]
    county_rows: list[RowView]
    cross: CrossTable | None
    pace: Calculator


@dataclass
class MovementsPage:
    """Everything indicators/movements.html may use."""

    lines: list[MovementLine]
    count: int
    total_fen: int
    year: int
    title: str


@pages.get("/indicators", **access("indicator.see"))
def show(request: Request, session: ReadSession, actor: CurrentActor, year: int | None = None) -> HTMLResponse:
    """Show the indicator, live for those who may, else as published last."""
    code = service.computed_code()
    series = service.years(session, actor, code)
    with_figures = [row for row in series.items if row.share is not None and row.count]
    chosen = next((row for row in series.items if row.year == year), with_figures[-1] if with_figures else None)
    bars: list[Bar] = [
        (
            str(row.year),
            _("初步") if row.status == "preliminary" else "",
            float(row.share),
            row.share,
            "preliminary" if row.status == "preliminary" else "solid",
        )
        for row in series.items
        if row.share is not None
    ]
    targets = [(float(item.target), item.label, index > 0) for index, item in enumerate(chosen.gaps)] if chosen else []
    parts = [
        service.breakdown(session, actor, code, name, chosen.year) if chosen else None for name in service.DIMENSIONS
    ]
    reckoned = calculator(series, {name: request.query_params[name] for name in FIELDS if name in request.query_params})
    page = IndicatorPage(
        series=series,
        year=chosen,
        bars=bars,
        targets=targets,
        counties=parts[0],
        chains=parts[1],
        categories=parts[2],
        top=max([Decimal("1.8"), *(Decimal(row.share) for row in series.items if row.share)]).__float__(),
        others=service.indicators(session),
        internal=may(actor, "indicator.see_internal"),
        base={key: str(value) for key, value in reference.document("market")["base"].items()},
        county_rows=with_growth(parts[0], service.breakdown(session, actor, code, "county", chosen.year - 1))
        if chosen and parts[0]
        else [],
        cross=service.cross(session, actor, code, chosen.year) if chosen else None,
        pace=reckoned,
    )
    return render(request, "indicators/show.html", page, 422 if reckoned.errors.items else 200)


@pages.get("/indicators/movements", **access("indicator.see_internal"))
def movements(
    request: Request,
    session: WriteSession,
    actor: CurrentActor,
    year: int,
    dimension: str | None = None,
    value: str | None = None,
) -> HTMLResponse:
    """Show the lines a figure is the sum of, the sum first."""
    wanted = service.open_figure(session, actor, service.computed_code(), year, dimension, value)
    lines, _next = contracts.list_movements(session, actor, wanted, limit=None)
    total = contracts.sums(session, wanted)
    title = f"{year} · {value or _('全市')}"
    return render(
        request, "indicators/movements.html", MovementsPage(lines, total.count, total.contract_amount_fen, year, title)
    )


@pages.post("/indicators/publish", **access("indicator.manage"))
def publish(request: Request, form: PostedForm, session: WriteSession, actor: CurrentActor) -> Response:  # noqa: ARG001 - the form is read for its check
    """Publish a cut-off: what everybody sees from now on."""
    row = service.publish_cut_off(session, actor)
    return see_other(request, "/indicators", _("已公布，校验 %(h)s") % {"h": row.sha256[:12]})


@pages.get("/indicators.csv", **access("indicator.see"))
def as_csv(session: ReadSession, actor: CurrentActor) -> Response:
    """Give the series as csv with byte order mark: units in the head, exact fen as 元."""
    series = service.years(session, actor, service.computed_code())
    head = [
        "年份",
        "合同数（项）",
        "成交额（元）",
        "GDP（亿元）",
        "GDP 版本",
        "比重（%）",
        *[f"距{gap.label}（元）" for gap in (series.items[0].gaps if series.items else [])],
    ]
    rows = [
        [
            str(r.year),
            str(r.count),
            f"{Decimal(r.amount_fen) / 100:.2f}",
            money.yi(r.gdp_fen).replace(",", "") if r.gdp_fen else "",
            r.gdp_kind,
            r.share if r.share is not None else "—",
            *[f"{Decimal(g.gap_fen) / 100:.2f}" if g.gap_fen is not None else "—" for g in r.gaps],
        ]
        for r in series.items
    ]
    out = io.BytesIO()
    names = [str(place) for place in range(len(head))]
    exports.write("csv", dict(zip(names, head, strict=True)), (dict(zip(names, row, strict=True)) for row in rows), out)
    headers = {"Content-Disposition": 'attachment; filename="indicator.csv"'}
    return Response(out.getvalue(), media_type="text/csv; charset=utf-8", headers=headers)
