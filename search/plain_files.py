"""The plain files that matching is evaluated on: needs, results, pairs, labels, texts to learn from.

Needs {"id", "title", "body"} and results {"id", "title"[, "body"]}, one JSON a line; pairs: need id, result id; labels:
need id, result id, level 1-4; qrels as TREC writes them. Tabs, no head; a head line in an input is tolerated.
"""

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from search import text
from search.documents import StoredText
from search.measures import Label

BODIES = ("summary", "body", "description", "content", "abstract", "text")
"""Names under which files keep what follows a title; any of them is read to learn from."""


class WrongFile(ValueError):
    """A line of an input file that cannot be read; names file and line."""

    def __init__(self, path: Path, line: int, reason: str) -> None:
        """Keep the place."""
        super().__init__(f"{path}, line {line}: {reason}")
        self.path = path
        self.line = line
        self.reason = reason


def _lines(path: Path) -> Iterator[tuple[int, str]]:
    """Yield the lines that are not blank with their numbers. Raises WrongFile where a line is no UTF-8."""
    with path.open("rb") as file:
        for number, raw in enumerate(file, 1):
            try:
                line = raw.decode("utf-8-sig" if number == 1 else "utf-8").rstrip("\r\n")
            except UnicodeDecodeError as error:
                raise WrongFile(path, number, "not UTF-8") from error
            if line.strip():
                yield number, line


def _objects(path: Path, expected: str) -> Iterator[tuple[int, dict[str, Any]]]:
    for number, line in _lines(path):
        try:
            row = json.loads(line)
        except ValueError as error:
            raise WrongFile(path, number, f"no JSON: expected {expected}") from error
        if not isinstance(row, dict):
            raise WrongFile(path, number, f"no object: expected {expected}")
        yield number, row


def read_records(path: Path) -> list[tuple[str, str, str]]:
    """Read needs or results as (id, title, body). A record that comes twice is kept once, as first written."""
    expected = '{"id", "title", "body"}'
    found: dict[str, tuple[str, str, str]] = {}
    for number, row in _objects(path, expected):
        if row.get("id") in (None, "") or "title" not in row:
            raise WrongFile(path, number, f"id or title is missing: expected {expected}")
        key, title, body = str(row["id"]), row["title"] or "", row.get("body") or ""
        if not isinstance(title, str) or not isinstance(body, str):
            raise WrongFile(path, number, f"title and body are texts: expected {expected}")
        if set(key) & set("\t\r\n"):
            raise WrongFile(path, number, "an id holds no tabs and no line ends")
        found.setdefault(key, (key, title, body))
    return list(found.values())


def read_texts(path: Path) -> list[StoredText]:
    """Read texts to learn from: a title and whatever stands under one of the names of BODIES."""
    found = []
    for number, row in _objects(path, '{"title", "body"}'):
        parts = [row.get(name) for name in ("title", *BODIES)]
        texts = [text.normalise(part) for part in parts if isinstance(part, str) and part]
        if not texts:
            raise WrongFile(path, number, f"no text: expected title or one of {', '.join(BODIES)}")
        found.append(StoredText(texts[0], "\n".join(texts[1:])))
    return found


def _rows(path: Path, columns: int, *, separator: str | None = "\t") -> Iterator[tuple[int, list[str]]]:
    for number, line in _lines(path):
        cells = line.split(separator)
        if len(cells) < columns:
            raise WrongFile(path, number, f"expected {columns} columns" + (" apart by tabs" if separator else ""))
        yield number, [cell.strip() for cell in cells]


def read_labels(path: Path, *, need: int = 0, result: int = 1, value: int = 2, trec: bool = False) -> list[Label]:
    """Read labels or qrels; a head line is skipped. Raises WrongFile for a value that is no level or grade."""
    found = []
    lowest, highest = (0, 3) if trec else (1, 4)
    for number, cells in _rows(path, value + 1, separator=None if trec else "\t"):
        try:
            level = int(cells[value])
        except ValueError as error:
            if number == 1:
                continue
            raise WrongFile(path, number, f"{cells[value]!r} is no number from {lowest} to {highest}") from error
        if not lowest <= level <= highest:
            raise WrongFile(path, number, f"{level} is no number from {lowest} to {highest}")
        found.append((cells[need], cells[result], level))
    return found


def read_qrels(path: Path) -> dict[str, dict[str, int]]:
    """Read TREC qrels: need, 0, result, grade 0-3."""
    qrels: dict[str, dict[str, int]] = {}
    for need, result, grade in read_labels(path, result=2, value=3, trec=True):
        qrels.setdefault(need, {})[result] = grade
    return qrels


def read_pairs(path: Path, needs: Mapping[str, object], results: Mapping[str, object]) -> list[tuple[str, str]]:
    """Read pairs to score. Raises WrongFile for an id that no file holds; a head line is tolerated."""
    found = []
    for number, cells in _rows(path, 2):
        need, result = cells[0], cells[1]
        if need not in needs or result not in results:
            if number == 1:
                continue
            wrong = f"need {need!r}" if need not in needs else f"result {result!r}"
            raise WrongFile(path, number, f"{wrong} is in neither file")
        found.append((need, result))
    return found


def write_lines(path: Path, lines: list[str]) -> None:
    """Write a file that appears whole or not at all."""
    draft = path.with_name(f"{path.name}.part")
    draft.write_text("".join(f"{line}\n" for line in lines), encoding="utf-8")
    draft.replace(path)
