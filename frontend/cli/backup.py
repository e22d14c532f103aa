"""`yaosu backup` and `yaosu restore`: a whole market in one file, and back."""

from pathlib import Path
from typing import Annotated

import typer
from alembic.util.exc import CommandError

from etl import backup as backups
from frontend import schema
from frontend.cli.common import AS_JSON, counting, opened, refuse, show
from search.engine import SearchError
from services.ground import copying
from services.ground.market import Market
from services.matching import service as matching

COLUMNS = ["file", "demo", "made_at", "revision", "rows", "files"]


def backup(file: Path, as_json: bool = AS_JSON) -> None:
    """Write all of this market into one file while it runs: rows, uploaded files, the secret of an embedded home.

    Example: yaosu backup /backups/market-2026-03-12.zip
    """
    with opened(writable=False) as market:
        try:
            manifest = backups.make(market, file, schema.newest() or "", counting("backup"))
        except (backups.BackupError, OSError) as error:
            raise refuse(str(error)) from error
    show([_summary(file, manifest)], COLUMNS, as_json=as_json)
    if manifest.missing_files:
        raise refuse(
            f"the backup is whole, but the market had lost {len(manifest.missing_files)} uploaded files before: "
            + ", ".join(manifest.missing_files[:5])
        )


def restore(
    file: Path,
    check: Annotated[
        bool, typer.Option("--check", help="Only read the backup through and compare its hashes.")
    ] = False,
    as_json: bool = AS_JSON,
) -> None:
    """Put a backup into an empty market of either shape, and build its index. Refused where anything was entered already.

    Example: yaosu restore /backups/market-2026-03-12.zip
    """
    try:
        manifest = backups.check(file)
    except backups.BackupError as error:
        raise refuse(str(error)) from error
    if not check:
        with opened(migrated=False) as market:
            _restore(market, file, manifest)
    show([_summary(file, manifest)], COLUMNS, as_json=as_json)


def _restore(market: Market, file: Path, manifest: backups.Manifest) -> None:
    if not market.engine.may_write():
        raise refuse("a server is running on this market; stop it first")
    if not copying.is_unused(market.database):
        raise refuse("this market is not empty: a backup goes into a new home, or a new database, only")
    try:
        schema.upgrade(market.database, manifest.revision)
    except CommandError as error:
        raise refuse(f"the backup needs a newer program: {error}") from error
    if schema.current(market.database) != manifest.revision:
        raise refuse(f"the tables are newer than the backup ({manifest.revision}); begin with an empty database")
    try:
        backups.restore(market, file, manifest, counting("restore"))
    except backups.BackupError as error:
        raise refuse(str(error)) from error
    schema.migrate(market.database)
    try:
        matching.reindex(market, counting("reindex"))
    except SearchError as error:
        raise refuse(f"all rows and files are back; the index is not: {error}; run: yaosu reindex") from error


def _summary(file: Path, manifest: backups.Manifest) -> dict[str, object]:
    return {
        "file": str(file),
        "demo": manifest.demo,
        "made_at": manifest.made_at,
        "revision": manifest.revision,
        "rows": sum(manifest.rows.values()),
        "files": sum(name.startswith("files/") for name in manifest.sha256),
    }
