"""What may become of a record, and what of it may be shown. No I/O."""

from datetime import date, datetime, timedelta

MOVES: dict[str, tuple[frozenset[str], str]] = {
    "submit": (frozenset({"draft", "returned"}), "submitted"),
    "publish": (frozenset({"submitted"}), "published"),
    "return": (frozenset({"submitted"}), "returned"),
    "withdraw": (frozenset({"draft", "submitted", "published", "returned", "fulfilled"}), "withdrawn"),
    "fulfil": (frozenset({"published"}), "fulfilled"),
}
"""move -> (states it starts from, state it leads to). A published record with a working version moves that version."""

PUBLIC_STATES = frozenset({"published", "fulfilled"})
HIDEABLE = ("budget", "owner", "body", "parameters", "deadline")
"""Fields of a listing that can be kept for those in contact."""

FRESH_DAYS = 90
STALE_DAYS = 180


def target(move: str, state: str) -> str | None:
    """Give the state a move leads to, or None when it is not possible from here."""
    sources, goal = MOVES[move]
    return goal if state in sources else None


def state_shown(state: str, deadline: date | None, today: date) -> str:
    """Give the state as people see it: a published need whose date has passed is expired, without any job having run."""
    if state == "published" and deadline is not None and deadline < today:
        return "expired"
    return state


def freshness(confirmed_at: datetime | None, now: datetime) -> str:
    """Say how fresh a record is: fresh (≤ 90 days), ageing, stale (> 180 days)."""
    if confirmed_at is None:
        return "stale"
    age = now - confirmed_at
    if age <= timedelta(days=FRESH_DAYS):
        return "fresh"
    return "ageing" if age <= timedelta(days=STALE_DAYS) else "stale"
