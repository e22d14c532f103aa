"""Matching as users meet it, and the door to searching. The engine ranks ids; rows come from the database, asked `may` once more."""

from sqlmodel import Session

from search import ranking, reasons
from search.engine import EngineUnavailable, Statistics
from services.ground.actor import Actor
from services.ground.errors import Unavailable
from services.ground.market import Market
from services.listings import service as listings
from services.listings.schemas import ListingView
from services.matching import learning, rules
from services.matching.completing import complete
from services.matching.index import follow, reconcile, reindex
from services.matching.queries import note_click, troubled, write_down
from services.matching.schemas import MatchesOut, MatchOut, ParameterCheck, ReasonOut
from services.matching.searching import FACETS, Asked, search
from services.matching.synonyms import add as add_synonym
from services.matching.synonyms import added as added_synonyms
from services.matching.synonyms import remove as remove_synonym

__all__ = [
    "FACETS",
    "Asked",
    "add_synonym",
    "added_synonyms",
    "complete",
    "follow",
    "matches",
    "note_click",
    "reconcile",
    "reindex",
    "remove_synonym",
    "search",
    "troubled",
    "write_down",
]

CANDIDATES = 500


def matches(
    session: Session, actor: Actor, market: Market, code: str, *, kinds: tuple[str, ...] = (), limit: int = 20
) -> MatchesOut:
    """Find what fits a need (results, patents, experts) or a record (needs), best first, each with its reasons.

    Raises NotFound or Gone as the record's page does, Unavailable when the engine does not answer.
    """
    asked = listings.get_visible(session, actor, code)
    kinds = kinds or (("result", "patent") if asked.kind == "need" else ("need",))
    need = ranking.NeedText(asked.title, "\n".join(part for part in (asked.summary, asked.body) if part))
    try:
        statistics = market.engine.statistics(ranking.vocabulary(need))
        hits = market.engine.candidates(
            ranking.candidate_terms(need, statistics), {"kind": kinds}, CANDIDATES, exclude=(asked.id,)
        )
        texts = market.engine.texts([key for key, _score in hits])
    except EngineUnavailable as error:
        raise Unavailable("search") from error
    candidates = ranking.prepare(texts, learning.current(market))
    ranked = ranking.rank(need, candidates, statistics)
    rows = {row.id: row for row in listings.visible_by_ids(session, actor, [item.id for item in ranked[: limit * 2]])}
    items = [_match(asked, rows[item.id], item, need, statistics) for item in ranked if item.id in rows]
    items.sort(key=lambda item: (-item.score, item.code))
    return MatchesOut(items=items[:limit], ranker=candidates.ranker)


def _match(
    asked: ListingView,
    record: ListingView,
    scored: ranking.Scored,
    need: ranking.NeedText,
    statistics: Statistics,
) -> MatchOut:
    wanted, offered = (asked, record) if asked.kind == "need" else (record, asked)
    shown = f"{record.title}\n{record.summary}\n{record.body}"
    told = [
        ReasonOut(kind="word", text=word, weight=weight)
        for word, weight in reasons.shared_words(need, shown, statistics)
    ]
    told += [ReasonOut(kind=kind, text=text) for kind, text in rules.facts(wanted, offered)]
    checks = [ParameterCheck(**row) for row in rules.compare(wanted, offered)]
    return MatchOut(
        code=record.code,
        title=record.title,
        state=record.state,
        url=record.url,
        kind=record.kind,
        score=round(max(0.0, scored.score + rules.adjustment(checks)) * 100, 1),
        level=scored.level,
        reasons=told,
        parameters=checks,
    )
