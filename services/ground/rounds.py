"""Rounds that are made again and again: the database remembers when each was made last, whoever makes it."""

from datetime import datetime, timedelta

from sqlmodel import Field, Session, select

from services.ground import clock
from services.ground.database import Base, Database, lock_row, utc

LEASE = timedelta(hours=1)
"""A round that was begun and not finished for so long was begun by somebody who died; another one makes it."""


class RoundMade(Base, table=True):
    """When a round was begun and finished last."""

    __tablename__ = "round_made"
    id: int | None = Field(default=None, primary_key=True)
    name: str = Field(max_length=40, unique=True)
    begun_at: datetime = Field(sa_column=utc())
    done_at: datetime | None = Field(default=None, sa_column=utc(nullable=True))


def take(database: Database, name: str, every: timedelta | None = None) -> bool:
    """Begin a round if it is due: once for each day of Asia/Shanghai, or `every` so often. False: another one has it.

    Of two processes that ask at the same moment one begins. What was begun and never finished falls due after LEASE.
    """
    with database.read() as session:
        known = _row(session, name)
        if known is not None and not _is_due(known, every):
            return False
    with database.write() as session:
        row = _row(session, name)
        if row is None:
            # Two that both find no row: the second insert fails on the name, and its caller asks again later.
            session.add(RoundMade(name=name, begun_at=clock.now()))
            return True
        row = lock_row(session, RoundMade, row.id or 0) or row
        if not _is_due(row, every):
            return False
        row.begun_at, row.done_at = clock.now(), None
        session.add(row)
        return True


def finish(database: Database, name: str) -> None:
    """Say that a round that was taken is made."""
    with database.write() as session:
        row = _row(session, name)
        if row is not None:
            row.done_at = clock.now()
            session.add(row)


def _row(session: Session, name: str) -> RoundMade | None:
    return session.exec(select(RoundMade).where(RoundMade.name == name)).first()


def _is_due(row: RoundMade, every: timedelta | None) -> bool:
    now = clock.now()
    if row.done_at is None:
        return not row.begun_at <= now < row.begun_at + (min(every, LEASE) if every else LEASE)
    if every is not None:
        return now >= row.begun_at + every or now < row.begun_at
    return _day(row.begun_at) != _day(now)


def _day(moment: datetime) -> str:
    return moment.astimezone(clock.LAW_ZONE).date().isoformat()
