"""A whole market in one file, and back: rows, uploaded files, what the home keeps. The same file for both shapes.

The file is a zip: `tables/NAME.jsonl` (one row a line), `files/SHA256` (bytes of uploads), `home/NAME` and, written last,
`manifest.json` with the count and hash of every part. It holds passwords' hashes, personal data and, in the embedded shape,
the secret key: it is made readable by its owner only.
"""

import hashlib
import json
import os
import re
import zipfile
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import IO, Any

import sqlalchemy as sa

from services.ground import clock, copying, files
from services.ground.market import Market
from services.ground.settings import Settings

FORMAT = 1
CHUNK = 1 << 20
HOME_FILES = ("secret.key", "words.json", "demo-logins.json")
"""What the home keeps beside database, index and uploads; the index is built anew."""

Progress = Callable[[int, int], None]


class BackupError(Exception):
    """A backup that cannot be made or taken back; the message says why."""


@dataclass
class Manifest:
    """What a backup says about itself."""

    revision: str
    demo: bool
    shape: str
    made_at: str
    format: int = FORMAT
    rows: dict[str, int] = field(default_factory=dict)
    sha256: dict[str, str] = field(default_factory=dict)
    """Hash of every part of the zip."""
    missing_files: list[str] = field(default_factory=list)
    """Uploads of which the market itself had lost the bytes."""


def make(market: Market, target: Path, revision: str, progress: Progress | None = None) -> Manifest:
    """Write a backup of this moment while others go on writing; the file appears only when it is whole and on the disk.

    Raises BackupError when the file is there already.
    """
    if target.exists():
        raise BackupError(f"{target} is there already; choose another name")
    tell = progress or (lambda _done, _total: None)
    with _appearing(target) as archive, market.database.snapshot() as connection:
        tables = copying.tables_of(connection)
        by_name = {table.name: table for table in tables}
        demo = bool(connection.execute(sa.select(by_name["market"].c.demo)).scalar())
        shape = "embedded" if market.database.is_sqlite else "city"
        manifest = Manifest(revision, demo, shape, clock.now().isoformat())
        for table in tables:
            name = f"tables/{table.name}.jsonl"
            manifest.rows[table.name], manifest.sha256[name] = _add(archive, name, copying.lines(connection, table))
            tell(sum(manifest.rows.values()), 0)
        stored = by_name["stored_file"].c.sha256
        digests = connection.execute(sa.select(stored).distinct().order_by(stored)).scalars()
        _add_files(archive, market.settings, digests, manifest)
        for name in HOME_FILES:
            path = market.settings.home / name
            if path.is_file():
                part = f"home/{name}"
                _count, manifest.sha256[part] = _add(archive, part, [path.read_bytes()])
        archive.writestr("manifest.json", json.dumps(asdict(manifest), ensure_ascii=False, indent=1))
    return manifest


def check(source: Path) -> Manifest:
    """Read a backup from end to end. Raises BackupError unless every part is there and has the hash it should have."""
    try:
        with zipfile.ZipFile(source) as archive:
            manifest = _manifest(archive)
            names = set(archive.namelist()) - {"manifest.json"}
            if names != manifest.sha256.keys():
                raise BackupError(f"parts are missing or too many: {', '.join(sorted(names ^ manifest.sha256.keys()))}")
            for name, expected in manifest.sha256.items():
                if _hash_of(archive, name) != expected:
                    raise BackupError(f"{name} is damaged: its hash differs")
    except (OSError, zipfile.BadZipFile, KeyError, ValueError, TypeError) as error:
        raise BackupError(f"{source} is no whole backup: {error}") from error
    return manifest


def restore(market: Market, source: Path, manifest: Manifest, progress: Progress | None = None) -> dict[str, int]:
    """Put a checked backup into an unused market whose tables are at the backup's revision; return the rows by table.

    All rows or none: one transaction. Bytes of files lie under their hash before it ends, so no row points at nothing.
    Raises BackupError when a count differs.
    """
    tell = progress or (lambda _done, _total: None)
    with zipfile.ZipFile(source) as archive:
        _put_files(archive, market.settings, manifest)
        with market.database.write() as session:
            rows_of = {name: _lines(archive, f"tables/{name}.jsonl") for name in manifest.rows}
            counts = copying.fill(session, rows_of)
            if counts != manifest.rows:
                raise BackupError("the rows that arrived are not those that the backup counted")
    tell(sum(counts.values()), sum(counts.values()))
    return counts


@contextmanager
def _appearing(target: Path) -> Iterator[zipfile.ZipFile]:
    """Open a zip beside the target; it takes the target's name when all of it is on the disk. A killed run leaves `.part`."""
    part = target.with_name(f"{target.name}.part")
    part.unlink(missing_ok=True)
    descriptor = os.open(part, os.O_RDWR | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        with os.fdopen(descriptor, "w+b") as file:
            with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED, compresslevel=3) as archive:
                yield archive
            file.flush()
            os.fsync(file.fileno())
        part.rename(target)
    except BaseException:
        with suppress(FileNotFoundError):
            part.unlink()
        raise


def _add(archive: zipfile.ZipFile, name: str, pieces: Iterable[bytes]) -> tuple[int, str]:
    """Write one part; return how many pieces it had and its hash."""
    digest, count = hashlib.sha256(), 0
    with archive.open(name, "w", force_zip64=True) as part:
        for piece in pieces:
            part.write(piece)
            digest.update(piece)
            count += 1
    return count, digest.hexdigest()


def _add_files(archive: zipfile.ZipFile, settings: Settings, digests: Iterable[str], manifest: Manifest) -> None:
    for digest in digests:
        try:
            with files.path_of(settings, digest).open("rb") as file:
                _count, found = _add(archive, f"files/{digest}", _pieces(file))
        except FileNotFoundError:
            manifest.missing_files.append(digest)
            continue
        manifest.sha256[f"files/{digest}"] = found
        if found != digest:
            manifest.missing_files.append(digest)


def _put_files(archive: zipfile.ZipFile, settings: Settings, manifest: Manifest) -> None:
    for name, digest in manifest.sha256.items():
        folder, _, base = name.partition("/")
        if folder == "files" and re.fullmatch(r"[0-9a-f]{64}", base):
            _write(archive, name, files.path_of(settings, base))
        elif folder == "home" and base in HOME_FILES:
            _write(archive, name, settings.home / base)
        elif folder != "tables":
            raise BackupError(f"{name} ({digest[:8]}) belongs to no part that is known here")


def _write(archive: zipfile.ZipFile, name: str, target: Path) -> None:
    target.parent.mkdir(parents=True, exist_ok=True)
    part = target.with_name(f"{target.name}.part")
    with (
        archive.open(name) as source,
        os.fdopen(os.open(part, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as out,
    ):
        for piece in _pieces(source):
            out.write(piece)
        out.flush()
        os.fsync(out.fileno())
    part.rename(target)


def _hash_of(archive: zipfile.ZipFile, name: str) -> str:
    digest = hashlib.sha256()
    with archive.open(name) as part:
        for piece in _pieces(part):
            digest.update(piece)
    return digest.hexdigest()


def _pieces(file: IO[bytes]) -> Iterator[bytes]:
    while piece := file.read(CHUNK):
        yield piece


def _lines(archive: zipfile.ZipFile, name: str) -> Iterator[bytes]:
    with archive.open(name) as part:
        yield from part


def _manifest(archive: zipfile.ZipFile) -> Manifest:
    said: dict[str, Any] = json.loads(archive.read("manifest.json"))
    if said.get("format") != FORMAT:
        raise BackupError(f"the backup is of format {said.get('format')}, this program reads {FORMAT}")
    return Manifest(**said)
