"""Routes of "why firms say no"."""

from typing import Annotated

from fastapi import APIRouter, Query

from services.deals import refusals
from services.ground.web import CurrentActor, ReadSession, WriteSession, access

router = APIRouter(prefix="/api/v1/refusals", tags=["deals"])
Word = Annotated[str, Query(max_length=60)]


@router.get("", summary="为什么说“不”，按创新链", **access("market.look", "read"))
def counted(session: ReadSession, actor: CurrentActor, all_time: bool = False) -> refusals.RefusalsOut:
    """Count the coded reasons of the last twelve months (or of all time) by chain; figures of few organisations are null."""
    return refusals.refusals(session, actor, all_time=all_time)


@router.get("/cases", summary="“不”的每个案例", **access("account.use", "read"))
def cases(
    session: WriteSession,
    actor: CurrentActor,
    source: Word = "",
    reason: Word = "",
    chain: Word = "",
    all_time: bool = False,
) -> list[refusals.CaseOut]:
    """List the cases behind a figure, newest first, at most 200: one's own, or all for those who look after the market."""
    return refusals.cases(session, actor, refusals.Wanted(source, reason, chain, all_time))
