"""The plan's indicators one by one: what each means, its targets, and what was observed; entered by bureau officers.

The one indicator that is computed takes targets and definitions, but no observations: its values come from the ledger.
"""

from dataclasses import dataclass
from decimal import Decimal

from sqlmodel import Session, col, select

from services.ground import audit, clock, reference, regions
from services.ground.actor import Actor
from services.ground.errors import Conflict, Invalid, NotFound
from services.ground.money import FEN_IN, half_up
from services.ground.permissions import may, require
from services.indicators import figures
from services.indicators.entries import computed_code, indicators
from services.indicators.models import GdpVersion, IndicatorDefinition, Observation, Target
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
from services.indicators.plan_sets import Plan, plans
from services.indicators.publishing import last_cut_off
from services.indicators.readings import READINGS
from services.indicators.schemas import YearOut


class IndicatorComputed(Conflict):
    """The computed indicator takes no typed-in value."""

    code = "indicator_computed"


@dataclass(frozen=True)
class Split:
    """The amount a county or a chain has to reach in a year (考核), in fen."""

    year: int
    region: str
    chain: str
    amount_fen: int
    source: str


def detail(session: Session, actor: Actor, code: str) -> IndicatorDetail:
    """Give one indicator with everything known of it; drafts are seen by those who enter them. Raises NotFound."""
    listed = next((item for item in indicators(session) if item.code == code), None)
    if listed is None:
        raise NotFound("indicator", code[:20])
    definitions = [_definition_out(row) for row in _definitions(session, code)]
    seen = _computed(session, actor) if listed.computed else _observed(session, actor, code)
    known = plans(session)
    unwritten = f"{READINGS['default'].words} ÷ 当年地区生产总值 × 100" if listed.computed else known[0].undefined
    disputed = {note["indicator"] for note in reference.document("plan_notes") if note["code"] == "base_is_disputed"}
    bases = [
        ObservationOut(
            period=str(item.base_year),
            value=item.bases[code],
            source=f"{item.printed_in}（{item.base_year} 年基数）",
            state="disputed" if code in disputed and not item.is_entered else "final",
            note="",
            url="",
            mark=item.mark,
        )
        for item in reversed(known)
        if item.bases.get(code)
    ]
    return IndicatorDetail(
        **listed.model_dump(exclude={"url"}),
        url=f"/indicators/plan/{code}",
        owner=definitions[0].owner if definitions else "",
        definitions=definitions
        or [DefinitionOut(version=0, definition=unwritten, unit=listed.unit, owner="", scope="")],
        targets=_plan_targets(known, code) + _targets(session, code),
        observations=[*seen, *bases],
    )


def _definitions(session: Session, code: str) -> list[IndicatorDefinition]:
    wanted = select(IndicatorDefinition).where(IndicatorDefinition.indicator == code)
    return list(session.exec(wanted.order_by(col(IndicatorDefinition.version).desc())))


def _definition_out(row: IndicatorDefinition) -> DefinitionOut:
    return DefinitionOut(
        version=row.version,
        definition=row.definition,
        unit=row.unit,
        owner=row.owner,
        scope=row.scope,
        valid_from=row.valid_from,
        entered_at=row.entered_at,
    )


def _plan_targets(known: list[Plan], code: str) -> list[TargetOut]:
    """Give the targets of the release's data; an indicator without any has the one printed in the plan's box."""
    written = [row for row in reference.document("targets") if row["indicator"] == code]
    if written:
        return [
            TargetOut(
                id=0,
                year=row["year"],
                value=row["value"],
                label=row["label"],
                source=row["source"],
                plan_set=_short_of(known, row["year"]),
                mark=row["mark"],
            )
            for row in written
        ]
    return [
        TargetOut(
            id=0,
            year=item.last_year,
            value=item.targets[code],
            label=item.target_label(item.last_year),
            source=item.printed_in,
            plan_set=item.short,
            mark=item.mark,
        )
        for item in known
        if item.targets.get(code)
    ]


def _short_of(known: list[Plan], year: int) -> str:
    return next((item.short for item in known if item.first_year <= year <= item.last_year), "")


def _targets(session: Session, code: str) -> list[TargetOut]:
    names = {item.code: item.short for item in plans(session)}
    return [_target_out(row, names) for row in standing_targets(session, code)]


def _target_out(row: Target, names: dict[str, str]) -> TargetOut:
    return TargetOut(
        id=row.id or 0,
        year=row.year,
        value=row.value,
        label=row.label,
        source=row.source,
        plan_set=names.get(row.plan_set, row.plan_set),
        measure=row.measure,
        region=row.region,
        region_name=regions.name_of(row.region) if row.region else "",
        chain=row.chain,
        chain_name=reference.name_of("chain", row.chain) if row.chain else "",
    )


def target(session: Session, number: int) -> TargetOut:
    """Give one target that was entered here, whether it still counts or not. Raises NotFound."""
    row = session.get(Target, number)
    if row is None:
        raise NotFound("target", str(number))
    return _target_out(row, {item.code: item.short for item in plans(session)})


def targets_between(session: Session, code: str, first: int, last: int) -> list[TargetOut]:
    """List the targets of an indicator that were entered one after the other."""
    wanted = select(Target).where(Target.indicator == code, col(Target.id).between(first, last))
    names = {item.code: item.short for item in plans(session)}
    return [_target_out(row, names) for row in session.exec(wanted.order_by(col(Target.id)))]


def standing_targets(session: Session, code: str) -> list[Target]:
    """List the targets entered here that count: the newest row for each thing, unless it was withdrawn."""
    newest: dict[tuple[int, str, str, str], Target] = {}
    for row in session.exec(select(Target).where(Target.indicator == code).order_by(col(Target.id))):
        newest[row.year, row.label, row.region, row.chain] = row
    return [row for row in newest.values() if not row.withdrawn]


def splits(session: Session, year: int) -> list[Split]:
    """List the amounts that counties and chains have to reach in a year."""
    return [
        Split(row.year, row.region, row.chain, int(half_up(Decimal(row.value) * FEN_IN["万元"], 0)), row.source)
        for row in standing_targets(session, computed_code())
        if row.measure == "amount_wan" and row.year == year
    ]


def _observed(session: Session, actor: Actor, code: str) -> list[ObservationOut]:
    wanted = select(Observation).where(Observation.indicator == code)
    if not may(actor, "indicator.manage"):
        wanted = wanted.where(Observation.state != "draft")
    rows = session.exec(wanted.order_by(col(Observation.period).desc(), col(Observation.id).desc()))
    return [
        ObservationOut(
            period=row.period,
            value=row.value,
            source=row.source,
            state=row.state,
            note=row.note,
            url="",
            mark="typed",
        )
        for row in rows
    ]


def _computed(session: Session, actor: Actor) -> list[ObservationOut]:
    """Give the computed values: live for those who may, else as published last."""
    if may(actor, "indicator.see_internal"):
        rows = figures.years(session)
    else:
        last = last_cut_off(session, computed_code())
        rows = [YearOut(**row) for row in last.figures["years"]] if last else []
    return [
        ObservationOut(
            period=str(row.year),
            value=row.share,
            source=f"登记变动之和 ÷ GDP（{row.gdp_kind}）",
            state="preliminary" if row.status == "preliminary" else "final",
            note="",
            url=f"/indicators?year={row.year}",
            mark="computed",
        )
        for row in reversed(rows)
        if row.share is not None
    ]


def enter_target(session: Session, actor: Actor, code: str, data: TargetIn) -> TargetOut:
    """Enter a target: for the city in the indicator's unit, for a county or a chain as an amount in 万元.

    A new row for the same year, label and place takes the place of the older one. Raises Invalid, NotFound.
    """
    require(actor, "indicator.manage")
    _known(session, code)
    is_split = bool(data.region or data.chain)
    if is_split and code != computed_code():
        raise Invalid("region", "split_only_computed")
    if data.region and data.region not in {entry.code for entry in regions.home_counties(session)}:
        raise Invalid("region", "code_unknown", value=data.region[:12], list="region")
    if data.chain:
        reference.require_code(session, "chain", data.chain, "chain")
    row = Target(
        indicator=code,
        year=data.year,
        value=data.value,
        label=data.label,
        source=data.source,
        plan_set=data.plan_set,
        measure="amount_wan" if is_split else "value",
        region=data.region,
        chain=data.chain,
        entered_at=clock.now(),
        entered_by=actor.person_id,
    )
    session.add(row)
    session.flush()
    audit.record(session, actor, "indicator.target", "indicator", code, year=data.year, value=data.value)
    return next(item for item in _targets(session, code) if item.id == row.id)


def withdraw_target(session: Session, actor: Actor, code: str, number: int) -> None:
    """Let a target count no more; it stays on record. Raises NotFound."""
    require(actor, "indicator.manage")
    row = session.get(Target, number)
    if row is None or row.indicator != code or row.withdrawn:
        raise NotFound("target", str(number))
    row.withdrawn = True
    session.add(row)
    audit.record(session, actor, "indicator.target_withdrawn", "indicator", code, year=row.year, value=row.value)


def enter_observation(session: Session, actor: Actor, code: str, data: ObservationIn) -> ObservationOut:
    """Enter what was observed in a period, from a source; the same source again corrects it, and the trail keeps both.

    Raises IndicatorComputed for the one that is computed, NotFound.
    """
    require(actor, "indicator.manage")
    _known(session, code)
    if code == computed_code():
        raise IndicatorComputed(indicator=code)
    row = session.exec(
        select(Observation).where(
            Observation.indicator == code, Observation.period == data.period, Observation.source == data.source
        )
    ).first() or Observation(indicator=code, period=data.period, source=data.source, value="", entered_at=clock.now())
    before = row.value
    row.value, row.note, row.state = data.value, data.note, data.state
    row.entered_at, row.entered_by = clock.now(), actor.person_id
    session.add(row)
    session.flush()
    audit.record(
        session, actor, "indicator.observation", "indicator", code, period=data.period, value=data.value, before=before
    )
    return ObservationOut(period=row.period, value=row.value, source=row.source, state=row.state, note=row.note, url="")


def define(session: Session, actor: Actor, code: str, data: DefinitionIn) -> DefinitionOut:
    """Write down what an indicator means from now on, as a new version. Raises NotFound."""
    require(actor, "indicator.manage")
    _known(session, code)
    versions = _definitions(session, code)
    row = IndicatorDefinition(
        indicator=code,
        version=versions[0].version + 1 if versions else 1,
        definition=data.definition,
        scope=data.scope,
        unit=data.unit,
        owner=data.owner,
        valid_from=data.valid_from,
        entered_at=clock.now(),
        entered_by=actor.person_id,
    )
    session.add(row)
    session.flush()
    audit.record(session, actor, "indicator.define", "indicator", code, version=row.version)
    return _definition_out(row)


def gdp_versions(session: Session, actor: Actor) -> list[GdpVersionOut]:
    """List every GDP figure, the latest year and version first; the first of a year is the one that counts."""
    require(actor, "indicator.see")
    entered = session.exec(select(GdpVersion).order_by(col(GdpVersion.year).desc(), col(GdpVersion.id).desc())).all()
    found = [
        GdpVersionOut(
            year=row.year,
            value_fen=row.value_fen,
            kind=row.kind,
            source=row.source,
            mark=row.mark,
            note=row.note,
            published_on=row.published_on,
            entered_at=row.entered_at,
        )
        for row in entered
    ]
    shipped = [
        GdpVersionOut(
            year=row["year"],
            value_fen=int(Decimal(row["value_yi"]) * FEN_IN["亿元"]),
            kind=row["kind"],
            source=row["source"],
            mark=row["mark"],
            note=row["note"],
        )
        for row in reference.document("gdp")
    ]
    found += shipped
    found.sort(key=lambda row: -row.year)
    counted: set[int] = set()
    for row in found:
        row.counts = row.year not in counted
        counted.add(row.year)
    return found


def may_enter(actor: Actor) -> None:
    """Raise for those who may not enter what lies beside the ledger."""
    require(actor, "indicator.manage")


def _known(session: Session, code: str) -> None:
    if code not in {item.code for item in indicators(session)}:
        raise NotFound("indicator", code[:20])
