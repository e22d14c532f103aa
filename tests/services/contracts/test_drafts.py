from datetime import date

import pytest
from sqlmodel import select

from services.contracts import schemas, service
from services.contracts.content import Content
from services.contracts.models import ContractContact, ContractDraft
from services.contracts.moving import MoveImpossible
from services.ground.errors import Forbidden, Invalid, NotFound, NotSignedIn, StaleVersion
from tests.services.contracts.factories import BOTH_SHAPES, a_party

pytestmark = BOTH_SHAPES


def codes(error):
    return {(item.field, item.code) for item in error.value.fields}


def test_a_signed_deal_becomes_a_draft_filled_in_as_far_as_known(world):
    code = world.do(service.draft_from, "seller", world.deal()).code
    seen = world.see(code, "buyer")
    assert seen.state == "draft"
    assert seen.deal_code == "D-2026-000212"
    assert seen.content.contract_amount_fen == 186_000_000
    seller, buyer = seen.content.primary("seller"), seen.content.primary("buyer")
    assert (seller.name, seller.region_code, seller.party_group) == ("湘渚示范农学院", "431102", "UNIVERSITY")
    assert (buyer.name, buyer.region_code, buyer.party_group) == ("青垄茶油", "431181", "ENTERPRISE")
    assert "contract_category" in {line.field for line in seen.checks if line.status == "missing"}


def test_one_deal_has_one_draft_however_often_it_is_asked_for(world):
    first = world.do(service.draft_from, "seller", world.deal())
    assert world.do(service.draft_from, "buyer", world.deal()).code == first.code


def test_an_empty_draft_names_the_own_organisation_as_seller(world):
    code = world.do(service.create_draft, "seller", Content()).code
    assert world.see(code, "seller").content.primary("seller").name == "湘渚示范农学院"


def test_a_draft_is_saved_bit_by_bit_and_nothing_is_asked_for(world):
    code = world.do(service.create_draft, "seller", Content()).code
    world.do(service.save_draft, "seller", code, Content(contract_title="冷榨"))
    world.do(service.save_draft, "seller", code, Content(contract_amount_fen=100, valid_to=date(2020, 1, 1)))
    seen = world.see(code, "seller")
    assert seen.title == seen.content.contract_title == "冷榨"
    assert seen.content.contract_amount_fen == 100
    assert seen.content.primary("seller") is not None


def test_a_draft_that_contradicts_itself_is_saved_and_says_so(world):
    code = world.draft(technical_amount_fen=999_000_000)
    assert ("technical_amount_fen", "technical_above_contract") in {
        (item.field, item.code) for item in world.see(code, "seller").problems
    }


def test_the_second_of_two_editors_is_told(world):
    code = world.draft()
    version = world.see(code, "seller").version
    world.do(service.save_draft, "seller", code, Content(contract_title="甲"), expected=version)
    with pytest.raises(StaleVersion):
        world.do(service.save_draft, "buyer", code, Content(contract_title="乙"), expected=version)
    assert world.see(code, "seller").title == "甲"


def test_an_code_unknown_is_refused_at_its_field(world):
    with pytest.raises(Invalid) as error:
        world.draft(contract_category="XYZ", ip_types=["WHAT"], served_industry="9")
    assert codes(error) == {
        ("contract_category", "code_unknown"),
        ("ip_types.0", "code_unknown"),
        ("served_industry", "code_unknown"),
    }


def test_a_confidential_contract_never_enters_the_system(world):
    with pytest.raises(Invalid) as error:
        world.draft(is_confidential=True)
    assert codes(error) == {("is_confidential", "confidential_contract")}
    with world.database.read() as session:
        assert session.exec(select(ContractDraft)).all() == []


def test_personal_data_stay_out_of_the_draft_and_in_their_own_table(world):
    content = world.content()
    content.parties[0].contact.phone = "13800000000"
    code = world.do(service.create_draft, "seller", content).code
    with world.database.read() as session:
        draft = session.exec(select(ContractDraft)).one()
        assert "13800000000" not in str(draft.content)
        assert "填报人甲" not in str(draft.content)
    assert world.see(code, "buyer").content.parties[0].contact.phone == "13800000000"
    assert world.see(code, "buyer").content.filing.filled_by == "填报人甲"
    assert world.see(code, "bureau").content.parties[0].contact.phone is None
    assert world.see(code, "bureau").content.filing.filled_by is None


def test_a_phone_number_that_was_replaced_is_gone(world):
    content = world.content()
    content.parties[0].contact.phone = "13800000000"
    code = world.do(service.create_draft, "seller", content).code
    content.parties[0].contact.phone = "13911111111"
    world.do(service.save_draft, "seller", code, Content(parties=content.parties))
    with world.database.read() as session:
        phones = {row.phone for row in session.exec(select(ContractContact)) if row.kind == "party"}
    assert phones == {"13911111111"}


@pytest.mark.parametrize("who", ["seller", "buyer", "registrar", "second", "bureau", "clerk"])
def test_parties_and_the_desk_of_the_region_see_a_contract(world, who):
    code = world.draft()
    assert world.see(code, who).code == code
    rows, _more = world.do(service.list_contracts, who, service_filter())
    assert [row.code for row in rows] == [code]


@pytest.mark.parametrize("who", ["outsider", "far_registrar", "far_clerk", "broker", "moderator", "administrator"])
def test_for_everybody_else_there_is_no_such_contract(world, who):
    code = world.draft()
    with pytest.raises(NotFound):
        world.see(code, who)
    rows, _more = world.do(service.list_contracts, who, service_filter())
    assert rows == []


def test_a_visitor_has_to_sign_in_first(world):
    code = world.draft()
    with pytest.raises(NotSignedIn):
        world.see(code, "visitor")
    with pytest.raises(NotSignedIn):
        world.do(service.list_contracts, "visitor", service_filter())


@pytest.mark.parametrize("who", ["registrar", "bureau"])
def test_the_desk_does_not_write_in_the_parties_draft(world, who):
    code = world.draft()
    with pytest.raises(Forbidden):
        world.do(service.save_draft, who, code, Content(contract_title="改"))


def test_a_firm_cannot_write_a_contract_of_others(world):
    with pytest.raises(Forbidden):
        world.do(service.create_draft, "broker", world.content())


def test_a_submitted_contract_is_not_edited_in_place(world):
    code = world.submitted()
    with pytest.raises(MoveImpossible):
        world.do(service.save_draft, "seller", code, Content(contract_title="改"))


def test_a_discarded_draft_is_gone(world):
    code = world.draft()
    world.do(service.discard, "seller", code, service_reason())
    with pytest.raises(NotFound):
        world.see(code, "seller")


def service_filter(**wanted):
    from services.contracts.schemas import ContractFilter

    return ContractFilter(**wanted)


def service_reason(text=None):
    from services.contracts.schemas import ReasonIn

    return ReasonIn(reason=text)


def test_a_draft_is_found_by_every_party_and_number_it_names_and_only_by_those_who_may_see_it(world):
    rights = [{"kind": "PATENT_INV", "number": "201710601862.3", "title": "冷榨装置"}]
    own = world.organisations["university"].code
    parties = [
        a_party("seller", organisation_code=own),
        a_party(
            "seller",
            sequence=2,
            is_primary=False,
            name="演示联合研究所",
            uscc="91350211M0000XUF46",
            uscc_override_reason="执照如此",
        ),
        a_party("buyer", name="演示乙公司", branch_name="演示乙公司祁阳分公司"),
    ]
    more = {"parties": parties, "internal_number": "HX-2026-17", "project_number": "2025KJ-9", "ip_objects": rights}
    code = world.do(service.create_draft, "seller", world.content(**more)).code
    asked = (
        "联合研究所",
        "祁阳分公司",
        "HX-2026-17",
        "2025KJ-9",
        "201710601862.3",
        "911101066976941872",
        own.lower(),
        "冷榨成套",
    )
    for _state in ("draft", "submitted"):
        for q in asked:
            rows, _more = world.do(service.list_contracts, "seller", schemas.ContractFilter(q=q))
            assert [row.code for row in rows] == [code], q
            assert world.do(service.list_contracts, "outsider", schemas.ContractFilter(q=q))[0] == []
        assert world.do(service.list_contracts, "seller", schemas.ContractFilter(q="别的公司"))[0] == []
        if _state == "draft":
            world.do(service.submit, "seller", code)
