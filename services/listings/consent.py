"""What of experts' entries is kept back, because the experts do not show it. Asked wherever an entry is shown."""

from collections.abc import Callable
from typing import Any

from sqlmodel import Session

from services.accounts import shown
from services.listings.schemas import ListingView


def applied(session: Session, views: list[ListingView], is_own: Callable[[int], bool]) -> list[ListingView]:
    """Take out of views of experts what they do not show, unless the view in that place is the reader's own side's.

    No question is asked where there is no expert.
    """
    codes = [out.code for out in views if out.kind == "expert"]
    if not codes:
        return views
    everything = frozenset(shown.FIELDS["expert"])
    kept_back = {code: everything - choice.fields for code, choice in shown.of(session, "expert", codes).items()}
    return [
        out.model_copy(update=left_out(out.details, kept_back[out.code]))
        if kept_back.get(out.code) and not is_own(number)
        else out
        for number, out in enumerate(views)
    ]


def left_out(details: dict[str, Any], hidden: frozenset[str]) -> dict[str, Any]:
    """Give the changes that take out of a view what its expert keeps back."""
    changes: dict[str, Any] = {"details": {name: value for name, value in details.items() if name not in hidden}}
    if "owner" in hidden:
        changes |= {"owner_code": "", "owner_name": ""}
    if "region" in hidden:
        changes["region_code"] = None
    if "body" in hidden:
        changes |= {"body": "", "summary": ""}
    return changes


def takes_contact(session: Session, code: str) -> bool:
    """Say whether an expert wants to be contacted; every other record does."""
    return not code.startswith("E-") or "contact" in shown.one(session, "expert", code).fields
