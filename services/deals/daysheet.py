"""The day sheet: what is due today, whom to call, where to go: one page for the bag of a broker or a station clerk."""

from collections.abc import Iterable
from dataclasses import dataclass, field, replace

from sqlmodel import col, select
from sqlmodel.orm.session import Session

from services.accounts import service as accounts
from services.accounts import shown
from services.accounts.schemas import OrganisationOut
from services.deals import room, worklist
from services.deals.models import Deal, DealEvent
from services.deals.rules import OBSERVER, PROVIDER, SEEKER
from services.deals.schemas import DealOut
from services.ground import clock
from services.ground.actor import Actor
from services.ground.permissions import may, require
from services.ground.workdays import calendar_of
from services.listings import desk, rules
from services.listings.desk import Asked, Line

MOST = 40
"""Lines on the sheet; whoever has more begins with the longest overdue."""
FIRMS = 20
SOON_DAYS = 3
"""Working days: what falls due within them stands below, to be done when there is time."""


@dataclass(frozen=True)
class Person:
    """Somebody to call about a deal, with what contact has opened."""

    name: str
    organisation: str
    phone: str
    email: str


@dataclass(frozen=True)
class Task:
    """One thing to do: the deal, whom to call, and the places."""

    deal: DealOut
    people: list[Person] = field(default_factory=list)
    places: list[tuple[str, str, str]] = field(default_factory=list)
    """(organisation, address, telephone) of the parties, where they are known to this reader."""


@dataclass(frozen=True)
class Asking:
    """One record of a firm to ask about, and why: returned, draft, unconfirmed."""

    line: Line
    why: str
    firm: str
    address: str
    phone: str


@dataclass(frozen=True)
class DaySheet:
    """Everything on the sheet."""

    due: list[Task]
    soon: list[Task]
    asking: list[Asking]


def day_sheet(session: Session, actor: Actor) -> DaySheet:
    """Gather the day of one person: due and overdue, what falls due next, and records written for firms that wait."""
    require(actor, "deal.work")
    today = clock.today()
    until = calendar_of(session).after(today, SOON_DAYS)
    firms = _firms(session, actor)
    deals = _waiting(session, actor, firms)
    due = [deal for deal in deals if deal.next and deal.next.due_on and deal.next.due_on <= today]
    soon = [deal for deal in deals if deal.next and deal.next.due_on and today < deal.next.due_on <= until]
    tasks = {task.deal.code: task for task in _tasks(session, actor, [*due, *soon], frozenset(firms))}
    return DaySheet([tasks[deal.code] for deal in due], [tasks[deal.code] for deal in soon], _asking(session, actor))


def _waiting(session: Session, actor: Actor, firms: list[int]) -> list[DealOut]:
    """List what waits for the actor, and for the firms the actor has acted for as their clerk."""
    found = {deal.code: deal for deal in worklist.work_list(session, actor, turn="mine", limit=MOST)[0]}
    for firm in firms:
        there = replace(actor, on_behalf_of_id=firm)
        if may(there, "deal.see", room.thing_of(session, there, firm, firm)):
            for deal in worklist.work_list(session, there, turn="mine", limit=MOST)[0]:
                found.setdefault(deal.code, deal)
    far = worklist.FAR
    return sorted(found.values(), key=lambda deal: (deal.next.due_on or far) if deal.next else far)[:MOST]


def _firms(session: Session, actor: Actor) -> list[int]:
    if not any(grant.role == "station_clerk" for grant in actor.grants):
        return []
    statement = (
        select(DealEvent.on_behalf_of_id)
        .where(DealEvent.person_id == actor.person_id, col(DealEvent.on_behalf_of_id).is_not(None))
        .distinct()
        .order_by(col(DealEvent.on_behalf_of_id))
        .limit(FIRMS)
    )
    return [firm for firm in session.exec(statement) if firm is not None]


def _tasks(session: Session, actor: Actor, deals: list[DealOut], acted_for: frozenset[int]) -> list[Task]:
    """Put people and places to deals, with the same few questions for one as for all."""
    codes = [deal.code for deal in deals]
    rows = {row.code: row for row in session.exec(select(Deal).where(col(Deal.code).in_(codes)))}
    firms = {key for row in rows.values() for key in (row.seeker_organisation_id, row.provider_organisation_id)}
    people = _people(session, [row.id or 0 for row in rows.values()])
    known = accounts.organisations(session, firms | {firm for one in people.values() for _p, _s, firm in one if firm})
    places = _places(session, list(known.values()))
    rooms = {here.deal.code: here for here in room.rooms_of(session, actor, list(rows.values()))}
    persons = {person for one in people.values() for person, _side, _firm in one}
    names, contacts = accounts.person_names(session, persons), accounts.person_contacts(session, persons)
    made = []
    for deal in deals:
        row = rows[deal.code]
        here = rooms[deal.code]
        if here.side == OBSERVER and acted_for & {row.seeker_organisation_id, row.provider_organisation_id}:
            here = replace(here, side=SEEKER if row.seeker_organisation_id in acted_for else PROVIDER)
        opened = here.level != "public" and here.side != OBSERVER
        called = [
            Person(names.get(person, ""), known[firm].name if firm else "", *contacts.get(person, ("", "")))
            for person, side, firm in people.get(row.id or 0, [])
            if opened and person != actor.person_id and side != here.side
        ]
        sides = {"seeker": row.seeker_organisation_id, "provider": row.provider_organisation_id}
        where = [places[key] for side, key in sides.items() if opened and side != here.side and key in places]
        made.append(Task(deal, called, where))
    return made


def _people(session: Session, deal_ids: Iterable[int]) -> dict[int, list[tuple[int, str, int | None]]]:
    statement = (
        select(DealEvent.deal_id, DealEvent.person_id, DealEvent.side, DealEvent.organisation_id)
        .where(col(DealEvent.deal_id).in_(list(deal_ids)), col(DealEvent.person_id).is_not(None))
        .distinct()
        .order_by(col(DealEvent.deal_id), col(DealEvent.person_id))
    )
    found: dict[int, list[tuple[int, str, int | None]]] = {}
    for deal_id, person_id, side, firm in session.exec(statement):
        found.setdefault(deal_id, []).append((person_id or 0, side, firm))
    return found


def _places(session: Session, firms: list[OrganisationOut]) -> dict[int, tuple[str, str, str]]:
    """Give name, address and telephone as the firms show them; those in contact see both."""
    choices = shown.of(session, "organisation", [firm.code for firm in firms])
    return {firm.id: (firm.name, choices[firm.code].words, choices[firm.code].phone) for firm in firms}


def _asking(session: Session, actor: Actor) -> list[Asking]:
    """List records the actor wrote for firms that wait for the firm: returned, half written, long unconfirmed."""
    lines = desk.own(session, actor, Asked(sort="unconfirmed")).lines
    lines = [line for line in lines if line.owner_id not in actor.organisation_ids]
    waiting = [(line, why) for line in lines if (why := _why(line))][:MOST]
    firms = accounts.organisations(session, {line.owner_id for line, _why in waiting})
    places = _places(session, list(firms.values()))
    return [Asking(line, why, *places[line.owner_id]) for line, why in waiting if line.owner_id in places]


def _why(line: Line) -> str:
    if line.state in {"returned", "draft"}:
        return line.state
    aged = line.state == "published" and line.confirmed_at is not None
    return "unconfirmed" if aged and rules.freshness(line.confirmed_at, clock.now()) != "fresh" else ""
