"""Routes of the indicators. Live figures are not looked at unseen: routes that show them take `Traced`."""

from typing import Annotated

from fastapi import APIRouter, Depends, Path, Query, Request, Response
from pydantic import BaseModel

from services.contracts import service as contracts
from services.contracts.schemas import MovementLine
from services.ground.permissions import may
from services.ground.web import (
    CurrentActor,
    Cursor,
    Idempotent,
    Limit,
    Page,
    ReadSession,
    TheMarket,
    WriteSession,
    access,
    decode_cursor,
    encode_cursor,
    once,
)
from services.indicators import service
from services.indicators.schemas import Breakdown, CrossTable, GdpIn, IndicatorOut, Years

router = APIRouter(prefix="/api/v1/indicators", tags=["indicators"])
ROUTERS = (router,)
Code = Annotated[str, Path(max_length=20)]
Year = Annotated[int, Query(ge=1990, le=2100)]

LONGEST_QUERY = 200


def leave_trace(request: Request, market: TheMarket, actor: CurrentActor) -> None:
    """Note who looks at which live figures. Visitors see published ones, leave no trace and take no write lock."""
    if may(actor, "indicator.see_internal"):
        with market.database.write() as session:
            service.note_looking(session, actor, path=request.url.path, query=request.url.query[:LONGEST_QUERY])


Traced = Annotated[None, Depends(leave_trace)]


class GdpOut(BaseModel):
    """What was entered, in fen."""

    year: int
    value_fen: int


@router.get("", summary="规划的指标", **access("indicator.see", "read"))
def list_indicators(session: ReadSession) -> Page[IndicatorOut]:
    """List the plan's indicators; one of them is computed from the contract ledger."""
    return Page(items=service.indicators(session))


@router.get("/{code}/years", summary="逐年", **access("indicator.see", "read"))
def years(
    code: Code,
    session: ReadSession,
    actor: CurrentActor,
    _trace: Traced,
    reading: Annotated[str, Query(max_length=10, description="default, or a to e")] = "default",
) -> Years:
    """Give the series: live for those who may (looking leaves a trace), otherwise as published last."""
    return service.years(session, actor, code, reading)


@router.get("/{code}/breakdowns/{dimension}", summary="按县、链、类别", **access("indicator.see", "read"))
def breakdown(
    code: Code, dimension: Code, year: Year, session: ReadSession, actor: CurrentActor, _trace: Traced
) -> Breakdown:
    """Give one year by county, chain or category."""
    return service.breakdown(session, actor, code, dimension, year)


@router.get("/{code}/cross", summary="县市区 × 创新链", **access("indicator.see", "read"))
def cross(code: Code, year: Year, session: ReadSession, actor: CurrentActor, _trace: Traced) -> CrossTable:
    """Give one year by county and chain; small cells are hidden in the public view, and what would give them away."""
    return service.cross(session, actor, code, year)


@router.get(
    "/{code}/movements", summary="一个数由哪些登记变动加成", **access("indicator.see_internal", "statistics:read")
)
def movements(
    code: Code,
    year: Year,
    session: WriteSession,
    actor: CurrentActor,
    dimension: Annotated[str | None, Query(max_length=20)] = None,
    value: Annotated[str | None, Query(max_length=40)] = None,
    limit: Limit = 200,
    cursor: Cursor = None,
) -> Page[MovementLine]:
    """List the movements that a figure is the sum of; looking leaves a trace."""
    wanted = service.open_figure(session, actor, code, year, dimension, value)
    place = decode_cursor(cursor, 2)
    after = (str(place[0]), int(place[1])) if place and isinstance(place[1], int) else None
    lines, following = contracts.list_movements(session, actor, wanted, after=after, limit=limit)
    return Page(items=lines, next=encode_cursor(*following) if following else None)


@router.post("/gdp", status_code=201, summary="录入 GDP", **access("indicator.manage", "admin"))
def enter_gdp(data: GdpIn, session: WriteSession, actor: CurrentActor, key: Idempotent, response: Response) -> GdpOut:
    """Enter a GDP figure with its source."""
    value, _new = once(session, actor, key, lambda: str(service.enter_gdp(session, actor, data)))
    response.headers["Location"] = f"/api/v1/indicators/{service.computed_code()}/years"
    return GdpOut(year=data.year, value_fen=int(value))
