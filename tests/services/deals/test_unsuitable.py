"""A coded "not suitable" on a match, passed on without the name."""

import pytest

from services.deals import schemas, service
from services.ground.errors import Forbidden, Invalid, NotFound


def mark(world, who, reason="investment", sentence="设备要换整条线"):
    wanted = schemas.UnsuitableIn(need_code=world.need, record_code=world.result, reason=reason, sentence=sentence)
    return world.do(service.mark_unsuitable, who, wanted)


def told(world, who, code):
    with world.database.read() as session:
        return service.feedback(session, world.actors[who], code)


def test_the_owner_of_the_result_reads_why_but_not_who(world):
    mark(world, "seeker")
    (said,) = told(world, "provider", world.result)
    assert (said.reason, said.sentence) == ("investment", "设备要换整条线")
    assert "穗原里植提" not in said.model_dump_json()


def test_nobody_else_reads_it(world):
    mark(world, "seeker")
    assert told(world, "outsider", world.result) == []
    assert told(world, "seeker", world.result) == []


def test_the_own_organisation_remembers_what_it_has_put_aside(world):
    mark(world, "seeker")
    with world.database.read() as session:
        assert service.unsuitable_for(session, world.actors["seeker_colleague"], world.need) == {
            world.result: "investment"
        }
        assert service.unsuitable_for(session, world.actors["provider"], world.need) == {}
        assert service.unsuitable_for(session, world.actors["broker"], world.need) == {}


def test_the_other_owner_can_say_it_of_the_need(world):
    mark(world, "provider", "wrong_field")
    assert told(world, "seeker", world.need)[0].reason == "wrong_field"


def test_said_again_it_replaces_what_was_said(world):
    mark(world, "seeker", "investment")
    mark(world, "seeker_colleague", "rights", "")
    assert [(said.reason, said.sentence) for said in told(world, "provider", world.result)] == [("rights", "")]


def test_a_clerk_says_it_for_a_firm_of_the_clerks_county(world):
    mark(world, "clerk")
    assert len(told(world, "provider", world.result)) == 1
    with pytest.raises(Forbidden):
        mark(world, "far_clerk")


@pytest.mark.parametrize("who", ["broker", "outsider", "administrator", "moderator"])
def test_whoever_owns_neither_cannot_say_it(world, who):
    with pytest.raises(Forbidden):
        mark(world, who)


def test_only_the_eight_reasons_are_taken(world):
    with pytest.raises(Invalid):
        mark(world, "seeker", "ugly")


def test_an_unknown_record_is_not_found(world):
    wanted = schemas.UnsuitableIn(need_code=world.need, record_code="R-2026-999999", reason="rights")
    with pytest.raises(NotFound):
        world.do(service.mark_unsuitable, "seeker", wanted)
