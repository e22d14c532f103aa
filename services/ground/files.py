"""Files that people upload: kept by content outside the web root, typed by content, handed out as downloads only."""

import hashlib
import os
import re
import tempfile
import unicodedata
import zipfile
from collections.abc import Collection
from datetime import datetime
from pathlib import Path
from typing import IO, BinaryIO

from sqlmodel import Field, Session

from services.ground import clock
from services.ground.actor import Actor
from services.ground.database import Base, text_column, utc
from services.ground.errors import Invalid, TooLarge
from services.ground.settings import Settings

CHUNK = 1 << 16
DOCUMENTS = frozenset({"pdf", "png", "jpeg", "docx", "xlsx", "text"})
"""What may be attached to a deal or a contract."""

MEDIA_TYPES = {
    "pdf": "application/pdf",
    "png": "image/png",
    "jpeg": "image/jpeg",
    "docx": "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "zip": "application/zip",
    "text": "text/plain",
}
UNPACKED_LIMIT = 400 << 20
RATIO_LIMIT = 200


class StoredFile(Base, table=True):
    """One uploaded file. The bytes lie under their hash; two uploads of the same bytes share them."""

    __tablename__ = "stored_file"
    id: int | None = Field(default=None, primary_key=True)
    sha256: str = Field(max_length=64, index=True)
    name: str = Field(sa_column=text_column(200))
    media_type: str = Field(max_length=100)
    size: int
    person_id: int | None = None
    organisation_id: int | None = None
    created_at: datetime = Field(sa_column=utc())


def save(
    session: Session,
    actor: Actor,
    settings: Settings,
    upload: BinaryIO,
    filename: str,
    *,
    allowed: Collection[str] = DOCUMENTS,
    limit: int | None = None,
    field: str = "file",
) -> StoredFile:
    """Keep an upload and return its row, in the caller's transaction.

    The bytes are on the disk (fsync) before the row is written, so a row never points at nothing; bytes whose
    transaction fails are harmless. Raises TooLarge beyond `limit` bytes, Invalid for an empty file, a type by content
    that is not allowed, or an archive that unpacks to more than it should.
    """
    limit = limit or settings.max_upload_mb << 20
    folder = settings.files_folder
    folder.mkdir(parents=True, exist_ok=True)
    with tempfile.NamedTemporaryFile(dir=folder, prefix="upload-", delete=False) as target:
        path = Path(target.name)
        try:
            digest, size = _copy(upload, target, limit)
            target.flush()  # before the type is read from the path: small files would still lie in the buffer
            kind = kind_of(path)
            if not size:
                raise Invalid(field, "file_empty")
            if kind not in allowed:
                raise Invalid(field, "file_type", allowed="、".join(sorted(allowed)))
            os.fsync(target.fileno())
            final = _place(folder, digest)
            final.parent.mkdir(parents=True, exist_ok=True)
            path.replace(final)
        except BaseException:
            path.unlink(missing_ok=True)
            raise
    row = StoredFile(
        sha256=digest,
        name=safe_name(filename),
        media_type=MEDIA_TYPES[kind],
        size=size,
        person_id=actor.person_id,
        organisation_id=actor.organisation_id,
        created_at=clock.now(),
    )
    session.add(row)
    session.flush()
    return row


def path_to(settings: Settings, stored: StoredFile) -> Path:
    """Say where the bytes of a stored file lie."""
    return path_of(settings, stored.sha256)


def path_of(settings: Settings, sha256: str) -> Path:
    """Say where bytes with this hash lie, or would lie."""
    return _place(settings.files_folder, sha256)


def safe_name(filename: str) -> str:
    """Make a name that is only a name: no folders, no control characters, at most 120 characters."""
    name = unicodedata.normalize("NFC", filename).replace("\\", "/").rpartition("/")[2]
    name = re.sub(r"[\x00-\x1f\x7f\ud800-\udfff\u202a-\u202e\u2066-\u2069\"<>|:*?]", "_", name).strip(" .")
    stem, dot, suffix = name.rpartition(".")
    return f"{stem[:110]}.{suffix[:8]}" if dot and stem else (name[:120] or "file")


def kind_of(path: Path) -> str:
    """Say what a file is by its bytes; `unknown` when it is none of ours. Raises Invalid for a bomb or a broken archive."""
    with path.open("rb") as file:
        head = file.read(4096)
    if head.startswith(b"%PDF-"):
        return "pdf"
    if head.startswith(b"\x89PNG\r\n\x1a\n"):
        return "png"
    if head.startswith(b"\xff\xd8\xff"):
        return "jpeg"
    if head.startswith(b"PK\x03\x04"):
        return _kind_of_archive(path)
    if b"\0" not in head and _decodes(head):
        return "text"
    return "unknown"


def check_archive(path: Path, field: str = "file") -> list[str]:
    """List the names in a zip. Raises Invalid when it is broken or would unpack to far more than its size."""
    try:
        with zipfile.ZipFile(path) as archive:
            entries = archive.infolist()
    except (zipfile.BadZipFile, OSError, ValueError) as error:
        raise Invalid(field, "file_broken") from error
    unpacked = sum(entry.file_size for entry in entries)
    if unpacked > UNPACKED_LIMIT or unpacked > max(path.stat().st_size, 1 << 16) * RATIO_LIMIT or len(entries) > 10_000:
        raise Invalid(field, "file_bomb")
    return [entry.filename for entry in entries]


def _kind_of_archive(path: Path) -> str:
    names = check_archive(path)
    if any(name.startswith("xl/") for name in names):
        return "xlsx"
    if any(name.startswith("word/") for name in names):
        return "docx"
    return "zip"


def _decodes(head: bytes) -> bool:
    for encoding in ("utf-8", "gb18030"):
        for cut in range(4):  # a character may be cut at the end of what was read
            try:
                head[: len(head) - cut].decode(encoding)
            except UnicodeDecodeError:
                continue
            return True
    return False


def _copy(upload: BinaryIO, target: IO[bytes], limit: int) -> tuple[str, int]:
    digest, size = hashlib.sha256(), 0
    while chunk := upload.read(CHUNK):
        size += len(chunk)
        if size > limit:
            raise TooLarge(limit_mb=limit >> 20)
        digest.update(chunk)
        target.write(chunk)
    return digest.hexdigest(), size


def _place(folder: Path, digest: str) -> Path:
    return folder / digest[:2] / digest
