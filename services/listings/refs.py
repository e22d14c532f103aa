"""Facts of records that other capabilities need: many at a time."""

from collections.abc import Iterable

from sqlmodel import Session, col, func, select

from services.accounts import service as accounts
from services.listings.models import Listing, ListingVersion
from services.listings.schemas import ListingRef

PART = 500


def refs(session: Session, codes: Iterable[str]) -> dict[str, ListingRef]:
    """Give the facts of several records as `find` does, with one question each for so many; what is unknown is missing."""
    wanted = sorted(set(codes))
    shown = func.coalesce(Listing.published_version, Listing.working_version)
    found: dict[str, ListingRef] = {}
    for start in range(0, len(wanted), PART):
        statement = (
            select(Listing, ListingVersion.title, ListingVersion.chain, ListingVersion.subfield)
            .join(ListingVersion, (col(ListingVersion.listing_id) == Listing.id) & (col(ListingVersion.n) == shown))
            .where(col(Listing.code).in_(wanted[start : start + PART]))
            .where(col(Listing.visible) | (col(Listing.state) == "withdrawn"))
        )
        for row, title, chain, subfield in session.exec(statement):
            found[row.code] = ListingRef(
                row.id or 0,
                row.code,
                row.kind,
                title,
                row.owner_id,
                row.state,
                row.region_code,
                chain,
                subfield,
                row.number,
            )
    return found


def ids_of(session: Session, codes: Iterable[str]) -> dict[str, int]:
    """Give the internal ids of codes."""
    rows = session.exec(select(Listing.code, Listing.id).where(col(Listing.code).in_(list(codes))))
    return {code: key or 0 for code, key in rows}


def firms_in(session: Session, region_code: str, subfield: str) -> set[int]:
    """Give the enterprises of a region that this market knows in a field: the owners of any record of theirs there."""
    statement = (
        select(Listing.owner_id)
        .join(ListingVersion, col(ListingVersion.listing_id) == Listing.id)
        .where(Listing.region_code == region_code, ListingVersion.subfield == subfield)
        .distinct()
    )
    owners = accounts.organisations(session, session.exec(statement))
    return {key for key, row in owners.items() if row.kind == "enterprise"}


def by_import_key(session: Session, key: str) -> str | None:
    """Find the record that an import made before; give its code."""
    return session.exec(select(Listing.code).where(Listing.import_key == key)).first()
