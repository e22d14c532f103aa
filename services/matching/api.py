"""Routes of matching; those of search stand in search_api.py."""

from typing import Annotated

from fastapi import APIRouter, Query

from services.ground.errors import NotFound
from services.ground.web import CurrentActor, ReadSession, TheMarket, access
from services.matching import quality, service
from services.matching.match_schemas import MatchesOut, QualityOut, WhyOut

router = APIRouter(prefix="/api/v1", tags=["matching"])
Some = Annotated[list[str] | None, Query(max_length=60)]
Rows = Annotated[int, Query(ge=1, le=100)]


LETTERS = {"need": "N-", "result": "R-", "patent": "P-", "expert": "E-"}


def _of_kind(kind: str, code: str) -> str:
    if not code.startswith(LETTERS[kind]):
        raise NotFound(kind, code)
    return code


@router.get("/needs/{code}/matches", summary="对得上的成果、专利或专家", **access("listing.see", "read"))
def need_matches(
    code: str, session: ReadSession, actor: CurrentActor, market: TheMarket, kind: Some = None, limit: Rows = 20
) -> MatchesOut:
    """List results and patents (or with kind=expert experts) that fit a need, best first, with reasons and parameters."""
    return service.matches(session, actor, market, _of_kind("need", code), kinds=tuple(kind or ()), limit=limit)


@router.get("/needs/{code}/matches/{record}", summary="为什么没有它", **access("listing.see", "read"))
def need_why_not(
    code: str, record: str, session: ReadSession, actor: CurrentActor, market: TheMarket, limit: Rows = 20
) -> WhyOut:
    """Say where a record stands for a need, and where it lost against those that are shown."""
    return service.why_not(session, actor, market, _of_kind("need", code), record, limit)


@router.get("/results/{code}/matches", summary="对得上的需求", **access("listing.see", "read"))
def result_matches(
    code: str, session: ReadSession, actor: CurrentActor, market: TheMarket, limit: Rows = 20
) -> MatchesOut:
    """List needs that a result fits, best first."""
    return service.matches(session, actor, market, _of_kind("result", code), limit=limit)


@router.get("/patents/{code}/matches", summary="用得上这项专利的需求", **access("listing.see", "read"))
def patent_matches(
    code: str, session: ReadSession, actor: CurrentActor, market: TheMarket, limit: Rows = 20
) -> MatchesOut:
    """List needs that a patent fits, best first."""
    return service.matches(session, actor, market, _of_kind("patent", code), limit=limit)


@router.get("/experts/{code}/matches", summary="这位专家帮得上的需求", **access("listing.see", "read"))
def expert_matches(
    code: str, session: ReadSession, actor: CurrentActor, market: TheMarket, limit: Rows = 20
) -> MatchesOut:
    """List needs that an expert may help with, best first."""
    return service.matches(session, actor, market, _of_kind("expert", code), limit=limit)


@router.get("/quality", summary="匹配质量", **access("market.look", "read"))
def quality_of_matching(session: ReadSession) -> QualityOut:
    """Give what was measured last: the labelled set of our own, and the open needs of this market."""
    return quality.latest(session)
