from datetime import UTC, date, datetime

import pytest
from sqlmodel import select

from services.contracts import service
from services.contracts.content import Content
from services.contracts.ledger_models import Movement
from services.contracts.schemas import ContractFilter, RegisteredIn
from services.ground.errors import Conflict, Forbidden, Invalid
from tests.services.contracts.factories import BOTH_SHAPES, a_party
from tests.services.contracts.world import OPERATOR

pytestmark = BOTH_SHAPES


def a_row(index=1, **changes):
    content = {
        "contract_title": f"第 {index} 份技术服务",
        "contract_category": "SRV",
        "contract_subtype": "SRV_GENERAL",
        "contract_amount_fen": 1_000_000 + index,
        "signed_on": date(2019, 5, 1),
        "parties": [a_party("seller"), a_party("buyer", region_code="431121")],
    }
    row = {"content": content, "registration_number": f"20194311{index:08d}", "registered_on": date(2019, 6, 30)}
    return RegisteredIn.model_validate(row | changes)


def rows_of(world, who="registrar", **wanted):
    return world.do(service.list_contracts, who, ContractFilter(**wanted), limit=200)[0]


def test_historic_contracts_go_in_with_head_version_and_movement(world):
    answers = world.do(service.record_registered, "registrar", [a_row(index) for index in range(1, 31)])
    assert [answer.created for answer in answers] == [True] * 30
    assert answers[0].code == "C-2019-000001"
    assert world.sums(since=date(2019, 1, 1), until=date(2019, 12, 31)) == (30, 30_000_465, 30_000_465)
    seen = world.see(answers[0].code)
    assert (seen.state, seen.rules.code, seen.content.primary("buyer").region_code) == (
        "registered",
        "REG_OLD",
        "431121",
    )
    assert [version.kind for version in seen.versions] == ["registered"]


def test_the_same_list_twice_counts_once(world):
    rows = [a_row(index) for index in range(1, 6)]
    first = world.do(service.record_registered, "registrar", rows)
    again = world.do(service.record_registered, "registrar", [*rows, a_row(6)])
    assert [answer.code for answer in again[:5]] == [answer.code for answer in first]
    assert [answer.created for answer in again] == [False] * 5 + [True]
    assert world.sums()[0] == 6


def test_one_number_twice_in_a_list_counts_once(world):
    answers = world.do(service.record_registered, "registrar", [a_row(1), a_row(1)])
    assert [answer.created for answer in answers] == [True, False]
    assert answers[0].code == answers[1].code


def test_an_import_key_is_known_again_even_when_the_number_was_mended(world):
    first = world.do(service.record_registered, "registrar", [a_row(1, import_key="list:1")])
    again = world.do(
        service.record_registered, "registrar", [a_row(1, import_key="list:1", registration_number="2019431199999999")]
    )
    assert (again[0].code, again[0].created) == (first[0].code, False)


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"content": Content(contract_title="无类别")}, "contract_category"),
        ({"registered_on": "2019-04-30"}, "registered_on"),
        ({"registered_on": "2027-01-01"}, "registered_on"),
        ({"registration_number": "第一号"}, "registration_number"),
    ],
)
def test_a_bad_row_is_refused_with_its_field_and_nothing_of_the_chunk_stays(world, changes, field):
    with pytest.raises(Invalid) as error:
        world.do(service.record_registered, "registrar", [a_row(1), a_row(2, **changes)])
    assert field in {item.field for item in error.value.fields}
    assert world.sums() == (0, 0, 0)


@pytest.mark.parametrize("who", ["seller", "bureau", "clerk", "far_registrar"])
def test_only_a_registrar_of_the_region_records_old_contracts(world, who):
    with pytest.raises(Forbidden):
        world.do(service.record_registered, who, [a_row(1)])


def test_a_batch_is_invisible_until_it_is_switched_on(world):
    answers = world.do(service.record_registered, "registrar", [a_row(1), a_row(2)], batch="B-2026-000001")
    assert rows_of(world) == []
    assert world.sums() == (0, 0, 0)
    assert world.do(service.publish_batch, "registrar", "B-2026-000001") == 2
    assert {row.code for row in rows_of(world)} == {answer.code for answer in answers}
    assert world.sums()[0] == 2


def test_a_stopped_batch_leaves_nothing_and_can_be_tried_again(world):
    world.do(service.record_registered, "registrar", [a_row(1, import_key="k1")], batch="B-2026-000001")
    assert world.do(service.discard_batch, "registrar", "B-2026-000001") == 1
    again = world.do(service.record_registered, "registrar", [a_row(1, import_key="k1")])
    assert again[0].created
    assert world.sums()[0] == 1


def test_a_batch_is_not_undone_once_somebody_worked_on_it(world):
    from services.contracts.schemas import EndIn

    answers = world.do(service.record_registered, "registrar", [a_row(1)], batch="B-2026-000001")
    world.do(service.publish_batch, "registrar", "B-2026-000001")
    world.do(service.cancel, "registrar", answers[0].code, EndIn(ended_on=date(2026, 3, 12), reason="解除"))
    with pytest.raises(Conflict):
        world.do(service.discard_batch, "registrar", "B-2026-000001")


def test_only_the_operator_says_when_something_came_to_be_known(world):
    then = datetime(2019, 7, 1, tzinfo=UTC)
    world.do(service.record_registered, OPERATOR, [a_row(1, recorded_at=then)])
    world.do(service.record_registered, "registrar", [a_row(2, recorded_at=then)])
    with world.database.read() as session:
        known = [row.recorded_at for row in session.exec(select(Movement).order_by(Movement.id))]
    assert known[0] == then
    assert known[1] > then


def test_contacts_of_recorded_contracts_lie_in_their_own_table(world):
    row = a_row(1)
    row.content.parties[0].contact.phone = "13800000000"
    row.content.filing.filled_by = "填报人甲"
    code = world.do(service.record_registered, "registrar", [row])[0].code
    seen = world.see(code)
    assert seen.content.parties[0].contact.phone == "13800000000"
    assert seen.content.filing.filled_by == "填报人甲"
