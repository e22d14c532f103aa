"""The synonyms that a market has added to those of the release: kept in the database, expanded in every query."""

import time
import weakref
from dataclasses import dataclass

from sqlmodel import Session, col, select
from sqlmodel.sql.expression import SelectOfScalar

from search import text
from search.synonyms import Book, SynonymGroup, book
from services.accounts import service as accounts
from services.ground import audit, clock
from services.ground.actor import Actor
from services.ground.database import Database, lock_row
from services.ground.errors import Conflict, Invalid, NotFound
from services.ground.market import Market
from services.ground.permissions import require
from services.matching.schemas import SynonymIn, SynonymOut
from services.matching.search_models import Synonym

KEPT_SECONDS = 5.0
"""What another process added is used after this time at the latest; what this process wrote is used at once."""


@dataclass
class _Kept:
    """The book of one database, until it may have changed."""

    book: Book | None = None
    until: float = 0.0

    def forget(self) -> None:
        self.book = None


_kept: "weakref.WeakKeyDictionary[Database, _Kept]" = weakref.WeakKeyDictionary()


def book_of(market: Market, session: Session) -> Book:
    """Give the synonyms of the release and of this market."""
    kept = _kept.get(market.database)
    if kept is None:
        kept = _kept[market.database] = _Kept()
        market.database.on_write(kept.forget)
    now = time.monotonic()
    found = kept.book
    if found is None or now > kept.until:
        kept.until = now + KEPT_SECONDS
        rows = session.exec(_in_force())
        kept.book = found = book(tuple(SynonymGroup(row.kind, tuple(row.words), "market") for row in rows))
    return found


def added(session: Session, actor: Actor) -> list[SynonymOut]:
    """List what this market has added, newest first."""
    require(actor, "search.curate")
    return [_view(session, row) for row in sorted(session.exec(_in_force()), key=lambda row: -(row.id or 0))]


def add(session: Session, actor: Actor, data: SynonymIn) -> SynonymOut:
    """Add words for one thing. Raises Invalid for a word without letters or twice the same, Conflict for what is known."""
    require(actor, "search.curate")
    words = list(dict.fromkeys(" ".join(text.normalise(word).split()) for word in data.words))
    for place, word in enumerate(words):
        if not text.runs(word):
            raise Invalid(f"words.{place}", "synonym_without_letters", value=word)
    if len(words) < 2:
        raise Invalid("words", "synonym_needs_two")
    known = book(tuple(SynonymGroup(row.kind, tuple(row.words), "market") for row in session.exec(_in_force())))
    if set(words[1:]) <= set(known.others(words[0])):
        raise Conflict("synonym_known", words="、".join(words))
    row = Synonym(kind=data.kind, words=words, added_at=clock.now(), added_by=actor.person_id)
    session.add(row)
    session.flush()
    audit.record(session, actor, "search.synonym_added", "synonym", str(row.id), words=words, synonym_kind=data.kind)
    return _view(session, row)


def remove(session: Session, actor: Actor, number: int) -> None:
    """Take words out of use again. Raises NotFound for what is not in use."""
    require(actor, "search.curate")
    row = lock_row(session, Synonym, number)
    if row is None or row.removed_at is not None:
        raise NotFound("synonym", str(number))
    row.removed_at, row.removed_by = clock.now(), actor.person_id
    session.add(row)
    audit.record(session, actor, "search.synonym_removed", "synonym", str(number), words=list(row.words))


def _in_force() -> SelectOfScalar[Synonym]:
    return select(Synonym).where(col(Synonym.removed_at).is_(None)).order_by(col(Synonym.id))


def _view(session: Session, row: Synonym) -> SynonymOut:
    by = accounts.person_name(session, row.added_by) if row.added_by else ""
    return SynonymOut(id=row.id or 0, kind=row.kind, words=list(row.words), added_at=row.added_at, added_by=by)
