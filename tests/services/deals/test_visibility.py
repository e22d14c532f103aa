"""Everyone sees only the own deals, and of those only what contact has opened."""

import pytest

from services.deals import schemas, service
from services.ground.errors import Forbidden, Invalid, NotFound, NotSignedIn

PARTICIPANTS = ["seeker", "seeker_colleague", "provider", "broker", "clerk", "administrator"]
OUTSIDERS = ["other_broker", "outsider", "registrar", "moderator", "bureau", "far_clerk"]


@pytest.mark.parametrize("who", PARTICIPANTS)
def test_participants_and_the_administrator_see_a_deal(world, who):
    assert world.see(who, world.introduce()).title == "青蒿素提取收率与溶剂残留同时达标"


@pytest.mark.parametrize("who", OUTSIDERS)
def test_to_everybody_else_a_deal_does_not_exist(world, who):
    code = world.introduce()
    with pytest.raises(NotFound):
        world.see(who, code)
    with pytest.raises(NotFound):
        world.do(service.acknowledge, who, code)


def test_a_visitor_is_asked_to_sign_in_and_learns_nothing(world):
    for code in (world.introduce(), "D-2026-999999"):
        with pytest.raises(NotSignedIn):
            world.see("visitor", code)


@pytest.mark.parametrize("who", [*PARTICIPANTS, *OUTSIDERS])
def test_the_list_shows_exactly_the_deals_whose_page_opens(world, who):
    code = world.introduce()
    with world.database.read() as session:
        items, _more = service.own(session, world.actors[who])
    assert [item.code for item in items] == ([code] if who in PARTICIPANTS else [])


@pytest.mark.parametrize("who", ["administrator"])
def test_an_administrator_looks_and_changes_nothing(world, who):
    code = world.walk("talking")
    assert world.see(who, code).moves == []
    for call in (
        lambda: world.do(service.post_message, who, code, schemas.MessageIn(body="您好")),
        lambda: world.offer(who, code),
        lambda: world.end(who, code),
    ):
        with pytest.raises(Forbidden):
            call()


def test_a_firm_that_stays_unnamed_is_named_when_both_have_acknowledged(world):
    code = world.introduce("provider", need_code=world.secret_need, result_code=world.result)
    before = world.see("provider", code)
    assert (before.seeker.name, before.seeker.code) == ("", "")
    world.do(service.acknowledge, "seeker", code)
    after = world.see("provider", code)
    assert after.seeker.name == "穗原里植提"
    assert {event.person for event in after.history} == {"骆老师", "唐工"}


def test_while_unnamed_nothing_in_the_answer_tells_the_name(world):
    code = world.introduce("seeker", need_code=world.secret_need, result_code=world.result)
    text = world.see("provider", code).model_dump_json()
    assert "穗原里植提" not in text
    assert "唐工" not in text
    assert "穗原里植提" in world.see("seeker", code).model_dump_json()


def contacts(world, who, code):
    return {person.email for person in world.see(who, code).people if person.email}


def test_contact_details_open_when_both_have_acknowledged_and_to_the_participants_only(world):
    code = world.introduce("seeker")
    assert contacts(world, "provider", code) == set()
    world.do(service.acknowledge, "provider", code)
    both = {f"p{world.actors[who].person_id}@example.org" for who in ("seeker", "provider")}
    assert contacts(world, "provider", code) == contacts(world, "seeker_colleague", code) == both
    assert contacts(world, "administrator", code) == set()


def reached(world, who, code):
    with world.database.read() as session:
        return service.disclosure_level_for(session, world.actors[who], code)


def test_contact_opens_the_need_to_the_other_side_step_by_step(world):
    code = world.introduce()
    assert reached(world, "provider", world.need) == "public"
    world.do(service.acknowledge, "seeker", code)
    assert reached(world, "provider", world.need) == "public"
    world.do(service.acknowledge, "provider", code)
    assert reached(world, "provider", world.need) == "after_contact"
    assert reached(world, "broker", world.need) == "after_contact"
    world.agree_confidentiality(code)
    assert reached(world, "provider", world.need) == "after_confidentiality"
    assert reached(world, "seeker", world.result) == "after_confidentiality"
    assert reached(world, "broker", world.need) == "after_contact"


@pytest.mark.parametrize("who", ["visitor", "outsider", "other_broker", "registrar", "administrator"])
def test_a_deal_opens_nothing_to_those_outside_it(world, who):
    world.agree_confidentiality(world.walk("acknowledged"))
    assert reached(world, who, world.need) == "public"


def test_a_deal_opens_only_the_records_it_is_about(world):
    world.agree_confidentiality(world.walk("acknowledged"))
    assert reached(world, "seeker", world.other_result) == "public"


def test_the_page_of_a_need_names_its_owner_to_the_other_side_once_contact_is_open(world):
    from services.ground import disclosure
    from services.listings import service as listings

    def owner_seen_by(who):
        with world.database.read() as session:
            return listings.get_visible(session, world.actors[who], world.secret_need).owner_name

    disclosure.register(service.disclosure_level_for)
    code = world.introduce("broker", need_code=world.secret_need, result_code=world.result)
    assert owner_seen_by("provider") == ""
    world.walk("acknowledged", code)
    assert owner_seen_by("provider") == owner_seen_by("broker") == "穗原里植提"
    assert owner_seen_by("outsider") == owner_seen_by("visitor") == ""


def test_an_ended_deal_opens_nothing_more(world):
    code = world.walk("acknowledged")
    world.end("seeker", code)
    assert reached(world, "provider", world.need) == "public"


def say(world, who, code, body, level):
    world.do(service.post_message, who, code, schemas.MessageIn(body=body, level=level))


def heard(world, who, code):
    return {message.body for message in world.see(who, code).messages}


def test_each_message_reaches_those_who_have_reached_its_level(world):
    code = world.introduce()
    say(world, "seeker", code, "公开", "public")
    say(world, "seeker", code, "对接后", "after_contact")
    say(world, "seeker", code, "保密后", "after_confidentiality")
    say(world, "seeker", code, "本方", "own_side")
    everything = {"公开", "对接后", "保密后", "本方"}
    assert heard(world, "provider", code) == {"公开"}
    assert heard(world, "seeker_colleague", code) == everything
    world.walk("acknowledged", code)
    assert heard(world, "provider", code) == heard(world, "broker", code) == {"公开", "对接后"}
    world.agree_confidentiality(code)
    assert heard(world, "provider", code) == everything - {"本方"}
    assert heard(world, "broker", code) == {"公开", "对接后"}
    assert heard(world, "administrator", code) == {"公开", "对接后"}


def test_the_note_of_a_talk_keeps_its_level_in_the_history(world):
    code = world.walk("acknowledged")
    talk = schemas.TalkIn(happened_on="2026-03-12", note="催化剂配比", level="after_confidentiality")
    world.do(service.record_talk, "seeker", code, talk)
    assert "催化剂配比" not in world.see("broker", code).model_dump_json()
    assert "催化剂配比" in world.see("seeker", code).model_dump_json()


def test_a_broker_writes_for_no_agreement_the_broker_is_no_party_of(world):
    with pytest.raises(Invalid) as refused:
        say(world, "broker", world.walk("acknowledged"), "配方", "after_confidentiality")
    assert refused.value.fields[0].code == "deal_level_not_yours"


def test_a_file_is_handed_out_to_those_who_see_it_and_the_taking_is_kept(world):
    from services.ground import audit

    code = world.walk("acknowledged")
    number = world.attach("seeker", code, "after_confidentiality")
    for who in ("provider", "broker"):
        with pytest.raises(NotFound):
            world.do(service.open_file, who, code, number)
    world.agree_confidentiality(code)
    assert world.do(service.open_file, "provider", code, number).name == "协议.pdf"
    with world.database.read() as session:
        taken = [event for event in audit.events(session, code=code) if event.action == "deal.file.read"]
    assert [(event.person_id, event.detail["file"]) for event in taken] == [
        (world.actors["provider"].person_id, number)
    ]


def test_a_file_is_known_by_its_bytes_and_not_by_its_name(world):
    code = world.walk("acknowledged")
    with pytest.raises(Invalid) as refused:
        world.attach("seeker", code, content=b"MZ\x00\x01\x02", name="合同.pdf")
    assert refused.value.fields[0].code == "file_type"
    with pytest.raises(Invalid) as refused:
        world.attach("seeker", code, content=b"")
    assert refused.value.fields[0].code == "file_empty"
