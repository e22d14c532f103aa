"""Routes of search and matching."""

from typing import Annotated

from fastapi import APIRouter, Query

from services.ground.errors import NotFound
from services.ground.web import CurrentActor, ReadSession, TheMarket, access
from services.matching import service
from services.matching.schemas import MatchesOut, SearchOut

router = APIRouter(prefix="/api/v1", tags=["search"])
Some = Annotated[list[str] | None, Query(max_length=60)]
Rows = Annotated[int, Query(ge=1, le=100)]


@router.get("/search", summary="搜索", **access("market.look", "read"))
def search(
    session: ReadSession,
    actor: CurrentActor,
    market: TheMarket,
    q: Annotated[str, Query(max_length=20_000)] = "",
    kind: Some = None,
    chain: Some = None,
    subfield: Some = None,
    region: Some = None,
    maturity: Some = None,
    cooperation: Some = None,
    freshness: Some = None,
    organisation_kind: Some = None,
    sort: Annotated[str, Query(max_length=40)] = "relevance",
    cursor: Annotated[str | None, Query(max_length=400)] = None,
    limit: Rows = 20,
) -> SearchOut:
    """Find public records over all kinds; every filter takes several values."""
    filters = {
        "kind": kind,
        "chain": chain,
        "subfield": subfield,
        "region": region,
        "maturity": maturity,
        "cooperation": cooperation,
        "freshness": freshness,
        "organisation_kind": organisation_kind,
    }
    given = {name: values for name, values in filters.items() if values}
    return service.search(session, actor, market, q, filters=given, sort=sort, cursor=cursor, limit=limit)


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
