"""The database: types that mean the same on SQLite and PostgreSQL, sessions, and the one place that commits."""

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Any, TypeVar

import sqlalchemy as sa
from sqlalchemy import BigInteger, Column, DateTime, Dialect, Text, event, types
from sqlalchemy.engine import Engine
from sqlmodel import Session, SQLModel, create_engine, select

from services.ground.errors import Invalid, StaleVersion

NAMING = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_name)s_%(referred_table_name)s",
    "pk": "pk_%(table_name)s",
}
SQLModel.metadata.naming_convention = NAMING

UNSTORABLE = re.compile("[\0\ud800-\udfff]")
"""NUL and halves of surrogate pairs: what one of the databases could not hold."""

Base = SQLModel
FenType = BigInteger
UNSTORABLE = re.compile("[\0\ud800-\udfff]")
"""What one of the databases cannot hold in a text: NUL, and halves of surrogate pairs."""
APPEND_ONLY: list[str] = []
"""Tables whose rows are never changed and never deleted. The first migration makes their triggers."""


class UtcDateTime(types.TypeDecorator[datetime]):
    """An aware time, stored in UTC. Refuses naive times, which on SQLite would silently lose their zone."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:  # noqa: ARG002
        """Take an aware time to UTC."""
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("a time without a zone cannot be stored")
        return value.astimezone(UTC)

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:  # noqa: ARG002
        """Give the zone back that SQLite does not keep."""
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


class SafeText(types.TypeDecorator[str]):
    """Text without NUL (PostgreSQL refuses it, SQLite would cut there) and without halves of surrogate pairs."""

    impl = Text
    cache_ok = True

    def process_bind_param(self, value: str | None, dialect: Dialect) -> str | None:  # noqa: ARG002
        """Refuse what one of the databases could not hold."""
        if value is not None and UNSTORABLE.search(value):
            raise Invalid("text", "nul_in_text")
        return value


def utc(*, nullable: bool = False, index: bool = False) -> Any:
    """Make a column for an aware time."""
    return Column(UtcDateTime, nullable=nullable, index=index)


def fen(*, nullable: bool = False) -> Any:
    """Make a column for money in fen."""
    return Column(FenType, nullable=nullable)


def json_column(*, nullable: bool = False, server_default: str | None = None) -> Any:
    """Make a column for a JSON value; binary JSON on PostgreSQL."""
    from sqlalchemy.dialects.postgresql import JSONB  # noqa: PLC0415 - only where the dialect is used

    return Column(
        sa.JSON(none_as_null=True).with_variant(JSONB(none_as_null=True), "postgresql"),
        nullable=nullable,
        server_default=server_default,
    )


def text_column(
    length: int, *, nullable: bool = False, unique: bool = False, index: bool = False, server_default: str | None = None
) -> Any:
    """Make a column for text of at most `length` characters, held by the schemas; sort order is binary on both databases."""
    return Column(
        SafeText().with_variant(sa.String(length, collation="C"), "postgresql"),
        nullable=nullable,
        unique=unique,
        index=index,
        server_default=server_default,
    )


def append_only(table: str) -> None:
    """Declare that the database itself refuses UPDATE and DELETE on a table."""
    if table not in APPEND_ONLY:
        APPEND_ONLY.append(table)


def append_only_ddl(table: str, dialect: str) -> list[str]:
    """Give the statements that make a table append-only on `sqlite` or `postgresql`."""
    message = f"{table} is append-only"
    if dialect == "sqlite":
        return [
            f"CREATE TRIGGER IF NOT EXISTS {table}_no_{verb} BEFORE {verb} ON {table} "
            f"BEGIN SELECT RAISE(ABORT, '{message}'); END"
            for verb in ("UPDATE", "DELETE")
        ]
    return [
        f"CREATE OR REPLACE FUNCTION {table}_refuse() RETURNS trigger LANGUAGE plpgsql AS "
        f"$$ BEGIN RAISE EXCEPTION '{message}'; END $$",
        f"DROP TRIGGER IF EXISTS {table}_append_only ON {table}",
        f"CREATE TRIGGER {table}_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON {table} "
        f"FOR EACH STATEMENT EXECUTE FUNCTION {table}_refuse()",
    ]


class RowsAstray(Exception):
    """A change of the tables would have left rows that refer to nothing; it was not made."""


class Database:
    """One market's database. `read()` and `write()` give sessions; only here is anything committed."""

    def __init__(self, url: str, *, pool_size: int = 10) -> None:
        self.url = url
        self.is_sqlite = url.startswith("sqlite")
        options: dict[str, Any] = {"pool_pre_ping": not self.is_sqlite, "pool_size": pool_size, "max_overflow": 30}
        if self.is_sqlite:
            options["connect_args"] = {"check_same_thread": False, "timeout": 30}
        self.engine: Engine = create_engine(url, **options)
        if self.is_sqlite:
            _prepare_sqlite(self.engine)
        self._after_write: list[Callable[[], None]] = []

    def on_write(self, listener: Callable[[], None]) -> None:
        """Call `listener` after each committed write: a hint that the outbox may hold something, never the promise."""
        self._after_write.append(listener)

    @contextmanager
    def read(self) -> Iterator[Session]:
        """Open a session for looking; whatever was changed in it is thrown away."""
        with Session(self.engine, expire_on_commit=False) as session:
            yield session

    @contextmanager
    def write(self, *, quiet: bool = False) -> Iterator[Session]:
        """Open a session for changing: committed at the end of the block, rolled back if the block raises.

        On SQLite it begins with BEGIN IMMEDIATE, so that two writers wait for each other instead of failing halfway.
        `quiet` tells no listener: for the outbox's own book-keeping.
        """
        engine = self.engine.execution_options(yaosu_write=True)
        with Session(engine, expire_on_commit=False) as session:
            yield session
            session.commit()
        for listener in () if quiet else self._after_write:
            listener()

    @contextmanager
    def snapshot(self) -> Iterator[sa.Connection]:
        """Open a connection whose reads all see one and the same moment, while others go on writing."""
        options = {} if self.is_sqlite else {"isolation_level": "REPEATABLE READ", "postgresql_readonly": True}
        with self.engine.connect().execution_options(stream_results=True, **options) as connection:
            yield connection

    @contextmanager
    def reshape(self) -> Iterator[sa.Connection]:
        """Open one transaction in which tables may be altered, as the migrations do.

        SQLite alters a table by making it anew, and dropping the old one would break what refers to it: foreign keys
        rest meanwhile and are checked as a whole before the end. Raises RowsAstray where a row then leads nowhere.
        """
        with self.engine.connect().execution_options(yaosu_write=True) as connection:
            driver = connection.connection.dbapi_connection
            assert driver is not None
            if self.is_sqlite:
                driver.cursor().execute("PRAGMA foreign_keys=OFF")
            try:
                with connection.begin():
                    yield connection
                    if self.is_sqlite and (astray := connection.exec_driver_sql("PRAGMA foreign_key_check").first()):
                        raise RowsAstray(f"a row of {astray[0]} refers to nothing in {astray[2]}")
            finally:
                if self.is_sqlite:
                    driver.cursor().execute("PRAGMA foreign_keys=ON")

    def close(self) -> None:
        """Give all connections back."""
        self.engine.dispose()


def _prepare_sqlite(engine: Engine) -> None:
    @event.listens_for(engine, "connect")
    def _connect(connection: Any, _record: Any) -> None:
        # SQLAlchemy, not the driver, says BEGIN: the driver's own habits would start writes as deferred transactions.
        connection.isolation_level = None
        cursor = connection.cursor()
        for pragma in (
            "journal_mode=WAL",
            "synchronous=FULL",
            "foreign_keys=ON",
            "busy_timeout=30000",
            "cache_size=-65536",
        ):
            cursor.execute(f"PRAGMA {pragma}")
        cursor.close()

    @event.listens_for(engine, "begin")
    def _begin(connection: sa.Connection) -> None:
        write = connection.get_execution_options().get("yaosu_write")
        connection.exec_driver_sql("BEGIN IMMEDIATE" if write else "BEGIN")


Row = TypeVar("Row", bound=SQLModel)


def lock_row(session: Session, model: type[Row], row_id: int, key: str = "id") -> Row | None:
    """Load a row and hold it until the end of the transaction, so that two moves on it come one after the other.

    On SQLite the whole write transaction already stands alone; FOR UPDATE is left out there by the dialect.
    """
    statement = select(model).where(getattr(model, key) == row_id).with_for_update()
    return session.exec(statement.execution_options(populate_existing=True)).first()


def insert_many(session: Session, model: type[SQLModel], rows: Sequence[Mapping[str, Any]]) -> list[int]:
    """Insert rows with few statements and return their ids in the order given."""
    if not rows:
        return []
    table = model.__table__  # type: ignore[attr-defined]
    if session.get_bind().dialect.name == "sqlite":
        # SQLite has no order to RETURNING, so rows would go in one by one. Only one may write there, so the next
        # numbers are known: those that SQLite would give itself.
        first = int(session.execute(select(sa.func.coalesce(sa.func.max(table.c.id), 0))).scalar_one()) + 1
        ids = list(range(first, first + len(rows)))
        session.execute(sa.insert(table), [{**row, "id": number} for row, number in zip(rows, ids, strict=True)])
        return ids
    statement = sa.insert(table).returning(table.c.id, sort_by_parameter_order=True)
    return list(session.execute(statement, [dict(row) for row in rows]).scalars())


def check_version(row: Any, expected: int | None) -> None:
    """Raise StaleVersion when the writer has seen another version than the one stored; None means: do not check."""
    if expected is not None and row.version != expected:
        raise StaleVersion(current=row.version, expected=expected)
