"""The organisations behind a list of records, read without the weight of mapped objects."""

from collections.abc import Collection
from typing import NamedTuple

import sqlalchemy as sa
from sqlmodel import Session

from services.accounts.models import Organisation


class Owner(NamedTuple):
    """What a list of records says of the organisation behind each."""

    id: int
    code: str
    name: str
    kind: str


_TABLE: sa.Table = Organisation.__table__  # type: ignore[attr-defined]
_OWNERS = sa.select(*(_TABLE.c[name] for name in Owner._fields)).where(
    _TABLE.c.id.in_(sa.bindparam("ids", expanding=True))
)


def owners(session: Session, ids: Collection[int]) -> dict[int, Owner]:
    """Give code, name and kind of several organisations at once, by id."""
    if not ids:
        return {}
    rows = session.connection().execute(_OWNERS, {"ids": list(ids)}).all()
    return {row[0]: Owner(*row) for row in rows}
