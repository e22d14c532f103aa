"""A market that was filled under the first schema is brought to the newest one, on both databases, and loses nothing."""

import contextlib

import pytest
import sqlalchemy as sa

from frontend import schema
from services.ground.database import APPEND_ONLY, Database, RowsAstray
from tests import servers

FILL = (
    "INSERT INTO organisation (id, code, name, short_name, pinyin, kind, intro, state, demo, version, created_at)"
    " VALUES (1, 'O-2026-000001', '湘渚示范农学院', '', '', 'university', '', 'active', {no}, 1, '2026-03-01 00:00:00+00:00')",
    "INSERT INTO person (id, pseudonym, demo, created_at) VALUES (1, '已注销的人', {no}, '2026-03-01 00:00:00+00:00')",
    "INSERT INTO role_grant (person_id, role, organisation_id, granted_at)"
    " VALUES (1, 'member', 1, '2026-03-01 00:00:00+00:00')",
)


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.city)])
def database(request, tmp_path):
    with contextlib.ExitStack() as stack:
        sqlite = request.param == "sqlite"
        url = f"sqlite:///{tmp_path / 'market.db'}" if sqlite else stack.enter_context(servers.new_database())
        found = Database(url)
        yield found
        found.close()


def test_a_filled_market_of_the_first_schema_is_brought_to_the_newest(database):
    schema.upgrade(database, "0001")
    with database.engine.begin() as connection:
        for statement in FILL:
            connection.exec_driver_sql(statement.format(no="0" if database.is_sqlite else "false"))
    schema.migrate(database)
    assert schema.is_current(database)
    with database.read() as session:
        assert session.execute(sa.text("SELECT organisation_id FROM role_grant")).scalars().all() == [1]
        assert session.execute(sa.text("SELECT name FROM organisation")).scalars().all() == ["湘渚示范农学院"]


def test_after_every_migration_references_are_held_and_ledgers_only_grow(database):
    schema.migrate(database)
    wrong = FILL[2].replace("(1, 'member', 1,", "(1, 'member', 99,")
    with pytest.raises(sa.exc.IntegrityError), database.write() as session:
        session.execute(sa.text(wrong))
    inspector = "SELECT tbl_name FROM sqlite_master WHERE type = 'trigger'"
    if not database.is_sqlite:
        inspector = "SELECT event_object_table FROM information_schema.triggers"
    with database.read() as session:
        assert set(APPEND_ONLY) <= set(session.execute(sa.text(inspector)).scalars())


def test_a_migration_that_would_leave_rows_without_what_they_refer_to_changes_nothing(database):
    if not database.is_sqlite:
        pytest.skip("PostgreSQL holds references by itself all the time")
    schema.upgrade(database, "0001")
    driver = database.engine.raw_connection()
    driver.cursor().execute("PRAGMA foreign_keys=OFF")
    driver.cursor().execute(FILL[2])
    driver.cursor().execute("PRAGMA foreign_keys=ON")
    driver.close()
    with pytest.raises(RowsAstray, match="role_grant"):
        schema.upgrade(database)
    assert schema.current(database) == "0001"
