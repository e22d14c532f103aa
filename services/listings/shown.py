"""Choosing what of an expert's entry is shown: the expert's own word, taken back at any time."""

from sqlmodel import Session

from services.accounts import shown
from services.accounts.shown import Shown, ShownIn
from services.ground import outbox
from services.ground.actor import Actor
from services.ground.database import lock_row
from services.ground.errors import Conflict, Forbidden, NotFound
from services.ground.permissions import may, require
from services.listings.models import Listing
from services.listings.views import by_code, thing_of


def entry_for(session: Session, actor: Actor, code: str) -> tuple[Listing, Shown]:
    """Give an expert's entry and what is shown of it to whoever decides that.

    Once the entry was said to be about a person, that person alone; before, whoever may edit the entry, on the expert's
    word. Raises NotFound, Forbidden.
    """
    row = by_code(session, code)
    if row.kind != "expert":
        raise NotFound("expert", code)
    choice = shown.one(session, "expert", code)
    if choice.person_id is None:
        require(actor, "listing.edit", thing_of(row))
    elif choice.person_id != actor.person_id:
        if not may(actor, "listing.see", thing_of(row)):
            raise NotFound("expert", code)
        raise Forbidden("shown.change", "shown_by_the_expert_only")
    return row, choice


def choose_for_expert(
    session: Session, actor: Actor, code: str, data: ShownIn, *, is_me: bool = False, expected: int | None = None
) -> None:
    """Choose what of an expert's entry is shown; `is_me` says that it is about the actor, who decides alone from now on.

    Raises Conflict `shown_not_a_member` for a person who does not belong to the owner of the entry.
    """
    row, choice = entry_for(session, actor, code)
    if is_me and choice.person_id is None and row.owner_id not in actor.organisation_ids:
        raise Conflict("shown_not_a_member")
    person_id = actor.person_id if is_me else None
    shown.choose(session, actor, "expert", code, data, person_id=person_id, expected=expected)
    row = lock_row(session, Listing, row.id or 0) or row
    row.version += 1
    session.add(row)
    outbox.add(session, "index", code)
