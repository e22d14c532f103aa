"""Keeping searches and following records, and the pass that tells what is new."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from urllib.parse import urlencode

from pydantic import BaseModel, ConfigDict, Field
from sqlmodel import Session, col, delete, select

from services.accounts.schemas import Text
from services.follows.models import Follow, SavedSearch
from services.ground import clock
from services.ground.actor import ANONYMOUS, Actor
from services.ground.errors import Conflict, DomainError, NotFound
from services.ground.identifiers import path_of
from services.ground.market import Market
from services.ground.permissions import require
from services.listings import service as listings
from services.listings.schemas import ListingView
from services.matching import service as matching
from services.notices import service as notices

LOOKED_AT = 50
PART = 500
MOST = 50
"""So many searches a person can keep."""


class SearchIn(BaseModel):
    """A search to be kept."""

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={"example": {"name": "茶籽粕综合利用", "words": "茶籽粕", "filters": {"kind": ["result"]}}},
    )
    name: Text = Field(min_length=1, max_length=100)
    words: Text = Field(default="", max_length=2000)
    filters: dict[str, list[str]] = {}


class SearchRow(BaseModel):
    """A kept search of one's own."""

    id: int
    name: str
    words: str
    filters: dict[str, list[str]]
    created_at: datetime


class FollowRow(BaseModel):
    """A record one follows, as it stands now."""

    code: str
    title: str
    url: str
    kind: str
    state: str


def keep(session: Session, actor: Actor, data: SearchIn) -> int:
    """Keep a search; what is published from now on is told. Raises Conflict beyond the number one may keep."""
    require(actor, "account.use")
    kept = searches(session, actor)
    same = next((row for row in kept if (row.words, row.filters) == (data.words, data.filters)), None)
    if same:
        return same.id
    if len(kept) >= MOST:
        raise Conflict("too_many_searches", limit=MOST)
    now = clock.now()
    row = SavedSearch(person_id=actor.person_id or 0, seen_at=now, created_at=now, **data.model_dump())
    session.add(row)
    session.flush()
    return row.id or 0


def drop(session: Session, actor: Actor, search_id: int) -> None:
    """Forget a kept search of one's own. Raises NotFound for somebody else's."""
    row = session.get(SavedSearch, search_id)
    if row is None or row.person_id != actor.person_id:
        raise NotFound("search")
    session.delete(row)


def searches(session: Session, actor: Actor) -> list[SearchRow]:
    """List one's kept searches, newest first."""
    require(actor, "account.use")
    statement = select(SavedSearch).where(SavedSearch.person_id == actor.person_id).order_by(col(SavedSearch.id).desc())
    return [SearchRow.model_validate(row, from_attributes=True) for row in session.exec(statement)]


def follow(session: Session, actor: Actor, code: str) -> None:
    """Follow a record that one may see: its changes are told."""
    require(actor, "account.use")
    listings.get_visible(session, actor, code)
    if not is_followed(session, actor, code):
        session.add(
            Follow(
                person_id=actor.person_id or 0,
                code=code,
                seen_version=listings.shown_marks(session, [code])[code],
                created_at=clock.now(),
            )
        )


def unfollow(session: Session, actor: Actor, code: str) -> None:
    """Stop following a record."""
    require(actor, "account.use")
    session.execute(delete(Follow).where(col(Follow.person_id) == actor.person_id, col(Follow.code) == code))


def is_followed(session: Session, actor: Actor, code: str) -> bool:
    """Say whether one follows a record."""
    if actor.person_id is None:
        return False
    statement = select(Follow.id).where(Follow.person_id == actor.person_id, Follow.code == code)
    return session.exec(statement).first() is not None


def followed(session: Session, actor: Actor) -> list[FollowRow]:
    """List the records one follows, those withdrawn since included."""
    require(actor, "account.use")
    statement = select(Follow).where(Follow.person_id == actor.person_id).order_by(col(Follow.id).desc())
    codes = [row.code for row in session.exec(statement)]
    refs = listings.refs(session, codes)
    return [
        FollowRow(code=ref.code, title=ref.title, url=path_of(ref.code), kind=ref.kind, state=ref.state)
        for ref in (refs[code] for code in codes if code in refs)
    ]


def tell(market: Market) -> int:
    """Look for what is new since the last look and tell those who asked; return how many were told.

    The searching is done outside any transaction that writes. A search that fails (the engine is down) is made again
    at the next look.
    """
    with market.database.read() as session:
        kept = session.exec(select(SavedSearch).order_by(col(SavedSearch.id))).all()
        found = [(row.id or 0, news) for row in kept if (news := _news(session, market, row))]
        changed = _changed(session)
    if not found and not changed:
        return 0
    with market.database.write() as session:
        told = sum(_tell_search(session, key, news) for key, news in found)
        return told + sum(_tell_follow(session, key) for key in changed)


def forget(session: Session, person_id: int) -> None:
    """Drop everything a person kept and followed."""
    session.execute(delete(SavedSearch).where(col(SavedSearch.person_id) == person_id))
    session.execute(delete(Follow).where(col(Follow.person_id) == person_id))


def export(session: Session, person_id: int) -> dict[str, Any]:
    """Give what a person kept and followed, for the copy of one's own data."""
    kept = session.exec(select(SavedSearch).where(SavedSearch.person_id == person_id))
    codes = session.exec(select(Follow.code).where(Follow.person_id == person_id))
    rows = [SearchRow.model_validate(row, from_attributes=True).model_dump(mode="json") for row in kept]
    return {"searches": rows, "followed": list(codes)}


def address(words: str, filters: Mapping[str, list[str]]) -> str:
    """Give the page on which a kept search is made again."""
    pairs = [("q", words), *((name, value) for name, values in filters.items() for value in values)]
    return "/search?" + urlencode(pairs)


def _changed(session: Session) -> list[int]:
    """Find the follows whose record is not as it was seen last, so many at a time that memory stays flat."""
    found: list[int] = []
    after = 0
    while rows := session.exec(
        select(Follow.id, Follow.code, Follow.seen_version)
        .where(col(Follow.id) > after)
        .order_by(col(Follow.id))
        .limit(PART)
    ).all():
        marks = listings.shown_marks(session, list({code for _id, code, _seen in rows}))
        found += [number or 0 for number, code, seen in rows if marks.get(code, seen) != seen]
        after = rows[-1][0] or 0
    return found


def _news(session: Session, market: Market, row: SavedSearch) -> list[ListingView]:
    try:
        asked = matching.Asked(row.words, row.filters, "published", limit=LOOKED_AT, facets=(), counted=False)
        found = matching.search(session, ANONYMOUS, market, asked)
    except DomainError:
        return []
    if found.relaxed:
        return []
    return [item for item in found.items if item.published_at and item.published_at > row.seen_at]


def _tell_search(session: Session, search_id: int, news: list[ListingView]) -> int:
    row = session.get(SavedSearch, search_id)
    if row is None:
        return 0
    row.seen_at = max(item.published_at for item in news if item.published_at)
    session.add(row)
    url = news[0].url if len(news) == 1 else address(row.words, row.filters) + "&sort=published"
    params = {"name": row.name, "n": len(news)}
    return notices.notify(session, "search_new", params, url=url, person_id=row.person_id)


def _tell_follow(session: Session, follow_id: int) -> int:
    row = session.get(Follow, follow_id)
    if row is None:
        return 0
    ref = listings.find(session, row.code)
    row.seen_version = listings.shown_marks(session, [row.code])[row.code]
    session.add(row)
    params = {"title": ref.title, "state": ref.state}
    return notices.notify(session, "followed_changed", params, url=path_of(ref.code), person_id=row.person_id)
