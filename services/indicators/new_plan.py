"""Entering the next plan's set, and splitting a target by county and chain: by people, without a release."""

from sqlmodel import Session, col, select

from services.ground import audit, clock
from services.ground.actor import Actor
from services.ground.errors import Conflict, FieldError, Invalid, NotFound
from services.ground.permissions import require
from services.indicators import plan
from services.indicators.entries import computed_code, indicators
from services.indicators.models import PlanSet, Target
from services.indicators.plan_schemas import PlanSetIn, PlanSetOut, PlanValueOut, SplitIn, TargetIn, TargetOut
from services.indicators.plan_sets import Plan, plans


class PlanSetTaken(Conflict):
    """A plan of this code is there already."""

    code = "plan_set_taken"


def plan_sets(session: Session, actor: Actor) -> list[PlanSetOut]:
    """List the plans with their bases and targets, the latest first."""
    require(actor, "indicator.see")
    return [_out(session, item) for item in reversed(plans(session))]


def _out(session: Session, item: Plan) -> PlanSetOut:
    wanted = select(Target).where(Target.plan_set == item.code, col(Target.withdrawn).is_(False))
    typed = {
        row.indicator: row.value for row in session.exec(wanted.order_by(col(Target.id))) if not row.region + row.chain
    }
    return PlanSetOut(
        code=item.code,
        title=item.name,
        url="/indicators/plan-sets",
        short=item.short,
        box=item.box,
        base_year=item.base_year,
        first_year=item.first_year,
        last_year=item.last_year,
        source=item.source,
        mark=item.mark,
        growth=[{"label": one.label, "percent": f"{one.percent:f}"} for one in item.growth],
        growth_source=item.growth_source,
        values=[
            PlanValueOut(
                indicator=known.code,
                title=known.title,
                base=item.bases.get(known.code, ""),
                target=typed.get(known.code, item.targets.get(known.code, "")),
            )
            for known in indicators(session)
        ],
        entered=item.is_entered,
    )


def enter_plan_set(session: Session, actor: Actor, data: PlanSetIn) -> PlanSetOut:
    """Enter a plan with the bases and targets of its indicators; years it covers are measured against it from now on.

    Raises PlanSetTaken, Invalid for years out of order and for an indicator there is not.
    """
    require(actor, "indicator.manage")
    _check(session, data)
    row = PlanSet(
        **data.model_dump(exclude={"values", "growth"}),
        growth=[item.model_dump() for item in data.growth],
        bases={item.indicator: item.base for item in data.values if item.base},
        entered_at=clock.now(),
        entered_by=actor.person_id,
    )
    session.add(row)
    session.flush()
    audit.record(session, actor, "indicator.plan_set", "indicator", computed_code(), plan=data.code)
    made = next(item for item in plans(session) if item.code == data.code)
    for value in data.values:
        if value.target:
            target = TargetIn(
                year=data.last_year,
                value=value.target,
                label=made.target_label(data.last_year),
                source=made.printed_in,
                plan_set=data.code,
            )
            plan.enter_target(session, actor, value.indicator, target)
    return _out(session, made)


def _check(session: Session, data: PlanSetIn) -> None:
    wrong = []
    if data.first_year > data.last_year:
        wrong.append(FieldError("last_year", "plan_years_out_of_order"))
    if data.base_year >= data.first_year:
        wrong.append(FieldError("base_year", "plan_years_out_of_order"))
    known = {item.code for item in indicators(session)}
    wrong += [
        FieldError(f"values.{place}.indicator", "plan_indicator_unknown", {"value": item.indicator[:20]})
        for place, item in enumerate(data.values)
        if item.indicator not in known
    ]
    if wrong:
        raise Invalid(wrong)
    taken = session.exec(select(PlanSet.id).where(PlanSet.code == data.code)).first()
    if taken or any(item.code == data.code for item in plans(session)):
        raise PlanSetTaken(plan=data.code)


def withdraw_plan_set(session: Session, actor: Actor, code: str) -> None:
    """Let a plan that was entered here count no more, and its targets with it; both stay on record. Raises NotFound."""
    require(actor, "indicator.manage")
    row = session.exec(select(PlanSet).where(PlanSet.code == code, col(PlanSet.withdrawn).is_(False))).first()
    if row is None:
        raise NotFound("plan_set", code[:20])
    row.withdrawn = True
    session.add(row)
    for target in session.exec(select(Target).where(Target.plan_set == code, col(Target.withdrawn).is_(False))).all():
        plan.withdraw_target(session, actor, target.indicator, target.id or 0)
    audit.record(session, actor, "indicator.plan_set_withdrawn", "indicator", computed_code(), plan=code)


def split_target(session: Session, actor: Actor, code: str, data: SplitIn) -> list[TargetOut]:
    """Enter the amounts that counties and chains have to reach in a year (考核), all at once.

    A value that stands already is not entered again; an empty one leaves what stands. Raises as `enter_target` does.
    """
    require(actor, "indicator.manage")
    standing = {
        (row.region, row.chain): row.value
        for row in plan.standing_targets(session, code)
        if row.year == data.year and row.label == data.label
    }
    found = []
    for item in data.values:
        if standing.get((item.region, item.chain)) != item.value:
            given = TargetIn(
                year=data.year,
                value=item.value,
                label=data.label,
                source=data.source,
                plan_set=data.plan_set,
                region=item.region,
                chain=item.chain,
            )
            found.append(plan.enter_target(session, actor, code, given))
    return found
