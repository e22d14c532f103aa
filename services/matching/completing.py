"""Help while typing: words, organisations and experts that begin so, and the titles they lead to. Public data only."""

from sqlmodel import Session

from search import completion
from search.engine import EngineUnavailable
from search.parse import parse
from services.ground.actor import ANONYMOUS
from services.ground.errors import Unavailable
from services.ground.identifiers import path_of
from services.ground.market import Market
from services.listings import service as listings
from services.matching import synonyms
from services.matching.schemas import CompletionOut

TITLES = 3
LABELS = {"word": "词", "organisation": "单位", "expert": "专家", "title": "标题"}


def complete(session: Session, market: Market, typed: str, limit: int = 8) -> list[CompletionOut]:
    """Give ways to go on, best first; nothing for less than one letter. Raises Unavailable.

    Everybody is answered like a visitor: what is suggested says nothing about what somebody may see.
    """
    typed = typed[: completion.MAX_TYPED]
    try:
        begun = completion.complete(market.engine, typed, limit)
        items = [_one(found) for found in begun]
        word = next((one.text for one in begun if one.kind == "word"), typed)
        query = parse(word, limit=TITLES, book=synonyms.book_of(market, session))
        hits = market.engine.search(query).hits if query.groups else ()
    except EngineUnavailable as error:
        raise Unavailable("search") from error
    rows = listings.visible_by_ids(session, ANONYMOUS, [key for key, _score in hits]) if hits else []
    shown = {item.text for item in items}
    titles = [
        CompletionOut(text=row.title, kind="title", label=LABELS["title"], count=1, url=row.url)
        for row in rows
        if row.title not in shown
    ]
    return [*items[: max(0, limit - len(titles))], *titles]


def _one(found: completion.Completion) -> CompletionOut:
    url = path_of(found.code) if found.code else None
    return CompletionOut(text=found.text, kind=found.kind, label=LABELS[found.kind], count=found.count, url=url)
