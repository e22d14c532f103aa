"""The program's own source, read once: what the tests of the architecture look at."""

import ast
import functools
import io
import tokenize
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent.parent
ROOMS = ("search", "services", "etl", "frontend")


@dataclass(frozen=True)
class Module:
    """One file of Python: where it lies, its text and its syntax tree."""

    name: str
    text: str
    tree: ast.Module

    @property
    def lines(self) -> int:
        return self.text.count("\n")


@functools.cache
def modules(*folders: str) -> tuple[Module, ...]:
    """All modules of some folders of the project; migrations are history and left alone."""
    found = []
    for folder in folders or ROOMS:
        for file in sorted((ROOT / folder).rglob("*.py")):
            if "versions" not in file.parts:
                text = file.read_text()
                found.append(Module(file.relative_to(ROOT).as_posix(), text, ast.parse(text, str(file))))
    return tuple(found)


def calls(module: Module, name: str) -> Iterator[int]:
    """The lines on which something with this name is called: `name(...)` or `anything.name(...)`."""
    for node in ast.walk(module.tree):
        if isinstance(node, ast.Call):
            called = node.func
            if (isinstance(called, ast.Attribute) and called.attr == name) or (
                isinstance(called, ast.Name) and called.id == name
            ):
                yield node.lineno


def functions(module: Module) -> Iterator[tuple[str, int]]:
    """Name and length in lines of every function, its decorators and docstring left out."""
    for node in ast.walk(module.tree):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            body = node.body[1:] if ast.get_docstring(node) and len(node.body) > 1 else node.body
            yield node.name, (node.end_lineno or 0) - body[0].lineno + 1


def comments(module: Module) -> Iterator[tuple[int, str]]:
    """The comments of a module with their lines."""
    for token in tokenize.generate_tokens(io.StringIO(module.text).readline):
        if token.type == tokenize.COMMENT:
            yield token.start[0], token.string
