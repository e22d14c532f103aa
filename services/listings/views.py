"""Reading records: what this reader may see, lists, and the public text for the index."""

from collections.abc import Sequence
from contextlib import suppress
from datetime import date, datetime
from typing import Any

from sqlmodel import Session, col, func, select

from search.numbers import RecordNumber, check_digit
from services.accounts import service as accounts
from services.ground import clock, disclosure, record_numbers
from services.ground.actor import Actor
from services.ground.answers import made
from services.ground.errors import Gone, NotFound
from services.ground.permissions import Thing, may, require
from services.listings import consent, rules
from services.listings.models import Listing, ListingVersion
from services.listings.rows import Head, Wording, on_shelf, parameter_rows, published_rows
from services.listings.schemas import ListingRef, ListingView, ParameterOut

KEPT_BACK: dict[str, dict[str, Any]] = {
    "body": {"body": ""},
    "owner": {"owner_code": "", "owner_name": ""},
    "budget": {"budget_low_fen": None, "budget_high_fen": None},
    "deadline": {"deadline": None},
    "parameters": {"parameters": ()},
}
"""What a reader sees in place of a field that is kept back. Everything else that can be kept back lies in the details."""
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
    return _view(session, actor, [(row, version, thing_of(row)) for row, version in pairs])


def _view(
    session: Session, actor: Actor, found: Sequence[tuple[Listing | Head, ListingVersion | Wording, Thing]]
) -> list[ListingView]:
    owners = accounts.owners(session, {row.owner_id for row, _, _ in found})
    parameters = _parameters(session, [version.id or 0 for _, version, _ in found])
    now, today = clock.now(), clock.today()
    shown = []
    for row, version, thing in found:
        reached = "own_side" if _own(actor, thing) else "public"
        if version.levels and reached == "public":  # where nothing is kept back nobody has to be asked
            reached = disclosure.level_reached(session, actor, row.code)
        hidden = {name: level for name, level in version.levels.items() if not disclosure.opens(reached, level)}
        values = _public_values(row, version, owners[row.owner_id], parameters.get(version.id or 0, []), (now, today))
        values["hidden"] = hidden
        if hidden:
            values = _without(values, hidden)
        if reached == "own_side":
            values |= {
                "levels": dict(version.levels),
                "working_version": row.working_version,
                "reasons": row.reasons,
                "written_by": _writer(session, row),
            }
        # The values came out of the database: they were checked when they went in.
        shown.append(made(ListingView, values))
    return consent.applied(session, shown, lambda number: _own(actor, found[number][2]))


def _public_values(
    row: Listing | Head,
    version: ListingVersion | Wording,
    owner: accounts.Owner,
    parameters: list[ParameterOut],
    moment: tuple[datetime, date],
) -> dict[str, Any]:
    now, today = moment
    return {
        "id": row.id or 0,
        "owner_id": row.owner_id,
        "code": row.code,
        "kind": row.kind,
        "title": version.title,
        "state": _state(row, version, today),
        "url": f"/{PLURAL[row.kind]}/{row.code}",
        "summary": version.summary,
        "body": version.body,
        "owner_code": owner.code,
        "owner_name": owner.name,
        "region_code": row.region_code,
        "chain": version.chain,
        "subfield": version.subfield,
        "maturity": version.maturity,
        "budget_low_fen": version.budget_low_fen,
        "budget_high_fen": version.budget_high_fen,
        "deadline": version.deadline,
        "cooperation": list(version.cooperation),
        "number": row.number,
        "details": dict(version.details),
        "parameters": parameters,
        "hidden": {},
        "levels": {},
        "freshness": rules.freshness(row.confirmed_at, now),
        "published_at": row.published_at,
        "confirmed_at": row.confirmed_at,
        "shown_version": version.n,
        "working_version": None,
        "reasons": "",
        "written_by": "",
        "on_behalf": row.on_behalf_of_id is not None,
        "demo": row.demo,
        "version": row.version,
    }


def _without(values: dict[str, Any], hidden: dict[str, str]) -> dict[str, Any]:
    """Empty the fields that are kept back."""
    emptied = {name: empty for field in hidden for name, empty in KEPT_BACK.get(field, {}).items()}
    details = {name: value for name, value in values["details"].items() if name not in hidden}
    return (
        values
        | {name: list(empty) if isinstance(empty, tuple) else empty for name, empty in emptied.items()}
        | {"details": details}
    )


def visible_by_ids(session: Session, actor: Actor, ids: Sequence[int]) -> list[ListingView]:
    """Show the records an engine answered with, in its order. `may` is asked again: a stale index shows nothing wrong."""
    today = clock.today()
    found = {}
    for row, version in published_rows(session, ids):
        thing = thing_of(row)
        if (
            may(actor, "listing.see", thing)
            and row.state in rules.PUBLIC_STATES
            and rules.state_shown(row.state, None, today, row.confirmed_at) != "archived"
        ):
            found[row.id] = (row, version, thing)
    return _view(session, actor, [found[key] for key in ids if key in found])


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


def _state(row: Listing | Head, version: ListingVersion | Wording, today: date) -> str:
    if row.state != "published":
        return row.state
    ends = rules.ends_on(row.kind, version.deadline, version.details)
    return rules.state_shown(row.state, ends, today, row.confirmed_at)


def _writer(session: Session, row: Listing | Head) -> str:
    return accounts.person_name(session, row.created_by) if row.on_behalf_of_id and row.created_by else ""


def _own(actor: Actor, thing: Thing) -> bool:
    if actor.is_anonymous:  # a visitor is on nobody's side
        return False
    return may(actor, "listing.see_own_side", thing) or may(actor, "listing.moderate", thing)


def _either(mine: bool, shown: Any) -> Any:
    return func.coalesce(Listing.working_version, Listing.published_version) if mine else shown


def _any_region(actor: Actor) -> str | None:
    return next((grant.region_code for grant in actor.grants if grant.role == "moderator"), None)


def _parameters(session: Session, version_ids: list[int]) -> dict[int, list[ParameterOut]]:
    found: dict[int, list[ParameterOut]] = {}
    for version_id, values in parameter_rows(session, version_ids):
        found.setdefault(version_id, []).append(made(ParameterOut, values))
    return found
