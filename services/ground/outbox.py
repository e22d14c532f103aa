"""The outbox: what must follow from a change, written in the same transaction as the change itself.

A row says "this has to be done". It goes when the handler has seen that it is done, not when it was tried. A row that
fails is tried again later and later; after `GIVE_UP_AFTER` tries it is set aside, counted on /metrics and shown to the
administrator, and the others go on.
"""

from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa
import structlog
from sqlmodel import Field, Index, Session, col, delete, func, select

from services.ground import clock
from services.ground.database import Base, Database, UtcDateTime, json_column, utc

log = structlog.get_logger(__name__)

GIVE_UP_AFTER = 12
CHUNK = 500


class OutboxRow(Base, table=True):
    """One thing that has to follow. Several rows for one key are one piece of work."""

    __tablename__ = "outbox"
    __table_args__ = (Index(None, "set_aside", "due_at", "id"),)
    id: int | None = Field(default=None, primary_key=True)
    kind: str = Field(max_length=40)
    key: str = Field(max_length=80)
    payload: dict[str, Any] = Field(default_factory=dict, sa_column=json_column())
    created_at: datetime = Field(sa_column=utc())
    due_at: datetime = Field(sa_column=utc())
    attempts: int = 0
    set_aside: bool = False
    error: str = Field(default="", max_length=300)


@dataclass(frozen=True)
class Work:
    """One row as a handler sees it."""

    id: int
    kind: str
    key: str
    payload: dict[str, Any]


Handler = Callable[[Any, Sequence[Work]], set[int]]
"""(context, work) -> ids of the rows seen to be done. What is missing from the answer is tried again."""

_handlers: dict[str, Handler] = {}


def handler(kind: str) -> Callable[[Handler], Handler]:
    """Name the function that does one kind of work. It must be harmless to do twice."""

    def keep(function: Handler) -> Handler:
        _handlers[kind] = function
        return function

    return keep


def add(session: Session, kind: str, key: str, **payload: Any) -> None:
    """Say, in the caller's transaction, that something has to follow."""
    now = clock.now()
    session.add(OutboxRow(kind=kind, key=key, payload=payload, created_at=now, due_at=now))


def add_from(session: Session, kind: str, keys: Any) -> None:
    """Say for every key that a query gives, in one statement, that something has to follow."""
    now = sa.literal(clock.now(), UtcDateTime)
    keys = keys.subquery()
    payload = sa.literal({}, OutboxRow.__table__.c.payload.type)  # type: ignore[attr-defined]
    chosen = sa.select(sa.literal(kind), keys.c[0], payload, now, now, sa.literal(0), sa.false(), sa.literal(""))
    names = ["kind", "key", "payload", "created_at", "due_at", "attempts", "set_aside", "error"]
    session.execute(sa.insert(OutboxRow).from_select(names, chosen))


def waiting(session: Session) -> dict[str, int]:
    """Count rows that wait and those set aside, and the age in seconds of the oldest that waits."""
    statement = select(OutboxRow.set_aside, func.count(), func.min(OutboxRow.created_at)).group_by(
        col(OutboxRow.set_aside)
    )
    found = {bool(aside): (int(count), oldest) for aside, count, oldest in session.exec(statement)}
    count, oldest = found.get(False, (0, None))
    age = max(0, int((clock.now() - oldest).total_seconds())) if oldest else 0
    return {"waiting": count, "set_aside": found.get(True, (0, None))[0], "oldest_seconds": age}


def drain(database: Database, context: Any, *, limit: int = CHUNK, only: str | None = None) -> int:
    """Do what is due, at most `limit` rows; return how many rows were finished.

    The work itself is done outside any transaction, so that no lock is held while another server answers. Two drains at
    once do some work twice, which handlers allow, and delete each row once.
    """
    now = clock.now()
    with database.read() as session:
        statement = (
            select(OutboxRow)
            .where(col(OutboxRow.set_aside).is_(False), col(OutboxRow.due_at) <= now, *_of_kind(only))
            .order_by(col(OutboxRow.id))
            .limit(limit)
        )
        rows = [Work(row.id or 0, row.kind, row.key, row.payload) for row in session.exec(statement)]
    if not rows:
        return 0
    by_kind: dict[str, list[Work]] = defaultdict(list)
    for row in rows:
        by_kind[row.kind].append(row)
    finished = 0
    for kind, work in by_kind.items():
        done, error = _run(kind, context, work)
        _settle(database, work, done, error)
        finished += len(done)
    return finished


def drain_all(database: Database, context: Any, *, only: str | None = None) -> int:
    """Do all that is due now, or only one kind of it; stop when a round finishes nothing."""
    total = 0
    while finished := drain(database, context, only=only):
        total += finished
    return total


def _of_kind(only: str | None) -> list[Any]:
    return [OutboxRow.kind == only] if only else []


def _run(kind: str, context: Any, work: list[Work]) -> tuple[set[int], str]:
    function = _handlers.get(kind)
    if function is None:
        return set(), f"nobody handles {kind}"
    try:
        return function(context, work), "not seen to be done"
    except Exception as error:
        log.warning("outbox_failed", kind=kind, rows=len(work), error=type(error).__name__)
        if len(work) == 1:
            return set(), type(error).__name__
    done: set[int] = set()
    # One poisoned row must not hold up its neighbours: try them one by one.
    for row in work:
        try:
            done |= function(context, [row])
        except Exception as error:
            log.warning("outbox_row_failed", kind=kind, key=row.key, error=type(error).__name__)
    return done, "failed"


def _settle(database: Database, work: list[Work], done: set[int], error: str) -> None:
    failed = [row.id for row in work if row.id not in done]
    with database.write() as session:
        if done:
            session.execute(delete(OutboxRow).where(col(OutboxRow.id).in_(done)))
        for row in session.exec(select(OutboxRow).where(col(OutboxRow.id).in_(failed))) if failed else ():
            row.attempts += 1
            row.error = error[:300]
            row.due_at = clock.now() + timedelta(seconds=min(2**row.attempts, 300) / 4)
            row.set_aside = row.attempts >= GIVE_UP_AFTER
            if row.set_aside:
                log.error("outbox_set_aside", kind=row.kind, row=row.id, error=row.error)
            session.add(row)
