"""From the introduction to the talks, the end of a deal, and what comes next."""

from datetime import date

import pytest

from services.deals import schemas, service
from services.deals.errors import WrongMove
from services.ground.errors import Conflict, Forbidden, Invalid, StaleVersion


def test_the_deal_is_acknowledged_when_each_side_has_said_so_for_itself(world):
    code = world.introduce()
    world.do(service.acknowledge, "seeker", code)
    assert world.see("seeker", code).step == "introduced"
    world.do(service.acknowledge, "provider", code)
    assert world.see("seeker", code).step == "acknowledged"


def test_a_colleague_cannot_acknowledge_a_second_time_or_for_the_other_side(world):
    code = world.introduce()
    world.do(service.acknowledge, "seeker", code)
    with pytest.raises(Conflict) as refused:
        world.do(service.acknowledge, "seeker_colleague", code)
    assert refused.value.code == "deal_already_acknowledged"
    assert world.see("seeker", code).acknowledged == ["seeker"]


def test_a_broker_acknowledges_for_nobody(world):
    code = world.introduce()
    with pytest.raises(Forbidden) as refused:
        world.do(service.acknowledge, "broker", code)
    assert refused.value.code == "deal_not_your_move"


def test_every_step_keeps_who_when_and_for_whom(world):
    code = world.introduce()
    world.do(service.acknowledge, "clerk", code)
    event = world.see("seeker", code).history[0]
    assert (event.move, event.side, event.person) == ("acknowledge", "seeker", "小周")
    assert (event.organisation, event.on_behalf_of) == ("东安县工作站", "穗原里植提")
    assert event.at.isoformat() == "2026-03-12T02:00:00+00:00"


def test_a_talk_cannot_be_kept_before_both_have_acknowledged(world):
    code = world.introduce()
    with pytest.raises(WrongMove) as refused:
        world.do(service.record_talk, "broker", code, schemas.TalkIn(happened_on=date(2026, 3, 12), note="电话"))
    assert refused.value.code == "deal_wrong_step"


def test_a_talk_of_tomorrow_without_a_note_is_refused_at_both_fields(world):
    code = world.walk("acknowledged")
    with pytest.raises(Invalid) as refused:
        world.do(service.record_talk, "broker", code, schemas.TalkIn(happened_on=date(2026, 3, 13), note=" "))
    assert {error.field for error in refused.value.fields} == {"happened_on", "note"}
    assert world.see("broker", code).step == "acknowledged"


def test_a_talk_during_the_offers_does_not_take_the_deal_back_or_change_what_is_next(world):
    code = world.walk("offered")
    before = world.see("seeker", code).next
    world.do(service.record_talk, "seeker", code, schemas.TalkIn(happened_on=date(2026, 3, 12), note="又通了电话"))
    deal = world.see("seeker", code)
    assert (deal.step, deal.next) == ("offered", before)


def test_the_confidentiality_agreement_needs_both_and_a_file_of_this_deal(world):
    code = world.walk("acknowledged")
    number = world.attach("seeker", code)
    world.do(service.agree_confidentiality, "seeker", code, schemas.ConfidentialityIn(file_id=number))
    half = world.see("provider", code)
    assert (half.step, half.next.code, half.next.your_turn) == ("acknowledged", "agree_confidentiality", True)
    world.do(service.agree_confidentiality, "provider", code, schemas.ConfidentialityIn(file_id=number))
    deal = world.see("provider", code)
    assert (deal.step, deal.level, deal.confidential) == (
        "confidential",
        "after_confidentiality",
        ["provider", "seeker"],
    )


def test_a_file_of_another_deal_or_one_the_other_side_cannot_read_is_no_agreement(world):
    code = world.walk("acknowledged")
    elsewhere = world.introduce("broker", need_code=world.need, result_code=world.other_result)
    foreign = world.attach("seeker", elsewhere)
    private = world.attach("seeker", code, "own_side")
    for number, why in ((foreign, "deal_file_unknown"), (private, "deal_file_own_side")):
        with pytest.raises(Invalid) as refused:
            world.do(service.agree_confidentiality, "seeker", code, schemas.ConfidentialityIn(file_id=number))
        assert refused.value.fields[0].code == why


def test_the_agreement_is_skipped_without_harm_and_can_be_signed_later(world):
    code = world.walk("offered")
    assert [step.state for step in world.see("seeker", code).steps][:3] == ["done", "done", "skipped"]
    world.agree_confidentiality(code)
    deal = world.see("seeker", code)
    assert (deal.step, deal.level, deal.next.code) == ("offered", "after_confidentiality", "answer_offer")


def test_either_side_ends_a_deal_with_a_coded_reason(world):
    code = world.walk("talking")
    world.end("provider", code, "not_suitable", unsuitable_reason="investment", sentence="整条线要换")
    deal = world.see("seeker", code)
    assert (deal.state, deal.end_reason, deal.unsuitable_reason) == ("ended", "not_suitable", "investment")
    assert deal.next is None
    assert deal.moves == []


@pytest.mark.parametrize(
    ("reason", "more", "field"),
    [
        ("because", {}, "reason"),
        ("not_suitable", {}, "unsuitable_reason"),
        ("not_suitable", {"unsuitable_reason": "because"}, "unsuitable_reason"),
        ("other", {}, "sentence"),
    ],
)
def test_an_end_without_a_real_reason_is_refused(world, reason, more, field):
    code = world.introduce()
    with pytest.raises(Invalid) as refused:
        world.end("seeker", code, reason, **more)
    assert [error.field for error in refused.value.fields] == [field]
    assert world.see("seeker", code).state == "open"


def test_a_broker_takes_back_an_introduction_but_ends_no_talks(world):
    code = world.introduce()
    world.end("broker", code, "no_answer")
    assert world.see("broker", code).state == "ended"
    talking = world.walk("talking")
    with pytest.raises(Forbidden):
        world.end("broker", talking, "no_answer")


def test_nothing_is_written_into_a_deal_that_has_ended(world):
    code = world.walk("talking")
    world.end("seeker", code)
    calls = (
        lambda: world.offer("provider", code),
        lambda: world.do(service.post_message, "seeker", code, schemas.MessageIn(body="还在吗")),
        lambda: world.attach("seeker", code),
        lambda: world.do(
            service.set_next_action,
            "seeker",
            code,
            schemas.NextActionIn(text="回电话", side="seeker", due_on=date(2026, 3, 20)),
        ),
    )
    for call in calls:
        with pytest.raises(WrongMove) as refused:
            call()
        assert refused.value.code == "deal_ended"


def test_people_set_what_comes_next_and_say_when_it_is_done(world):
    code = world.walk("talking")
    wanted = schemas.NextActionIn(text="约双方到车间看样机", side="broker", due_on=date(2026, 3, 16))
    world.do(service.set_next_action, "provider", code, wanted)
    due = world.see("broker", code).next
    assert (due.text, due.your_turn, due.working_days_left, due.bucket) == ("约双方到车间看样机", True, 2, "later")
    world.do(service.clear_next_action, "broker", code)
    assert (world.see("broker", code).next.code, world.see("broker", code).next.text) == ("offer", "")
    with pytest.raises(Conflict):
        world.do(service.clear_next_action, "broker", code)


def test_the_next_action_cannot_lie_in_the_past_or_wait_for_a_broker_who_is_not_there(world):
    code = world.introduce("seeker")
    with pytest.raises(Invalid) as refused:
        wanted = schemas.NextActionIn(text=" ", side="broker", due_on=date(2026, 3, 11))
        world.do(service.set_next_action, "seeker", code, wanted)
    assert {error.field for error in refused.value.fields} == {"text", "due_on", "side"}


def test_a_date_centuries_away_is_a_slip_of_the_finger(world):
    wanted = schemas.NextActionIn(text="回电话", side="seeker", due_on=date(9999, 12, 31))
    with pytest.raises(Invalid) as refused:
        world.do(service.set_next_action, "seeker", world.introduce("seeker"), wanted)
    assert [error.code for error in refused.value.fields] == ["deal_date_too_far"]


def test_whoever_moves_from_an_old_page_is_told(world):
    code = world.introduce()
    seen = world.see("seeker", code).version
    world.do(service.acknowledge, "provider", code)
    with pytest.raises(StaleVersion):
        world.do(service.acknowledge, "seeker", code, seen)
    assert world.see("seeker", code).acknowledged == ["provider"]
