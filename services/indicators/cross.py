"""The table of counties and chains, with what must stay hidden in its public form. No I/O."""

from collections.abc import Iterable, Mapping, Sequence
from collections.abc import Set as AbstractSet

from services.indicators.rules import Cell, gives_away
from services.indicators.schemas import CrossCell, CrossRow, CrossTable
from services.indicators.suppression import Place, suppressed

Named = Sequence[tuple[str, str]]
NOTHING = Cell(0, 0)


def build(
    year: int,
    cells: Mapping[Place, Cell],
    counties: Named,
    chains: Named,
    rows_hidden: AbstractSet[str],
    columns_hidden: AbstractSet[str],
    *,
    public: bool,
) -> CrossTable:
    """Lay (county, chain) cells out as a table with its totals.

    In the public form the totals are hidden where the lists of counties and of chains hide them too: a figure hidden
    in one place and shown in another would be no secret.
    """
    by_county = {code: _sum(cell for (county, _), cell in cells.items() if county == code) for code, _ in counties}
    by_chain = {code: _sum(cell for (_, chain), cell in cells.items() if chain == code) for code, _ in chains}
    hidden = suppressed(cells, rows_hidden, columns_hidden) if public else set()
    rows = [
        CrossRow(
            value=county,
            label=label,
            cells=[
                _cell(f"{county}/{chain}", cells.get((county, chain), NOTHING), hide=(county, chain) in hidden)
                for chain, _ in chains
            ],
            total=_cell(county, by_county[county], hide=county in rows_hidden),
        )
        for county, label in counties
    ]
    bottom = CrossRow(
        value="",
        label="",
        cells=[_cell(chain, by_chain[chain], hide=chain in columns_hidden) for chain, _ in chains],
        total=_cell("", _sum(cells.values()), hide=gives_away(by_county, rows_hidden)),
    )
    return CrossTable(
        year=year,
        view="published" if public else "internal",
        columns=[chain for chain, _ in chains],
        labels=[label for _, label in chains],
        rows=rows,
        totals=bottom,
    )


def _sum(cells: Iterable[Cell]) -> Cell:
    several = list(cells)
    return Cell(sum(cell.count for cell in several), sum(cell.amount_fen for cell in several))


def _cell(value: str, cell: Cell, *, hide: bool) -> CrossCell:
    return CrossCell(
        value=value,
        count=None if hide else cell.count,
        amount_fen=None if hide else cell.amount_fen,
        suppressed=hide,
    )
