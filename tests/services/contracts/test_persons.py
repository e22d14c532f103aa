"""Natural persons and unlinked firms: a name can be taken away, and a party that is named sees its contract."""

import json

import pytest
from sqlmodel import select, text

from services.accounts.models import Organisation
from services.contracts import schemas, service
from services.contracts.content import UNNAMED
from services.contracts.models import Contract, ContractContact, ContractParty
from services.ground import clock
from services.ground.errors import Conflict, Invalid, NotFound
from tests.services.contracts.factories import BOTH_SHAPES, a_party
from tests.services.contracts.world import NUMBER

pytestmark = BOTH_SHAPES
NAME = "龚某某"


def with_person(world):
    seller = a_party("seller", name=NAME, uscc=None, party_group="PERSON")
    return [seller, a_party("buyer")]


def everything_written(world):
    """All text of the tables a contract lies in, except the one for personal data."""
    found = []
    with world.database.read() as session:
        for table in ("contract", "contract_draft", "contract_version", "contract_party", "movement", "audit_event"):
            found += [
                json.dumps(dict(row._mapping), default=str, ensure_ascii=False)
                for row in session.execute(text(f"SELECT * FROM {table}"))
            ]
    return "\n".join(found)


def test_the_name_of_a_natural_person_lies_with_the_personal_data_and_nowhere_else(world):
    code = world.registered(parties=with_person(world))
    assert NAME not in everything_written(world)
    shown = world.see(code)
    assert shown.content.primary("seller").name == NAME
    assert shown.seller_name == UNNAMED
    with world.database.read() as session:
        assert session.exec(select(ContractContact.name).where(ContractContact.kind == "party")).all() == [NAME]


def test_the_bureau_reads_that_it_was_a_person_and_not_who(world):
    code = world.registered(parties=with_person(world))
    assert world.see(code, "bureau").content.primary("seller").name == UNNAMED
    with world.database.read() as session:
        wanted = schemas.ContractFilter(q=NAME)
        assert [row.code for row in service.list_contracts(session, world.actors["registrar"], wanted)[0]] == [code]
        assert service.list_contracts(session, world.actors["bureau"], wanted)[0] == []


def test_forgotten_persons_are_gone_from_every_version_and_the_sums_stay(world):
    code = world.registered(parties=with_person(world))
    before = world.sums()
    world.do(service.forget_persons, "registrar", code)
    shown = world.see(code)
    assert shown.content.primary("seller").name == UNNAMED
    assert shown.content.filing.filled_by is None
    assert world.sums() == before
    with world.database.read() as session:
        rows = session.exec(select(ContractContact)).all()
    assert all(row.erased_at and row.name is None and row.filled_by is None for row in rows)
    for number in (1, 2):
        with world.database.read() as session:
            content, _verified = service.get_version(session, world.actors["registrar"], code, number)
        assert content.primary("seller").name == UNNAMED


def test_a_contract_with_forgotten_persons_can_still_be_changed(world):
    code = world.registered(parties=with_person(world))
    world.do(service.forget_persons, "registrar", code)
    given = schemas.ChangeIn(content={"contract_title": "改过的名称"}, changed_on=clock.today(), reason="补充协议")
    world.do(service.change, "registrar", code, given)
    assert world.see(code).title == "改过的名称"


def test_persons_are_not_forgotten_while_the_contract_is_at_the_desk_nor_by_the_parties(world):
    code = world.submitted(parties=with_person(world))
    with pytest.raises(Conflict):
        world.do(service.forget_persons, "registrar", code)


def test_a_firm_is_still_named_where_the_contract_is(world):
    code = world.registered()
    with world.database.read() as session:
        names = session.exec(select(ContractParty.name)).all()
        assert session.exec(select(Contract.buyer_name).where(Contract.code == code)).one() == "青垄茶油"
    assert "青垄茶油" in names


# -- a party that is named without its code --------------------------------------------------------------------------


def verify(world, name, uscc, verified=True):
    with world.database.write() as session:
        row = session.get(Organisation, world.organisations[name].id)
        row.uscc, row.verified_at = uscc, clock.now() if verified else None
        session.add(row)


def parties_by_name(world):
    seller = a_party("seller", name="湘渚示范农学院", organisation_code=world.organisations["university"].code)
    return [seller, a_party("buyer", name="青垄茶油")]


def test_a_buyer_whose_credit_code_was_verified_sees_its_contract_without_being_named_by_its_code(world):
    verify(world, "firm", "911101066976941872")
    code = world.draft(parties=parties_by_name(world))
    assert world.see(code, "buyer").content.primary("buyer").organisation_code == world.organisations["firm"].code


def test_a_credit_code_that_is_only_claimed_opens_nothing_until_the_registrar_says_who_it_is(world):
    verify(world, "firm", "911101066976941872", verified=False)
    code = world.submitted(parties=parties_by_name(world))
    with pytest.raises(NotFound):
        world.see(code, "buyer")
    firm = world.organisations["firm"].code
    assert [item.code for item in world.see(code).candidates] == [firm]
    world.do(service.link_party, "registrar", code, firm)
    assert world.see(code, "buyer").code == code
    assert world.see(code).candidates == []


def test_a_link_by_hand_outlives_what_happens_to_the_contract(world):
    code = world.registered(parties=parties_by_name(world))
    world.do(service.link_party, "registrar", code, world.organisations["firm"].code)
    given = schemas.ChangeIn(content={"contract_title": "改过的名称"}, changed_on=clock.today(), reason="补充协议")
    world.do(service.change, "registrar", code, given)
    assert world.see(code, "buyer").title == "改过的名称"


def test_an_organisation_that_no_party_looks_like_is_not_linked(world):
    code = world.submitted(parties=parties_by_name(world))
    with pytest.raises(Invalid) as told:
        world.do(service.link_party, "registrar", code, world.organisations["other_firm"].code)
    assert told.value.fields[0].code == "party_is_not_that_organisation"


@pytest.mark.parametrize(
    "words", ["青垄", NUMBER, "911101066976941872", "甲字 17 号", "201710601862.3", "第三方公司", "N-2026-000001"]
)
def test_a_contract_is_found_by_any_number_and_any_party(world, words):
    parties = [
        *parties_by_name(world),
        a_party("buyer", sequence=2, is_primary=False, name="演示第三方公司", uscc=None),
    ]
    right = {"kind": "PATENT_INV", "number": "201710601862.3", "title": "一种冷榨方法"}
    code = world.draft(parties=parties, internal_number="甲字 17 号", ip_objects=[right], need_code="N-2026-000001")
    parties[2]["uscc"] = "12110000400001234X"
    world.do(
        service.save_draft,
        "seller",
        code,
        world.content(parties=parties, internal_number="甲字 17 号", ip_objects=[right], need_code="N-2026-000001"),
    )
    world.do(service.submit, "seller", code)
    world.do(service.accept, "registrar", code)
    world.do(service.start_review, "registrar", code)
    world.register(code)
    with world.database.read() as session:
        rows, _more = service.list_contracts(session, world.actors["registrar"], schemas.ContractFilter(q=words))
    assert [row.code for row in rows] == [code]
