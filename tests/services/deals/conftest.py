"""A fresh market per test, at a stopped clock; `city_world` is the same on PostgreSQL."""

from contextlib import contextmanager

import pytest
from sqlmodel import SQLModel

from services.deals import models as _models  # noqa: F401 - tables
from services.ground import clock
from services.ground.database import APPEND_ONLY, Database, append_only_ddl
from services.ground.settings import Settings
from tests import servers
from tests.services.deals.world import NOW, make_world


@contextmanager
def market_at(url, home):
    database = Database(url)
    SQLModel.metadata.create_all(database.engine)
    with database.engine.begin() as connection:
        for table in APPEND_ONLY:
            for statement in append_only_ddl(table, database.engine.dialect.name):
                connection.exec_driver_sql(statement)
    with clock.at(NOW):
        yield make_world(database, Settings(home=home))
    database.close()


@pytest.fixture
def world(tmp_path):
    with market_at(f"sqlite:///{tmp_path / 'market.db'}", tmp_path) as made:
        yield made


@pytest.fixture(params=["embedded", pytest.param("city", marks=pytest.mark.city)])
def either_world(request, tmp_path):
    """The market in both shapes, for what depends on how a database locks."""
    if request.param == "embedded":
        with market_at(f"sqlite:///{tmp_path / 'market.db'}", tmp_path) as made:
            yield made
        return
    with servers.new_database() as url, market_at(url, tmp_path) as made:
        yield made
