"""The bare floors of the benchmark: the least work with the same libraries that could give the same answer.

A figure of the market means little on a borrowed machine; the ratio to a floor measured in the same run means more.
"""

import json
import sqlite3
import statistics
import time
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path

import tantivy
from fastapi import FastAPI, Response
from fastapi.responses import HTMLResponse

from search import tantivy_query as tq
from search.documents import Document
from search.tantivy_engine import WRITER_MEMORY, to_tantivy

app = FastAPI(openapi_url=None)
PAGE = "<!doctype html><title>floor</title>" + "<p>一行字，只为占地方。</p>\n" * 600
"""About as many bytes as a page of search results."""


@app.get("/healthz")
def healthz() -> dict[str, str]:
    """Answer that the process lives."""
    return {"status": "ok"}


@app.get("/page", response_class=HTMLResponse)
def page() -> str:
    """Answer with a page that costs nothing to make."""
    return PAGE


@app.get("/api")
def api() -> dict[str, list[dict[str, str]]]:
    """Answer with a list of ten records that costs nothing to make."""
    return {"items": [{"code": f"N-2026-{n:06}", "title": "一条记录"} for n in range(10)]}


@app.get("/bytes")
def ready(count: int) -> Response:
    """Answer with so many bytes that were there before."""
    return Response(b"0" * count, media_type="application/json")


def median_ms(act: Callable[[], object], times: int, warm_up: int = 3) -> tuple[float, float]:
    """Do something several times; return the median and the 95th percentile in milliseconds."""
    for _ in range(warm_up):
        act()
    took = []
    for _ in range(times):
        start = time.perf_counter()
        act()
        took.append((time.perf_counter() - start) * 1000)
    return statistics.median(took), sorted(took)[max(0, round(len(took) * 0.95) - 1)]


class SqliteFloor:
    """One table in a SQLite file as the market opens it: WAL, full synchronisation."""

    def __init__(self, folder: Path) -> None:
        """Make the file."""
        self._connection = sqlite3.connect(folder / "floor.sqlite3", isolation_level=None)
        for pragma in ("journal_mode=WAL", "synchronous=FULL"):
            self._connection.execute(f"PRAGMA {pragma}")
        self._connection.execute(
            "CREATE TABLE record (id INTEGER PRIMARY KEY, code TEXT UNIQUE, body TEXT, amount INTEGER)"
        )
        self._next = 0

    def commit_one(self) -> None:
        """Write one record for certain."""
        self.insert([{"body": "一条记录"}])

    def insert(self, records: Iterable[dict[str, object]], chunk: int = 500) -> int:
        """Write records as JSON, a transaction a chunk; return how many."""
        rows = []
        for record in records:
            self._next += 1
            rows.append((f"F-{self._next}", json.dumps(record, ensure_ascii=False), self._next))
        for start in range(0, len(rows), chunk):
            self._connection.execute("BEGIN IMMEDIATE")
            self._connection.executemany(
                "INSERT INTO record (code, body, amount) VALUES (?, ?, ?)", rows[start : start + chunk]
            )
            self._connection.execute("COMMIT")
        return len(rows)

    def sum_amounts(self, years: int) -> None:
        """Sum one number by year over all records, as an indicator does at the least."""
        self._connection.execute(f"SELECT id % {years}, sum(amount), count(*) FROM record GROUP BY 1").fetchall()

    def close(self) -> None:
        """Close the file."""
        self._connection.close()


class PostgresFloor(SqliteFloor):
    """The same table in PostgreSQL."""

    def __init__(self, url: str) -> None:
        """Make the table in an empty database."""
        import psycopg

        self._pg = psycopg.connect(url.replace("postgresql+psycopg://", "postgresql://"))
        self._pg.execute(
            "CREATE TABLE floor_record (id bigserial PRIMARY KEY, code text UNIQUE, body text, amount bigint)"
        )
        self._pg.commit()
        self._next = 0

    def insert(self, records: Iterable[dict[str, object]], chunk: int = 500) -> int:
        """Write records as JSON, a transaction a chunk; return how many."""
        rows = []
        for record in records:
            self._next += 1
            rows.append((f"F-{self._next}", json.dumps(record, ensure_ascii=False), self._next))
        for start in range(0, len(rows), chunk):
            with self._pg.cursor() as cursor:
                cursor.executemany(
                    "INSERT INTO floor_record (code, body, amount) VALUES (%s, %s, %s)", rows[start : start + chunk]
                )
            self._pg.commit()
        return len(rows)

    def sum_amounts(self, years: int) -> None:
        """Sum one number by year over all records."""
        self._pg.execute("SELECT id %% %s, sum(amount), count(*) FROM floor_record GROUP BY 1", [years]).fetchall()
        self._pg.rollback()

    def close(self) -> None:
        """Remove the table and close the connection."""
        self._pg.execute("DROP TABLE floor_record")
        self._pg.commit()
        self._pg.close()


class TantivyFloor:
    """One text field in a tantivy index on disk, tokens made by blanks."""

    def __init__(self, folder: Path) -> None:
        """Make the index."""
        builder = tantivy.SchemaBuilder()
        builder.add_text_field("words", tokenizer_name="whitespace", index_option="freq")
        folder.mkdir(parents=True, exist_ok=True)
        self._index = tantivy.Index(builder.build(), path=str(folder))
        self._writer = self._index.writer(50_000_000, 1)

    def add(self, text: str) -> None:
        """Add one document, commit, and see it."""
        self._writer.add_document(tantivy.Document(words=" ".join(text)))
        self._writer.commit()
        self._index.reload()

    def fill(self, texts: Iterable[str]) -> None:
        """Add many documents with one commit."""
        for text in texts:
            self._writer.add_document(tantivy.Document(words=" ".join(text)))
        self._writer.commit()
        self._index.reload()

    def search(self, text: str, top: int = 50) -> int:
        """Look for all characters of a text at once."""
        terms = [
            (tantivy.Occur.Should, tantivy.Query.term_query(self._index.schema, "words", character))
            for character in sorted(set(text))
            if not character.isspace()
        ]
        return len(self._index.searcher().search(tantivy.Query.boolean_query(terms), top).hits)


def fill_index(folder: Path, documents: Sequence[Document], chunk: int) -> None:
    """Make the tokens of documents and put them into a new index of the market's own shape, a commit a chunk."""
    folder.mkdir()
    writer = tantivy.Index(tq.make_schema(tantivy.SchemaBuilder()), path=str(folder)).writer(WRITER_MEMORY, 1)
    for start in range(0, len(documents), chunk):
        for document in documents[start : start + chunk]:
            writer.add_document(to_tantivy(document))
        writer.commit()


def commits(folder: Path, times: int) -> list[float]:
    """Give the milliseconds of bare commits of one document each, seen by the next search."""
    folder.mkdir()
    index = tantivy.Index(tq.make_schema(tantivy.SchemaBuilder()), path=str(folder))
    writer = index.writer(WRITER_MEMORY, 1)
    took = []
    for number in range(1, times + 1):
        start = time.perf_counter()
        writer.add_document(to_tantivy(Document(number, f"N-2026-{number:06d}", "need", f"求购 {number} 型装置")))
        writer.commit()
        index.reload()
        took.append((time.perf_counter() - start) * 1000)
    return took


class ElasticsearchFloor:
    """The same in Elasticsearch, by its client."""

    def __init__(self, url: str, index: str) -> None:
        """Make the index."""
        from elasticsearch import Elasticsearch

        self._client = Elasticsearch(url)
        self._name = index
        self._client.indices.create(
            index=index,
            mappings={"dynamic": "strict", "properties": {"words": {"type": "text", "analyzer": "whitespace"}}},
        )

    def add(self, text: str) -> None:
        """Index one document and see it."""
        self._client.index(index=self._name, document={"words": " ".join(text)}, refresh=True)

    def fill(self, texts: Iterable[str]) -> None:
        """Index many documents by bulk requests."""
        from elasticsearch import helpers

        helpers.bulk(self._client, ({"_index": self._name, "words": " ".join(text)} for text in texts))
        self._client.indices.refresh(index=self._name)

    def search(self, text: str, top: int = 50) -> int:
        """Look for all characters of a text at once."""
        words = " ".join(sorted(set(text)))
        answer = self._client.search(index=self._name, query={"match": {"words": words}}, size=top, source=False)
        return len(answer["hits"]["hits"])

    def close(self) -> None:
        """Remove the index."""
        self._client.indices.delete(index=self._name)
        self._client.close()
