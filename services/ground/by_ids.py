"""Rows by their ids, asked of the driver itself: the types are those of the columns, the weight of mapping is left out.

A page of search needs ten rows by key, three times. Beside a bare SELECT the ordinary way of executing a statement costs
three times the statement itself, so these few are prepared once.
"""

from collections.abc import Callable, Collection, Sequence
from typing import Any, Generic, NamedTuple, TypeVar

import sqlalchemy as sa
from pydantic_core import from_json
from sqlmodel import Session

Row = TypeVar("Row")
Process = Callable[[Any], Any]
WIDTHS = (1, 5, 10, 20, 50, 100, 200, 500, 1_000, 2_000, 5_000)
"""Numbers of ids that a statement is prepared for; fewer ids are filled up with the last one."""
_EMPTY: dict[str, Callable[[], Any]] = {"{}": dict, "[]": list}


class _Prepared(NamedTuple):
    """A statement for so many ids, in the words of one driver; what turns its values into ours, by place."""

    sql: str
    names: list[str]
    positional: bool
    processes: list[tuple[int, Process]]


class ByIds(Generic[Row]):
    """One SELECT without parameters, asked for rows whose `key` is one of some ids; `make` turns values into a row."""

    def __init__(
        self, statement: sa.Select[Any], key: sa.ColumnElement[int], make: Callable[[Sequence[Any]], Row]
    ) -> None:
        """Keep the statement; it is prepared when a database is known."""
        self._statement = statement
        self._key = key
        self._make = make
        self._prepared: dict[tuple[str, int], _Prepared] = {}

    def __call__(self, session: Session, ids: Collection[int]) -> list[Row]:
        """Give the rows of these ids in the order of the statement; ids without a row are missing."""
        if not ids:
            return []
        connection = session.connection()
        width = next((width for width in WIDTHS if width >= len(ids)), len(ids))
        key = (connection.dialect.name, width)
        if key not in self._prepared:
            self._prepared[key] = self._prepare(connection.dialect, width)
        prepared = self._prepared[key]
        values = list(ids)
        values += values[-1:] * (width - len(values))
        cursor = connection.connection.cursor()
        try:
            cursor.execute(
                prepared.sql, values if prepared.positional else dict(zip(prepared.names, values, strict=True))
            )
            rows = cursor.fetchall()
        except connection.dialect.loaded_dbapi.Error as error:
            base = connection.dialect.loaded_dbapi.Error
            raise sa.exc.DBAPIError.instance(prepared.sql, None, error, base) from error
        finally:
            cursor.close()
        found = []
        for row in rows:
            cells = list(row)
            for place, process in prepared.processes:
                cells[place] = process(cells[place])
            found.append(self._make(cells))
        return found

    def _prepare(self, dialect: sa.Dialect, width: int) -> _Prepared:
        names = [f"id{number}" for number in range(width)]
        statement = self._statement.where(self._key.in_([sa.bindparam(name) for name in names]))
        compiled = statement.compile(dialect=dialect)
        if set(compiled.params) != set(names):
            raise ValueError("a statement by ids has no other parameters")
        processes: list[tuple[int, Process]] = []
        for place, column in enumerate(self._statement.selected_columns):
            if isinstance(column.type, sa.JSON) and dialect.name == "sqlite":
                processes.append((place, _json))
            elif isinstance(column.type, sa.Float):
                continue  # both drivers give floats
            elif process := column.type.dialect_impl(dialect).result_processor(dialect, None):
                processes.append((place, process))
        return _Prepared(str(compiled), names, compiled.positional, processes)


def _json(value: str | None) -> Any:
    """Read JSON that SQLite keeps as text; most of it is empty."""
    if value is None:
        return None
    empty = _EMPTY.get(value)
    return empty() if empty else from_json(value)
