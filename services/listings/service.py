"""What users do with needs, results, patents and experts: write, submit, publish, return, withdraw, fulfil, confirm."""

from sqlmodel import Session

from services.accounts import service as accounts
from services.ground import audit, clock, market, outbox
from services.ground.actor import Actor
from services.ground.database import check_version, lock_row
from services.ground.errors import Conflict, Invalid
from services.ground.identifiers import PREFIXES, next_code, path_of
from services.ground.permissions import Thing, require
from services.listings import rules
from services.listings.bulk import (
    check_row,
    codes_of_batch,
    drop_staged,
    held,
    may_import_for,
    owners_in_use,
    owners_of_batch,
    stage,
    switch_on,
    take_back,
)
from services.listings.checks import faults_of, normal_number
from services.listings.documents import documents, ids_published_since, public_ids
from services.listings.freshness import sleeping_needs
from services.listings.models import Listing, ListingMove, ListingVersion, Parameter
from services.listings.refs import by_import_key, firms_in, ids_of, refs
from services.listings.rows import shelf_versions
from services.listings.schemas import ListingIn, ListingView
from services.listings.views import (
    by_code,
    by_number,
    counts,
    find,
    get_for_editing,
    get_visible,
    list_listings,
    newest,
    queue,
    shown_marks,
    thing_of,
    version_of,
    visible_by_ids,
)
from services.notices import service as notices

__all__ = [
    "by_import_key",
    "by_number",
    "check_row",
    "codes_of_batch",
    "confirm",
    "counts",
    "create",
    "documents",
    "drop_staged",
    "edit",
    "find",
    "firms_in",
    "fulfil",
    "get_for_editing",
    "get_visible",
    "held",
    "ids_of",
    "ids_published_since",
    "list_listings",
    "may_import_for",
    "minders",
    "newest",
    "normal_number",
    "owners_in_use",
    "owners_of_batch",
    "public_ids",
    "publish",
    "queue",
    "refs",
    "return_with_reasons",
    "shelf_versions",
    "shown_marks",
    "sleeping_needs",
    "stage",
    "submit",
    "switch_on",
    "take_back",
    "visible_by_ids",
    "withdraw",
]


def create(
    session: Session, actor: Actor, data: ListingIn, *, import_key: str | None = None, batch: str | None = None
) -> ListingView:
    """Write a new record as a draft.

    The owner is the organisation named, or the one acted for; a clerk or broker names a firm and both names are kept.
    Raises Invalid for unknown codes and for an owner that is missing, Conflict for a patent number that is known.
    """
    owner_id = _owner(session, actor, data.owner)
    owner = accounts.organisation(session, owner_id)
    region_code = data.region_code or owner.region_code
    # The owner's own region decides who may write for it; the region of the need itself is the writer's word.
    where = Thing("listing", organisation_ids=frozenset({owner_id}), region_code=owner.region_code)
    require(actor, "listing.create", where)
    number = _check(session, data)
    row = Listing(
        code=next_code(session, PREFIXES[data.kind]),
        kind=data.kind,
        owner_id=owner_id,
        number=number,
        region_code=region_code,
        working_version=1,
        created_at=clock.now(),
        created_by=actor.person_id,
        import_key=import_key,
        batch=batch,
        on_behalf_of_id=owner_id if owner_id not in actor.organisation_ids else None,
        demo=market.is_demo(session),
    )
    session.add(row)
    session.flush()
    _write_version(session, actor, row, 1, data)
    audit.record(session, actor, "listing.create", row.kind, row.code, owner_id=owner_id)
    return get_visible(session, actor, row.code, working=True) if not actor.trusted else _shown(session, actor, row)


def edit(session: Session, actor: Actor, code: str, data: ListingIn, expected: int | None = None) -> ListingView:
    """Save another wording.

    Of a published record it becomes a working version; the published one stays visible until the new one is accepted.
    Raises StaleVersion when somebody saved in between, Conflict while a moderator has it.
    """
    row = _locked(session, code)
    require(actor, "listing.edit", thing_of(row))
    check_version(row, expected)
    if row.state in {"withdrawn", "fulfilled", "submitted"} or row.working_state == "submitted":
        raise Conflict("listing_not_editable", record=code, state=row.state)
    if data.kind != row.kind:
        raise Invalid("kind", "kind_fixed", kind=row.kind)
    number = _check(session, data, known=row.number)
    newest = max(row.published_version or 0, row.working_version or 0)
    n = newest + 1
    _write_version(session, actor, row, n, data)
    row.working_version, row.number = n, number or row.number
    row.region_code = data.region_code or row.region_code
    row.working_state = "draft" if row.state == "published" else None
    row.version += 1
    session.add(row)
    audit.record(session, actor, "listing.edit", row.kind, code, version=n)
    return _shown(session, actor, row)


def submit(session: Session, actor: Actor, code: str) -> ListingView:
    """Hand a draft, or the working version of a published record, to the moderators."""
    row = _locked(session, code)
    require(actor, "listing.submit", thing_of(row))
    if row.state == "published" and row.working_version:
        # The published wording stays visible: the head keeps its state, the queue sees the working version.
        return _resubmit(session, actor, row)
    return _move(session, actor, row, "submit")


def publish(session: Session, actor: Actor, code: str) -> ListingView:
    """Accept the working version: from now on it is what people see, and it will be found."""
    row = _locked(session, code)
    require(actor, "listing.moderate", thing_of(row))
    if row.working_version is None:
        raise Conflict("move_not_possible", record=code, move="publish", state=row.state)
    again = row.state == "published" and row.working_state == "submitted"
    if not again:
        _check_move(row, "publish")
    row.published_version, row.working_version = row.working_version, None
    row.published_at = row.published_at or clock.now()
    row.confirmed_at = clock.now()
    row.reasons, row.working_state = "", None
    out = _move(session, actor, row, "publish", forced="published" if again else None)
    if row.kind != "need" and not again:
        outbox.add(session, "wake", row.code)
    _tell_owner(session, actor, row, "listing_published", title=out.title)
    return out


def return_with_reasons(session: Session, actor: Actor, code: str, reasons: str) -> ListingView:
    """Give the working version back with what has to be mended. Raises Invalid without reasons."""
    row = _locked(session, code)
    require(actor, "listing.moderate", thing_of(row))
    if not reasons.strip():
        raise Invalid("reasons", "reasons_missing")
    row.reasons = reasons.strip()
    out = _move(
        session,
        actor,
        row,
        "return",
        why=reasons,
        forced="published" if row.published_version and row.state == "published" else None,
    )
    _tell_owner(session, actor, row, "listing_returned", title=out.title, reasons=row.reasons)
    return out


def withdraw(session: Session, actor: Actor, code: str, reasons: str = "") -> ListingView:
    """Take a record off the market. Its address stays and answers that it was withdrawn."""
    row = _locked(session, code)
    require(actor, "listing.withdraw", thing_of(row))
    row.withdrawn_at = clock.now()
    return _move(session, actor, row, "withdraw", why=reasons)


def fulfil(session: Session, actor: Actor, code: str) -> ListingView:
    """Say that the need is met or the result is sold; it stays readable."""
    row = _locked(session, code)
    require(actor, "listing.edit", thing_of(row))
    return _move(session, actor, row, "fulfil")


def confirm(session: Session, actor: Actor, code: str) -> ListingView:
    """Say that a record is still right as of now."""
    row = _locked(session, code)
    require(actor, "listing.edit", thing_of(row))
    if row.state != "published":
        raise Conflict("move_not_possible", record=code, move="confirm", state=row.state)
    row.confirmed_at = clock.now()
    row.version += 1
    session.add(row)
    outbox.add(session, "index", row.code)
    audit.record(session, actor, "listing.confirm", row.kind, code)
    return _shown(session, actor, row)


def _tell_owner(session: Session, actor: Actor, row: Listing, kind: str, **params: str) -> None:
    """Tell the owner what was decided, and whoever wrote the record for the owner; an import or the demo tells nobody."""
    if actor.trusted:
        return
    url = path_of(row.code)
    notices.notify(session, kind, params, url=url, organisation_id=row.owner_id, but=actor.person_id)
    if row.on_behalf_of_id and row.created_by:
        notices.notify(session, kind, params, url=url, person_id=row.created_by)


def minders(session: Session, code: str) -> list[int]:
    """Name the broker or clerk who wrote a record for its owner, who hears of it as the owner does."""
    row = by_code(session, code)
    return [row.created_by] if row.on_behalf_of_id and row.created_by else []


def _resubmit(session: Session, actor: Actor, row: Listing) -> ListingView:
    if row.working_state not in {"draft", "returned"}:
        raise Conflict("move_not_possible", record=row.code, move="submit", state=row.state)
    session.add(_trace(actor, row, "submit", "published", ""))
    row.reasons, row.working_state = "", "submitted"
    row.version += 1
    session.add(row)
    audit.record(session, actor, "listing.submit", row.kind, row.code, version=row.working_version)
    return _shown(session, actor, row)


def _locked(session: Session, code: str) -> Listing:
    row = by_code(session, code)
    return lock_row(session, Listing, row.id or 0) or row


def _check_move(row: Listing, move: str) -> str:
    goal = rules.target(move, row.state)
    if goal is None:
        raise Conflict("move_not_possible", record=row.code, move=move, state=row.state)
    return goal


def _move(
    session: Session, actor: Actor, row: Listing, move: str, *, why: str = "", forced: str | None = None
) -> ListingView:
    goal = forced or _check_move(row, move)
    session.add(_trace(actor, row, move, goal, why))
    row.state = goal
    row.version += 1
    session.add(row)
    session.flush()
    outbox.add(session, "index", row.code)
    audit.record(session, actor, f"listing.{move}", row.kind, row.code, to=goal)
    return _shown(session, actor, row)


def _trace(actor: Actor, row: Listing, move: str, goal: str, why: str) -> ListingMove:
    return ListingMove(
        listing_id=row.id or 0,
        at=clock.now(),
        person_id=actor.person_id,
        move=move,
        from_state=row.state,
        to_state=goal,
        why=why[:1000],
    )


def _shown(session: Session, actor: Actor, row: Listing) -> ListingView:
    from services.listings.views import view  # noqa: PLC0415

    session.flush()
    n = row.working_version or row.published_version
    return view(session, actor, [(row, version_of(session, row, n))])[0]


def _owner(session: Session, actor: Actor, code: str | None) -> int:
    if code:
        return accounts.organisation_by_code(session, code).id
    if actor.organisation_id is None:
        raise Invalid("owner", "owner_missing")
    return actor.organisation_id


def _check(session: Session, data: ListingIn, known: str | None = None) -> str | None:
    """Check codes and the patent number; return the number as it is stored."""
    faults, number = faults_of(session, data)
    if faults:
        raise Invalid(faults)
    if number and number != known and (other := by_number(session, number)):
        raise Conflict("patent_known", number=number, record=other)
    return number


def _write_version(session: Session, actor: Actor, row: Listing, n: int, data: ListingIn) -> None:
    values = data.model_dump(exclude={"kind", "owner", "region_code", "number", "parameters"})
    version = ListingVersion(listing_id=row.id or 0, n=n, created_at=clock.now(), created_by=actor.person_id, **values)
    session.add(version)
    session.flush()
    session.add_all(
        Parameter(version_id=version.id or 0, sequence=index, **item.model_dump())
        for index, item in enumerate(data.parameters, start=1)
    )
    session.flush()
