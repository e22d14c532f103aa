"""The ledger as tables see it: for any period and any cut the sums, and where asked for the medians, each computed once."""

import statistics
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, cast, get_args

from sqlmodel import Session

from services.contracts import statistics_queries as ledger
from services.contracts.statistics_queries import Basis, Side, Slice
from services.ground.errors import BadRequest
from services.indicators import dimensions
from services.indicators.dimensions import DIMENSIONS, Raw
from services.indicators.periods import Period, parse

NOTHING_KEY = ""
LONGEST_KEY = 60


@dataclass(frozen=True)
class Cell:
    """One figure: contracts (net), both amounts in fen, and where asked for the median and the largest seller."""

    count: int = 0
    amount_fen: int = 0
    technical_fen: int = 0
    largest_fen: int = 0
    median_fen: int | None = None

    @property
    def is_empty(self) -> bool:
        """Say whether there is nothing in it."""
        return not (self.count or self.amount_fen or self.technical_fen)

    def less(self, other: "Cell") -> "Cell":
        """Take another figure off: what lies between the two."""
        return Cell(
            self.count - other.count, self.amount_fen - other.amount_fen, self.technical_fen - other.technical_fen
        )

    def plus(self, other: "Cell") -> "Cell":
        """Add another figure. Medians do not add up; the largest seller of a sum is at least that of its parts."""
        return Cell(
            self.count + other.count,
            self.amount_fen + other.amount_fen,
            self.technical_fen + other.technical_fen,
            max(self.largest_fen, other.largest_fen),
        )


EMPTY = Cell()
SELLER_COLUMNS = (
    "category",
    "subtype",
    "seller_group",
    "technical_field",
    "ip_type",
    "socio_economic_objective",
    "plan_source",
    "seller_region",
)
"""Columns of a contract that do not depend on who of several buyers pays which part."""
MEDIANS = frozenset({"category", "seller_group", "buyer_group", "field", "ip", "objective", "plan", "county"})
"""Dimensions whose tables show medians; they are made for one period only, for nobody asks for last year's."""
Cube = Mapping[str, Cell]


@dataclass(frozen=True)
class Cut:
    """Which figures: a period, a side of the trade, and the dimensions it is cut by; none gives the one total."""

    period: Period
    side: Side
    names: tuple[str, ...] = ()


def address(cut: Cut, key: str) -> str:
    """Write down where one figure lies: side:dimensions:key@period. `read_address` reads it back."""
    return f"{cut.side}:{'*'.join(cut.names)}:{key}@{cut.period.code}"


def read_address(text: str) -> tuple[Cut, str]:
    """Read where a figure lies. Raises BadRequest for anything that is no address."""
    rest, _at, period = text.rpartition("@")
    side, _colon, rest = rest.partition(":")
    names, colon, key = rest.partition(":")
    parts = tuple(names.split("*")) if names else ()
    if (
        not colon
        or side not in get_args(Side)
        or any(name not in DIMENSIONS for name in parts)
        or len(key) > LONGEST_KEY
    ):
        raise BadRequest("figure_unknown", value=text[:80])
    if len(key.split("/")) != max(len(parts), 1):
        raise BadRequest("figure_unknown", value=text[:80])
    return Cut(parse(period), cast("Side", side), parts), key


KeyOf = Callable[[Raw], str]
Shortcut = Callable[[Session, Sequence[Cut]], dict[Cut, dict[str, Cell]]]
"""A quicker way to the figures of cuts, as the books stand now; what it cannot answer it leaves out."""


class Books:
    """All figures of one reading, from the books as they stood at one line. Nothing is asked of the ledger twice."""

    def __init__(
        self,
        session: Session,
        *,
        basis: Basis = "registered",
        up_to_id: int = 0,
        medians: Period | None = None,
        medians_of: Side = "output",
        most: int = 0,
    ) -> None:
        """Open the books; with `medians` for one period and side, and with `most` only where it holds no more contracts."""
        self.session = session
        self.basis: Basis = basis
        self.up_to_id = up_to_id
        self.medians, self.medians_of = medians, medians_of
        self.most_for_medians = most
        self.shortcut: Shortcut | None = None
        self._cubes: dict[Cut, Cube] = {}
        self._contracts: dict[tuple[Period, Side, tuple[str, ...]], list[tuple[Raw, int, int, int]]] = {}

    def with_medians(self, period: Period) -> "Books":
        """Give the same books with the medians of one period."""
        made = Books(self.session, basis=self.basis, up_to_id=self.up_to_id, medians=period)
        made.shortcut = self.shortcut
        return made

    @property
    def counts(self) -> dict[str, int]:
        """Say how many contracts each figure computed so far stands for, by its address."""
        return {address(cut, key): cell.count for cut, cube in self._cubes.items() for key, cell in cube.items()}

    def slice(self, cut: Cut) -> Slice:
        """Give the lines of the ledger that a cut is the sum of."""
        return Slice(cut.period.since, cut.period.until, self.basis, cut.side, self.up_to_id)

    def cube(self, period: Period, side: Side, *names: str) -> Cube:
        """Give the figures of a cut by their keys; parents hold the sums of their children."""
        cut = Cut(period, side, names)
        if cut not in self._cubes:
            self.fetch(cut)
        return self._cubes[cut]

    def fetch(self, *cuts: Cut) -> None:
        """Ask for several cuts at once: what a table is made of comes in one answer."""
        new = [cut for cut in dict.fromkeys(cuts) if cut not in self._cubes]
        found = self.shortcut(self.session, new) if new and self.shortcut is not None else {}
        for cut in new:
            self._cubes[cut] = found[cut] if cut in found else self._from_ledger(cut)
        for cut in new:
            if self._has_medians(cut):
                self._cubes[cut] = self._with_medians(cut)

    def total(self, period: Period, side: Side) -> Cell:
        """Give the one figure of a side of a period."""
        return self.cube(period, side).get(NOTHING_KEY, EMPTY)

    @property
    def shows_medians(self) -> bool:
        """Say whether the tables of these books show medians."""
        if self.medians is None:
            return False
        return not self.most_for_medians or self.total(self.medians, self.medians_of).count <= self.most_for_medians

    def _has_medians(self, cut: Cut) -> bool:
        if cut.period != self.medians or cut.side != self.medians_of:
            return False
        return not cut.names or (len(cut.names) == 1 and cut.names[0] in MEDIANS)

    def _with_medians(self, cut: Cut) -> Cube:
        cube = self._cubes[cut]
        if not self.shows_medians:
            return cube
        columns, key_of = dimensions.crossed(cut.names)
        medians = self._medians(cut, columns, key_of)
        return {key: replace(cell, median_fen=medians.get(key)) for key, cell in cube.items()}

    def _from_ledger(self, cut: Cut) -> dict[str, Cell]:
        columns, key_of = dimensions.crossed(cut.names)
        found: dict[str, Cell] = {}
        for group in ledger.grouped(self.session, self.slice(cut), columns):
            cell = Cell(group.count, group.amount_fen, group.technical_fen)
            for key in with_parents(cut.names, key_of(group.raw)):
                found[key] = found.get(key, EMPTY).plus(cell)
        return found

    def _medians(self, cut: Cut, columns: tuple[str, ...], key_of: KeyOf) -> dict[str, int]:
        """Give the median of what contracts come to, by key; contracts that count no more are left out."""
        wide = SELLER_COLUMNS if set(columns) <= set(SELLER_COLUMNS) else columns
        places = [wide.index(column) for column in columns]
        keys: dict[Raw, tuple[str, ...]] = {}  # few values, many contracts: each value is judged once
        sums: dict[str, dict[int, tuple[int, int]]] = {}
        for raw, contract, count, amount in self._by_contract(cut, wide):
            own = tuple(raw[place] for place in places)
            if own not in keys:
                keys[own] = with_parents(cut.names, key_of(own))
            for key in keys[own]:
                mine = sums.setdefault(key, {})
                before = mine.get(contract)
                mine[contract] = (count + before[0], amount + before[1]) if before else (count, amount)
        standing = {key: [amount for count, amount in mine.values() if count > 0] for key, mine in sums.items()}
        return {key: int(statistics.median(amounts)) for key, amounts in standing.items() if amounts}

    def _by_contract(self, cut: Cut, columns: tuple[str, ...]) -> list[tuple[Raw, int, int, int]]:
        """Ask once for all cuts that look at the contract and its seller; buyers share, so theirs are asked apart."""
        place = (cut.period, cut.side, columns)
        if place not in self._contracts:
            self._contracts[place] = ledger.by_contract(self.session, self.slice(cut), columns)
        return self._contracts[place]

    def with_largest(self, cut: Cut) -> Cube:
        """Give the figures of a cut with the amount of the largest seller in each, which publication asks for.

        A seller that is no organisation of this market is known by its name.
        """
        columns, key_of = dimensions.crossed(cut.names)
        sellers: dict[str, dict[Any, int]] = {}
        named = (*columns, "seller_organisation_id", "seller_name")
        for group in ledger.grouped(self.session, self.slice(cut), named):
            seller = group.raw[-2] or group.raw[-1]
            for key in with_parents(cut.names, key_of(group.raw[:-2])):
                amounts = sellers.setdefault(key, {})
                amounts[seller] = amounts.get(seller, 0) + group.amount_fen
        cube = self.cube(cut.period, cut.side, *cut.names)
        return {key: replace(cell, largest_fen=max(sellers.get(key, {0: 0}).values())) for key, cell in cube.items()}


def lines_of(books: Books, cut: Cut, key: str) -> tuple[Slice, int | None]:
    """Give the lines that one figure is the sum of: the slice of the ledger, and the size class where it is cut by size."""
    wanted, size = books.slice(cut), None
    for name, part in zip(cut.names, key.split("/"), strict=False):
        if name == "size":
            if part not in {row.key for row in DIMENSIONS[name].rows()}:
                raise BadRequest("figure_unknown", value=key[:80])
            size = int(part)
            continue
        wanted = wanted.narrowed(DIMENSIONS[name].columns, raw_values(books.session, wanted, name, part))
    return wanted, size


def raw_values(session: Session, wanted: Slice, name: str, key: str) -> list[Raw]:
    """List what the ledger keeps in the columns of a dimension for the lines that count under a key."""
    part = DIMENSIONS[name]
    groups = ledger.grouped(session, wanted, part.columns)
    return [group.raw for group in groups if key in with_parents((name,), part.key_of(group.raw))]


def with_parents(names: tuple[str, ...], key: str) -> tuple[str, ...]:
    """Give the rows a key counts in: its own, and that of its parent in a list of two levels."""
    if len(names) != 1 or names[0] not in NESTED:
        return (key,)
    parent = _parents(names[0]).get(key)
    return (key, parent) if parent else (key,)


NESTED = frozenset({"category", "seller_group", "buyer_group", "ip"})


def _parents(name: str) -> dict[str, str]:
    return {row.key: row.parent for row in DIMENSIONS[name].rows() if row.parent}
