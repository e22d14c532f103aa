"""What the market has told somebody is saved, written down outside the processes that are killed."""

import json
import os
import threading
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any


@dataclass(frozen=True)
class Told:
    """One answer of the market that said "saved": of which kind, the code it gave, and the word that only this record has."""

    kind: str
    code: str
    word: str
    amount_fen: int = 0


class Journal:
    """A file of lines, one an acknowledged answer; on disk before the writer goes on."""

    def __init__(self, file: Path) -> None:
        """Begin an empty journal."""
        self._file = file.open("a+", encoding="utf-8")
        self._lock = threading.Lock()
        self._seen = 0

    def write(self, told: Told) -> None:
        """Keep one answer, for certain."""
        with self._lock:
            self._file.write(json.dumps(asdict(told), ensure_ascii=False) + "\n")
            self._file.flush()
            os.fsync(self._file.fileno())

    def all(self) -> list[Told]:
        """Return everything that was ever acknowledged, in order."""
        with self._lock:
            self._file.seek(0)
            lines: list[dict[str, Any]] = [json.loads(line) for line in self._file]
        return [Told(**line) for line in lines]

    def new(self) -> list[Told]:
        """Return what came since the last call."""
        told = self.all()
        fresh, self._seen = told[self._seen :], len(told)
        return fresh

    def close(self) -> None:
        """Close the file."""
        self._file.close()
