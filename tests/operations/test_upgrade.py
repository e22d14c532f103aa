"""A market of the first release is brought to this one: every row is there, the sums are the same, its people read on.

`data/first_release.json` holds the rows of a market that the first release made (one need, one result, their deal and
the registered contract), table by table, as SQLite kept them.
"""

import json
from pathlib import Path

import httpx
import pytest
import sqlalchemy as sa

from frontend import schema
from services.ground.database import APPEND_ONLY, Database
from tests.running_market import SHAPES, running_market

ROWS = json.loads((Path(__file__).parent / "data" / "first_release.json").read_text(encoding="utf-8"))


def fill(database):
    """Put the rows of the first release into its empty tables, as that database writes such values."""
    there = sa.MetaData()
    with database.engine.execution_options(yaosu_write=True).begin() as connection:
        there.reflect(connection)
        for table in there.sorted_tables:
            for row in ROWS.get(table.name, []):
                known = {name: as_kept(table.columns[name], value) for name, value in row.items()}
                names = ", ".join(f'"{name}"' for name in known)
                places = ", ".join(f":{name}" for name in known)
                connection.execute(sa.text(f'INSERT INTO "{table.name}" ({names}) VALUES ({places})'), known)
            if connection.dialect.name == "postgresql" and "id" in table.columns:
                connection.execute(
                    sa.text(
                        f"SELECT setval(pg_get_serial_sequence('{table.name}', 'id'), (SELECT max(id) FROM \"{table.name}\"))"
                        f" WHERE pg_get_serial_sequence('{table.name}', 'id') IS NOT NULL"
                    )
                )


def as_kept(column, value):
    if value is None:
        return None
    if isinstance(column.type, sa.Boolean):
        return bool(value)
    if getattr(column.type, "timezone", False):
        return f"{value}+00:00"
    return value


def counts(database):
    with database.engine.connect() as connection:
        return {name: connection.execute(sa.text(f'SELECT count(*) FROM "{name}"')).scalar_one() for name in ROWS} | {
            "fen": connection.execute(sa.text("SELECT sum(contract_amount_fen) FROM movement")).scalar_one()
        }


@pytest.mark.parametrize("shape", SHAPES)
def test_a_market_of_the_first_release_goes_on_after_the_upgrade(shape):
    with running_market(shape, migrate=False, start=False) as market:
        database = Database(market.settings.get("YAOSU_DATABASE_URL") or f"sqlite:///{market.home}/yaosu.sqlite3")
        schema.upgrade(database, "0001")
        fill(database)
        before = counts(database)
        assert before["fen"] == 186_000_000
        market.yaosu("search", "冷榨", check=False)
        assert counts(database) == before, "a command on an old database writes nothing"
        market.yaosu("migrate")
        assert counts(database) == before
        for table in APPEND_ONLY:
            if ROWS.get(table):
                with pytest.raises(sa.exc.DBAPIError, match="append-only"), database.write() as session:
                    session.execute(sa.text(f'DELETE FROM "{table}"'))
        database.engine.dispose()
        market.yaosu("reindex")
        market.start()
        found = httpx.get(f"{market.url}/api/v1/search", params={"q": "冷榨"}, timeout=30).json()["items"]
        assert {row["code"][0] for row in found} == {"N", "R"}
        years = market.yaosu_json("indicator")
        assert "186000000" in json.dumps(years)
        with_token = market.yaosu_json("token", "create", "--user", "first", "--scope", "read")["token"]
        contract = httpx.get(
            f"{market.url}/api/v1/contracts/{ROWS['contract'][0]['code']}",
            headers={"Authorization": f"Bearer {with_token}"},
            timeout=30,
        ).json()
        assert contract["state"] == "registered"
        assert [party["name"] for party in contract["content"]["parties"]] == ["演示农学院", "演示油坊"]
