"""What statistics ask the ledger: sums by any words, single lines, medians, events. Every answer is a sum of movements.

A `Slice` says which lines count: which day decides the period, which side of the trade, and what was known when. Where
several buyers share a contract, the buyers' side follows their shares and the count goes to the primary one (reference,
sections 10 and 15). Nothing here asks for permission: the caller decides who reads the figure.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from typing import Any, Literal

import sqlalchemy as sa
from sqlmodel import Session, col, func, select

from services.contracts.models import Contract, Movement, MovementShare
from services.ground import regions

Basis = Literal["registered", "signed", "restated"]
"""The day that decides the period: of the movement itself, of the signature, or of the contract's registration."""
Side = Literal["output", "absorbed", "internal", "either", "all"]
"""Output: home seller (the indicator). Absorbed: home buyer. Internal: both at once. Either: one of them, counted once."""
Raw = tuple[Any, ...]
"""Values of columns as the ledger keeps them."""

SIZE_BOUNDS = (10_000_000, 50_000_000, 100_000_000, 500_000_000, 1_000_000_000)
"""Where the size classes of table T11 part, in fen: 10, 50, 100, 500 and 1,000 万元."""
ENDS = ("cancellation", "revocation")
MOVERS = "correction"
"""The kind of line that takes a contract out of the words it stood under, or puts it under new ones: it stays as large."""
WHOLE = ("registration", *ENDS, MOVERS)
"""Kinds of lines that put a whole contract somewhere or take it away; a change does so with the difference only."""
CHUNK = 5000


@dataclass(frozen=True)
class Slice:
    """Which lines of the ledger: a period by one kind of day, one side, the books as of a line, and chosen words."""

    since: date
    until: date
    basis: Basis = "registered"
    side: Side = "output"
    up_to_id: int = 0
    """Only movements up to this one: the books as they stood when it was the last."""
    after_id: int = 0
    """Only movements written after this one."""
    dated_after: date | None = None
    """Only movements of later days: what became of the contracts of a period after its end."""
    original_before: date | None = None
    """Only movements about contracts registered before that day."""
    chosen: Mapping[tuple[str, ...], frozenset[Raw]] = field(default_factory=dict)
    """Columns -> the values wanted; several conditions all hold."""

    def narrowed(self, columns: Sequence[str], values: Iterable[Raw]) -> "Slice":
        """Give the slice with one condition more."""
        return replace(self, chosen={**self.chosen, tuple(columns): frozenset(values)})


@dataclass(frozen=True)
class Group:
    """One row of a grouped sum: the raw values, contracts (net), both amounts in fen."""

    raw: Raw
    count: int
    amount_fen: int
    technical_fen: int


@dataclass(frozen=True)
class Line:
    """One line that a figure is the sum of, with the part of it that counts here."""

    place: tuple[int, int]
    """Number of the movement, and of the buyer where several share it: where a list goes on."""
    contract_code: str
    registration_number: str
    title: str
    seller_name: str
    buyer_name: str
    kind: str
    dated_on: date
    recorded_at: datetime
    count: int
    amount_fen: int
    technical_fen: int
    category: str
    seller_region: str
    buyer_region: str
    reason: str
    original_on: date
    before_fen: int
    after_fen: int
    amount_status: str
    demo: bool


_ID: Any = col(Movement.id)
_SEQUENCE = func.coalesce(col(MovementShare.sequence), 0)
_BUYER = {"buyer_region": "region_code", "buyer_group": "party_group"}
_MEASURES = ("count_delta", "contract_amount_fen", "technical_amount_fen")


class _Query:
    """One question to the ledger: its columns, its conditions, and whether the shares of several buyers matter in it."""

    def __init__(self, wanted: Slice, columns: Sequence[str] = ()) -> None:
        names = {*columns, *(name for chosen in wanted.chosen for name in chosen)}
        self.wanted = wanted
        self.split = wanted.side in ("absorbed", "internal", "either") or not names.isdisjoint(_BUYER)
        self.keys = [self.column(name) for name in columns]
        self.measures = [self._own(name, name) for name in _MEASURES]
        self.conditions = self._conditions()

    def _own(self, name: str, shared: str) -> Any:
        own = col(getattr(Movement, name))
        return func.coalesce(col(getattr(MovementShare, shared)), own) if self.split else own

    @property
    def day(self) -> Any:
        if self.wanted.basis == "signed":
            return func.coalesce(col(Movement.signed_on), col(Movement.original_on))
        return col(Movement.original_on) if self.wanted.basis == "restated" else col(Movement.dated_on)

    def column(self, name: str) -> Any:
        """Give a column that lines can be grouped by; an absent word is ""."""
        if name in {"year", "month"}:
            return sa.extract(name, self.day)
        if name == "size":
            amount = col(Movement.contract_amount_fen)
            ended, moved = col(Movement.kind).in_(ENDS), col(Movement.kind) == MOVERS
            standing = col(Movement.standing_amount_fen)
            return _size(sa.case((ended, -amount), (moved, func.abs(amount)), else_=standing))
        if name in _BUYER:
            return func.coalesce(self._own(name, _BUYER[name]), "")
        if name == "seller_name":
            return col(Contract.seller_name)
        column = col(getattr(Movement, name))
        return column if name == "kind" else func.coalesce(column, 0 if name.endswith("_id") else "")

    def _conditions(self) -> list[Any]:
        wanted, home = self.wanted, regions.home_region().rstrip("0")
        found: list[Any] = [col(Contract.visible), self.day >= wanted.since, self.day <= wanted.until]
        output, absorbed = col(Movement.is_home_output), self._own("buyer_region", "region_code").startswith(home)
        sides = {
            "output": output,
            "absorbed": absorbed,
            "internal": sa.and_(output, absorbed),
            "either": sa.or_(output, absorbed),
        }
        if wanted.side in sides:
            found.append(sides[wanted.side])
        if wanted.up_to_id:
            found.append(wanted.up_to_id >= _ID)
        if wanted.after_id:
            found.append(wanted.after_id < _ID)
        if wanted.dated_after:
            found.append(col(Movement.dated_on) > wanted.dated_after)
        if wanted.original_before:
            found.append(col(Movement.original_on) < wanted.original_before)
        for names, values in wanted.chosen.items():
            found.append(_is_one_of([self.column(name) for name in names], values))
        return found

    def select(self, *what: Any) -> Any:
        statement = select(*what).select_from(Movement).join(Contract, col(Contract.id) == col(Movement.contract_id))
        if self.split:
            share = sa.and_(col(MovementShare.movement_id) == _ID, col(MovementShare.role) == "buyer")
            statement = statement.outerjoin(MovementShare, sa.and_(share, col(Movement.is_split)))
        return statement.where(*self.conditions)


def _size(amount: Any) -> Any:
    return sa.case(*[(amount < bound, number) for number, bound in enumerate(SIZE_BOUNDS)], else_=len(SIZE_BOUNDS))


def _is_one_of(columns: Sequence[Any], values: Iterable[Raw]) -> Any:
    if len(columns) == 1:
        return columns[0].in_([value[0] for value in values])
    pairs = [sa.and_(*(column == part for column, part in zip(columns, value, strict=True))) for value in values]
    return sa.or_(sa.false(), *pairs)


def grouped(session: Session, wanted: Slice, columns: Sequence[str]) -> list[Group]:
    """Add up the lines of a slice by columns of the ledger; `columns` may be empty for one total."""
    query = _Query(wanted, columns)
    totals = [func.coalesce(func.sum(measure), 0) for measure in query.measures]
    found: dict[Raw, list[int]] = {}
    _add(session, found, query.select(*query.keys, *totals).group_by(*query.keys))
    if "size" in columns:
        for statement in _moves_between_sizes(query, columns):
            _add(session, found, statement)
    return [Group(raw, *sums) for raw, sums in found.items()]


def _add(session: Session, found: dict[Raw, list[int]], statement: Any) -> None:
    for row in session.execute(statement):
        sums = found.setdefault(tuple(row[:-3]), [0, 0, 0])
        for place, value in enumerate(row[-3:]):
            sums[place] += int(value)


def _moves_between_sizes(query: _Query, columns: Sequence[str]) -> list[Any]:
    """A change of amount takes the contract out of its old size class and puts it into its new one."""
    place = list(columns).index("size")
    new, before = query.keys[place], col(Movement.standing_amount_fen) - col(Movement.contract_amount_fen)
    moved = [col(Movement.kind).not_in(WHOLE), _size(before) != new]
    found = []
    for sign, size in ((1, new), (-1, _size(before))):
        group = [*query.keys[:place], size, *query.keys[place + 1 :]]
        measures = [func.sum(sa.literal(sign)), func.sum(sign * before), func.sum(sa.literal(0))]
        found.append(query.select(*group, *measures).where(*moved).group_by(*group))
    return found


def by_contract(session: Session, wanted: Slice, columns: Sequence[str]) -> list[tuple[Raw, int, int, int]]:
    """Add up by columns and contract: the raw values, the contract, its count, its amount in fen. Medians are made of it."""
    query = _Query(wanted, columns)
    contract = col(Movement.contract_id)
    totals = [func.sum(measure) for measure in query.measures[:2]]
    statement = query.select(*query.keys, contract, *totals).group_by(*query.keys, contract)
    return [(tuple(row[:-3]), int(row[-3]), int(row[-2]), int(row[-1])) for row in session.execute(statement)]


def lines(
    session: Session,
    wanted: Slice,
    *,
    after: tuple[int, int] = (0, 0),
    limit: int | None = None,
    size: int | None = None,
    also: Sequence[Any] = (),
) -> Iterator[Line]:
    """Give the lines of a slice in the order of the ledger, from after one of them on; memory stays flat.

    A movement with several buyers gives one line a buyer where the slice is about buyers; `place` tells them apart.
    With `size`, only the lines that put something into that size class or take something out of it.
    """
    query = _Query(wanted)
    sequence = _SEQUENCE if query.split else sa.literal(0)
    conditions: list[Any] = [sa.or_(after[0] < _ID, sa.and_(after[0] == _ID, sequence > after[1])), *also]
    if size is not None:
        before = _size(col(Movement.standing_amount_fen) - col(Movement.contract_amount_fen))
        left = sa.and_(col(Movement.kind).not_in(WHOLE), before == size)
        conditions.append(sa.or_(query.column("size") == size, left))
    statement = query.select(*_LINE, sequence, *query.measures).where(*conditions).order_by(_ID, sequence)
    # A bounded list comes in one answer; a cursor on the server costs three questions more.
    statement = statement.execution_options(yield_per=CHUNK) if limit is None else statement.limit(limit)
    for row in session.execute(statement):
        line = _line(*row)
        yield line if size is None else _part_in_size(line, size)


_LINE = (
    _ID,
    Contract.code,
    Contract.registration_number,
    Contract.title,
    Contract.seller_name,
    Contract.buyer_name,
    Contract.demo,
    Movement.kind,
    Movement.dated_on,
    Movement.recorded_at,
    Movement.category,
    Movement.seller_region,
    Movement.buyer_region,
    Movement.reason,
    Movement.original_on,
    Movement.contract_amount_fen,
    Movement.standing_amount_fen,
    Movement.amount_status,
)
"""What a line is read from: columns, not whole records, for lists are long."""


def _line(
    movement: int,
    code: str,
    number: str | None,
    title: str,
    seller: str,
    buyer: str,
    demo: bool,
    kind: str,
    dated_on: date,
    recorded_at: datetime,
    category: str,
    seller_region: str | None,
    buyer_region: str | None,
    reason: str | None,
    original_on: date,
    delta: int,
    standing: int,
    amount_status: str,
    sequence: int,
    count: int,
    amount: int,
    technical: int,
) -> Line:
    return Line(
        place=(movement, int(sequence)),
        contract_code=code,
        registration_number=number or "",
        title=title,
        seller_name=seller,
        buyer_name=buyer,
        kind=kind,
        dated_on=dated_on,
        recorded_at=recorded_at,
        count=int(count),
        amount_fen=int(amount),
        technical_fen=int(technical),
        category=category,
        seller_region=seller_region or "",
        buyer_region=buyer_region or "",
        reason=reason or "",
        original_on=original_on,
        before_fen=-delta if kind in ENDS else standing - delta,
        after_fen=standing,
        amount_status=amount_status,
        demo=demo,
    )


def size_of(amount_fen: int) -> int:
    """Say in which size class an amount lies."""
    return sum(amount_fen >= bound for bound in SIZE_BOUNDS)


def _part_in_size(line: Line, size: int) -> Line:
    """Give what a line does to one size class: a change that crosses classes leaves one whole and enters the other."""
    if line.kind in WHOLE or size_of(line.before_fen) == size_of(line.after_fen):
        return line
    if size_of(line.after_fen) == size:
        return replace(line, count=1, amount_fen=line.after_fen)
    return replace(line, count=-1, amount_fen=-line.before_fen)


def numbers(session: Session, wanted: Slice) -> list[tuple[int, int]]:
    """List the movements of a slice with the versions of their contracts: what a closed report says it was made of."""
    query = _Query(wanted)
    rows = session.execute(query.select(_ID, col(Movement.version_id)).distinct().order_by(_ID))
    return [(int(movement), int(version)) for movement, version in rows]
