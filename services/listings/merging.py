"""Two entries of one organisation become one, with their records; it can be undone."""

from sqlmodel import Session, col, select

from services.accounts import claims
from services.accounts import service as accounts
from services.ground import outbox
from services.ground.actor import Actor
from services.listings.models import Listing

PART = 500
"""A university may own tens of thousands of records, a database takes some thousand values in one question."""


def merge(session: Session, actor: Actor, code: str, into: str) -> int:
    """Merge a double into another organisation: its records and people move. Contracts and deals keep what they wrote.

    Raises Forbidden, NotFound, Conflict as `accounts.claims.merge` does. Returns how many records moved.
    """
    double, kept = accounts.organisation_by_code(session, code), accounts.organisation_by_code(session, into)
    rows = session.exec(select(Listing).where(Listing.owner_id == double.id)).all()
    claims.merge(session, actor, code, into, {"listings": [row.code for row in rows]})
    return _give(session, [row.code for row in rows], kept.id)


def undo(session: Session, actor: Actor, code: str) -> int:
    """Undo a merge: exactly the records and people that moved go back."""
    moved = claims.undo_merge(session, actor, code)
    return _give(session, moved.get("listings", []), accounts.organisation_by_code(session, code).id)


def _give(session: Session, codes: list[str], owner_id: int) -> int:
    given = 0
    for start in range(0, len(codes), PART):
        rows = session.exec(select(Listing).where(col(Listing.code).in_(codes[start : start + PART]))).all()
        for row in rows:
            row.owner_id = owner_id
            row.version += 1
            session.add(row)
            outbox.add(session, "index", row.code)
        given += len(rows)
    return given
