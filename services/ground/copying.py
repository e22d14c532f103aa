"""All rows of a market, out of one database and into another: the same lines from SQLite and from PostgreSQL.

Tables are read as the database describes them, not as the models of this release do, so that rows of an older schema can
be put back into tables of that schema.
"""

import json
from collections.abc import Iterable, Iterator, Mapping
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import sqlalchemy as sa
from sqlmodel import Session

from services.ground.database import Database

CHUNK = 1000
NOT_COPIED = frozenset({"alembic_version"})
ALWAYS_FILLED = frozenset({"market"})
"""What a market that nobody has used yet holds too."""


def tables_of(connection: sa.Connection) -> list[sa.Table]:
    """Describe the tables of the market, those that others refer to first."""
    found = sa.MetaData()
    found.reflect(connection)
    tables = [table for table in found.sorted_tables if table.name not in NOT_COPIED]
    for table in tables:
        for column in table.columns:
            if isinstance(column.type, sa.JSON):
                column.type.none_as_null = True  # an empty place stays empty, as the models have it
    return tables


def is_unused(database: Database) -> bool:
    """Say whether no table holds anything that somebody entered; true for a database without tables."""
    with database.snapshot() as connection:
        return not any(
            connection.execute(sa.select(sa.literal(1)).select_from(table).limit(1)).first()
            for table in tables_of(connection)
            if table.name not in ALWAYS_FILLED
        )


def lines(connection: sa.Connection, table: sa.Table) -> Iterator[bytes]:
    """Write the rows of a table, one JSON document a line, in the order of their keys."""
    statement = sa.select(table).order_by(*table.primary_key.columns)
    names = [column.name for column in table.columns]
    for part in connection.execute(statement).partitions(CHUNK):
        for row in part:
            values = dict(zip(names, map(_plain, row), strict=True))
            yield json.dumps(values, ensure_ascii=False, separators=(",", ":")).encode() + b"\n"


def fill(session: Session, rows_of: Mapping[str, Iterable[bytes]]) -> dict[str, int]:
    """Put rows into the empty tables of a market; return how many went into each.

    References are checked at the end, for rows may refer to later ones. Raises ValueError for a table that is not here,
    IntegrityError for a reference that leads nowhere.
    """
    connection = session.connection()
    tables = {table.name: table for table in tables_of(connection)}
    if unknown := rows_of.keys() - tables.keys():
        raise ValueError(f"no table {', '.join(sorted(unknown))} in this schema")
    for name in ALWAYS_FILLED & tables.keys():
        connection.execute(sa.delete(tables[name]))
    references = _loosen(connection, tables.values())
    counts = {name: _insert(connection, tables[name], rows) for name, rows in rows_of.items()}
    _tighten(connection, references)
    if connection.dialect.name == "postgresql":
        _count_on(connection, tables.values())
    return counts


def _plain(value: Any) -> Any:
    if isinstance(value, datetime):
        return (value if value.tzinfo else value.replace(tzinfo=UTC)).astimezone(UTC).isoformat()
    if isinstance(value, date):
        return value.isoformat()
    return str(value) if isinstance(value, Decimal) else value


def _insert(connection: sa.Connection, table: sa.Table, rows: Iterable[bytes]) -> int:
    readers = {column.name: _reader(column.type, connection.dialect.name) for column in table.columns}
    count = 0
    batch: list[dict[str, Any]] = []
    for line in rows:
        batch.append({name: readers[name](value) for name, value in json.loads(line).items()})
        if len(batch) == CHUNK:
            connection.execute(sa.insert(table), batch)
            count += len(batch)
            batch = []
    if batch:
        connection.execute(sa.insert(table), batch)
    return count + len(batch)


def _reader(kind: sa.types.TypeEngine[Any], dialect: str) -> Any:
    """Give the function that turns what stands in a line into what the column of this database takes."""
    if isinstance(kind, sa.DateTime):
        zone = None if dialect == "sqlite" else UTC  # SQLite keeps the hour of UTC and no zone
        return lambda value: value and datetime.fromisoformat(value).replace(tzinfo=zone)
    if isinstance(kind, sa.Date):
        return lambda value: value and date.fromisoformat(value)
    return lambda value: value


def _loosen(connection: sa.Connection, tables: Iterable[sa.Table]) -> list[tuple[str, str, str]]:
    """Let references wait: until the end of the transaction on SQLite; on PostgreSQL they are taken off and put back."""
    if connection.dialect.name == "sqlite":
        connection.exec_driver_sql("PRAGMA defer_foreign_keys=ON")
        return []
    names = [table.name for table in tables]
    statement = sa.text(
        "SELECT conrelid::regclass::text, conname, pg_get_constraintdef(oid) FROM pg_constraint "
        "WHERE contype = 'f' AND conrelid::regclass::text = ANY(:names)"
    )
    references = [(row[0], row[1], row[2]) for row in connection.execute(statement, {"names": names})]
    for table, name, _definition in references:
        connection.exec_driver_sql(f'ALTER TABLE {table} DROP CONSTRAINT "{name}"')
    return references


def _tighten(connection: sa.Connection, references: list[tuple[str, str, str]]) -> None:
    for table, name, definition in references:
        connection.exec_driver_sql(f'ALTER TABLE {table} ADD CONSTRAINT "{name}" {definition}')


def _count_on(connection: sa.Connection, tables: Iterable[sa.Table]) -> None:
    """Let PostgreSQL number new rows after those that were put in."""
    for table in tables:
        key = table.primary_key.columns
        if len(key) == 1 and isinstance(key[0].type, sa.Integer):
            name = key[0].name
            connection.execute(
                sa.text(
                    f"SELECT setval(s.name, t.top) FROM (SELECT pg_get_serial_sequence('{table.name}', '{name}') AS name) s, "  # noqa: S608 - names come from the database itself
                    f'(SELECT max("{name}") AS top FROM "{table.name}") t WHERE s.name IS NOT NULL AND t.top IS NOT NULL'
                )
            )
