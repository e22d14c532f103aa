from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.contracts import rules

TODAY = date(2026, 11, 25)


def codes(problems):
    return {(problem.field, problem.code) for problem in problems}


def test_every_move_leads_from_known_states_to_a_known_state():
    for move in rules.MOVES.values():
        assert move.sources <= set(rules.STATES)
        assert move.target == "" or move.target in rules.STATES


@pytest.mark.parametrize(
    ("state", "moves"),
    [
        ("draft", {"submit", "discard"}),
        ("submitted", {"return", "accept"}),
        ("supplement_requested", {"submit"}),
        ("accepted", {"supplement", "review", "refuse"}),
        ("in_review", {"supplement", "experts", "approve", "unapprove", "refuse", "register"}),
        ("expert_review", {"supplement", "approve", "unapprove", "refuse", "register"}),
        ("refused", {"reopen", "discard"}),
        ("registered", {"change", "cancel", "revoke"}),
        ("cancelled", set()),
        ("revoked", set()),
        ("discarded", set()),
    ],
)
def test_only_the_moves_of_the_table_are_possible(state, moves):
    assert {move.name for move in rules.moves_from(state)} == moves


def test_only_registrars_enter_the_states_that_count():
    for move in rules.MOVES.values():
        if move.target in {"accepted", "registered", "refused", "cancelled", "revoked"}:
            assert move.action in {"contract.handle", "contract.register"}


def test_missing_papers_bring_a_contract_back_to_where_they_were_asked_for():
    assert rules.returns_to("in_review") == "in_review"
    assert rules.returns_to("submitted") == "submitted"
    assert rules.returns_to(None) == "submitted"


def test_the_technical_amount_is_the_price_without_equipment_and_material():
    items = [("EQUIP", 42_000_000), ("MATERIAL", 3_850_000)]
    assert rules.technical_amount(186_000_000, items) == 140_150_000


def test_the_direct_cost_of_a_reasonable_sample_is_not_taken_off():
    assert rules.technical_amount(186_000_000, [("SAMPLE_OK", 6_500_000)]) == 186_000_000


@pytest.mark.parametrize(
    ("contract", "technical", "items", "expected"),
    [
        (100, 100, [], set()),
        (100, 60, [("EQUIP", 40)], set()),
        (0, 0, [], set()),
        (100, 101, [], {("technical_amount_fen", "technical_above_contract")}),
        (-1, None, [], {("contract_amount_fen", "amount_negative")}),
        (100, -1, [], {("technical_amount_fen", "amount_negative")}),
        (100, 70, [("EQUIP", 40)], {("technical_amount_fen", "worksheet_differs")}),
        (100, 0, [("EQUIP", 140)], {("non_technical_items", "items_above_contract")}),
        (None, None, [], set()),
    ],
)
def test_the_two_amounts_agree_with_their_worksheet_or_say_where_they_do_not(contract, technical, items, expected):
    assert codes(rules.amount_problems(contract, technical, items)) == expected


@given(st.integers(-(10**15), 10**15), st.lists(st.integers(0, 10**12), min_size=1, max_size=8))
def test_shares_of_an_amount_add_up_to_the_fen(total, shares):
    parts = rules.split_amount(total, shares)
    assert sum(parts) == total
    assert len(parts) == len(shares)


def test_dates_in_their_order_pass():
    assert not rules.date_problems(
        TODAY,
        signed_on=date(2026, 2, 26),
        effective_on=date(2026, 3, 1),
        valid_from=date(2026, 3, 1),
        valid_to=date(2027, 8, 31),
    )


def test_each_date_out_of_order_is_named():
    problems = rules.date_problems(
        TODAY,
        signed_on=date(2026, 12, 1),
        effective_on=date(2026, 3, 1),
        valid_from=date(2026, 3, 1),
        valid_to=date(2026, 2, 1),
    )
    assert codes(problems) == {
        ("signed_on", "date_in_future"),
        ("effective_on", "date_before"),
        ("valid_to", "date_before"),
    }


def test_a_contract_is_registered_only_inside_its_validity():
    problems = rules.registration_date_problems(
        TODAY, accepted_on=date(2026, 3, 6), decided_on=None, registered_on=date(2026, 9, 1), valid_to=date(2026, 8, 31)
    )
    assert codes(problems) == {("registered_on", "after_validity")}


def test_a_decision_does_not_come_before_its_acceptance():
    problems = rules.registration_date_problems(
        TODAY, accepted_on=date(2026, 3, 6), decided_on=date(2026, 3, 5), registered_on=date(2026, 3, 4)
    )
    assert codes(problems) == {("decided_on", "date_before"), ("registered_on", "date_before")}


@given(
    st.tuples(st.integers(0, 10**12), st.integers(0, 10**12)),
    st.lists(st.tuples(st.integers(0, 10**12), st.integers(0, 10**12)), max_size=5),
)
def test_a_contract_that_was_changed_and_cancelled_leaves_nothing_in_the_sum(first, later):
    lines = [rules.registration_deltas(*first)]
    standing = first
    for amounts in later:
        lines.append(rules.change_deltas(standing, amounts))
        standing = amounts
    lines.append(rules.end_deltas(standing))
    assert sum(line.contract_amount_fen for line in lines) == 0
    assert sum(line.technical_amount_fen for line in lines) == 0
    assert sum(line.count for line in lines) == 0
