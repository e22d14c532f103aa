"""What may become of a record, and what of it may be shown. No I/O."""

from datetime import date, datetime, timedelta
from typing import Any

MOVES: dict[str, tuple[frozenset[str], str]] = {
    "submit": (frozenset({"draft", "returned"}), "submitted"),
    "publish": (frozenset({"submitted"}), "published"),
    "return": (frozenset({"submitted"}), "returned"),
    "withdraw": (frozenset({"draft", "submitted", "published", "returned", "fulfilled"}), "withdrawn"),
    "fulfil": (frozenset({"published"}), "fulfilled"),
}
"""move -> (states it starts from, state it leads to). A published record with a working version moves that version."""

PUBLIC_STATES = frozenset({"published", "fulfilled"})
HIDEABLE = ("budget", "owner", "body", "parameters", "deadline", "tried", "conditions")
"""Fields of a listing that can be kept for those in contact."""

FRESH_DAYS = 90
"""Confirmed within so many days a record is fresh; then its owner is asked."""
ASK_BEFORE_DAYS = 7
STALE_DAYS = 180
"""From here on a record says loudly that nobody confirmed it, and sinks."""
ARCHIVE_DAYS = 365
"""From here on it is archived: readable at its address, no longer found."""


def target(move: str, state: str) -> str | None:
    """Give the state a move leads to, or None when it is not possible from here."""
    sources, goal = MOVES[move]
    return goal if state in sources else None


def state_shown(state: str, ends: date | None, today: date, confirmed_at: datetime | None = None) -> str:
    """Give the state as people see it, without any job having run.

    A published record is expired once its date has passed (the deadline of a need, the end of a patent's protection),
    and archived once nobody has confirmed it for a year.
    """
    if state != "published":
        return state
    if ends is not None and ends < today:
        return "expired"
    if confirmed_at is not None and confirmed_at.date() + timedelta(days=ARCHIVE_DAYS) < today:
        return "archived"
    return state


def ends_on(kind: str, deadline: date | None, details: dict[str, Any]) -> date | None:
    """Give the day a record ends by itself: a need's deadline, a patent's expiry (`expires_on`, where it is known)."""
    if kind == "need":
        return deadline
    text = str(details.get("expires_on") or "")
    if kind != "patent" or not text:
        return None
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None


def freshness_bounds(now: datetime) -> list[tuple[str, datetime | None, datetime | None]]:
    """Give each value of `freshness` with the moments between which a record was confirmed: from, and before."""
    fresh, stale = now - timedelta(days=FRESH_DAYS), now - timedelta(days=STALE_DAYS)
    return [("fresh", fresh, None), ("ageing", stale, fresh), ("stale", None, stale)]


def freshness(confirmed_at: datetime | None, now: datetime) -> str:
    """Say how fresh a record is: fresh (≤ 90 days), ageing, stale (> 180 days)."""
    if confirmed_at is None:
        return "stale"
    age = now - confirmed_at
    if age <= timedelta(days=FRESH_DAYS):
        return "fresh"
    return "ageing" if age <= timedelta(days=STALE_DAYS) else "stale"
