"""Records as rows of a list, read without the weight of mapped objects: a page of search needs ten of them at once."""

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any, NamedTuple

import sqlalchemy as sa
from sqlmodel import Session, SQLModel

from services.listings.models import Listing, ListingVersion, Parameter


class Head(NamedTuple):
    """The head of a record, as far as a reader's view of it needs it."""

    id: int
    code: str
    kind: str
    owner_id: int
    state: str
    number: str | None
    region_code: str | None
    published_version: int | None
    working_version: int | None
    working_state: str | None
    version: int
    published_at: datetime | None
    confirmed_at: datetime | None
    reasons: str
    demo: bool
    created_by: int | None
    on_behalf_of_id: int | None


class Wording(NamedTuple):
    """One wording of a record."""

    id: int
    n: int
    title: str
    summary: str
    body: str
    chain: str | None
    subfield: str | None
    maturity: int | None
    budget_low_fen: int | None
    budget_high_fen: int | None
    deadline: date | None
    cooperation: list[Any]
    levels: dict[str, Any]
    details: dict[str, Any]


class ParameterRow(NamedTuple):
    """One 技术指标 of a wording."""

    version_id: int
    sequence: int
    name: str
    comparison: str
    low: float | None
    high: float | None
    unit: str
    must: bool
    method: str
    present: str


def _columns(model: type[SQLModel], names: Sequence[str]) -> list[sa.Column[Any]]:
    table: sa.Table = model.__table__  # type: ignore[attr-defined]
    return [table.c[name] for name in names]


_HEADS, _WORDINGS = _columns(Listing, Head._fields), _columns(ListingVersion, Wording._fields)
_of_listing, _n = _columns(ListingVersion, ("listing_id", "n"))
_id, _published, _visible = _columns(Listing, ("id", "published_version", "visible"))
_PUBLISHED = (
    sa.select(*_HEADS, *_WORDINGS)
    .where(_of_listing == _id, _n == _published, _visible)
    .where(_id.in_(sa.bindparam("ids", expanding=True)))
)
_OF_VERSION, _SEQUENCE = _columns(Parameter, ("version_id", "sequence"))
_PARAMETERS = (
    sa.select(*_columns(Parameter, ParameterRow._fields))
    .where(_OF_VERSION.in_(sa.bindparam("ids", expanding=True)))
    .order_by(_OF_VERSION, _SEQUENCE)
)


def published_rows(session: Session, ids: Sequence[int]) -> list[tuple[Head, Wording]]:
    """Give the published wording of these records, in any order; what was never published is missing."""
    if not ids:
        return []
    rows = session.connection().execute(_PUBLISHED, {"ids": list(ids)}).all()
    width = len(Head._fields)
    return [(Head(*row[:width]), Wording(*row[width:])) for row in rows]


def parameter_rows(session: Session, version_ids: Sequence[int]) -> list[ParameterRow]:
    """Give the parameters of several wordings, in their order."""
    if not version_ids:
        return []
    rows = session.connection().execute(_PARAMETERS, {"ids": list(version_ids)}).all()
    return [ParameterRow(*row) for row in rows]
