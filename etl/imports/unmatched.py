"""After an official list: the registered contracts of ours that it does not name (reference, section 14)."""

from datetime import date

from sqlmodel import Session

from etl.imports import kinds, spool, values
from etl.imports.heads import Heads
from etl.imports.taker import Options
from services.contracts import numbers
from services.contracts.bulk_drafts import HeldContract, registered_between
from services.ground.actor import Actor
from services.ground.batches import ImportBatch
from services.ground.errors import Invalid
from services.ground.market import Market


def not_in_list(market: Market, session: Session, actor: Actor, row: ImportBatch) -> list[HeldContract]:
    """List contracts registered in the days that a list covers and missing in it; [] for a list without numbers.

    What the list has and we had not is what the batch accepted.
    """
    if row.kind != "contracts":
        return []
    named, days = _named(market, row)
    if not named or not days:
        return []
    ours = registered_between(session, actor, min(days), max(days))
    return [contract for contract in ours if contract.registration_number not in named]


def _named(market: Market, row: ImportBatch) -> tuple[set[str], set[date]]:
    """Read numbers and days of registration from the kept copy; nothing when it is gone."""
    named: set[str] = set()
    days: set[date] = set()
    path = spool.path_of(market.settings, row.code)
    if not path.exists():
        return named, days
    heads = Heads(kinds.taker(row.kind).names, Options(**row.options).mapping)
    for one, _place in spool.Spool(path, row.sheets, heads).rows():
        if not one.has("registration_number"):
            continue
        try:
            number, day = numbers.plain(one.word("registration_number")), one.word("registered_on")
            if number:
                named.add(number)
            if day:
                days.add(values.day(day))
        except (Invalid, ValueError):
            continue
    return named, days
