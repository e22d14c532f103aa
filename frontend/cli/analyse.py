"""`yaosu analyse`: what the language layer sees, line by line. Needs no market."""

import json
import sys
from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path
from typing import Annotated, Any

import typer

from frontend.cli.common import refuse


def analyse(
    file: Annotated[str, typer.Argument(help='A file of {"id", "text"} lines, or - for standard input.')],
) -> None:
    """Print for each line its words, bigrams, aliases, record numbers and quantities, as JSON lines.

    Example: echo '{"id": "1", "text": "纯度不低于92%"}' | yaosu analyse -
    """
    from search.analysis import analyse as look

    wrong = 0
    for place, line in enumerate(_lines(file), 1):
        row = _row(line)
        if row is None:
            wrong += 1
            print(f'line {place}: not an object with "id" and "text"', file=sys.stderr)
            continue
        # ensure_ascii: half a surrogate in a text must not stop the output.
        print(json.dumps({"id": row["id"], **asdict(look(row["text"]))}, ensure_ascii=_has_surrogates(row)))
    if wrong:
        raise typer.Exit(1)


def _lines(file: str) -> Iterator[str]:
    """Yield the lines that are not blank; only a line feed ends one. Bytes that are not UTF-8 become �."""
    try:
        source = sys.stdin.buffer if file == "-" else Path(file).open("rb")  # noqa: SIM115 closed below
    except OSError as error:
        raise refuse(f"{file}: {error.strerror}") from error
    with source:
        for raw in source:
            line = raw.decode("utf-8-sig", "replace").strip("\r\n")
            if line.strip():
                yield line


def _row(line: str) -> dict[str, Any] | None:
    try:
        row = json.loads(line)
    except (ValueError, RecursionError):
        return None
    if not isinstance(row, dict) or "id" not in row or not isinstance(row.get("text"), str):
        return None
    return row


def _has_surrogates(row: dict[str, Any]) -> bool:
    try:
        f"{row['id']}{row['text']}".encode()
    except UnicodeEncodeError:
        return True
    return False
