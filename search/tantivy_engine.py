"""The embedded search engine: tantivy in a folder. One process writes, others read beside it."""

import threading
from collections.abc import Collection, Mapping, Sequence
from pathlib import Path
from typing import Any

import tantivy
from filelock import FileLock, Timeout

from search import generations, tantivy_search
from search import tantivy_query as tq
from search.documents import (
    INDEX_VERSION,
    LENGTHS,
    STORED_FILTERS,
    Document,
    StoredText,
    check,
    filter_values,
    indexed,
    require_declared,
    sort_values,
)
from search.engine import Health, NotTheWriter, Page, Statistics, WrongVersion
from search.query import Query, Term
from search.tantivy_rebuild import TantivyRebuild

WRITER_MEMORY = 32_000_000


def open_index(folder: Path) -> tantivy.Index:
    """Open or make the index of a folder. Readers are told of commits by us, not by a watching thread."""
    index = tantivy.Index(tq.make_schema(tantivy.SchemaBuilder()), path=str(folder))
    index.config_reader("manual")
    return index


def to_tantivy(document: Document) -> tantivy.Document:
    """Turn a document into tantivy's."""
    made = tantivy.Document()
    made.add_unsigned("id", document.id)
    made.add_integer("version", document.version)
    tokens, stored, lengths = indexed(document)
    for name, found in tokens.items():
        made.add_text(name, " ".join(found))
    for name, values in filter_values(document).items():
        for value in dict.fromkeys(values):
            made.add_text(f"f_{name}", value)
    for name, number in sort_values(document).items():
        made.add_integer(f"s_{name}", number)
    for name, length in lengths.items():
        made.add_unsigned(f"n_{name}", length)
    made.add_bytes("title_text", stored.title.encode())
    made.add_bytes("body_text", stored.body.encode())
    return made


def held_versions(index: tantivy.Index, ids: Collection[int]) -> dict[int, int]:
    """Look up the versions of these ids in the committed index."""
    if not ids:
        return {}
    searcher = index.searcher()
    found = tantivy.Query.term_set_query(index.schema, "id", list(ids))
    addresses = [address for _, address in searcher.search(found, len(ids) + 1, count=False).hits]
    numbers = searcher.fast_field_values("id", addresses)
    versions = searcher.fast_field_values("version", addresses)
    return {int(number or 0): int(version or 0) for number, version in zip(numbers, versions, strict=True)}


class TantivyEngine:
    """The embedded engine in one folder; see `search.engine.Engine` for what its methods promise."""

    def __init__(self, home: Path, *, writable: bool = True) -> None:
        """Open the folder. The lock of the writer is taken when something is first written."""
        self.home = home
        self.writable = writable
        self.lock = threading.RLock()
        self.rebuilding: TantivyRebuild | None = None
        self._file_lock = FileLock(str(home / "writer.lock"), thread_local=False)
        self._index: tantivy.Index | None = None
        self._writer: Any = None
        self._generation: generations.Generation | None = None
        self._stamp: tuple[int, int] = (-1, -1)
        self._commit: tuple[int, int] = (-1, -1)
        self._averages: tuple[object, dict[str, float]] | None = None

    # ---- opening

    def may_write(self) -> bool:
        """Try to become the one process that writes this index; True when it is."""
        if not self.writable:
            return False
        with self.lock:
            if self._file_lock.is_locked:
                return True
            self.home.mkdir(parents=True, exist_ok=True)
            try:
                self._file_lock.acquire(timeout=0)
            except Timeout:
                return False
            generations.remove_leftovers(self.home)
            if generations.current(self.home) is None:
                first = generations.new(self.home, INDEX_VERSION)
                open_index(first.folder)
                generations.use(self.home, first)
            return True

    def require_writer(self) -> None:
        """Raise NotTheWriter unless this process may write."""
        if not self.may_write():
            raise NotTheWriter(f"another process writes the search index in {self.home}")

    def _refreshed(self) -> tantivy.Index | None:
        """Give the index in use with all that was committed, whoever committed it; None before the first write."""
        with self.lock:
            stamp = generations.stamp(self.home)
            if stamp != self._stamp:
                self._open_current()
                self._stamp = stamp
            if self._generation is not None and self._generation.chain != INDEX_VERSION:
                raise WrongVersion(self._generation.chain, INDEX_VERSION)
            if self._index is not None and self._generation is not None and self._writer is None:
                status = (self._generation.folder / "meta.json").stat()
                commit = (status.st_ino, status.st_mtime_ns)
                if commit != self._commit:
                    self._index.reload()
                    self._commit = commit
            return self._index

    def _open_current(self) -> None:
        self._writer = None
        self._index = None
        self._commit = (-1, -1)
        for _ in range(20):  # the folder may be replaced between the two lines: then the file names another one
            self._generation = generations.current(self.home)
            if self._generation is None or self._generation.chain != INDEX_VERSION:
                return
            try:
                self._index = open_index(self._generation.folder)
            except (OSError, ValueError):
                if self._generation == generations.current(self.home):
                    raise
            else:
                return

    def _searcher(self) -> tuple[tantivy.Index, tantivy.Searcher] | None:
        index = self._refreshed()
        return None if index is None else (index, index.searcher())

    # ---- writing

    def write(self, documents: Sequence[Document], deletes: Collection[int] = ()) -> None:
        """Put documents in, and remove ids; durable and visible on return."""
        for document in documents:
            check(document)
        latest = {document.id: document for document in sorted(documents, key=lambda one: one.version)}
        with self.lock:
            self.require_writer()
            made = {number: to_tantivy(document) for number, document in latest.items()}
            if self.rebuilding is not None:
                self.rebuilding.follow(latest, made, deletes)
            try:
                index = self._refreshed()
            except WrongVersion:
                if self.rebuilding is None:
                    raise
                return
            assert index is not None
            if self._writer is None:
                self._writer = index.writer(WRITER_MEMORY, 1)
            index.reload()
            held = held_versions(index, {*latest, *deletes})
            try:
                self._change(index.schema, latest, made, deletes, held)
            except BaseException:
                self._writer.rollback()
                raise
            index.reload()

    def _change(
        self,
        schema: tantivy.Schema,
        latest: Mapping[int, Document],
        made: Mapping[int, tantivy.Document],
        deletes: Collection[int],
        held: Mapping[int, int],
    ) -> None:
        """Write and commit. Removing costs more than adding, and all that was written is committed: only what is held goes."""
        for number in held.keys() & set(deletes):
            self._writer.delete_documents_by_query(tq.one_record(schema, number))
        for number, document in latest.items():
            if document.version < held.get(number, document.version):
                continue
            if number in held:
                self._writer.delete_documents_by_query(tq.one_record(schema, number))
            self._writer.add_document(made[number])
        self._writer.commit()

    def drop_writer(self) -> None:
        """Let go of the index in use, so that another one can come into use."""
        if self._writer is not None:
            self._writer.wait_merging_threads()
        self._writer = None
        self._stamp = (-1, -1)

    def rebuild(self, total: int = 0) -> TantivyRebuild:
        """Begin a new index beside the one in use."""
        with self.lock:
            self.require_writer()
            if self.rebuilding is not None:
                self.rebuilding.abandon()
            generations.remove_leftovers(self.home)
            generation = generations.new(self.home, INDEX_VERSION)
            try:
                index = open_index(generation.folder)
                self.rebuilding = TantivyRebuild(self, generation, index, to_tantivy, total)
            except BaseException:
                generations.remove(generation)
                raise
            return self.rebuilding

    # ---- reading

    def versions(self, ids: Collection[int]) -> dict[int, int]:
        """Give the version held of each id."""
        index = self._refreshed()
        return {} if index is None else held_versions(index, ids)

    def ids(self, after: int = 0, limit: int = 1000) -> list[int]:
        """Give the next ids above `after`, ascending."""
        opened = self._searcher()
        if opened is None or limit <= 0:
            return []
        index, searcher = opened
        above = tantivy.Query.range_query(
            index.schema, "id", tantivy.FieldType.Unsigned, max(after, 0), None, include_lower=False
        )
        hits = searcher.search(above, limit, count=False, order_by_field="id", order=tantivy.Order.Asc).hits
        return [int(number) for number, _ in hits]

    def search(self, query: Query) -> Page:
        """Answer a query."""
        query.check()
        opened = self._searcher()
        if opened is None or query.matches_nothing:
            return Page(0, (), dict.fromkeys(query.facets, ()))
        return tantivy_search.search(*opened, query)

    def totals(self, queries: Sequence[Query]) -> list[int]:
        """Count what each query finds."""
        for query in queries:
            query.check()
        opened = self._searcher()
        return [0 if opened is None else tantivy_search.total_of(*opened, query) for query in queries]

    def candidates(
        self, terms: Sequence[Term], filters: Mapping[str, Collection[str]], k: int, exclude: Collection[int] = ()
    ) -> list[tuple[int, float]]:
        """Give the k best (id, score) of one flat sum."""
        require_declared(filters.keys(), STORED_FILTERS)
        opened = self._searcher()
        if opened is None or not terms or k <= 0:
            return []
        index, searcher = opened
        clauses = tq.weighted(index.schema, terms)
        filtering = tq.filter_clauses(index.schema, filters)
        if filtering:
            either = tantivy.Query.boolean_query(clauses)
            clauses = [(tantivy.Occur.Must, either)]
            clauses += [(tantivy.Occur.Must, tantivy.Query.const_score_query(one, 0.0)) for one in filtering]
        hits = tq.best_by_score(searcher, tantivy.Query.boolean_query(clauses), k + len(exclude)).hits
        left_out = set(exclude)
        return [(number, score) for score, number in hits if number not in left_out][:k]

    def candidates_of(
        self,
        terms: Sequence[Term],
        groups: Sequence[Mapping[str, Collection[str]]],
        k: int,
        exclude: Collection[int] = (),
    ) -> list[list[tuple[int, float]]]:
        """Give the k best of each group."""
        return [self.candidates(terms, filters, k, exclude) for filters in groups]

    def texts(self, ids: Sequence[int]) -> dict[int, StoredText]:
        """Give the normalised texts of these records."""
        opened = self._searcher()
        if opened is None or not ids:
            return {}
        index, searcher = opened
        wanted = tantivy.Query.term_set_query(index.schema, "id", list(ids))
        addresses = [address for _, address in searcher.search(wanted, len(ids) + 1, count=False).hits]
        numbers = searcher.fast_field_values("id", addresses)
        found = {}
        for number, address in zip(numbers, addresses, strict=True):
            stored = searcher.doc(address)
            title, body = (bytes(stored.get_first(name) or b"").decode() for name in ("title_text", "body_text"))
            found[int(number or 0)] = StoredText(title, body)
        return found

    def statistics(self, terms: Mapping[str, Collection[str]]) -> Statistics:
        """Give what ranking needs to know about the collection."""
        opened = self._searcher()
        if opened is None:
            return Statistics(0, dict.fromkeys(LENGTHS, 0.0), {name: {} for name in terms})
        _, searcher = opened
        frequencies = {
            name: {token: searcher.doc_freq(name, token) for token in tokens} for name, tokens in terms.items()
        }
        return Statistics(searcher.num_docs, self._average_lengths(searcher), frequencies)

    def _average_lengths(self, searcher: tantivy.Searcher) -> dict[str, float]:
        """Average the stored lengths; kept until the number of documents or segments changes."""
        key = (self._stamp, searcher.num_docs, searcher.num_segments)
        if self._averages is None or self._averages[0] != key:
            wanted = {name: {"avg": {"field": f"n_{name}"}} for name in LENGTHS}
            counted = searcher.aggregate(tantivy.Query.all_query(), wanted)
            self._averages = (key, {name: float(counted[name]["value"] or 0.0) for name in LENGTHS})
        return self._averages[1]

    def complete(self, prefix: str, limit: int = 10) -> list[tuple[str, int]]:
        """Give completion tokens that begin with a prefix, most frequent first.

        The dictionary of terms still counts removed records until segments are merged, so each token is counted again.
        """
        opened = self._searcher()
        if opened is None or not prefix:
            return []
        index, searcher = opened
        found = []
        for token, _stale in searcher.terms_with_prefix("complete", prefix, limit=limit * 2):
            one = tantivy.Query.term_query(index.schema, "complete", token, "basic")
            if count := tantivy_search.count(searcher, one):
                found.append((token, count))
        return sorted(found, key=lambda pair: (-pair[1], pair[0]))[:limit]

    def health(self) -> Health:
        """Say how the engine is."""
        try:
            opened = self._searcher()
        except (WrongVersion, OSError, ValueError) as error:
            return Health(ok=False, engine="tantivy", documents=0, writable=self.writable, detail=str(error))
        count = 0 if opened is None else opened[1].num_docs
        return Health(ok=True, engine="tantivy", documents=count, writable=self._file_lock.is_locked)

    def close(self) -> None:
        """Release the lock; a rebuild that was not switched is removed."""
        with self.lock:
            if self.rebuilding is not None:
                self.rebuilding.abandon()
            self.drop_writer()
            self._index = None
            self._file_lock.release()
