"""The book of queries: what people search for, what they do not find, what they do not open. Never who they are."""

import re
from datetime import date, timedelta
from typing import Any, Literal

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite
from sqlmodel import Session, col, func

from search import text
from search.query import Query
from services.ground import clock
from services.ground.actor import Actor
from services.ground.market import Market
from services.ground.permissions import require
from services.matching.schemas import QueryOut
from services.matching.search_models import SearchQuery

LONGEST = 80
"""Longer texts are pasted descriptions, no queries that a synonym could help; they may also say too much."""
_TELLS_WHO = re.compile(r"\d{7}|@")
"""Telephone numbers, identity cards and addresses of mail are not kept."""
SEEN_OFTEN = 3
"""From this many searches on it says something that nobody opens a record."""
Sort = Literal["empty", "low_click"]


def note_search(market: Market, query: Query, *, found: bool) -> None:
    """Count a query that was made, in memory; `found` says whether any record held all the words."""
    wording = normal(query.text)
    if wording and not query.numbers and not query.clamped:
        market.tally.add((clock.today(), wording), searches=1, empty=0 if found else 1)


def note_click(market: Market, typed: str) -> None:
    """Count that a record was opened from the list of this query."""
    wording = normal(typed)
    if wording:
        market.tally.add((clock.today(), wording), clicks=1)


def normal(typed: str) -> str:
    """Give the wording under which a query is counted; nothing for what is not kept."""
    wording = " ".join(text.normalise(typed[: LONGEST * 2]).split())
    kept = 0 < len(wording) <= LONGEST and wording.isprintable() and not _TELLS_WHO.search(wording)
    return wording if kept and text.runs(wording) else ""


def write_down(market: Market) -> int:
    """Write what was counted since the last time into the book; return how many lines that were."""
    counted = market.tally.take()
    if not counted:
        return 0
    with market.database.write() as session:
        insert: Any = sqlite.insert if market.database.is_sqlite else postgresql.insert
        rows = [
            {"day": key[0], "query": key[1], **{name: sums.get(name, 0) for name in ("searches", "empty", "clicks")}}  # type: ignore[index]
            for key, sums in counted.items()
        ]
        statement = insert(SearchQuery)
        added = {
            name: getattr(SearchQuery, name) + getattr(statement.excluded, name)
            for name in ("searches", "empty", "clicks")
        }
        session.execute(statement.on_conflict_do_update(index_elements=["day", "query"], set_=added), rows)
    return len(rows)


def troubled(
    session: Session, actor: Actor, *, sort: Sort = "empty", days: int = 30, limit: int = 50
) -> list[QueryOut]:
    """List the queries of the last days that found nothing, or whose records nobody opens, the worst first."""
    require(actor, "search.curate")
    since = clock.today() - timedelta(days=days - 1)
    searches, empty, clicks = (
        func.sum(column) for column in (col(SearchQuery.searches), col(SearchQuery.empty), col(SearchQuery.clicks))
    )
    statement = (
        sa.select(col(SearchQuery.query), searches, empty, clicks, func.max(col(SearchQuery.day)))
        .where(col(SearchQuery.day) >= since)
        .group_by(col(SearchQuery.query))
        .limit(limit)
    )
    if sort == "empty":
        statement = statement.having(empty > 0).order_by(empty.desc(), col(SearchQuery.query))
    else:
        answered = searches - empty
        statement = statement.having(answered >= SEEN_OFTEN).order_by(
            sa.cast(clicks, sa.Float) / answered, answered.desc(), col(SearchQuery.query)
        )
    return [
        QueryOut(query=wording, searches=int(n), empty=int(none), clicks=int(opened), last_day=_day(last))
        for wording, n, none, opened, last in session.execute(statement)
    ]


def _day(value: date | str) -> date:
    return date.fromisoformat(value) if isinstance(value, str) else value
