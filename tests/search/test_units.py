"""Units across each other: conversion by the unit library, units in a column of their own, and the data file behind both."""

import pytest

from search import text
from search.quantities import units
from search.quantities.conversion import Incomparable, convert, dimension, read_unit

SAME = [
    (2, "MPa", "bar", 20),
    (25, "degC", "K", 298.15),
    (212, "degF", "degC", 100),
    (1, "m3/h", "L/min", 16.6666666667),
    (365.25, "t/a", "t/d", 1),
    (500, "jin/mu", "kg/ha", 3750),
    (3, "si", "mm", 0.03),
    (1500, "rpm", "r/min", 1500),
    (5, "W/(m.K)", "W/(m.degC)", 5),
    (3, "g/100g", "%", 3),
    (5, "permille", "%", 0.5),
    (2, "kW.h", "MJ", 7.2),
    (55, "in", "cm", 139.7),
    (1, "mu", "m2", 666.666666667),
    (1, "MPa.m0.5", "kPa.m0.5", 1000),
]


@pytest.mark.parametrize(("value", "unit", "to", "wanted"), SAME)
def test_a_value_is_given_in_another_unit(value, unit, to, wanted):
    assert convert(value, unit, to) == pytest.approx(wanted, rel=1e-9)


@pytest.mark.parametrize(
    ("unit", "to"), [("mm", "%"), ("count", "%"), ("CNY", "USD"), ("h", "m"), ("mesh", "um"), ("xx", "mm")]
)
def test_what_cannot_be_compared_is_not(unit, to):
    with pytest.raises(Incomparable):
        convert(1, unit, to)


def test_every_unit_of_the_file_has_a_dimension():
    assert all(dimension(unit) for unit in units.meanings())


def test_every_spelling_of_the_file_is_read_in_a_column():
    for unit, spellings, *_ in text.read_table(text.DATA / "units.tsv"):
        for spelling in spellings.split("|"):
            assert read_unit(spelling) is not None, (unit, spelling)


def test_units_of_a_column_are_read_as_people_write_them():
    written = {
        "万吨/年": ("t/a", 1e4),
        "℃": ("degC", 1),
        "W/(m·K)": ("W/(m.K)", 1),
        "Ｎ·ｍ": ("N.m", 1),
        "万元": ("CNY", 1e4),
        "": ("", 1),
    }
    assert {unit: read_unit(unit) for unit in written} == written


def test_the_name_beside_a_unit_says_which_one_it_is():
    assert [read_unit("度", name) for name in ("温度", "倾角", "用电量")] == [("degC", 1), ("deg", 1), ("kW.h", 1)]


@pytest.mark.parametrize("written", ["很多", "5mm", "mm左右", "/", "abc", "级"])
def test_what_is_no_unit_is_told(written):
    assert read_unit(written) is None


def test_the_names_that_we_write_ourselves_are_read_as_the_same_unit():
    names = ("degC", "CNY", "CNY/t", "count", "count/m2", "mo", "week", "deg", "W/(m.K)", "t/a", "%")
    assert {name: read_unit(name) for name in names} == {name: (name, 1.0) for name in names}
    assert read_unit("CNY10k") == ("CNY", 10_000.0)
