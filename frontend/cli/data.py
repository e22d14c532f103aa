"""Data in and out: `import`, `export`, and `batch` for what an import left behind."""

import contextlib
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Annotated, Any

import typer

from etl import imports
from etl.imports import profiles
from etl.imports.report import Fault, Report, report_of
from frontend import texts
from frontend.cli.common import AS_JSON, AS_USER, actor_named, counting, drain, opened, refuse, show
from services.ground import batches

batch = typer.Typer(no_args_is_help=True, help="Imports that were begun: list, go on, take away, take back.")
SHOWN = 200
"""Findings that are printed for people; `--json` has all."""
COLUMNS = ["sheet", "row", "column", "value", "reason"]
KIND = typer.Argument(help="needs, results, patents, experts, organisations or contracts")


def import_(
    kind: Annotated[str, KIND],
    file: Path,
    map_: Annotated[
        list[str] | None, typer.Option("--map", help="OURS=THEIRS: their head (or letter) of our column; once each.")
    ] = None,
    profile: Annotated[
        str, typer.Option(help="A mapping kept under this name on the page of a batch; --map goes before it.")
    ] = "",
    owner: Annotated[str | None, typer.Option(help="Code of the organisation that owns rows without one.")] = None,
    publish: Annotated[
        bool, typer.Option("--publish", help="Publish at once instead of asking the moderators.")
    ] = False,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Look at every row and write none.")] = False,
    all_or_nothing: Annotated[
        bool, typer.Option("--all-or-nothing", help="One refused row keeps the whole file out.")
    ] = False,
    again: Annotated[
        bool, typer.Option("--again", help="Take rows that look like known contracts for new ones.")
    ] = False,
    user_name: str | None = AS_USER,
    as_json: bool = AS_JSON,
) -> None:
    """Take a jsonl, csv or xlsx file in. Exit 0: all rows in; 3: some refused, the good ones in; 1: none in.

    Nothing is seen before the last row is written. Stopping leaves nothing visible: the same command goes on from
    there, `yaosu batch remove` takes it away.

    Example: yaosu import patents patents.xlsx --publish --map title=专利名称
    """
    mapping = _mapping(map_ or [])
    with opened() as market, _told_when_stopped():
        actor = actor_named(market, user_name)
        if profile:
            with market.database.read() as session:
                mapping = profiles.named(session, actor, kind, profile) | mapping
        report = imports.import_file(
            market,
            actor,
            kind,
            file,
            mapping=mapping,
            owner=owner,
            publish=publish,
            dry_run=dry_run,
            all_or_nothing=all_or_nothing,
            again=again,
            progress=counting("import"),
        )
        drain(market, only="index")
    _tell(report, as_json=as_json)


@batch.command("list")
def batch_list(user_name: str | None = AS_USER, as_json: bool = AS_JSON) -> None:
    """List imports, newest first.

    Example: yaosu batch list
    """
    with opened(writable=False) as market, market.database.read() as session:
        rows = [
            {name: getattr(row, name) for name in ("code", "kind", "state", "rows", "accepted", "unchanged", "refused")}
            | {"file": row.file_name, "at": row.created_at.isoformat(timespec="seconds")}
            for row in batches.listed(session, actor_named(market, user_name))
        ]
    columns = ["code", "kind", "state", "rows", "accepted", "unchanged", "refused", "file", "at"]
    show(rows, columns, as_json=as_json)


@batch.command("show")
def batch_show(code: str, user_name: str | None = AS_USER, as_json: bool = AS_JSON) -> None:
    """Show what became of an import, with every finding.

    Example: yaosu batch show B-2026-000001
    """
    with opened(writable=False) as market, market.database.read() as session:
        report = report_of(session, batches.seen(session, actor_named(market, user_name), code))
    _tell(report, as_json=as_json, leave=False)


@batch.command("resume")
def batch_resume(code: str, user_name: str | None = AS_USER, as_json: bool = AS_JSON) -> None:
    """Go on with an import that was stopped, from the last whole chunk.

    Example: yaosu batch resume B-2026-000001
    """
    with opened() as market, _told_when_stopped():
        report = imports.resume(market, actor_named(market, user_name), code, counting("import"))
        drain(market, only="index")
    _tell(report, as_json=as_json)


@batch.command("remove")
def batch_remove(code: str, user_name: str | None = AS_USER) -> None:
    """Take away what an unfinished import has written; nobody has seen it.

    Example: yaosu batch remove B-2026-000001
    """
    with opened(writable=False) as market:
        imports.remove(market, actor_named(market, user_name), code, counting("remove"))
    print(f"{code} removed")


@batch.command("undo")
def batch_undo(code: str, user_name: str | None = AS_USER) -> None:
    """Take a finished import back, as long as no deal, contract or edit depends on it.

    Example: yaosu batch undo B-2026-000001
    """
    with opened() as market:
        count = imports.undo(market, actor_named(market, user_name), code)
        drain(market, only="index")
    print(f"{code}: {count} records taken back")


def export(
    kind: Annotated[str, typer.Argument(help="needs, results, patents, experts, organisations, contracts or deals")],
    file: Path,
    fields: Annotated[str, typer.Option(help="Only these fields, by comma.")] = "",
    full: Annotated[
        bool, typer.Option("--full", help="Contracts: every field, a workbook that can be imported again.")
    ] = False,
    user_name: str | None = AS_USER,
) -> None:
    """Write a whole list, as far as it may be seen, to a csv, xlsx or jsonl file.

    Example: yaosu export needs needs.xlsx; yaosu export contracts all.xlsx --full
    """
    from etl.contract_book import write_book_file
    from etl.lists import write_list

    if full and (kind != "contracts" or fields):
        raise refuse("--full goes with contracts alone, and with all fields", code=2)
    with opened(writable=False) as market:
        if full:
            count = write_book_file(market, actor_named(market, user_name), file)
            print(f"{count} contracts written to {file}")
            return
        chosen = [name.strip() for name in fields.split(",") if name.strip()]
        count = write_list(market, actor_named(market, user_name), kind, file, chosen)
    print(f"{count} rows written to {file}")


def _mapping(items: list[str]) -> dict[str, str]:
    wrong = [item for item in items if "=" not in item]
    if wrong:
        raise refuse(f"--map wants OURS=THEIRS, not {wrong[0]}", code=2)
    pairs = (item.split("=", 1) for item in items)
    return {ours.strip(): theirs.strip() for ours, theirs in pairs}


@contextlib.contextmanager
def _told_when_stopped() -> Iterator[None]:
    try:
        yield
    except KeyboardInterrupt as error:
        raise refuse(
            "\nstopped: nothing of this file is visible. The same command goes on; yaosu batch list shows what stands.",
            code=1,
        ) from error


def _tell(report: Report, *, as_json: bool, leave: bool = True) -> None:
    """Print what became of a file, and end with the exit code that says so."""
    kept_out, warnings = report.of("refused", "candidate"), report.of("warning")
    if as_json:
        counts = ("batch", "kind", "state", "rows", "accepted", "unchanged", "dry_run", "seconds")
        document: dict[str, Any] = {name: getattr(report, name) for name in counts}
        document |= {
            "refused_rows": report.refused,
            "refused": [_line(fault) for fault in kept_out],
            "warnings": [_line(fault) for fault in warnings],
        }
        print(json.dumps(document, ensure_ascii=False, default=str))
    else:
        looked = "would be " if report.dry_run else ""
        print(
            f"{report.rows} rows: {report.accepted} {looked}accepted, {report.unchanged} unchanged, "
            f"{report.refused} refused, {len(warnings)} warnings" + ("" if report.dry_run else f" ({report.batch})")
        )
        for name, faults in (("refused", kept_out), ("warnings", warnings)):
            if faults:
                print(f"{name}:" + (f" the first {SHOWN} of {len(faults)}" if len(faults) > SHOWN else ""))
                rows = [_line(fault) | {"reason": _sentence(fault)} for fault in faults[:SHOWN]]
                show(rows, COLUMNS, as_json=False)
    if leave:
        raise typer.Exit(report.exit_code)


def _line(fault: Fault) -> dict[str, Any]:
    return {
        "sheet": fault.sheet,
        "row": fault.row,
        "column": fault.column,
        "value": fault.value,
        "reason": fault.reason,
        "message": _sentence(fault),
        "field": fault.field,
        "letter": fault.letter,
    }


def _sentence(fault: Fault) -> str:
    return texts.text_of(fault.reason, {"value": fault.value, **fault.params})
