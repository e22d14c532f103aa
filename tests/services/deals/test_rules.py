"""What a deal allows, asks for, proposes and opens."""

from datetime import date

import pytest

from services.deals import rules

TODAY = date(2026, 3, 12)

# Written by hand from the code list `deal_step`: who may make which move from which step.
ALLOWED = {
    ("acknowledge", "seeker"): {"introduced"},
    ("acknowledge", "provider"): {"introduced"},
    ("acknowledge", "broker"): set(),
    ("agree_confidentiality", "seeker"): {"acknowledged", "talking", "offered", "agreed"},
    ("agree_confidentiality", "provider"): {"acknowledged", "talking", "offered", "agreed"},
    ("agree_confidentiality", "broker"): set(),
    ("record_talk", "seeker"): {"acknowledged", "confidential", "talking", "offered", "agreed"},
    ("record_talk", "provider"): {"acknowledged", "confidential", "talking", "offered", "agreed"},
    ("record_talk", "broker"): {"acknowledged", "confidential", "talking", "offered", "agreed"},
    ("offer", "seeker"): {"talking", "offered"},
    ("offer", "provider"): {"talking", "offered"},
    ("offer", "broker"): set(),
    ("accept_offer", "seeker"): {"offered"},
    ("accept_offer", "provider"): {"offered"},
    ("accept_offer", "broker"): set(),
    ("sign", "seeker"): {"agreed"},
    ("sign", "provider"): {"agreed"},
    ("sign", "broker"): set(),
    ("confirm_signature", "seeker"): {"agreed"},
    ("confirm_signature", "provider"): {"agreed"},
    ("confirm_signature", "broker"): set(),
    ("end", "seeker"): {"introduced", "acknowledged", "confidential", "talking", "offered", "agreed"},
    ("end", "provider"): {"introduced", "acknowledged", "confidential", "talking", "offered", "agreed"},
    ("end", "broker"): {"introduced"},
}


@pytest.mark.parametrize(("move", "side"), list(ALLOWED))
def test_each_side_makes_only_its_moves_and_only_from_their_steps(move, side):
    assert {step for step in rules.STEPS if rules.refuse(move, side, step, "open") is None} == ALLOWED[move, side]


@pytest.mark.parametrize("move", list(rules.MOVES))
@pytest.mark.parametrize(("state", "code"), [("ended", "deal_ended"), ("signed", "deal_signed")])
def test_nothing_moves_in_a_deal_that_is_over(move, state, code):
    for step in rules.STEPS:
        assert rules.refuse(move, "seeker", step, state) == rules.Refusal(code)


def test_an_administrator_looks_but_moves_nothing():
    assert all(rules.possible_moves("observer", step, "open") == [] for step in rules.STEPS)


def test_a_wrong_step_and_a_wrong_side_are_told_apart():
    assert rules.refuse("offer", "seeker", "introduced", "open") == rules.Refusal("deal_wrong_step")
    assert rules.refuse("offer", "broker", "talking", "open") == rules.Refusal("deal_not_your_move")


def test_only_the_confidentiality_agreement_can_be_skipped():
    """From every step the next ones are reached by moves that never jump over a step that is not optional."""
    for move in rules.MOVES.values():
        for start, end in move.leads.items():
            between = rules.STEPS[rules.STEPS.index(start) + 1 : rules.STEPS.index(end)]
            assert set(between) <= rules.OPTIONAL_STEPS, (move.name, start, end)


def test_one_acknowledgement_does_not_move_the_deal_and_two_do():
    assert rules.step_after("acknowledge", "introduced", complete=False) == "introduced"
    assert rules.step_after("acknowledge", "introduced", complete=True) == "acknowledged"


def test_a_confidentiality_agreement_signed_late_does_not_take_the_deal_back():
    assert rules.step_after("agree_confidentiality", "offered", complete=True) == "offered"


def codes(errors):
    return {(error.field, error.code) for error in errors}


def test_an_end_for_unsuitable_technology_says_in_what_way():
    assert codes(rules.check_end("not_suitable", None, "")) == {("unsuitable_reason", "required")}
    assert rules.check_end("not_suitable", "too_early", "") == []


def test_an_end_for_another_reason_needs_one_sentence():
    assert codes(rules.check_end("other", None, "  ")) == {("sentence", "deal_sentence_needed")}
    assert rules.check_end("other", None, "公司搬迁") == []


def test_a_reason_of_unsuitability_beside_a_price_reason_is_refused():
    assert codes(rules.check_end("price", "too_early", "")) == {("unsuitable_reason", "deal_reason_not_wanted")}


def test_a_talk_lies_in_the_past_and_has_a_note():
    assert codes(rules.check_talk(date(2026, 3, 13), " ", TODAY)) == {
        ("happened_on", "deal_date_in_future"),
        ("note", "required"),
    }
    assert rules.check_talk(TODAY, "看了中试线", TODAY) == []


@pytest.mark.parametrize("amount", [0, -1, 10**17 + 1])
def test_an_offer_has_a_real_price(amount):
    assert ("amount_fen", "deal_amount_not_positive") in codes(rules.check_offer(amount, "许可", TODAY, TODAY))


def test_an_offer_cannot_be_over_before_it_is_made():
    assert codes(rules.check_offer(100, "许可", date(2026, 3, 11), TODAY)) == {("valid_until", "deal_date_in_past")}
    assert rules.check_offer(100, "许可", TODAY, TODAY) == []


def test_a_signing_lies_between_introduction_and_today_and_brings_the_contract_or_a_promise():
    def check(signed_on, *, has_file=False, promise=""):
        return codes(
            rules.check_signing(
                signed_on, 100, has_file=has_file, promise=promise, introduced_on=date(2026, 1, 19), today=TODAY
            )
        )

    assert check(date(2026, 3, 13), has_file=True) == {("signed_on", "deal_date_in_future")}
    assert check(date(2026, 1, 18), has_file=True) == {("signed_on", "deal_signed_before_introduction")}
    assert check(TODAY) == {("file", "deal_contract_or_promise")}
    assert check(TODAY, has_file=True) == set()
    assert check(TODAY, promise="周五寄到") == set()


def test_after_one_side_has_acted_the_deal_waits_for_the_other():
    for move in ("acknowledge", "agree_confidentiality"):
        assert rules.next_after(move, "seeker", "introduced", complete=False, has_broker=True).side == "provider"
    assert rules.next_after("offer", "provider", "offered", complete=True, has_broker=False) == rules.Next(
        "answer_offer", "seeker", 5
    )
    assert rules.next_after("sign", "seeker", "agreed", complete=True, has_broker=False).side == "provider"


def test_the_broker_arranges_the_talk_where_there_is_one():
    assert rules.next_after("acknowledge", "seeker", "acknowledged", complete=True, has_broker=True).side == "broker"
    assert rules.next_after("acknowledge", "seeker", "acknowledged", complete=True, has_broker=False).side == "both"


def test_a_signed_deal_proposes_nothing_more():
    assert rules.next_after("confirm_signature", "seeker", "signed", complete=True, has_broker=True) is None


def test_it_is_both_sides_turn_but_not_the_brokers():
    assert [side for side in ("seeker", "provider", "broker") if rules.is_turn_of(side, "both")] == [
        "seeker",
        "provider",
    ]


@pytest.mark.parametrize(
    ("side", "acknowledged", "confidential", "state", "level"),
    [
        ("seeker", False, False, "open", "public"),
        ("seeker", False, True, "open", "public"),
        ("seeker", True, False, "open", "after_contact"),
        ("provider", True, True, "open", "after_confidentiality"),
        ("broker", True, True, "open", "after_contact"),
        ("seeker", True, True, "signed", "after_confidentiality"),
        ("seeker", True, True, "ended", "public"),
    ],
)
def test_contact_opens_with_both_acknowledgements_and_secrets_with_both_signatures(
    side, acknowledged, confidential, state, level
):
    assert rules.level_opened(side, acknowledged=acknowledged, confidential=confidential, state=state) == level


def test_a_note_for_the_own_side_is_seen_by_nobody_else():
    assert rules.sees("seeker", "public", "own_side", "seeker")
    assert not rules.sees("provider", "after_confidentiality", "own_side", "seeker")
    assert not rules.sees("observer", "after_contact", "own_side", "seeker")


def test_a_confidential_file_is_closed_to_the_broker_and_open_to_both_sides():
    assert not rules.sees("broker", "after_contact", "after_confidentiality", "seeker")
    assert rules.sees("provider", "after_confidentiality", "after_confidentiality", "seeker")
