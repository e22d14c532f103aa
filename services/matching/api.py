"""Routes of matching; those of search stand in search_api.py."""

from typing import Annotated

from fastapi import APIRouter, Query

from services.ground.errors import NotFound
from services.ground.web import CurrentActor, ReadSession, TheMarket, access
from services.matching import service
from services.matching.schemas import MatchesOut

router = APIRouter(prefix="/api/v1", tags=["matching"])
Some = Annotated[list[str] | None, Query(max_length=60)]
Rows = Annotated[int, Query(ge=1, le=100)]


@router.get("/needs/{code}/matches", summary="对得上的成果", **access("listing.see", "read"))
def need_matches(
    code: str, session: ReadSession, actor: CurrentActor, market: TheMarket, kind: Some = None, limit: Rows = 20
) -> MatchesOut:
    """List results and patents that fit a need, best first, with reasons and parameters side by side."""
    if not code.startswith("N-"):
        raise NotFound("need", code)
    return service.matches(session, actor, market, code, kinds=tuple(kind or ()), limit=limit)


@router.get("/results/{code}/matches", summary="对得上的需求", **access("listing.see", "read"))
def result_matches(
    code: str, session: ReadSession, actor: CurrentActor, market: TheMarket, limit: Rows = 20
) -> MatchesOut:
    """List needs that a result fits, best first."""
    if not code.startswith("R-"):
        raise NotFound("result", code)
    return service.matches(session, actor, market, code, limit=limit)
