"""Batches of imported rows: who brought which file, how far it has come, what stood in the way of a row.

The rows themselves lie in the tables of their capabilities, each marked with the code of its batch and invisible until
the batch is switched on. This room knows the states of a batch and nothing of what its rows are.
"""

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa
from sqlmodel import CheckConstraint, Field, Index, Session, UniqueConstraint, col, delete, func, select

from services.ground import clock
from services.ground.actor import Actor
from services.ground.database import Base, json_column, lock_row, text_column, utc
from services.ground.errors import Conflict, NotFound
from services.ground.identifiers import next_code
from services.ground.permissions import may

STATES = ("checking", "checked", "writing", "stopped", "removing", "done", "refused", "removed", "undone")
MOVES: dict[str, frozenset[str]] = {
    "check": frozenset({"checking", "checked", "stopped"}),
    "write": frozenset({"checking", "checked", "stopped", "writing"}),
    "stop": frozenset({"checking", "writing"}),
    "remove": frozenset({"checking", "checked", "writing", "stopped", "removing"}),
    "undo": frozenset({"done"}),
}
"""move -> the states it is possible from."""
WORKING = frozenset({"checking", "writing", "removing"})
UNFINISHED = frozenset({"checking", "checked", "writing", "stopped", "removing"})
CLAIM_HOLDS = timedelta(seconds=60)
"""A process that said nothing of a batch for so long is taken for dead, and another one goes on."""


class ImportBatch(Base, table=True):
    """One file on its way in."""

    __tablename__ = "import_batch"
    __table_args__ = (CheckConstraint(f"state IN ({', '.join(map(repr, STATES))})", name="state"),)
    id: int | None = Field(default=None, primary_key=True)
    code: str = Field(max_length=20, unique=True)
    kind: str = Field(max_length=20)
    state: str = Field(max_length=12)
    file_name: str = Field(sa_column=text_column(200))
    sha256: str = Field(max_length=64, index=True)
    size: int
    options: dict[str, Any] = Field(default_factory=dict, sa_column=json_column())
    """How the rows are to be read and what is to become of them: mapping, owner, publish, all_or_nothing, again."""
    sheets: list[Any] = Field(default_factory=list, sa_column=json_column())
    """Name, heads and number of rows of every sheet."""
    rows: int = 0
    done: int = 0
    """Rows looked at in the pass that goes on."""
    place: int = Field(default=0, sa_type=sa.BigInteger)
    """Where the next row begins in the kept copy of the file, in bytes."""
    accepted: int = 0
    unchanged: int = 0
    refused: int = 0
    warnings: int = 0
    person_id: int | None = Field(default=None, index=True)
    actor_name: str = Field(default="", max_length=40)
    organisation_id: int | None = None
    on_behalf_of_id: int | None = None
    created_at: datetime = Field(sa_column=utc())
    beat_at: datetime | None = Field(default=None, sa_column=utc(nullable=True))
    claim: str = Field(default="", max_length=80)
    """The process that works on it, as long as `beat_at` is young."""
    finished_at: datetime | None = Field(default=None, sa_column=utc(nullable=True))
    seconds: float = 0.0
    """Time spent on the pass that goes on."""
    error: str = Field(default="", max_length=60)
    """Code of what stopped it."""


class ImportFault(Base, table=True):
    """One finding at one cell: the row did not go in, or it did and somebody should look."""

    __tablename__ = "import_fault"
    __table_args__ = (
        CheckConstraint("severity IN ('refused','warning','candidate')", name="severity"),
        Index(None, "batch_code", "severity", "line"),
    )
    id: int | None = Field(default=None, primary_key=True)
    batch_code: str = Field(max_length=20)
    severity: str = Field(max_length=10)
    line: int
    """Number of the row in the kept copy of the file, from 1."""
    sheet: str = Field(default="", sa_column=text_column(80))
    row: int
    field: str = Field(default="", max_length=60)
    column: str = Field(default="", sa_column=text_column(80))
    letter: str = Field(default="", max_length=4)
    value: str = Field(default="", sa_column=text_column(200))
    code: str = Field(max_length=60)
    params: dict[str, Any] = Field(default_factory=dict, sa_column=json_column())


class ImportProfile(Base, table=True):
    """How the columns of one kind of list are to be read, kept under a name for whoever imports such lists."""

    __tablename__ = "import_profile"
    __table_args__ = (UniqueConstraint("kind", "owner", "name"),)
    id: int | None = Field(default=None, primary_key=True)
    kind: str = Field(max_length=20)
    owner: str = Field(max_length=40)
    """`organisation:7`, `point:431100` (its registrars), `person:12`, or `market` for the operator's."""
    name: str = Field(sa_column=text_column(80))
    mapping: dict[str, Any] = Field(default_factory=dict, sa_column=json_column())
    heads: list[Any] = Field(default_factory=list, sa_column=json_column())
    """The heads it was made for: a list with the same ones is offered this profile."""
    saved_at: datetime = Field(sa_column=utc())


@dataclass(frozen=True)
class NewBatch:
    """What is known of a file before its first row is looked at."""

    kind: str
    file_name: str
    sha256: str
    size: int
    rows: int
    sheets: list[dict[str, Any]] = field(default_factory=list)
    options: dict[str, Any] = field(default_factory=dict)


def begin(session: Session, actor: Actor, new: NewBatch, *, state: str) -> ImportBatch:
    """Enter a batch."""
    row = ImportBatch(
        code=next_code(session, "B"),
        state=state,
        created_at=clock.now(),
        person_id=actor.person_id,
        actor_name="" if actor.person_id else actor.name,
        organisation_id=actor.organisation_id,
        on_behalf_of_id=actor.on_behalf_of_id,
        **new.__dict__,
    )
    session.add(row)
    session.flush()
    return row


def find(session: Session, code: str) -> ImportBatch:
    """Load a batch, whoever asks. Raises NotFound."""
    row = session.exec(select(ImportBatch).where(ImportBatch.code == code)).first() if code.isascii() else None
    if row is None:
        raise NotFound("batch", code)
    return row


def seen(session: Session, actor: Actor, code: str, *, lock: bool = False) -> ImportBatch:
    """Load a batch that is the actor's own, or anybody's for those who look after imports. Raises NotFound."""
    row = find(session, code)
    if not _is_theirs(actor, row):
        raise NotFound("batch", code)
    return locked(session, code) if lock else row


def locked(session: Session, code: str) -> ImportBatch:
    """Load a batch and hold its row to the end of the transaction."""
    row = find(session, code)
    return lock_row(session, ImportBatch, row.id or 0) or row


def listed(session: Session, actor: Actor, *, before: int = 0, limit: int = 50) -> list[ImportBatch]:
    """List batches, newest first: one's own, or all for those who look after imports."""
    statement = select(ImportBatch).order_by(col(ImportBatch.id).desc()).limit(limit)
    if not may(actor, "import.see_all"):
        statement = statement.where(ImportBatch.person_id == actor.person_id)
    if before:
        statement = statement.where(col(ImportBatch.id) < before)
    return list(session.exec(statement))


def unfinished(session: Session, actor: Actor, new: NewBatch) -> ImportBatch | None:
    """Find the batch of the same file, kind and options that this actor began and did not finish."""
    statement = select(ImportBatch).where(
        ImportBatch.sha256 == new.sha256,
        ImportBatch.kind == new.kind,
        ImportBatch.person_id == actor.person_id,
        col(ImportBatch.state).in_(["writing", "stopped"]),
    )
    found = session.exec(statement.order_by(col(ImportBatch.id).desc()))
    return next((row for row in found if row.options == new.options), None)


def check_move(row: ImportBatch, move: str) -> None:
    """Raise Conflict when a batch in this state cannot be moved so."""
    if row.state not in MOVES[move]:
        raise Conflict("batch_move_not_possible", batch=row.code, state=row.state, move=move)


def restart(session: Session, row: ImportBatch, state: str) -> None:
    """Begin a pass over all rows: counts and findings of the pass before are dropped."""
    session.execute(delete(ImportFault).where(col(ImportFault.batch_code) == row.code))
    row.state, row.done, row.place, row.seconds, row.error = state, 0, 0, 0.0, ""
    row.accepted = row.unchanged = row.refused = row.warnings = 0
    row.claim, row.beat_at = "", None
    session.add(row)
    session.flush()


def claim(session: Session, row: ImportBatch, who: str, *, take: bool = False) -> bool:
    """Take a batch to work on it; False while another process is at it. `take` is for one known to be dead."""
    now = clock.now()
    free = not row.claim or row.claim == who or row.beat_at is None or row.beat_at < now - CLAIM_HOLDS
    if not (free or take):
        return False
    row.claim, row.beat_at = who, now
    session.add(row)
    session.flush()
    return True


def end(session: Session, row: ImportBatch, state: str, error: str = "") -> None:
    """Bring a batch to a state in which nobody works on it."""
    row.state, row.error, row.claim, row.beat_at = state, error[:60], "", None
    row.finished_at = clock.now() if state not in UNFINISHED else None
    session.add(row)
    session.flush()


def forget(session: Session, row: ImportBatch) -> None:
    """Delete a batch that never wrote anything, with its findings."""
    session.execute(delete(ImportFault).where(col(ImportFault.batch_code) == row.code))
    session.delete(row)
    session.flush()


def working(session: Session) -> set[str]:
    """Name the batches that somebody is to work on."""
    return set(session.exec(select(ImportBatch.code).where(col(ImportBatch.state).in_(WORKING))))


def finished_before(session: Session, moment: datetime) -> list[str]:
    """List the codes of batches that were finished before a moment."""
    statement = select(ImportBatch.code).where(col(ImportBatch.finished_at) < moment)
    return list(session.exec(statement))


def profiles_query(kind: str, owner: str | None = None) -> Any:
    """Give the query of the mappings that somebody (without `owner`: anybody) keeps for a kind, the last saved first."""
    statement = select(ImportProfile).where(ImportProfile.kind == kind)
    if owner is not None:
        statement = statement.where(ImportProfile.owner == owner)
    return statement.order_by(col(ImportProfile.saved_at).desc())


def faults(
    session: Session, code: str, *, severity: str | None = None, reason: str | None = None, after: int = 0, limit: int
) -> list[ImportFault]:
    """List findings of a batch in the order of its rows; `after` is the id to continue behind."""
    statement = select(ImportFault).where(ImportFault.batch_code == code, col(ImportFault.id) > after)
    if severity:
        statement = statement.where(ImportFault.severity == severity)
    if reason:
        statement = statement.where(ImportFault.code == reason)
    return list(session.exec(statement.order_by(col(ImportFault.id)).limit(limit)))


def fault_counts(session: Session, code: str, severity: str) -> dict[str, int]:
    """Count findings of a batch by their reason, most frequent first."""
    number = func.count()
    statement = (
        select(ImportFault.code, number)
        .where(ImportFault.batch_code == code, ImportFault.severity == severity)
        .group_by(col(ImportFault.code))
        .order_by(number.desc(), col(ImportFault.code))
    )
    return {reason: int(count) for reason, count in session.exec(statement)}


def refused_lines(session: Session, code: str) -> dict[int, list[ImportFault]]:
    """Give the findings that kept rows out, by the number of the row in the kept copy."""
    statement = select(ImportFault).where(
        ImportFault.batch_code == code, col(ImportFault.severity).in_(["refused", "candidate"])
    )
    found: dict[int, list[ImportFault]] = {}
    for row in session.exec(statement.order_by(col(ImportFault.id))):
        found.setdefault(row.line, []).append(row)
    return found


def _is_theirs(actor: Actor, row: ImportBatch) -> bool:
    own = actor.person_id is not None and actor.person_id == row.person_id
    return own or may(actor, "import.see_all")
