"""The labelled set of our own: its shape, and the floor that matching must not fall below."""

import pytest

from etl.demo import labelled
from etl.demo.load import lines
from services.matching.labelled import measure


@pytest.fixture(scope="module")
def known():
    return labelled.load()


def test_it_has_sixty_needs_of_all_six_chains_with_a_dozen_judged_records_each(known):
    chains = {row["key"]: row["chain"] for row in lines("needs")}
    assert len(known.needs) >= 60
    assert min(len(row) for row in known.grades.values()) >= 12
    assert len({chains[key] for key in known.needs}) == 6
    assert sum(1 for need in known.needs.values() if need.parameters) >= 50


def test_every_judged_record_exists_and_every_need_has_something_strong(known):
    assert {record for row in known.grades.values() for record in row} <= set(known.records)
    assert all(max(row.values()) == 3 for row in known.grades.values())


def test_no_record_judged_strong_misses_a_must(known):
    from services.matching import parameters

    missed = [
        (need, record)
        for need, row in known.grades.items()
        for record, grade in row.items()
        for check in parameters.compare(known.needs[need], known.records[record])
        if grade == 3 and check.must and check.verdict == "not_met"
    ]
    assert missed == []


def test_matching_does_not_fall_below_what_was_reached(known):
    found = measure(known).measures
    least = {"judged": 0.93, "full": 0.9, "recall": 0.95, "mrr": 0.95, "grade": 0.62}
    assert {name: round(found[name].value, 3) for name in least if found[name].value < least[name]} == {}
