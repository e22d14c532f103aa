"""Who is calling: a session cookie of a browser, or a token of a program."""

from collections.abc import Iterator
from contextlib import contextmanager

from fastapi import Request

from frontend.forms import SESSION_COOKIE, csrf_token
from services.accounts import second_factor, sessions
from services.ground.actor import ANONYMOUS
from services.ground.errors import Forbidden, Invalid, NotSignedIn
from services.ground.web import market_of

GUESSED = {"password_wrong", "second_factor_wrong"}
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


def address_of(request: Request) -> str:
    """Give the caller's address; X-Forwarded-For is believed only from a trusted proxy."""
    peer = request.client.host if request.client else ""
    trusted = {item.strip() for item in market_of(request).settings.trusted_proxies.split(",") if item.strip()}
    if peer in trusted:
        chain = [item.strip() for item in request.headers.get("x-forwarded-for", "").split(",") if item.strip()]
        return next((item for item in reversed(chain) if item not in trusted), peer)
    return peer


@contextmanager
def counted(request: Request, about: str) -> Iterator[None]:
    """Count wrong passwords and codes that a signed-in browser gives: with a stolen session nobody tries them through.

    No transaction may be open around it. Raises TooMany after too many wrong ones, and what is raised inside.
    """
    market, address = market_of(request), address_of(request)
    with market.database.read() as session:
        sessions.count_try(session, market.settings.secret, about, address)
    try:
        yield
    except Invalid as error:
        if GUESSED & {item.code for item in error.fields}:
            with market.database.write() as session:
                sessions.remember_failure(session, market.settings.secret, about, address)
        raise
