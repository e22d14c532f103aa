"""Counting in memory what is only worth a statistic: written down now and then, lost when the process is killed."""

import threading
from collections.abc import Hashable

MAX_KEYS = 5_000
"""Different things counted between two writings; what comes beyond is not counted, so that nobody fills the memory."""


class Tally:
    """Sums by key and name. Every method is safe from several threads."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._sums: dict[Hashable, dict[str, int]] = {}

    def add(self, key: Hashable, **amounts: int) -> None:
        """Add to the sums of a key."""
        with self._lock:
            if key not in self._sums and len(self._sums) >= MAX_KEYS:
                return
            sums = self._sums.setdefault(key, {})
            for name, amount in amounts.items():
                sums[name] = sums.get(name, 0) + amount

    def take(self) -> dict[Hashable, dict[str, int]]:
        """Give all sums and begin anew."""
        with self._lock:
            taken, self._sums = self._sums, {}
        return taken
