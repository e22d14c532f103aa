"""Twenty contracts of one university: done together, each judged for itself. And one written like an earlier one."""

import pytest

from services.contracts import schemas, service
from services.contracts.schemas import RegistrationIn
from services.contracts.together import Asked
from services.ground.errors import Forbidden, Invalid, NotFound
from tests.services.contracts.factories import BOTH_SHAPES
from tests.services.contracts.world import NUMBER, TODAY

pytestmark = BOTH_SHAPES


def states(world, codes):
    return [world.see(code).state for code in codes]


def given(number):
    return RegistrationIn(registration_number=number, registered_on=TODAY)


def test_twenty_contracts_of_one_university_go_to_the_ledger_in_four_steps(world):
    codes = [world.submitted(contract_title=f"第 {index} 份开发合同") for index in range(20)]
    for move in ("accept", "review", "approve"):
        found = world.do(service.move_together, "registrar", move, [Asked(code) for code in codes])
        assert [item.error for item in found] == [None] * 20
    numbered = [Asked(code, None, given(str(2026431100000100 + i))) for i, code in enumerate(codes)]
    assert all(item.error is None for item in world.do(service.register_together, "second", numbered))
    assert world.sums() == (20, 20 * 186_000_000, 20 * 140_150_000)


def test_one_that_cannot_be_done_keeps_nobody_back_and_says_why(world):
    good, drafted = world.submitted(), world.draft()
    found = world.do(
        service.move_together, "registrar", "accept", [Asked(good), Asked(drafted), Asked("C-2026-999999")]
    )
    assert {item.code: item.error and item.error.code for item in found} == {
        good: None,
        drafted: "contract_move_impossible",
        "C-2026-999999": "not_found",
    }
    assert states(world, [good, drafted]) == ["accepted", "draft"]


def test_one_number_typed_twice_registers_one_of_the_two(world):
    codes = [world.in_review(), world.in_review(contract_title="另一份")]
    found = world.do(service.register_together, "second", [Asked(code, None, given(NUMBER)) for code in codes])
    assert [item.error and item.error.code for item in found] == [None, "registration_number_taken"]
    assert world.sums()[0] == 1


def test_a_contract_somebody_changed_meanwhile_is_left_alone(world):
    code = world.submitted()
    found = world.do(service.move_together, "registrar", "accept", [Asked(code, 1)])
    assert found[0].error.code == "stale_version"
    assert world.see(code).state == "submitted"


def test_whoever_accepted_them_does_not_type_their_numbers(world):
    code = world.in_review()
    found = world.do(service.register_together, "registrar", [Asked(code, None, given(NUMBER))])
    assert found[0].error.code == "second_person_needed"


def test_only_registrars_of_the_region_and_only_so_many(world):
    code = world.submitted()
    assert isinstance(world.do(service.move_together, "seller", "accept", [Asked(code)])[0].error, Forbidden)
    assert isinstance(world.do(service.move_together, "far_registrar", "accept", [Asked(code)])[0].error, NotFound)
    with pytest.raises(Invalid):
        world.do(service.move_together, "registrar", "refuse", [Asked(code)])
    with pytest.raises(Invalid) as told:
        world.do(service.move_together, "registrar", "accept", [Asked(code)] * 101)
    assert told.value.fields[0].code == "too_many_at_once"
    assert states(world, [code]) == ["submitted"]


def test_the_sellers_with_most_at_the_desk_come_first(world):
    for index in range(3):
        world.submitted(contract_title=f"第 {index} 份")
    with world.database.read() as session:
        assert service.sellers_at_the_desk(session, world.actors["registrar"]) == [("湘渚示范农学院", 3)]
        assert service.sellers_at_the_desk(session, world.actors["far_registrar"]) == []
        wanted = schemas.ContractFilter(seller="湘渚示范农学院")
        assert len(service.list_contracts(session, world.actors["registrar"], wanted)[0]) == 3


# -- copies ------------------------------------------------------------------------------------------------------------


def test_a_copy_has_parties_and_classification_and_neither_dates_nor_money(world):
    code = world.registered()
    new = world.do(service.copy_draft, "seller", code).code
    content = world.see(new, "seller").content
    assert content.contract_subtype == "DEV_ENTRUST"
    assert [party.name for party in content.parties] == ["湘渚示范农学院", "青垄茶油"]
    assert content.abstract == "开发一套低温冷榨与预调质装置。"
    for name in (
        "signed_on",
        "valid_to",
        "contract_amount_fen",
        "technical_amount_fen",
        "internal_number",
        "filled_on",
    ):
        assert getattr(content, name) is None, name
    assert content.non_technical_items == []
    assert world.see(new, "seller").state == "draft"


def test_a_copy_is_for_the_parties_and_the_clerk_of_the_region(world):
    code = world.registered()
    assert world.do(service.copy_draft, "clerk", code).state == "draft"
    with pytest.raises(Forbidden):
        world.do(service.copy_draft, "bureau", code)
    with pytest.raises(NotFound):
        world.do(service.copy_draft, "outsider", code)
