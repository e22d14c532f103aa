"""Pages to enter the next plan's set of targets, and to split a year's target by county and chain (考核)."""

from dataclasses import dataclass, field
from typing import Annotated, Any

from fastapi import APIRouter, Path, Query, Request
from fastapi.responses import HTMLResponse, Response
from sqlmodel import Session

from frontend.i18n import N_, _
from frontend.texts import message_of
from frontend.web import (
    Again,
    CurrentActor,
    Form,
    FormErrors,
    PostedForm,
    ReadSession,
    TheMarket,
    WriteSession,
    build,
    form_errors,
    render,
    see_other,
    with_query,
)
from services.ground import clock, reference, regions
from services.ground.actor import Actor
from services.ground.errors import Conflict, FieldError, Invalid
from services.ground.permissions import may
from services.ground.web import access
from services.indicators import new_plan, plan, service
from services.indicators.plan_schemas import PlanSetIn, PlanSetOut, SplitIn
from services.indicators.schemas import IndicatorOut

pages = APIRouter()
FIELDS = ("code", "name", "short", "box", "base_year", "first_year", "last_year", "source")
LABELS = {
    "code": N_("代码"),
    "name": N_("规划名称"),
    "short": N_("简称"),
    "box": N_("指标在哪个专栏"),
    "base_year": N_("基数是哪一年"),
    "first_year": N_("从哪一年"),
    "last_year": N_("到哪一年"),
    "source": N_("出处"),
    "year": N_("年份"),
    "label": N_("叫法"),
}
SPEEDS = (("low", "低"), ("middle", "中"), ("high", "高"))


@dataclass
class PlanSetsPage:
    """Everything indicators/plan_sets.html may use."""

    sets: list[PlanSetOut]
    indicators: list[IndicatorOut]
    may_enter: bool
    values: dict[str, str] = field(default_factory=dict)
    errors: FormErrors = field(default_factory=FormErrors)
    problem: str = ""


@dataclass
class SplitPage:
    """Everything indicators/split.html may use."""

    year: int
    counties: list[tuple[str, str]]
    chains: list[tuple[str, str]]
    standing: dict[str, str]
    values: dict[str, str] = field(default_factory=dict)
    errors: FormErrors = field(default_factory=FormErrors)


@pages.get("/indicators/plan-sets", **access("indicator.see"))
def plan_sets(request: Request, session: ReadSession, actor: CurrentActor) -> HTMLResponse:
    """List the plans with the numbers they print; for those who may, with the form for the next one."""
    return render(request, "indicators/plan_sets.html", _sets(session, actor))


def _sets(session: Session, actor: Actor) -> PlanSetsPage:
    return PlanSetsPage(new_plan.plan_sets(session, actor), service.indicators(session), may(actor, "indicator.manage"))


@pages.post("/indicators/plan-sets", **access("indicator.manage"))
def enter(
    request: Request, form: PostedForm, session: WriteSession, actor: CurrentActor, market: TheMarket
) -> Response:
    """Enter the next plan's set."""
    try:
        made = new_plan.enter_plan_set(session, actor, build(PlanSetIn, _given(form, service.indicators(session))))
    except (Invalid, Conflict) as error:
        with market.database.read() as fresh:
            page = _sets(fresh, actor)
        page.values = form.values()
        if isinstance(error, Invalid):
            page.errors = form_errors(_at_fields(error, form, page.indicators), _labels(page.indicators))
        else:
            page.problem = message_of(error)
        raise Again(render(request, "indicators/plan_sets.html", page, 422)) from error
    return see_other(
        request, "/indicators/plan-sets", _("%(p)s已录入，它的年份从现在起按它的目标算") % {"p": made.title}
    )


def _given(form: Form, known: list[IndicatorOut]) -> dict[str, Any]:
    given: dict[str, Any] = {name: form.text(name) for name in FIELDS if form.text(name)}
    given["growth"] = [
        {"label": label, "percent": form.text(f"growth.{key}")} for key, label in SPEEDS if form.text(f"growth.{key}")
    ]
    given["values"] = [
        {"indicator": item.code, "base": form.text(f"base.{item.code}"), "target": form.text(f"target.{item.code}")}
        for item in known
    ]
    return given


def _labels(known: list[IndicatorOut]) -> dict[str, str]:
    found = {name: _(label) for name, label in LABELS.items()}
    for item in known:
        found[f"target.{item.code}"] = found[f"base.{item.code}"] = f"{item.code}. {item.title}"
    for key, label in SPEEDS:
        found[f"growth.{key}"] = _("GDP 增速") + label
    return found


def _at_fields(error: Invalid, form: Form, known: list[IndicatorOut]) -> Invalid:
    """Say what is wrong at the fields of the form, which stand under other names than in the plan."""
    speeds = [key for key, _label in SPEEDS if form.text(f"growth.{key}")]
    names = {f"growth.{place}.percent": f"growth.{key}" for place, key in enumerate(speeds)}
    for place, item in enumerate(known):
        names |= {f"values.{place}.{kind}": f"{kind}.{item.code}" for kind in ("base", "target")}
    return _renamed(error, names)


def _renamed(error: Invalid, names: dict[str, str]) -> Invalid:
    return Invalid([FieldError(names.get(item.field, item.field), item.code, item.params) for item in error.fields])


@pages.post("/indicators/plan-sets/{code}/withdraw", **access("indicator.manage"))
def withdraw(
    request: Request,
    code: Annotated[str, Path(max_length=20)],
    form: PostedForm,  # noqa: ARG001 - the form is read for its check
    session: WriteSession,
    actor: CurrentActor,
) -> Response:
    """Let a plan that was entered here count no more."""
    new_plan.withdraw_plan_set(session, actor, code)
    return see_other(request, "/indicators/plan-sets", _("已撤回，它的目标也不再算，记录还在"))


@pages.get("/indicators/split", **access("indicator.manage"))
def split(
    request: Request,
    session: ReadSession,
    actor: CurrentActor,
    year: Annotated[int | None, Query(ge=1990, le=2100)] = None,
) -> HTMLResponse:
    """Show what counties and chains have to reach in a year, to be filled in."""
    return render(request, "indicators/split.html", _split(session, actor, year or clock.today().year))


def _split(session: Session, actor: Actor, year: int) -> SplitPage:
    code = service.computed_code()
    plan.may_enter(actor)
    rows = [row for row in plan.standing_targets(session, code) if row.year == year and (row.region or row.chain)]
    newest = rows[-1] if rows else None
    return SplitPage(
        year=year,
        counties=[(entry.code, entry.name) for entry in regions.home_counties(session)],
        chains=[(entry.code, entry.name) for entry in reference.entries(session, "chain")],
        standing={row.region or row.chain: row.value for row in rows},
        values={
            "label": newest.label if newest else _("%(y)s 年考核") % {"y": year},
            "source": newest.source if newest else "",
        },
    )


@pages.post("/indicators/split", **access("indicator.manage"))
def enter_split(
    request: Request, form: PostedForm, session: WriteSession, actor: CurrentActor, market: TheMarket
) -> Response:
    """Enter what counties and chains have to reach in a year, all at once."""
    text = form.text("year")
    year = int(text) if text.isascii() and text.isdecimal() and 1990 <= int(text[:5]) <= 2100 else clock.today().year
    empty = _split(session, actor, year)
    given: dict[str, Any] = {name: form.text(name) for name in ("label", "source") if form.text(name)}
    given["year"] = year
    places = [("region", key) for key, _name in empty.counties] + [("chain", key) for key, _name in empty.chains]
    filled = [(kind, key, form.text(f"value.{key}")) for kind, key in places if form.text(f"value.{key}")]
    given["values"] = [{kind: key, "value": value.replace(",", "")} for kind, key, value in filled]
    try:
        found = new_plan.split_target(session, actor, service.computed_code(), build(SplitIn, given))
    except Invalid as error:
        with market.database.read() as fresh:
            page = _split(fresh, actor, year)
        page.values = form.values()
        names = {**dict(page.counties), **dict(page.chains)}
        labels = {name: _(label) for name, label in LABELS.items()}
        labels |= {f"value.{key}": name for key, name in names.items()}
        fields = {f"values.{place}.value": f"value.{key}" for place, (_kind, key, _value) in enumerate(filled)}
        page.errors = form_errors(_renamed(error, fields), labels)
        raise Again(render(request, "indicators/split.html", page, 422)) from error
    return see_other(
        request, with_query("/indicators/gap", year=str(year)), _("考核数已录入，改了 %(n)s 个") % {"n": len(found)}
    )
