"""A new Elasticsearch index, built beside the one in use."""

from collections.abc import Iterable
from typing import TYPE_CHECKING, Self

from search.documents import Document, check

if TYPE_CHECKING:
    from search.elastic_engine import ElasticEngine


class ElasticRebuild:
    """A new index being filled; see `search.engine.Rebuild`. Made by `ElasticEngine.rebuild` only."""

    def __init__(self, engine: "ElasticEngine", name: str, total: int) -> None:
        self.total = total
        self.added = 0
        self._engine = engine
        self._name = name
        self._over = False

    def add(self, documents: Iterable[Document]) -> None:
        """Add a batch; what was written meanwhile has a newer version and stays."""
        batch = list(documents)
        for document in batch:
            check(document)
        self._engine.fill(self._name, batch)
        self.added += len(batch)

    def switch(self) -> None:
        """Make the new index the one in use and remove the old one."""
        self._engine.switch_to(self._name)
        self._over = True

    def abandon(self) -> None:
        """Remove the half-built index."""
        if not self._over:
            self._over = True
            self._engine.drop(self._name)

    def __enter__(self) -> Self:
        """Give itself."""
        return self

    def __exit__(self, kind: object, error: object, trace: object) -> None:
        """Abandon unless `switch` was reached."""
        self.abandon()
