"""Records as rows of a list, read without the weight of mapped objects: a page of search needs ten of them at once."""

from collections.abc import Collection, Sequence
from datetime import date, datetime, timedelta
from typing import Any, NamedTuple

import sqlalchemy as sa
from sqlmodel import Session, SQLModel

from services.ground import clock
from services.ground.by_ids import ByIds
from services.ground.database import UtcDateTime
from services.listings import rules
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


PARAMETER_FIELDS = ("sequence", "name", "comparison", "low", "high", "unit", "must", "method", "present")


def _columns(model: type[SQLModel], names: Sequence[str]) -> list[sa.Column[Any]]:
    table: sa.Table = model.__table__  # type: ignore[attr-defined]
    return [table.c[name] for name in names]


_HEADS, _WORDINGS = _columns(Listing, Head._fields), _columns(ListingVersion, Wording._fields)
_of_listing, _n = _columns(ListingVersion, ("listing_id", "n"))
_id, _published, _visible = _columns(Listing, ("id", "published_version", "visible"))
_SOME = _id.in_(sa.bindparam("ids", expanding=True))
_PUBLISHED = sa.select(*_HEADS, *_WORDINGS).where(_of_listing == _id, _n == _published, _visible)
_state, _confirmed, _version = _columns(Listing, ("state", "confirmed_at", "version"))


def _stands_since(border: Any) -> sa.ColumnElement[bool]:
    young = sa.or_(_state != "published", _confirmed.is_(None), _confirmed > border)
    return sa.and_(_state.in_(sorted(rules.PUBLIC_STATES)), young)


_ON_SHELF = _stands_since(sa.bindparam("border", type_=UtcDateTime))
_SHELF = _PUBLISHED.where(_SOME, _ON_SHELF)
_SHELF_VERSIONS = sa.select(_id, _version).where(_published.is_not(None), _visible, _SOME, _ON_SHELF)
_OF_VERSION, _SEQUENCE = _columns(Parameter, ("version_id", "sequence"))
_PARAMETERS = sa.select(_OF_VERSION, *_columns(Parameter, PARAMETER_FIELDS)).order_by(_OF_VERSION, _SEQUENCE)


_WIDTH = len(Head._fields)


def _pair(row: Sequence[Any]) -> tuple[Head, Wording]:
    return Head(*row[:_WIDTH]), Wording(*row[_WIDTH:])


_published_by_ids = ByIds(_PUBLISHED, _id, _pair)


def _parameter(row: Sequence[Any]) -> tuple[int, dict[str, Any]]:
    return row[0], dict(zip(PARAMETER_FIELDS, row[1:], strict=True))


_parameters_by_ids = ByIds(_PARAMETERS, _OF_VERSION, _parameter)


def published_rows(session: Session, ids: Sequence[int]) -> list[tuple[Head, Wording]]:
    """Give the published wording of these records, in any order; what was never published is missing."""
    return _published_by_ids(session, ids)


def shelf_rows(session: Session, ids: Collection[int]) -> list[tuple[Head, Wording]]:
    """Give the published wording of those of these records that everybody finds, in any order."""
    if not ids:
        return []
    rows = session.connection().execute(_SHELF, {"ids": list(ids), "border": _border()}).all()
    return [_pair(row) for row in rows]


def shelf_versions(session: Session, ids: Collection[int]) -> dict[int, int]:
    """Give the version of those of these records that everybody finds: what the index should hold of them."""
    if not ids:
        return {}
    rows = session.connection().execute(_SHELF_VERSIONS, {"ids": list(ids), "border": _border()})
    return {row[0]: row[1] for row in rows}


def on_shelf() -> sa.ColumnElement[bool]:
    """Give the condition for records that everybody finds: published or fulfilled, and not archived by age."""
    return _stands_since(_border())


def _border() -> datetime:
    return clock.now() - timedelta(days=rules.ARCHIVE_DAYS)


def parameter_rows(session: Session, version_ids: Sequence[int]) -> list[tuple[int, dict[str, Any]]]:
    """Give the 技术指标 of several wordings, in their order: id of the wording, and the values by name."""
    return _parameters_by_ids(session, version_ids)
