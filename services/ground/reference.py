"""Code lists and rules that law or the plan sets: dated data with their source, read from `data/*.json`.

The files are part of the release, so page, API, import and tests judge by the same lists; a session is taken so that a
market can later keep lists of its own without a change for the callers.
"""

import json
from dataclasses import dataclass, field
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any

from sqlmodel import Session

from services.ground import clock
from services.ground.errors import Invalid

DATA = Path(__file__).parent / "data"
LIST_FILES = ("contract_codes.json", "deal_codes.json", "vocabulary.json", "regions.json")


@dataclass(frozen=True)
class CodeEntry:
    """One code: its name, where it comes from (seen, memory, derived, proposal) and when it is in force."""

    code: str
    name: str
    en: str = ""
    parent: str | None = None
    attributes: dict[str, Any] = field(default_factory=dict)
    source: str = "proposal"
    verified: bool = True
    code_origin: str = "own"
    ref: str = ""
    note: str = ""
    valid_from: date | None = None
    valid_to: date | None = None

    def in_force(self, on: date) -> bool:
        """Say whether the code is in force on a day."""
        return (self.valid_from is None or self.valid_from <= on) and (self.valid_to is None or on <= self.valid_to)


def entries(session: Session | None, list_code: str, on: date | None = None) -> list[CodeEntry]:  # noqa: ARG001
    """List the codes of a list, in its order; with `on` only those in force that day. Raises KeyError for no such list."""
    rows = lists()[list_code]
    return [row for row in rows.values() if on is None or row.in_force(on)]


def find(list_code: str, code: str | None) -> CodeEntry | None:
    """Look a code up, in force or not."""
    return lists()[list_code].get(code or "")


def name_of(list_code: str, code: str | None) -> str:
    """Give the name people read for a code; an unknown code stands for itself."""
    entry = find(list_code, code)
    return entry.name if entry else (code or "")


def require_code(session: Session | None, list_code: str, code: str, field: str, on: date | None = None) -> CodeEntry:  # noqa: ARG001
    """Look a code up that somebody entered. Raises Invalid naming the field when no list has it in force."""
    entry = find(list_code, code)
    if entry is None or not entry.in_force(on or clock.today()):
        raise Invalid(field, "code_unknown", value=str(code)[:60], list=list_code)
    return entry


def rule(session: Session | None, code: str, on: date | None = None) -> CodeEntry | None:  # noqa: ARG001
    """Give a dated rule as it was in force on a day, the newest row of several; `verified` false must be shown as such."""
    day = on or clock.today()
    rows = [row for row in lists()["dated_rules"].values() if row.code == code and row.in_force(day)]
    return max(rows, key=lambda row: row.valid_from or date.min, default=None)


@cache
def lists() -> dict[str, dict[str, CodeEntry]]:
    """Read all lists, once per process."""
    found: dict[str, dict[str, CodeEntry]] = {}
    for name in LIST_FILES:
        for block in json.loads((DATA / name).read_text(encoding="utf-8")):
            rows = found[block["list"]] = {}
            for row in block["entries"]:
                rows[_key(rows, row)] = _entry(row)
    return found


def _key(rows: dict[str, CodeEntry], row: dict[str, Any]) -> str:
    """Give the key of a row: its code. A rule that changed stands in several rows, the later ones with their first day."""
    return f"{row['code']}@{row.get('valid_from')}" if row["code"] in rows else str(row["code"])


@cache
def document(name: str) -> Any:
    """Read another data file of the release: `market`, `gdp`, `targets`."""
    return json.loads((DATA / f"{name}.json").read_text(encoding="utf-8"))


def _entry(row: dict[str, Any]) -> CodeEntry:
    dates = {key: _day(row[key], last=key == "valid_to") for key in ("valid_from", "valid_to") if row.get(key)}
    return CodeEntry(**{**row, **dates})


def _day(text: str, *, last: bool) -> date:
    """Read "2022", "2022-03" or a full date; an end means the last day of what is written."""
    parts = [int(part) for part in text.split("-")]
    if len(parts) == 3:
        return date(*parts)
    year, month = (parts[0], parts[1]) if len(parts) > 1 else (parts[0], 12 if last else 1)
    if not last:
        return date(year, month, 1)
    following = date(year + month // 12, month % 12 + 1, 1)
    return date.fromordinal(following.toordinal() - 1)
