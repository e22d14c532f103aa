"""The second factor: codes of an authenticator (TOTP, RFC 6238) and spare codes for a lost telephone."""

import hashlib
import hmac
import secrets
from collections.abc import Collection, Sequence

import pyotp
from sqlmodel import Session

from services.accounts import sessions
from services.accounts.models import SecondFactor
from services.ground import audit, clock
from services.ground.actor import Actor, Grant
from services.ground.errors import Conflict, Invalid
from services.ground.permissions import require

STEP_SECONDS = 30
WINDOW = 1
"""Codes of one step before and after are taken too: telephones' clocks differ."""
SPARE_CODES = 8


def is_on(session: Session, person_id: int) -> bool:
    """Say whether a person signs in with a second factor."""
    row = session.get(SecondFactor, person_id)
    return row is not None and row.confirmed_at is not None


def is_missing(session: Session, person_id: int, grants: Sequence[Grant], roles: Collection[str]) -> bool:
    """Say whether a person holds a role that needs a second factor, and has none yet."""
    return any(grant.role in roles for grant in grants) and not is_on(session, person_id)


def begin(session: Session, actor: Actor, key: bytes, issuer: str) -> tuple[str, str]:
    """Make a secret that `confirm` turns on; return (secret, address for the authenticator). Raises Conflict when on.

    Asked again before it is confirmed it gives the same secret, so that a page may be opened anew.
    """
    require(actor, "account.use")
    person_id = actor.person_id or 0
    row = session.get(SecondFactor, person_id)
    if row is not None and row.confirmed_at is not None:
        raise Conflict("second_factor_is_on")
    if row is None:
        nonce, secret = secrets.token_hex(16), pyotp.random_base32()
        row = SecondFactor(person_id=person_id, nonce=nonce, masked=_mask(key, nonce, secret), created_at=clock.now())
        session.add(row)
        session.flush()
    secret = _unmask(key, row)
    return secret, pyotp.TOTP(secret).provisioning_uri(name=actor.name, issuer_name=issuer)


def confirm(session: Session, actor: Actor, key: bytes, code: str, password: str) -> list[str]:
    """Turn the second factor on with a first code; return the spare codes, shown this once. Raises Invalid.

    The password is asked for again, here and below: whoever has only a session neither locks its owner out nor goes
    around the second factor.
    """
    require(actor, "account.use")
    row = session.get(SecondFactor, actor.person_id or 0, with_for_update=True)
    if row is None or row.confirmed_at is not None:
        raise Conflict("second_factor_is_on" if row else "second_factor_not_begun")
    sessions.check_own_password(session, actor, password, "password")
    _take(row, key, code)
    spare = _new_spare(row, key)
    row.confirmed_at = clock.now()
    session.add(row)
    audit.record(session, actor, "account.second_factor_on", "person", str(actor.person_id))
    return spare


def check(session: Session, key: bytes, person_id: int, code: str) -> None:
    """Take a code of the authenticator, or a spare one, which is used up. Raises Invalid; no code is taken twice."""
    row = session.get(SecondFactor, person_id, with_for_update=True, populate_existing=True)
    if row is None or row.confirmed_at is None:
        raise Invalid("code", "second_factor_wrong")
    digits = "".join(char for char in code if char.isdigit())
    spare = _spare_hash(key, person_id, digits)
    if len(digits) == 8 and spare in row.spare_hashes:
        row.spare_hashes = [item for item in row.spare_hashes if item != spare]
    else:
        _take(row, key, digits)
    session.add(row)


def renew_spare(session: Session, actor: Actor, key: bytes, code: str, password: str) -> list[str]:
    """Make new spare codes, shown this once; the old ones are worth nothing any more. Raises Invalid."""
    require(actor, "account.use")
    sessions.check_own_password(session, actor, password, "password")
    check(session, key, actor.person_id or 0, code)
    row = session.get_one(SecondFactor, actor.person_id)
    spare = _new_spare(row, key)
    session.add(row)
    audit.record(session, actor, "account.spare_codes", "person", str(actor.person_id))
    return spare


def turn_off(session: Session, actor: Actor, key: bytes, code: str, password: str) -> None:
    """Turn the second factor off, with the password and one last code. Raises Invalid."""
    require(actor, "account.use")
    sessions.check_own_password(session, actor, password, "password")
    check(session, key, actor.person_id or 0, code)
    session.delete(session.get(SecondFactor, actor.person_id))
    audit.record(session, actor, "account.second_factor_off", "person", str(actor.person_id))


def spare_left(session: Session, person_id: int) -> int:
    """Count the spare codes that are left."""
    row = session.get(SecondFactor, person_id)
    return len(row.spare_hashes) if row else 0


def _new_spare(row: SecondFactor, key: bytes) -> list[str]:
    spare = [f"{secrets.randbelow(10**8):08d}" for _n in range(SPARE_CODES)]
    row.spare_hashes = [_spare_hash(key, row.person_id, text) for text in spare]
    return spare


def _take(row: SecondFactor, key: bytes, code: str) -> None:
    totp = pyotp.TOTP(_unmask(key, row), interval=STEP_SECONDS)
    now = int(clock.now().timestamp()) // STEP_SECONDS
    for step in range(now - WINDOW, now + WINDOW + 1):
        if step > row.last_step and hmac.compare_digest(totp.generate_otp(step), code.strip().replace(" ", "")):
            row.last_step = step
            return
    raise Invalid("code", "second_factor_wrong")


def _spare_hash(key: bytes, person_id: int, text: str) -> str:
    """Hash a spare code with the market's key: eight digits hashed alone could be tried through in a minute."""
    return hmac.new(key, f"spare:{person_id}:{text}".encode(), hashlib.sha256).hexdigest()


def _stream(key: bytes, nonce: str) -> bytes:
    return hmac.new(key, f"second-factor:{nonce}".encode(), hashlib.sha256).digest()


def _mask(key: bytes, nonce: str, secret: str) -> str:
    """Mask a secret with a stream that only the market's key makes: a copy of the database alone gives no codes."""
    data = secret.encode()
    return bytes(a ^ b for a, b in zip(data, _stream(key, nonce), strict=False)).hex()


def _unmask(key: bytes, row: SecondFactor) -> str:
    data = bytes.fromhex(row.masked)
    return bytes(a ^ b for a, b in zip(data, _stream(key, row.nonce), strict=False)).decode()
