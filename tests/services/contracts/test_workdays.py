"""The calendar beyond the library's table: a year is entered line by line, and due dates follow it at once."""

from datetime import UTC, date, datetime

import pytest

from services.contracts import service
from services.contracts.deadlines import decision_clock
from services.ground import clock
from services.ground.errors import Forbidden, Invalid
from services.ground.workdays import BY_LIBRARY, Calendar, read_days

YEAR = """
2027-01-01 休 元旦
2027-01-02 班

2027-01-04 休
"""
DECEMBER = datetime(2026, 12, 28, 2, 0, tzinfo=UTC)


def entered(text=YEAR):
    return Calendar({day: works for day, (works, _note) in read_days(2027, text).items()})


def test_a_year_the_library_does_not_know_is_counted_by_weekdays_until_somebody_enters_it():
    assert BY_LIBRARY.is_working_day(date(2027, 1, 1))
    assert not BY_LIBRARY.is_known(date(2027, 1, 1))
    calendar = entered()
    assert not calendar.is_working_day(date(2027, 1, 1))
    assert calendar.is_working_day(date(2027, 1, 2))
    assert calendar.is_known(date(2027, 7, 1))
    assert not calendar.is_known(date(2028, 1, 1))


def test_a_decision_over_new_year_is_due_later_when_the_days_off_are_known():
    days = {"days": 5, "kind": "working_day"}
    guessed = decision_clock(date(2026, 12, 28), date(2026, 12, 28), **days)
    known = decision_clock(date(2026, 12, 28), date(2026, 12, 28), calendar=entered(), **days)
    assert (guessed.due_on, guessed.calendar_known) == (date(2027, 1, 4), False)
    assert (known.due_on, known.calendar_known) == (date(2027, 1, 5), True)


@pytest.mark.parametrize(
    "text",
    ["2027-02-30 休", "2026-01-01 休", "2027-01-01 放假", "2027-01-01 休\n2027-01-01 班", "元旦放假三天", ""],
)
def test_a_line_that_cannot_be_read_is_named(text):
    with pytest.raises(Invalid) as told:
        read_days(2027, text)
    assert told.value.fields[0].field == "days"


def test_the_registrar_enters_a_year_and_the_due_date_follows(world):
    with clock.at(DECEMBER):
        assert world.do(service.enter_year, "registrar", 2027, YEAR) == 3
        assert world.do(service.enter_year, "registrar", 2027, YEAR) == 3
        code = world.submitted()
        world.do(service.accept, "registrar", code)
        found = world.see(code).clock
    assert found.calendar_known
    assert found.due_on == date(2027, 1, 19)


def test_only_registrars_and_administrators_enter_a_year_and_none_the_library_knows(world):
    with pytest.raises(Forbidden):
        world.do(service.enter_year, "seller", 2027, YEAR)
    with pytest.raises(Invalid) as told:
        world.do(service.enter_year, "administrator", 2026, "2026-01-01 休")
    assert told.value.fields[0].code == "year_in_library"
    with pytest.raises(Invalid) as told:
        world.do(
            service.enter_year,
            "registrar",
            2027,
            "\n".join(f"{date.fromordinal(date(2027, 1, 1).toordinal() + i)} 休" for i in range(81)),
        )
    assert told.value.fields[0].code == "too_many_days"
