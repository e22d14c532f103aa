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
    assert codes(rules.check_end("not_suitable", None, "")) == {("unsuitable_reason", "missing")}
    assert rules.check_end("not_suitable", "too_early", "") == []


def test_an_end_for_another_reason_needs_one_sentence():
    assert codes(rules.check_end("other", None, "  ")) == {("sentence", "deal_sentence_needed")}
    assert rules.check_end("other", None, "公司搬迁") == []


def test_a_reason_of_unsuitability_beside_a_price_reason_is_refused():
    assert codes(rules.check_end("price", "too_early", "")) == {("unsuitable_reason", "deal_reason_not_wanted")}


def test_a_talk_lies_in_the_past_and_has_a_note():
    assert codes(rules.check_talk(date(2026, 3, 13), " ", TODAY)) == {
        ("happened_on", "deal_date_in_future"),
        ("note", "missing"),
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


def facts(step="introduced", *, acknowledged=(), confidential=(), **more):
    return rules.Facts(step, acknowledged=frozenset(acknowledged), confidential=frozenset(confidential), **more)


BOTH = ("seeker", "provider")


@pytest.mark.parametrize(
    ("given", "waits_for"),
    [
        (facts(), ("acknowledge", "both")),
        (facts(acknowledged=["seeker"]), ("acknowledge", "provider")),
        (facts("acknowledged", acknowledged=BOTH), ("record_talk", "both")),
        (facts("acknowledged", acknowledged=BOTH, has_broker=True), ("record_talk", "broker")),
        (facts("acknowledged", acknowledged=BOTH, confidential=["provider"]), ("agree_confidentiality", "seeker")),
        (facts("confidential", acknowledged=BOTH, confidential=BOTH), ("record_talk", "both")),
        (facts("talking", acknowledged=BOTH), ("offer", "provider")),
        (facts("offered", acknowledged=BOTH, offer_by="provider"), ("answer_offer", "seeker")),
        (facts("offered", acknowledged=BOTH, offer_by="seeker"), ("answer_offer", "provider")),
        (facts("offered", confidential=["seeker"], offer_by="seeker"), ("answer_offer", "provider")),
        (facts("agreed", acknowledged=BOTH), ("sign", "both")),
        (facts("agreed", acknowledged=BOTH, signing_by="seeker"), ("confirm_signature", "provider")),
    ],
)
def test_the_deal_says_what_it_waits_for_and_of_whom(given, waits_for):
    proposal = rules.propose(given)
    assert (proposal.code, proposal.side) == waits_for
    assert proposal.working_days > 0


@pytest.mark.parametrize(("step", "state"), [("signed", "signed"), ("talking", "ended")])
def test_a_deal_that_is_over_proposes_nothing_more(step, state):
    assert rules.propose(facts(step, state=state)) is None


def test_it_is_both_sides_turn_but_not_the_brokers():
    turns = [side for side in ("seeker", "provider", "broker") if rules.is_turn_of(side, "both")]
    assert turns == ["seeker", "provider"]


@pytest.mark.parametrize(
    ("side", "given", "level"),
    [
        ("seeker", facts(acknowledged=["seeker"]), "public"),
        ("seeker", facts(confidential=BOTH), "public"),
        ("seeker", facts(acknowledged=BOTH), "after_contact"),
        ("seeker", facts(acknowledged=BOTH, confidential=["seeker"]), "after_contact"),
        ("provider", facts(acknowledged=BOTH, confidential=BOTH), "after_confidentiality"),
        ("broker", facts(acknowledged=BOTH, confidential=BOTH), "after_contact"),
        ("seeker", facts("signed", state="signed", acknowledged=BOTH, confidential=BOTH), "after_confidentiality"),
        ("seeker", facts(state="ended", acknowledged=BOTH, confidential=BOTH), "public"),
    ],
)
def test_contact_opens_with_both_acknowledgements_and_secrets_with_both_signatures(side, given, level):
    assert rules.level_opened(side, given) == level


def test_the_history_of_an_ended_deal_stays_readable_to_its_sides():
    ended = facts(state="ended", acknowledged=BOTH, confidential=BOTH)
    assert rules.level_inside("seeker", ended) == "after_confidentiality"


def test_a_broker_cannot_write_for_those_under_an_agreement_the_broker_did_not_sign():
    assert "after_confidentiality" not in rules.levels_offered("broker")
    assert "after_confidentiality" in rules.levels_offered("provider")


def test_a_note_for_the_own_side_is_seen_by_nobody_else():
    assert rules.sees("seeker", "public", "own_side", "seeker")
    assert not rules.sees("provider", "after_confidentiality", "own_side", "seeker")
    assert not rules.sees("observer", "after_contact", "own_side", "seeker")


def test_a_confidential_file_is_closed_to_the_broker_and_open_to_both_sides():
    assert not rules.sees("broker", "after_contact", "after_confidentiality", "seeker")
    assert rules.sees("provider", "after_confidentiality", "after_confidentiality", "seeker")


def test_the_work_list_has_four_headings():
    today = date(2026, 3, 12)
    found = [rules.bucket(due, today) for due in (date(2026, 3, 11), today, date(2026, 3, 13), None)]
    assert found == ["overdue", "today", "later", "undated"]
