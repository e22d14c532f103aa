"""What fits a need, or a record: candidates from the engine, put in order by us, each with its reasons.

Journey 2 of the design. The pages, the API, the waking of sleeping needs and the figures of /quality all come through
`order`; `why_not` asks the same order about one record.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

from sqlmodel import Session

from search import ranking, reasons
from search.documents import StoredText
from search.engine import EngineUnavailable, Statistics
from search.vectors import Meaning
from services.ground import clock
from services.ground.actor import Actor
from services.ground.errors import Invalid, Unavailable
from services.ground.market import Market
from services.listings import service as listings
from services.listings.schemas import ListingView
from services.matching import ageing, learning, parameters, rules, triage, why
from services.matching.match_schemas import MatchesOut, MatchOut, ParameterCheck, ReasonOut, WhyOut

CANDIDATES = 500
SHOWN = 20
FITTING = 0.22
"""From this score of its text on a record counts as one that fits what is still being written."""
KINDS = {"need": ("result", "patent"), "result": ("need",), "patent": ("need",), "expert": ("need",)}
"""What is looked for, for each kind of record, when the asker does not say. A need may also ask for experts."""


@dataclass(frozen=True, slots=True)
class Order:
    """The candidates for one record, best first by their texts, and what is needed to say why."""

    asked: ranking.NeedText
    statistics: Statistics
    ranked: list[ranking.Scored]
    ranker: str


def order(market: Market, asked: ListingView, kinds: Collection[str], also: Sequence[int] = ()) -> Order:
    """Put the candidates for a record in order by their texts; `also` are ids ranked even if they are no candidates.

    Raises Unavailable when the engine does not answer.
    """
    return _orders(market, _text(asked), [tuple(kinds)], (asked.id,), also)[0]


def orders(market: Market, asked: ListingView, groups: Sequence[Collection[str]]) -> list[Order]:
    """Put the candidates of several groups of kinds in order, each as `order` does, asking the engine once for all."""
    return _orders(market, _text(asked), groups, (asked.id,))


def _text(asked: ListingView) -> ranking.NeedText:
    return ranking.NeedText(asked.title, "\n".join(part for part in (asked.summary, asked.body) if part))


def similar(
    session: Session, actor: Actor, market: Market, title: str, body: str, kinds: tuple[str, ...], *, limit: int = 200
) -> list[ListingView]:
    """Find records that fit a text which is no record yet, best first. Raises Unavailable as `order` does."""
    found = _orders(market, ranking.NeedText(title, body), [kinds])[0]
    fitting = [item.id for item in found.ranked if item.score >= FITTING]
    return listings.visible_by_ids(session, actor, fitting[:limit])


def _orders(
    market: Market,
    text: ranking.NeedText,
    groups: Sequence[Collection[str]],
    exclude: tuple[int, ...] = (),
    also: Sequence[int] = (),
) -> list[Order]:
    try:
        statistics = market.engine.statistics(ranking.vocabulary(text))
        terms = ranking.candidate_terms(text, statistics)
        filters = [{"kind": tuple(kinds)} for kinds in groups]
        hits = market.engine.candidates_of(terms, filters, CANDIDATES, exclude)
        chosen = [list(dict.fromkeys((*(key for key, _score in found), *also))) for found in hits]
        texts = market.engine.texts(list(dict.fromkeys(key for keys in chosen for key in keys)))
    except EngineUnavailable as error:
        raise Unavailable("search") from error
    meaning = learning.current(market)
    return [_ranked(text, statistics, {key: texts[key] for key in keys if key in texts}, meaning) for keys in chosen]


def _ranked(
    text: ranking.NeedText, statistics: Statistics, texts: Mapping[int, StoredText], meaning: Meaning | None
) -> Order:
    candidates = ranking.prepare(texts, meaning)
    return Order(text, statistics, ranking.rank(text, candidates, statistics), candidates.ranker)


def matches(
    session: Session, actor: Actor, market: Market, code: str, *, kinds: tuple[str, ...] = (), limit: int = SHOWN
) -> MatchesOut:
    """Find what fits a need (results and patents, or experts) or a record (needs), best first, each with its reasons.

    Raises NotFound or Gone as the record's page does, Invalid for kinds that cannot be asked for, Unavailable when the
    engine does not answer.
    """
    asked = listings.get_visible(session, actor, code)
    found = order(market, asked, _kinds(asked, kinds))
    items = judged(session, actor, asked, found, limit)
    advice = triage.advise(asked, items) if asked.kind == "need" else None
    return MatchesOut(items=items, ranker=found.ranker, advice=advice)


def why_not(session: Session, actor: Actor, market: Market, code: str, record_code: str, limit: int = SHOWN) -> WhyOut:
    """Say where a record stands for a need (or the other way round), and where it lost against those that are shown.

    Raises NotFound or Gone for records that this reader may not see, Invalid for two of which none is a need.
    """
    asked = listings.get_visible(session, actor, code)
    record = listings.get_visible(session, actor, record_code)
    if (asked.kind == "need") == (record.kind == "need"):
        raise Invalid("record", "match_of_two_kinds")
    found = order(market, asked, (record.kind,), also=(record.id,))
    here = next((one for one in found.ranked if one.id == record.id), None)
    if here is None:
        return why.not_in_the_index(record)
    items = judged(session, actor, asked, found, limit)
    own = match(asked, record, here, found)
    last = next((one for one in found.ranked if items and one.id == items[-1].id), None)
    place = next((n for n, one in enumerate(found.ranked, 1) if one.id == record.id), 0)
    return why.explain(record, own, here, last, items, place, found)


def match(
    asked: ListingView,
    record: ListingView,
    scored: ranking.Scored,
    found: Order,
    checks: list[ParameterCheck] | None = None,
) -> MatchOut:
    """Say of one candidate how it fits: score and level with its parameters, and its reasons."""
    wanted, offered = (asked, record) if asked.kind == "need" else (record, asked)
    checks = _checks(asked, record) if checks is None else checks
    shown = f"{record.title}\n{record.summary}\n{record.body}"
    words = reasons.shared_words(found.asked, shown, found.statistics)
    told = [ReasonOut(kind="word", text=word, weight=weight) for word, weight in words]
    told += [ReasonOut(kind=kind, text=text) for kind, text in rules.facts(wanted, offered)]
    if (days := ageing.days(record.confirmed_at, clock.now())) is not None:
        told.append(ReasonOut(kind="age", text=f"{days} 天没有确认，排得靠后"))
    return MatchOut(
        id=record.id,
        code=record.code,
        title=record.title,
        state=record.state,
        url=record.url,
        kind=record.kind,
        score=_points(scored, checks, record),
        level=rules.level_with(scored.level, checks, reasons.said(found.asked, shown, found.statistics, words)),
        reasons=told,
        parameters=checks,
    )


def _kinds(asked: ListingView, kinds: tuple[str, ...]) -> tuple[str, ...]:
    allowed = ("result", "patent", "expert") if asked.kind == "need" else ("need",)
    wrong = [kind for kind in kinds if kind not in allowed]
    if wrong:
        raise Invalid("kind", "match_kind_unknown", value=wrong[0][:20], allowed="、".join(allowed))
    return kinds or KINDS[asked.kind]


def judged(session: Session, actor: Actor, asked: ListingView, found: Order, limit: int) -> list[MatchOut]:
    """Give the best with their parameters counted in. Twice as many are looked at: a must that is not met sinks one."""
    best = found.ranked[: limit * 2]
    rows = {row.id: row for row in listings.visible_by_ids(session, actor, [item.id for item in best])}
    looked = [(item, rows[item.id], _checks(asked, rows[item.id])) for item in best if item.id in rows]
    looked.sort(key=lambda one: (-_points(one[0], one[2], one[1]), one[1].code))
    once: dict[tuple[str, int], MatchOut] = {}
    for item, record, checks in looked:
        same = once.get((record.title, record.owner_id or -record.id))
        if same is not None:
            same.same_title.append(record.code)
        elif len(once) < limit:
            once[record.title, record.owner_id or -record.id] = match(asked, record, item, found, checks)
    return list(once.values())


def _checks(asked: ListingView, record: ListingView) -> list[ParameterCheck]:
    return parameters.compare(asked, record) if asked.kind == "need" else parameters.compare(record, asked)


def _points(scored: ranking.Scored, checks: list[ParameterCheck], record: ListingView) -> float:
    """Give the score with parameters and age counted in, in points of 100."""
    kept = ageing.factor(record.confirmed_at, clock.now())
    return round(max(0.0, scored.score + rules.adjustment(checks)) * kept * 100, 1)
