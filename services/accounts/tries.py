"""Counting what somebody guesses who is signed in already, whichever door the guesses come through."""

from collections.abc import Iterator
from contextlib import contextmanager

from fastapi import Request

from services.accounts import sessions
from services.ground.errors import Invalid
from services.ground.web import market_of

GUESSED = {"password_wrong", "second_factor_wrong"}


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
