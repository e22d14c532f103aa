"""What bureau officers enter beside the ledger: targets, observations, definitions, GDP; and who sees it."""

from datetime import UTC, date, datetime

import pytest
from pydantic import ValidationError
from sqlmodel import select

from services.contracts import service as contracts
from services.contracts.schemas import RegisteredIn
from services.ground import clock
from services.ground.actor import ANONYMOUS
from services.ground.audit import AuditEvent
from services.ground.errors import Forbidden, Invalid, NotFound
from services.indicators import gaps, new_plan, plan, service
from services.indicators.plan_schemas import DefinitionIn, ObservationIn, PlanSetIn, SplitIn, TargetIn
from services.indicators.schemas import GdpIn
from tests.services.contracts.factories import BOTH_SHAPES, a_party
from tests.services.contracts.world import OPERATOR

pytestmark = BOTH_SHAPES
CODE = service.computed_code()


def target(**changes):
    return TargetIn(**({"year": 2030, "value": "2.0", "label": "目标 2.0", "source": "十五五规划"} | changes))


def detail(world, code, who="bureau"):
    actor = world.actors[who] if isinstance(who, str) else who
    with world.database.read() as session:
        return plan.detail(session, actor, code)


def series(world):
    with world.database.read() as session:
        return {row.year: row for row in service.years(session, world.actors["bureau"], CODE).items}


def test_both_targets_of_the_plan_stand_beside_those_entered_later(world):
    world.do(plan.enter_target, "bureau", CODE, target(plan_set="十五五"))
    found = [(item.year, item.value, item.plan_set) for item in detail(world, CODE).targets]
    assert found == [(2025, "1.5", "十四五"), (2025, "1.6", "十四五"), (2030, "2.0", "十五五")]


def test_years_after_the_plan_are_measured_against_the_next_set_once_it_is_entered(world):
    assert [gap.target for gap in series(world)[2026].gaps] == ["1.5", "1.6"]
    world.do(plan.enter_target, "bureau", CODE, target())
    rows = series(world)
    assert [gap.target for gap in rows[2026].gaps] == ["2.0"]
    assert [gap.target for gap in rows[2025].gaps] == ["1.5", "1.6"]


def test_a_target_entered_again_takes_the_place_of_the_older_one_and_can_be_withdrawn(world):
    world.do(plan.enter_target, "bureau", CODE, target())
    made = world.do(plan.enter_target, "bureau", CODE, target(value="1.9"))
    assert [gap.target for gap in series(world)[2026].gaps] == ["1.9"]
    world.do(plan.withdraw_target, "bureau", CODE, made.id)
    assert [gap.target for gap in series(world)[2026].gaps] == ["1.5", "1.6"]
    with pytest.raises(NotFound):
        world.do(plan.withdraw_target, "bureau", CODE, made.id)


def test_an_observation_has_a_period_and_a_source_and_the_same_source_again_corrects_it(world):
    given = ObservationIn(period="2024", value="1.98", source="统计公报 2025-03", state="preliminary")
    world.do(plan.enter_observation, "bureau", "1", given)
    world.do(plan.enter_observation, "bureau", "1", given.model_copy(update={"value": "2.01", "state": "final"}))
    found = detail(world, "1").observations
    assert [(item.period, item.value, item.state) for item in found] == [
        ("2024", "2.01", "final"),
        ("2020", "1.63", "final"),
    ]
    with world.database.read() as session:
        trail = session.exec(select(AuditEvent).where(AuditEvent.action == "indicator.observation")).all()
    assert [event.detail["before"] for event in trail] == ["", "1.98"]


def test_a_draft_is_seen_by_those_who_enter_and_by_nobody_else(world):
    given = ObservationIn(period="2025", value="2.1", source="内部快报", state="draft")
    world.do(plan.enter_observation, "bureau", "1", given)
    assert "2025" in {item.period for item in detail(world, "1").observations}
    assert "2025" not in {item.period for item in detail(world, "1", ANONYMOUS).observations}


def test_the_computed_indicator_takes_no_value_and_shows_its_own_beside_the_disputed_base(world):
    with pytest.raises(plan.IndicatorComputed):
        world.do(plan.enter_observation, "bureau", CODE, ObservationIn(period="2025", value="1.4", source="某处"))
    found = detail(world, CODE)
    assert found.computed
    assert [item.state for item in found.observations if item.value == "0.43"] == ["disputed"]
    assert "成交额" in found.definitions[0].definition


def test_definitions_are_versions_and_the_newest_stands_first(world):
    world.do(
        plan.define,
        "bureau",
        "5",
        DefinitionIn(definition="有效高价值发明专利 ÷ 常住人口", unit="件", owner="市场监管局"),
    )
    world.do(
        plan.define,
        "bureau",
        "5",
        DefinitionIn(definition="有效高价值发明专利 ÷ 年末常住人口", unit="件", owner="市场监管局"),
    )
    found = detail(world, "5")
    assert [item.version for item in found.definitions] == [2, 1]
    assert found.owner == "市场监管局"
    assert any("1.44" in note for note in found.notes)


def test_all_fifteen_indicators_tell_base_target_and_that_no_definition_is_written(world):
    with world.database.read() as session:
        codes = [item.code for item in service.indicators(session)]
    assert len(codes) == 15
    for code in codes:
        found = detail(world, code, ANONYMOUS)
        assert found.targets
        assert found.definitions[0].version == 0
        assert found.observations[-1].period == "2020"


def test_only_the_bureau_and_the_administrator_enter(world):
    for who in ("seller", "registrar", "clerk"):
        with pytest.raises(Forbidden):
            world.do(plan.enter_target, who, CODE, target())
        with pytest.raises(Forbidden):
            world.do(plan.define, who, "1", DefinitionIn(definition="某个指标的定义"))


def test_what_makes_no_sense_is_refused(world):
    for changes in ({"region": "430100"}, {"chain": "XX"}):
        with pytest.raises(Invalid):
            world.do(plan.enter_target, "bureau", CODE, target(**changes))
    with pytest.raises(Invalid) as error:
        world.do(plan.enter_target, "bureau", "1", target(region="431102"))
    assert error.value.fields[0].code == "split_only_computed"
    with pytest.raises(NotFound):
        world.do(plan.enter_target, "bureau", "99", target())
    for period in ("2025Q5", "25", "2025-13"):
        with pytest.raises(ValidationError):
            ObservationIn(period=period, value="1", source="某处")


def test_gdp_versions_stay_on_record_and_the_last_entered_counts(world):
    for value, kind in (("2701.50", "快报"), ("2698.40", "初步核算")):
        world.do(service.enter_gdp, "bureau", GdpIn(year=2025, value_yi=value, kind=kind, source="公报"))
    with world.database.read() as session:
        found = [row for row in plan.gdp_versions(session, ANONYMOUS) if row.year == 2025]
    assert [(row.kind, row.counts) for row in found] == [("初步核算", True), ("快报", False)]


# -- the gap ------------------------------------------------------------------------------------------------------


@pytest.fixture
def behind(world):
    """Two counties: one has registered, one has only handed something in."""
    for index, county in enumerate(("431102", "431102", "431129")):
        world.registered(
            f"20264311{index:08d}",
            contract_title=f"演示合同 {index}",
            chain="EI",
            parties=[a_party("seller", name=f"卖方 {index}", region_code=county), a_party("buyer")],
        )
    world.submitted(contract_title="在办的合同")
    world.do(service.enter_gdp, "bureau", GdpIn(year=2025, value_yi="1.00", kind="快报", source="演示值"))
    return world


def gap_of(world, year=2026):
    with world.database.read() as session:
        return gaps.gap(session, world.actors["bureau"], CODE, year)


def test_the_gap_is_told_for_each_target_and_scenario_and_with_what_is_at_the_desk(behind):
    found = gap_of(behind)
    assert len(found.lines) == 6
    assert found.so_far_fen == 558_000_000
    low = next(line for line in found.lines if line.target == "1.5" and line.scenario == "低")
    assert low.needed_fen == 157_500_000
    assert low.gap_fen == low.needed_fen - found.so_far_fen
    assert low.gap_with_review_fen == low.gap_fen - 186_000_000
    assert [(row.state, row.count) for row in found.pipeline] == [("submitted", 1)]


def test_a_year_with_gdp_is_measured_against_it_alone(behind):
    behind.do(service.enter_gdp, "bureau", GdpIn(year=2026, value_yi="2.00", kind="预计", source="演示值"))
    found = gap_of(behind)
    assert [(line.target, line.needed_fen) for line in found.lines] == [("1.5", 300_000_000), ("1.6", 320_000_000)]


def test_counties_are_measured_against_their_own_targets_and_the_furthest_behind_stands_first(behind):
    for county, value in (("431102", "100"), ("431129", "9000")):
        given = target(year=2026, value=value, label="2026 年考核", source="考核办法", region=county)
        behind.do(plan.enter_target, "bureau", CODE, given)
    behind.do(plan.enter_target, "bureau", CODE, target(year=2026, value="500", label="链考核", chain="EI"))
    found = gap_of(behind)
    first = found.counties[0]
    assert (first.key, first.target_fen, first.is_official) == ("431129", 9_000_000_000, True)
    assert first.gap_fen == 9_000_000_000 - 186_000_000
    assert [gap.target for gap in series(behind)[2026].gaps] == ["1.5", "1.6"], "amounts of counties are no shares"
    assert next(row for row in found.chains if row.key == "EI").is_official


def test_the_story_of_a_county_sums_to_its_figure(behind):
    with clock.at(datetime(2026, 3, 31, 4, tzinfo=UTC)), behind.database.read() as session:
        found = gaps.story(session, behind.actors["bureau"], "431102", 2026)
    for rows in (found.chains, found.categories, found.months):
        assert sum(row.now_fen for row in rows) == found.total.now_fen == 372_000_000
    with pytest.raises(NotFound), behind.database.read() as session:
        gaps.story(session, behind.actors["bureau"], "430100", 2026)


def test_equal_stretches_of_both_years_are_compared(world):
    for number, day in enumerate((date(2025, 3, 11), date(2025, 3, 20), date(2026, 3, 11))):
        content = world.content(
            contract_title=f"合同 {number}", **dict.fromkeys(("signed_on", "effective_on", "valid_from"), day)
        )
        given = RegisteredIn(content=content, registration_number=f"20264311{number:08d}", registered_on=day)
        world.do(contracts.record_registered, OPERATOR, [given])
    found = gap_of(world)
    assert (found.last_year_same_fen, found.last_year_same_until) == (186_000_000, date(2025, 3, 12))
    assert gaps.whole_months(2026, date(2026, 3, 12)).code == "2026-01..02"
    assert gaps.whole_months(2026, date(2026, 3, 31)).code == "2026-01..03"
    with world.database.read() as session:
        told = gaps.story(session, world.actors["bureau"], "431102", 2026)
    assert (told.total.now_fen, told.total.before_fen, told.not_compared_fen) == (0, 0, 186_000_000)


# -- the next plan ------------------------------------------------------------------------------------------------


def next_plan(**changes):
    values = [{"indicator": CODE, "base": "1.52", "target": "2.2"}, {"indicator": "1", "base": "2.1", "target": "2.6"}]
    growth = [{"label": label, "percent": percent} for label, percent in (("低", "4"), ("中", "5"), ("高", "6"))]
    given = {"code": "fyp15", "name": "“十五五”规划", "short": "十五五", "box": "专栏 1", "source": "规划文本第 12 页"}
    years = {"base_year": 2025, "first_year": 2026, "last_year": 2030}
    return PlanSetIn(**(given | years | {"growth": growth, "values": values} | changes))


def test_the_next_plan_is_entered_by_a_person_and_its_years_are_measured_by_it(behind):
    behind.do(new_plan.enter_plan_set, "bureau", next_plan())
    assert [gap.target for gap in series(behind)[2026].gaps] == ["2.2"]
    assert [gap.target for gap in series(behind)[2025].gaps] == ["1.5", "1.6"], "the old plan keeps its years"
    found = gap_of(behind)
    assert {line.label for line in found.lines} == {"2030 年目标（十五五）"}
    assert [(item.label, item.gdp_fen) for item in found.scenarios] == [
        ("低", 10_400_000_000),
        ("中", 10_500_000_000),
        ("高", 10_600_000_000),
    ]
    typed = detail(behind, "1")
    assert [(item.year, item.value, item.plan_set, item.mark) for item in typed.targets][-1] == (
        2030,
        "2.6",
        "十五五",
        "typed",
    )
    assert next((item.period, item.value, item.mark) for item in typed.observations) == ("2025", "2.1", "typed")
    behind.do(new_plan.withdraw_plan_set, "bureau", "fyp15")
    assert [gap.target for gap in series(behind)[2026].gaps] == ["1.5", "1.6"]
    assert gap_of(behind).scenarios[0].gdp_fen == 10_500_000_000, "5 % a year again, as the plan before says"


def test_a_plan_with_years_out_of_order_or_an_unknown_indicator_or_a_taken_code_is_refused(world):
    wrong = next_plan(first_year=2025, values=[{"indicator": "99", "target": "1"}])
    with pytest.raises(Invalid) as told:
        world.do(new_plan.enter_plan_set, "bureau", wrong)
    assert {(item.field, item.code) for item in told.value.fields} == {
        ("base_year", "plan_years_out_of_order"),
        ("values.0.indicator", "plan_indicator_unknown"),
    }
    with pytest.raises(new_plan.PlanSetTaken):
        world.do(new_plan.enter_plan_set, "bureau", next_plan(code="fyp14"))
    with pytest.raises(Forbidden):
        world.do(new_plan.enter_plan_set, "registrar", next_plan())


def test_a_year_is_split_by_county_and_chain_at_once_and_only_what_changed_is_entered_again(behind):
    def split(**values):
        items = [{"region": key, "value": value} for key, value in values.items()]
        given = SplitIn(year=2026, label="2026 年考核", source="考核办法", values=items)
        return behind.do(new_plan.split_target, "bureau", CODE, given)

    first = split(**{"431102": "100", "431129": "9000"})
    second = split(**{"431102": "100", "431129": "8000"})
    assert ([item.value for item in first], [item.value for item in second]) == (["100", "9000"], ["8000"])
    rows = {row.key: (row.target_fen, row.is_official) for row in gap_of(behind).counties}
    assert (rows["431102"], rows["431129"]) == ((100_000_000, True), (8_000_000_000, True))
