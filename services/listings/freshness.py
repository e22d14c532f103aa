"""Keeping the market fresh: owners are asked, confirm with one link, and what nobody confirms sinks and is archived."""

from datetime import timedelta
from statistics import median

import sqlalchemy as sa
from pydantic import BaseModel
from sqlmodel import Session, col, func, select

from services.accounts import links
from services.accounts import service as accounts
from services.ground import audit, clock, outbox
from services.ground.actor import Actor
from services.ground.database import lock_row
from services.ground.errors import Conflict
from services.listings import rules
from services.listings.models import Listing, ListingVersion
from services.listings.rows import on_shelf
from services.listings.schemas import ListingRef, ListingView
from services.listings.views import by_code, find, view
from services.notices import service as notices

PURPOSE = "confirm"
LINK_LIFETIME = timedelta(days=30)
BATCH = 500


class FreshnessOut(BaseModel):
    """How fresh the market is: published records, median days since somebody confirmed them, share within 90 days."""

    records: int
    median_days: int | None
    share_fresh: float | None


def figures(session: Session) -> FreshnessOut:
    """Say how fresh what is on the shelf is."""
    now = clock.now()
    border, fresh_since = now - timedelta(days=rules.ARCHIVE_DAYS), now - timedelta(days=rules.FRESH_DAYS + 1)
    counted = select(func.count(), func.count(sa.case((col(Listing.confirmed_at) > fresh_since, 1)))).where(
        Listing.state == "published", col(Listing.confirmed_at) > border
    )
    records, fresh = session.exec(counted).one()
    if not records:
        return FreshnessOut(records=0, median_days=None, share_fresh=None)
    # The one or two in the middle are read by the index; an even number lies between the two.
    middle = (
        select(Listing.confirmed_at)
        .where(Listing.state == "published", col(Listing.confirmed_at) > border)
        .order_by(col(Listing.confirmed_at).desc())
        .offset((records - 1) // 2)
        .limit(2 - records % 2)
    )
    ages = [(now - at).days for at in session.exec(middle) if at is not None]
    return FreshnessOut(records=records, median_days=int(median(ages)), share_fresh=round(100 * fresh / records, 1))


def ask_owners(session: Session, after: int = 0) -> int:
    """Ask the owners of records whose review date comes near, a batch from an id on; return the id to continue after.

    Each member of the owner gets a link of their own, once for each time the record was confirmed. 0 means: all done.
    """
    now = clock.now()
    due = now - timedelta(days=rules.FRESH_DAYS - rules.ASK_BEFORE_DAYS)
    statement = (
        select(Listing)
        .where(
            Listing.state == "published",
            col(Listing.confirmed_at) <= due,
            col(Listing.confirmed_at) > now - timedelta(days=rules.ARCHIVE_DAYS),
            col(Listing.id) > after,
        )
        .order_by(col(Listing.id))
        .limit(BATCH)
    )
    rows = list(session.exec(statement))
    asked = links.asked_since(session, PURPOSE, [row.code for row in rows])
    for row in rows:
        last = asked.get(row.code)
        if row.confirmed_at and (last is None or last < row.confirmed_at):
            _ask(session, row, (now - row.confirmed_at).days)
    return rows[-1].id or 0 if len(rows) == BATCH else 0


def _ask(session: Session, row: Listing, days: int) -> None:
    title = find(session, row.code).title
    for person_id, _name in accounts.members(session, row.owner_id):
        token = links.make(session, PURPOSE, person_id, row.code, LINK_LIFETIME)
        params = {"title": title, "days": days}
        notices.notify(session, "review_due", params, url=f"/confirm/{token}", person_id=person_id)


def link_target(session: Session, token: str) -> ListingRef:
    """Say which record a link of a mail is about. Raises NotFound, or Conflict for a link used or expired."""
    return find(session, links.look(session, PURPOSE, token).subject)


def confirm_by_link(session: Session, token: str) -> ListingRef:
    """Confirm a record by the link of a mail, without signing in; the link is used up.

    Raises NotFound, Conflict for a link used or expired, or for a record that is no longer published.
    """
    link = links.use(session, PURPOSE, token)
    row = lock_row(session, Listing, by_code(session, link.subject).id or 0)
    if row is not None and link.person_id not in dict(accounts.members(session, row.owner_id)):
        raise Conflict("link_expired")  # sent to somebody who has left the organisation since
    if row is None or row.state != "published":
        raise Conflict("move_not_possible", record=link.subject, move="confirm", state=row.state if row else "")
    row.confirmed_at = clock.now()
    row.version += 1
    session.add(row)
    outbox.add(session, "index", row.code)
    actor = Actor(person_id=link.person_id, organisation_id=row.owner_id)
    audit.record(session, actor, "listing.confirm", row.kind, row.code, by="link")
    return find(session, row.code)


def reindex_aged(session: Session) -> int:
    """Have records indexed anew whose age crossed a border in the last days: they sink, or leave the index."""
    now, count = clock.now(), 0
    for border in (rules.FRESH_DAYS, rules.STALE_DAYS, rules.ARCHIVE_DAYS):
        statement = select(Listing.code).where(
            Listing.state == "published",
            col(Listing.confirmed_at) <= now - timedelta(days=border),
            col(Listing.confirmed_at) > now - timedelta(days=border + 3),
        )
        count += int(session.execute(select(func.count()).select_from(statement.subquery())).scalar_one())
        outbox.add_from(session, "index", statement)
    return count


def sleeping_needs(session: Session, actor: Actor, limit: int) -> list[ListingView]:
    """List needs that were on the shelf and left it without being met (withdrawn or archived by age), the latest first."""
    statement = (
        select(Listing, ListingVersion)
        .join(
            ListingVersion,
            (col(ListingVersion.listing_id) == Listing.id) & (col(ListingVersion.n) == Listing.published_version),
        )
        .where(Listing.kind == "need", col(Listing.visible), ~on_shelf())
        .order_by(col(Listing.id).desc())
        .limit(limit)
    )
    return view(session, actor, list(session.exec(statement)))
