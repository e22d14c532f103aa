"""Routes of the plan's indicators: definition, targets, observations, GDP versions."""

from typing import Annotated

from fastapi import APIRouter, Path, Query, Response

from services.ground.web import CurrentActor, Page, ReadSession, WriteSession, access
from services.indicators import gaps, plan
from services.indicators.api import Traced
from services.indicators.plan_schemas import (
    DefinitionIn,
    DefinitionOut,
    GdpVersionOut,
    IndicatorDetail,
    ObservationIn,
    ObservationOut,
    TargetIn,
    TargetOut,
)

router = APIRouter(prefix="/api/v1/indicators", tags=["indicators"])
ROUTERS = (router,)
Code = Annotated[str, Path(max_length=20)]


@router.get("/gdp", summary="GDP 各版本", **access("indicator.see", "read"))
def list_gdp(session: ReadSession, actor: CurrentActor) -> Page[GdpVersionOut]:
    """List every GDP figure with kind, source and date; one of each year counts."""
    return Page(items=plan.gdp_versions(session, actor))


@router.get("/{code}", summary="一个指标", **access("indicator.see", "read"))
def show(code: Code, session: ReadSession, actor: CurrentActor, _trace: Traced) -> IndicatorDetail:
    """Give one indicator with its definitions, targets, observations and the plan's own contradictions."""
    return plan.detail(session, actor, code)


@router.post("/{code}/targets", status_code=201, summary="录入目标", **access("indicator.manage", "admin"))
def enter_target(
    code: Code, data: TargetIn, session: WriteSession, actor: CurrentActor, response: Response
) -> TargetOut:
    """Enter a target of the city, of a county or of a chain."""
    entered = plan.enter_target(session, actor, code, data)
    response.headers["Location"] = f"/api/v1/indicators/{code}"
    return entered


@router.post(
    "/{code}/targets/{number}/withdraw",
    status_code=204,
    summary="撤回目标",
    **access("indicator.manage", "admin"),
)
def withdraw_target(
    code: Code, number: Annotated[int, Path(ge=1, le=2**31 - 1)], session: WriteSession, actor: CurrentActor
) -> None:
    """Let a target count no more."""
    plan.withdraw_target(session, actor, code, number)


@router.post("/{code}/observations", status_code=201, summary="录入观测值", **access("indicator.manage", "admin"))
def enter_observation(
    code: Code, data: ObservationIn, session: WriteSession, actor: CurrentActor, response: Response
) -> ObservationOut:
    """Enter an observed value with its period and source; the same source again corrects it."""
    entered = plan.enter_observation(session, actor, code, data)
    response.headers["Location"] = f"/api/v1/indicators/{code}"
    return entered


@router.post("/{code}/definitions", status_code=201, summary="写定义", **access("indicator.manage", "admin"))
def define(
    code: Code, data: DefinitionIn, session: WriteSession, actor: CurrentActor, response: Response
) -> DefinitionOut:
    """Write a new version of an indicator's definition."""
    entered = plan.define(session, actor, code, data)
    response.headers["Location"] = f"/api/v1/indicators/{code}"
    return entered


@router.get("/{code}/gap", summary="差多少、要多快", **access("indicator.see_internal", "statistics:read"))
def gap(
    code: Code,
    session: ReadSession,
    actor: CurrentActor,
    _trace: Traced,
    year: Annotated[int, Query(ge=1990, le=2100)],
) -> gaps.Gap:
    """Say what is missing in a year: to each target, by GDP scenario, with what is in the pipeline, by county and chain."""
    return gaps.gap(session, actor, code, year)
