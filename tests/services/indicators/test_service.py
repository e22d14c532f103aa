"""What the indicator shows, and that every figure is the sum of the lines it opens to."""

from datetime import UTC, date, datetime

import pytest
from sqlmodel import select

from services.contracts import service as contracts
from services.contracts.schemas import EndIn
from services.ground import clock, reference
from services.ground.actor import ANONYMOUS
from services.ground.audit import AuditEvent
from services.ground.errors import Forbidden, NotSignedIn
from services.indicators import service
from services.indicators.schemas import GdpIn
from tests.services.contracts.factories import BOTH_SHAPES, a_party
from tests.services.contracts.world import OPERATOR

pytestmark = BOTH_SHAPES
CODE = service.computed_code()
COUNTIES = ("431102", "431103", "431121", "431124")
CHAINS = ("EI", "BM", None)


@pytest.fixture
def ledger(world):
    """Nineteen registered contracts: two counties with several, two with one or two."""
    for index in range(19):
        county = COUNTIES[min(index // 7, 3)] if index < 17 else COUNTIES[index - 15]
        world.registered(
            f"20264311{index:08d}",
            contract_title=f"演示合同 {index}",
            chain=CHAINS[index % 3],
            contract_amount_fen=(index + 1) * 1_000_001,
            technical_amount_fen=(index + 1) * 1_000_000,
            non_technical_items=[{"kind": "MATERIAL", "name": "原料", "amount_fen": index + 1, "evidence": "附件"}],
            parties=[
                a_party("seller", name=f"演示卖方 {index}", region_code=county),
                a_party("buyer", name=f"演示买方 {index}"),
            ],
        )
    return world


def sum_of_lines(world, year, dimension=None, value=None, who="bureau"):
    wanted = world.do(service.open_figure, who, CODE, year, dimension, value)
    with world.database.read() as session:
        lines, _following = contracts.list_movements(session, world.actors[who], wanted, limit=None)
    return sum(line.count_delta for line in lines), sum(line.contract_amount_fen for line in lines)


def test_every_figure_of_every_table_is_the_sum_of_its_lines_to_the_fen(ledger):
    with ledger.database.read() as session:
        actor = ledger.actors["bureau"]
        year = next(row for row in service.years(session, actor, CODE).items if row.year == 2026)
        parts = {name: service.breakdown(session, actor, CODE, name, 2026) for name in service.BREAKDOWNS}
        table = service.cross(session, actor, CODE, 2026)
    assert (year.count, year.amount_fen) == sum_of_lines(ledger, 2026) == (19, 190_000_190)
    for name, part in parts.items():
        assert (part.total_count, part.total_fen) == (year.count, year.amount_fen)
        for row in part.rows:
            assert (row.count, row.amount_fen) == sum_of_lines(ledger, 2026, name, row.value), row
    for row in table.rows:
        for cell in row.cells:
            assert (cell.count, cell.amount_fen) == sum_of_lines(ledger, 2026, "county_chain", cell.value), cell
        assert sum(cell.amount_fen for cell in row.cells) == row.total.amount_fen
    assert table.totals.total.amount_fen == year.amount_fen


def test_a_renamed_county_counts_under_its_name_of_today(ledger):
    with ledger.database.read() as session:
        part = service.breakdown(session, ledger.actors["bureau"], CODE, "county", 2026)
    rows = {row.value: row.count for row in part.rows}
    assert "431121" not in rows
    assert rows["431181"] > 0
    assert len(rows) == 11


def test_opening_a_figure_leaves_a_trace_and_is_refused_to_others(ledger):
    sum_of_lines(ledger, 2026, "chain", "EI")
    with ledger.database.read() as session:
        event = session.exec(select(AuditEvent).where(AuditEvent.action == "indicator.open")).one()
    assert event.person_id == ledger.actors["bureau"].person_id
    assert event.detail["value"] == "EI"
    with pytest.raises(NotSignedIn):
        ledger.do(service.open_figure, ANONYMOUS, CODE, 2026, None, None)
    with pytest.raises(Forbidden):
        ledger.do(service.open_figure, "seller", CODE, 2026, None, None)


def test_a_visitor_sees_what_was_published_and_not_what_came_after(ledger):
    with ledger.database.read() as session:
        assert service.years(session, ANONYMOUS, CODE).items == []
        assert service.cross(session, ANONYMOUS, CODE, 2026).rows == []
    ledger.do(service.publish_cut_off, OPERATOR)
    ledger.registered("2026431199999999", contract_amount_fen=900_000_000, technical_amount_fen=854_150_000)
    with ledger.database.read() as session:
        public = service.years(session, ANONYMOUS, CODE)
        live = service.years(session, ledger.actors["bureau"], CODE)
    assert public.view == "published"
    assert public.items[-1].amount_fen == 190_000_190
    assert live.items[-1].amount_fen == 1_090_000_190


def test_small_cells_are_not_in_the_public_tables(ledger):
    ledger.do(service.publish_cut_off, OPERATOR)
    with ledger.database.read() as session:
        inside = service.cross(session, ledger.actors["bureau"], CODE, 2026)
        public = service.cross(session, ANONYMOUS, CODE, 2026)
        counties = service.breakdown(session, ANONYMOUS, CODE, "county", 2026)
    hidden = {row.value for row in counties.rows if row.suppressed}
    assert hidden == {row.value for row in public.rows if row.total.suppressed}
    assert any(cell.suppressed for row in public.rows for cell in row.cells)
    for true, seen in zip(inside.rows, public.rows, strict=True):
        for exact, cell in zip(true.cells, seen.cells, strict=True):
            if 0 < exact.count < 3:
                assert cell.amount_fen is None
                assert cell.count is None


def test_a_contract_cancelled_in_a_later_year_leaves_its_own_year_and_what_was_published_alone(ledger):
    ledger.do(service.publish_cut_off, OPERATOR)
    with ledger.database.read() as session:
        before = service.years(session, ANONYMOUS, CODE)
        code = contracts.list_movements(session, ledger.actors["bureau"], limit=1)[0][0].contract_code
    with clock.at(datetime(2027, 2, 3, tzinfo=UTC)):
        ledger.do(
            contracts.cancel,
            "registrar",
            code,
            EndIn(ended_on=date(2027, 2, 3), reason="当事人申请", evidence="申请书"),
        )
        with ledger.database.read() as session:
            rows = {row.year: row for row in service.years(session, ledger.actors["bureau"], CODE).items}
            after = service.years(session, ANONYMOUS, CODE)
    assert (rows[2026].count, rows[2026].amount_fen) == (19, 190_000_190)
    assert (rows[2027].count, rows[2027].amount_fen) == (-1, -1_000_001)
    assert after == before


def test_both_targets_of_the_plan_and_the_doubt_about_its_base_are_told(ledger):
    with ledger.database.read() as session:
        found = service.years(session, ledger.actors["bureau"], CODE)
    assert [gap.target for gap in found.items[-1].gaps] == ["1.5", "1.6"]
    assert "有争议" in found.note


def test_a_revised_gdp_changes_the_live_share_and_leaves_the_published_one(ledger):
    ledger.do(service.enter_gdp, "bureau", GdpIn(year=2026, value_yi="1.00", kind="快报", source="演示值"))
    ledger.do(service.publish_cut_off, OPERATOR)
    ledger.do(service.enter_gdp, "bureau", GdpIn(year=2026, value_yi="2.00", kind="初步核算", source="演示值"))
    with ledger.database.read() as session:
        public = service.years(session, ANONYMOUS, CODE).items[-1]
        live = service.years(session, ledger.actors["bureau"], CODE).items[-1]
    assert (public.share, public.gdp_kind) == ("1.90", "快报")
    assert (live.share, live.gdp_kind) == ("0.95", "初步核算")


def test_the_figures_are_published_once_each_night(ledger):
    def publish():
        return ledger.do(service.publish_if_due, OPERATOR)

    assert publish() is None, "the day on which the first contract came has not ended"
    with clock.at(datetime(2026, 3, 12, 16, 1, tzinfo=UTC)):
        assert publish() is not None, "one minute after midnight in Asia/Shanghai"
        assert publish() is None
    with clock.at(datetime(2026, 3, 13, 15, 59, tzinfo=UTC)):
        assert publish() is None
    with clock.at(datetime(2026, 3, 13, 16, 1, tzinfo=UTC)):
        assert publish() is not None


def test_an_empty_market_publishes_nothing_by_itself(world):
    with clock.at(datetime(2026, 5, 1, tzinfo=UTC)):
        assert world.do(service.publish_if_due, OPERATOR) is None


def test_only_the_bureau_and_the_administrator_publish(ledger):
    for who in ("seller", "registrar", "clerk"):
        with pytest.raises(Forbidden):
            ledger.do(service.publish_cut_off, who)


def test_where_the_plan_contradicts_itself_it_is_told_beside_the_indicator(world):
    with world.database.read() as session:
        found = {item.code: item for item in service.indicators(session)}
    assert len(found) == 15
    assert any("1.5 %" in note and "1.6 %" in note for note in found[CODE].notes)
    assert any("1.44" in note for note in found["5"].notes)
    assert {note["indicator"] for note in reference.document("plan_notes")} <= {*found, "*"}


def a_small_one(world, index):
    amount = 1_000_000 + index
    world.registered(
        f"20264311{index:08d}",
        contract_title=f"演示合同 {index}",
        contract_amount_fen=amount,
        technical_amount_fen=amount,
        non_technical_items=[],
    )


def test_a_year_of_two_contracts_is_published_without_any_figure(world):
    for index in range(2):
        a_small_one(world, index)
    world.do(service.publish_cut_off, OPERATOR)
    with world.database.read() as session:
        year = service.years(session, ANONYMOUS, CODE).items[-1]
        parts = [service.breakdown(session, ANONYMOUS, CODE, name, 2026) for name in service.BREAKDOWNS]
        table = service.cross(session, ANONYMOUS, CODE, 2026)
    assert year.suppressed
    assert {year.count, year.amount_fen, year.technical_fen, year.share, *(gap.gap_fen for gap in year.gaps)} == {None}
    for part in parts:
        assert part.total_fen is None
        assert {row.amount_fen for row in part.rows} <= {None, 0}
    assert table.totals.total.amount_fen is None


def test_a_list_with_one_row_in_it_does_not_tell_its_amount_by_its_total(world):
    for index in range(5):
        a_small_one(world, index)
    world.do(service.publish_cut_off, OPERATOR)
    with world.database.read() as session:
        part = service.breakdown(session, ANONYMOUS, CODE, "category", 2026)
    assert part.total_fen == 5_000_010
    assert sum(row.suppressed for row in part.rows) == 2, "the row of one seller, and an empty one beside it"
