"""Elasticsearch as the search engine of the city shape, through the official client.

Two aliases: `{prefix}-read` is what is searched, `{prefix}-write` is every index that must follow the database (two of
them while a new one is being built). Documents carry external versions, so a late write never overwrites a newer one.
"""

import contextlib
import time
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from typing import Any

from elastic_transport import ConnectionError as NoConnection
from elastic_transport import ConnectionTimeout, TransportError
from elasticsearch import ApiError, BadRequestError, Elasticsearch, NotFoundError

from search.documents import INDEX_VERSION, LENGTHS, STORED_FILTERS, Document, StoredText, check, require_declared
from search.elastic_query import (
    DEEPEST,
    filter_clauses,
    mapping,
    page_of,
    search_body,
    to_elastic,
    total_body,
    weighted,
)
from search.elastic_rebuild import ElasticRebuild
from search.engine import EngineUnavailable, Health, Page, SearchError, Statistics, WrongVersion
from search.query import Query, Term

CHUNK = 500
SETTINGS = {"number_of_shards": 1, "number_of_replicas": 0, "refresh_interval": "1s"}


@contextlib.contextmanager
def answering() -> Iterator[None]:
    """Turn what the client raises when nobody answers into EngineUnavailable."""
    try:
        yield
    except (NoConnection, ConnectionTimeout) as error:
        raise EngineUnavailable("the search server does not answer") from error
    except ApiError as error:
        if error.status_code in {429, 502, 503, 504}:
            raise EngineUnavailable(f"the search server answers {error.status_code}") from error
        raise


def _total(answer: Any) -> int:
    if "hits" not in answer:
        raise SearchError(f"the search server refused to count: {answer.get('status')}")
    return int(answer["hits"]["total"]["value"])


class ElasticEngine:
    """The engine of `search.engine.Engine` on a server."""

    def __init__(self, url: str, prefix: str, *, api_key: str | None = None, ca: str | None = None) -> None:
        """Make the client; the server is asked on first use only, so that the market starts without it."""
        options: dict[str, Any] = {"request_timeout": 20, "retry_on_timeout": True, "max_retries": 2}
        if api_key:
            options["api_key"] = api_key
        if ca:
            options["ca_certs"] = ca
        self._client = Elasticsearch(url, **options)
        self._prefix = prefix
        self._read, self._write = f"{prefix}-read", f"{prefix}-write"
        self._checked = False

    @property
    def bare(self) -> tuple[Elasticsearch, str]:
        """The client and the alias that is searched, for whoever measures what we add to them."""
        self._ready()
        return self._client, self._read

    # ---- opening

    def may_write(self) -> bool:
        """Every process may write to a server."""
        return True

    def _ready(self) -> None:
        if self._checked:
            return
        with answering():
            if not self._client.indices.exists_alias(name=self._read):
                self._create_first()
            found = self._client.indices.get_mapping(index=self._read)
        chains = {str(body["mappings"].get("_meta", {}).get("chain")) for body in found.body.values()}
        if chains != {INDEX_VERSION}:
            raise WrongVersion(" ".join(sorted(chains)), INDEX_VERSION)
        self._checked = True

    def _create_first(self) -> None:
        """Make the first index with its aliases in one step.

        Its name is always the same, so of several processes that start at once only one makes it. With a name of its
        own for each, all of them would come to stand behind the aliases and every record would be found twice.
        """
        aliases: dict[str, Any] = {self._read: {}, self._write: {}}
        with contextlib.suppress(BadRequestError):  # another process was first
            self._client.indices.create(
                index=f"{self._prefix}-first", mappings=mapping(), settings=SETTINGS, aliases=aliases
            )

    def _create(self) -> str:
        name = f"{self._prefix}-{time.time_ns()}"
        self._client.indices.create(index=name, mappings=mapping(), settings=SETTINGS)
        return name

    def _point(self, to: list[str], away: list[str]) -> None:
        """Let both aliases point to these indices, in one step."""
        actions: list[dict[str, Any]] = [
            {"add": {"index": name, "alias": alias}} for name in to for alias in (self._read, self._write)
        ]
        actions += [{"remove_index": {"index": name}} for name in away]
        self._client.indices.update_aliases(actions=actions)

    def indices_of(self, alias: str) -> list[str]:
        """List the indices behind an alias."""
        try:
            return sorted(self._client.indices.get_alias(name=alias).body)
        except NotFoundError:
            return []

    # ---- writing

    def write(self, documents: Sequence[Document], deletes: Collection[int] = ()) -> None:
        """Put documents in, and remove ids; durable and visible on return."""
        for document in documents:
            check(document)
        self._ready()
        with answering():
            for index in self.indices_of(self._write):
                self.put(index, documents, deletes)

    def put(self, index: str, documents: Iterable[Document], deletes: Collection[int] = ()) -> None:
        """Write to one index and make it visible."""
        operations: list[dict[str, Any]] = []
        for document in documents:
            head = {
                "_index": index,
                "_id": str(document.id),
                "version": document.version,
                "version_type": "external_gte",
            }
            operations += [{"index": head}, to_elastic(document)]
        operations += [{"delete": {"_index": index, "_id": str(number)}} for number in deletes]
        for start in range(0, len(operations), CHUNK * 2):
            answer = self._client.bulk(operations=operations[start : start + CHUNK * 2])
            for item in answer["items"]:
                status = next(iter(item.values()))
                if status["status"] >= 400 and status["status"] not in {404, 409}:
                    raise SearchError(f"the search server refused a document: {status['status']}")
        if operations:
            self._client.indices.refresh(index=index)

    def fill(self, index: str, documents: Sequence[Document]) -> None:
        """Write a batch of a rebuild."""
        with answering():
            self.put(index, documents)

    def rebuild(self, total: int = 0) -> ElasticRebuild:
        """Begin a new index beside the one in use; half-built ones of an earlier try are removed."""
        with answering():
            used = set(self.indices_of(self._read))
            for name in self._client.indices.get(index=f"{self._prefix}-*", ignore_unavailable=True).body:
                if name not in used and name.removeprefix(f"{self._prefix}-").isdecimal():
                    self._client.indices.delete(index=name)
            name = self._create()
            self._client.indices.put_alias(index=name, name=self._write)
        return ElasticRebuild(self, name, total)

    def switch_to(self, name: str) -> None:
        """Bring a finished index into use and remove the others."""
        with answering():
            self._client.indices.refresh(index=name)
            self._point([name], [old for old in self.indices_of(self._read) if old != name])
        self._checked = False

    def drop(self, name: str) -> None:
        """Remove a half-built index."""
        with contextlib.suppress(NotFoundError, TransportError):
            self._client.indices.delete(index=name)

    # ---- reading

    def _ask(self, **body: Any) -> Any:
        self._ready()
        with answering():
            return self._client.search(index=self._read, search_type="dfs_query_then_fetch", **body)

    def versions(self, ids: Collection[int]) -> dict[int, int]:
        """Give the version held of each id."""
        self._ready()
        if not ids:
            return {}
        with answering():
            docs = [{"_id": str(number), "_index": self._read, "_source": ["version"]} for number in ids]
            answer = self._client.mget(docs=docs)
        return {int(doc["_id"]): int(doc["_source"]["version"]) for doc in answer["docs"] if doc.get("found")}

    def ids(self, after: int = 0, limit: int = 1000) -> list[int]:
        """Give the next ids above `after`, ascending."""
        if limit <= 0:
            return []
        answer = self._ask(
            query={"range": {"id": {"gt": max(after, 0)}}}, sort=[{"id": "asc"}], size=limit, source=False
        )
        return [int(hit["_id"]) for hit in answer["hits"]["hits"]]

    def search(self, query: Query) -> Page:
        """Answer a query in one round trip."""
        query.check()
        if query.matches_nothing:
            return Page(0, (), dict.fromkeys(query.facets, ()))
        return page_of(query, self._ask(**search_body(query)))

    def totals(self, queries: Sequence[Query]) -> list[int]:
        """Count what each query finds, in one round trip."""
        for query in queries:
            query.check()
        if not queries:
            return []
        self._ready()
        searches: list[dict[str, Any]] = []
        for query in queries:
            searches += [{"index": self._read}, total_body(query)]
        with answering():
            answer = self._client.msearch(searches=searches)
        return [_total(one) for one in answer["responses"]]

    def candidates(
        self, terms: Sequence[Term], filters: Mapping[str, Collection[str]], k: int, exclude: Collection[int] = ()
    ) -> list[tuple[int, float]]:
        """Give the k best (id, score) of one flat sum."""
        return self.candidates_of(terms, [filters], k, exclude)[0]

    def candidates_of(
        self,
        terms: Sequence[Term],
        groups: Sequence[Mapping[str, Collection[str]]],
        k: int,
        exclude: Collection[int] = (),
    ) -> list[list[tuple[int, float]]]:
        """Give the k best of each group, in one round trip."""
        for filters in groups:
            require_declared(filters.keys(), STORED_FILTERS)
        if not terms or k <= 0 or not groups:
            return [[] for _ in groups]
        self._ready()
        searches: list[dict[str, Any]] = []
        for filters in groups:
            found = {"bool": {"should": weighted(terms), "minimum_should_match": 1, "filter": filter_clauses(filters)}}
            size = min(k + len(exclude), DEEPEST)
            body = {"query": found, "sort": ["_score", {"id": "asc"}], "size": size, "_source": False}
            searches += [{"index": self._read, "search_type": "dfs_query_then_fetch"}, body]
        with answering():
            answers = self._client.msearch(searches=searches)["responses"]
        return [_best(one, k, set(exclude)) for one in answers]

    def texts(self, ids: Sequence[int]) -> dict[int, StoredText]:
        """Give the normalised texts of these records."""
        self._ready()
        if not ids:
            return {}
        with answering():
            docs = [
                {"_id": str(number), "_index": self._read, "_source": ["title_text", "body_text"]} for number in ids
            ]
            answer = self._client.mget(docs=docs)
        return {
            int(doc["_id"]): StoredText(doc["_source"]["title_text"], doc["_source"]["body_text"])
            for doc in answer["docs"]
            if doc.get("found")
        }

    def statistics(self, terms: Mapping[str, Collection[str]]) -> Statistics:
        """Give what ranking needs to know about the collection, in one request."""
        aggs: dict[str, Any] = {f"n_{name}": {"avg": {"field": f"n_{name}"}} for name in LENGTHS}
        ordered = {name: sorted(tokens) for name, tokens in terms.items()}
        for name, tokens in ordered.items():
            if tokens:
                aggs[f"t_{name}"] = {"filters": {"filters": [{"term": {name: token}} for token in tokens]}}
        answer = self._ask(size=0, aggs=aggs, track_total_hits=True)
        counted = answer["aggregations"]
        frequencies = {
            name: {token: int(b["doc_count"]) for token, b in zip(tokens, counted[f"t_{name}"]["buckets"], strict=True)}
            if tokens
            else {}
            for name, tokens in ordered.items()
        }
        averages = {name: float(counted[f"n_{name}"]["value"] or 0.0) for name in LENGTHS}
        return Statistics(int(answer["hits"]["total"]["value"]), averages, frequencies)

    def complete(self, prefix: str, limit: int = 10) -> list[tuple[str, int]]:
        """Give completion tokens that begin with a prefix, most frequent first."""
        if not prefix:
            return []
        # The pattern is Lucene's; the prefix consists of Han characters, letters and digits only.
        counting = {"terms": {"field": "complete", "include": f"{prefix}.*", "size": limit}}
        answer = self._ask(query={"prefix": {"complete": prefix}}, aggs={"found": counting}, size=0)
        counts = [(str(one["key"]), int(one["doc_count"])) for one in answer["aggregations"]["found"]["buckets"]]
        return sorted(counts, key=lambda pair: (-pair[1], pair[0]))

    def health(self) -> Health:
        """Say how the engine is. The cluster's health is asked, for not every server answers a ping."""
        try:
            with answering():
                state = str(self._client.options(request_timeout=3).cluster.health()["status"])
            self._ready()
            count = int(self._client.count(index=self._read)["count"])
        except (SearchError, ApiError, TransportError) as error:
            return Health(ok=False, engine="elasticsearch", documents=0, writable=True, detail=str(error)[:200])
        return Health(
            ok=state in {"green", "yellow"}, engine="elasticsearch", documents=count, writable=True, detail=state
        )

    def close(self) -> None:
        """Close the connections."""
        self._client.close()


def _best(answer: Any, k: int, left_out: Collection[int]) -> list[tuple[int, float]]:
    """Read ids and scores out of one answer. Raises EngineUnavailable where the server could not give it."""
    if "hits" not in answer:
        raise EngineUnavailable(str(answer.get("error"))[:200])
    rows = [(int(hit["_id"]), float(hit["sort"][0])) for hit in answer["hits"]["hits"]]
    return [row for row in rows if row[0] not in left_out][:k]
