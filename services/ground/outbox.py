"""The outbox: what must follow from a change, written in the same transaction as the change itself.

A row says "this has to be done". It goes when the handler has seen that it is done, not when it was tried. A row that
fails is tried again later and later; after `GIVE_UP_AFTER` tries it is set aside, counted on /metrics and shown to the
administrator (/operations), and the others go on. A try is written down before it is made, so that a row that kills or
hangs its worker is set aside too. When the other side is away (`away` of the handler) no try is counted.

On PostgreSQL a worker holds the rows it works on by locks of its connection: others take other rows. The locks go with
the connection, so a worker that dies gives them back at once, and one that hangs after `LEASE_SECONDS`.
"""

import time
from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from weakref import WeakKeyDictionary

import sqlalchemy as sa
import structlog
from sqlmodel import Field, Index, Session, col, delete, func, select

from services.ground import clock
from services.ground.database import Base, Database, UtcDateTime, json_column, utc

log = structlog.get_logger(__name__)

GIVE_UP_AFTER = 12
LONGEST_WAIT = timedelta(minutes=15)
TOGETHER = 2
"""A row tried so often is tried alone from then on: it may be the one that brings its neighbours down."""
CHUNK = 500
LEASE_SECONDS = 120
PAUSE_SECONDS = 5.0
"""So long a kind of work rests in this process after its other side did not answer."""
_LOCK_SPACE = 7 << 48


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
    attempts: int = 0


Handler = Callable[[Any, Sequence[Work]], set[int]]
"""(context, work) -> ids of the rows seen to be done. What is missing from the answer is tried again."""


@dataclass(frozen=True)
class _Handling:
    function: Handler
    away: tuple[type[Exception], ...]
    alone: bool


_handlers: dict[str, _Handling] = {}
_resting: WeakKeyDictionary[Database, dict[str, float]] = WeakKeyDictionary()
"""For each market: kind -> until when (monotonic) this process leaves it alone."""


def handler(kind: str, *, away: tuple[type[Exception], ...] = (), alone: bool = False) -> Callable[[Handler], Handler]:
    """Name the function that does one kind of work. It must be harmless to do twice.

    `away` are the exceptions that say that another server does not answer: the rows wait, and are not to blame.
    `alone`: one row at a time, each settled before the next, for what should not be repeated (mail).
    """

    def keep(function: Handler) -> Handler:
        _handlers[kind] = _Handling(function, away, alone)
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


def drain(
    database: Database, context: Any, *, limit: int = CHUNK, only: str | None = None, lease: int = LEASE_SECONDS
) -> int:
    """Do what is due, at most `limit` rows; return how many rows were finished.

    Nothing that others need is locked while another server answers. Where two drains do the same row all the same (its
    lease ran out), handlers allow it, and the row is deleted once.
    """
    finished = 0
    with _taken(database, limit, only, lease) as rows:
        by_kind: dict[str, list[Work]] = defaultdict(list)
        for row in rows:
            by_kind[row.kind].append(row)
        for kind, work in by_kind.items():
            for part in _parts(kind, work):
                if kind not in _at_rest(database):
                    finished += _do(database, context, kind, part)
    return finished


def drain_all(
    database: Database,
    context: Any,
    *,
    only: str | None = None,
    lease: int = LEASE_SECONDS,
    seconds: float | None = None,
) -> int:
    """Do all that is due now, or only one kind of it; stop when a round finishes nothing, or begins no more after `seconds`."""
    total, start = 0, time.monotonic()
    while True:
        resting = _at_rest(database)
        finished = drain(database, context, only=only, lease=lease)
        total += finished
        if seconds is not None and time.monotonic() - start > seconds:
            return total
        if not finished and _at_rest(database) <= resting:
            return total


def _due(database: Database, only: str | None) -> list[Any]:
    """Say which rows are due. One that seems due long after any wait was written before the clock was set back."""
    now = clock.now()
    resting = _at_rest(database)
    return [
        col(OutboxRow.set_aside).is_(False),
        (col(OutboxRow.due_at) <= now) | (col(OutboxRow.due_at) > now + LONGEST_WAIT),
        *([OutboxRow.kind == only] if only else []),
        *([col(OutboxRow.kind).not_in(resting)] if resting else []),
    ]


def _at_rest(database: Database) -> set[str]:
    return {kind for kind, until in _resting.get(database, {}).items() if until > time.monotonic()}


@contextmanager
def _taken(database: Database, limit: int, only: str | None, lease: int) -> Iterator[list[Work]]:
    """Choose rows that are due and hold them until the end of the block, so that another worker takes others."""
    statement = select(OutboxRow).where(*_due(database, only)).order_by(col(OutboxRow.id))
    if database.is_sqlite:  # one process drains it, and an open transaction would keep the log of the database growing
        with database.read() as session:
            rows = [_work(row) for row in session.exec(statement.limit(limit))]
        yield rows
        return
    with database.read() as session:
        session.execute(
            sa.text("SELECT set_config('idle_in_transaction_session_timeout', :wait, true)"), {"wait": f"{lease}s"}
        )
        wanted = list(
            session.exec(select(OutboxRow.id).where(*_due(database, only)).order_by(col(OutboxRow.id)).limit(4 * limit))
        )
        free: list[int] = []
        for start in range(0, len(wanted), limit):
            free = list(session.execute(_LOCK, {"ids": wanted[start : start + limit], "space": _LOCK_SPACE}).scalars())
            if free:
                break
        # Asked again under the locks: whoever held them before may have finished the rows.
        found = session.exec(statement.where(col(OutboxRow.id).in_(free))) if free else ()
        yield [_work(row) for row in found]


_LOCK = sa.text(
    "SELECT wanted.id FROM unnest(CAST(:ids AS bigint[])) AS wanted(id)"
    " WHERE pg_try_advisory_xact_lock(CAST(:space AS bigint) + wanted.id)"
)


def _work(row: OutboxRow) -> Work:
    return Work(row.id or 0, row.kind, row.key, row.payload, row.attempts)


def _parts(kind: str, work: list[Work]) -> Iterator[list[Work]]:
    """Cut the work into what is tried together: all new rows at once, each suspect by itself."""
    alone = kind in _handlers and _handlers[kind].alone
    if together := [row for row in work if not alone and row.attempts < TOGETHER]:
        yield together
    yield from ([row] for row in work if alone or row.attempts >= TOGETHER)


def _do(database: Database, context: Any, kind: str, work: list[Work]) -> int:
    """Try one part and write down what came of it; return how many rows are done."""
    handling = _handlers.get(kind)
    if handling is None:
        _begin(database, work)
        _settle(database, work, set(), {}, f"nobody handles {kind}")
        return 0
    if work[0].attempts >= GIVE_UP_AFTER:  # tried alone, and nobody lived to say how it went
        _settle(database, work, set(), {}, "its worker ended each time")
        return 0
    _begin(database, work)
    try:
        done, errors = handling.function(context, work), {}
    except handling.away as error:
        log.warning("outbox_other_side_away", kind=kind, error=type(error).__name__)
        _resting.setdefault(database, {})[kind] = time.monotonic() + PAUSE_SECONDS
        _begin(database, work, -1)
        return 0
    except Exception as error:
        log.warning("outbox_failed", kind=kind, rows=len(work), error=type(error).__name__)
        done, errors = set(), {work[0].id: type(error).__name__}
        if len(work) > 1:
            done, errors = _one_by_one(handling, context, work)
    _settle(database, work, done, errors, "not seen to be done")
    return len(done)


def _one_by_one(handling: _Handling, context: Any, work: list[Work]) -> tuple[set[int], dict[int, str]]:
    """Try rows by themselves: one poisoned row must not hold up its neighbours."""
    done: set[int] = set()
    errors: dict[int, str] = {}
    for row in work:
        try:
            done |= handling.function(context, [row])
        except Exception as error:
            log.warning("outbox_row_failed", kind=row.kind, key=row.key, error=type(error).__name__)
            errors[row.id] = type(error).__name__
    return done, errors


def _begin(database: Database, work: list[Work], tries: int = 1) -> None:
    """Write a try down before it is made: a row that ends its worker would else be tried first for ever."""
    table = OutboxRow.__table__  # type: ignore[attr-defined]
    with database.write(quiet=True) as session:
        chosen = sa.update(table).where(table.c.id.in_([row.id for row in work]))
        session.execute(chosen.values(attempts=table.c.attempts + tries))


def _settle(database: Database, work: list[Work], done: set[int], errors: dict[int, str], otherwise: str) -> None:
    failed = [row.id for row in work if row.id not in done]
    with database.write(quiet=True) as session:
        if done:
            session.execute(delete(OutboxRow).where(col(OutboxRow.id).in_(done)))
        for row in session.exec(select(OutboxRow).where(col(OutboxRow.id).in_(failed))) if failed else ():
            row.error = errors.get(row.id or 0, otherwise)[:300]
            row.due_at = clock.now() + min(timedelta(seconds=2**row.attempts / 4), LONGEST_WAIT)
            row.set_aside = row.attempts >= GIVE_UP_AFTER
            if row.set_aside:
                log.error("outbox_set_aside", kind=row.kind, row=row.id, error=row.error)
            session.add(row)
