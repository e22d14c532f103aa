"""A closed period is handed out as it was, byte for byte, whatever came later; and the difference is explained line by line."""

import hashlib
import io
import zipfile
from datetime import UTC, date, datetime

import pytest
from python_calamine import CalamineWorkbook
from sqlalchemy import exc

from etl.statistics_files import closed_report
from services.contracts import service as contracts
from services.contracts.schemas import EndIn
from services.ground import clock
from services.ground.errors import BadRequest, Forbidden, NotFound
from services.indicators import closing, statistics
from tests.services.contracts.factories import BOTH_SHAPES
from tests.services.indicators.ledger import Market

pytestmark = BOTH_SHAPES
AFTER = datetime(2026, 1, 8, 2, tzinfo=UTC)
MUCH_LATER = datetime(2026, 12, 1, 2, tzinfo=UTC)


@pytest.fixture
def market(world):
    return Market(world, 11).run(registrations=24, changes=6, ends=0)


def close(market, period="2025", at=AFTER, who="bureau"):
    with clock.at(at):
        return market.world.do(closing.close, who, period, closed_report)


def files(market, period="2025"):
    with clock.at(MUCH_LATER):
        found = market.world.do(closing.closings, "bureau")
        names = [name for item in found if item.period == period for name, _size, _digest in item.files]
        return {name: market.world.do(closing.closed_file, "bureau", period, name).content for name in names}


def cancel_one(market, day=date(2026, 3, 5)):
    """End a contract of 2025 in a later year."""
    first = next(event for event in market.events if event.day.year == 2025 and event.kind == "registration")
    with clock.at(datetime(day.year, day.month, day.day, 4, tzinfo=UTC)):
        given = EndIn(ended_on=day, reason="当事人申请", evidence="申请书")
        market.world.do(contracts.cancel, "registrar", market.codes[first.contract], given)
    return sum(event.amount for event in market.events if event.contract == first.contract)


def add_late(market, number=500):
    """Enter a contract of 2025 that nobody knew of when the year was closed."""
    market.dice.seed(3)
    while True:
        market.register(number)
        if market.events[-1].day.year == 2025:
            return market.events[-1]
        number += 1


def test_a_closed_report_is_handed_out_byte_for_byte_whatever_came_later(market):
    made = close(market)
    before = files(market)
    cancel_one(market)
    add_late(market)
    after = files(market)
    assert before == after
    for name, _size, digest in made.files:
        assert hashlib.sha256(after[name]).hexdigest() == digest
    with clock.at(MUCH_LATER), market.world.database.read() as session:
        again = statistics.all_tables(
            session, market.world.actors["bureau"], statistics.question("2025", view="published")
        )
        live = statistics.table(session, market.world.actors["bureau"], "T0", statistics.question("2025"))
        old = next(table for table in again if table.code == "T0")
    assert old.rows[0].cells[1].value != live.rows[0].cells[1].value


def test_the_difference_to_today_is_the_late_lines_to_the_fen(market):
    close(market)
    late, gone = add_late(market), cancel_one(market)
    with clock.at(MUCH_LATER):
        found = market.world.do(closing.differences, "bureau", "2025")
    assert [line.amount_fen for line in found.late] == [late.amount]
    assert found.now.amount_fen - found.published.amount_fen == late.amount == found.late_fen
    assert found.unexplained_fen == 0
    assert [(line.kind, line.amount_fen) for line in found.later if line.dated_on.year == 2026][-1] == (
        "cancellation",
        -gone,
    )
    moved_back = sum(line.amount_fen for line in found.later)
    moved_away = sum(line.amount_fen for line in found.earlier)
    assert found.restated.amount_fen == found.now.amount_fen + moved_back - moved_away


@pytest.mark.parametrize("seed", [21, 22])
def test_whatever_happens_after_a_closing_the_lines_explain_it_in_every_measure(world, seed):
    market = Market(world, seed).run(registrations=16, changes=3, ends=1)
    close(market, "2025", at=datetime(2027, 6, 1, 2, tzinfo=UTC))
    ended = {event.contract for event in market.events if event.kind == "cancellation"}
    for number in range(100, 106):
        market.register(number)
    standing = [number for number in market.last if number < 16 and number not in ended]
    for number in standing[:7]:
        market.change(number)
    for number in standing[5:9]:
        market.end(number)
    with clock.at(datetime(2028, 6, 1, 2, tzinfo=UTC)):
        found = market.world.do(closing.differences, "bureau", "2025", limit=3)
        whole = market.world.do(closing.differences, "bureau", "2025", limit=5000)
    assert found.unexplained.is_empty
    assert found.unexplained_restated.is_empty
    assert not found.late_sum.is_empty
    assert not found.later_sum.is_empty
    for lines, of_all in (
        (whole.late, found.late_sum),
        (whole.later, found.later_sum),
        (whole.earlier, found.earlier_sum),
    ):
        measures = ("count", "amount_fen", "technical_fen")
        assert [sum(getattr(line, name) for line in lines) for name in measures] == [
            getattr(of_all, name) for name in measures
        ]
    mine = [event for event in market.events if event.registered.year == 2025]
    assert found.restated.amount_fen == sum(event.amount for event in mine)


def test_late_lines_beyond_those_that_are_listed_are_explained_too(market):
    close(market)
    first, second = add_late(market), add_late(market, 600)
    with clock.at(MUCH_LATER):
        found = market.world.do(closing.differences, "bureau", "2025", limit=1)
    assert (len(found.late), found.late_fen) == (1, first.amount + second.amount)
    assert found.unexplained_fen == 0


def test_a_figure_of_a_closed_report_opens_to_the_lines_of_that_day(market):
    close(market)
    add_late(market)
    asked = statistics.question("2025", view="published")
    found = market.world.do(statistics.open_figure, "bureau", "output::@2025", asked, limit=5000)
    with market.world.database.read() as session:
        table = statistics.table(session, market.world.actors["bureau"], "T0", asked)
    assert sum(line.amount_fen for line in found.lines) == found.cell.amount_fen == table.rows[1].cells[1].value


def test_a_closed_report_names_everything_that_went_in(market):
    made = close(market, "2025Q2")
    inside = [event for event in market.events if date(2025, 4, 1) <= event.day <= date(2025, 6, 30)]
    assert made.inputs["movement_count"] == len(inside)
    assert sum(last - first + 1 for first, last in made.inputs["movements"]) == len(inside)
    assert made.inputs["reading"]["code"] == "default"
    assert made.inputs["rule_sets"]


def test_the_workbook_holds_every_table_and_a_sheet_that_explains_them(market):
    close(market)
    book = CalamineWorkbook.from_filelike(io.BytesIO(files(market)["statistics-2025.xlsx"]))
    codes = [name.split(" ")[0] for name in book.sheet_names]
    assert codes == ["说明", *statistics.ALL]
    said = dict(row[:2] for row in book.get_sheet_by_name("说明").to_python())
    assert said["口径"].startswith("默认口径")
    assert "登记变动第" in said["截至"]
    listed = book.get_sheet_by_name(next(name for name in book.sheet_names if name.startswith("T17"))).to_python()
    amounts = [row[6] for row in listed[2:] if isinstance(row[6], float)]
    total = book.get_sheet_by_name("T0 技术合同交易情况总表").to_python()[3][2]
    assert round(sum(amounts) * 100) == sum(event.amount for event in market.events if event.day.year == 2025)
    assert isinstance(total, str) is False
    assert all(isinstance(row[1], str) for row in listed[2:]), "numbers of 16 digits stay text"
    with zipfile.ZipFile(io.BytesIO(files(market)["statistics-2025.zip"])) as archive:
        assert archive.namelist() == [f"{code}.csv" for code in statistics.ALL]
        assert archive.read("T8.csv").startswith(b"\xef\xbb\xbf")


def test_a_period_is_closed_once_and_only_when_it_is_over(market):
    close(market)
    with pytest.raises(closing.PeriodClosed):
        close(market, at=MUCH_LATER)
    with pytest.raises(closing.PeriodNotOver):
        close(market, "2026Q1", at=AFTER)
    with pytest.raises(BadRequest):
        close(market, "2025Q7")
    with pytest.raises(Forbidden):
        close(market, "2025Q3", who="registrar")
    with clock.at(AFTER), pytest.raises(NotFound):
        market.world.do(closing.closing, "bureau", "2025Q3")
    with clock.at(AFTER), pytest.raises(BadRequest):
        market.world.do(closing.closing, "bureau", "2025\0")


def test_closing_fails_whole_when_its_files_cannot_be_made(market):
    def fail(_report):
        raise OSError("no space")

    with clock.at(AFTER), pytest.raises(OSError, match="no space"):
        market.world.do(closing.close, "bureau", "2025", fail)
    with clock.at(AFTER):
        assert market.world.do(closing.closings, "bureau") == []


def test_the_database_refuses_to_change_or_remove_a_closed_report(market):
    close(market)
    for statement in ("UPDATE period_closing SET sha256 = ''", "DELETE FROM closing_file"):
        with pytest.raises(exc.DBAPIError), market.world.database.write() as session:
            session.connection().exec_driver_sql(statement)
