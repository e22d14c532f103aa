"""An index that another language chain made is refused, not mixed, and the writer rebuilds it."""

import json

import pytest
from typer.testing import CliRunner

from frontend.cli.main import app
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


def on_the_command_line(market, monkeypatch, *arguments):
    monkeypatch.setenv("YAOSU_HOME", str(market.settings.home))
    return CliRunner().invoke(app, [*arguments])


def test_the_command_line_says_why_it_finds_nothing_and_what_to_do(outdated, monkeypatch):
    outdated.close()
    told = on_the_command_line(outdated, monkeypatch, "search", "冷榨")
    assert told.exit_code == 1
    assert "0/older" in told.stderr
    assert "yaosu reindex" in told.stderr


def test_a_command_that_writes_the_index_rebuilds_it_first(outdated, monkeypatch):
    outdated.close()
    assert on_the_command_line(outdated, monkeypatch, "reconcile", "--json").exit_code == 0
    assert "茶籽低温冷榨工艺" in on_the_command_line(outdated, monkeypatch, "search", "冷榨", "--json").stdout
