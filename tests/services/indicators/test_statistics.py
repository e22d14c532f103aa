"""Every table sums to the first, every figure to its lines, and both to an account kept by the test itself."""

from collections import Counter
from datetime import UTC, date, datetime

import pytest
from sqlmodel import select

from services.contracts import service as contracts
from services.contracts import statistics_queries as ledger
from services.contracts.around_schemas import ReceiptIn
from services.contracts.content import Content
from services.contracts.schemas import ChangeIn, RegisteredIn
from services.ground import clock
from services.ground.actor import ANONYMOUS
from services.ground.audit import AuditEvent
from services.ground.errors import BadRequest, Forbidden, NotFound, NotSignedIn
from services.indicators import statistics, tables_ledger, tables_shown
from services.indicators.books import Books, Cut, read_address
from services.indicators.periods import Period, parse
from tests.services.contracts.factories import BOTH_SHAPES, a_content, a_party
from tests.services.contracts.world import OPERATOR
from tests.services.indicators.ledger import Market

pytestmark = BOTH_SHAPES
LATER = datetime(2027, 1, 5, tzinfo=UTC)
SUMMED = ("T1", "T2", "T3", "T4", "T5", "T6", "T7", "T8", "T11")


@pytest.fixture
def market(world, request):
    return Market(world, seed=getattr(request, "param", 7)).run()


def column(table, key):
    return next(place for place, head in enumerate(table.columns) if head.key == key)


def tables_of(market, period, reading="default", view="now"):
    with clock.at(LATER), market.world.database.read() as session:
        asked = statistics.question(period, reading, view)
        made = statistics.all_tables(session, market.world.actors["bureau"], asked)
        return {table.code: table for table in made}


def account(market, inside, measure="amount"):
    return sum(getattr(event, measure) for event in market.events if inside(event))


@pytest.mark.parametrize("market", [1, 2], indirect=True)
@pytest.mark.parametrize("period", ["2024", "2025", "2025Q2", "2025-01..09"])
def test_every_table_sums_to_the_first_and_the_first_to_an_independent_account(market, period):
    tables, when = tables_of(market, period), parse(period)

    def inside(event):
        return when.since <= event.day <= when.until

    first = {row.key: row.cells[1].value for row in tables["T0"].rows}
    assert first == {name: account(market, inside, name) for name in ("count", "amount", "technical")}
    for code in SUMMED:
        table = tables[code]
        place = column(table, "amount")
        assert sum(row.cells[place].value or 0 for row in table.rows[1:] if not row.level) == first["amount"], code
        place = column(table, "count")
        assert sum(row.cells[place].value or 0 for row in table.rows[1:] if not row.level) == first["count"], code
    for code in ("TC", "T10"):
        for number, _head in enumerate(tables[code].columns):
            inner = sum(row.cells[number].value or 0 for row in tables[code].rows[1:])
            assert inner == (tables[code].rows[0].cells[number].value or 0)
        assert tables[code].rows[0].cells[-1].value == first["amount"]
    listed = tables["T17"]
    assert sum(row.cells[5].value for row in listed.rows[1:]) == first["amount"]


def test_rows_agree_with_an_account_by_county_category_field_and_size(market):
    tables, when = tables_of(market, "2025"), parse("2025")
    mine = {name: Counter() for name in ("county", "category", "field")}
    for event in market.events:
        if when.since <= event.day <= when.until:
            mine["county"][{"431121": "431181"}.get(event.county, event.county)] += event.amount
            mine["category"][event.category] += event.amount
            mine["field"][event.field[:2]] += event.amount
    for code, name in (("T8", "county"), ("T1", "category"), ("T4", "field")):
        place = column(tables[code], "amount")
        shown = {row.key: row.cells[place].value for row in tables[code].rows[1:] if not row.level}
        assert {key: value for key, value in shown.items() if value} == {k: v for k, v in mine[name].items() if v}
    sizes, last = Counter(), {}
    for event in market.events:
        if not when.since <= event.day <= when.until:
            last[event.contract] = event
            continue
        before = last.get(event.contract)
        if event.kind == "change":
            sizes[ledger.size_of(before.standing)] -= before.standing
            sizes[ledger.size_of(event.standing)] += event.standing
        else:
            sizes[ledger.size_of(event.standing or before.standing)] += event.amount
        last[event.contract] = event
    shown = {int(row.key): row.cells[1].value for row in tables["T11"].rows[1:]}
    assert {key: value for key, value in shown.items() if value} == {k: v for k, v in sizes.items() if v}


def test_absorbed_amounts_follow_the_shares_of_several_buyers_and_the_count_goes_to_the_first(market):
    table, when = tables_of(market, "2025")["T9"], parse("2025")
    amounts, counts = Counter(), Counter()
    for event in market.events:
        if when.since <= event.day <= when.until:
            for number, (place, part) in enumerate(event.buyers):
                amounts[place] += part
                counts[place] += event.count if number == 0 else 0
    for row in table.rows[1:]:
        if row.key.startswith("year."):
            continue
        assert row.cells[column(table, "absorbed.amount")].value == amounts[row.key]
        assert row.cells[column(table, "absorbed.count")].value == counts[row.key]


def test_every_figure_opens_to_lines_that_sum_to_it_to_the_fen(market):
    world, opened = market.world, 0
    for table in tables_of(market, "2025").values():
        for row in table.rows:
            for head, cell in zip(table.columns, row.cells, strict=True):
                if not cell.opens or head.key.partition(".")[2] in {"part", "mean", "median"}:
                    continue
                asked = statistics.question("2025")
                found = world.do(statistics.open_figure, "bureau", cell.opens, asked, limit=5000)
                assert sum(line.count for line in found.lines) == found.cell.count, cell.opens
                assert sum(line.amount_fen for line in found.lines) == found.cell.amount_fen, cell.opens
                if head.kind in ("wan", "yi", "yuan") and "technical" not in head.key and row.key != "technical":
                    assert found.cell.amount_fen == cell.value, (table.code, row.label, head.label)
                opened += 1
    assert opened > 150


def test_the_lines_of_a_figure_come_in_parts_that_join_without_a_gap(market):
    world, asked = market.world, statistics.question("all")
    whole = world.do(statistics.open_figure, "bureau", "absorbed::@all", asked, limit=5000)
    places, after = [], (0, 0)
    while after:
        part = world.do(statistics.open_figure, "bureau", "absorbed::@all", asked, after=after, limit=4)
        places += [line.place for line in part.lines]
        after = part.following
    assert places == [line.place for line in whole.lines]
    assert len(set(places)) == len(places)


def test_the_restated_view_counts_what_became_of_a_contract_in_the_year_it_began_in(market):
    for year in (2024, 2025):
        table = tables_of(market, str(year), view="restated")["T0"]
        first = {row.key: row.cells[1].value for row in table.rows}
        mine = account(market, lambda event, year=year: event.registered.year == year)
        assert first["amount"] == mine


def test_each_reading_counts_what_it_says_and_no_two_are_mixed(market):
    def in_2025(event):
        return event.day.year == 2025

    shown = {
        code: tables_of(market, "2025", code)["T15"].rows[-1].cells[0].value
        for code in ("default", "a", "b", "c", "d", "e")
    }
    home = "4311"
    assert shown["default"] == shown["d"] == account(market, in_2025)
    assert shown["a"] == account(market, in_2025, "technical")
    assert shown["b"] == account(market, lambda event: event.signed.year == 2025)
    absorbed = sum(p for e in market.events if in_2025(e) for place, p in e.buyers if place.startswith(home))
    assert shown["c"] == absorbed
    assert shown["e"] == account(market, lambda event: 2021 <= event.day.year <= 2025)
    labels = {tables_of(market, "2025", code)["T15"].columns[0].label for code in ("default", "a")}
    assert labels == {"成交额", "技术交易额"}


def test_growth_is_measured_against_the_same_period_of_the_year_before(market):
    table = tables_of(market, "2025Q2")["T0"]
    last = account(market, lambda event: date(2024, 4, 1) <= event.day <= date(2024, 6, 30))
    assert table.rows[1].cells[0].value == last


def test_looking_at_a_figure_leaves_a_trace_and_is_refused_to_others(market):
    world, asked = market.world, statistics.question("2025")
    world.do(statistics.open_figure, "bureau", "output:county:431102@2025", asked)
    with world.database.read() as session:
        event = session.exec(select(AuditEvent).where(AuditEvent.action == "indicator.open")).one()
    assert event.detail["figure"] == "output:county:431102@2025"
    for who, error in ((ANONYMOUS, NotSignedIn), ("seller", Forbidden), ("registrar", Forbidden)):
        with pytest.raises(error):
            world.do(statistics.open_figure, who, "output::@2025", asked)
        with pytest.raises(error), world.database.read() as session:
            actor = world.actors[who] if isinstance(who, str) else who
            statistics.table(session, actor, "T8", asked)


def test_a_visitor_sees_no_table_with_names_and_no_year_that_was_not_published(market):
    with market.world.database.read() as session:
        with pytest.raises(Forbidden):
            tables_shown.one(session, ANONYMOUS, "T17", statistics.question("2025"))
        with pytest.raises(NotFound):
            tables_shown.one(session, ANONYMOUS, "T8", statistics.question("2025"))
        codes = {item.code for item in tables_shown.definitions(ANONYMOUS)}
    assert codes.isdisjoint({"T13", "T14", "T16", "T17"})


def test_the_register_of_events_tells_what_was_before_and_after(market):
    table = tables_of(market, "2025")["T14"]
    changed = [event for event in market.events if event.kind != "registration" and event.day.year == 2025]
    differences = sorted(row.cells[column(table, "difference")].value for row in table.rows)
    assert differences == sorted(event.amount for event in changed)
    for row in table.rows:
        before, after, difference = (row.cells[column(table, key)].value for key in ("before", "after", "difference"))
        assert after - before == difference


def test_the_register_of_events_lists_what_came_to_be_known_late_and_nothing_plain(market):
    market.world.do(contracts.record_registered, OPERATOR, [late_contract("2025-03-31"), late_contract("2025-12-20")])
    table = tables_of(market, "2025")["T14"]
    with clock.at(LATER), market.world.database.read() as session:
        lines = list(ledger.lines(session, Books(session).slice(Cut(Period("year", 2025), "output"))))
    told = {line.registration_number for line in lines if line.kind != "registration" or tables_ledger.is_late(line)}
    assert {row.cells[0].value for row in table.rows} == told
    late = [row for row in table.rows if row.cells[column(table, "what")].value == "补报"]
    assert [row.cells[0].value for row in late] == ["20250331000001"]


def late_contract(day):
    """A registration of that day that came to be known on 15 January of the year after."""
    on = date.fromisoformat(day)
    content = a_content(signed_on=on, effective_on=on, valid_from=on, filled_on=on)
    known = datetime(on.year + 1, 1, 15, 3, tzinfo=UTC)
    number = f"{on:%Y%m%d}000001"
    return RegisteredIn(content=content, registration_number=number, registered_on=on, recorded_at=known)


@pytest.mark.parametrize(
    "text",
    [
        "output:county@2025",
        "nowhere::@2025",
        "output:county:431102",
        "output:seller_name:x@2025",
        "output::a/b@2025",
        "",
    ],
)
def test_what_is_no_figure_is_refused(world, text):
    with pytest.raises(BadRequest):
        read_address(text)


@pytest.mark.parametrize("text", ["2025Q5", "2025-13", "25", "2025-02..05", "１９９９", "1200"])
def test_what_is_no_period_is_refused(world, text):
    with pytest.raises(BadRequest):
        parse(text)


def test_a_size_class_there_is_not_is_refused(market):
    asked = statistics.question("2025")
    for figure in ("output:size:9@2025", "output:size:x@2025"):
        with pytest.raises(BadRequest):
            market.world.do(statistics.open_figure, "bureau", figure, asked)
    with market.world.database.read() as session, pytest.raises(BadRequest):
        tables_shown.one(session, market.world.actors["bureau"], "T12", statistics.question("all"))


def test_medians_are_those_of_the_contracts_that_count(market):
    with clock.at(LATER), market.world.database.read() as session:
        books = Books(session, medians=Period("year", 2025))
        median = books.total(Period("year", 2025), "output").median_fen
    standing = Counter()
    counts = Counter()
    for event in market.events:
        if event.day.year == 2025:
            standing[event.contract] += event.amount
            counts[event.contract] += event.count
    amounts = sorted(standing[contract] for contract in standing if counts[contract] > 0)
    middle = amounts[(len(amounts) - 1) // 2 : len(amounts) // 2 + 1]
    assert median == sum(middle) // len(middle)


def registered(world, number, day, **changes):
    content = world.content(**(dict.fromkeys(("signed_on", "effective_on", "valid_from"), day) | changes))
    given = RegisteredIn(content=content, registration_number=f"20264311{number:08d}", registered_on=day)
    return world.do(contracts.record_registered, OPERATOR, [given])[0].code


def shown(world, code, period):
    with world.database.read() as session:
        return statistics.table(session, world.actors["bureau"], code, statistics.question(period))


def test_brokers_stand_with_what_was_paid_in_and_with_an_estimate_only_where_a_rule_applies(world):
    broker = world.actors["broker"].person_id
    here = registered(world, 1, date(2026, 1, 5), broker_id=broker)
    there = registered(
        world,
        2,
        date(2026, 1, 6),
        contract_title="外地买方",
        broker_id=broker,
        parties=[a_party("seller"), a_party("buyer", region_code="330211")],
    )
    for code, amount, day in ((here, 30_000_000, 20), (there, 5_000_000, 21), (there, 700, 31)):
        given = ReceiptIn(received_on=date(2026, 1, day), amount_fen=amount)
        world.do(contracts.add_receipt, "registrar", code, given)
    row = shown(world, "T16", "2026-01").rows[0]
    table = shown(world, "T16", "2026-01")
    cells = dict(zip([head.key for head in table.columns], row.cells, strict=True))
    assert (row.label, cells["count"].value, cells["amount"].value) == ("何经理", 2, 372_000_000)
    assert cells["received"].value == 35_000_700
    assert cells["subsidy"].value == 140_150_000 * 15 // 1000, "镇海 1.5 % of the technical amount; none is known here"
    assert shown(world, "T16", "2026-02").rows == []


def test_open_amounts_stand_in_the_register_of_events_until_they_are_set_and_registrations_elsewhere_beside(world):
    open_one = registered(
        world,
        1,
        date(2026, 1, 5),
        amount_status="undetermined",
        contract_amount_fen=0,
        technical_amount_fen=0,
        non_technical_items=[],
    )
    registered(world, 2, date(2026, 2, 5), contract_title="外地登记", registered_elsewhere=True)

    def told(period):
        place = column(shown(world, "T14", period), "what")
        return [(row.label, row.cells[place].value) for row in shown(world, "T14", period).rows]

    title = "冷榨成套技术开发合同"
    assert told("2026-01") == [(title, "补报")], "entered more than a month after its day"
    assert told("2026-02") == [(title, "金额待定"), ("外地登记", "异地登记（不计入）")]
    items = {"non_technical_items": [], "amount_status": "determined"}
    content = Content(contract_amount_fen=1_000_000, technical_amount_fen=1_000_000, **items)
    given = ChangeIn(content=content, changed_on=date(2026, 3, 2), reason="金额已定", evidence="补充协议")
    world.do(contracts.change, "registrar", open_one, given)
    assert told("2026-02")[0] == (title, "金额待定"), "at the end of February it was still open"
    assert [what for _label, what in told("2026-03")] == ["变更"]


def test_a_zone_is_counted_of_which_and_never_as_a_county(world):
    registered(world, 1, date(2026, 1, 5), parties=[a_party("seller", region_code="431171"), a_party("buyer")])
    rows = {row.label: (row.look, row.cells[0].value) for row in shown(world, "T8", "2026").rows}
    assert rows["其中：永州经济技术开发区"] == ("of_which", 1)
    assert (rows["市本级及其他"], rows["合计"]) == (("row", 1), ("sum", 1))
    assert len([key for key, (look, _count) in rows.items() if look == "row" and key != "市本级及其他"]) == 11


def test_years_stand_under_the_counties_of_output_and_absorption_and_targets_beside_the_indicator(world):
    registered(world, 1, date(2025, 1, 5))
    registered(world, 2, date(2026, 1, 5), contract_title="第二份")
    rows = {row.key: row.cells[0].value for row in shown(world, "T9", "2026").rows}
    assert (rows[""], rows["year.2026"], rows["year.2025"]) == (1, 1, 1)
    heads = [(head.group, head.label) for head in shown(world, "T15", "2026").columns]
    assert [label for group, label in heads if group == "全年要到"] == ["目标 1.5（正文）", "目标 1.6（指标表）"]
