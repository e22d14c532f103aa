"""Where the embedded index lies: numbered folders, and one small file that names the one in use.

home/current        {"folder": "g000002", "chain": "..."}; replaced in one step, so a reader sees the old or the new
home/g000002/       an index of tantivy
home/writer.lock    held by the one process that writes
"""

import json
import os
import shutil
from dataclasses import dataclass
from pathlib import Path

CURRENT = "current"


@dataclass(frozen=True, slots=True)
class Generation:
    """One index folder and the language chain that made it."""

    folder: Path
    chain: str


def _sync_folder(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def current(home: Path) -> Generation | None:
    """Read which index is in use; None in a new home."""
    try:
        found = json.loads((home / CURRENT).read_text(encoding="utf-8"))
    except FileNotFoundError:
        return None
    return Generation(home / found["folder"], found["chain"])


def stamp(home: Path) -> tuple[int, int]:
    """Give something that changes whenever another index comes into use."""
    try:
        status = (home / CURRENT).stat()
    except FileNotFoundError:
        return (0, 0)
    return (status.st_ino, status.st_mtime_ns)


def new(home: Path, chain: str) -> Generation:
    """Make the folder of the next index; it is not in use yet."""
    home.mkdir(parents=True, exist_ok=True)
    numbers = [int(folder.name[1:]) for folder in home.glob("g[0-9]*") if folder.name[1:].isdigit()]
    folder = home / f"g{max(numbers, default=0) + 1:06d}"
    folder.mkdir()
    return Generation(folder, chain)


def use(home: Path, generation: Generation) -> None:
    """Bring an index into use: durable on return, never half."""
    _sync_folder(generation.folder)
    draft = home / f"{CURRENT}.new"
    with draft.open("w", encoding="utf-8") as file:
        json.dump({"folder": generation.folder.name, "chain": generation.chain}, file)
        file.flush()
        os.fsync(file.fileno())
    draft.replace(home / CURRENT)
    _sync_folder(home)


def remove(generation: Generation) -> None:
    """Remove an index folder; readers that still have it open keep what they have mapped."""
    shutil.rmtree(generation.folder, ignore_errors=True)


def remove_leftovers(home: Path) -> None:
    """Remove half-built and replaced indices. Only the writer may, and only while it builds none."""
    in_use = current(home)
    for folder in home.glob("g[0-9]*"):
        if in_use is None or folder != in_use.folder:
            shutil.rmtree(folder, ignore_errors=True)
