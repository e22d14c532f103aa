"""Taking files in: row by row, every bad row named, good rows in chunks, repeatable without doubles."""

import hashlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from pydantic import ValidationError
from sqlmodel import Session

from etl.imports.readers import read
from etl.imports.rows import listing_values, pick
from services.accounts import service as accounts
from services.accounts.schemas import OrganisationIn
from services.ground.actor import Actor
from services.ground.errors import Conflict, DomainError, Invalid
from services.ground.market import Market
from services.listings import service as listings
from services.listings.schemas import ListingIn

LISTINGS = {"needs": "need", "results": "result", "patents": "patent", "experts": "expert"}
CHUNK = 200
NOBODY = "未署名单位（导入）"


@dataclass(frozen=True)
class Refusal:
    """One row that did not go in: where, what stands there, why (a code with its particulars)."""

    sheet: str
    row: int
    column: str
    value: str
    reason: str


@dataclass
class Report:
    """What became of a file."""

    rows: int = 0
    accepted: int = 0
    known: int = 0
    refused: list[Refusal] = field(default_factory=list)


class _Undo(Exception):
    """Ends a dry run: the transaction is rolled back."""


def import_file(
    market: Market,
    actor: Actor,
    kind: str,
    path: Path,
    *,
    mapping: Mapping[str, str] | None = None,
    owner: str | None = None,
    publish: bool = False,
    dry_run: bool = False,
    all_or_nothing: bool = False,
    progress: Callable[[int, int], None] | None = None,
) -> Report:
    """Take a file of needs, results, patents, experts or organisations in.

    Each row is tried by itself; good rows of a chunk are committed together. `all_or_nothing` and `dry_run` first try
    the whole file without writing. A row that came before (same number, id or content) is known and left alone.
    Raises Invalid for a kind or a file that cannot be read.
    """
    if kind not in LISTINGS and kind != "organisations":
        raise Invalid("kind", "import_kind", value=kind[:40])
    if not path.is_file():
        raise Invalid("file", "import_no_file", value=str(path)[:120])
    one = _Importer(market, actor, kind, dict(mapping or {}), owner, publish)
    if dry_run or all_or_nothing:
        report = one.run(path, progress, keep=False)
        if dry_run or report.refused:
            report.accepted = report.accepted if dry_run else 0
            return report
    return one.run(path, progress, keep=True)


class _Importer:
    def __init__(
        self, market: Market, actor: Actor, kind: str, mapping: dict[str, str], owner: str | None, publish: bool
    ) -> None:
        self.market, self.actor, self.kind, self.mapping, self.owner, self.publish = (
            market,
            actor,
            kind,
            mapping,
            owner,
            publish,
        )

    def run(self, path: Path, progress: Callable[[int, int], None] | None, *, keep: bool) -> Report:
        report = Report()
        chunk: list[tuple[str, int, dict[str, Any]]] = []
        for row in read(path):
            chunk.append(row)
            if len(chunk) == CHUNK:
                self._chunk(chunk, report, keep=keep)
                chunk = []
                if progress:
                    progress(report.rows, 0)
        self._chunk(chunk, report, keep=keep)
        if progress:
            progress(report.rows, report.rows)
        return report

    def _chunk(self, chunk: list[tuple[str, int, dict[str, Any]]], report: Report, *, keep: bool) -> None:
        try:
            with self.market.database.write() as session:
                for sheet, number, row in chunk:
                    report.rows += 1
                    self._one(session, sheet, number, row, report)
                if not keep:
                    raise _Undo
        except _Undo:
            return

    def _one(self, session: Session, sheet: str, number: int, row: dict[str, Any], report: Report) -> None:
        try:
            # A savepoint of its own: whatever a refused row has begun is taken back, its neighbours stay.
            with session.begin_nested():
                report.known += not self._put(session, row)
            report.accepted += 1
        except ValidationError as error:
            first = error.errors()[0]
            column = ".".join(map(str, first["loc"]))
            report.refused.append(Refusal(sheet, number, column, str(first.get("input", ""))[:80], str(first["type"])))
        except DomainError as error:
            fault = error.fields[0] if error.fields else None
            column, reason = (fault.field, fault.code) if fault else ("", error.code)
            value = str((fault.params if fault else error.params).get("value", ""))[:80]
            report.refused.append(Refusal(sheet, number, column, value, reason))

    def _put(self, session: Session, row: dict[str, Any]) -> bool:
        """Write one row; False when it is known already."""
        if self.kind == "organisations":
            data = OrganisationIn.model_validate(
                {
                    "name": pick(row, "name", self.mapping),
                    "kind": pick(row, "kind", self.mapping) or "other",
                    "uscc": pick(row, "uscc", self.mapping) or None,
                    "region_code": pick(row, "region_code", self.mapping) or None,
                }
            )
            try:
                accounts.create_organisation(session, self.actor, data)
            except Conflict:
                return False
            return True
        kind = LISTINGS[self.kind]
        values = listing_values(kind, row, self.mapping)
        named = pick(row, "owner_name", self.mapping)
        owner = (
            self.owner
            if self.owner and not named
            else accounts.organisation(session, accounts.claim_unverified(session, self.actor, named or NOBODY)).code
        )
        key = (
            pick(row, "key", self.mapping)
            or values.get("number")
            or hashlib.sha256(f"{named}|{values['title']}|{values['body']}".encode()).hexdigest()[:40]
        )
        import_key = f"{kind}:{key}"[:120]
        if listings.by_import_key(session, import_key):
            return False
        out = listings.create(
            session, self.actor, ListingIn.model_validate({**values, "owner": owner}), import_key=import_key
        )
        listings.submit(session, self.actor, out.code)
        if self.publish:
            listings.publish(session, self.actor, out.code)
        return True
