"""The one clock. Everything that asks for the time asks here, so that tests and the demo can set it."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

LAW_ZONE = ZoneInfo("Asia/Shanghai")
"""Dates of law (signed, registered, due) are dates here, wherever the server stands."""

_frozen: datetime | None = None


def now() -> datetime:
    """Say what time it is, as an aware datetime in UTC."""
    return _frozen or datetime.now(UTC)


def today() -> date:
    """Say what date it is in Asia/Shanghai."""
    return now().astimezone(LAW_ZONE).date()


def freeze(at: datetime | None) -> None:
    """Stop the clock at an aware time, or let it run again with None."""
    global _frozen  # noqa: PLW0603 - one clock for the process is the point
    if at is not None and at.tzinfo is None:
        raise ValueError("the clock takes aware times only")
    _frozen = at.astimezone(UTC) if at else None


@contextmanager
def at(moment: datetime) -> Iterator[None]:
    """Stop the clock at `moment` for the length of a block."""
    before = _frozen
    freeze(moment)
    try:
        yield
    finally:
        freeze(before)
