"""Two registrars at the same moment: exactly one wins, the other is told, and the ledger holds one line."""

import threading
from datetime import date

import pytest
from sqlmodel import select

from services.contracts import service
from services.contracts.ledger_models import Movement
from services.contracts.models import Contract
from services.contracts.schemas import RegistrationIn
from services.ground import clock
from services.ground.errors import Conflict
from tests.services.contracts.factories import BOTH_SHAPES
from tests.services.contracts.world import NOW, NUMBER, OPERATOR

pytestmark = BOTH_SHAPES


def at_once(*calls):
    """Run calls in threads that start together; give what each returned or raised."""
    barrier = threading.Barrier(len(calls))
    results = [None] * len(calls)

    def run(index, call):
        barrier.wait(timeout=10)
        try:
            results[index] = call()
        except Exception as error:
            results[index] = error

    threads = [threading.Thread(target=run, args=(index, call)) for index, call in enumerate(calls)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=60)
    return results


def register(world, who, code, number):
    given = RegistrationIn(registration_number=number, registered_on=date(2026, 3, 12))
    return lambda: world.do(service.register, who, code, given)


def test_two_registrars_register_one_contract(world):
    code = world.submitted()
    world.do(service.accept, OPERATOR, code)
    world.do(service.start_review, "registrar", code)
    results = at_once(register(world, "registrar", code, NUMBER), register(world, "second", code, "2026431100000042"))
    assert sum(isinstance(result, Contract) for result in results) == 1
    assert sum(isinstance(result, Conflict) for result in results) == 1
    assert world.sums()[0] == 1


def test_one_official_number_for_two_contracts(world):
    for number in (str(2026431100000100 + index) for index in range(8)):
        first, second = world.in_review(), world.in_review()
        results = at_once(register(world, "second", first, number), register(world, "second", second, number))
        assert sum(isinstance(result, Contract) for result in results) == 1
        assert [type(result).code for result in results if isinstance(result, Conflict)] == [
            "registration_number_taken"
        ]
    with world.database.read() as session:
        assert len(session.exec(select(Movement)).all()) == 8


def test_two_registrars_accept_one_contract(world):
    code = world.submitted()
    results = at_once(
        lambda: world.do(service.accept, "registrar", code), lambda: world.do(service.accept, "second", code)
    )
    assert sum(isinstance(result, Contract) for result in results) == 1
    assert sum(isinstance(result, Conflict) for result in results) == 1


def test_the_database_holds_the_number_even_when_nobody_looked(world):
    from sqlalchemy.exc import IntegrityError

    code = world.registered()
    with pytest.raises(IntegrityError), world.database.write() as session:
        row = session.exec(select(Contract).where(Contract.code == code)).one()
        session.add(
            Contract(**row.model_dump(exclude={"id", "code", "deal_code", "import_key"}) | {"code": "C-2026-999999"})
        )
    assert clock.now() == NOW
