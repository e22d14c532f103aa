"""Bringing a database to the schema of this program, and saying whether it is there."""

from pathlib import Path

import sqlalchemy as sa
from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory

from services.ground import clock
from services.ground.database import APPEND_ONLY, Database, append_only_ddl
from services.ground.market import MarketRow

FOLDER = Path(__file__).parent / "migrations"


def _config() -> Config:
    config = Config()
    config.set_main_option("script_location", str(FOLDER))
    return config


def newest() -> str | None:
    """Give the revision this program needs."""
    return ScriptDirectory.from_config(_config()).get_current_head()


def current(database: Database) -> str | None:
    """Give the revision a database has; None for an empty one."""
    with database.engine.connect() as connection:
        return MigrationContext.configure(connection).get_current_revision()


def is_current(database: Database) -> bool:
    """Say whether a database is as this program needs it."""
    return current(database) == newest()


def upgrade(database: Database, revision: str = "head") -> None:
    """Bring the tables of a database to a revision, in one transaction. Raises CommandError for one not known here."""
    with database.reshape() as connection:
        config = _config()
        config.attributes["connection"] = connection
        command.upgrade(config, revision)
        if database.is_sqlite and revision == "head":
            # A table that SQLite made anew has lost its triggers.
            for table in APPEND_ONLY:
                for statement in append_only_ddl(table, "sqlite"):
                    connection.exec_driver_sql(statement)


def migrate(database: Database) -> str | None:
    """Bring a database to the newest revision and make it a market; return the revision. Harmless to do twice."""
    upgrade(database)
    with database.write() as session:
        if session.get(MarketRow, 1) is None:
            session.add(MarketRow(id=1, made_at=clock.now()))
    return newest()


def clear(database: Database) -> None:
    """Drop every table, for a demo market that was not finished. A real market is never cleared by the program."""
    with database.reshape() as connection:
        there = sa.MetaData()
        there.reflect(connection)
        there.drop_all(connection)
