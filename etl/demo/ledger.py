"""The demo contracts, recorded in the order in which they happened: the books of each month were written in that month."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from itertools import groupby

from sqlmodel import Session

from etl.demo.contract_records import DemoChange, DemoContract, DemoEnd, DemoItem, content_of
from services.contracts import service as contracts
from services.contracts.content import Content
from services.contracts.schemas import ChangeIn, EndIn, RegisteredIn
from services.ground import clock
from services.ground.actor import Actor
from services.ground.market import Market


@dataclass
class Month:
    """What the registrar wrote down in one month."""

    registered: list[DemoContract] = field(default_factory=list)
    changed: list[tuple[DemoContract, DemoChange]] = field(default_factory=list)
    ended: list[tuple[DemoContract, DemoEnd]] = field(default_factory=list)


def record(
    market: Market,
    actor: Actor,
    made: Sequence[DemoContract],
    codes: Mapping[str, str],
    people: Mapping[str, int],
    *,
    today: date,
    tell: Callable[[int], None],
) -> None:
    """Record registrations, changes and ends month by month, each month under its own date and in its own transaction.

    `codes` and `people` lead from the keys of demo organisations and people to theirs; `tell` is given the number of
    contracts of each month.
    """
    known: dict[str, str] = {}
    for (year, number), month in sorted(_months(made).items()):
        last = date(year + number // 12, number % 12 + 1, 1) - timedelta(days=1)
        moment = datetime.combine(min(last, today), time(2), UTC)
        with clock.at(min(moment, clock.now())), market.database.write() as session:
            _write(session, actor, month, known, codes, people)
        tell(len(month.registered))


def _months(made: Sequence[DemoContract]) -> dict[tuple[int, int], Month]:
    months: dict[tuple[int, int], Month] = {}

    def of(day: date) -> Month:
        return months.setdefault((day.year, day.month), Month())

    for item in made:
        of(item.registered_on or item.signed_on).registered.append(item)
        for change in item.changes:
            of(change.changed_on).changed.append((item, change))
        if item.end:
            of(item.end.ended_on).ended.append((item, item.end))
    return months


def _write(
    session: Session,
    actor: Actor,
    month: Month,
    known: dict[str, str],
    codes: Mapping[str, str],
    people: Mapping[str, int],
) -> None:
    rows = [
        RegisteredIn(
            content=content_of(item, codes, people),
            registration_number=item.registration_number or "",
            registered_on=item.registered_on or item.signed_on,
            import_key=f"demo:{item.key}",
        )
        for item in month.registered
    ]
    for item, row in zip(month.registered, contracts.record_registered(session, actor, rows), strict=True):
        known[item.key] = row.code
    # In the order of the days: a contract may be changed and end in one month.
    acts: list[tuple[date, DemoContract, DemoChange | DemoEnd]] = [
        (change.changed_on, item, change) for item, change in month.changed
    ]
    acts += [(end.ended_on, item, end) for item, end in month.ended]
    for _day, same in groupby(sorted(acts, key=lambda act: (act[0], act[1].key)), key=lambda act: act[0]):
        for _on, item, act in same:
            if isinstance(act, DemoChange):
                contracts.change(session, actor, known[item.key], _change(act))
            else:
                end = EndIn(ended_on=act.ended_on, ground=act.ground, reason=act.reason, evidence=act.evidence)
                move = contracts.revoke if act.state == "revoked" else contracts.cancel
                move(session, actor, known[item.key], end)


def _change(change: DemoChange) -> ChangeIn:
    content = Content.model_validate(
        {
            "contract_amount_fen": change.contract_amount_fen,
            "technical_amount_fen": change.technical_amount_fen,
            "amount_status": change.amount_status,
            "non_technical_items": [_item(item) for item in change.non_technical_items],
        }
    )
    return ChangeIn(content=content, changed_on=change.changed_on, reason=change.reason, evidence=change.evidence)


def _item(item: DemoItem) -> dict[str, object]:
    return asdict(item) | {"evidence": "补充协议附件"}
