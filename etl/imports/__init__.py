"""Taking files in, as batches: rows are written where nobody sees them, and one switch makes them visible.

Stopping, by hand or by kill -9, leaves nothing visible; the batch can be gone on with or removed. One that was switched
on can be undone until something depends on it. The command line works a batch off at once, pages and API leave it to
the worker; both come through here.
"""

from collections.abc import Mapping
from dataclasses import asdict
from datetime import timedelta
from pathlib import Path

from sqlalchemy.exc import IntegrityError
from sqlmodel import Session

from etl.imports import kinds, passes, spool
from etl.imports.heads import Heads
from etl.imports.passes import Pass, Progress, Stopped
from etl.imports.report import Report, report_of
from etl.imports.taker import Options, Taker
from etl.imports.uses import check_unused
from services.ground import audit, batches, clock, outbox
from services.ground.actor import Actor
from services.ground.batches import ImportBatch, NewBatch
from services.ground.errors import Conflict, DomainError, Invalid
from services.ground.files import safe_name
from services.ground.market import Market
from services.ground.permissions import require
from services.notices import service as notices

__all__ = ["Options", "Report", "finish", "import_file", "receive", "remove", "resume", "undo"]

KEPT_FOR = timedelta(days=30)
"""How long the copy of a file lies after its batch was finished, for the rows that are to be mended."""


def import_file(
    market: Market,
    actor: Actor,
    kind: str,
    path: Path,
    *,
    mapping: Mapping[str, str] | None = None,
    owner: str | None = None,
    publish: bool = False,
    dry_run: bool = False,
    all_or_nothing: bool = False,
    again: bool = False,
    progress: Progress | None = None,
) -> Report:
    """Take a file in, from its first row to the switch. A file whose import was stopped before goes on from there.

    Each row is tried by itself. `dry_run` looks at all rows and writes none; with `all_or_nothing` one refused row
    keeps all out. A row that came before (same number, id or content) is unchanged and left alone.
    Raises Invalid for a kind or a file that cannot be read, and when its head is not understood, NotFound for an owner
    that nobody has.
    """
    if not path.is_file():
        raise Invalid("file", "import_no_file", value=str(path)[:120])
    options = Options(dict(mapping or {}), owner, publish, all_or_nothing, again)
    code = receive(market, actor, kind, path, path.name, options, state="checking" if dry_run else "writing")
    if dry_run:
        return _try(market, actor, code, progress)
    return _work_off(market, actor, code, progress)


def receive(
    market: Market, actor: Actor, kind: str, path: Path, name: str, options: Options, *, state: str, later: bool = False
) -> str:
    """Copy a file and enter its batch; return the code. Writing the same file again goes on with the unfinished batch.

    With `later` the worker is told to work on it.
    """
    require(actor, "import.use")
    taker = kinds.taker(kind)
    with market.database.read() as session:
        taker(actor, options, "").begin(session)
    expire(market)
    heads = Heads(taker.names, options.mapping)
    kept = spool.keep(market.settings, path, name, heads)
    try:
        sheets = [asdict(sheet) for sheet in kept.sheets]
        found = [sheet.heads for sheet in kept.sheets]
        heads.check_mapping(found)
        new = NewBatch(kind, safe_name(name), kept.sha256, kept.size, kept.rows, sheets, asdict(options))
        with market.database.write() as session:
            row = batches.unfinished(session, actor, new) if state == "writing" else None
            if row is None:
                row = batches.begin(session, actor, new, state=state)
            # Before the commit: a batch in the books has its copy. One whose transaction fails leaves a stray file.
            spool.place(market.settings, kept, row.code)
            if later:
                if row.state == "stopped":
                    row.state, row.error = "writing", ""
                outbox.add(session, "import", row.code)
            return row.code
    finally:
        kept.path.unlink(missing_ok=True)


def expire(market: Market) -> int:
    """Let go the copies of files whose batches were finished long ago. Returns how many."""
    with market.database.read() as session:
        codes = batches.finished_before(session, clock.now() - KEPT_FOR)
    gone = [code for code in codes if spool.path_of(market.settings, code).exists()]
    for code in gone:
        spool.forget(market.settings, code)
    return len(gone)


def understood(row: ImportBatch) -> list[str]:
    """Name the fields without which nothing comes in and for which no sheet has a column; [] when the head is fine."""
    taker = kinds.taker(row.kind)
    heads = Heads(taker.names, Options(**row.options).mapping)
    fits = [spool.places_of(heads, sheet["heads"]) for sheet in row.sheets if not sheet["left_out"]]
    return [group[0] for group in taker.needs if not any(set(group) & places.keys() for places in fits)]


def resume(market: Market, actor: Actor, code: str, progress: Progress | None = None) -> Report:
    """Go on with a batch that was stopped, at this process. Raises Conflict while another one is at it."""
    with market.database.write() as session:
        row = batches.seen(session, actor, code, lock=True)
        batches.check_move(row, "write")
        if row.state in {"checking", "checked"}:
            batches.restart(session, row, "writing")
    return _work_off(market, actor, code, progress)


def finish(market: Market, actor: Actor, code: str, who: str) -> None:
    """After the last row: switch the batch on, or take it back when it was all or nothing and something was refused."""
    with market.database.write() as session:
        row = batches.locked(session, code)
        if row.state != "writing" or row.claim != who:
            raise Stopped
        taker = _taker(actor, row)
        nothing = bool(row.refused and Options(**row.options).all_or_nothing)
        if not nothing:
            taker.switch(session)
            audit.record(session, actor, "import.done", "batch", code, of=row.kind, accepted=row.accepted)
            batches.end(session, row, "done")
            _tell(session, actor, row)
    if nothing:
        passes.drop(market, taker)
        with market.database.write() as session:
            row = batches.locked(session, code)
            row.accepted = 0
            batches.end(session, row, "refused")
            _tell(session, actor, row)


def _tell(session: Session, actor: Actor, row: ImportBatch) -> None:
    """Tell whoever brought a file that it is done; whoever waits at a terminal sees it there."""
    if row.person_id is None or actor.via == "cli":
        return
    params = {"title": row.file_name, "accepted": row.accepted, "refused": row.refused}
    notices.notify(session, "job_done", params, url=f"/import/{row.code}", person_id=row.person_id)


def remove(market: Market, actor: Actor, code: str, progress: Progress | None = None) -> None:
    """Take away what a batch that was never switched on has written, and its copy. Raises Conflict for one that was."""
    with market.database.write() as session:
        row = batches.seen(session, actor, code, lock=True)
        batches.check_move(row, "remove")
        passes.take_over(session, row, passes.me())
        row.state = "removing"
    drop_all(market, actor, code, progress)


def drop_all(market: Market, actor: Actor, code: str, progress: Progress | None = None) -> None:
    """Take away all that a batch being removed has staged, its copy, and say that it is gone."""
    with market.database.read() as session:
        taker = _taker(actor, batches.find(session, code))
    passes.drop(market, taker, progress)
    with market.database.write() as session:
        row = batches.locked(session, code)
        row.accepted = row.unchanged = 0
        batches.end(session, row, "removed")
        audit.record(session, actor, "import.remove", "batch", code)
    spool.forget(market.settings, code)


def undo(market: Market, actor: Actor, code: str) -> int:
    """Take a batch back that was switched on; return how many records went. Raises Conflict when something depends on it."""
    with market.database.write() as session:
        row = batches.seen(session, actor, code, lock=True)
        batches.check_move(row, "undo")
        check_unused(session, row)
        count = _taker(actor, row).undo(session)
        batches.end(session, row, "undone")
        audit.record(session, actor, "import.undo", "batch", code, count=count)
    return count


def _taker(actor: Actor, row: ImportBatch) -> Taker:
    return kinds.taker(row.kind)(actor, Options(**row.options), row.code)


def _check_head(row: ImportBatch) -> None:
    lacking = understood(row)
    if lacking:
        heads = "、".join(head for sheet in row.sheets for head in sheet["heads"] if head)
        labels = kinds.taker(row.kind).labels
        raise Invalid("file", "import_head_unknown", heads=heads[:200], lacking="、".join(labels[x] for x in lacking))


def _try(market: Market, actor: Actor, code: str, progress: Progress | None) -> Report:
    """Look at all rows; the batch and its copy go again."""
    try:
        who = passes.me()
        _run(market, actor, code, who, progress)
        with market.database.read() as session:
            return report_of(session, batches.find(session, code), dry_run=True)
    finally:
        with market.database.write() as session:
            batches.forget(session, batches.find(session, code))
        spool.forget(market.settings, code)


def _work_off(market: Market, actor: Actor, code: str, progress: Progress | None) -> Report:
    who = passes.me()
    try:
        _run(market, actor, code, who, progress)
        finish(market, actor, code, who)
    except Stopped as error:
        raise Conflict("batch_busy", batch=code) from error
    except BaseException as error:
        _note_stop(market, code, who, error)
        raise
    with market.database.read() as session:
        return report_of(session, batches.find(session, code))


def _run(market: Market, actor: Actor, code: str, who: str, progress: Progress | None) -> None:
    with market.database.write() as session:
        row = batches.seen(session, actor, code, lock=True)
        _check_head(row)
        passes.take_over(session, row, who)
        if row.state == "stopped":
            row.state = "writing"
        the_pass = Pass(market, actor, row, who)
    try:
        the_pass.run(progress=progress)
    except IntegrityError as error:
        # Somebody entered the same organisation or patent between our look and our write: the chunk is tried once more.
        with market.database.read() as session:
            row = batches.find(session, code)
        if row.done != the_pass.done:
            raise Stopped from error
        Pass(market, actor, row, who).run(progress=progress)


def _note_stop(market: Market, code: str, who: str, error: BaseException) -> None:
    """Note that the batch stands. A file of which nothing could come in leaves no batch behind."""
    with market.database.write() as session:
        row = batches.locked(session, code)
        if row.state == "writing" and row.claim in {"", who}:
            if row.done == 0 and isinstance(error, DomainError):
                batches.forget(session, row)
                spool.forget(market.settings, code)
            else:
                batches.end(session, row, "stopped", getattr(error, "code", type(error).__name__))
