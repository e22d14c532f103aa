"""A market with records in it is brought from the first schema to the newest one, and nothing of it is lost."""

from datetime import UTC, datetime

import sqlalchemy as sa

from frontend import schema
from services.ground.database import Database

NOW = datetime(2026, 3, 12, 2, tzinfo=UTC)


def test_a_filled_market_of_the_first_schema_is_upgraded_with_its_references(tmp_path):
    database = Database(f"sqlite:///{tmp_path / 'market.db'}")
    schema.upgrade(database, "0001")
    engine = database.engine.execution_options(yaosu_write=True)
    with engine.begin() as connection:
        tables = sa.MetaData()
        tables.reflect(connection)
        firm = tables.tables["organisation"]
        connection.execute(
            firm.insert().values(
                **_filled(firm, {"id": 1, "name": "演示单位", "kind": "enterprise", "state": "active"})
            )
        )
        person = tables.tables["person"]
        connection.execute(person.insert().values(**_filled(person, {"id": 1})))
        grant = tables.tables["role_grant"]
        values = {"id": 1, "person_id": 1, "role": "member", "organisation_id": 1}
        connection.execute(grant.insert().values(**_filled(grant, values)))
    assert schema.migrate(database) == schema.newest()
    with database.engine.connect() as connection:
        assert connection.exec_driver_sql("SELECT name FROM organisation").scalar_one() == "演示单位"
        assert connection.exec_driver_sql("SELECT organisation_id FROM role_grant").scalar_one() == 1
        assert connection.exec_driver_sql("PRAGMA foreign_keys").scalar_one() == 1
        assert connection.exec_driver_sql("PRAGMA foreign_key_check").first() is None
    database.close()


def _filled(table, values):
    """Give every column that needs a value one."""
    blank = {}
    for column in table.columns:
        if not column.nullable and not column.primary_key:
            kind = column.type.python_type
            blank[column.name] = NOW if kind is datetime else kind()
    return blank | values
