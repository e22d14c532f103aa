"""A demo market made large: the same texts for the same number, marked as demo, found by search, and nothing twice."""

import pytest

from etl.demo import load, many
from frontend.schema import migrate
from services.accounts import service as accounts
from services.accounts.schemas import OrganisationIn
from services.ground import outbox
from services.ground.actor import ANONYMOUS, system_actor
from services.ground.errors import Conflict
from services.ground.market import MarketRow
from services.listings import service as listings
from services.matching import service as matching
from services.matching.searching import Asked
from tests.frontend.market_in_process import market_here


@pytest.fixture
def market(tmp_path):
    """A demo market with the demo's organisations and nothing else."""
    with market_here(tmp_path) as made:
        migrate(made.market.database)
        with made.market.database.write() as session:
            session.get(MarketRow, 1).demo = True
            for item in load.lines("organisations"):
                data = OrganisationIn(name=item["name"], kind=item["kind"], region_code=None)
                accounts.create_organisation(session, system_actor("demo"), data)
        yield made.market


def titles(market) -> list[str]:
    with market.database.read() as session:
        shown = listings.visible_by_ids(session, ANONYMOUS, listings.public_ids(session, 0, 5000))
    assert all(record.demo for record in shown)
    return sorted(record.title for record in shown)


def test_a_larger_number_adds_to_a_smaller_one_and_the_same_number_adds_nothing(market):
    assert many.make_records(market, 50) == 50
    first = titles(market)
    assert many.make_records(market, 50) == 0
    assert titles(market) == first
    assert many.make_records(market, 80) == 30
    assert set(first) < set(titles(market))
    assert len(set(titles(market))) == 80


def test_what_was_made_is_found_by_search_and_asks_nobody_to_look_at_news(market):
    many.make_records(market, 40)
    outbox.drain_all(market.database, market)
    with market.database.read() as session:
        found = matching.search(session, ANONYMOUS, market, Asked(typed="演示7"))
        assert outbox.waiting(session)["waiting"] == 0
    assert found.total >= 1


def test_contracts_come_in_once_and_count(market):
    assert many.make_contracts(market, 30) == 30
    assert many.make_contracts(market, 40) == 10


def test_a_real_market_is_not_filled_with_made_up_records(tmp_path):
    with market_here(tmp_path) as made, pytest.raises(Conflict) as refused:
        many.make_records(made.market, 10)
    assert refused.value.code == "generate_only_demo"
