"""One pass over the rows of a batch, chunk by chunk: checking what they are, or writing them where nobody sees them.

Each chunk is a transaction of its own and notes in it how far the batch has come, so that whatever ends a process, the
next one goes on behind the last whole chunk. No write lock is held longer than a chunk.
"""

import os
import secrets
import socket
import time
from collections.abc import Callable, Iterator, Sequence
from itertools import islice
from typing import Any

from pydantic import ValidationError
from sqlmodel import Session

from etl.imports import kinds, spool
from etl.imports.table import Finding, Row, finding_of
from etl.imports.taker import Item, Options, Taker, Verdict
from services.ground import batches
from services.ground.actor import Actor
from services.ground.batches import ImportBatch, ImportFault
from services.ground.database import insert_many
from services.ground.errors import Conflict, DomainError, FieldError
from services.ground.market import Market

CHUNK = 500
DROP = 2_000
Progress = Callable[[int, int], None]


class Stopped(Exception):
    """Somebody else moved the batch on: stopped it, or took it over."""


_given_up: set[str] = set()
"""Pieces of work of this process that have ended without a word in the database, because the database was away."""


def me() -> str:
    """Name this process and this piece of work."""
    return f"{socket.gethostname()[:40]}:{os.getpid()}:{secrets.token_hex(4)}"


def give_up(who: str) -> None:
    """Say that a piece of work ended in an error: what it still holds in the database is free for this process."""
    _given_up.add(who)


def is_dead(claim: str) -> bool:
    """Say whether whoever holds a batch is known to be gone: given up here, or a process of this machine that has ended."""
    if claim in _given_up:
        return True
    host, _, rest = claim.partition(":")
    pid = rest.partition(":")[0]
    if host != socket.gethostname()[:40] or not pid.isdecimal():
        return False
    try:
        os.kill(int(pid), 0)
    except ProcessLookupError:
        return True
    except PermissionError:
        return False
    return False


class Pass:
    """Works through a batch on behalf of its actor."""

    def __init__(self, market: Market, actor: Actor, row: ImportBatch, who: str) -> None:
        self.market, self.actor, self.who = market, actor, who
        self.code, self.kind, self.total = row.code, row.kind, row.rows
        self.state = row.state
        self.options = Options(**row.options)
        self.taker: Taker = kinds.taker(row.kind)(actor, self.options, row.code)
        self.spool = spool.Spool(spool.path_of(market.settings, row.code), row.sheets, self.taker.heads)
        self._seen: set[int] = set()
        self.done, self.place = row.done, row.place

    def run(self, *, seconds: float | None = None, progress: Progress | None = None) -> bool:
        """Work until the last row, or for about so many seconds. Says whether the last row was reached.

        Raises Stopped, and DomainError when nothing of the file can come in.
        """
        with self.market.database.read() as session:
            self.taker.begin(session)
        started = time.monotonic()
        rows = self.spool.rows(place=self.place, line=self.done)
        while chunk := list(islice(rows, CHUNK)):
            before = time.monotonic()
            self._chunk(chunk, before)
            self.done, self.place = chunk[-1][0].line, chunk[-1][1]
            if progress:
                progress(self.done, self.total)
            if seconds is not None and time.monotonic() - started > seconds:
                return self.done >= self.total
        return True

    def _chunk(self, chunk: Sequence[tuple[Row, int]], before: float) -> None:
        with self.market.database.write() as session:
            batch = self._held(session)
            items, faults = self._convert(session, [row for row, _place in chunk])
            verdicts = list(self._judge(session, items))
            if self.state == "writing":
                self.taker.stage(session, [item for item, verdict in verdicts if verdict.fate == "new"])
            faults += [fault for item, verdict in verdicts for fault in _verdict_faults(self.code, item, verdict)]
            insert_many(session, ImportFault, faults)
            _count(batch, [verdict.fate for _item, verdict in verdicts], faults)
            batch.refused += len(chunk) - len(items)
            batch.done, batch.place = chunk[-1][0].line, chunk[-1][1]
            batch.seconds += time.monotonic() - before
            session.add(batch)

    def _held(self, session: Session) -> ImportBatch:
        """Load the batch and hold it. Raises Stopped when it is not ours any more."""
        batch = batches.locked(session, self.code)
        if batch.state != self.state or batch.done != self.done or not batches.claim(session, batch, self.who):
            raise Stopped
        return batch

    def _convert(self, session: Session, rows: Sequence[Row]) -> tuple[list[Item], list[dict[str, Any]]]:
        items: list[Item] = []
        faults: list[dict[str, Any]] = []
        for row in rows:
            try:
                items.append(self.taker.convert(session, row))
            except ValidationError as error:
                found = [FieldError(_where(item), _code(item)) for item in error.errors(include_url=False)]
                faults += self._faults(row, found)
            except DomainError as error:
                faults += self._faults(row, error.fields or [FieldError("", error.code, error.params)])
            faults += [fault_values(self.code, "warning", row, item) for item in row.warnings]
        return items, faults

    def _faults(self, row: Row, found: Sequence[FieldError]) -> Iterator[dict[str, Any]]:
        row.warnings.clear()
        for error in found:
            known = {} if row.is_whole else {error.field: self.taker.renamed(error.field)}
            finding = finding_of(error, row, known)
            yield fault_values(self.code, "refused", row, finding)

    def _judge(self, session: Session, items: Sequence[Item]) -> Iterator[tuple[Item, Verdict]]:
        for item, verdict in zip(items, self.taker.judge(session, items), strict=True):
            key = hash(item.key)
            twice = verdict.fate == "new" and key in self._seen
            self._seen.add(key)
            yield item, Verdict("known", Finding("key", "import_row_twice", item.key[:200])) if twice else verdict


def drop(market: Market, taker: Taker, progress: Progress | None = None) -> None:
    """Take away all that a batch has staged, chunk by chunk."""
    gone = 0
    while True:
        with market.database.write() as session:
            count = taker.drop(session, DROP)
        gone += count
        if progress and count:
            progress(gone, 0)
        if not count:
            return


def fault_values(code: str, severity: str, row: Row, finding: Finding) -> dict[str, Any]:
    """Give the columns of a finding."""
    sheet, number, column, letter = row.place_of(finding.field)
    value = finding.value or str(row.raw(finding.field) or "")
    return {
        "batch_code": code,
        "severity": severity,
        "line": row.line,
        "sheet": sheet[:80],
        "row": number,
        "field": finding.field[:60],
        "column": column,
        "letter": letter,
        "value": _storable(value)[:200],
        "code": finding.code,
        "params": {key: _storable(item) if isinstance(item, str) else item for key, item in finding.params.items()},
    }


def take_over(session: Session, row: ImportBatch, who: str) -> None:
    """Take a batch to work on it. Raises Conflict while another process is at it."""
    if not batches.claim(session, row, who, take=is_dead(row.claim)):
        raise Conflict("batch_busy", batch=row.code)


def _verdict_faults(code: str, item: Item, verdict: Verdict) -> Iterator[dict[str, Any]]:
    if verdict.finding is not None:
        severity = verdict.fate if verdict.fate in {"refused", "candidate"} else "warning"
        yield fault_values(code, severity, item.row, verdict.finding)


def _count(batch: ImportBatch, fates: Sequence[str], faults: Sequence[dict[str, Any]]) -> None:
    batch.accepted += fates.count("new")
    batch.unchanged += fates.count("known")
    batch.refused += fates.count("refused") + fates.count("candidate")
    batch.warnings += sum(1 for fault in faults if fault["severity"] == "warning")


def _where(item: Any) -> str:
    return ".".join(str(part) for part in item["loc"])


def _code(item: Any) -> str:
    reason = str((item.get("ctx") or {}).get("error", ""))
    return reason if item["type"] == "value_error" and reason.isidentifier() else str(item["type"])


def _storable(text: str) -> str:
    return text.replace("\0", "␀").encode("utf-8", "replace").decode()
