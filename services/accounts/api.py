"""Routes of accounts and organisations."""

from typing import Annotated

from fastapi import APIRouter, Path, Query, Request, Response

from services.accounts import service, sessions, shown, tries
from services.accounts.schemas import (
    MeOut,
    NewTokenOut,
    OrganisationIn,
    OrganisationOut,
    PasswordIn,
    SessionOut,
    TokenIn,
    TokenOut,
)
from services.ground.errors import NotSignedIn
from services.ground.web import (
    CurrentActor,
    Cursor,
    Idempotent,
    IfMatch,
    Limit,
    Page,
    ReadSession,
    TheMarket,
    WriteSession,
    access,
    address_of,
    decode_cursor,
    encode_cursor,
    once,
    set_etag,
)

router = APIRouter(prefix="/api/v1", tags=["accounts"])
TokenId = Annotated[int, Path(ge=1, le=2**31 - 1)]


@router.get("/organisations", summary="单位清单", **access("organisation.see", "read"))
def list_organisations(
    session: ReadSession,
    actor: CurrentActor,
    q: Annotated[str, Query(max_length=100)] = "",
    limit: Limit = 50,
    cursor: Cursor = None,
) -> Page[OrganisationOut]:
    """List organisations by name (pinyin order); `q` is a part of the name, a code or a 统一社会信用代码."""
    place = decode_cursor(cursor, 1)
    rows = service.find_organisations(
        session, q.replace("\0", ""), after=str(place[0]) if place else "", limit=limit + 1
    )
    more = encode_cursor(service.place_in_list(rows[limit - 1])) if len(rows) > limit else None
    return Page(items=shown.as_shown(session, actor, rows[:limit]), next=more)


@router.post("/organisations", status_code=201, summary="登记单位", **access("organisation.create", "listings:write"))
def create_organisation(
    data: OrganisationIn, session: WriteSession, actor: CurrentActor, key: Idempotent, response: Response
) -> OrganisationOut:
    """Enter an organisation, unverified."""
    code, _new = once(session, actor, key, lambda: service.create_organisation(session, actor, data).code)
    out = service.organisation_by_code(session, code)
    response.headers["Location"] = f"/api/v1/organisations/{code}"
    set_etag(response, out.version)
    return out


@router.get("/organisations/{code}", summary="一个单位", **access("organisation.see", "read"))
def get_organisation(code: str, session: ReadSession, actor: CurrentActor, response: Response) -> OrganisationOut:
    """Show one organisation, as far as it has agreed to be shown."""
    [out] = shown.as_shown(session, actor, [service.organisation_by_code(session, code)])
    set_etag(response, out.version)
    return out


@router.put("/organisations/{code}", summary="改单位资料", **access("organisation.edit", "listings:write"))
def edit_organisation(
    code: str, data: OrganisationIn, session: WriteSession, actor: CurrentActor, expected: IfMatch, response: Response
) -> OrganisationOut:
    """Change an organisation; send the ETag last seen as If-Match."""
    out = service.edit_organisation(session, actor, code, data, expected)
    set_etag(response, out.version)
    return out


@router.post("/organisations/{code}/verify", summary="核实单位", **access("organisation.verify", "admin"))
def verify_organisation(code: str, session: WriteSession, actor: CurrentActor) -> OrganisationOut:
    """Mark an organisation as verified."""
    return service.verify_organisation(session, actor, code)


@router.get("/me", summary="我是谁", **access("account.use", "read"))
def me(session: ReadSession, actor: CurrentActor) -> MeOut:
    """Say who the caller is, the roles held and the organisation acted for."""
    found = service.organisations(session, actor.organisation_ids)
    return MeOut(
        name=actor.name,
        roles=sorted({grant.role for grant in actor.grants}),
        organisations=[found[key] for key in sorted(found)],
        acting_for=found.get(actor.organisation_id or 0),
    )


@router.post("/me/password", status_code=204, summary="改密码", **access("account.use", "admin"))
def change_password(data: PasswordIn, actor: CurrentActor, request: Request, market: TheMarket) -> None:
    """Change one's password; all other sessions end. Too many wrong ones wait, as they do on the page."""
    keep = getattr(request.state, "session_id", None)
    with (
        tries.counted(market, address_of(request), f"own password {actor.person_id}"),
        market.database.write() as session,
    ):
        sessions.change_password(session, actor, data.old, data.new, keep=keep)


@router.get("/me/sessions", summary="我登录着的地方", **access("account.use", "admin"))
def list_sessions(session: ReadSession, actor: CurrentActor, request: Request) -> Page[SessionOut]:
    """List one's running sessions."""
    return Page(items=sessions.sessions_of(session, actor, getattr(request.state, "session_id", None)))


@router.delete("/me/sessions", status_code=204, summary="全部退出", **access("account.use", "admin"))
def end_sessions(session: WriteSession, actor: CurrentActor) -> None:
    """End all one's sessions."""
    sessions.sign_out_everywhere(session, actor)


@router.delete("/me/sessions/{session_id}", status_code=204, summary="退出一处", **access("account.use", "admin"))
def end_session(session_id: TokenId, session: WriteSession, actor: CurrentActor) -> None:
    """End one session of one's own."""
    sessions.sign_out(session, actor, session_id)


@router.get("/tokens", summary="我的令牌", **access("account.use", "read"))
def list_tokens(session: ReadSession, actor: CurrentActor) -> Page[TokenOut]:
    """List one's tokens, never their text."""
    return Page(items=sessions.tokens_of(session, actor))


@router.post("/tokens", status_code=201, summary="做一个令牌", **access("account.use", "admin"))
def create_token(data: TokenIn, session: WriteSession, actor: CurrentActor) -> NewTokenOut:
    """Make a token; its text is shown this once."""
    if actor.person_id is None:
        raise NotSignedIn
    return sessions.create_token(session, actor, data)


@router.delete("/tokens/{token_id}", status_code=204, summary="作废令牌", **access("account.use", "admin"))
def revoke_token(token_id: TokenId, session: WriteSession, actor: CurrentActor) -> None:
    """End a token of one's own."""
    sessions.revoke_token(session, actor, token_id)
