"""The quality of matching in public: measured by a job or a command, stored, and shown as measured."""

from dataclasses import asdict
from datetime import timedelta
from statistics import median
from typing import Any

from sqlmodel import Session, col, func, select

from search import text
from search.evaluate import Evaluation
from services.ground import clock
from services.ground.actor import ANONYMOUS
from services.ground.market import Market
from services.listings import service as listings
from services.matching.labelled import Labelled, Progress, measure
from services.matching.match_models import QualityRun
from services.matching.match_schemas import LabelledQualityOut, MarketQualityOut, QualityOut
from services.matching.matches import matches
from services.matching.search_models import SearchQuery

MOST_NEEDS = 500
"""Of a larger market the newest needs are measured."""
SEARCH_DAYS = 30
LOOKED_AT = 10
STRONG, FAIRLY_STRONG, WEAK = 4, 3, 2


def measure_labelled(market: Market, labelled: Labelled, progress: Progress | None = None) -> Evaluation:
    """Measure the labelled set and keep the figures."""
    found = measure(labelled, progress)
    figures = asdict(found) | {
        "judged_pairs": sum(len(row) for row in labelled.grades.values()),
        "reference_ranker": found.as_json()["reference_ranker"],
    }
    _keep(market, "labelled", figures)
    return found


def measure_market(market: Market, progress: Progress | None = None) -> MarketQualityOut:
    """Match every open need of the market, count what comes of it, and keep the figures."""
    levels: list[int] = []
    ranker = ""
    with market.database.read() as session:
        needs = [one for one in listings.newest(session, ANONYMOUS, "need", MOST_NEEDS) if one.state == "published"]
        for need in needs:
            answer = matches(session, ANONYMOUS, market, need.code, limit=LOOKED_AT)
            levels.append(max((item.level for item in answer.items), default=1))
            ranker = answer.ranker
            if progress:
                progress(len(levels), len(needs))
        searches, empty = _searches(session)
    figures = MarketQualityOut(
        at=clock.now(),
        ranker=ranker,
        chain_version=text.CHAIN_VERSION,
        needs=len(levels),
        without_match=sum(1 for level in levels if level < WEAK),
        with_fairly_strong=sum(1 for level in levels if level >= FAIRLY_STRONG),
        with_strong=sum(1 for level in levels if level >= STRONG),
        median_level=median(levels) if levels else None,
        searches=searches,
        searches_empty=empty,
    )
    _keep(market, "market", figures.model_dump(mode="json", exclude={"at"}))
    return figures


def is_due(session: Session, kind: str) -> bool:
    """Say whether this has not been measured today."""
    row = _last(session, kind)
    return row is None or row.at.astimezone(clock.LAW_ZONE).date() < clock.today()


def latest(session: Session) -> QualityOut:
    """Give what was measured last of both; None for what never was."""
    labelled, market = _last(session, "labelled"), _last(session, "market")
    return QualityOut(
        labelled=LabelledQualityOut(at=labelled.at, **labelled.figures) if labelled else None,
        market=MarketQualityOut(at=market.at, **market.figures) if market else None,
    )


def _last(session: Session, kind: str) -> QualityRun | None:
    return session.exec(select(QualityRun).where(QualityRun.kind == kind).order_by(col(QualityRun.id).desc())).first()


def _keep(market: Market, kind: str, figures: dict[str, Any]) -> None:
    with market.database.write() as session:
        session.add(QualityRun(kind=kind, at=clock.now(), figures=figures))


def _searches(session: Session) -> tuple[int, int]:
    """Count the searches of the last days and those that found nothing with all words."""
    since = clock.today() - timedelta(days=SEARCH_DAYS - 1)
    statement = select(func.sum(SearchQuery.searches), func.sum(SearchQuery.empty)).where(col(SearchQuery.day) >= since)
    searches, empty = session.exec(statement).one()
    return int(searches or 0), int(empty or 0)
