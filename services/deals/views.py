"""A deal as one actor may see it: names, notes, messages and files filtered by the level reached."""

from collections.abc import Iterable
from datetime import date
from typing import Any

from sqlmodel import col, select
from sqlmodel.orm.session import Session

from services.deals import rules
from services.deals.introductions import introduction_of
from services.deals.models import Acted, Deal, DealEvent, DealFile, DealMessage, Introduction, Offer, Signing
from services.deals.offers import is_over
from services.deals.people import Names
from services.deals.room import Room, enter, rooms_of
from services.deals.schemas import (
    AboutOut,
    DealDetail,
    DealOut,
    EventOut,
    FileOut,
    IntroductionOut,
    MessageOut,
    NextOut,
    OfferOut,
    ParticipantOut,
    PartyOut,
    SigningOut,
    StepOut,
)
from services.ground import clock
from services.ground.actor import Actor
from services.ground.files import StoredFile
from services.ground.identifiers import path_of
from services.ground.workdays import Calendar, calendar_of


class View:
    """Writes one room out for one actor."""

    def __init__(
        self,
        session: Session,
        actor: Actor,
        room: Room,
        names: Names | None = None,
        calendar: Calendar | None = None,
    ) -> None:
        self.session = session
        self.actor = actor
        self.room = room
        self.deal = room.deal
        self.names = names or Names(session)
        self.today = clock.today()
        self.calendar = calendar or calendar_of(session)

    def head(self) -> dict[str, Any]:
        """Give the fields of DealOut."""
        deal = self.deal
        return {
            "code": deal.code,
            "title": deal.need_title or deal.result_title,
            "state": deal.state,
            "url": path_of(deal.code),
            "step": deal.step,
            "need": _about(deal.need_code, deal.need_title),
            "result": _about(deal.result_code, deal.result_title),
            "seeker": self.party("seeker", deal.seeker_organisation_id),
            "provider": self.party("provider", deal.provider_organisation_id),
            "broker": self.names.person(deal.broker_person_id),
            "your_side": self.room.side,
            "next": self.next(),
            "end_reason": deal.end_reason,
            "unsuitable_reason": deal.unsuitable_reason,
            "end_sentence": deal.end_sentence,
            "contract_code": deal.contract_code,
            "created_at": deal.created_at,
            "moved_at": deal.moved_at,
            "version": deal.version,
        }

    def party(self, side: str, organisation_id: int) -> PartyOut:
        """Name a side, unless it stays unnamed to this actor until both have acknowledged."""
        if self.room.hides(side):
            return PartyOut(side=side)
        row = self.names.row(organisation_id)
        return PartyOut(side=side, code=row.code, name=row.name, demo=bool(row.demo))

    def next(self) -> NextOut | None:
        """Say what the deal waits for, if for anything."""
        deal = self.deal
        if not deal.next_code and not deal.next_text:
            return None
        due = deal.next_due_on
        return NextOut(
            code=deal.next_code,
            text=deal.next_text,
            side=deal.next_side,
            due_on=due,
            your_turn=rules.is_turn_of(self.room.side, deal.next_side),
            bucket=rules.bucket(due, self.today),
            working_days_left=self.calendar.days_left(self.today, due) if due else None,
        )

    def by(self, row: Acted | Introduction) -> dict[str, Any]:
        """Say who acted, with the names that are open to this actor."""
        if self.room.hides(row.side):
            return {"at": row.at, "side": row.side}
        return {
            "at": row.at,
            "side": row.side,
            "person": self.names.person(row.person_id),
            "organisation": self.names.organisation(row.organisation_id),
            "on_behalf_of": self.names.organisation(row.on_behalf_of_id),
        }

    def introduction(self) -> IntroductionOut:
        """Give the line of the register."""
        line, first = introduction_of(self.session, self.deal)
        return IntroductionOut(
            **self.by(line),
            number=line.number,
            hash=line.hash,
            first=line.number == first,
            first_number=first,
            proof_url=f"/api/v1/introductions/{line.number}/proof",
        )

    def offer(self, row: Offer) -> OfferOut:
        """Give one offer with its state as it follows from the facts."""
        agreed = row.accepted_by_seeker_at is not None and row.accepted_by_provider_at is not None
        state = "agreed" if agreed else "superseded" if row.superseded else "open"
        if state == "open" and is_over(row, self.today):
            state = "expired"
        return OfferOut(
            **self.by(row),
            n=row.n,
            amount_fen=row.amount_fen,
            payment_mode=row.payment_mode,
            scope=row.scope,
            valid_until=row.valid_until,
            state=state,  # type: ignore[arg-type]
            accepted_by_seeker_at=row.accepted_by_seeker_at,
            accepted_by_provider_at=row.accepted_by_provider_at,
        )

    def signing(self, row: Signing) -> SigningOut:
        """Give one telling of a signing."""
        return SigningOut(
            **self.by(row),
            n=row.n,
            signed_on=row.signed_on,
            contract_amount_fen=row.contract_amount_fen,
            file_id=row.deal_file_id,
            promise=row.promise,
            superseded=row.superseded,
            confirmed_at=row.confirmed_at,
        )

    def file(self, row: DealFile, stored: StoredFile) -> FileOut:
        """Give one file with the address of its download."""
        return FileOut(
            **self.by(row),
            id=row.id or 0,
            name=stored.name,
            media_type=stored.media_type,
            size=stored.size,
            level=row.level,
            url=f"/api/v1/deals/{self.deal.code}/files/{row.id}",
        )

    def message(self, row: DealMessage) -> MessageOut:
        """Give one message."""
        return MessageOut(**self.by(row), id=row.id or 0, body=row.body, level=row.level)

    def event(self, row: DealEvent) -> EventOut:
        """Give one line of the history; its note only where its level is reached."""
        return EventOut(
            **self.by(row),
            move=row.move,
            from_step=row.from_step,
            to_step=row.to_step,
            number=row.number,
            note=row.note if self.room.sees(row.level, row.side) else "",
            level=row.level,
        )

    def files(self) -> list[FileOut]:
        """List the files that are open, newest first."""
        statement = select(DealFile, StoredFile).where(
            DealFile.deal_id == self.deal.id, col(DealFile.file_id) == StoredFile.id
        )
        rows = self.session.exec(statement.order_by(col(DealFile.id).desc())).all()
        return [self.file(row, stored) for row, stored in rows if self.room.sees(row.level, row.side)]

    def messages(self) -> list[MessageOut]:
        """List the messages that are open, newest first."""
        rows = self.rows_of(DealMessage)
        return [self.message(row) for row in rows if self.room.sees(row.level, row.side)]

    def people(self, events: Iterable[DealEvent]) -> list[ParticipantOut]:
        """List who has acted, by side, in the order of their first act; contact details once contact is open."""
        opened = self.room.level != "public" and self.room.side != rules.OBSERVER
        found: dict[tuple[str, int | None], ParticipantOut] = {}
        for event in events:
            if (event.side, event.person_id) in found:
                continue
            person = ParticipantOut(side=event.side)
            if not self.room.hides(event.side):
                person.name = self.names.person(event.person_id)
                person.organisation = self.names.organisation(event.on_behalf_of_id or event.organisation_id)
                if opened and event.person_id is not None:
                    person.email, person.phone = self.names.contact(event.person_id)
            found[event.side, event.person_id] = person
        return list(found.values())

    def rows_of(self, model: Any) -> list[Any]:
        """List all rows of a table that belong to this deal, newest first."""
        statement = select(model).where(model.deal_id == self.deal.id).order_by(model.id.desc())
        return list(self.session.exec(statement))


def _about(code: str, title: str) -> AboutOut | None:
    return AboutOut(code=code, title=title, url=path_of(code)) if code else None


def steps_of(deal: Deal, events: Iterable[DealEvent]) -> list[StepOut]:
    """Say of each of the seven steps whether it is done, now, later, or was passed over, and since when."""
    reached = {}
    for event in events:
        if event.from_step != event.to_step or event.move == "introduce":
            reached[event.to_step] = event.at
    now = rules.STEPS.index(deal.step)
    steps = []
    for place, code in enumerate(rules.STEPS):
        state = "later"
        if place < now:
            state = "done" if code in reached else "skipped"
        elif place == now:
            state = "done" if deal.state == "signed" else "now"
        steps.append(StepOut(code=code, state=state, at=reached.get(code)))  # type: ignore[arg-type]
    return steps


def detail(session: Session, actor: Actor, code: str) -> DealDetail:
    """Give a deal with all that is open to this actor. Raises NotFound to everybody who takes no part."""
    return detail_of(session, actor, enter(session, actor, code))


def detail_of(session: Session, actor: Actor, room: Room) -> DealDetail:
    """Write out a deal that is allowed already."""
    view = View(session, actor, room)
    events = view.rows_of(DealEvent)
    facts = room.facts
    return DealDetail(
        **view.head(),
        level=room.level,
        steps=steps_of(room.deal, reversed(events)),
        moves=open_moves(room),
        acknowledged=sorted(facts.acknowledged),
        confidential=sorted(facts.confidential),
        introduction=view.introduction(),
        people=view.people(reversed(events)),
        offers=[view.offer(row) for row in view.rows_of(Offer)],
        signings=[view.signing(row) for row in view.rows_of(Signing)],
        files=view.files(),
        messages=view.messages(),
        history=[view.event(row) for row in events],
    )


def open_moves(room: Room) -> list[str]:
    """List the moves that this actor can make now: by the table, less what this side has done already."""
    facts, side, today = room.facts, room.side, clock.today()
    done = {
        "acknowledge": side in facts.acknowledged,
        "agree_confidentiality": side in facts.confidential,
        "accept_offer": not _can_accept(room, today),
        "confirm_signature": facts.signing_by in {None, side},
    }
    return [move for move in rules.possible_moves(side, room.deal.step, room.deal.state) if not done.get(move, False)]


def _can_accept(room: Room, today: date) -> bool:
    offer = room.offer
    return offer is not None and offer.side != room.side and not is_over(offer, today)


def outs(session: Session, actor: Actor, deals: list[Deal]) -> list[DealOut]:
    """Write out a list of deals, with names and calendar looked up once for all."""
    names, calendar = Names(session), calendar_of(session)
    names.load({deal.seeker_organisation_id for deal in deals} | {deal.provider_organisation_id for deal in deals})
    names.load_persons({deal.broker_person_id for deal in deals if deal.broker_person_id})
    rooms = rooms_of(session, actor, deals)
    return [DealOut(**View(session, actor, here, names, calendar).head()) for here in rooms]
