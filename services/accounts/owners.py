"""The organisations behind a list of records, read without the weight of mapped objects."""

from collections.abc import Collection
from typing import NamedTuple

import sqlalchemy as sa
from sqlmodel import Session

from services.accounts.models import Organisation
from services.ground.by_ids import ByIds


class Owner(NamedTuple):
    """What a list of records says of the organisation behind each."""

    id: int
    code: str
    name: str
    kind: str


_TABLE: sa.Table = Organisation.__table__  # type: ignore[attr-defined]
_OWNERS = sa.select(*(_TABLE.c[name] for name in Owner._fields))
_owners_by_ids = ByIds(_OWNERS, _TABLE.c.id, Owner._make)


def owners(session: Session, ids: Collection[int]) -> dict[int, Owner]:
    """Give code, name and kind of several organisations at once, by id."""
    return {owner.id: owner for owner in _owners_by_ids(session, ids)}
