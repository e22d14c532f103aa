"""Decisions about accounts that need no database."""

import hashlib
import hmac
from datetime import datetime, timedelta

from pypinyin import lazy_pinyin
from stdnum.cn import uscc as uscc_rules
from stdnum.exceptions import ValidationError

SESSION_LENGTH = timedelta(hours=12)
SESSION_IDLE = timedelta(hours=2)
THROTTLE_WINDOW = timedelta(minutes=15)
THROTTLE_LIMITS = {"name": 8, "address": 60}
"""Failed sign-ins in a window before the next is refused; an address may stand for a whole office."""


def sort_key(name: str) -> str:
    """Make the stored key that sorts Chinese names as people expect, by pinyin."""
    return " ".join(lazy_pinyin(name.lower()))[:400]


def uscc_fault(value: str) -> str | None:
    """Say what is wrong with a 统一社会信用代码, or None.

    GB 32100-2015. A failed check digit is a warning, not a refusal: codes in real use fail it.
    """
    try:
        uscc_rules.validate(value.upper())
    except ValidationError as error:
        return {"InvalidLength": "uscc_length", "InvalidChecksum": "uscc_check_digit"}.get(
            type(error).__name__, "uscc_form"
        )
    return None


def window_of(now: datetime) -> datetime:
    """Give the start of the throttling window a moment falls in."""
    seconds = int(THROTTLE_WINDOW.total_seconds())
    return datetime.fromtimestamp(int(now.timestamp()) // seconds * seconds, tz=now.tzinfo)


def hash_of(secret: str) -> str:
    """Give what is stored of a token or cookie: its SHA-256. They are random and long, so no salt is needed."""
    return hashlib.sha256(secret.encode()).hexdigest()


def throttle_key(secret: bytes, kind: str, value: str) -> str:
    """Give a key for a name or an address that cannot be read back from the table."""
    return hmac.new(secret, f"{kind}:{value}".encode(), hashlib.sha256).hexdigest()
