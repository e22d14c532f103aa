"""Needs that return: the same, or nearly the same, was asked before. What was said then is shown as memory, never ranked by."""

from sqlmodel import Session

from search import text
from services.ground.actor import Actor
from services.listings import service as listings
from services.listings.schemas import ListingView
from services.matching.matches import Order

NEARLY = 0.6
"""Share of the bigrams of both texts together that both have."""
LOOKED_AT = 10


def nearly_equal_of(session: Session, actor: Actor, need: ListingView, others: Order) -> list[ListingView]:
    """Give those of ranked needs that say nearly the same, nearest first."""
    ranked = others.ranked[:LOOKED_AT]
    seen = listings.visible_by_ids(session, actor, [item.id for item in ranked])
    return [other for other in seen if alike(need, other) >= NEARLY]


def alike(one: ListingView, other: ListingView) -> float:
    """Say how much of two needs is the same, 0-1."""
    first, second = (
        set(text.bigrams(text.normalise(f"{need.title}\n{need.summary}\n{need.body}"))) for need in (one, other)
    )
    return len(first & second) / max(len(first | second), 1)
