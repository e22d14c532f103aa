"""Tables for any period: live for those who may, as published for everybody; and the way down from each figure."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Literal, get_args

from sqlmodel import Session, select

from services.contracts import statistics_queries as ledger
from services.contracts.statistics_queries import Line
from services.ground import audit, clock
from services.ground.actor import Actor
from services.ground.errors import BadRequest, NotFound
from services.ground.permissions import require
from services.indicators import entries, figures, readings, rollup, rules, tables, tables_ledger
from services.indicators.books import EMPTY, Books, Cell, lines_of, read_address
from services.indicators.dimensions import DIMENSIONS
from services.indicators.entries import computed_code
from services.indicators.models import PeriodClosing
from services.indicators.periods import Period, parse
from services.indicators.readings import Reading
from services.indicators.schemas import YearOut
from services.indicators.table_schemas import Table
from services.indicators.tables import DEFINITIONS, Asked, Definition

MOST_FOR_MEDIANS = 5_000
"""A live table shows medians up to so many contracts; those of more are found in closed and published reports."""
View = Literal["now", "restated", "published"]
"""Now: every movement in the period of its own day. Restated: all that became of a contract in the period it began in.

Published: as the closed report of the period says it, whatever came later.
"""

MORE: dict[str, Definition] = {
    item.code: item
    for item in (
        Definition("T12", "按月与累计", lambda d, a: tables_ledger.by_month(d, a, _goals(a))),
        Definition("T13", "高校院所与重点企业", tables_ledger.by_name, "seller", inside=True),
        Definition("T14", "变更、注销、撤销、补报登记簿", tables_ledger.events, inside=True),
        Definition("T15", "指标表", lambda d, a: tables_ledger.indicator(d, a, _year_lines(a))),
        Definition("T16", "技术经纪人促成", tables_ledger.by_name, "broker", inside=True),
        Definition("T17", "技术合同登记清单", tables_ledger.contract_list, inside=True),
    )
}
ALL: dict[str, Definition] = {**DEFINITIONS, **MORE}
"""Every table by its number, in the order of the reference."""


@dataclass(frozen=True)
class Question:
    """What is asked for: a period, a reading, and how movements of later years are counted."""

    period: Period
    reading: Reading
    view: View = "now"


@dataclass(frozen=True)
class OpenedFigure:
    """A figure with the lines it is the sum of."""

    address: str
    title: str
    cell: Cell
    lines: list[Line] = field(default_factory=list)
    following: tuple[int, int] | None = None
    """Where the list goes on; None at its end."""


def question(period: str, reading: str = "default", view: str = "now") -> Question:
    """Read what was asked. Raises BadRequest for what cannot be read."""
    if view not in get_args(View):
        raise BadRequest("view_unknown", value=view[:20], allowed="、".join(get_args(View)))
    return Question(parse(period), readings.reading(reading), view)  # type: ignore[arg-type]


def books_of(session: Session, asked: Question, *, medians: bool = False) -> Books:
    """Open the books as the question wants them read. Raises NotFound when no report of the period was closed."""
    if asked.view == "published":
        return Books(session, up_to_id=closing_of(session, asked.period.code).last_movement)
    restated = asked.view == "restated" and asked.reading.basis == "registered"
    shown = asked.period if medians else None
    books = Books(session, basis="restated" if restated else asked.reading.basis, medians=shown, most=MOST_FOR_MEDIANS)
    if books.basis == "registered":
        books.shortcut = rollup.kept
    return books


def live_books(session: Session) -> Books:
    """Open the books as they stand now, by the shortest way."""
    books = Books(session)
    books.shortcut = rollup.kept
    return books


def find_closing(session: Session, period: str) -> PeriodClosing | None:
    """Give the closed report of a period, if it was closed."""
    wanted = select(PeriodClosing).where(PeriodClosing.indicator == computed_code(), PeriodClosing.period == period)
    return session.exec(wanted).first()


def closing_of(session: Session, period: str) -> PeriodClosing:
    """Give the closed report of a period. Raises NotFound, BadRequest for what is no period."""
    row = find_closing(session, parse(period).code)
    if row is None:
        raise NotFound("closing", period[:20])
    return row


def table(session: Session, actor: Actor, code: str, asked: Question, *, medians: bool = True) -> Table:
    """Give one live table. Raises Forbidden for those who may see published ones only, NotFound for no such table."""
    require(actor, "indicator.see_internal")
    if code not in ALL:
        raise NotFound("table", code[:20])
    if asked.view == "published":
        return next(made for made in closed_tables(session, asked) if made.code == code)
    return make(code, Asked(books_of(session, asked, medians=medians), asked.period, asked.reading))


def all_tables(session: Session, actor: Actor, asked: Question) -> Iterator[Table]:
    """Give every live table of a period, computed from the same books."""
    require(actor, "indicator.see_internal")
    if asked.view == "published":
        return iter(closed_tables(session, asked))
    given = Asked(books_of(session, asked, medians=True), asked.period, asked.reading)
    return (make(code, given) for code in ALL)


def closed_tables(session: Session, asked: Question) -> list[Table]:
    """Give the tables of a closed report as they were. Raises NotFound."""
    if asked.reading.code != "default":
        raise NotFound("closing", f"{asked.period.code} {asked.reading.code}"[:40])
    return [Table(**content) for content in closing_of(session, asked.period.code).tables]


def make(code: str, given: Asked) -> Table:
    """Make a table from books. Asks no permission."""
    made = ALL[code].make(ALL[code], given)
    tables.open_cells(made)
    return made


def open_figure(
    session: Session,
    actor: Actor,
    figure: str,
    asked: Question,
    *,
    after: tuple[int, int] = (0, 0),
    limit: int = 200,
) -> OpenedFigure:
    """Show what a figure is the sum of. Looking leaves a trace. Raises Forbidden, BadRequest for no such figure."""
    require(actor, "indicator.see_internal")
    cut, key = read_address(figure)
    books = books_of(session, asked)
    audit.record(session, actor, "indicator.open", "indicator", computed_code(), figure=figure[:120], view=asked.view)
    cell = books.cube(cut.period, cut.side, *cut.names).get(key, EMPTY)
    wanted, size = lines_of(books, cut, key)
    found = list(ledger.lines(session, wanted, after=after, limit=limit + 1, size=size))
    following = found[limit - 1].place if len(found) > limit else None
    return OpenedFigure(figure, title_of(figure), cell, found[:limit], following)


def title_of(figure: str) -> str:
    """Say in words which figure it is: the period, and the row of each dimension."""
    cut, key = read_address(figure)
    words = [cut.period.label]
    words += [_row_label(name, part) for name, part in zip(cut.names, key.split("/"), strict=False)]
    if cut.side != "output":
        words.append(
            {"absorbed": "吸纳", "internal": "市内成交", "either": "输出加吸纳减市内", "all": "全部"}[cut.side]
        )
    return " · ".join(words)


def _row_label(name: str, key: str) -> str:
    part = DIMENSIONS[name]
    return next((row.label for row in part.rows() if row.key == key), f"{part.label} {key}")


def _goals(asked: Asked) -> list[tables_ledger.Goal]:
    """Say what the year of a table is measured against, and what each target comes to with the GDP of that year."""
    year, session = asked.period.year, asked.books.session
    if not figures.FIRST_YEAR <= year <= clock.today().year:
        return []
    goals, gdp_fen = entries.goals_of(entries.targets(session), year), entries.gdp_of(session, year)
    return [tables_ledger.Goal(goal.label, rules.needed(Decimal(goal.value), gdp_fen)) for goal in goals]


def _years(asked: Asked) -> list[YearOut]:
    return figures.years(asked.books.session, asked.reading, asked.books)


def _year_lines(asked: Asked) -> list[tables_ledger.YearLine]:
    return [
        tables_ledger.YearLine(
            year=row.year,
            amount_fen=row.technical_fen if asked.reading.measure == "technical" else row.amount_fen,
            gdp_fen=row.gdp_fen,
            gdp_words=row.gdp_kind,
            share=Decimal(row.share) if row.share is not None else None,
            gaps={gap.label: gap.gap_fen for gap in row.gaps},
            goals={gap.label: rules.needed(Decimal(gap.target), row.gdp_fen) for gap in row.gaps},
        )
        for row in _years(asked)
        if asked.period.kind == "all" or row.year <= asked.period.year
    ]
