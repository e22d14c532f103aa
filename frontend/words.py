"""The words at the head of the pages: data, because another city runs the same program."""

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

DEFAULT = Path(__file__).parent / "data" / "words.json"


@dataclass(frozen=True)
class Words:
    """What this market calls itself and says first."""

    name: str
    place: str
    operator: str
    contact: str
    headline: tuple[str, ...]
    lede: str
    tries: tuple[str, ...]


def load_words(home: Path) -> dict[str, Words]:
    """Read the words in each language: the shipped ones, changed by `words.json` in the home."""
    raw: dict[str, Any] = json.loads(DEFAULT.read_text(encoding="utf-8"))
    own = home / "words.json"
    if own.exists():
        raw |= json.loads(own.read_text(encoding="utf-8"))
    names = Words.__dataclass_fields__
    found = {}
    for code in ("zh", "en"):
        values: dict[str, Any] = {name: raw[name] for name in names} | {
            name: value for name, value in raw.get(code, {}).items() if name in names
        }
        lists: dict[str, Any] = {
            name: tuple(value) if isinstance(value, list) else value for name, value in values.items()
        }
        found[code] = Words(**lists)
    return found
