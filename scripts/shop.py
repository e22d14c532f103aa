"""What the benchmark does to a market as its users would: look, search, write a need, have it published."""

import contextlib
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Self

import httpx

from tests.crash.people import open_people
from tests.running_market import RunningMarket


class Shop:
    """A market with people in it, and a client for each of them."""

    def __init__(self, market: RunningMarket) -> None:
        """Keep the market; `connect` makes the people once it serves."""
        self._market = market
        self._stack = contextlib.ExitStack()

    @classmethod
    def of_a_demo(cls, market: RunningMarket) -> Self:
        """Load the demo market by its command."""
        more = ["--database-is-empty"] if market.shape == "city" else []
        market.yaosu("demo", *more, timeout=3000)
        return cls(market)

    def connect(self) -> None:
        """Make the people, by the operator's commands."""
        self._people = self._stack.enter_context(open_people(self._market))
        self.visitor = self._people.visitor
        self.owner_code = self._people.owner

    def close(self) -> None:
        """Close the clients."""
        self._stack.close()

    def get(self, path: str, **params: Any) -> Any:
        """Ask the API as a visitor and return the document."""
        answer = self.visitor.get(path, params=params)
        answer.raise_for_status()
        return answer.json()

    def every(self, path: str) -> Iterator[dict[str, Any]]:
        """Read a list to its end."""
        cursor = None
        while True:
            page = self.get(path, limit=200, **({"cursor": cursor} if cursor else {}))
            yield from page["items"]
            cursor = page["next"]
            if cursor is None:
                return

    def draft_need(self, word: str) -> str:
        """Write a need and hand it in; return its code."""
        body = {
            "kind": "need",
            "title": f"{word} 号装置的余热回收",
            "body": "每小时排出 80℃ 的水 3 吨，希望回收一半以上的热量。",
        }
        code = str(_saved(self._people.member.post("/api/v1/needs", json=body))["code"])
        _saved(self._people.member.post(f"/api/v1/needs/{code}/submit"))
        return code

    def publish(self, code: str) -> None:
        """Have it published."""
        _saved(self._people.moderator.post(f"/api/v1/needs/{code}/publish"))

    def found(self, word: str) -> int:
        """Count the records that the search finds for a word of a title."""
        return sum(word in item["title"] for item in self.get("/api/v1/search", q=word)["items"])


def files_to_import(folder: Path) -> list[tuple[Path, str]]:
    """Return the files of a folder of real records that the import command takes, with their kinds."""
    found = []
    for kind in ("organisations", "needs", "results", "patents"):
        found += [(file, kind) for file in sorted(folder.glob(f"*{kind}*.jsonl"))]
    return found


def _saved(answer: httpx.Response) -> Any:
    if answer.is_error:
        raise RuntimeError(f"{answer.request.method} {answer.request.url}: {answer.status_code} {answer.text[:300]}")
    return json.loads(answer.text)
