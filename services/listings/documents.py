"""Public records as documents of the index, and the walk over all records that keeps both together."""

from collections.abc import Iterable
from datetime import datetime

from sqlmodel import Session, col, select

from search.documents import Document, maturity_band
from services.accounts import service as accounts
from services.ground.actor import ANONYMOUS
from services.listings.models import Listing
from services.listings.rows import shelf_rows
from services.listings.schemas import ListingView
from services.listings.views import view

TOLD = ("plain", "tried", "conditions", "acceptance")
"""What a need tells in its details; it is found by it as far as it is public."""


def documents(session: Session, ids: Iterable[int]) -> dict[int, Document]:
    """Turn records into documents of public text. A record that is not public has none: it leaves the index."""
    pairs = shelf_rows(session, list(ids))
    owners = accounts.owners(session, {row.owner_id for row, _ in pairs})
    shown = view(session, ANONYMOUS, pairs)
    return {
        out.id: _document(out, owners[row.owner_id].kind) for out, (row, _version) in zip(shown, pairs, strict=True)
    }


def public_ids(session: Session, after: int = 0, limit: int = 1000) -> list[int]:
    """Walk the ids of all records, public or not, to compare them with the index."""
    return list(session.exec(select(Listing.id).where(col(Listing.id) > after).order_by(col(Listing.id)).limit(limit)))  # type: ignore[arg-type]


def ids_published_since(session: Session, codes: Iterable[str], since: datetime) -> dict[str, int]:
    """Give the internal ids of those of these codes that were published at that time or later."""
    wanted = select(Listing.code, Listing.id).where(
        col(Listing.code).in_(list(codes)), col(Listing.published_at) >= since
    )
    return {code: key or 0 for code, key in session.exec(wanted)}


def _document(out: ListingView, owner_kind: str) -> Document:
    filters: dict[str, tuple[str, ...]] = {
        "chain": (out.chain,) if out.chain else (),
        "subfield": (out.subfield,) if out.subfield else (),
        "region": (out.region_code,) if out.region_code else (),
        "maturity": maturity_band(out.maturity),
        "organisation_kind": (owner_kind,) if out.owner_name else (),
        "cooperation": tuple(out.cooperation),
        "state_of_patent": (str(out.details["legal_status"]),) if out.details.get("legal_status") else (),
        "organisation": (out.owner_code,) if out.owner_code else (),
    }
    sorts = {
        "published": int(out.published_at.timestamp()) if out.published_at else None,
        "confirmed": int(out.confirmed_at.timestamp()) if out.confirmed_at else None,
        "maturity": out.maturity,
        "price": out.budget_high_fen,
    }
    rows = "；".join(f"{row.name} {row.method}".strip() for row in out.parameters)
    told = [str(out.details[name]) for name in TOLD if out.details.get(name)]
    return Document(
        id=out.id,
        code=out.code,
        kind=out.kind,
        title=out.title,
        organisation=out.owner_name,
        version=out.version,
        body="\n".join(part for part in (out.summary, out.body, *told, rows, out.number or "") if part),
        filters={key: value for key, value in filters.items() if value},
        sorts={key: value for key, value in sorts.items() if value is not None},
    )
