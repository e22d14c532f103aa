"""Links that mails carry: each for one purpose, usable once, until it expires. Looking at one uses nothing up."""

import secrets
from datetime import datetime, timedelta

from sqlmodel import Session, col, select, update

from services.accounts import rules
from services.accounts.models import AccountLink
from services.ground import clock
from services.ground.database import lock_row
from services.ground.errors import Conflict, NotFound


def make(session: Session, purpose: str, person_id: int, subject: str, lifetime: timedelta) -> str:
    """Make a link and return the secret part of its address. An older one for the same thing no longer works."""
    now = clock.now()
    older = update(AccountLink).where(
        col(AccountLink.purpose) == purpose,
        col(AccountLink.person_id) == person_id,
        col(AccountLink.subject) == subject,
        col(AccountLink.used_at).is_(None),
        col(AccountLink.expires_at) > now,
    )
    session.execute(older.values(expires_at=now))
    token = secrets.token_urlsafe(32)
    session.add(
        AccountLink(
            purpose=purpose,
            token_hash=rules.hash_of(token),
            person_id=person_id,
            subject=subject,
            created_at=now,
            expires_at=now + lifetime,
        )
    )
    session.flush()
    return token


def look(session: Session, purpose: str, token: str) -> AccountLink:
    """Give a link that still works. Raises NotFound for an unknown one, Conflict for one that was used or ran out."""
    statement = select(AccountLink).where(
        AccountLink.token_hash == rules.hash_of(token), AccountLink.purpose == purpose
    )
    row = session.exec(statement).first()
    if row is None:
        raise NotFound("link")
    if row.used_at is not None:
        raise Conflict("link_used")
    if row.expires_at <= clock.now():
        raise Conflict("link_expired")
    return row


def use(session: Session, purpose: str, token: str) -> AccountLink:
    """Use a link up. Of two who do it at once, one wins; raises as `look` does."""
    row = look(session, purpose, token)
    lock_row(session, AccountLink, row.id or 0)
    row = look(session, purpose, token)
    row.used_at = clock.now()
    session.add(row)
    return row


def asked_since(session: Session, purpose: str, subjects: list[str]) -> dict[str, datetime]:
    """Say when a link about each subject was made last."""
    statement = select(AccountLink.subject, AccountLink.created_at).where(
        AccountLink.purpose == purpose, col(AccountLink.subject).in_(subjects)
    )
    return dict(session.exec(statement.order_by(col(AccountLink.id))).all())
