"""The figures of the indicator as the ledger stands now: every one is a sum of movements. Asks no permission."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from decimal import Decimal

from sqlmodel import Session

from services.contracts import service as contracts
from services.contracts.schemas import MovementFilter
from services.ground import clock, reference, regions
from services.indicators import cross as crossed
from services.indicators import entries, rules
from services.indicators.books import Books, Cell
from services.indicators.models import GdpVersion
from services.indicators.periods import ALL
from services.indicators.readings import DEFAULT, Reading
from services.indicators.schemas import Breakdown, BreakdownRow, CrossTable, GapOut, YearOut

DIMENSIONS = {"county": "seller_region", "chain": "chain", "category": "category"}
FIRST_YEAR = 2016


def wanted(year: int | None, dimension: str | None = None, value: str | None = None) -> MovementFilter:
    """Give the lines of the ledger that one figure is the sum of."""
    since, until = (date(year, 1, 1), date(year, 12, 31)) if year else (None, None)
    county, chain = value if dimension == "county" else None, value if dimension == "chain" else None
    if dimension == "county_chain":
        county, _slash, chain = (value or "").partition("/")
    codes: set[str] = set()
    if county:
        codes = {
            entry.code for entry in reference.entries(None, "region") if regions.current_code(entry.code) == county
        }
        codes.add(county)
    return MovementFilter(
        home_output=True,
        since=since,
        until=until,
        seller_regions=tuple(sorted(codes)),
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
    return [_year(year, cells, gdp.get(year), goals, reading) for year in range(first, this_year + 1)]


def _together(cells: Mapping[int, Cell], span: Iterable[int]) -> Cell:
    whole = Cell()
    for year in span:
        whole = whole.plus(cells.get(year, Cell()))
    return whole


def _year(
    year: int, cells: Mapping[int, Cell], worth: GdpVersion | None, goals: list[entries.Goal], reading: Reading
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
        status="preliminary" if year == clock.today().year else "known_now",
    )


def _cells(session: Session, dimensions: Sequence[str], year: int) -> dict[tuple[str, ...], rules.Cell]:
    """Give contracts, amount and the largest seller's amount by the dimensions, renamed counties under today's code."""
    counts: dict[tuple[str, ...], int] = {}
    sellers: dict[tuple[str, ...], dict[str, int]] = {}
    columns = [DIMENSIONS[name] for name in dimensions]
    for group in contracts.sums_by(session, [*columns, "seller_organisation_id"], wanted(year)):
        values = [str(value or "") for value in group.keys]
        place = tuple(
            regions.current_code(value) if name == "county" else value
            for name, value in zip(dimensions, values, strict=False)
        )
        counts[place] = counts.get(place, 0) + group.sums.count
        amounts = sellers.setdefault(place, {})
        amounts[values[-1]] = amounts.get(values[-1], 0) + group.sums.contract_amount_fen
    return {
        place: rules.Cell(counts[place], sum(amounts.values()), max(amounts.values()))
        for place, amounts in sellers.items()
    }


def cross(session: Session, year: int, *, public: bool) -> CrossTable:
    """Give one year by county and chain, small cells hidden in the public form."""
    cells = {(place[0], place[1]): cell for place, cell in _cells(session, ["county", "chain"], year).items()}
    counties = [entry.code for entry in regions.home_counties(session)]
    chains = [entry.code for entry in reference.entries(session, "chain")]
    # What lies in the home region but in no county (the city itself) or names no chain has a line of its own.
    counties += sorted({county for county, _chain in cells} - set(counties))
    chains += sorted({chain for _county, chain in cells} - set(chains))
    hidden = [_hidden(session, name, year) if public else set() for name in ("county", "chain")]
    labels = [(code, _label("county", code)) for code in counties], [(code, _label("chain", code)) for code in chains]
    return crossed.build(year, cells, *labels, *hidden, public=public)


def _list_cells(session: Session, dimension: str, year: int) -> dict[str, rules.Cell]:
    cells = {place[0]: cell for place, cell in _cells(session, [dimension], year).items()}
    for value in _every_value(session, dimension):
        cells.setdefault(value, rules.Cell(0, 0))
    return cells


def _hidden(session: Session, dimension: str, year: int) -> set[str]:
    return rules.suppressed(_list_cells(session, dimension, year))


def breakdown(session: Session, dimension: str, year: int, *, public: bool) -> Breakdown:
    """Give one year by county, chain or category, small cells hidden in the public form."""
    cells = _list_cells(session, dimension, year)
    hidden = rules.suppressed(cells) if public else set()
    withheld = rules.gives_away(cells, hidden)
    rows = [
        BreakdownRow(
            value=value,
            label=_label(dimension, value),
            suppressed=value in hidden,
            count=None if value in hidden else cell.count,
            amount_fen=None if value in hidden else cell.amount_fen,
        )
        for value, cell in sorted(
            cells.items(), key=lambda item: (-item[1].amount_fen if item[0] not in hidden else 0, item[0])
        )
    ]
    return Breakdown(
        year=year,
        dimension=dimension,
        view="published" if public else "internal",
        rows=rows,
        total_count=None if withheld else sum(cell.count for cell in cells.values()),
        total_fen=None if withheld else sum(cell.amount_fen for cell in cells.values()),
    )


def _every_value(session: Session, dimension: str) -> list[str]:
    """List the rows that stand in a breakdown whether there is anything in them or not."""
    if dimension == "county":
        return [entry.code for entry in regions.home_counties(session)]
    return [
        entry.code for entry in reference.entries(session, "chain" if dimension == "chain" else "contract_category")
    ]


def _label(dimension: str, value: str) -> str:
    if not value:
        return "未标明"
    if dimension == "county":
        return regions.name_of(value)
    return reference.name_of("chain" if dimension == "chain" else "contract_category", value)
