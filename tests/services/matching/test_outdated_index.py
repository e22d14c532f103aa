"""An index that another language chain made is refused, not mixed, and the writer rebuilds it."""

import json

import pytest

from frontend.opening import open_market
from frontend.worker import drain_here
from services.ground.actor import ANONYMOUS
from services.ground.errors import Unavailable
from services.ground.settings import Settings
from services.matching import service
from tests.services.matching.test_matches import published


def found(market, typed):
    with market.database.read() as session:
        return [hit.title for hit in service.search(session, ANONYMOUS, market, service.Asked(typed)).items]


@pytest.fixture
def outdated(market):
    published(market, "result", "茶籽低温冷榨工艺")
    assert found(market, "冷榨") == ["茶籽低温冷榨工艺"]
    market.close()
    current = next((market.settings.home / "index").rglob("current"))
    current.write_text(json.dumps(json.loads(current.read_text()) | {"chain": "0/older"}))
    again = open_market(Settings(home=market.settings.home, _env_file=None))
    yield again
    again.close()


def test_it_is_refused_until_it_is_rebuilt(outdated):
    with pytest.raises(Unavailable):
        found(outdated, "冷榨")
    service.reindex(outdated)
    assert found(outdated, "冷榨") == ["茶籽低温冷榨工艺"]


def test_the_worker_rebuilds_it_by_itself(outdated):
    drain_here(outdated)()
    assert found(outdated, "冷榨") == ["茶籽低温冷榨工艺"]
