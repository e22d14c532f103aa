"""The one interface of both search engines. What an engine cannot do the same way as the other is not in it."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Protocol, Self

from search.documents import Document, StoredText
from search.query import Cursor, Query, Term


class SearchError(Exception):
    """The engine cannot do what was asked just now; the message says why."""


class EngineUnavailable(SearchError):
    """The engine does not answer. Writing to the database still works, the index catches up later."""


class WrongVersion(EngineUnavailable):
    """The index was made by another language chain; it has to be rebuilt before it can be used, and is not mixed."""

    def __init__(self, found: str, needed: str) -> None:
        """Keep both versions; the message tells the operator what to do."""
        super().__init__(
            f"the search index was made by language chain {found}, this program needs {needed}: yaosu reindex"
        )
        self.found = found
        self.needed = needed


class NotTheWriter(SearchError):
    """Another process holds the embedded index for writing."""


@dataclass(frozen=True, slots=True)
class Page:
    """One page of an answer. Total, facets and hits come from the same candidates.

    `hits` are (id, score), best first, ties by id; the score is 0 where another order was asked for. `facets` map a
    filter to (value, count), most frequent first; a filter's own selection does not narrow its counts. `next` is None
    on the last page.
    """

    total: int
    hits: tuple[tuple[int, float], ...]
    facets: Mapping[str, tuple[tuple[str, int], ...]] = field(default_factory=dict)
    next: Cursor | None = None
    relaxed: bool = False


@dataclass(frozen=True, slots=True)
class Statistics:
    """What a ranking formula needs to know about the whole collection."""

    documents: int
    average_length: Mapping[str, float]
    frequencies: Mapping[str, Mapping[str, int]]


@dataclass(frozen=True, slots=True)
class Health:
    """Whether the engine answers, whether it may be written, and what it holds."""

    ok: bool
    engine: str
    documents: int
    writable: bool
    detail: str = ""


class Rebuild(Protocol):
    """A new index being filled beside the one in use. Writes to the engine go to both until the switch."""

    def add(self, documents: Iterable[Document]) -> None:
        """Add a batch, every record once. What was written or removed since the rebuild began is not overwritten.

        Read the records after `rebuild()` has returned, or a change in between may be missed.
        """

    def switch(self) -> None:
        """Make the new index the one in use, without a gap, and remove the old one."""

    def abandon(self) -> None:
        """Remove the half-built index; the one in use stays as it is."""

    def __enter__(self) -> Self:
        """Give itself; leaving the block after an error abandons."""

    def __exit__(self, kind: object, error: object, trace: object) -> None:
        """Abandon unless `switch` was reached."""


class Engine(Protocol):
    """A search engine. Every call is safe from several threads."""

    def may_write(self) -> bool:
        """Try to become the one process that writes; always True for a server. A caller that gets False leaves the work."""

    def write(self, documents: Sequence[Document], deletes: Collection[int] = ()) -> None:
        """Put documents in place of older ones with the same id, and remove ids; durable and visible on return.

        An older version than the one in the index is ignored. Raises UndeclaredField, WrongVersion, NotTheWriter,
        EngineUnavailable.
        """

    def versions(self, ids: Collection[int]) -> dict[int, int]:
        """Give the version that the index holds of each of these ids; ids it does not hold are missing."""

    def ids(self, after: int = 0, limit: int = 1000) -> list[int]:
        """Give the next ids above `after`, ascending, to walk the whole index in steps."""

    def search(self, query: Query) -> Page:
        """Answer a query. Raises UndeclaredField for filters, facets or sorts that no document declares."""

    def totals(self, queries: Sequence[Query]) -> list[int]:
        """Count what each of these queries finds, on a server in one round trip. Raises UndeclaredField."""

    def candidates(
        self, terms: Sequence[Term], filters: Mapping[str, Collection[str]], k: int, exclude: Collection[int] = ()
    ) -> list[tuple[int, float]]:
        """Give the k best (id, score) of one flat sum of weighted terms; ties by id."""

    def candidates_of(
        self,
        terms: Sequence[Term],
        groups: Sequence[Mapping[str, Collection[str]]],
        k: int,
        exclude: Collection[int] = (),
    ) -> list[list[tuple[int, float]]]:
        """Give what `candidates` gives for each of several filters, on a server in one round trip."""

    def texts(self, ids: Sequence[int]) -> dict[int, StoredText]:
        """Give the normalised texts of these records for the ranking."""

    def statistics(self, terms: Mapping[str, Collection[str]]) -> Statistics:
        """Give number of documents, average lengths and document frequencies of the terms, by token field."""

    def complete(self, prefix: str, limit: int = 10) -> list[tuple[str, int]]:
        """Give tokens of the field `complete` that begin with a prefix, with their number of records, most frequent first."""

    def rebuild(self, total: int = 0) -> Rebuild:
        """Begin a new index beside the one in use; `total` is the number of documents to come, 0 for unknown."""

    def health(self) -> Health:
        """Say how the engine is. Never raises."""

    def close(self) -> None:
        """Release files, locks and connections."""


def open_engine(
    url: str | None,
    home: Path,
    prefix: str = "yaosu",
    *,
    api_key: str | None = None,
    ca: str | None = None,
    writable: bool = True,
) -> Engine:
    """Open Elasticsearch at `url`, or without one the embedded engine in the folder `home`.

    `writable=False` opens the embedded index for reading beside the process that writes it. Raises WrongVersion for an
    index of another language chain only on first use, so that a rebuild can be started on it.
    """
    if url:
        from search.elastic_engine import ElasticEngine  # noqa: PLC0415 - the client is not loaded where it is not used

        return ElasticEngine(url, prefix, api_key=api_key, ca=ca)
    from search.tantivy_engine import TantivyEngine  # noqa: PLC0415 - and the other way round

    return TantivyEngine(home / prefix, writable=writable)


def search_relaxing(engine: Engine, query: Query) -> Page:
    """Search; where not all words are found together, search again for most of them and say so in `relaxed`.

    Filters are never dropped. The total decides, not the rows, so that every page of a list is relaxed alike.
    """
    page = engine.search(query)
    ways = () if page.total else query.ways()
    if not ways:
        return page
    for way, total in zip(ways, engine.totals(ways), strict=True):
        if total:
            return replace(engine.search(way), relaxed=True)
    return page
