"""Routes of the lists people live in, with the filters of their pages."""

from typing import Annotated, Literal

from fastapi import APIRouter, Depends, Query
from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from services.ground.web import (
    CurrentActor,
    Cursor,
    Limit,
    Page,
    ReadSession,
    WriteSession,
    access,
    decode_cursor,
    encode_cursor,
)
from services.listings import desk
from services.listings.schemas import ListingView

router = APIRouter(prefix="/api/v1", tags=["listings"])
Word = Annotated[str, Query(max_length=100)]


def _asked(kind: Word = "", state: Word = "", q: Word = "", sort: Word = "", assigned: Word = "") -> desk.Asked:
    return desk.Asked(kind, state, q, sort, assigned)


Asked = Annotated[desk.Asked, Depends(_asked)]


class ManyIn(BaseModel):
    """One move of many records."""

    model_config = ConfigDict(
        extra="forbid", json_schema_extra={"example": {"act": "confirm", "codes": ["N-2026-000001"]}}
    )
    act: Literal["submit", "confirm", "fulfil", "withdraw"]
    codes: list[Annotated[str, StringConstraints(max_length=20)]] = Field(max_length=desk.AT_ONCE)
    reasons: Annotated[str, StringConstraints(max_length=1000)] = ""


class DecideIn(BaseModel):
    """One decision about many records of the queue."""

    model_config = ConfigDict(
        extra="forbid", json_schema_extra={"example": {"act": "publish", "codes": ["N-2026-000001"]}}
    )
    act: Literal["publish", "return", "assign"]
    codes: list[Annotated[str, StringConstraints(max_length=20)]] = Field(max_length=desk.AT_ONCE)
    reasons: Annotated[str, StringConstraints(max_length=1000)] = ""
    person: int | None = Field(default=None, ge=1, le=2**31 - 1)


class OutcomeOut(BaseModel):
    """What became of one record; `error` is the code of what stood against it."""

    code: str
    done: bool
    error: str | None = None


@router.get("/desk", summary="我的供需信息", **access("account.use", "read"))
def own(
    session: ReadSession, actor: CurrentActor, asked: Asked, limit: Limit = 50, cursor: Cursor = None
) -> Page[ListingView]:
    """List the records of your organisations and those you wrote for firms, filtered and sorted as on /desk."""
    found = desk.own(session, actor, asked).lines
    start = _place(cursor)
    rows = desk.shown(session, actor, found[start : start + limit])
    return Page(items=rows, next=encode_cursor(start + limit) if len(found) > start + limit else None)


@router.get("/moderation", summary="等审核的", **access("listing.queue", "read"))
def waiting(
    session: ReadSession, actor: CurrentActor, asked: Asked, limit: Limit = 50, cursor: Cursor = None
) -> Page[ListingView]:
    """List what waits for a moderator, filtered and sorted as on /moderation."""
    found = desk.waiting(session, actor, asked).lines
    start = _place(cursor)
    rows = desk.shown(session, actor, found[start : start + limit])
    return Page(items=rows, next=encode_cursor(start + limit) if len(found) > start + limit else None)


@router.post("/desk/moves", summary="一起办", **access("account.use", "listings:write"))
def act(data: ManyIn, session: WriteSession, actor: CurrentActor) -> list[OutcomeOut]:
    """Make one move of up to 1000 records; each is answered for, and what cannot be done stops no other."""
    return _told(desk.act_on(session, actor, data.act, data.codes, reasons=data.reasons))


@router.post("/moderation/moves", summary="一起审", **access("listing.queue", "admin"))
def decide(data: DecideIn, session: WriteSession, actor: CurrentActor) -> list[OutcomeOut]:
    """Publish, return or assign up to 1000 records of the queue; each is answered for."""
    desk.waiting(session, actor, desk.Asked())  # whoever may not see the queue decides nothing in it
    return _told(desk.act_on(session, actor, data.act, data.codes, reasons=data.reasons, person_id=data.person))


def _told(found: list[desk.Outcome]) -> list[OutcomeOut]:
    return [
        OutcomeOut(code=one.code, done=one.error is None, error=one.error.code if one.error else None) for one in found
    ]


def _place(cursor: str | None) -> int:
    place = decode_cursor(cursor, 1)
    return int(place[0]) if place and isinstance(place[0], int) and place[0] > 0 else 0
