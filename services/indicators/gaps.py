"""What is missing to the targets of a year, and where: by GDP scenario, pipeline, county and chain (考核)."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal

from pydantic import BaseModel
from sqlmodel import Session

from services.contracts import beside_queries
from services.contracts import statistics_queries as ledger
from services.contracts.beside_queries import Coming
from services.ground import clock
from services.ground.actor import Actor
from services.ground.errors import NotFound
from services.ground.money import half_up
from services.ground.permissions import require
from services.indicators import entries
from services.indicators.books import EMPTY, Books, Cell, Cut, address
from services.indicators.dimensions import DIMENSIONS, Row, county_of
from services.indicators.entries import computed_code
from services.indicators.pace import Pace, pace
from services.indicators.periods import Period, year_of
from services.indicators.plan import Split, splits
from services.indicators.plan_sets import growth_for
from services.indicators.statistics import live_books

SHARE_YEARS = 3
"""A target nobody has split is divided, as a trial, by the amounts of so many years before."""
REVIEW = ("submitted", "supplement_requested", "accepted", "in_review", "expert_review")


class Scenario(BaseModel):
    """One GDP to reckon with: known, or the last known one grown on."""

    label: str
    gdp_fen: int
    how: str


class Line(BaseModel):
    """One target under one scenario, in fen; what cannot be said is null."""

    target: str
    label: str
    scenario: str
    needed_fen: int
    gap_fen: int
    gap_with_review_fen: int
    """What is still missing when everything at the desk is registered as claimed."""
    per_month_needed_fen: int | None
    at_year_end_fen: int | None
    share_at_year_end: str | None


class PipelineRow(BaseModel):
    """What is on its way to registration in one state."""

    state: str
    count: int
    amount_fen: int


class PlaceRow(BaseModel):
    """One county or chain against its part of the target."""

    key: str
    label: str
    target_fen: int
    is_official: bool
    so_far_fen: int
    last_year_fen: int
    gap_fen: int
    pipeline_fen: int
    per_month_needed_fen: int | None
    behind_fen: int
    """How far it is behind an even course to its target today; negative when it is ahead."""


class Gap(BaseModel):
    """The whole answer for a year."""

    year: int
    on: date
    so_far_fen: int
    so_far_count: int
    last_year_same_fen: int
    """What was registered in the year before up to the same day, so that the same stretch of both years is compared."""
    last_year_same_until: date
    months_left: str
    per_month_so_far_fen: int | None
    scenarios: list[Scenario]
    lines: list[Line]
    pipeline: list[PipelineRow]
    counties: list[PlaceRow]
    chains: list[PlaceRow]
    main_target: str


@dataclass(frozen=True)
class _Course:
    """How far the year has gone."""

    year: int
    on: date

    @property
    def passed(self) -> Decimal:
        """The part of the year that has passed."""
        first = date(self.year, 1, 1)
        days = (date(self.year + 1, 1, 1) - first).days
        return min(max(Decimal((self.on - first).days + 1) / days, Decimal(0)), Decimal(1))

    @property
    def months_left(self) -> Decimal:
        """Months left of it."""
        return 12 * (1 - self.passed)


def gap(session: Session, actor: Actor, code: str, year: int) -> Gap:
    """Say what is missing in a year. Raises Forbidden, NotFound for an indicator that is not computed."""
    require(actor, "indicator.see_internal")
    if code != computed_code():
        raise NotFound("indicator", code[:20])
    books, on = live_books(session), clock.today()
    total = books.total(year_of(year), "output")
    coming = beside_queries.pipeline(session)
    review = sum(item.amount_fen for item in coming if item.state in REVIEW)
    goals = entries.goals_of(entries.targets(session), year)
    given = scenarios(session, year)
    reckoned = [
        (goal, scenario, pace(Decimal(goal.value), scenario.gdp_fen, total.amount_fen, year, on))
        for goal in goals
        for scenario in given
    ]
    main = (
        max(reckoned, key=lambda item: item[2].needed_fen, default=None)
        if len(given) == 1
        else _middle(reckoned, given)
    )
    needed = main[2].needed_fen if main else 0
    course = _Course(year, on)
    return Gap(
        year=year,
        on=on,
        so_far_fen=total.amount_fen,
        so_far_count=total.count,
        last_year_same_fen=_same_days_before(books, year, on),
        last_year_same_until=_day_before(year, on),
        months_left=str(half_up(course.months_left)),
        per_month_so_far_fen=reckoned[0][2].per_month_so_far_fen if reckoned else None,
        scenarios=given,
        lines=[_line(goal, scenario, found, review) for goal, scenario, found in reckoned],
        pipeline=_states(coming),
        counties=_places(books, course, "county", needed, splits(session, year), coming),
        chains=_places(books, course, "chain", needed, splits(session, year), coming),
        main_target=f"{main[0].label}，GDP {main[1].label}" if main else "",
    )


def _day_before(year: int, on: date) -> date:
    """Give the day of the year before up to which it is compared: the same day, its last one after the year is over."""
    if on.year != year:
        return date(year - 1, 12, 31)
    return on.replace(year=year - 1, day=28 if (on.month, on.day) == (2, 29) else on.day)


def _same_days_before(books: Books, year: int, on: date) -> int:
    until = _day_before(year, on)
    if until.month == 12 and until.day == 31:
        return books.total(year_of(year - 1), "output").amount_fen
    since = year_of(year - 1).since
    return sum(group.amount_fen for group in ledger.grouped(books.session, ledger.Slice(since, until), ()))


Reckoned = tuple[entries.Goal, Scenario, Pace]


def _middle(reckoned: list[Reckoned], given: list[Scenario]) -> Reckoned | None:
    """Choose what counties and chains are measured against: the highest target under the middle scenario."""
    middle = [item for item in reckoned if item[1] is given[len(given) // 2]]
    return max(middle, key=lambda item: item[2].needed_fen, default=None)


def scenarios(session: Session, year: int) -> list[Scenario]:
    """Give the GDP of a year where one is entered; else the last known one grown on at the speeds its plan expects."""
    known = entries.gdp_in_force(session)
    if year in known:
        row = known[year]
        return [Scenario(label=row.kind, gdp_fen=row.value_fen, how=row.source)]
    earlier = [item for item in known if item < year]
    if not earlier:
        return []
    last, (speeds, said) = known[max(earlier)], growth_for(session, year)
    return [
        Scenario(
            label=speed.label,
            gdp_fen=int(half_up(last.value_fen * (1 + speed.percent / 100) ** (year - last.year), 0)),
            how=f"{last.year} 年 GDP（{last.kind}）按每年 {speed.percent} % 推算；增速出自{said}",
        )
        for speed in speeds
    ]


def _line(goal: entries.Goal, scenario: Scenario, found: Pace, review: int) -> Line:
    return Line(
        target=goal.value,
        label=goal.label,
        scenario=scenario.label,
        needed_fen=found.needed_fen,
        gap_fen=found.gap_fen,
        gap_with_review_fen=found.gap_fen - review,
        per_month_needed_fen=found.per_month_needed_fen,
        at_year_end_fen=found.at_year_end_fen,
        share_at_year_end=str(found.share_at_year_end) if found.share_at_year_end is not None else None,
    )


def _states(coming: list[Coming]) -> list[PipelineRow]:
    found = []
    for state in ("draft", *REVIEW):
        rows = [item for item in coming if item.state == state]
        if rows:
            amount = sum(item.amount_fen for item in rows)
            found.append(PipelineRow(state=state, count=sum(item.count for item in rows), amount_fen=amount))
    return found


def _places(
    books: Books, course: _Course, name: str, needed: int, entered: list[Split], coming: list[Coming]
) -> list[PlaceRow]:
    """Put each county (or chain) against its target: the one entered, else a trial by what it brought in before."""
    year = course.year
    now, last = books.cube(year_of(year), "output", name), books.cube(year_of(year - 1), "output", name)
    before = [books.cube(year_of(year - back), "output", name) for back in range(1, SHARE_YEARS + 1)]
    official = {(item.region if name == "county" else item.chain): item.amount_fen for item in entered}
    official.pop("", None)
    trial = _trial(before, needed)
    rows = []
    for row in DIMENSIONS[name].rows():
        if row.key not in now and not row.always_stands:
            continue
        target = official.get(row.key, trial.get(row.key, 0))
        waiting = sum(
            item.amount_fen
            for item in coming
            if item.state in REVIEW and (county_of(item.region_code) if name == "county" else item.chain) == row.key
        )
        rows.append(_place(row, course, (target, row.key in official), now.get(row.key, EMPTY), last, waiting))
    return sorted(rows, key=lambda item: (-item.behind_fen, item.key))


def _place(
    row: Row, course: _Course, target: tuple[int, bool], cell: Cell, last: Mapping[str, Cell], waiting: int
) -> PlaceRow:
    amount, missing = cell.amount_fen, target[0] - cell.amount_fen
    left = course.months_left
    return PlaceRow(
        key=row.key,
        label=row.label,
        target_fen=target[0],
        is_official=target[1],
        so_far_fen=amount,
        last_year_fen=last.get(row.key, EMPTY).amount_fen,
        gap_fen=missing,
        pipeline_fen=waiting,
        per_month_needed_fen=int(half_up(missing / left, 0)) if left and missing > 0 else None,
        behind_fen=int(half_up(target[0] * course.passed, 0)) - amount,
    )


def _trial(before: list[Mapping[str, Cell]], needed: int) -> dict[str, int]:
    sums: dict[str, int] = {}
    for cube in before:
        for key, cell in cube.items():
            sums[key] = sums.get(key, 0) + max(cell.amount_fen, 0)
    whole = sum(sums.values())
    return {key: int(half_up(Decimal(needed) * amount / whole, 0)) for key, amount in sums.items()} if whole else {}


class Comparison(BaseModel):
    """One row of a county's story: this year so far and the same months of the last, in fen."""

    key: str
    label: str
    now_fen: int
    before_fen: int
    now_count: int
    before_count: int
    opens: str
    opens_before: str

    @property
    def difference_fen(self) -> int:
        """What is more (or less) than last year."""
        return self.now_fen - self.before_fen


class Story(BaseModel):
    """Why a county stands where it stands."""

    row: PlaceRow
    period: str
    previous: str
    is_part_month: bool
    """True in January only, when no month of the year is over yet."""
    not_compared_fen: int
    """What was registered since the end of the last whole month: in the year's figure, and in no comparison."""
    total: Comparison
    chains: list[Comparison]
    categories: list[Comparison]
    months: list[Comparison]
    pipeline: list[PipelineRow]
    ended_fen: int
    ended_count: int


def story(session: Session, actor: Actor, county: str, year: int, code: str = "") -> Story:
    """Say why a county is behind or ahead: where it lost and won against the same months of last year, and what comes."""
    found = gap(session, actor, code or computed_code(), year)
    row = next((item for item in found.counties if item.key == county), None)
    if row is None:
        raise NotFound("region", county[:12])
    books, on = live_books(session), found.on
    period = whole_months(year, on)
    year_so_far = year_of(year)
    coming = [item for item in beside_queries.pipeline(session) if county_of(item.region_code) == county]
    ends = [
        group
        for group in ledger.grouped(
            session, ledger.Slice(year_so_far.since, year_so_far.until), ("seller_region", "kind")
        )
        if group.raw[1] in ledger.ENDS and county_of(str(group.raw[0])) == county
    ]
    total = _compared(books, period, ("county",), county, row.label)
    return Story(
        row=row,
        period=period.label,
        previous=period.previous.label,
        is_part_month=period.until > on,
        not_compared_fen=row.so_far_fen - total.now_fen,
        total=total,
        chains=_compared_all(books, period, "chain", county),
        categories=_compared_all(books, period, "category", county),
        months=_compared_all(books, period, "month", county),
        pipeline=_states(coming),
        ended_fen=sum(group.amount_fen for group in ends),
        ended_count=-sum(group.count for group in ends),
    )


def whole_months(year: int, on: date) -> Period:
    """Give the part of a year that can be compared with the year before: its months that are over, in January that one."""
    if on.year != year:
        return year_of(year)
    is_last_day = (on + timedelta(days=1)).month != on.month
    month = on.month if is_last_day else on.month - 1
    return year_of(year) if month == 12 else Period("cumulative", year, max(month, 1))


def _compared_all(books: Books, period: Period, name: str, county: str) -> list[Comparison]:
    """Compare every row of a dimension within a county; parts of a row count in the row itself."""
    rows = [
        _compared(books, period, ("county", name), f"{county}/{row.key}", row.label)
        for row in DIMENSIONS[name].rows()
        if name != "month" or int(row.key) <= period.until.month
    ]
    kept = [row for row in rows if row.now_fen or row.before_fen or row.now_count or row.before_count]
    return kept if name == "month" else sorted(kept, key=lambda row: row.difference_fen)


def _compared(books: Books, period: Period, names: tuple[str, ...], key: str, label: str) -> Comparison:
    now = books.cube(period, "output", *names).get(key, EMPTY)
    before = books.cube(period.previous, "output", *names).get(key, EMPTY)
    return Comparison(
        key=key,
        label=label,
        now_fen=now.amount_fen,
        before_fen=before.amount_fen,
        now_count=now.count,
        before_count=before.count,
        opens=address(Cut(period, "output", names), key),
        opens_before=address(Cut(period.previous, "output", names), key),
    )
