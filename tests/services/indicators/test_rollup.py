"""Kept sums say the same as the ledger, at once after a registration, and after batches are switched on or taken back."""

from datetime import date

import pytest
import sqlalchemy as sa

from services.contracts import service as contracts
from services.contracts.schemas import RegisteredIn
from services.ground.database import Database
from services.indicators import periods, rollup, statistics
from services.indicators.books import Books
from tests.services.contracts.factories import BOTH_SHAPES, a_content
from tests.services.contracts.world import OPERATOR
from tests.services.indicators.ledger import Market

pytestmark = BOTH_SHAPES
PERIODS = ("2025", "2025Q2", "2024-01..09", "2025-03", "all")
SLICED = [*rollup.CUTS, ("output", ("month",)), ("output", ("year",))]


@pytest.fixture
def market(world):
    return Market(world, 5).run()


def compare(market):
    """Ask every kept cut both ways; say how far the sums reach."""
    with market.world.database.read() as session:
        for code in PERIODS:
            period = periods.parse(code)
            for side, names in SLICED:
                short, long = Books(session), Books(session)
                short.shortcut = rollup.kept
                mine = {key: cell for key, cell in short.cube(period, side, *names).items() if not cell.is_empty}
                truth = {key: cell for key, cell in long.cube(period, side, *names).items() if not cell.is_empty}
                assert mine == truth, (code, side, names)
        return rollup.reach(session)


def test_sums_say_the_same_as_the_ledger_for_every_cut_and_period(market):
    assert compare(market) is None, "without sums the ledger answers"
    assert rollup.roll_up(market.world.database) > 50
    assert compare(market)


def test_a_contract_registered_after_the_sums_were_made_is_in_the_figures_at_once(market):
    rollup.roll_up(market.world.database)
    market.register(900)
    market.change(0)
    assert compare(market)
    before = compare(market)
    assert rollup.roll_up(market.world.database) > 0
    assert compare(market)[0] > before[0]
    assert rollup.roll_up(market.world.database) == 0, "nothing was written since"


def test_another_process_sees_a_registration_at_once_and_a_table_asks_once(market):
    world, asked = market.world, statistics.question("2025")
    rollup.roll_up(world.database)
    other = Database(world.database.url)  # as another process: nothing kept in memory is shared
    counted = []
    sa.event.listen(other.engine, "before_cursor_execute", lambda *_call: counted.append(1))

    def total():
        counted.clear()
        with other.read() as session:
            table = statistics.table(session, world.actors["bureau"], "T8", asked, medians=False)
        return table.rows[0].cells[0].value, len(counted)

    before, statements = total()
    assert statements <= 3, "sums and how far they reach in one statement, beside BEGIN"
    with world.database.write() as session:
        recorded = contracts.record_registered(session, OPERATOR, [registered_in_2025(market)])
    assert recorded[0].created
    assert total()[0] == before + 1
    other.close()


def registered_in_2025(market):
    day = date(2025, 6, 3)
    content = a_content(signed_on=day, effective_on=day, valid_from=day, filled_on=day)
    return RegisteredIn(content=content, registration_number="20250603000777", registered_on=day)


def test_after_a_batch_is_switched_the_ledger_answers_until_the_sums_are_made_anew(market):
    world, batch = market.world, "B-2026-000001"
    market.register(901, batch=batch)
    rollup.roll_up(world.database)
    assert compare(market), "what is not switched on is in no figure"
    for switch in (contracts.publish_batch, contracts.discard_batch):
        world.do(switch, OPERATOR, batch)
        assert compare(market) is None
        rollup.roll_up(world.database)
        assert compare(market)


def test_sums_are_rolled_forward_only_when_enough_lies_behind_them(market):
    assert rollup.roll_up_if_due(market.world.database) > 0
    market.register(902)
    assert rollup.roll_up_if_due(market.world.database) == 0


def test_a_live_table_is_the_same_with_sums_and_without(market):
    world, asked = market.world, statistics.question("2025")

    def tables():
        with world.database.read() as session:
            return [table.model_dump() for table in statistics.all_tables(session, world.actors["bureau"], asked)]

    before = tables()
    rollup.roll_up(world.database)
    assert tables() == before
