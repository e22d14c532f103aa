"""`yaosu dictionary`: what a change of words would do, before it goes live."""

import json
from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer

from frontend.cli.common import AS_JSON, refuse
from search import trial
from search.plain_files import WrongFile

app = typer.Typer(no_args_is_help=True, help="The words that searching knows.")
TOLD = 10


@app.callback()
def words() -> None:
    """Keep `check` a command of its own name."""


@app.command("check")
def check(
    file: Annotated[Path, typer.Argument(help="Lines as in search/data/dictionary.tsv or synonyms.tsv.")],
    as_json: bool = AS_JSON,
) -> None:
    """Show what new words and synonyms change on the labelled set of our own. Nothing goes live; needs no market.

    Example: yaosu dictionary check new-words.tsv
    """
    from etl.demo import labelled
    from search.documents import Document

    known = labelled.load()
    records = [
        Document(number, key, "result", one.title, one.body)
        for number, (key, one) in enumerate(known.records.items(), 1)
    ]
    queries = {key: need.title for key, need in known.needs.items()}
    try:
        found = trial.try_out(records, queries, known.grades, trial.read_proposal(file))
    except (WrongFile, OSError) as error:
        raise refuse(str(error)) from error
    print(json.dumps(asdict(found), ensure_ascii=False) if as_json else "\n".join(_table(found, len(queries))))


def _table(found: trial.Trial, queries: int) -> list[str]:
    lines = [f"{queries} titles of needs typed as queries, before and after; difference: paired, 95 % interval"]
    for name, old in found.before.items():
        new, gain = found.after[name], found.difference[name]
        lines.append(
            f"{name:8} {old.value:.3f} -> {new.value:.3f}   {gain.value:+.3f} [{gain.low:+.3f}, {gain.high:+.3f}]"
        )
    lines.append(f"no record holds all the words: {found.empty_before} -> {found.empty_after}")
    for what, keys in (
        ("records cut differently", found.cut_differently),
        ("queries answered differently", found.found_differently),
    ):
        more = f" … and {len(keys) - TOLD} more" if len(keys) > TOLD else ""
        lines.append(f"{what}: {len(keys)}" + (f" ({', '.join(keys[:TOLD])}{more})" if keys else ""))
    return lines
