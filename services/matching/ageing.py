"""How records sink that nobody confirmed: the published factors of data/ageing.json. No I/O but the data of the release."""

import json
from datetime import datetime, timedelta
from functools import cache
from pathlib import Path

from search.query import Age

DATA = Path(__file__).parent / "data" / "ageing.json"


@cache
def factors() -> tuple[tuple[int, float], ...]:
    """Give (days since the confirmation, factor), shortest first."""
    rows = json.loads(DATA.read_text(encoding="utf-8"))["factors"]
    return tuple(sorted((int(row["after_days"]), float(row["factor"])) for row in rows))


def factor(confirmed_at: datetime | None, now: datetime) -> float:
    """Say how much of its score a record keeps; one that was never confirmed has nothing to sink from."""
    if confirmed_at is None:
        return 1.0
    return next((kept for days, kept in reversed(factors()) if now - confirmed_at > timedelta(days=days)), 1.0)


def ages(now: datetime) -> tuple[Age, ...]:
    """Give the same to the engines: stretches of the moment of confirmation, youngest first."""
    borders = [int((now - timedelta(days=days)).timestamp()) for days, _kept in factors()]
    lows: list[int | None] = [*borders[1:], None]
    return tuple(Age(kept, low, high) for (_days, kept), low, high in zip(factors(), lows, borders, strict=True))


def days(confirmed_at: datetime | None, now: datetime) -> int | None:
    """Give the age in days of a record that sinks, or None."""
    return (now - confirmed_at).days if confirmed_at is not None and factor(confirmed_at, now) < 1 else None
