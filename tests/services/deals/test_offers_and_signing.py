"""Offers, the one that both accept, the signature, and the contract draft it makes."""

from datetime import UTC, date, datetime

import pytest

from services.deals import service
from services.deals.errors import OfferOver, WrongMove
from services.ground import clock
from services.ground.errors import Conflict, Forbidden, Invalid, NotFound


def test_an_offer_waits_for_the_other_side(world):
    code = world.walk("offered")
    deal = world.see("seeker", code)
    assert (deal.step, deal.next.code, deal.next.side) == ("offered", "answer_offer", "seeker")
    assert (deal.offers[0].n, deal.offers[0].amount_fen, deal.offers[0].state) == (1, 128_000_000, "open")
    assert "accept_offer" in deal.moves
    assert "accept_offer" not in world.see("provider", code).moves


def test_the_answer_is_due_before_the_offer_is_over(world):
    code = world.walk("talking")
    world.offer("provider", code, valid_until=date(2026, 3, 13))
    assert world.see("seeker", code).next.due_on == date(2026, 3, 13)


def test_a_counter_offer_puts_the_one_before_aside(world):
    code = world.walk("offered")
    assert world.offer("seeker", code, 98_000_000) == 2
    deal = world.see("provider", code)
    assert [(offer.n, offer.state) for offer in deal.offers] == [(2, "open"), (1, "superseded")]
    with pytest.raises(OfferOver) as refused:
        world.do(service.accept_offer, "seeker", code, 1)
    assert (refused.value.code, refused.value.params["standing"]) == ("offer_superseded", 2)


def test_accepted_by_both_the_deal_is_agreed(world):
    code = world.walk("offered")
    world.do(service.accept_offer, "seeker", code, 1)
    deal = world.see("seeker", code)
    assert (deal.step, deal.offers[0].state, deal.next.code) == ("agreed", "agreed", "sign")


def test_nobody_accepts_the_own_offer_alone_or_one_twice(world):
    code = world.walk("offered")
    with pytest.raises(OfferOver) as refused:
        world.do(service.accept_offer, "provider", code, 1)
    assert refused.value.code == "offer_already_accepted"
    world.do(service.accept_offer, "seeker", code, 1)
    with pytest.raises(OfferOver):
        world.do(service.accept_offer, "seeker_colleague", code, 1)
    assert [event.move for event in world.see("seeker", code).history].count("accept_offer") == 1


def test_an_offer_past_its_validity_is_not_accepted(world):
    code = world.walk("offered")
    with clock.at(datetime(2026, 5, 1, 2, 0, tzinfo=UTC)):
        assert world.see("seeker", code).offers[0].state == "expired"
        with pytest.raises(OfferOver) as refused:
            world.do(service.accept_offer, "seeker", code, 1)
    assert refused.value.code == "offer_expired"


def test_an_offer_that_does_not_exist_is_not_found(world):
    with pytest.raises(NotFound):
        world.do(service.accept_offer, "seeker", world.walk("offered"), 7)


def test_a_broker_offers_and_accepts_nothing(world):
    code = world.walk("offered")
    with pytest.raises(Forbidden):
        world.offer("broker", code)
    with pytest.raises(Forbidden):
        world.do(service.accept_offer, "broker", code, 1)


def test_an_unknown_way_of_payment_is_refused(world):
    from services.deals import schemas

    code = world.walk("talking")
    wanted = schemas.OfferIn(amount_fen=1, payment_mode="BARTER", scope="许可", valid_until=date(2026, 4, 1))
    with pytest.raises(Invalid) as refused:
        world.do(service.offer, "provider", code, wanted)
    assert refused.value.fields[0].field == "payment_mode"


def test_a_signature_counts_when_the_other_side_confirms_it_and_makes_a_contract_draft(world):
    code = world.walk("agreed")
    world.sign("seeker", code)
    waiting = world.see("provider", code)
    assert (waiting.step, waiting.state, waiting.next.code) == ("agreed", "open", "confirm_signature")
    assert waiting.contract_code == ""
    world.do(service.confirm_signature, "provider", code)
    deal = world.see("seeker", code)
    assert (deal.step, deal.state, deal.next) == ("signed", "signed", None)
    assert deal.contract_code.startswith("C-2026-")
    assert all(step.state in {"done", "skipped"} for step in deal.steps)


def test_nobody_confirms_the_own_signature(world):
    code = world.walk("agreed")
    with pytest.raises(Conflict) as refused:
        world.do(service.confirm_signature, "provider", code)
    assert refused.value.code == "deal_nothing_to_confirm"
    world.sign("seeker", code)
    with pytest.raises(Forbidden):
        world.do(service.confirm_signature, "seeker_colleague", code)


def test_a_side_that_reads_other_figures_signs_anew_and_the_first_confirms(world):
    code = world.walk("agreed")
    world.sign("seeker", code, 128_000_000)
    world.sign("provider", code, 126_000_000)
    deal = world.see("seeker", code)
    assert [(row.n, row.superseded) for row in deal.signings] == [(2, False), (1, True)]
    world.do(service.confirm_signature, "seeker", code)
    assert world.see("seeker", code).signings[0].contract_amount_fen == 126_000_000


def test_a_signature_without_contract_or_promise_or_before_the_introduction_is_refused(world):
    code = world.walk("agreed")
    with pytest.raises(Invalid) as refused:
        world.sign("seeker", code, promise="", signed_on=date(2026, 3, 1))
    assert {error.code for error in refused.value.fields} == {
        "deal_contract_or_promise",
        "deal_signed_before_introduction",
    }


def test_a_signature_brings_the_contract_as_a_file_of_the_deal(world):
    code = world.walk("agreed")
    number = world.attach("seeker", code, name="合同.pdf")
    world.sign("seeker", code, promise="", file_id=number)
    assert world.see("provider", code).signings[0].file_id == number


def test_a_signed_deal_takes_no_more_moves_but_still_messages_and_a_call_a_month_later(world):
    from services.deals import schemas

    code = world.walk("signed")
    with pytest.raises(WrongMove) as refused:
        world.end("seeker", code)
    assert refused.value.code == "deal_signed"
    world.do(service.post_message, "provider", code, schemas.MessageIn(body="设备下周发"))
    wanted = schemas.NextActionIn(text="回访：第一笔款到了吗", side="broker", due_on=date(2026, 4, 13))
    world.do(service.set_next_action, "broker", code, wanted)
    with world.database.read() as session:
        items, _more = service.work_list(session, world.actors["broker"], turn="mine")
    assert [item.code for item in items] == [code]
    world.do(service.clear_next_action, "broker", code)
    assert world.see("broker", code).next is None
