"""Who brings whom together, and the proof of who did it first."""

import json

import pytest
import sqlalchemy as sa

from services.deals import chain, schemas, service
from services.ground.errors import Conflict, Forbidden, Invalid, NotFound, NotSignedIn
from tests.services.deals import factories


def test_a_broker_brings_two_together_and_stays_in_the_deal(world):
    code = world.introduce("broker")
    deal = world.see("broker", code)
    assert (deal.step, deal.state, deal.broker, deal.your_side) == ("introduced", "open", "何经理", "broker")
    assert (deal.seeker.name, deal.provider.name) == ("穗原里植提", "云麓示范大学")
    assert (deal.next.code, deal.next.side, deal.next.working_days_left) == ("acknowledge", "both", 5)
    assert deal.acknowledged == []


@pytest.mark.parametrize(("who", "waits_for"), [("seeker", "provider"), ("provider", "seeker")])
def test_a_side_that_introduces_itself_has_acknowledged_by_it(world, who, waits_for):
    deal = world.see(who, world.introduce(who))
    assert deal.acknowledged == [who]
    assert (deal.next.side, deal.broker) == (waits_for, "")


def test_a_clerk_introduces_a_firm_and_both_names_are_kept(world):
    deal = world.see("seeker", world.introduce("clerk"))
    assert deal.acknowledged == ["seeker"]
    by = deal.introduction
    assert (by.person, by.organisation, by.on_behalf_of) == ("小周", "东安县工作站", "穗原里植提")


@pytest.mark.parametrize("who", ["outsider", "registrar", "moderator", "bureau", "administrator", "far_clerk"])
def test_nobody_else_introduces(world, who):
    with pytest.raises(Forbidden):
        world.introduce(who)


def test_a_visitor_is_asked_to_sign_in(world):
    with pytest.raises(NotSignedIn):
        world.introduce("visitor")


def test_the_second_broker_is_told_who_was_first(world):
    world.introduce("broker")
    with pytest.raises(Conflict) as refused:
        world.introduce("other_broker")
    assert refused.value.code == "deal_already_introduced"
    assert refused.value.params == {
        "by": "何经理",
        "side": "broker",
        "at": "2026-03-12 10:00",
        "number": 1,
        "deal": "",
    }


def test_a_party_that_comes_second_is_led_to_its_deal(world):
    code = world.introduce("broker")
    with pytest.raises(Conflict) as refused:
        world.introduce("seeker")
    assert refused.value.params["deal"] == code


def test_after_an_end_the_two_can_meet_again_and_the_first_proof_remains(world):
    first = world.introduce("broker")
    world.end("seeker", first)
    second = world.introduce("other_broker")
    deal = world.see("seeker", second)
    assert (deal.introduction.number, deal.introduction.first, deal.introduction.first_number) == (2, False, 1)
    with world.database.read() as session:
        proof = service.proof(session, world.actors["broker"], 1)
    assert proof.introduced_by == "何经理"


def test_an_expert_or_result_without_a_need_is_met_by_the_acting_firm(world):
    deal = world.see("seeker", world.introduce("seeker", result_code=world.result))
    assert (deal.need, deal.seeker.name, deal.provider.name) == (None, "穗原里植提", "云麓示范大学")


def test_a_broker_names_the_firm_where_no_need_is_written_down(world):
    with world.database.read() as session:
        from services.accounts import service as accounts

        firm = accounts.organisation(session, world.firm).code
    deal = world.see("broker", world.introduce("broker", result_code=world.result, seeker_organisation=firm))
    assert deal.seeker.code == firm


@pytest.mark.parametrize(
    ("wanted", "code"),
    [
        ({}, "deal_need_or_result"),
        ({"need_code": "N-2026-999999", "result_code": "R"}, "deal_listing_unknown"),
        ({"need_code": "R"}, "deal_listing_kind"),
        ({"result_code": "R"}, "missing"),
        ({"result_code": "R", "seeker_organisation": "O-2026-999999"}, "deal_organisation_unknown"),
    ],
)
def test_an_introduction_of_nothing_or_of_the_unknown_is_refused_at_its_field(world, wanted, code):
    wanted = {key: world.result if value == "R" else value for key, value in wanted.items()}
    with pytest.raises(Invalid) as refused:
        world.do(service.introduce, "broker", schemas.IntroductionIn(**wanted))
    assert code in {error.code for error in refused.value.fields}


def test_a_withdrawn_need_is_introduced_to_nobody(world):
    with world.database.write() as session:
        factories.withdraw(session, world.need)
    with pytest.raises(Conflict) as refused:
        world.introduce("broker")
    assert refused.value.code == "deal_listing_not_open"


def test_an_organisation_is_not_introduced_to_itself(world):
    with world.database.write() as session:
        own = factories.a_listing(session, "result", "自家的成果", world.firm)
    with pytest.raises(Conflict) as refused:
        world.introduce("broker", need_code=world.need, result_code=own)
    assert refused.value.code == "deal_same_organisation"


def test_the_database_refuses_to_change_or_remove_a_line_of_the_register(world):
    world.introduce()
    for statement in ("UPDATE introduction SET side = 'seeker'", "DELETE FROM introduction", "DELETE FROM deal_event"):
        with pytest.raises(sa.exc.DatabaseError, match="append-only"), world.database.write() as session:
            session.execute(sa.text(statement))


def test_the_database_knows_one_open_deal_of_the_same_two_at_most(world):
    world.introduce()
    copy = (
        "INSERT INTO deal SELECT 99, 'D-2026-999999', need_code, result_code, need_title, result_title, pair_key, "
        "seeker_organisation_id, provider_organisation_id, seeker_hidden, provider_hidden, broker_person_id, step, state, "
        "created_at, moved_at, end_reason, unsuitable_reason, end_sentence, next_code, next_text, next_side, next_due_on, "
        "contract_code, version FROM deal"
    )
    with pytest.raises(sa.exc.IntegrityError), world.database.write() as session:
        session.execute(sa.text(copy))


def test_a_proof_is_checked_without_the_market(world):
    world.introduce("broker")
    world.introduce("other_broker", need_code=world.need, result_code=world.other_result)
    with world.database.read() as session:
        proof = service.proof(session, world.actors["broker"], 1)
    carried = json.loads(proof.model_dump_json())
    assert chain.proof_problems(carried) == []
    assert (carried["head"]["number"], len(carried["following"])) == (2, 1)
    assert carried["opened"]["seeker"]["name"] == "穗原里植提"
    carried["row"]["person"] += 1
    assert "hash" in chain.proof_problems(carried)


@pytest.mark.parametrize("who", ["outsider", "other_broker", "registrar", "moderator"])
def test_a_proof_is_for_the_participants_only(world, who):
    world.introduce("broker")
    with pytest.raises(NotFound), world.database.read() as session:
        service.proof(session, world.actors[who], 1)


def test_a_name_that_is_still_closed_stays_sealed_in_the_proof(world):
    code = world.introduce("broker", need_code=world.secret_need, result_code=world.result)
    with world.database.read() as session:
        before = service.proof(session, world.actors["broker"], 1)
    assert set(before.opened) == {"provider"}
    assert "穗原里植提" not in before.model_dump_json()
    assert chain.proof_problems(json.loads(before.model_dump_json())) == []
    world.walk("acknowledged", code)
    with world.database.read() as session:
        after = service.proof(session, world.actors["broker"], 1)
    assert after.opened["seeker"].name == "穗原里植提"
    assert after.hash == before.hash


def test_the_whole_register_is_checked_and_a_forged_line_is_found(world):
    for result in (world.result, world.other_result):
        world.introduce("broker", need_code=world.need, result_code=result)
    assert world.do(service.verify_introductions, "administrator") == []
    with world.database.write() as session:
        session.execute(sa.text("DROP TRIGGER introduction_no_UPDATE"))
        session.execute(sa.text("UPDATE introduction SET side = 'provider' WHERE number = 1"))
    assert world.do(service.verify_introductions, "administrator") == [chain.Break(1, "content")]


def test_a_swapped_party_is_found_by_its_seal(world):
    world.introduce("broker")
    with world.database.write() as session:
        session.execute(sa.text("DROP TRIGGER introduction_no_UPDATE"))
        session.execute(
            sa.text("UPDATE introduction SET seeker_organisation_id = :other"), {"other": world.outsider_firm}
        )
    assert world.do(service.verify_introductions, "administrator") == [chain.Break(1, "seal")]


def test_only_an_administrator_checks_the_whole_register(world):
    with pytest.raises(Forbidden):
        world.do(service.verify_introductions, "broker")
