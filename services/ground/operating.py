"""What whoever runs a market does about work that was set aside: see it, try it again, give it up."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlmodel import Session, col, delete, func, select, update

from services.ground import audit, clock
from services.ground.actor import Actor
from services.ground.outbox import OutboxRow
from services.ground.permissions import require

SHOWN = 200


@dataclass(frozen=True)
class Waiting:
    """How much of one kind of work waits, since when, and how much was set aside."""

    kind: str
    waiting: int
    oldest: datetime | None
    set_aside: int


@dataclass(frozen=True)
class Aside:
    """One piece of work that was set aside. Its payload is not shown: a mail's holds an address and a text."""

    id: int
    kind: str
    key: str
    created_at: datetime
    attempts: int
    error: str


def waiting(session: Session, actor: Actor) -> list[Waiting]:
    """Count the work of each kind."""
    require(actor, "market.operate")
    statement = select(OutboxRow.kind, OutboxRow.set_aside, func.count(), func.min(OutboxRow.created_at)).group_by(
        OutboxRow.kind, col(OutboxRow.set_aside)
    )
    found = {(kind, bool(aside)): (int(count), oldest) for kind, aside, count, oldest in session.exec(statement)}
    rows = []
    for kind in sorted({kind for kind, _aside in found}):
        count, oldest = found.get((kind, False), (0, None))
        rows.append(Waiting(kind, count, oldest, found.get((kind, True), (0, None))[0]))
    return rows


def set_aside(session: Session, actor: Actor) -> list[Aside]:
    """List what was set aside, oldest first, at most `SHOWN`."""
    require(actor, "market.operate")
    statement = select(OutboxRow).where(col(OutboxRow.set_aside)).order_by(col(OutboxRow.id)).limit(SHOWN)
    return [
        Aside(row.id or 0, row.kind, row.key, row.created_at, row.attempts, row.error)
        for row in session.exec(statement)
    ]


def try_again(session: Session, actor: Actor, ids: Sequence[int] | None = None) -> int:
    """Put work back among what is due, all of it or some; return how much."""
    require(actor, "market.operate")
    statement = update(OutboxRow).where(*_chosen(ids)).values(set_aside=False, attempts=0, due_at=clock.now())
    count = int(session.execute(statement).rowcount)  # type: ignore[attr-defined]
    audit.record(session, actor, "outbox.try_again", "outbox", "", rows=count)
    return count


def give_up(session: Session, actor: Actor, ids: Sequence[int]) -> int:
    """Forget work that was set aside; return how much."""
    require(actor, "market.operate")
    count = int(session.execute(delete(OutboxRow).where(*_chosen(ids))).rowcount)  # type: ignore[attr-defined]
    audit.record(session, actor, "outbox.give_up", "outbox", "", rows=count)
    return count


def _chosen(ids: Sequence[int] | None) -> list[Any]:
    chosen: list[Any] = [col(OutboxRow.set_aside)]
    return chosen if ids is None else [*chosen, col(OutboxRow.id).in_(ids)]
