"""Whom a deal tells what: that somebody introduced them, that it is their turn, that somebody wrote."""

from sqlmodel import col, select
from sqlmodel.orm.session import Session

from services.accounts import service as accounts
from services.deals import rules
from services.deals.models import Deal, DealEvent
from services.deals.rules import Facts, Side
from services.ground.actor import Actor
from services.ground.identifiers import path_of
from services.notices import service as notices


def moved(session: Session, actor: Actor, deal: Deal, by: Side, move: str, waited: tuple[str, str, str]) -> None:
    """Tell what a move means for the others; `waited` is what the deal waited for before it."""
    if move == "introduce":
        introduced(session, actor, deal, by)
    elif move == "end":
        for side in sorted(rules.EVERYONE):
            _tell(session, actor, deal, side, "deal_ended")
    else:
        turn(session, actor, deal, waited)


def introduced(session: Session, actor: Actor, deal: Deal, by: Side) -> None:
    """Tell the sides that somebody has brought them together and that their word is asked for."""
    for side in rules.PARTIES:
        if side != by:
            _tell(session, actor, deal, side, "deal_introduced")


def turn(session: Session, actor: Actor, deal: Deal, before: tuple[str, str, str]) -> None:
    """Tell those whom the deal waits for now, unless it waited for the same of them before."""
    now = (deal.next_code, deal.next_text, deal.next_side)
    if now == before or not deal.next_side:
        return
    what = {"what": deal.next_text} if deal.next_text else {"next": deal.next_code}
    for side in _sides(deal.next_side):
        _tell(session, actor, deal, side, "deal_turn", **what)


def waits_for(deal: Deal) -> tuple[str, str, str]:
    """Say what a deal waits for, to compare with what it waits for after a move."""
    return deal.next_code, deal.next_text, deal.next_side


def message(session: Session, actor: Actor, deal: Deal, facts: Facts, level: str, author: Side) -> None:
    """Tell everybody who may read a message that there is one."""
    for side in sorted(rules.EVERYONE):
        if rules.sees(side, rules.level_inside(side, facts), level, author):
            _tell(session, actor, deal, side, "deal_message")


def _sides(next_side: str) -> tuple[Side, ...]:
    if next_side == "both":
        return rules.PARTIES
    return tuple(side for side in rules.EVERYONE if side == next_side)


def _tell(session: Session, actor: Actor, deal: Deal, side: Side, kind: str, **params: str) -> None:
    """Tell the people of one side, but not whoever did it. Imports and the demo tell nobody."""
    if actor.trusted:
        return
    params = {"title": deal.need_title or deal.result_title, **params}
    for person_id in _people(session, deal, side) - {actor.person_id or 0}:
        notices.notify(session, kind, params, url=path_of(deal.code), person_id=person_id)


def _people(session: Session, deal: Deal, side: Side) -> set[int]:
    """Name the people of a side: its members, and the clerks who have acted for it in this deal."""
    if side == rules.BROKER:
        return {deal.broker_person_id} if deal.broker_person_id else set()
    firm = deal.seeker_organisation_id if side == rules.SEEKER else deal.provider_organisation_id
    clerks = session.exec(
        select(DealEvent.person_id).where(
            DealEvent.deal_id == deal.id,
            DealEvent.on_behalf_of_id == firm,
            DealEvent.side == side,
            col(DealEvent.person_id).is_not(None),
        )
    )
    return {key for key, _name in accounts.members(session, firm)} | {key for key in clerks if key}
