"""Who is calling: a session cookie of a browser, or a token of a program."""

from contextlib import AbstractContextManager

from fastapi import Request

from frontend.forms import SESSION_COOKIE, csrf_token
from services.accounts import second_factor, sessions, tries
from services.ground.actor import ANONYMOUS
from services.ground.errors import Forbidden, NotSignedIn
from services.ground.web import address_of as address_of  # noqa: PLC0414 - the pages ask here
from services.ground.web import market_of

FOR_TOKENS = ("/api/", "/openapi.json", "/metrics")
"""Where a token is taken. Pages state no scopes, so a token that may only read could do there all that its owner may."""
SAFE = {"GET", "HEAD", "OPTIONS"}


def identify(request: Request) -> None:
    """Find the actor of a request and note it. Raises NotSignedIn for a token that is none, Forbidden for a forged write.

    A browser sends its cookie by itself, so writes over the API with a cookie need the CSRF token too; pages check it
    in their forms. A bearer token is sent on purpose and needs none.
    """
    request.state.actor = ANONYMOUS
    market = market_of(request)
    header = request.headers.get("authorization", "")
    if header:
        kind, _, token = header.partition(" ")
        with market.database.read() as session:
            actor = sessions.actor_of_token(session, token.strip()) if kind.lower() == "bearer" else None
        if actor is None:
            raise NotSignedIn("token_unknown")
        if not request.url.path.startswith(FOR_TOKENS):
            raise Forbidden("account.use", "token_for_api_only")
        request.state.actor = actor
        return
    cookie = request.cookies.get(SESSION_COOKIE)
    if cookie:
        with market.database.read() as session:
            found = sessions.actor_of_session(session, cookie)
        if found:
            request.state.actor, request.state.session_id, old = found
            _need_second_factor(request)
            if old:
                with market.database.write() as session:
                    sessions.touch_session(session, request.state.session_id)
    forged = request.headers.get("x-csrf-token") != csrf_token(request)
    if (
        request.method not in SAFE
        and request.url.path.startswith("/api/")
        and not request.state.actor.is_anonymous
        and forged
    ):
        raise Forbidden("account.use", "csrf_missing")


WITHOUT_SECOND_FACTOR = ("/account", "/logout", "/language", "/static/", "/login")


def _need_second_factor(request: Request) -> None:
    """Stop a role that has to sign in with a second factor until it has set one up; its own account stays open."""
    market = market_of(request)
    roles = market.settings.roles_with_second_factor
    actor = request.state.actor
    path = request.url.path
    # A token would go around the second factor, so its page is no part of what stays open.
    if not roles or (path.startswith(WITHOUT_SECOND_FACTOR) and not path.startswith("/account/tokens")):
        return
    with market.database.read() as session:
        missing = second_factor.is_missing(session, actor.person_id, actor.grants, roles)
    if missing:
        raise Forbidden("account.use", "second_factor_required")


def counted(request: Request, about: str) -> AbstractContextManager[None]:
    """Count the wrong passwords and codes of the block by what they are about and by the caller's address."""
    return tries.counted(market_of(request), address_of(request), about)
