"""Routes of the plan's indicators: definition, targets, observations, GDP versions."""

from typing import Annotated

from fastapi import APIRouter, Path, Query, Response

from services.ground.web import CurrentActor, Idempotent, Page, ReadSession, WriteSession, access, once
from services.indicators import gaps, new_plan, plan
from services.indicators.api import Traced
from services.indicators.plan_schemas import (
    DefinitionIn,
    DefinitionOut,
    GdpVersionOut,
    IndicatorDetail,
    ObservationIn,
    ObservationOut,
    PlanSetIn,
    PlanSetOut,
    SplitIn,
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


@router.get("/plan-sets", summary="规划与目标", **access("indicator.see", "read"))
def list_plan_sets(session: ReadSession, actor: CurrentActor) -> Page[PlanSetOut]:
    """List the plans that set targets, the latest first, with what each prints for every indicator."""
    return Page(items=new_plan.plan_sets(session, actor))


@router.post("/plan-sets", status_code=201, summary="录入下一个规划", **access("indicator.manage", "admin"))
def enter_plan_set(
    data: PlanSetIn, session: WriteSession, actor: CurrentActor, key: Idempotent, response: Response
) -> PlanSetOut:
    """Enter a plan with bases and targets; the years it covers are measured against it from now on."""
    code, _new = once(session, actor, key, lambda: new_plan.enter_plan_set(session, actor, data).code)
    response.headers["Location"] = "/api/v1/indicators/plan-sets"
    return next(item for item in new_plan.plan_sets(session, actor) if item.code == code)


@router.post("/plan-sets/{code}/withdraw", status_code=204, summary="撤回规划", **access("indicator.manage", "admin"))
def withdraw_plan_set(code: Code, session: WriteSession, actor: CurrentActor) -> None:
    """Let a plan that was entered here count no more, and its targets with it."""
    new_plan.withdraw_plan_set(session, actor, code)


@router.get("/{code}", summary="一个指标", **access("indicator.see", "read"))
def show(code: Code, session: ReadSession, actor: CurrentActor, _trace: Traced) -> IndicatorDetail:
    """Give one indicator with its definitions, targets, observations and the plan's own contradictions."""
    return plan.detail(session, actor, code)


@router.post("/{code}/targets", status_code=201, summary="录入目标", **access("indicator.manage", "admin"))
def enter_target(
    code: Code, data: TargetIn, session: WriteSession, actor: CurrentActor, key: Idempotent, response: Response
) -> TargetOut:
    """Enter a target of the city, of a county or of a chain."""
    number, _new = once(session, actor, key, lambda: str(plan.enter_target(session, actor, code, data).id))
    response.headers["Location"] = f"/api/v1/indicators/{code}"
    return plan.target(session, int(number))


@router.post("/{code}/splits", status_code=201, summary="分解目标（考核）", **access("indicator.manage", "admin"))
def split_target(
    code: Code, data: SplitIn, session: WriteSession, actor: CurrentActor, key: Idempotent, response: Response
) -> Page[TargetOut]:
    """Enter what counties and chains have to reach in a year, in 万元; what stands already is not entered again."""

    def split() -> str:
        numbers = [str(item.id) for item in new_plan.split_target(session, actor, code, data)]
        return f"{numbers[0]}-{numbers[-1]}" if numbers else "0-0"

    numbers, _new = once(session, actor, key, split)
    response.headers["Location"] = f"/api/v1/indicators/{code}/gap?year={data.year}"
    first, _dash, last = numbers.partition("-")
    return Page(items=plan.targets_between(session, code, int(first), int(last)))


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
    code: Code, data: ObservationIn, session: WriteSession, actor: CurrentActor, key: Idempotent, response: Response
) -> ObservationOut:
    """Enter an observed value with its period and source; the same source again corrects it."""
    once(session, actor, key, lambda: plan.enter_observation(session, actor, code, data).period)
    response.headers["Location"] = f"/api/v1/indicators/{code}"
    seen = plan.detail(session, actor, code).observations
    return next(item for item in seen if (item.period, item.source) == (data.period, data.source))


@router.post("/{code}/definitions", status_code=201, summary="写定义", **access("indicator.manage", "admin"))
def define(
    code: Code, data: DefinitionIn, session: WriteSession, actor: CurrentActor, key: Idempotent, response: Response
) -> DefinitionOut:
    """Write a new version of an indicator's definition."""
    number, _new = once(session, actor, key, lambda: str(plan.define(session, actor, code, data).version))
    response.headers["Location"] = f"/api/v1/indicators/{code}"
    return next(item for item in plan.detail(session, actor, code).definitions if str(item.version) == number)


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


@router.get("/{code}/gap/{county}", summary="一个县差在哪", **access("indicator.see_internal", "statistics:read"))
def story(
    code: Code,
    county: Annotated[str, Path(max_length=12, examples=["431129"])],
    session: ReadSession,
    actor: CurrentActor,
    _trace: Traced,
    year: Annotated[int, Query(ge=1990, le=2100)],
) -> gaps.Story:
    """Say why a county is behind or ahead: by chain, category and month that is over, against the year before."""
    return gaps.story(session, actor, county, year, code)
