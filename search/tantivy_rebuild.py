"""A new embedded index, built beside the one in use."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping
from typing import TYPE_CHECKING, Any, Self

from search import generations
from search.documents import Document, check
from search.engine import SearchError
from search.tantivy_query import one_record

if TYPE_CHECKING:
    import tantivy

    from search.tantivy_engine import TantivyEngine

BUILD_MEMORY = 128_000_000


class TantivyRebuild:
    """The half-built index; see `search.engine.Rebuild`. Made by `TantivyEngine.rebuild` only."""

    def __init__(
        self,
        engine: TantivyEngine,
        generation: generations.Generation,
        index: tantivy.Index,
        to_tantivy: Callable[[Document], tantivy.Document],
        total: int,
    ) -> None:
        """Open a writer of its own in the new folder."""
        self.total = total
        self.added = 0
        self._engine = engine
        self._generation = generation
        self._to_tantivy = to_tantivy
        self._schema = index.schema
        self._writer: Any = index.writer(BUILD_MEMORY, 1)
        self._over = False
        # What was written while building is newer than any batch read before: version, or None for a removed record.
        self._followed: dict[int, int | None] = {}

    def add(self, documents: Iterable[Document]) -> None:
        """Add a batch; every record once. What was written or removed meanwhile is left as it is."""
        for document in documents:
            check(document)
            made = self._to_tantivy(document)
            with self._engine.lock:
                self._require_open()
                if document.id not in self._followed:
                    self._writer.add_document(made)
                    self.added += 1

    def follow(
        self, documents: Mapping[int, Document], made: Mapping[int, tantivy.Document], deletes: Collection[int]
    ) -> None:
        """Do to the new index what is being done to the one in use; durable on return. Called by the engine under its lock."""
        for number in deletes:
            self._writer.delete_documents_by_query(one_record(self._schema, number))
            self._followed[number] = None
        for number, document in documents.items():
            known = self._followed.get(number)
            if known is None or document.version >= known:
                self._writer.delete_documents_by_query(one_record(self._schema, number))
                self._writer.add_document(made[number])
                self._followed[number] = document.version
        self._writer.commit()

    def _require_open(self) -> None:
        if self._over:
            raise SearchError("this rebuild is over; begin another one")

    def switch(self) -> None:
        """Make the new index the one in use and remove the old one."""
        engine = self._engine
        with engine.lock:
            self._require_open()
            self._writer.commit()
            self._writer.wait_merging_threads()
            self._writer = None
            old = generations.current(engine.home)
            generations.use(engine.home, self._generation)
            self._over = True
            engine.rebuilding = None
            engine.drop_writer()
            if old is not None:
                generations.remove(old)

    def abandon(self) -> None:
        """Remove the half-built index."""
        with self._engine.lock:
            if self._over:
                return
            self._over = True
            self._engine.rebuilding = None
            self._writer = None
            generations.remove(self._generation)

    def __enter__(self) -> Self:
        """Give itself."""
        return self

    def __exit__(self, kind: object, error: object, trace: object) -> None:
        """Abandon unless `switch` was reached."""
        self.abandon()
