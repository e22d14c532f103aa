"""Pages of the plan's indicators: the list, one of them with its forms, and GDP by version."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Annotated, Any

from fastapi import APIRouter, Path, Request
from fastapi.responses import HTMLResponse, Response
from sqlmodel import Session

from frontend.i18n import N_, _
from frontend.texts import message_of
from frontend.web import (
    Again,
    CurrentActor,
    FormErrors,
    PostedForm,
    ReadSession,
    TheMarket,
    WriteSession,
    build,
    form_errors,
    render,
    see_other,
)
from services.ground import clock, reference, regions
from services.ground.actor import Actor
from services.ground.errors import Conflict, Invalid
from services.ground.permissions import may
from services.ground.web import access
from services.indicators import plan, service
from services.indicators.api import Traced
from services.indicators.plan_schemas import DefinitionIn, GdpVersionOut, IndicatorDetail, ObservationIn, TargetIn
from services.indicators.plan_sets import Plan, plan_of
from services.indicators.schemas import GdpIn

pages = APIRouter()
Code = Annotated[str, Path(max_length=20)]
LABELS = {
    "year": N_("年份"),
    "value": N_("数值"),
    "label": N_("叫法"),
    "source": N_("出处"),
    "plan_set": N_("哪个规划"),
    "region": N_("县市区"),
    "chain": N_("创新链"),
    "period": N_("期间"),
    "state": N_("性质"),
    "note": N_("说明"),
    "definition": N_("定义"),
    "unit": N_("单位"),
    "owner": N_("负责单位"),
    "scope": N_("范围"),
    "valid_from": N_("从哪天起"),
    "value_yi": N_("GDP"),
    "kind": N_("版本"),
    "published_on": N_("发布日期"),
}
STATES = [
    ("final", N_("定数")),
    ("preliminary", N_("初步")),
    ("disputed", N_("有争议")),
    ("draft", N_("草稿，只内部可见")),
]
KINDS = [(kind, kind) for kind in ("快报", "初步核算", "最终核实", "普查修订", "预计")]


@dataclass
class PlanPage:
    """Everything indicators/plan.html may use."""

    indicators: list[IndicatorDetail]
    states: dict[str, str]
    plan: Plan


@dataclass
class PlanOnePage:
    """Everything indicators/plan_one.html may use."""

    indicator: IndicatorDetail
    may_enter: bool
    counties: list[tuple[str, str]]
    chains: list[tuple[str, str]]
    states: list[tuple[str, str]]
    form: str = ""
    values: dict[str, str] = field(default_factory=dict)
    errors: FormErrors = field(default_factory=FormErrors)
    problem: str = ""


@dataclass
class GdpPage:
    """Everything indicators/gdp.html may use."""

    versions: list[GdpVersionOut]
    may_enter: bool
    kinds: list[tuple[str, str]]
    values: dict[str, str] = field(default_factory=dict)
    errors: FormErrors = field(default_factory=FormErrors)


def _labels() -> dict[str, str]:
    return {name: _(label) for name, label in LABELS.items()}


@pages.get("/indicators/plan", **access("indicator.see"))
def show_all(request: Request, session: ReadSession, actor: CurrentActor, _trace: Traced) -> HTMLResponse:
    """List the plan's indicators with base, the latest value, targets and owner."""
    found = [plan.detail(session, actor, item.code) for item in service.indicators(session)]
    current = plan_of(session, clock.today().year)
    page = PlanPage(found, {value: _(label) for value, label in STATES}, current)
    return render(request, "indicators/plan.html", page)


@pages.get("/indicators/plan/{code}", **access("indicator.see"))
def show(request: Request, code: Code, session: ReadSession, actor: CurrentActor, _trace: Traced) -> HTMLResponse:
    """Show one indicator; for those who may, with forms to enter what is known of it."""
    return render(request, "indicators/plan_one.html", _page(session, actor, code))


def _page(session: Session, actor: Actor, code: str) -> PlanOnePage:
    return PlanOnePage(
        indicator=plan.detail(session, actor, code),
        may_enter=may(actor, "indicator.manage"),
        counties=[(entry.code, entry.name) for entry in regions.home_counties(session)],
        chains=[(entry.code, entry.name) for entry in reference.entries(session, "chain")],
        states=[(value, _(label)) for value, label in STATES],
    )


FORMS: dict[str, tuple[type[Any], Callable[..., object], str]] = {
    "targets": (TargetIn, plan.enter_target, N_("目标已录入")),
    "observations": (ObservationIn, plan.enter_observation, N_("观测值已录入")),
    "definitions": (DefinitionIn, plan.define, N_("定义已记为新的一版")),
}


@pages.post("/indicators/plan/{code}/{what}", **access("indicator.manage"))
def enter(
    *,
    request: Request,
    code: Code,
    what: Annotated[str, Path(pattern="^(targets|observations|definitions)$")],
    form: PostedForm,
    session: WriteSession,
    actor: CurrentActor,
    market: TheMarket,
) -> Response:
    """Enter a target, a value or a definition, or show what has to be mended."""
    schema, use_case, said = FORMS[what]
    try:
        given = {name: form.text(name) for name in schema.model_fields if form.text(name)}
        use_case(session, actor, code, build(schema, given))
    except (Invalid, Conflict) as error:
        with market.database.read() as fresh:
            page = _page(fresh, actor, code)
        page.form, page.values = what, form.values()
        if isinstance(error, Invalid):
            page.errors = form_errors(error, _labels())
        else:
            page.problem = message_of(error)
        raise Again(render(request, "indicators/plan_one.html", page, 422)) from error
    return see_other(request, f"/indicators/plan/{code}", _(said))


@pages.post("/indicators/plan/{code}/targets/{number}/withdraw", **access("indicator.manage"))
def withdraw(
    request: Request,
    code: Code,
    number: Annotated[int, Path(ge=1, le=2**31 - 1)],
    form: PostedForm,  # noqa: ARG001
    session: WriteSession,
    actor: CurrentActor,
) -> Response:
    """Let a target count no more."""
    plan.withdraw_target(session, actor, code, number)
    return see_other(request, f"/indicators/plan/{code}", _("目标已撤回，记录还在"))


@pages.get("/indicators/gdp", **access("indicator.see"))
def gdp(request: Request, session: ReadSession, actor: CurrentActor) -> HTMLResponse:
    """List GDP by version, with the form to enter one."""
    page = GdpPage(plan.gdp_versions(session, actor), may(actor, "indicator.manage"), KINDS)
    return render(request, "indicators/gdp.html", page)


@pages.post("/indicators/gdp", **access("indicator.manage"))
def enter_gdp(
    request: Request, form: PostedForm, session: WriteSession, actor: CurrentActor, market: TheMarket
) -> Response:
    """Enter a GDP figure; published shares keep theirs."""
    try:
        given = {name: form.text(name) for name in GdpIn.model_fields if form.text(name)}
        if "value_yi" in given:
            given["value_yi"] = given["value_yi"].replace(",", "").removesuffix("亿元").removesuffix("亿").strip()
        service.enter_gdp(session, actor, build(GdpIn, given))
    except Invalid as error:
        with market.database.read() as fresh:
            versions = plan.gdp_versions(fresh, actor)
        page = GdpPage(versions, True, KINDS, form.values(), form_errors(error, _labels()))
        raise Again(render(request, "indicators/gdp.html", page, 422)) from error
    return see_other(request, "/indicators/gdp", _("GDP 已录入，以前公布的比重不变"))
