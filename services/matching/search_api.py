"""Routes of search: searching, completing, and the curator's words."""

from typing import Annotated, Literal

from fastapi import APIRouter, Depends, Path, Query, Request, Response

from services.ground.errors import BadRequest
from services.ground.web import CurrentActor, ReadSession, TheMarket, WriteSession, access
from services.matching import service
from services.matching.schemas import (
    CompletionsOut,
    QueriesOut,
    SearchOut,
    SynonymIn,
    SynonymOut,
    SynonymsOut,
)

router = APIRouter(prefix="/api/v1/search", tags=["search"])
FILTERS = (
    "kind",
    "chain",
    "subfield",
    "region",
    "maturity",
    "cooperation",
    "freshness",
    "organisation_kind",
    "state_of_patent",
    "organisation",
)
OTHERS = ("q", "sort", "order", "exact", "cursor", "page", "limit")
Some = Annotated[list[str] | None, Query(description="任取其中一个值；可以重复写。")]
Rows = Annotated[int, Query(ge=1, le=100)]


def only_declared(request: Request) -> None:
    """Refuse a parameter that nobody declared, with the list of those that are: a misspelt filter finds too much."""
    for name in request.query_params:
        if name not in FILTERS and name not in OTHERS:
            raise BadRequest("filter_unknown", value=name[:40], allowed="、".join(FILTERS))


@router.get("", summary="搜索", response_model=SearchOut, **access("market.look", "read"))
def search(
    session: ReadSession,
    actor: CurrentActor,
    market: TheMarket,
    _declared: Annotated[None, Depends(only_declared)],
    q: Annotated[str, Query(description='词都要有；"连着的词"，-不要的词，种类:专利，标题:冷榨。')] = "",
    kind: Some = None,
    chain: Some = None,
    subfield: Some = None,
    region: Some = None,
    maturity: Some = None,
    cooperation: Some = None,
    freshness: Some = None,
    organisation_kind: Some = None,
    state_of_patent: Some = None,
    organisation: Some = None,
    sort: Annotated[
        str, Query(max_length=40, description="relevance published confirmed maturity price")
    ] = "relevance",
    order: Annotated[Literal["asc", "desc"], Query(description="相关度只有 desc。")] = "desc",
    exact: Annotated[bool, Query(description="只按原词找，不用同义词。")] = False,
    cursor: Annotated[str | None, Query(max_length=400)] = None,
    page: Annotated[int, Query(ge=1, le=10**9, description="第几页；很后面的页用 cursor。")] = 1,
    limit: Rows = 20,
) -> Response:
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
        "state_of_patent": state_of_patent,
        "organisation": organisation,
    }
    asked = service.Asked(
        q,
        {name: values for name, values in filters.items() if values},
        sort,
        order == "desc",
        cursor,
        page,
        limit,
        exact,
    )
    found = service.search(session, actor, market, asked)
    # Ready bytes: the model was made here, and checking it once more would take as long as the search itself.
    return Response(found.model_dump_json(), media_type="application/json")


@router.get("/completions", summary="输入时的补全", **access("market.look", "read"))
def completions(
    session: ReadSession,
    market: TheMarket,
    response: Response,
    q: Annotated[str, Query(max_length=200, description="开头的字、拼音或拼音首字母：青蒿、qinghao、qhs。")] = "",
    limit: Annotated[int, Query(ge=1, le=20)] = 8,
) -> CompletionsOut:
    """Complete what somebody begins to type: words, organisations, experts and titles of public records."""
    response.headers["Cache-Control"] = "private, max-age=10"
    return CompletionsOut(items=service.complete(session, market, q, limit))


@router.get("/queries", summary="没找到的、没人点的搜索词", **access("search.curate", "admin"))
def queries(
    session: ReadSession,
    actor: CurrentActor,
    sort: Annotated[Literal["empty", "low_click"], Query(description="empty 没找到的；low_click 没人点的。")] = "empty",
    days: Annotated[int, Query(ge=1, le=366)] = 30,
    limit: Annotated[int, Query(ge=1, le=200)] = 50,
) -> QueriesOut:
    """List queries that found nothing or whose records nobody opened; without persons."""
    return QueriesOut(items=service.troubled(session, actor, sort=sort, days=days, limit=limit))


@router.get("/synonyms", summary="本站补的同义词", **access("search.curate", "admin"))
def synonyms(session: ReadSession, actor: CurrentActor) -> SynonymsOut:
    """List the synonyms that this market has added."""
    return SynonymsOut(items=service.added_synonyms(session, actor))


@router.post("/synonyms", status_code=201, summary="补一组同义词", **access("search.curate", "admin"))
def add_synonym(session: WriteSession, actor: CurrentActor, data: SynonymIn, response: Response) -> SynonymOut:
    """Add words for one thing; they hold for the next search."""
    added = service.add_synonym(session, actor, data)
    response.headers["Location"] = f"/api/v1/search/synonyms/{added.id}"
    return added


@router.delete("/synonyms/{number}", status_code=204, summary="撤掉一组同义词", **access("search.curate", "admin"))
def remove_synonym(
    session: WriteSession, actor: CurrentActor, number: Annotated[int, Path(ge=1, le=2**31 - 1)]
) -> None:
    """Take a group of synonyms out of use."""
    service.remove_synonym(session, actor, number)
