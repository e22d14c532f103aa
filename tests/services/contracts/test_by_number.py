"""A contract's number, typed anywhere, leads to its page: for those who may see it, and nobody else learns anything."""

import pytest

from services.ground import record_numbers
from services.ground.actor import ANONYMOUS
from tests.services.contracts.factories import BOTH_SHAPES
from tests.services.contracts.world import NUMBER

pytestmark = BOTH_SHAPES


def page(world, typed, who):
    actor = who if who is ANONYMOUS else world.actors[who]
    with world.database.read() as session:
        return record_numbers.page_of(session, actor, typed)


@pytest.mark.parametrize("spelling", ["{code}", "{lower}", "{number}", "合同登记编号：{number}", " {number} "])
def test_any_number_of_a_contract_leads_those_to_it_who_may_see_it(world, spelling):
    code = world.registered()
    typed = spelling.format(code=code, lower=code.lower(), number=NUMBER)
    assert page(world, typed, "seller") == page(world, typed, "registrar") == f"/contracts/{code}"
    assert page(world, typed, "outsider") is page(world, typed, ANONYMOUS) is None


def test_two_numbers_lead_nowhere(world):
    code = world.registered()
    assert page(world, f"{code} C-2026-000099", "registrar") is None
