"""What somebody at a page or a program does with a batch that the worker works on: look, read otherwise, write, stop."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import asdict, replace
from itertools import islice
from typing import Any

from sqlmodel import Session, col, delete

from etl import imports
from etl.imports import kinds, spool
from etl.imports.heads import Heads, plain
from etl.imports.table import Row
from etl.imports.taker import Options
from etl.imports.xlsx import letters
from services.ground import audit, batches, outbox
from services.ground.actor import Actor
from services.ground.batches import ImportBatch, ImportFault
from services.ground.errors import Conflict
from services.ground.market import Market

SAMPLES = 3


def write(session: Session, actor: Actor, code: str, *, publish: bool | None = None) -> ImportBatch:
    """Let a checked batch be written, or a stopped one go on. Raises Conflict in any other state."""
    row = batches.seen(session, actor, code, lock=True)
    batches.check_move(row, "write")
    if row.error == "import_head_unknown":
        raise Conflict("batch_head_unknown", batch=code)
    if publish is not None:
        row.options = {**row.options, "publish": publish}
    if row.state in {"checking", "checked"}:
        batches.restart(session, row, "writing")
    row.state, row.error = "writing", ""
    session.add(row)
    outbox.add(session, "import", code)
    audit.record(session, actor, "import.write", "batch", code, rows=row.rows)
    return row


def read_otherwise(session: Session, actor: Actor, code: str, changes: Mapping[str, Any]) -> ImportBatch:
    """Change how a batch is read (mapping, owner, publish …) and check all rows again."""
    row = batches.seen(session, actor, code, lock=True)
    batches.check_move(row, "check")
    if row.state == "stopped" and row.accepted:
        raise Conflict("batch_move_not_possible", batch=code, state=row.state, move="check")
    options = replace(Options(**row.options), **changes)
    heads = Heads(kinds.taker(row.kind).names, options.mapping)
    heads.check_mapping([sheet["heads"] for sheet in row.sheets])
    row.options = asdict(options)
    batches.restart(session, row, "checking")
    outbox.add(session, "import", code)
    return row


def stop(session: Session, actor: Actor, code: str) -> ImportBatch:
    """Let a batch stand where it is; nothing of it is visible. Raises Conflict for one that nobody works on."""
    row = batches.seen(session, actor, code, lock=True)
    batches.check_move(row, "stop")
    batches.end(session, row, "stopped")
    audit.record(session, actor, "import.stop", "batch", code, done=row.done)
    return row


def give_up(session: Session, actor: Actor, code: str) -> ImportBatch:
    """Stop a batch and take back all it has written; the worker does it."""
    row = batches.seen(session, actor, code, lock=True)
    batches.check_move(row, "remove")
    row.state, row.claim, row.beat_at = "removing", "", None
    session.add(row)
    outbox.add(session, "import", code)
    return row


def take_candidates(market: Market, session: Session, actor: Actor, code: str, lines: Collection[int]) -> ImportBatch:
    """Take rows that look like known contracts as new ones: a batch of its own, which the worker writes."""
    # Held from here on: the button pressed twice must not make two batches of the same rows.
    row = batches.seen(session, actor, code, lock=True)
    wanted = {line for line in lines if line in _candidate_lines(session, code)}
    if not wanted:
        raise Conflict("batch_no_candidates", batch=code)
    options = {**row.options, "again": True, "all_or_nothing": False}
    sheets = [{**sheet} for sheet in row.sheets]
    new = batches.NewBatch(row.kind, row.file_name, row.sha256, row.size, len(wanted), sheets, options)
    made = batches.begin(session, actor, new, state="writing")
    spool.copy_lines(market.settings, row, made.code, wanted)
    outbox.add(session, "import", made.code)
    settle(session, actor, code, wanted)
    return made


def settle(session: Session, actor: Actor, code: str, lines: Collection[int]) -> ImportBatch:
    """Say that candidates are the contracts we have: they are unchanged, and nobody needs to look again."""
    row = batches.seen(session, actor, code, lock=True)
    wanted = [line for line in lines if line in _candidate_lines(session, code)]
    session.execute(
        delete(ImportFault).where(
            col(ImportFault.batch_code) == code,
            col(ImportFault.severity) == "candidate",
            col(ImportFault.line).in_(wanted),
        )
    )
    row.refused -= len(wanted)
    row.unchanged += len(wanted)
    session.add(row)
    audit.record(session, actor, "import.settle", "batch", code, rows=len(wanted))
    return row


def samples(market: Market, row: ImportBatch) -> list[tuple[str, int, list[tuple[str, str]]]]:
    """Give the first rows as they are read: (sheet, row, [(our column, text)]); [] when the copy is gone."""
    taker = kinds.taker(row.kind)
    heads = Heads(taker.names, Options(**row.options).mapping)
    found = []
    for one in islice(_rows(market, row, heads), SAMPLES):
        cells = [
            (_with_unit(label, one.unit(name, "")), str(one.raw(name))[:120])
            for name, label in taker.labels.items()
            if one.raw(name)
        ]
        found.append((one.sheet, one.number, cells))
    return found


def _with_unit(label: str, unit: str) -> str:
    """Name a column with the unit that the sender's head names, not the one of our template."""
    return f"{label.partition('（')[0]}（{unit}）" if unit else label


def columns(row: ImportBatch) -> list[tuple[str, str, str]]:
    """Say how each column is read: (letter, head, our field or ""), over all sheets, each head once."""
    heads = Heads(kinds.taker(row.kind).names, Options(**row.options).mapping)
    found: dict[str, tuple[str, str, str]] = {}
    for sheet in row.sheets:
        if sheet.get("left_out"):
            continue
        by_index = {p.index: name for name, places in spool.places_of(heads, sheet["heads"]).items() for p in places}
        for index, head in enumerate(sheet["heads"]):
            if head and plain(head) not in found:
                found[plain(head)] = (letters(index) if sheet["name"] else "", head, by_index.get(index, ""))
    return list(found.values())


def lacking(row: ImportBatch) -> list[str]:
    """Name the needed fields for which no sheet has a column."""
    return imports.understood(row)


def refused_rows(market: Market, session: Session, row: ImportBatch) -> tuple[list[str], Iterator[list[str]]]:
    """Give the rows that stayed out in their sender's own columns, with sheet, row and reason codes behind: (heads, rows).

    The reasons are given as `column: code value`; whoever shows them puts them into words.
    """
    faults = batches.refused_lines(session, row.code)
    shown = [sheet for sheet in row.sheets if not sheet.get("left_out")]
    heads = list(dict.fromkeys(head for sheet in shown for head in sheet["heads"] if head))

    def lines() -> Iterator[list[str]]:
        taker = kinds.taker(row.kind)
        names = {sheet["name"]: sheet["heads"] for sheet in row.sheets}
        for one in _rows(market, row, Heads(taker.names, {})):
            if one.line in faults:
                yield [*_cells(one, heads, names[one.sheet]), one.sheet, str(one.number), str(one.line)]

    return heads, lines()


def _rows(market: Market, row: ImportBatch, heads: Heads) -> Iterator[Row]:
    path = spool.path_of(market.settings, row.code)
    if not path.exists():
        return
    for one, _place in spool.Spool(path, row.sheets, heads).rows():
        yield one


def _cells(one: Row, heads: Sequence[str], own: Sequence[str]) -> list[str]:
    if isinstance(one.cells, dict):
        return ["" if one.cells.get(head) is None else str(one.cells[head]) for head in heads]
    by_head = {head: cell for head, cell in zip(own, one.cells, strict=False) if head}
    return [by_head.get(head, "") for head in heads]


def _candidate_lines(session: Session, code: str) -> set[int]:
    return {
        line
        for line, found in batches.refused_lines(session, code).items()
        if any(fault.severity == "candidate" for fault in found)
    }
