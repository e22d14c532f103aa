"""Counting what somebody guesses who is signed in already, whichever door the guesses come through."""

from collections.abc import Iterator
from contextlib import contextmanager

from services.accounts import sessions
from services.ground.errors import Invalid
from services.ground.market import Market

GUESSED = {"password_wrong", "second_factor_wrong"}


@contextmanager
def counted(market: Market, address: str, about: str) -> Iterator[None]:
    """Count wrong passwords and codes that a signed-in browser gives: with a stolen session nobody tries them through.

    No transaction may be open around it. Raises TooMany after too many wrong ones, and what is raised inside.
    """
    with market.database.read() as session:
        sessions.count_try(session, market.settings.secret, about, address)
    try:
        yield
    except Invalid as error:
        if GUESSED & {item.code for item in error.fields}:
            with market.database.write() as session:
                sessions.remember_failure(session, market.settings.secret, about, address)
        raise
