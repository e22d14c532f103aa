"""The lists people live in: one's own records and the moderators' queue, filtered, sorted, and moved many at a time."""

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from math import inf
from typing import Any

import sqlalchemy as sa
from sqlmodel import Session, col, func, select

from services.accounts import service as accounts
from services.ground import audit, clock
from services.ground.actor import Actor
from services.ground.database import lock_row
from services.ground.errors import Conflict, DomainError, Forbidden, Gone, Invalid, NotFound
from services.ground.permissions import Thing, may, require
from services.listings import rules, service
from services.listings.models import Listing, ListingVersion
from services.listings.schemas import ListingView
from services.listings.views import by_code, thing_of, view

MOST = 5000
"""So many records of one list are looked through."""
AT_ONCE = 1000
"""So many are moved by one click: all in one transaction, which others wait for."""
SORTS = ("new", "old", "title", "unconfirmed", "owner")
_COLUMNS = (
    col(Listing.id),
    col(Listing.code),
    col(Listing.kind),
    col(Listing.state),
    col(Listing.working_state),
    col(Listing.owner_id),
    col(Listing.region_code),
    col(Listing.created_by),
    col(Listing.on_behalf_of_id),
    col(Listing.confirmed_at),
    col(Listing.published_at),
    col(Listing.assigned_to),
    col(ListingVersion.title),
    col(ListingVersion.summary),
    col(ListingVersion.deadline),
    col(ListingVersion.details),
)


@dataclass(frozen=True)
class Asked:
    """Which records of a list are asked for; what is empty does not narrow."""

    kind: str = ""
    state: str = ""
    q: str = ""
    sort: str = ""
    assigned: str = ""
    """`me`, `none`, or empty: of the moderators' queue those that somebody has taken on."""


@dataclass(frozen=True)
class Line:
    """One record of a list, in what decides whether and where it stands."""

    id: int
    code: str
    kind: str
    title: str
    summary: str
    state: str
    owner_id: int
    confirmed_at: datetime | None
    assigned_to: int | None


@dataclass(frozen=True)
class Found:
    """A list as it was asked for, how many there are of each state and kind without that part of the question, and of all."""

    lines: list[Line]
    states: dict[str, int]
    kinds: dict[str, int]
    all: int


@dataclass(frozen=True)
class Outcome:
    """What became of one of many records: done, or why not."""

    code: str
    title: str
    error: DomainError | None = None


def own(session: Session, actor: Actor, asked: Asked) -> Found:
    """List the records of one's organisations and those one has written for firms."""
    require(actor, "account.use")
    owners = col(Listing.owner_id).in_(sorted(actor.organisation_ids))
    written = (col(Listing.created_by) == actor.person_id) & col(Listing.on_behalf_of_id).is_not(None)
    rows = session.execute(_rows().where(col(Listing.visible), owners | written).limit(MOST))
    return _found(session, actor, [_line(row) for row in rows], asked)


def waiting(session: Session, actor: Actor, asked: Asked) -> Found:
    """List what waits for a moderator, of the regions this one looks after."""
    require(actor, "listing.queue", Thing("listing", region_code=_any_region(actor)))
    rows = session.execute(
        _rows()
        .where(
            (col(Listing.state) == "submitted")
            | ((col(Listing.state) == "published") & (col(Listing.working_state) == "submitted"))
        )
        .limit(MOST)
    )
    lines = [_line(row) for row in rows if may(actor, "listing.moderate", thing_of(row))]  # type: ignore[arg-type]
    return _found(session, actor, lines, asked)


def shown(session: Session, actor: Actor, lines: Sequence[Line]) -> list[ListingView]:
    """Show some lines of a list in the wording being worked on, in their order."""
    ids = [line.id for line in lines]
    newest = func.coalesce(Listing.working_version, Listing.published_version)
    statement = (
        select(Listing, ListingVersion)
        .join(ListingVersion, (col(ListingVersion.listing_id) == Listing.id) & (col(ListingVersion.n) == newest))
        .where(col(Listing.id).in_(ids))
    )
    views = {out.id: out for out in view(session, actor, list(session.exec(statement)))}
    return [views[key] for key in ids if key in views]


def assign(session: Session, actor: Actor, code: str, person_id: int | None) -> None:
    """Say which moderator looks at a record, or nobody in particular. Raises Invalid for somebody who is none."""
    row = lock_row(session, Listing, by_code(session, code).id or 0) or by_code(session, code)
    require(actor, "listing.moderate", thing_of(row))
    if row.state != "submitted" and row.working_state != "submitted":
        raise Conflict("move_not_possible", record=code, move="assign", state=row.state)
    if person_id is not None and person_id not in dict(accounts.holders(session, "moderator")):
        raise Invalid("person", "person_unknown")
    row.assigned_to = person_id
    session.add(row)
    audit.record(session, actor, "listing.assign", row.kind, code, to=person_id)


def act_on(
    session: Session, actor: Actor, act: str, codes: Sequence[str], *, reasons: str = "", person_id: int | None = None
) -> list[Outcome]:
    """Make one move of many records; what cannot be done is told of each, and the others go on.

    Raises Invalid for an unknown act, for none or too many records, and where a return has no reasons.
    """
    moves: dict[str, Callable[[str], object]] = {
        "submit": lambda code: service.submit(session, actor, code),
        "confirm": lambda code: service.confirm(session, actor, code),
        "fulfil": lambda code: service.fulfil(session, actor, code),
        "withdraw": lambda code: service.withdraw(session, actor, code, reasons),
        "publish": lambda code: service.publish(session, actor, code),
        "return": lambda code: service.return_with_reasons(session, actor, code, reasons),
        "assign": lambda code: assign(session, actor, code, person_id),
    }
    chosen = list(dict.fromkeys(codes))
    if act not in moves:
        raise Invalid("do", "code_unknown", value=act[:60], list="act")
    if not chosen:
        raise Invalid("codes", "nothing_ticked")
    if len(chosen) > AT_ONCE:
        raise Invalid("codes", "too_many_ticked", most=AT_ONCE)
    if act == "return" and not reasons.strip():
        raise Invalid("reasons", "reasons_missing")
    titles = {code: ref.title for code, ref in service.refs(session, chosen).items()}
    outcomes = []
    for code in chosen:
        try:
            with session.begin_nested():  # what a refused move had begun of one record is taken back with it
                moves[act](code)
            outcomes.append(Outcome(code, titles.get(code, "")))
        except (Conflict, NotFound, Gone, Forbidden, Invalid) as error:
            known = "" if isinstance(error, (NotFound, Forbidden)) else titles.get(code, "")
            outcomes.append(Outcome(code, known, error))
    return outcomes


def _rows() -> Any:
    newest = func.coalesce(Listing.working_version, Listing.published_version)
    joined = (col(ListingVersion.listing_id) == Listing.id) & (col(ListingVersion.n) == newest)
    return sa.select(*_COLUMNS).join(ListingVersion, joined).order_by(col(Listing.id))


def _line(row: Any) -> Line:
    ends = rules.ends_on(row.kind, row.deadline, row.details)
    state = rules.state_shown(row.state, ends, clock.today(), row.confirmed_at)
    # A published record whose new wording came back is the owner's to mend, as a draft that came back is.
    state = "returned" if state == "published" and row.working_state == "returned" else state
    return Line(
        row.id, row.code, row.kind, row.title, row.summary, state, row.owner_id, row.confirmed_at, row.assigned_to
    )


def _found(session: Session, actor: Actor, lines: list[Line], asked: Asked) -> Found:
    everything = len(lines)
    owners = _owners_named(session, asked.q)
    lines = [line for line in lines if _mentions(line, asked.q, owners) and _is_taken_by(line, asked.assigned, actor)]
    of_kind = [line for line in lines if asked.kind in ("", line.kind)]
    of_state = [line for line in lines if asked.state in ("", line.state)]
    return Found(
        lines=_sorted(session, [line for line in of_kind if asked.state in ("", line.state)], asked.sort),
        states=dict(Counter(line.state for line in of_kind)),
        kinds=dict(Counter(line.kind for line in of_state)),
        all=everything,
    )


def _owners_named(session: Session, words: str) -> set[int]:
    return {row.id for row in accounts.find_organisations(session, words, limit=200)} if words else set()


def _mentions(line: Line, words: str, owners: set[int]) -> bool:
    if not words:
        return True
    return words.lower() in f"{line.code} {line.title} {line.summary}".lower() or line.owner_id in owners


def _is_taken_by(line: Line, assigned: str, actor: Actor) -> bool:
    if assigned == "me":
        return line.assigned_to is not None and line.assigned_to == actor.person_id
    return assigned != "none" or line.assigned_to is None


def _sorted(session: Session, lines: list[Line], sort: str) -> list[Line]:
    if sort == "title":
        return sorted(lines, key=lambda line: line.title)
    if sort == "unconfirmed":
        return sorted(lines, key=lambda line: line.confirmed_at.timestamp() if line.confirmed_at else inf)
    if sort == "owner":
        names = {key: row.name for key, row in accounts.organisations(session, {x.owner_id for x in lines}).items()}
        return sorted(lines, key=lambda line: names.get(line.owner_id, ""))
    return lines[::-1] if sort == "new" else lines


def _any_region(actor: Actor) -> str | None:
    return next((grant.region_code for grant in actor.grants if grant.role == "moderator"), None)
