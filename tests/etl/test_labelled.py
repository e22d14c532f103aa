"""The labelled set of our own: its shape, and the floor that matching must not fall below."""

import pytest

from etl.demo import labelled
from etl.demo.load import lines
from search import reasons, text
from services.matching.labelled import measure


@pytest.fixture(scope="module")
def known():
    return labelled.load()


def test_it_has_sixty_needs_of_all_six_chains_with_a_dozen_judged_records_each(known):
    chains = {row["key"]: row["chain"] for row in lines("needs")}
    chains |= {f"h-{key}": chain for key, chain in chains.items()}
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


def test_what_is_said_otherwise_shares_at_most_one_telling_word_with_what_answers_it(known):
    hard = known.parts[labelled.HARD]
    assert len(hard) >= 24
    for key in hard:
        need = known.needs[key]
        words = text.words(text.normalise(f"{need.title} {need.body}"))
        telling = {word for word in words if len(word) > 1 and word not in reasons.worthless()}
        for record, grade in known.grades[key].items():
            if grade == 3:
                answer = text.normalise(f"{known.records[record].title} {known.records[record].body}")
                assert len({word for word in telling if word in answer}) <= 1, (key, record)


def test_matching_does_not_fall_below_what_was_reached(known):
    found = measure(known)
    least = {"judged": 0.82, "full": 0.74, "recall": 0.87, "mrr": 0.75, "grade": 0.62}
    assert {
        name: round(found.measures[name].value, 3) for name in least if found.measures[name].value < least[name]
    } == {}
    assert found.parts[labelled.HARD].measures["judged"].value >= 0.64
    assert found.difference["judged"].low > 0, "no better than BM25 on bigrams"
