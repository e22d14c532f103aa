"""Routes of needs, results, patents and experts. The four nouns share their routes; `noun` says which one is meant."""

from enum import StrEnum
from typing import Annotated

from fastapi import APIRouter, Depends, Response

from services.ground.errors import NotFound
from services.ground.identifiers import KIND_OF_PREFIX
from services.ground.web import (
    CurrentActor,
    Cursor,
    Idempotent,
    IfMatch,
    Limit,
    Page,
    ReadSession,
    WriteSession,
    access,
    decode_cursor,
    encode_cursor,
    once,
    set_etag,
)
from services.listings import service
from services.listings.schemas import ListingBody, ListingView, ReasonsIn

router = APIRouter(prefix="/api/v1", tags=["listings"])


class Noun(StrEnum):
    """The four kinds of listings, as they stand in addresses."""

    needs = "needs"
    results = "results"
    patents = "patents"
    experts = "experts"

    @property
    def kind(self) -> str:
        """The kind of record, in the singular."""
        return self.value.removesuffix("s")


def code_of(noun: Noun, code: str) -> str:
    """Give the code of an address whose noun it fits; a need has no address among the results."""
    if KIND_OF_PREFIX.get(code.partition("-")[0]) != noun.kind:
        raise NotFound(noun.kind, code)
    return code


Code = Annotated[str, Depends(code_of)]


@router.get("/{noun}", summary="清单", **access("listing.see", "read"))
def list_listings(
    noun: Noun,
    session: ReadSession,
    actor: CurrentActor,
    owner: str | None = None,
    limit: Limit = 50,
    cursor: Cursor = None,
) -> Page[ListingView]:
    """List published records of a kind; with `owner` (an organisation's code) all that you may see of that owner."""
    from services.accounts import service as accounts  # noqa: PLC0415

    owner_id = accounts.organisation_by_code(session, owner).id if owner else None
    place = decode_cursor(cursor, 1)
    after = int(place[0]) if place and isinstance(place[0], int) else 0
    rows = service.list_listings(session, actor, noun.kind, owner_id=owner_id, after=after, limit=limit + 1)
    return Page(items=rows[:limit], next=encode_cursor(rows[limit - 1].id) if len(rows) > limit else None)


@router.post("/{noun}", status_code=201, summary="新写一条", **access("listing.create", "listings:write"))
def create_listing(
    noun: Noun, data: ListingBody, session: WriteSession, actor: CurrentActor, key: Idempotent, response: Response
) -> ListingView:
    """Write a new record as a draft. The address says its kind; a `kind` in the body has to fit it."""
    record = data.of(noun.kind)
    code, _new = once(session, actor, key, lambda: service.create(session, actor, record).code)
    out = service.get_visible(session, actor, code, working=True)
    response.headers["Location"] = f"/api/v1/{noun.value}/{code}"
    set_etag(response, out.version)
    return out


@router.get("/{noun}/{code}", summary="一条记录", **access("listing.see", "read"))
def get_listing(
    code: Code, session: ReadSession, actor: CurrentActor, response: Response, working: bool = False
) -> ListingView:
    """Show one record as you may see it; 410 when it was withdrawn. `working` shows the wording being worked on."""
    out = service.get_visible(session, actor, code, working=working)
    set_etag(response, out.version)
    return out


@router.put("/{noun}/{code}", summary="改", **access("listing.edit", "listings:write"))
def edit_listing(
    noun: Noun,
    code: Code,
    data: ListingBody,
    session: WriteSession,
    actor: CurrentActor,
    expected: IfMatch,
    response: Response,
) -> ListingView:
    """Save another wording. Of a published record the published wording stays visible until the new one is accepted."""
    out = service.edit(session, actor, code, data.of(noun.kind), expected)
    set_etag(response, out.version)
    return out


@router.post("/{noun}/{code}/submit", summary="提交审核", **access("listing.submit", "listings:write"))
def submit_listing(code: Code, session: WriteSession, actor: CurrentActor) -> ListingView:
    """Hand a record to the moderators."""
    return service.submit(session, actor, code)


@router.post("/{noun}/{code}/publish", summary="发布", **access("listing.moderate", "admin"))
def publish_listing(code: Code, session: WriteSession, actor: CurrentActor) -> ListingView:
    """Accept the wording submitted: it is what people see from now on."""
    return service.publish(session, actor, code)


@router.post("/{noun}/{code}/return", summary="退回", **access("listing.moderate", "admin"))
def return_listing(code: Code, data: ReasonsIn, session: WriteSession, actor: CurrentActor) -> ListingView:
    """Give a record back with reasons."""
    return service.return_with_reasons(session, actor, code, data.reasons)


@router.post("/{noun}/{code}/withdraw", summary="撤下", **access("listing.withdraw", "listings:write"))
def withdraw_listing(
    code: Code, session: WriteSession, actor: CurrentActor, data: ReasonsIn | None = None
) -> ListingView:
    """Take a record off the market; its address answers 410 from now on."""
    return service.withdraw(session, actor, code, data.reasons if data else "")


@router.post("/{noun}/{code}/fulfil", summary="已解决", **access("listing.edit", "listings:write"))
def fulfil_listing(code: Code, session: WriteSession, actor: CurrentActor) -> ListingView:
    """Say that the need is met or the result is sold."""
    return service.fulfil(session, actor, code)


@router.post("/{noun}/{code}/confirm", summary="确认仍有效", **access("listing.edit", "listings:write"))
def confirm_listing(code: Code, session: WriteSession, actor: CurrentActor) -> ListingView:
    """Say that a record is still right as of now."""
    return service.confirm(session, actor, code)
