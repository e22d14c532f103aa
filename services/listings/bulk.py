"""Records by the thousand: staged invisibly under a batch, switched on together, taken back together."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from sqlmodel import Session, col, delete, select, update

from services.ground import audit, clock, market, outbox
from services.ground.actor import Actor
from services.ground.database import UtcDateTime, insert_many
from services.ground.errors import Conflict, Invalid
from services.ground.identifiers import PREFIXES, format_code, next_number
from services.ground.permissions import Thing, may, require
from services.listings.checks import faults_of
from services.listings.models import Listing, ListingMove, ListingVersion, Parameter
from services.listings.schemas import ListingIn


@dataclass(frozen=True)
class StagedRow:
    """One record on its way in. `key` names it for ever: the same key never comes in twice."""

    data: ListingIn
    owner_id: int
    owner_region: str | None
    key: str


@dataclass(frozen=True)
class Held:
    """A record that has a key already: its code, the batch it came with, whether people see it."""

    code: str
    batch: str | None
    visible: bool
    title: str


def check_row(session: Session, data: ListingIn) -> None:
    """Raise Invalid for codes no list knows and a patent number that is none, without looking for doubles."""
    faults, _number = faults_of(session, data)
    if faults:
        raise Invalid(faults)


def may_import_for(actor: Actor, owner_id: int, region_code: str | None) -> bool:
    """Say whether the actor may bring records in for an organisation."""
    return may(
        actor, "listing.import", Thing("listing", organisation_ids=frozenset({owner_id}), region_code=region_code)
    )


def held(session: Session, keys: Sequence[str], numbers: Sequence[str]) -> dict[str, Held]:
    """Find the records that have one of these import keys or patent numbers; by key, or by number."""
    newest = sa.func.coalesce(Listing.working_version, Listing.published_version)
    columns: list[Any] = [Listing.import_key, Listing.number, Listing.code, Listing.batch, Listing.visible]
    columns.append(ListingVersion.title)
    statement = (
        sa.select(*columns)
        .join(ListingVersion, (col(ListingVersion.listing_id) == Listing.id) & (ListingVersion.n == newest))
        .where(col(Listing.import_key).in_(keys) | col(Listing.number).in_(numbers))
    )
    found: dict[str, Held] = {}
    for key, number, code, batch, visible, title in session.execute(statement):
        for name in (key, number):
            if name:
                found[name] = Held(code, batch, bool(visible), title)
    return found


def stage(session: Session, actor: Actor, kind: str, rows: Sequence[StagedRow], batch: str) -> list[str]:
    """Write a chunk of records that nobody sees until `switch_on`; return their codes.

    Raises Forbidden for an owner the actor may not import for, Invalid for unknown codes. The caller has left out what
    `held` knows.
    """
    if not rows:
        return []
    for owner, region in {(row.owner_id, row.owner_region) for row in rows}:
        require(actor, "listing.import", Thing("listing", organisation_ids=frozenset({owner}), region_code=region))
    now, year, demo = clock.now(), clock.today().year, market.is_demo(session)
    first = next_number(session, PREFIXES[kind], count=len(rows))
    heads, codes = [], []
    for offset, row in enumerate(rows):
        faults, number = faults_of(session, row.data)
        if faults:
            raise Invalid(faults)
        codes.append(format_code(PREFIXES[kind], year, first + offset))
        heads.append(
            {
                "code": codes[-1],
                "kind": kind,
                "owner_id": row.owner_id,
                "state": "draft",
                "visible": False,
                "number": number,
                "region_code": row.data.region_code or row.owner_region,
                "working_version": 1,
                "version": 1,
                "created_at": now,
                "created_by": actor.person_id,
                "on_behalf_of_id": row.owner_id if row.owner_id not in actor.organisation_ids else None,
                "reasons": "",
                "import_key": row.key,
                "batch": batch,
                "demo": demo,
            }
        )
    ids = insert_many(session, Listing, heads)
    _write_versions(session, actor, ids, rows)
    audit.record(session, actor, "listing.stage", kind, codes[0], batch=batch, count=len(codes), last=codes[-1])
    return codes


def switch_on(session: Session, actor: Actor, batch: str, *, publish: bool) -> int:
    """Make all records of a batch visible at once: published, or handed to the moderators. Returns how many.

    Raises Forbidden when records are to be published by somebody who moderates none of their regions.
    """
    staged = (col(Listing.batch) == batch, col(Listing.visible).is_(False), col(Listing.state) == "draft")
    if publish:
        for region in session.execute(select(Listing.region_code).where(*staged).distinct()).scalars():
            require(actor, "listing.moderate", Thing("listing", region_code=region))
    now = clock.now()
    moves = [("submit", "draft", "submitted"), ("publish", "submitted", "published")][: 2 if publish else 1]
    for move, before, after in moves:
        values = [col(Listing.id), sa.literal(now, UtcDateTime), sa.literal(actor.person_id, sa.Integer)]
        chosen = select(*values, *map(sa.literal, (move, before, after, ""))).where(*staged)
        names = ["listing_id", "at", "person_id", "move", "from_state", "to_state", "why"]
        session.execute(sa.insert(ListingMove).from_select(names, chosen))
    if publish:
        outbox.add_from(session, "index", select(Listing.code).where(*staged))
        if session.exec(select(Listing.id).where(*staged, Listing.kind != "need")).first():
            outbox.add(session, "wake", batch, batch=True)
    new: dict[str, Any] = {"visible": True, "state": "submitted"}
    if publish:
        new |= {"state": "published", "published_version": 1, "working_version": None}
        new |= {"published_at": now, "confirmed_at": now}
    count = int(session.execute(update(Listing).where(*staged).values(**new)).rowcount)  # type: ignore[attr-defined]
    audit.record(session, actor, "listing.batch_publish", "batch", batch, count=count, published=publish)
    session.flush()
    return count


def drop_staged(session: Session, batch: str, *, limit: int) -> int:
    """Delete up to `limit` records of a batch that was never switched on; nobody has seen them. Returns how many."""
    chosen = select(Listing.id).where(Listing.batch == batch, col(Listing.visible).is_(False), Listing.state == "draft")
    ids = list(session.exec(chosen.limit(limit)))
    if not ids:
        return 0
    versions = select(ListingVersion.id).where(col(ListingVersion.listing_id).in_(ids))
    session.execute(delete(Parameter).where(col(Parameter.version_id).in_(versions)))
    session.execute(delete(ListingVersion).where(col(ListingVersion.listing_id).in_(ids)))
    session.execute(delete(Listing).where(col(Listing.id).in_(ids)))
    session.flush()
    return len(ids)


def codes_of_batch(session: Session, batch: str) -> list[str]:
    """List the codes of a batch."""
    return list(session.exec(select(Listing.code).where(Listing.batch == batch).order_by(col(Listing.id))))


def take_back(session: Session, actor: Actor, batch: str) -> int:
    """Take the records of a batch that was switched on off the market. Returns how many.

    Their addresses answer 410 if they were public, and the same file can come in again. Raises Conflict once somebody
    edited or moved one of them; what other rooms have made of them the caller has asked.
    """
    mine = (col(Listing.batch) == batch, col(Listing.visible).is_(True))
    touched = session.exec(select(Listing.code).where(*mine, col(Listing.version) > 1)).first()
    if touched:
        raise Conflict("batch_depended_on", batch=batch, record=touched)
    outbox.add_from(session, "index", select(Listing.code).where(*mine, Listing.state == "published"))
    new = {"visible": False, "state": "withdrawn", "withdrawn_at": clock.now(), "import_key": None, "number": None}
    count = int(session.execute(update(Listing).where(*mine).values(**new)).rowcount)  # type: ignore[attr-defined]
    audit.record(session, actor, "listing.batch_take_back", "batch", batch, count=count)
    session.flush()
    return count


def owners_of_batch(session: Session, batch: str) -> set[int]:
    """Say which organisations own the records of a batch."""
    return set(session.exec(select(Listing.owner_id).where(Listing.batch == batch).distinct()))


def owners_in_use(session: Session, ids: Collection[int], *, seen: bool = False) -> set[int]:
    """Say which of these organisations own a record; with `seen` one that people can see."""
    statement = select(Listing.owner_id).where(col(Listing.owner_id).in_(ids)).distinct()
    return set(session.exec(statement.where(col(Listing.visible)) if seen else statement))


def _write_versions(session: Session, actor: Actor, ids: list[int], rows: Sequence[StagedRow]) -> None:
    now = clock.now()
    versions = [
        row.data.model_dump(exclude={"kind", "owner", "region_code", "number", "parameters"})
        | {"listing_id": number, "n": 1, "created_at": now, "created_by": actor.person_id}
        for number, row in zip(ids, rows, strict=True)
    ]
    parameters = [
        item.model_dump() | {"version_id": version, "sequence": place}
        for version, row in zip(insert_many(session, ListingVersion, versions), rows, strict=True)
        for place, item in enumerate(row.data.parameters, start=1)
    ]
    insert_many(session, Parameter, parameters)
