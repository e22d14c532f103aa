"""A market becomes a demo only while nobody uses it, and a half made one says how to mend it."""

import json

import httpx
import pytest
from sqlmodel import SQLModel, col, select

from etl.demo.load import load
from search.engine import open_engine
from services.accounts import service as accounts
from services.contracts.models import Contract
from services.deals import rules
from services.deals.models import Deal, Introduction
from services.ground import clock
from services.ground.actor import system_actor
from services.ground.database import Database
from services.ground.errors import Conflict
from services.ground.market import Market, MarketRow
from services.ground.settings import Settings
from tests.running_market import SHAPES, running_market


@pytest.fixture
def market(tmp_path):
    database = Database(f"sqlite:///{tmp_path / 'market.db'}")
    SQLModel.metadata.create_all(database.engine)
    made = Market(Settings(home=tmp_path), database, open_engine(None, tmp_path / "index"))
    yield made
    made.close()


def refusal(market):
    with pytest.raises(Conflict) as refused:
        load(market)
    return refused.value.code


def test_a_market_with_one_person_and_no_organisation_is_not_turned_into_a_demo(market):
    with market.database.write() as session:
        accounts.create_person(session, system_actor(), login="admin", password="a-long-password", name="admin")
    assert refusal(market) == "demo_market_not_empty"
    with market.database.read() as session:
        assert session.get(MarketRow, 1) is None


def test_a_demo_that_was_not_finished_is_said_to_be_half_made(market):
    with market.database.write() as session:
        session.add(MarketRow(id=1, demo=True, made_at=clock.now()))
    assert refusal(market) == "demo_half_made"


@pytest.mark.parametrize("shape", SHAPES)
def test_a_demo_killed_in_the_middle_is_made_anew_by_the_next_one(shape):
    with running_market(shape, start=False) as market:
        empty = ("--database-is-empty",) if shape == "city" else ()
        first = market.begin("demo", *empty)
        for piece in iter(first.stderr.readline, ""):
            if int("".join(filter(str.isdigit, piece)) or 0) > 700:
                break
        first.kill()
        first.communicate()
        logins = json.loads(market.yaosu("demo", *empty, "--json"))
        assert len(logins) == 9
        told_of_deals(Database(market.settings.get("YAOSU_DATABASE_URL") or f"sqlite:///{market.home}/yaosu.sqlite3"))
        market.start()
        found = httpx.get(f"{market.url}/api/v1/search", params={"limit": 1}, timeout=30).json()
        titles = httpx.get(f"{market.url}/api/v1/needs", params={"limit": 100}, timeout=30).json()["items"]
        assert found["total"] > 400
        assert len({need["code"] for need in titles}) == len({need["title"] for need in titles})
        assert json.loads(market.yaosu("demo", *empty, "--json")) == logins


def told_of_deals(database):
    """Deals stand at every step and have ended for several reasons; the register of introductions runs with the days."""
    with database.read() as session:
        deals = session.exec(select(Deal)).all()
        introduced = session.exec(select(Introduction.at).order_by(col(Introduction.id))).all()
        states = set(session.exec(select(Contract.state)))
    database.close()
    assert {deal.step for deal in deals if deal.state != "ended"} == set(rules.STEPS)
    assert len({deal.end_reason for deal in deals if deal.state == "ended"}) >= 6
    assert introduced == sorted(introduced)
    assert states >= {
        "draft",
        "submitted",
        "accepted",
        "in_review",
        "expert_review",
        "refused",
        "registered",
        "cancelled",
    }
