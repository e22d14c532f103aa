"""Permanent readable codes: N-2026-000123 and its kin."""

import sqlalchemy as sa
import sqlalchemy.dialects.postgresql
import sqlalchemy.dialects.sqlite
from sqlmodel import Field, Session

from services.ground import clock
from services.ground.database import Base

PREFIXES = {
    "need": "N",
    "result": "R",
    "patent": "P",
    "expert": "E",
    "organisation": "O",
    "deal": "D",
    "contract": "C",
    "batch": "B",
}
KIND_OF_PREFIX = {prefix: kind for kind, prefix in PREFIXES.items()}
PLURALS = {
    "need": "needs",
    "result": "results",
    "patent": "patents",
    "expert": "experts",
    "organisation": "organisations",
    "deal": "deals",
    "contract": "contracts",
    "batch": "batches",
}


class Counter(Base, table=True):
    """The last number given out, per prefix and year."""

    __tablename__ = "counter"
    prefix: str = Field(primary_key=True, max_length=4)
    year: int = Field(primary_key=True)
    value: int = Field(default=0)


def next_code(session: Session, prefix: str, *, year: int | None = None, count: int = 1) -> str:
    """Take the next code of a prefix, such as `D-2026-000001`; with `count` take that many and return the first.

    One statement raises the counter, so that two writers can never take the same number. Numbers of a rolled-back
    transaction are given back with it.
    """
    first = next_number(session, prefix, year=year, count=count)
    return format_code(prefix, year or clock.today().year, first)


def next_number(session: Session, prefix: str, *, year: int | None = None, count: int = 1) -> int:
    """Raise the counter by `count` and return the first number taken."""
    year = year or clock.today().year
    table = Counter.__table__  # type: ignore[attr-defined]
    dialect = session.get_bind().dialect.name
    insert = sa.dialects.postgresql.insert(table) if dialect == "postgresql" else sa.dialects.sqlite.insert(table)
    statement = (
        insert.values(prefix=prefix, year=year, value=count)
        .on_conflict_do_update(index_elements=["prefix", "year"], set_={"value": table.c.value + count})
        .returning(table.c.value)
    )
    return int(session.execute(statement).scalar_one()) - count + 1


def format_code(prefix: str, year: int, number: int) -> str:
    """Write a code out."""
    return f"{prefix}-{year}-{number:06d}"


def path_of(code: str) -> str:
    """Give the permanent path of a record's page, `/needs/N-2026-000123`."""
    return f"/{PLURALS[KIND_OF_PREFIX[code.partition('-')[0]]]}/{code}"
