"""What the clinic says about a need that is being written."""

from dataclasses import dataclass, field


@dataclass(frozen=True)
class Proposal:
    """A parameter read from the text, with the words it was read from."""

    name: str
    comparison: str
    low: float | None
    high: float | None
    unit: str
    must: bool
    method: str = ""
    present: str = ""
    words: str = ""


@dataclass(frozen=True)
class Reading:
    """What was read from a text: parameters, a budget in fen, what could not be made a demand of."""

    proposals: list[Proposal] = field(default_factory=list)
    budget: tuple[int | None, int | None] | None = None
    nameless: list[str] = field(default_factory=list)
    today: list[str] = field(default_factory=list)
    """How things are today, where nothing was said of how they should be: no demand."""


@dataclass(frozen=True)
class Check:
    """One thing a complete need says: its key, and whether it is there (ok, none, part)."""

    key: str
    state: str
    done: int = 0
    of: int = 0


@dataclass(frozen=True)
class Effect:
    """What one line does to the results found: how many meet it, miss it, do not say; how many are left after it."""

    name: str
    must: bool
    met: int
    missed: int
    unstated: int
    left: int


@dataclass(frozen=True)
class Effects:
    """How many results and experts the text finds, and what each line leaves of the results."""

    results: int
    experts: int
    lines: list[Effect]
    best: list[tuple[str, str, str]] = field(default_factory=list)
    """The first few results: (code, title, path)."""


@dataclass(frozen=True)
class Recognisable:
    """Why a need that hides its firm can still be recognised."""

    named: str = ""
    """The part of the firm's name that stands in the text."""
    firms: int = 0
    """How many firms of that region and field this market knows; 0 where it is not the reason."""
    region: str = ""
    subfield: str = ""
