"""The invented contracts of the demo market: many, believable in the sum, and always the same."""

from collections import Counter
from dataclasses import fields
from datetime import date

import pytest

from etl.demo.contract_amounts import MEAN_WAN, TECHNICAL_SHARE, WAN
from etl.demo.contract_parties import HOME_WEIGHTS
from etl.demo.contract_records import DemoContract
from etl.demo.contract_texts import words
from etl.demo.contracts import content_of, generate
from services.contracts.checks import missing, problems
from services.contracts.numbers import check_patent_number, check_uscc
from services.contracts.rules import registration_date_problems

TODAY = date(2026, 11, 25)
GDP_2025_FEN = 2701_5000_0000 * 100


@pytest.fixture(scope="module")
def contracts():
    return generate(TODAY)


@pytest.fixture(scope="module")
def counted(contracts):
    return [c for c in contracts if c.registered_on and c.cross_border != "import" and is_home(c)]


def is_home(contract):
    return contract.party("seller").region_code in HOME_WEIGHTS


def as_content(contract):
    keys = sorted({party.organisation_key for party in contract.parties if party.organisation_key})
    return content_of(contract, {key: f"O-2026-{index:06d}" for index, key in enumerate(keys, start=1)})


def test_there_are_more_than_2200_contracts_and_each_year_has_more_than_the_one_before(counted):
    per_year = Counter(c.registered_on.year for c in counted)
    years = range(2016, 2026)
    assert len(counted) >= 2200
    assert [per_year[year] for year in years] == sorted(per_year[year] for year in years)
    assert per_year[2025] == pytest.approx(600, abs=25)


def test_the_share_of_2025_is_about_1_4_percent_of_gdp(counted):
    total = sum(c.contract_amount_fen for c in counted if c.registered_on.year == 2025)
    assert total / GDP_2025_FEN * 100 == pytest.approx(1.4, abs=0.08)


@pytest.mark.parametrize("category", sorted(MEAN_WAN))
def test_mean_and_technical_share_of_a_category_are_near_those_of_hunan_2017(counted, category):
    own = [c for c in counted if c.contract_category == category and c.amount_status == "determined"]
    total = sum(c.contract_amount_fen for c in own)
    assert total / len(own) / WAN == pytest.approx(MEAN_WAN[category], rel=0.15)
    assert sum(c.technical_amount_fen for c in own) / total == pytest.approx(TECHNICAL_SHARE[category], abs=0.03)


def test_about_one_contract_in_fifty_is_a_large_one(counted):
    large = sum(c.contract_amount_fen > 1000 * WAN for c in counted)
    assert large / len(counted) == pytest.approx(0.02, abs=0.006)


def test_all_counties_sell_every_year_and_the_largest_sells_most(counted):
    for year in range(2016, 2027):
        assert {c.party("seller").region_code for c in counted if c.registered_on.year == year} == set(HOME_WEIGHTS)
    per_county = Counter(c.party("seller").region_code for c in counted)
    assert per_county.most_common(1)[0][0] == "431103"


def test_all_chains_and_subfields_and_kinds_occur(contracts):
    assert {c.subfield for c in contracts} == set(words()["subfields"])
    assert {c.contract_subtype for c in contracts} == set(words()["kinds"])


def test_no_two_titles_or_abstracts_are_equal_and_titles_end_in_their_kind(contracts):
    assert max(Counter(c.contract_title for c in contracts).values()) == 1
    assert max(Counter(c.abstract for c in contracts).values()) == 1
    assert all(c.contract_title.endswith(words()["kinds"][c.contract_subtype]) for c in contracts)


def test_every_contract_is_complete_and_contradicts_nothing(contracts):
    for contract in contracts:
        content = as_content(contract)
        assert [error.field for error in missing(content)] == [], contract.key
        assert [(error.field, error.code) for error in problems(content, TODAY)] == [], contract.key


def test_every_registration_lies_in_order_and_inside_the_validity(contracts):
    for contract in contracts:
        if contract.registered_on:
            found = registration_date_problems(
                TODAY,
                accepted_on=contract.accepted_on,
                decided_on=contract.decided_on,
                registered_on=contract.registered_on,
                signed_on=contract.signed_on,
                effective_on=contract.effective_on,
                valid_to=contract.valid_to,
            )
            assert found == [], contract.key


def test_registration_numbers_have_sixteen_digits_and_are_given_once(contracts):
    numbers = [c.registration_number for c in contracts if c.registration_number]
    assert len(set(numbers)) == len(numbers)
    assert all(len(number) == 16 and number.isdigit() for number in numbers)


def test_numbers_of_parties_and_patents_pass_their_checks(contracts):
    for party in {party for c in contracts for party in c.parties if party.uscc}:
        assert check_uscc(party.uscc).ok, party.name
    rights = [right for c in contracts for right in c.ip_objects if right.number]
    assert rights
    assert all(check_patent_number(right.number).ok for right in rights)


def test_the_rare_cases_of_a_desk_occur_too(contracts):
    assert {"cancelled", "revoked", "draft", "submitted", "in_review", "refused"} <= {c.state for c in contracts}
    assert any(c.changes for c in contracts)
    assert {"undetermined", "capped"} <= {c.amount_status for c in contracts}
    assert {"import", "export"} <= {c.cross_border for c in contracts}
    assert any(sum(party.role == "seller" for party in c.parties) > 1 for c in contracts)
    assert any(not is_home(c) and c.registered_on and c.cross_border == "none" for c in contracts)


def test_changes_keep_their_worksheet_and_come_after_registration(contracts):
    for contract in contracts:
        for change in contract.changes:
            items = sum(item.amount_fen for item in change.non_technical_items)
            assert change.contract_amount_fen - items == change.technical_amount_fen
            assert contract.registered_on <= change.changed_on <= min(TODAY, contract.valid_to)
        if contract.end:
            assert contract.registered_on <= contract.end.ended_on <= min(TODAY, contract.valid_to)


def test_the_same_day_gives_the_same_contracts(contracts):
    assert generate(TODAY) == contracts


def test_a_later_day_adds_contracts_and_leaves_the_older_ones(contracts):
    story = {"state", "changes", "end"}
    later = {c.key: c for c in generate(date(2027, 2, 10))}
    for contract in contracts:
        if contract.registered_on:
            same = [f.name for f in fields(DemoContract) if f.name not in story]
            assert [getattr(later[contract.key], n) for n in same] == [getattr(contract, n) for n in same]
    assert max(c.registered_on for c in later.values() if c.registered_on).year == 2027


def test_nothing_is_dated_after_the_day_of_loading():
    early = generate(date(2026, 3, 12))
    assert max(c.registered_on for c in early if c.registered_on) <= date(2026, 3, 12)
    assert all(change.changed_on <= date(2026, 3, 12) for c in early for change in c.changes)
    assert all(c.signed_on <= date(2026, 3, 12) for c in early)
