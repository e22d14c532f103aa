"""The tables made of months, years, names and single lines: T12 to T17. Most of them only for those who may see names."""

from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal

from services.accounts import service as accounts
from services.contracts import beside_queries, brokerage
from services.contracts import statistics_queries as ledger
from services.contracts.statistics_queries import Line
from services.ground import reference
from services.indicators.books import EMPTY, Cut, address
from services.indicators.periods import Period
from services.indicators.table_schemas import (
    CellKind,
    Table,
    TableCell,
    TableColumn,
    TableRow,
    count_cell,
    growth,
    money_cell,
    part,
    percent_cell,
    text_cell,
)
from services.indicators.tables import TOTAL, Asked, Definition, laid_out

MOST_NAMES = 100
"""Rows of the tables of names; the rest is summed up in one line."""
MOST_EVENTS = 2_000
"""Rows of T14 in a live table: a market that took its older books in last month has a line for each of them."""
LATE_DAYS = 31
"""A registration that came to be known so many days after the end of its month is an addition (补报)."""
KINDS = {"registration": "补报", "change": "变更", "cancellation": "注销", "revocation": "撤销", "correction": "更正"}
ELSEWHERE = "异地登记（不计入）"
STATUS = {"undetermined": "金额待定", "capped": "金额封顶"}


@dataclass(frozen=True)
class Goal:
    """What a year is measured against: the target's label and what it comes to in fen, None without a GDP."""

    label: str
    needed_fen: int | None


def by_month(definition: Definition, asked: Asked, goals: list[Goal]) -> Table:
    """T12: each month of the year up to the end of the period, and the year so far."""
    books, period, side = asked.books, asked.period, asked.side
    this_year = Period("year", period.year)
    books.fetch(Cut(this_year, side, ("month",)), Cut(this_year.previous, side, ("month",)))
    now, before = books.cube(this_year, side, "month"), books.cube(this_year.previous, side, "month")
    months: list[tuple[str, str, CellKind]] = [
        ("count", "合同数", "count"),
        ("amount", "成交额", "wan"),
        ("growth", "同比", "percent"),
    ]
    columns = [TableColumn(key=key, label=label, kind=kind, group="当月") for key, label, kind in months]
    columns += [TableColumn(key=f"all.{key}", label=label, kind=kind, group="累计") for key, label, kind in months]
    columns += [TableColumn(key=f"goal.{n}", label=f"占{g.label}", kind="percent") for n, g in enumerate(goals)]
    rows, so_far, last_so_far = [], EMPTY, EMPTY
    for month in period.months:
        this, last = now.get(str(month), EMPTY), before.get(str(month), EMPTY)
        so_far, last_so_far = so_far.plus(this), last_so_far.plus(last)
        of = [address(Cut(Period("month", period.year - back, month), side), "") for back in (0, 1)]
        whole = [address(Cut(Period("cumulative", period.year - back, month), side), "") for back in (0, 1)]
        cells = [
            count_cell(this.count, of[0]),
            money_cell(this.amount_fen, "wan", of[0]),
            percent_cell(growth(this.amount_fen, last.amount_fen), *of),
            count_cell(so_far.count, whole[0]),
            money_cell(so_far.amount_fen, "wan", whole[0]),
            percent_cell(growth(so_far.amount_fen, last_so_far.amount_fen), *whole),
        ]
        cells += [percent_cell(part(so_far.amount_fen, goal.needed_fen or 0), whole[0]) for goal in goals]
        rows.append(TableRow(key=str(month), label=f"{month} 月", cells=cells))
    return laid_out(definition, asked, "月份", columns, rows)


def by_name(definition: Definition, asked: Asked) -> Table:
    """T13: universities, institutes and firms by what they sold; T16: brokers by what they brought about."""
    broker = definition.dimension == "broker"
    cube = asked.books.cube(asked.period, asked.side, definition.dimension)
    whole = asked.books.total(asked.period, asked.side)
    ranked = sorted(((k, c) for k, c in cube.items() if k != "0"), key=lambda item: (-item[1].amount_fen, item[0]))
    session, until = asked.books.session, asked.period.until
    paid = brokerage.earned(session, asked.period.since, until, up_to_id=asked.books.up_to_id) if broker else {}
    ranked += [(str(number), EMPTY) for number in sorted(paid) if str(number) not in cube]
    names = _names(asked, [int(key) for key, _cell in ranked[:MOST_NAMES]], broker=broker)
    columns = [
        TableColumn(key="count", label="合同数", kind="count"),
        TableColumn(key="amount", label="成交额", kind="wan"),
        TableColumn(key="technical", label="技术交易额", kind="wan"),
        TableColumn(key="part", label="占全市", kind="percent"),
    ]
    if broker:
        columns += [
            TableColumn(key="received", label="已到账", kind="wan"),
            TableColumn(key="subsidy", label="奖补（估算）", kind="wan"),
        ]
    cut = Cut(asked.period, asked.side, (definition.dimension,))
    rows = []
    for key, cell in ranked[:MOST_NAMES]:
        of = address(cut, key)
        label, url = names.get(int(key), (f"#{key}", ""))
        cells = [
            count_cell(cell.count, of),
            money_cell(cell.amount_fen, "wan", of),
            money_cell(cell.technical_fen, "wan", of),
            percent_cell(part(cell.amount_fen, whole.amount_fen), of),
        ]
        if broker:
            mine = paid.get(int(key), brokerage.Earned())
            cells += [money_cell(mine.received_fen, "wan"), money_cell(mine.estimate_fen, "wan")]
        rows.append(TableRow(key=key, label=label, url=url, cells=cells))
    notes = [f"另有 {len(ranked) - MOST_NAMES} 个未列出。"] if len(ranked) > MOST_NAMES else []
    notes.append("没有促成人的合同不列。" if broker else "首位卖方；没有对上本站单位的卖方不列。")
    if broker:
        notes.append("已到账：本期收到的款，按到账日计，不属于成交额。")
        notes.append("奖补：按已核对的规则估算，不作承诺；“—”是没有查到适用的规则，本市和湖南的规则都没有找到。")
    return laid_out(definition, asked, "技术经纪人" if broker else "卖方单位", columns, rows, *notes)


def _names(asked: Asked, numbers: list[int], *, broker: bool) -> dict[int, tuple[str, str]]:
    session = asked.books.session
    if broker:
        return {number: (accounts.person_name(session, number), "") for number in numbers}
    found = accounts.organisations(session, numbers)
    return {number: (row.name, f"/organisations/{row.code}") for number, row in found.items()}


def is_late(line: Line) -> bool:
    """Say whether a registration came to be known long after its month: what T14 lists as 补报."""
    return line.kind == "registration" and (line.recorded_at.date() - line.dated_on).days > LATE_DAYS


def events(definition: Definition, asked: Asked) -> Table:
    """T14: changes, cancellations, revocations and late entries of the period, and amounts not determined yet."""
    columns = [
        TableColumn(key="number", label="登记编号", kind="text"),
        TableColumn(key="what", label="事由", kind="text"),
        TableColumn(key="on", label="日期", kind="text"),
        TableColumn(key="before", label="原额", kind="yuan"),
        TableColumn(key="after", label="现额", kind="yuan"),
        TableColumn(key="difference", label="差额", kind="yuan"),
        TableColumn(key="affected", label="影响期间", kind="text"),
        TableColumn(key="why", label="说明", kind="text"),
    ]
    wanted = asked.books.slice(Cut(asked.period, asked.side))
    session, limit = asked.books.session, None if asked.books.up_to_id else MOST_EVENTS
    found = beside_queries.noteworthy(session, wanted, late_after=LATE_DAYS, limit=limit)
    rows = [event_row(line) for line in found]
    notes = [f"变动只列前 {limit:,} 行；封账的报表列全部。"] if len(rows) == limit else []
    rows += [event_row(line, STATUS[line.amount_status]) for line in beside_queries.undetermined(session, wanted)]
    rows += [event_row(line, ELSEWHERE) for line in beside_queries.elsewhere(session, wanted)]
    notes += (
        "补报：登记日期之后一个多月才进入本站的登记。",
        "金额待定：以前期间登记、到期末还没有定数的合同，定数以前每期都列。",
    )
    return laid_out(definition, asked, "合同", columns, rows, *notes)


def event_row(line: Line, what: str = "") -> TableRow:
    """Write one noteworthy line of the ledger."""
    is_plain = line.kind == "registration" and not is_late(line)
    what = what or (STATUS.get(line.amount_status, "登记") if is_plain else KINDS[line.kind])
    before = 0 if line.kind == "registration" else line.before_fen
    affected = (
        f"{line.original_on:%Y-%m} → {line.dated_on:%Y-%m}" if line.kind != "registration" else f"{line.dated_on:%Y-%m}"
    )
    return TableRow(
        key=f"{line.place[0]}.{line.place[1]}",
        label=line.title,
        url=f"/contracts/{line.contract_code}",
        cells=[
            text_cell(line.registration_number),
            text_cell(what),
            text_cell(line.dated_on.isoformat()),
            money_cell(before, "yuan", blank=False),
            money_cell(line.after_fen, "yuan", blank=False),
            money_cell(line.amount_fen, "yuan", blank=False),
            text_cell(affected),
            text_cell(line.reason),
        ],
    )


LIST_COLUMNS = [
    TableColumn(key="number", label="合同登记编号", kind="text"),
    TableColumn(key="title", label="项目名称", kind="text"),
    TableColumn(key="category", label="合同类别", kind="text"),
    TableColumn(key="seller", label="卖方", kind="text"),
    TableColumn(key="buyer", label="买方", kind="text"),
    TableColumn(key="amount", label="成交额", kind="yuan"),
    TableColumn(key="technical", label="技术交易额", kind="yuan"),
    TableColumn(key="on", label="登记日期", kind="text"),
    TableColumn(key="what", label="变动", kind="text"),
]


def list_rows(asked: Asked, *, limit: int | None = None) -> Iterator[TableRow]:
    """Give the lines of the list of contracts as rows of a table."""
    wanted = asked.books.slice(Cut(asked.period, asked.side))
    for number, line in enumerate(ledger.lines(asked.books.session, wanted, limit=limit), start=1):
        yield _list_row(number, line)


def list_values(asked: Asked) -> Iterator[tuple[str | int, ...]]:
    """Give the same lines as plain values, amounts in fen: files of any length need no more memory, and little time."""
    words = {**KINDS, "registration": "登记"}
    categories = {entry.code: entry.name for entry in reference.entries(None, "contract_category")}
    wanted = asked.books.slice(Cut(asked.period, asked.side))
    for number, line in enumerate(ledger.lines(asked.books.session, wanted), start=1):
        yield (
            str(number),
            line.registration_number,
            line.title,
            categories.get(line.category, line.category),
            line.seller_name,
            line.buyer_name,
            line.amount_fen,
            line.technical_fen,
            line.dated_on.isoformat(),
            words[line.kind],
        )


def _list_row(number: int, line: Line) -> TableRow:
    words = {**KINDS, "registration": "登记"}
    return TableRow(
        key=f"{line.place[0]}.{line.place[1]}",
        label=str(number),
        url=f"/contracts/{line.contract_code}",
        cells=[
            text_cell(line.registration_number),
            text_cell(line.title),
            text_cell(reference.name_of("contract_category", line.category)),
            text_cell(line.seller_name),
            text_cell(line.buyer_name),
            money_cell(line.amount_fen, "yuan", blank=False),
            money_cell(line.technical_fen, "yuan", blank=False),
            text_cell(line.dated_on.isoformat()),
            text_cell(words[line.kind]),
        ],
    )


def contract_list(definition: Definition, asked: Asked, *, limit: int = 200) -> Table:
    """T17: the lines of the ledger of the period, changes and ends among them, so that it sums to T0."""
    total = asked.books.total(asked.period, asked.side)
    blank = [TableCell() for _column in LIST_COLUMNS]
    blank[5] = money_cell(total.amount_fen, "yuan", blank=False)
    blank[6] = money_cell(total.technical_fen, "yuan", blank=False)
    rows = [TableRow(key="", label=TOTAL, look="sum", cells=blank), *list_rows(asked, limit=limit)]
    notes = [f"页面只列前 {limit} 行；文件列全部。"] if len(rows) > limit else []
    return laid_out(
        definition, asked, "序号", LIST_COLUMNS, rows, *notes, "变更、注销、撤销各占一行，正负相抵后与总表一致。"
    )


@dataclass(frozen=True)
class YearLine:
    """One year of the indicator as table T15 shows it."""

    year: int
    amount_fen: int | None
    gdp_fen: int | None
    gdp_words: str
    share: Decimal | None
    gaps: dict[str, int | None]
    goals: dict[str, int | None]
    """What each target comes to by the GDP of the year, in fen."""


def indicator(definition: Definition, asked: Asked, years: list[YearLine]) -> Table:
    """T15: the indicator year by year up to the period, with the gap to every target."""
    labels = list(dict.fromkeys(label for line in years for label in line.gaps))
    columns = [
        TableColumn(key="amount", label="技术交易额" if asked.reading.measure == "technical" else "成交额", kind="yi"),
        TableColumn(key="gdp", label="GDP", kind="yi"),
        TableColumn(key="version", label="GDP 版本", kind="text"),
        TableColumn(key="share", label="比重", kind="percent"),
        *[TableColumn(key=f"goal.{label}", label=label, kind="yi", group="全年要到") for label in labels],
        *[TableColumn(key=f"gap.{label}", label=f"距{label}", kind="yi", group="缺口") for label in labels],
    ]
    rows = []
    for line in years:
        of = address(Cut(Period("year", line.year), asked.side), "")
        cells = [
            money_cell(line.amount_fen, "yi", of, blank=False),
            money_cell(line.gdp_fen, "yi"),
            text_cell(line.gdp_words),
            percent_cell(line.share, of, "gdp"),
            *[money_cell(line.goals.get(label), "yi", "gdp", blank=False) for label in labels],
            *[money_cell(line.gaps.get(label), "yi", of, "gdp", blank=False) for label in labels],
        ]
        rows.append(TableRow(key=str(line.year), label=str(line.year), cells=cells))
    return laid_out(definition, asked, "年份", columns, rows)
