"""Which figures of a year may be published: all of its tables together, so that none gives away what another hides."""

from collections.abc import Iterator, Mapping
from collections.abc import Set as AbstractSet

from services.indicators import rules
from services.indicators.books import EMPTY, NESTED, Books, Cell, Cut, address
from services.indicators.changes import Changes, none_since
from services.indicators.dimensions import DIMENSIONS, OUTSIDE
from services.indicators.periods import Period
from services.indicators.suppression import Arc, suppressed
from services.indicators.table_schemas import HIDDEN, NOT_COMPUTABLE, Table, TableCell

LISTS = ("category", "seller_group", "buyer_group", "field", "ip", "objective", "plan", "size")
"""Cuts whose parts add up to the year and share nothing with each other but that sum."""
MEDIAN_FEWEST = 10
"""The median of fewer contracts is not published: it is the amount of one of them."""
WITHHELD = frozenset({"internal.amount"})
"""Columns that are not published at all: together with the flows they would pin single counties down."""


def hidden_figures(books: Books, year: int, changes: Changes | None = None) -> set[str]:
    """Give the addresses of all figures of a year that must not be published.

    With `changes`, figures that differ too little from the last publication are hidden as small ones are: one less the
    other would give that difference. A year that is itself too small is hidden whole, its total too.
    """
    period = Period("year", year)
    total = books.with_largest(Cut(period, "output")).get("", EMPTY)
    look = _Look(books, period, changes or none_since(books.session))
    arcs = list(look.arcs())
    whole = {address(Cut(period, side), "") for side in ("output", "absorbed")}
    if not total.is_empty and total.count < rules.FEWEST:
        return {arc.name for arc in arcs} | whole
    absorbed = Cut(period, "absorbed")
    return suppressed(arcs) | ({address(absorbed, "")} if look.changes.is_small(absorbed, "") else set())


def published_cuts(year: int) -> list[Cut]:
    """List the cuts that public tables of a year are made of: what a later table may print of that year."""
    period = Period("year", year)
    names = [*((name,) for name in (*LISTS, "county", "chain", "buyer_place")), *CROSSED, ()]
    months = [Cut(Period(kind, year, month), "output") for month in range(1, 13) for kind in ("month", "cumulative")]
    return [
        *(Cut(period, "output", name) for name in names),
        *(Cut(period, "absorbed", name) for name in ((), ("buyer_county",))),
        *months,
    ]


CROSSED = (("county", "chain"), ("county", "buyer_place"))


class _Look:
    """All figures of a year as arcs between the sums they belong to."""

    def __init__(self, books: Books, period: Period, changes: Changes) -> None:
        self.books, self.period, self.changes = books, period, changes

    def arcs(self) -> Iterator[Arc]:
        for name in LISTS:
            yield from self._list(name)
        yield from self._months()
        yield from self._counties()

    def _arc(self, cut: Cut, key: str, cell: Cell, tail: str, head: str) -> Arc:
        small = rules.is_small(rules.Cell(cell.count, cell.amount_fen, cell.largest_fen))
        small = small or self.changes.is_small(cut, key)
        name = address(cut, key)
        return Arc(name, tail, head, cell.amount_fen, max(cell.count, 0), small, technical=cell.technical_fen)

    def _list(self, name: str) -> Iterator[Arc]:
        """The rows of one dimension; those with parts of their own pass the sum on to them."""
        cut = Cut(self.period, "output", (name,))
        cube = self.books.with_largest(cut)
        rows = {row.key: row for row in DIMENSIONS[name].rows()}
        parents = {row.parent for row in rows.values() if row.parent} if name in NESTED else set()
        for key, row in rows.items():
            cell = cube.get(key, EMPTY)
            if key not in cube and not row.always_stands:
                continue
            if row.parent:
                yield self._arc(cut, key, cell, f"{name}.{row.parent}", name)
            elif key in parents and key in cube:
                yield self._arc(cut, key, cell, f"{name}.all", f"{name}.{key}")
                named = [cube.get(child.key, EMPTY) for child in rows.values() if child.parent == key]
                rest = cell.amount_fen - sum(part.amount_fen for part in named)
                technical = cell.technical_fen - sum(part.technical_fen for part in named)
                if rest:
                    yield Arc(f"{name}.{key}.rest", f"{name}.{key}", name, rest, loose=True, technical=technical)
            else:
                yield self._arc(cut, key, cell, f"{name}.all", name)

    def _months(self) -> Iterator[Arc]:
        """Months, and the year so far after each: one less the other is a month."""
        cube = self.books.with_largest(Cut(self.period, "output", ("month",)))
        so_far = EMPTY
        for month in range(1, 13):
            cell = cube.get(str(month), EMPTY)
            so_far = so_far.plus(cell)
            one = Cut(Period("month", self.period.year, month), "output")
            yield self._arc(one, "", cell, "month.all", f"month.{month}")
            if month < 12:
                many = Cut(Period("cumulative", self.period.year, month), "output")
                small, ends = self.changes.is_small(many, ""), (f"month.{month}", f"month.{month + 1}")
                yield Arc(address(many, ""), *ends, so_far.amount_fen, max(so_far.count, 0), small)

    def _counties(self) -> Iterator[Arc]:
        """Chains → counties × chains → counties → flows → places, and what counties absorb."""
        chain, county = Cut(self.period, "output", ("chain",)), Cut(self.period, "output", ("county",))
        cross, flow = (
            Cut(self.period, "output", ("county", "chain")),
            Cut(self.period, "output", ("county", "buyer_place")),
        )
        place = Cut(self.period, "output", ("buyer_place",))
        absorbed = Cut(self.period, "absorbed", ("buyer_county",))
        by_chain, by_county, by_cross = (
            self.books.with_largest(chain),
            self.books.with_largest(county),
            self.books.with_largest(cross),
        )
        by_flow, by_place, by_absorbed = (
            self.books.with_largest(flow),
            self.books.with_largest(place),
            self.books.with_largest(absorbed),
        )
        counties = [row.key for row in DIMENSIONS["county"].rows() if row.always_stands or row.key in by_county]
        chains = [row.key for row in DIMENSIONS["chain"].rows() if row.always_stands or row.key in by_chain]
        places = [row.key for row in DIMENSIONS["buyer_place"].rows() if row.always_stands or row.key in by_place]
        for key in chains:
            yield self._arc(chain, key, by_chain.get(key, EMPTY), "chain.all", f"chain.{key}")
        for one in counties:
            for key in chains:
                cell = by_cross.get(f"{one}/{key}", EMPTY)
                yield self._arc(cross, f"{one}/{key}", cell, f"chain.{key}", f"county.{one}.in")
            yield self._arc(county, one, by_county.get(one, EMPTY), f"county.{one}.in", f"county.{one}")
            for key in places:
                cell = by_flow.get(f"{one}/{key}", EMPTY)
                yield self._arc(flow, f"{one}/{key}", cell, f"county.{one}", f"place.{key}")
        for key in places:
            cell = by_place.get(key, EMPTY)
            yield self._arc(place, key, cell, f"place.{key}", "place.all" if key in OUTSIDE else f"absorbed.{key}")
        for key in {
            row.key for row in DIMENSIONS["buyer_county"].rows() if row.always_stands or row.key in by_absorbed
        }:
            cell = by_absorbed.get(key, EMPTY)
            home = by_place.get(key, EMPTY)
            bought, technical = cell.amount_fen - home.amount_fen, cell.technical_fen - home.technical_fen
            yield Arc(f"inbound.{key}", "inbound", f"absorbed.{key}", bought, loose=True, technical=technical)
            yield self._arc(absorbed, key, cell, f"absorbed.{key}", "absorbed.all")


def redacted(table: Table, hidden: AbstractSet[str], counts: Mapping[str, int]) -> Table:
    """Give the form of a table that may be published. `counts` tells how many contracts a figure stands for."""
    made = table.model_copy(deep=True)
    kept = [place for place, column in enumerate(made.columns) if column.key not in WITHHELD]
    made.columns = [made.columns[place] for place in kept]
    made.rows = [row for row in made.rows if row.look != "of_which" or table.code != "T8"]
    for row in made.rows:
        row.cells = [row.cells[place] for place in kept]
        for cell, column in zip(row.cells, made.columns, strict=True):
            _redact(cell, hidden, is_growth=column.key.endswith("growth"))
            if column.key.endswith("median") and counts.get(cell.of[0] if cell.of else "", 0) < MEDIAN_FEWEST:
                cell.value, cell.text = None, NOT_COMPUTABLE
            cell.opens = ""
    _rank_again(made)
    return made


def _redact(cell: TableCell, hidden: AbstractSet[str], *, is_growth: bool) -> None:
    touched = [name for name in cell.of if name in hidden]
    if touched:
        now_is_shown = is_growth and cell.of[0] not in hidden
        cell.value, cell.text = None, NOT_COMPUTABLE if now_is_shown else HIDDEN


def _rank_again(table: Table) -> None:
    """Rank only what is shown: a gap in the ranks would tell between which two a hidden amount lies."""
    places = [place for place, column in enumerate(table.columns) if column.key == "rank"]
    amounts = [place for place, column in enumerate(table.columns) if column.key == "amount"]
    for rank, amount in zip(places, amounts, strict=False):
        shown = sorted((_value(row.cells[amount]) for row in table.rows[1:]), reverse=True)
        for row in table.rows[1:]:
            if row.cells[rank].value is not None:
                number = shown.index(_value(row.cells[amount])) + 1
                row.cells[rank].value, row.cells[rank].text = number, str(number)


def _value(cell: TableCell) -> int:
    return int(cell.value or 0)
