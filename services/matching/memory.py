"""Needs that return: the same, or nearly the same, was asked before. What was said then is shown as memory, never ranked by."""

from sqlmodel import Session

from search import text
from services.ground.actor import Actor
from services.ground.market import Market
from services.listings import service as listings
from services.listings.schemas import ListingView
from services.matching.matches import order

NEARLY = 0.6
"""Share of the bigrams of both texts together that both have."""
LOOKED_AT = 10


def nearly_equal(session: Session, actor: Actor, market: Market, need: ListingView) -> list[ListingView]:
    """Give earlier or later needs that say nearly the same, nearest first. Raises Unavailable as `order` does."""
    ranked = order(market, need, ("need",)).ranked[:LOOKED_AT]
    others = listings.visible_by_ids(session, actor, [item.id for item in ranked])
    return [other for other in others if alike(need, other) >= NEARLY]


def alike(one: ListingView, other: ListingView) -> float:
    """Say how much of two needs is the same, 0-1."""
    first, second = (
        set(text.bigrams(text.normalise(f"{need.title}\n{need.summary}\n{need.body}"))) for need in (one, other)
    )
    return len(first & second) / max(len(first | second), 1)
