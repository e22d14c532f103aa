"""Two people at the same moment: one does it, the other is told, and nothing happens twice."""

from threading import Barrier, Thread

import pytest

from services.deals import schemas, service
from services.ground.errors import DomainError


def at_once(world, *calls):
    """Run (use case, actor, arguments) in threads that start together; give each one's result or refusal."""
    barrier, outcomes = Barrier(len(calls)), [None] * len(calls)

    def run(place, use_case, who, args):
        barrier.wait()
        try:
            outcomes[place] = world.do(use_case, who, *args)
        except DomainError as error:
            outcomes[place] = error

    threads = [Thread(target=run, args=(place, *call)) for place, call in enumerate(calls)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    return outcomes


def refused(outcomes):
    return [outcome.code for outcome in outcomes if isinstance(outcome, DomainError)]


def test_two_brokers_introduce_the_same_two_and_the_second_is_told_who_was_first(either_world):
    wanted = schemas.IntroductionIn(need_code=either_world.need, result_code=either_world.result)
    outcomes = at_once(
        either_world, (service.introduce, "broker", (wanted,)), (service.introduce, "other_broker", (wanted,))
    )
    assert refused(outcomes) == ["deal_already_introduced"]
    (told,) = [outcome for outcome in outcomes if isinstance(outcome, DomainError)]
    first = "broker" if outcomes[0] is not told else "other_broker"
    assert told.params["by"] == either_world.actors[first].name
    assert either_world.do(service.verify_introductions, "administrator") == []


def test_introductions_of_different_pairs_at_once_make_one_chain(either_world):
    pairs = [
        (need, result)
        for need in (either_world.need, either_world.secret_need)
        for result in (either_world.result, either_world.other_result)
    ]
    calls = [
        (service.introduce, "broker", (schemas.IntroductionIn(need_code=need, result_code=result),))
        for need, result in pairs
    ]
    assert refused(at_once(either_world, *calls)) == []
    assert either_world.do(service.verify_introductions, "administrator") == []


def test_two_colleagues_accept_one_offer_and_it_is_accepted_once(either_world):
    code = either_world.walk("offered")
    outcomes = at_once(
        either_world,
        (service.accept_offer, "seeker", (code, 1)),
        (service.accept_offer, "seeker_colleague", (code, 1)),
    )
    assert refused(outcomes) == ["offer_already_accepted"]
    deal = either_world.see("seeker", code)
    assert deal.step == "agreed"
    assert [event.move for event in deal.history].count("accept_offer") == 1


def test_an_acceptance_and_a_counter_offer_at_once_leave_one_of_them(either_world):
    code = either_world.walk("offered")
    counter = schemas.OfferIn(amount_fen=1, payment_mode="OTHER", scope="只买图纸", valid_until="2026-04-30")
    outcomes = at_once(
        either_world, (service.accept_offer, "seeker", (code, 1)), (service.offer, "provider", (code, counter))
    )
    assert len(refused(outcomes)) == 1
    deal = either_world.see("seeker", code)
    assert (deal.step, len(deal.offers)) in {("agreed", 1), ("offered", 2)}


@pytest.mark.parametrize("_round", range(2))
def test_both_sides_acknowledge_at_once_and_the_deal_is_acknowledged(either_world, _round):
    code = either_world.introduce()
    outcomes = at_once(
        either_world, (service.acknowledge, "seeker", (code,)), (service.acknowledge, "provider", (code,))
    )
    assert refused(outcomes) == []
    assert either_world.see("seeker", code).step == "acknowledged"


def test_two_confirmations_make_one_contract(either_world):
    code = either_world.walk("agreed")
    either_world.sign("provider", code)
    outcomes = at_once(
        either_world,
        (service.confirm_signature, "seeker", (code,)),
        (service.confirm_signature, "seeker_colleague", (code,)),
    )
    assert refused(outcomes) == ["deal_signed"]
    assert either_world.see("seeker", code).contract_code.startswith("C-")


def test_two_colleagues_confirm_one_introduction_and_it_is_confirmed_once(either_world):
    code = either_world.walk("introduced")
    outcomes = at_once(
        either_world, (service.acknowledge, "seeker", (code,)), (service.acknowledge, "seeker_colleague", (code,))
    )
    assert len(refused(outcomes)) == 1
    assert [event.move for event in either_world.see("seeker", code).history].count("acknowledge") == 1


def test_two_colleagues_confirm_one_signature_and_one_contract_is_drafted(either_world):
    code = either_world.walk("agreed")
    either_world.sign("seeker", code)
    confirm = (service.confirm_signature, "provider", (code,))
    outcomes = at_once(either_world, confirm, confirm)
    assert len(refused(outcomes)) == 1
    history = [event.move for event in either_world.see("seeker", code).history]
    assert history.count("confirm_signature") == 1
