"""The figures of the indicator as the ledger stands now: every one is a sum of movements. Asks no permission."""

from collections.abc import Iterable, Mapping
from collections.abc import Set as AbstractSet
from datetime import date
from decimal import Decimal

from sqlmodel import Session, func, select

from services.contracts.schemas import MovementFilter
from services.ground import clock, reference, regions
from services.indicators import entries, rules
from services.indicators.books import EMPTY, Books, Cell, Cube, Cut, address
from services.indicators.dimensions import DIMENSIONS, Row, county_of
from services.indicators.models import GdpVersion, PeriodClosing
from services.indicators.periods import ALL, Period
from services.indicators.readings import DEFAULT, Reading
from services.indicators.schemas import Breakdown, BreakdownRow, CrossCell, CrossRow, CrossTable, GapOut, YearOut

BREAKDOWNS = ("county", "chain", "category")
"""What the series is broken down by for everybody."""
FIRST_YEAR = 2016


def wanted(year: int | None, dimension: str | None = None, value: str | None = None) -> MovementFilter:
    """Give the lines of the ledger that one figure is the sum of."""
    since, until = (date(year, 1, 1), date(year, 12, 31)) if year else (None, None)
    county, chain = value if dimension == "county" else None, value if dimension == "chain" else None
    if dimension == "county_chain":
        county, _slash, chain = (value or "").partition("/")
    codes = (
        {entry.code for entry in reference.entries(None, "region") if regions.is_home(entry.code)} if county else set()
    )
    return MovementFilter(
        home_output=True,
        since=since,
        until=until,
        seller_regions=tuple(sorted(code for code in codes if county_of(code) == county))
        or ((county,) if county else ()),
        chain=chain,
        category=value if dimension == "category" else None,
    )


def years(session: Session, reading: Reading = DEFAULT, books: Books | None = None) -> list[YearOut]:
    """Give the live series of one reading: per year the amount, the GDP that counts, the share and the gaps.

    A reading of several years adds them up before it divides by the GDP of the last one.
    """
    books = books or Books(session, basis=reading.basis)
    gdp, goals = entries.gdp_in_force(session), entries.targets(session)
    cells = {int(key): cell for key, cell in books.cube(ALL, reading.side, "year").items()}
    this_year = clock.today().year
    first = min([FIRST_YEAR, *cells])
    if reading.years > 1:
        spans = {
            year: range(year - reading.years + 1, year + 1) for year in range(first + reading.years - 1, this_year + 1)
        }
        cells = {year: _together(cells, span) for year, span in spans.items()}
        first = min(spans, default=this_year)
    closed = closed_years(session)
    return [
        _year(year, cells, gdp.get(year), goals, reading, is_closed=year in closed)
        for year in range(first, this_year + 1)
    ]


def closed_years(session: Session) -> set[int]:
    """List the years whose report was closed."""
    wanted = select(PeriodClosing.period).where(func.length(PeriodClosing.period) == 4)
    return {int(period) for period in session.exec(wanted)}


def _together(cells: Mapping[int, Cell], span: Iterable[int]) -> Cell:
    whole = Cell()
    for year in span:
        whole = whole.plus(cells.get(year, Cell()))
    return whole


def _year(
    year: int,
    cells: Mapping[int, Cell],
    worth: GdpVersion | None,
    goals: list[entries.Goal],
    reading: Reading,
    *,
    is_closed: bool,
) -> YearOut:
    def counted(cell: Cell) -> int:
        return cell.technical_fen if reading.measure == "technical" else cell.amount_fen

    cell, gdp_fen = cells.get(year, Cell()), worth.value_fen if worth else None
    value = rules.share(counted(cell), gdp_fen)
    gaps = [
        GapOut(
            label=goal.label,
            target=goal.value,
            source=goal.source,
            gap_fen=rules.gap(Decimal(goal.value), gdp_fen, counted(cell)),
        )
        for goal in entries.goals_of(goals, year)
    ]
    return YearOut(
        year=year,
        count=cell.count,
        amount_fen=cell.amount_fen,
        technical_fen=cell.technical_fen,
        gdp_fen=gdp_fen,
        gdp_kind=worth.kind if worth else "未录入",
        gdp_source=worth.source if worth else "",
        gdp_mark=worth.mark if worth else "",
        gdp_note=worth.note if worth else "",
        share=str(value) if value is not None else None,
        gaps=gaps,
        growth=rules.growth(counted(cell), counted(cells[year - 1]) if year - 1 in cells else None),
        status="preliminary" if year == clock.today().year else "closed" if is_closed else "known_now",
    )


def breakdown(books: Books, dimension: str, year: int, hidden: AbstractSet[str] | None = None) -> Breakdown:
    """Give one year by county, chain or category; with `hidden`, the form that may be published."""
    period = Period("year", year)
    cut, cube = Cut(period, "output", (dimension,)), books.cube(period, "output", dimension)
    kept = hidden or frozenset()
    rows = []
    for row in _rows(dimension, cube):
        cell, is_hidden = cube.get(row.key, EMPTY), address(cut, row.key) in kept
        rows.append(
            BreakdownRow(
                value=row.key,
                label=row.label,
                suppressed=is_hidden,
                count=None if is_hidden else cell.count,
                amount_fen=None if is_hidden else cell.amount_fen,
            )
        )
    whole, withheld = books.total(period, "output"), address(Cut(period, "output"), "") in kept
    return Breakdown(
        year=year,
        dimension=dimension,
        view="internal" if hidden is None else "published",
        rows=sorted(rows, key=lambda row: (-(row.amount_fen or 0), row.value)),
        total_count=None if withheld else whole.count,
        total_fen=None if withheld else whole.amount_fen,
    )


def cross(books: Books, year: int, hidden: AbstractSet[str] | None = None) -> CrossTable:
    """Give one year by county and chain; with `hidden`, the form that may be published."""
    period, kept = Period("year", year), hidden or frozenset()

    def cell(names: tuple[str, ...], key: str) -> CrossCell:
        cut = Cut(period, "output", names)
        found, is_hidden = books.cube(period, "output", *names).get(key, EMPTY), address(cut, key) in kept
        return CrossCell(
            value=key,
            count=None if is_hidden else found.count,
            amount_fen=None if is_hidden else found.amount_fen,
            suppressed=is_hidden,
        )

    counties = _rows("county", books.cube(period, "output", "county"))
    chains = _rows("chain", books.cube(period, "output", "chain"))
    rows = [
        CrossRow(
            value=county.key,
            label=county.label,
            cells=[cell(("county", "chain"), f"{county.key}/{chain.key}") for chain in chains],
            total=cell(("county",), county.key),
        )
        for county in counties
    ]
    return CrossTable(
        year=year,
        view="internal" if hidden is None else "published",
        columns=[chain.key for chain in chains],
        labels=[chain.label for chain in chains],
        rows=rows,
        totals=CrossRow(
            value="", label="", cells=[cell(("chain",), chain.key) for chain in chains], total=cell((), "")
        ),
    )


def _rows(dimension: str, cube: Cube) -> list[Row]:
    """List the rows that stand in a breakdown: all of the first level, leftovers only with something in them."""
    return [row for row in DIMENSIONS[dimension].rows() if row.always_stands or (row.level == 0 and row.key in cube)]
