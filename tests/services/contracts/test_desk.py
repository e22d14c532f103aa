from datetime import UTC, date, datetime

import pytest

from services.contracts import service
from services.contracts.content import Content, Review, Verification
from services.contracts.desk import SamePerson
from services.contracts.moving import MoveImpossible
from services.contracts.schemas import ContractFilter, ReasonIn, RefusalIn
from services.ground import clock
from services.ground.errors import Conflict, Forbidden, Invalid
from services.notices import service as notices
from tests.services.contracts.factories import BOTH_SHAPES, a_party

pytestmark = BOTH_SHAPES


def codes(error):
    return {(item.field, item.code) for item in error.value.fields}


def test_an_incomplete_contract_is_not_taken_and_every_gap_is_named_at_once(world):
    code = world.do(service.draft_from, "seller", world.deal()).code
    with pytest.raises(Invalid) as error:
        world.do(service.submit, "seller", code)
    assert {("contract_category", "required"), ("abstract", "required"), ("payment_schedule", "required")} <= codes(
        error
    )
    assert world.see(code, "seller").state == "draft"


def test_the_way_of_a_contract_from_draft_to_registered(world):
    code = world.registered()
    seen = world.see(code, "buyer")
    assert (seen.state, seen.registration_number, seen.registered_on) == (
        "registered",
        "2026431100000041",
        date(2026, 3, 12),
    )
    assert [line.move for line in seen.history] == ["submit", "accept", "review", "register"]
    assert [line.person for line in seen.history] == ["苗老师", "欧阳登记员", "欧阳登记员", "复核登记员"]
    assert [(version.number, version.kind) for version in seen.versions] == [(1, "submitted"), (2, "registered")]
    assert [(m.kind, m.contract_amount_fen, m.count_delta) for m in seen.movements] == [
        ("registration", 186_000_000, 1)
    ]
    assert world.sums() == (1, 186_000_000, 140_150_000)


def test_the_rules_are_those_of_the_day_of_acceptance_and_say_when_they_were_not_read(world):
    with clock.at(datetime(2025, 12, 1, 2, tzinfo=UTC)):
        old = world.submitted(signed_on=date(2025, 11, 1), effective_on=date(2025, 11, 1), valid_from=date(2025, 11, 1))
        world.do(service.accept, "registrar", old)
        seen = world.see(old)
        assert (seen.rules.code, seen.rules.verified, seen.due_on) == ("REG_OLD", True, date(2025, 12, 31))
    new = world.submitted()
    world.do(service.accept, "registrar", new)
    seen = world.see(new)
    assert (seen.rules.code, seen.rules.verified) == ("REG_2026", False)
    assert (seen.clock.days, seen.clock.kind) == (15, "working_day")
    assert seen.due_on == seen.clock.due_on == date(2026, 4, 2)
    assert world.see(old).rules.code == "REG_OLD"


def test_experts_give_more_time(world):
    code = world.in_review()
    world.do(service.ask_experts, "registrar", code, ReasonIn(reason="技术交易额大"))
    assert world.see(code).clock.days == 30


def test_the_clock_stops_while_papers_are_missing_and_the_contract_comes_back_where_it_was(world):
    code = world.in_review()
    world.do(service.request_supplement, "registrar", code, ReasonIn(reason="缺学院授权"))
    seen = world.see(code)
    assert (seen.state, seen.clock.stopped, seen.due_on) == ("supplement_requested", True, None)
    with clock.at(datetime(2026, 3, 19, 2, tzinfo=UTC)):
        world.do(service.save_draft, "seller", code, Content(abstract="补了授权"))
        world.do(service.submit, "seller", code)
        seen = world.see(code)
        assert (seen.state, seen.clock.stopped) == ("in_review", False)
        # four working days stood still, so the second of April becomes the ninth (6 April is Qingming)
        assert seen.due_on == date(2026, 4, 9)
        assert seen.versions[-1].number == 2


def test_a_clerk_returns_what_is_not_accepted_yet_and_nothing_after(world):
    code = world.submitted()
    world.do(service.request_supplement, "clerk", code, ReasonIn(reason="少一页"))
    world.do(service.submit, "seller", code)
    assert world.see(code).state == "submitted"
    world.do(service.accept, "registrar", code)
    with pytest.raises(Forbidden):
        world.do(service.request_supplement, "clerk", code, ReasonIn(reason="少一页"))


def test_sending_back_needs_a_reason(world):
    code = world.submitted()
    with pytest.raises(Invalid) as error:
        world.do(service.request_supplement, "registrar", code, ReasonIn(reason="  "))
    assert codes(error) == {("reason", "required")}


@pytest.mark.parametrize("who", ["seller", "buyer", "clerk", "bureau"])
def test_only_a_registrar_accepts(world, who):
    code = world.submitted()
    with pytest.raises(Forbidden):
        world.do(service.accept, who, code)


@pytest.mark.parametrize("who", ["seller", "clerk", "bureau"])
def test_only_a_registrar_registers(world, who):
    code = world.in_review()
    with pytest.raises(Forbidden):
        world.register(code, who=who)


def test_whoever_accepted_does_not_record_the_official_number(world):
    code = world.in_review()
    with pytest.raises(SamePerson):
        world.register(code, who="registrar")
    assert world.see(code).state == "in_review"


def test_whoever_approved_does_not_record_it_either(world):
    code = world.in_review()
    world.do(service.approve, "second", code)
    with pytest.raises(SamePerson):
        world.register(code, who="second")


def test_a_refusal_names_one_of_the_nine_grounds_and_leaves_the_way_back(world):
    code = world.in_review()
    with pytest.raises(Invalid) as error:
        world.do(service.refuse, "registrar", code, RefusalIn(ground="R77", reason="不是技术合同"))
    assert codes(error) == {("ground", "code_unknown")}
    world.do(service.refuse, "registrar", code, RefusalIn(ground="R2", reason="不是技术合同"))
    assert (world.see(code, "seller").state, world.see(code, "seller").ground) == ("refused", "R2")
    world.do(service.reopen, "seller", code)
    seen = world.see(code, "seller")
    assert (seen.state, seen.ground, seen.accepted_on) == ("draft", "R2", None)
    assert world.sums() == (0, 0, 0)


def test_verified_amounts_that_differ_need_a_reason_and_are_what_counts(world):
    code = world.in_review()
    items = [{"kind": "EQUIP", "amount_fen": 42_000_000}, {"kind": "MATERIAL", "amount_fen": 3_850_000}]
    extra = [*items, {"kind": "OTHER", "name": "运费", "amount_fen": 150_000, "evidence": "附件 3"}]
    found = {"contract_amount_fen": 186_000_000, "technical_amount_fen": 140_000_000, "items": extra}
    with pytest.raises(Invalid) as error:
        world.do(service.save_review, "registrar", code, Review(verification=Verification(**found)))
    assert codes(error) == {("verification.reason", "difference_needs_reason")}
    review = Review(verification=Verification(**found, reason="漏列运费"), papers={"D1": "present", "D4": "missing"})
    world.do(service.save_review, "registrar", code, review)
    assert world.see(code).review.papers == {"D1": "present", "D4": "missing"}
    world.register(code)
    seen = world.see(code)
    assert world.sums() == (1, 186_000_000, 140_000_000)
    assert seen.content.technical_amount_fen == 140_150_000
    assert seen.verification.technical_amount_fen == 140_000_000
    assert seen.versions[-1].claimed_technical_amount_fen == 140_150_000


def test_verified_amounts_have_to_add_up(world):
    code = world.in_review()
    found = Verification(contract_amount_fen=100, technical_amount_fen=101, reason="错")
    with pytest.raises(Invalid) as error:
        world.do(service.save_review, "registrar", code, Review(verification=found))
    assert codes(error) == {("verification.technical_amount_fen", "technical_above_contract")}


def test_an_approval_falls_when_the_notes_change(world):
    code = world.in_review()
    world.do(service.approve, "registrar", code)
    assert world.see(code).approved
    world.do(service.save_review, "registrar", code, Review(note="再看一遍"))
    assert not world.see(code).approved


def test_an_approval_can_be_taken_back_before_the_second_person_acts(world):
    code = world.in_review()
    with pytest.raises(Conflict):
        world.do(service.unapprove, "registrar", code)
    world.do(service.approve, "registrar", code)
    world.do(service.unapprove, "registrar", code)
    assert world.see(code).decided_on is None


@pytest.mark.parametrize(
    ("registered_on", "expected"),
    [
        (date(2026, 3, 11), ("registered_on", "date_before")),
        (date(2026, 3, 13), ("registered_on", "date_in_future")),
    ],
)
def test_the_date_of_registration_lies_between_acceptance_and_today(world, registered_on, expected):
    code = world.in_review()
    with pytest.raises(Invalid) as error:
        world.register(code, registered_on=registered_on)
    assert codes(error) == {expected}


def test_a_contract_that_ran_out_is_not_registered(world):
    code = world.in_review(valid_to=date(2026, 3, 11))
    with pytest.raises(Invalid) as error:
        world.register(code)
    assert codes(error) == {("registered_on", "after_validity")}


def test_a_number_with_signs_in_it_is_refused_and_one_of_odd_length_is_pointed_out(world):
    code = world.in_review()
    with pytest.raises(Invalid) as error:
        world.register(code, "登字第 1 号")
    assert codes(error) == {("registration_number", "registration_number_characters")}
    world.register(code, "2026-0041")
    seen = world.see(code)
    assert seen.registration_number == "20260041"
    assert "registration_number_length" in {item.code for item in seen.warnings}


def test_a_step_from_the_wrong_state_is_a_conflict_that_names_the_state(world):
    code = world.draft()
    with pytest.raises(MoveImpossible) as error:
        world.do(service.accept, "registrar", code)
    assert error.value.params == {"state": "draft", "move": "accept"}


def test_the_queue_shows_first_what_is_due_first(world):
    with clock.at(datetime(2026, 3, 5, 2, tzinfo=UTC)):
        early = world.submitted(contract_title="先受理")
        world.do(service.accept, "registrar", early)
    late = world.submitted(contract_title="后受理")
    waiting = world.submitted(contract_title="待受理")
    world.do(service.accept, "registrar", late)
    wanted = ContractFilter(states=("submitted", "accepted"), order="due")
    first, more = world.do(service.list_contracts, "registrar", wanted, limit=2)
    rest, end = world.do(service.list_contracts, "registrar", wanted, after=more, limit=2)
    assert [row.code for row in first + rest] == [early, late, waiting]
    assert end is None
    assert world.do(service.count_by_state, "registrar", wanted) == {"accepted": 2, "submitted": 1}


def test_a_contract_that_may_be_the_same_is_named(world):
    first = world.submitted()
    second = world.draft()
    assert world.see(second, "seller").duplicates == [first]
    other = world.draft(contract_title="另一份", contract_amount_fen=1, technical_amount_fen=1, non_technical_items=[])
    assert world.see(other, "seller").duplicates == []


def test_contracts_are_found_by_title_party_and_number(world):
    code = world.registered()
    for q in ("冷榨", "青垄", "2026431100000041", "202643110000", code, code.lower()):
        rows, _more = world.do(service.list_contracts, "registrar", ContractFilter(q=q))
        assert [row.code for row in rows] == [code], q
    rows, _more = world.do(service.list_contracts, "registrar", ContractFilter(q="100%"))
    assert rows == []


def test_an_import_is_handled_where_the_buyer_is(world):
    parties = [
        a_party("seller", uscc=None, region_code=None, country_code="502", name="海外演示公司"),
        a_party("buyer", organisation_code=world.organisations["firm"].code),
    ]
    code = world.do(
        service.create_draft, "buyer", world.content(parties=parties, cross_border="import", country_code="502")
    ).code
    assert world.see(code).region_code == "431181"


def notices_of(world, who):
    with world.database.read() as session:
        return [(notice.kind, notice.url) for notice in notices.box(session, world.actors[who])]


def test_the_parties_are_told_what_the_desk_decided_and_nobody_else(world):
    code = world.in_review()
    world.do(service.request_supplement, "registrar", code, ReasonIn(reason="缺 D4"))
    world.do(service.submit, "seller", code)
    world.register(code)
    told = {("contract_returned", f"/contracts/{code}"), ("contract_registered", f"/contracts/{code}")}
    assert set(notices_of(world, "seller")) == told
    assert set(notices_of(world, "buyer")) == told
    for who in ("outsider", "registrar", "second"):
        assert notices_of(world, who) == []
