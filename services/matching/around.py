"""Everything that stands around one record on its page: what fits, experts, needs that said the same. One asking of the engine."""

from dataclasses import dataclass

from sqlmodel import Session

from services.ground.actor import Actor
from services.ground.market import Market
from services.listings.schemas import ListingView
from services.matching import memory, triage
from services.matching.match_schemas import MatchesOut, MatchOut
from services.matching.matches import KINDS, judged, orders


@dataclass(frozen=True, slots=True)
class Around:
    """What fits a record; for a need also experts, and other needs that say nearly the same."""

    fits: MatchesOut
    experts: list[MatchOut]
    nearly_equal: list[ListingView]


def around(
    session: Session, actor: Actor, market: Market, asked: ListingView, *, limit: int, experts: int, remember: bool
) -> Around:
    """Find what fits a record, as `matches` finds it, and for a need the experts and the needs nearest to it.

    `remember` asks for the latter too. Raises Unavailable when the engine does not answer.
    """
    groups: list[tuple[str, ...]] = [KINDS[asked.kind]]
    if asked.kind == "need":
        groups += [("expert",), *([("need",)] if remember else [])]
    found = orders(market, asked, groups)
    items = judged(session, actor, asked, found[0], limit)
    advice = triage.advise(asked, items) if asked.kind == "need" else None
    people = judged(session, actor, asked, found[1], experts) if len(found) > 1 else []
    equal = memory.nearly_equal_of(session, actor, asked, found[2]) if len(found) > 2 else []
    return Around(MatchesOut(items=items, ranker=found[0].ranker, advice=advice), people, equal)
