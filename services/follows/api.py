"""Routes of what a person keeps and is told: notices, kept searches, followed records; and of claims and merges."""

from typing import Annotated

from fastapi import APIRouter, File, Form, Path, Query, Response, UploadFile
from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from services.accounts import claims
from services.accounts import service as accounts
from services.follows import service
from services.follows.service import FollowRow, SearchIn, SearchRow
from services.ground.identifiers import path_of
from services.ground.permissions import require
from services.ground.web import (
    CurrentActor,
    Cursor,
    Limit,
    Page,
    ReadSession,
    TheMarket,
    WriteSession,
    access,
    decode_cursor,
    encode_cursor,
)
from services.listings import merging
from services.notices import decisions
from services.notices import service as notices
from services.notices.schemas import ChoiceIn, NoticeOut

router = APIRouter(prefix="/api/v1", tags=["people"])
Number = Annotated[int, Path(ge=1, le=2**31 - 1)]
Reasons = Annotated[str, StringConstraints(max_length=500)]


class UnreadOut(BaseModel):
    """How many notices are unread."""

    unread: int


class FollowIn(BaseModel):
    """A record to be followed."""

    model_config = ConfigDict(extra="forbid", json_schema_extra={"example": {"code": "N-2026-000001"}})
    code: str = Field(max_length=20)


class ClaimOut(BaseModel):
    """A claim that waits for a decision."""

    id: int
    code: str
    title: str
    url: str
    state: str
    person: str
    uscc: str
    note: str
    paper: str


class ClaimMade(BaseModel):
    """The number of the claim that was handed in."""

    id: int


class DecisionIn(BaseModel):
    """The decision on a claim; refusing takes reasons."""

    model_config = ConfigDict(extra="forbid", json_schema_extra={"example": {"accept": True}})
    accept: bool
    reasons: Reasons = ""


class DecidedOut(BaseModel):
    """Which organisation was decided about."""

    code: str
    accepted: bool


class MergeIn(BaseModel):
    """Into which organisation a double goes."""

    model_config = ConfigDict(extra="forbid", json_schema_extra={"example": {"into": "O-2026-000002"}})
    into: str = Field(max_length=20)


class MergedOut(BaseModel):
    """Where the double leads now, and how many records moved along."""

    code: str
    merged_into: str
    records: int


@router.get("/notices", summary="消息", **access("account.use", "read"))
def box(session: ReadSession, actor: CurrentActor, limit: Limit = 50, cursor: Cursor = None) -> Page[NoticeOut]:
    """List your own notices, newest first. A notice is a kind with particulars; its sentence is on the page."""
    place = decode_cursor(cursor, 1)
    before = int(place[0]) if place and isinstance(place[0], int) else None
    rows = notices.box(session, actor, before=before, limit=limit + 1)
    return Page(items=rows[:limit], next=encode_cursor(rows[limit - 1].id) if len(rows) > limit else None)


@router.post("/notices/read", summary="标为已读", **access("account.use", "listings:write"))
def read_notices(
    session: WriteSession, actor: CurrentActor, notice: Annotated[int | None, Query(ge=1, le=2**31 - 1)] = None
) -> UnreadOut:
    """Mark one notice as read, or all of them; say how many are left."""
    notices.read(session, actor, notice)
    session.flush()
    return UnreadOut(unread=notices.unread(session, actor))


@router.get("/notices/choice", summary="怎么通知我", **access("account.use", "read"))
def choice(session: ReadSession, actor: CurrentActor) -> ChoiceIn:
    """Say how you want to be told."""
    return notices.choice_of(session, actor)


@router.put("/notices/choice", summary="改怎么通知我", **access("account.use", "listings:write"))
def choose(data: ChoiceIn, session: WriteSession, actor: CurrentActor) -> ChoiceIn:
    """Choose how you want to be told; what concerns the safety of the account cannot be stopped."""
    notices.choose(session, actor, data)
    session.flush()
    return notices.choice_of(session, actor)


@router.get("/searches", summary="存下的搜索", **access("account.use", "read"))
def searches(session: ReadSession, actor: CurrentActor) -> list[SearchRow]:
    """List your kept searches, newest first; one person keeps at most 50."""
    return service.searches(session, actor)


@router.post("/searches", status_code=201, summary="存一个搜索", **access("account.use", "listings:write"))
def keep(data: SearchIn, session: WriteSession, actor: CurrentActor, response: Response) -> SearchRow:
    """Keep a search; what is published from now on is told. The same search again is the one that is kept."""
    number = service.keep(session, actor, data)
    response.headers["Location"] = f"/api/v1/searches/{number}"
    return next(row for row in service.searches(session, actor) if row.id == number)


@router.delete("/searches/{number}", status_code=204, summary="不再存", **access("account.use", "listings:write"))
def drop(number: Number, session: WriteSession, actor: CurrentActor) -> None:
    """Forget a kept search of your own."""
    service.drop(session, actor, number)


@router.get("/follows", summary="关注的记录", **access("account.use", "read"))
def followed(session: ReadSession, actor: CurrentActor) -> list[FollowRow]:
    """List the records you follow, those withdrawn since included."""
    return service.followed(session, actor)


@router.post("/follows", status_code=201, summary="关注", **access("account.use", "listings:write"))
def follow(data: FollowIn, session: WriteSession, actor: CurrentActor) -> FollowRow:
    """Follow a record that you may see: its changes are told."""
    service.follow(session, actor, data.code)
    session.flush()
    return next(row for row in service.followed(session, actor) if row.code == data.code)


@router.delete("/follows/{code}", status_code=204, summary="不再关注", **access("account.use", "listings:write"))
def unfollow(code: str, session: WriteSession, actor: CurrentActor) -> None:
    """Stop following a record; of one that is not followed nothing happens."""
    service.unfollow(session, actor, code[:20])


@router.get("/claims", summary="等核实的认领", **access("organisation.verify", "admin"))
def waiting(session: ReadSession, actor: CurrentActor) -> list[ClaimOut]:
    """List the claims that you may decide, oldest first."""
    return [
        ClaimOut(
            id=row.id,
            code=row.code,
            title=row.organisation,
            url=path_of(row.code),
            state="waiting",
            person=row.person,
            uscc=row.uscc,
            note=row.note,
            paper=row.file_name,
        )
        for row in claims.waiting(session, actor)
    ]


@router.post("/organisations/{code}/claims", status_code=201, summary="认领", **access("account.use", "listings:write"))
def claim(
    code: str,
    session: WriteSession,
    actor: CurrentActor,
    market: TheMarket,
    paper: Annotated[UploadFile, File()],
    note: Annotated[str, Form(max_length=500)] = "",
) -> ClaimMade:
    """Say that an organisation is yours and hand in the paper that shows it (pdf, png or jpeg)."""
    number = claims.claim(session, actor, market.settings, code, paper.file, paper.filename or "", note)
    return ClaimMade(id=number)


@router.post("/claims/{number}/decide", summary="核实认领", **access("organisation.verify", "admin"))
def decide(number: Number, data: DecisionIn, session: WriteSession, actor: CurrentActor) -> DecidedOut:
    """Accept a claim, or refuse it with reasons; whoever made it is told."""
    code = decisions.decide_claim(session, actor, number, data.reasons, accept=data.accept)
    return DecidedOut(code=code, accepted=data.accept)


@router.post("/organisations/{code}/merge", summary="并入另一家单位", **access("organisation.verify", "admin"))
def merge(code: str, data: MergeIn, session: WriteSession, actor: CurrentActor) -> MergedOut:
    """Merge a double into another organisation: its records and people move along."""
    require(actor, "organisation.verify", accounts.thing_of(accounts.organisation_by_code(session, code)))
    count = merging.merge(session, actor, code, data.into)
    return MergedOut(code=code, merged_into=data.into, records=count)


@router.post("/organisations/{code}/unmerge", summary="拆回合并", **access("organisation.verify", "admin"))
def unmerge(code: str, session: WriteSession, actor: CurrentActor) -> MergedOut:
    """Undo a merge: exactly the records and people that moved go back."""
    return MergedOut(code=code, merged_into="", records=merging.undo(session, actor, code))
