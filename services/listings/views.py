"""Reading records: what this reader may see, lists, and the public text for the index."""

from collections.abc import Iterable, Sequence
from contextlib import suppress
from datetime import timedelta
from typing import Any

from sqlmodel import Session, col, func, select

from search.documents import Document, maturity_band
from search.numbers import RecordNumber, check_digit
from services.accounts import service as accounts
from services.ground import clock, disclosure, record_numbers
from services.ground.actor import ANONYMOUS, Actor
from services.ground.errors import Gone, NotFound
from services.ground.permissions import Thing, may, require
from services.listings import consent, rules
from services.listings.models import Listing, ListingVersion
from services.listings.rows import Head, Wording, parameter_rows, published_rows
from services.listings.schemas import ListingRef, ListingView, ParameterOut

TOLD = ("plain", "tried", "conditions", "acceptance")
"""What a need tells in its details; it is found by it as far as it is public."""
PLURAL = {"need": "needs", "result": "results", "patent": "patents", "expert": "experts"}


def thing_of(row: Listing | Head) -> Thing:
    """Describe a record to the policy. A working version of a published record is no secret of the record itself."""
    return Thing(
        "listing",
        row.code,
        organisation_ids=frozenset({row.owner_id}),
        region_code=row.region_code,
        state=row.state,
        person_id=row.created_by if row.on_behalf_of_id else None,
    )


def by_code(session: Session, code: str) -> Listing:
    """Load a head by its code. Raises NotFound."""
    row = session.exec(select(Listing).where(Listing.code == code)).first()
    # A batch that was taken back leaves the tombstones of what people had seen; one not switched on leaves nothing.
    if row is None or not (row.visible or row.state == "withdrawn"):
        raise NotFound("listing", code)
    return row


def version_of(session: Session, row: Listing, n: int | None) -> ListingVersion:
    """Load one wording of a record. Raises NotFound."""
    statement = select(ListingVersion).where(ListingVersion.listing_id == row.id, ListingVersion.n == n)
    version = session.exec(statement).first()
    if version is None:
        raise NotFound("listing", row.code)
    return version


def get_visible(session: Session, actor: Actor, code: str, *, working: bool = False) -> ListingView:
    """Show a record to a reader.

    Raises NotFound for a record this reader may not know of, Gone for a withdrawn one. `working` shows the wording
    being worked on to those who may edit or moderate it.
    """
    row = by_code(session, code)
    if row.state == "withdrawn" and not may(actor, "listing.see", thing_of(row)):
        if row.published_version is None:
            raise NotFound("listing", code)
        raise Gone(row.kind, code, version_of(session, row, row.published_version).title, row.withdrawn_at)
    if not may(actor, "listing.see", thing_of(row)):
        raise NotFound("listing", code)
    inside = may(actor, "listing.edit", thing_of(row)) or may(actor, "listing.moderate", thing_of(row))
    n = row.published_version
    if n is None or (working and inside and row.working_version):
        n = row.working_version or n
    return view(session, actor, [(row, version_of(session, row, n))])[0]


def get_for_editing(session: Session, actor: Actor, code: str) -> ListingView:
    """Show the wording being worked on to somebody who may change it. Raises NotFound, Gone, Forbidden."""
    record = get_visible(session, actor, code, working=True)
    require(actor, "listing.edit", thing_of(by_code(session, code)))
    return record


def view(
    session: Session, actor: Actor, pairs: Sequence[tuple[Listing | Head, ListingVersion | Wording]]
) -> list[ListingView]:
    """Show several records to a reader, each filtered by what contact has opened for that reader."""
    owners = accounts.owners(session, {row.owner_id for row, _ in pairs})
    parameters = _parameters(session, [version.id or 0 for _, version in pairs])
    shown = []
    for row, version in pairs:
        reached = "own_side" if _own(actor, row) else "public"
        if version.levels and reached == "public":  # where nothing is kept back nobody has to be asked
            reached = disclosure.level_reached(session, actor, row.code)
        hidden = {name: level for name, level in version.levels.items() if not disclosure.opens(reached, level)}
        owner = owners[row.owner_id]
        shown.append(
            ListingView(
                id=row.id or 0,
                owner_id=row.owner_id,
                code=row.code,
                kind=row.kind,  # type: ignore[arg-type]
                title=version.title,
                state=_state(row, version),
                url=f"/{PLURAL[row.kind]}/{row.code}",
                summary=version.summary,
                body="" if "body" in hidden else version.body,
                owner_code="" if "owner" in hidden else owner.code,
                owner_name="" if "owner" in hidden else owner.name,
                region_code=row.region_code,
                chain=version.chain,
                subfield=version.subfield,
                maturity=version.maturity,
                budget_low_fen=None if "budget" in hidden else version.budget_low_fen,
                budget_high_fen=None if "budget" in hidden else version.budget_high_fen,
                deadline=None if "deadline" in hidden else version.deadline,
                cooperation=list(version.cooperation),
                number=row.number,
                details={name: value for name, value in version.details.items() if name not in hidden},
                parameters=[] if "parameters" in hidden else parameters.get(version.id or 0, []),
                hidden=hidden,
                levels=dict(version.levels) if reached == "own_side" else {},
                freshness=rules.freshness(row.confirmed_at, clock.now()),
                published_at=row.published_at,
                confirmed_at=row.confirmed_at,
                shown_version=version.n,
                working_version=row.working_version if reached == "own_side" else None,
                reasons=row.reasons if reached == "own_side" else "",
                written_by=_writer(session, row) if reached == "own_side" else "",
                on_behalf=row.on_behalf_of_id is not None,
                demo=row.demo,
                version=row.version,
            )
        )
    return consent.applied(session, shown, lambda number: _own(actor, pairs[number][0]))


def visible_by_ids(session: Session, actor: Actor, ids: Sequence[int]) -> list[ListingView]:
    """Show the records an engine answered with, in its order. `may` is asked again: a stale index shows nothing wrong."""
    found = {
        row.id: (row, version)
        for row, version in published_rows(session, ids)
        if may(actor, "listing.see", thing_of(row)) and row.state in rules.PUBLIC_STATES and not _archived(row)
    }
    return view(session, actor, [found[key] for key in ids if key in found])


def list_listings(
    session: Session,
    actor: Actor,
    kind: str,
    *,
    state: str | None = None,
    owner_id: int | None = None,
    after: int = 0,
    limit: int = 50,
) -> list[ListingView]:
    """List records of a kind, oldest first from `after` (an id). Without an owner only what everybody may see.

    Of an owner a stranger sees what stands under its name: a record that hides its owner is not found by the owner.
    """
    mine = owner_id is not None and (owner_id in actor.organisation_ids or may(actor, "listing.queue"))
    shown = Listing.working_version if mine else Listing.published_version
    statement = (
        select(Listing, ListingVersion)
        .join(
            ListingVersion,
            (col(ListingVersion.listing_id) == Listing.id) & (col(ListingVersion.n) == _either(mine, shown)),
        )
        .where(Listing.kind == kind, col(Listing.visible))
        .order_by(col(Listing.id))
    )
    if owner_id is not None:
        statement = statement.where(Listing.owner_id == owner_id)
    if not mine:
        statement = statement.where(on_shelf())
    if state:
        statement = statement.where(Listing.state == state)

    def part() -> list[ListingView]:
        return view(session, actor, list(session.exec(statement.where(col(Listing.id) > after).limit(limit))))

    if mine or owner_id is None:
        return part()
    named: list[ListingView] = []
    while len(named) < limit and (more := part()):
        named += [out for out in more if out.owner_code]
        after = more[-1].id
    return named[:limit]


def newest(session: Session, actor: Actor, kind: str, limit: int) -> list[ListingView]:
    """List the records of a kind that were published last."""
    statement = (
        select(Listing.id)
        .where(Listing.kind == kind, Listing.state == "published")
        .order_by(col(Listing.published_at).desc(), col(Listing.id).desc())
        .limit(limit)
    )
    return visible_by_ids(session, actor, [key or 0 for key in session.exec(statement)])


def queue(session: Session, actor: Actor, limit: int = 100) -> list[ListingView]:
    """List what waits for a moderator, oldest first, of the regions this moderator looks after."""
    require(actor, "listing.queue", Thing("listing", region_code=_any_region(actor)))
    statement = (
        select(Listing, ListingVersion)
        .join(
            ListingVersion,
            (col(ListingVersion.listing_id) == Listing.id) & (col(ListingVersion.n) == Listing.working_version),
        )
        .where(
            (col(Listing.state) == "submitted")
            | ((col(Listing.state) == "published") & (col(Listing.working_state) == "submitted"))
        )
        .order_by(col(Listing.id))
        .limit(limit)
    )
    rows = [pair for pair in session.exec(statement) if may(actor, "listing.moderate", thing_of(pair[0]))]
    return view(session, actor, rows)


def shown_marks(session: Session, codes: Sequence[str]) -> dict[str, int]:
    """Give each record a number that changes when what everybody sees of it changes: its state or its published wording."""
    states = ("draft", "submitted", "returned", "published", "fulfilled", "withdrawn")
    wanted = select(Listing.code, Listing.published_version, Listing.state).where(col(Listing.code).in_(codes))
    return {code: (version or 0) * 8 + states.index(state) for code, version, state in session.exec(wanted)}


def find(session: Session, code: str) -> ListingRef:
    """Give the facts of a record that other capabilities need, without asking who wants them. Raises NotFound."""
    row = by_code(session, code)
    version = version_of(session, row, row.published_version or row.working_version)
    return ListingRef(
        row.id or 0,
        row.code,
        row.kind,
        version.title,
        row.owner_id,
        row.state,
        row.region_code,
        version.chain,
        version.subfield,
        row.number,
    )


def documents(session: Session, ids: Iterable[int]) -> dict[int, Document]:
    """Turn records into documents of public text. A record that is not public has none: it leaves the index."""
    statement = (
        select(Listing, ListingVersion)
        .join(
            ListingVersion,
            (col(ListingVersion.listing_id) == Listing.id) & (col(ListingVersion.n) == Listing.published_version),
        )
        .where(col(Listing.id).in_(list(ids)), on_shelf())
    )
    pairs = list(session.exec(statement))
    owners = accounts.organisations(session, {row.owner_id for row, _ in pairs})
    shown = view(session, ANONYMOUS, pairs)
    return {
        out.id: _document(out, owners[row.owner_id].kind) for out, (row, _version) in zip(shown, pairs, strict=True)
    }


def public_ids(session: Session, after: int = 0, limit: int = 1000) -> list[int]:
    """Walk the ids of all records, public or not, to compare them with the index."""
    return list(session.exec(select(Listing.id).where(col(Listing.id) > after).order_by(col(Listing.id)).limit(limit)))  # type: ignore[arg-type]


def by_number(session: Session, number: str) -> str | None:
    """Find a patent by its normalised application number; give its code."""
    return session.exec(select(Listing.code).where(Listing.number == number)).first()


@record_numbers.lookup("patent", "code N", "code R", "code P", "code E")
def visible_by_number(session: Session, actor: Actor, number: RecordNumber) -> str | None:
    """Find the record with a code or a patent number that this reader may see. A wrong check digit is forgiven.

    Raises NotFound as its page does; of one that was withdrawn the code is given, its page says so.
    """
    code: str | None = number.value
    if number.kind == "patent":
        digits = number.value.removeprefix("CN").partition(".")[0]
        code = by_number(session, f"CN{digits}.{check_digit(digits)}")
    with suppress(Gone):
        return get_visible(session, actor, code).code if code else None
    return code


def counts(session: Session) -> dict[tuple[str, str | None], int]:
    """Count public records by kind and chain."""
    statement = (
        select(Listing.kind, ListingVersion.chain, func.count())
        .join(
            ListingVersion,
            (col(ListingVersion.listing_id) == Listing.id) & (col(ListingVersion.n) == Listing.published_version),
        )
        .where(on_shelf())
        .group_by(col(Listing.kind), col(ListingVersion.chain))
    )
    return {(kind, chain): int(count) for kind, chain, count in session.exec(statement)}


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


def _state(row: Listing | Head, version: ListingVersion | Wording) -> str:
    ends = rules.ends_on(row.kind, version.deadline, version.details)
    return rules.state_shown(row.state, ends, clock.today(), row.confirmed_at)


def _writer(session: Session, row: Listing | Head) -> str:
    return accounts.person_name(session, row.created_by) if row.on_behalf_of_id and row.created_by else ""


def on_shelf() -> Any:
    """Give the condition for records that everybody finds: published or fulfilled, and not archived by age."""
    border = clock.now() - timedelta(days=rules.ARCHIVE_DAYS)
    return col(Listing.state).in_(rules.PUBLIC_STATES) & (
        (col(Listing.state) != "published") | col(Listing.confirmed_at).is_(None) | (col(Listing.confirmed_at) > border)
    )


def _archived(row: Listing | Head) -> bool:
    return rules.state_shown(row.state, None, clock.today(), row.confirmed_at) == "archived"


def _own(actor: Actor, row: Listing | Head) -> bool:
    return may(actor, "listing.see_own_side", thing_of(row)) or may(actor, "listing.moderate", thing_of(row))


def _either(mine: bool, shown: Any) -> Any:
    return func.coalesce(Listing.working_version, Listing.published_version) if mine else shown


def _any_region(actor: Actor) -> str | None:
    return next((grant.region_code for grant in actor.grants if grant.role == "moderator"), None)


def _parameters(session: Session, version_ids: list[int]) -> dict[int, list[ParameterOut]]:
    found: dict[int, list[ParameterOut]] = {}
    for row in parameter_rows(session, version_ids):
        found.setdefault(row.version_id, []).append(ParameterOut.model_validate(row, from_attributes=True))
    return found
