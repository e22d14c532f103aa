"""A fresh market per test, at a stopped clock: on SQLite, and on PostgreSQL where a module asks for both shapes."""

import contextlib

import pytest
from sqlmodel import SQLModel

from services.contracts import service as _service  # noqa: F401 - all tables
from services.ground import clock, files  # noqa: F401 - tables
from services.ground.database import APPEND_ONLY, Database, append_only_ddl
from tests import servers
from tests.services.contracts.world import NOW, make_world


@pytest.fixture
def world(request, tmp_path):
    shape = getattr(request, "param", "sqlite")
    with contextlib.ExitStack() as stack:
        url = (
            f"sqlite:///{tmp_path / 'market.db'}" if shape == "sqlite" else stack.enter_context(servers.new_database())
        )
        database = Database(url)
        SQLModel.metadata.create_all(database.engine)
        with database.engine.begin() as connection:
            for table in APPEND_ONLY:
                for statement in append_only_ddl(table, shape):
                    connection.exec_driver_sql(statement)
        with clock.at(NOW):
            yield make_world(database)
        database.close()
