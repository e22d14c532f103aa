"""What the import asks of a kind of record: its columns, how a row becomes one, how many are staged, switched, taken back."""

from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, ClassVar

from sqlmodel import Session

from etl.imports.heads import Heads, Names
from etl.imports.table import Finding, Row
from services.ground.actor import Actor


@dataclass(frozen=True)
class Options:
    """How a file is to be taken in. `again` takes rows that look like known records for new ones."""

    mapping: dict[str, str] = field(default_factory=dict)
    owner: str | None = None
    publish: bool = False
    all_or_nothing: bool = False
    again: bool = False


@dataclass
class Item:
    """One row that can go in: where it came from, what it became, the key that names it for ever."""

    row: Row
    value: Any
    key: str


@dataclass(frozen=True)
class Verdict:
    """What becomes of a row: `new`, `known`, `refused` or `candidate`, and why."""

    fate: str
    finding: Finding | None = None


NEW = Verdict("new")
KNOWN = Verdict("known")


class Taker(ABC):
    """Takes one kind of record in. One is made for each pass; it may remember things between chunks."""

    names: ClassVar[Names]
    needs: ClassVar[tuple[tuple[str, ...], ...]]
    """Groups of fields of which one each must have a column, or the head was not understood."""
    labels: ClassVar[Mapping[str, str]]
    """What people call the columns, in the order of the template."""

    def __init__(self, actor: Actor, options: Options, batch: str) -> None:
        self.actor, self.options, self.batch = actor, options, batch
        self.heads = Heads(self.names, options.mapping)

    def begin(self, session: Session) -> None:  # noqa: B027 - most kinds have nothing to look up
        """Look up what all rows share. Raises DomainError when nothing can come in at all."""

    @abstractmethod
    def convert(self, session: Session, row: Row) -> Item:
        """Make a record of a row. Raises Invalid or pydantic's ValidationError with every cell that is wrong."""

    @abstractmethod
    def judge(self, session: Session, items: Sequence[Item]) -> list[Verdict]:
        """Say of each record of a chunk whether it is new."""

    @abstractmethod
    def stage(self, session: Session, items: Sequence[Item]) -> None:
        """Write the new records of a chunk, invisibly."""

    @abstractmethod
    def switch(self, session: Session) -> int:
        """Make everything that was staged visible."""

    @abstractmethod
    def drop(self, session: Session, limit: int) -> int:
        """Take up to `limit` staged records away; 0 when none is left."""

    @abstractmethod
    def undo(self, session: Session) -> int:
        """Take a batch back that was switched on. Raises Conflict when something depends on it."""

    def renamed(self, field_name: str) -> str:
        """Give the column in which a field of the service's words stands."""
        return field_name


def refused(name: str, code: str, value: str = "", **params: Any) -> Verdict:
    """Keep a row out."""
    return Verdict("refused", Finding(name, code, value, params))
