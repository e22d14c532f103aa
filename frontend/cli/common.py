"""What every command shares: opening the market, who acts, what is printed, and how errors end."""

import json
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import typer
from rich.console import Console
from rich.table import Table

from frontend import logs, schema, texts
from frontend.opening import open_market
from search.engine import SearchError
from services.accounts import service as accounts
from services.accounts import sessions
from services.ground import outbox
from services.ground.actor import Actor, system_actor
from services.ground.errors import DomainError
from services.ground.market import Market
from services.ground.settings import WrongSetting, load
from services.matching import service as matching

console = Console()
AS_JSON = typer.Option(False, "--json", help="One JSON document (or JSON lines) and nothing else.")
AS_USER = typer.Option(None, "--as", metavar="USER", help="Act as this person instead of as operator.")


_written_over: set[str] = set()
"""The label of the progress line that the cursor still stands on."""


def end_progress() -> None:
    """Leave the progress line, so that what follows does not stand on it."""
    if _written_over:
        _written_over.clear()
        print(file=sys.stderr, flush=True)


def refuse(message: str, code: int = 1) -> typer.Exit:
    """Say on stderr why nothing was done, and end with `code`."""
    end_progress()
    print(message, file=sys.stderr)
    return typer.Exit(code)


@contextmanager
def opened(*, migrated: bool = True, writable: bool = True) -> Iterator[Market]:
    """Open the market of the settings. A database that is missing or old ends the command and says `yaosu migrate`."""
    logs.configure("warning")
    try:
        market = open_market(load(), writable=writable)
    except (WrongSetting, SearchError) as error:
        raise refuse(str(error)) from error
    try:
        if migrated and not schema.is_current(market.database):
            raise refuse("the database is missing or older than this program; run: yaosu migrate")
        yield market
    except SearchError as error:
        raise refuse(str(error)) from error
    except DomainError as error:
        # The person at a terminal can mend what a visitor cannot: an engine that is silent says why.
        reason = f"\n  {error.__cause__}" if isinstance(error.__cause__, SearchError) else ""
        raise refuse(explain(error) + reason) from error
    finally:
        market.close()


def drain(market: Market, only: str | None = None) -> None:
    """Let search find what was written before the command ends, unless a running server does that.

    An index that another version of the program made is built anew first, as a server does when it starts.
    """
    if not market.engine.may_write():
        return
    if matching.is_outdated(market):
        print("the search index was made by another version of the program and is built anew", file=sys.stderr)
        matching.reindex(market, counting("reindex"))
    outbox.drain_all(market.database, market, only=only)


def explain(error: DomainError) -> str:
    """Write an error out for a terminal, every field of it."""
    lines = [texts.message_of(error), *(f"  {item.field}: {texts.message_of(item)}" for item in error.fields)]
    return "\n".join(lines)


def actor_named(market: Market, user: str | None) -> Actor:
    """Give the operator, or the person named with --as."""
    if user is None:
        return system_actor("operator", "cli")
    with market.database.read() as session:
        return sessions.actor_of_person(session, accounts.person_by_login(session, user))


def show(rows: list[dict[str, Any]], columns: list[str], *, as_json: bool) -> None:
    """Print rows: a table to people, JSON to programs."""
    end_progress()
    if as_json:
        print(json.dumps(rows, ensure_ascii=False, default=str))
        return
    table = Table(*columns)
    for row in rows:
        table.add_row(*(str(row.get(column, "")) for column in columns))
    console.print(table)


def counting(label: str) -> Callable[[int, int], None]:
    """Make a progress function that writes one line on stderr, over and over."""

    def tell(done: int, total: int) -> None:
        over = bool(total) and done >= total
        _written_over.clear()
        print(
            f"{label}: {done}" + (f" / {total}" if total else ""),
            end="\n" if over else "\r",
            file=sys.stderr,
            flush=True,
        )
        if not over:
            _written_over.add(label)

    return tell
