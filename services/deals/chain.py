"""The register of introductions as a chain of hashes: nobody, the operator included, can slip a row in later.

Every row has a digest of what it says and a hash of (hash of the row before, digest). A proof of one row carries the
digests of the rows behind it, which tell nothing of their content, so that whoever holds any later hash can follow the
chain from the proof to it without a connection and without trusting the market.

The two organisations stand in the row as seals, sha256 of a random salt and the organisation's code: a broker can prove
an introduction before the name of a party that wanted to stay unnamed is opened.
"""

import hashlib
import json
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

START = "0" * 64
"""Stands for the row before the first one."""

HOW_TO_CHECK = [
    "digest = sha256(UTF-8 of `row` as JSON with sorted keys and without blanks)",
    "hash = sha256(ASCII of `previous` + digest)",
    "then for each entry of `following`: hash = sha256(hash + entry); the last one is `head.hash`",
    "a seal in `row` = sha256(UTF-8 of salt + organisation code)",
]


def canonical(content: dict[str, Any]) -> bytes:
    """Write a row so that everybody writes the same bytes: keys sorted, no blanks, UTF-8."""
    return json.dumps(content, ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode()


def digest(content: dict[str, Any]) -> str:
    """Give the fingerprint of what a row says."""
    return hashlib.sha256(canonical(content)).hexdigest()


def link(previous: str, content_digest: str) -> str:
    """Give the hash of a row from the hash before it and its own digest."""
    return hashlib.sha256((previous + content_digest).encode()).hexdigest()


def seal(salt: str, organisation_code: str) -> str:
    """Close an organisation's code so that it can be opened, but not guessed, later."""
    return hashlib.sha256((salt + organisation_code).encode()).hexdigest()


@dataclass(frozen=True)
class Link:
    """One row as the check sees it."""

    number: int
    content: dict[str, Any]
    previous: str
    hash: str


@dataclass(frozen=True)
class Break:
    """Where a chain does not hold, and how: `gap`, `previous`, `content`."""

    number: int
    kind: str


def breaks(links: Iterable[Link]) -> list[Break]:
    """Check a whole chain from its first row; give every row at which it does not hold."""
    found = []
    expected_number, before = 1, START
    for row in links:
        if row.number != expected_number:
            found.append(Break(row.number, "gap"))
        if row.previous != before:
            found.append(Break(row.number, "previous"))
        if row.hash != link(row.previous, digest(row.content)):
            found.append(Break(row.number, "content"))
        expected_number, before = row.number + 1, row.hash
    return found


def proof_problems(proof: dict[str, Any]) -> list[str]:
    """Check a proof as anybody can without the market; an empty list means that it holds.

    Problems: `hash` (the row was changed), `head` (it does not lead to the head named), `seal_seeker`, `seal_provider`
    (a name was put in that was not sealed).
    """
    problems = []
    reached = link(str(proof["previous"]), digest(proof["row"]))
    if reached != proof["hash"]:
        problems.append("hash")
    for following in proof["following"]:
        reached = link(reached, str(following))
    if reached != proof["head"]["hash"]:
        problems.append("head")
    for side, opened in proof["opened"].items():
        if seal(opened["salt"], opened["code"]) != proof["row"][f"{side}_seal"]:
            problems.append(f"seal_{side}")
    return problems
