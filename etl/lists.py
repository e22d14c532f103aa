"""Whole lists as somebody may see them, part by part, each in a session of its own: what `yaosu export` writes."""

from collections.abc import Callable, Iterator
from itertools import chain
from pathlib import Path
from typing import Any

from sqlmodel import Session

from etl.export_columns import columns_of, row_of
from etl.exports import write_file
from services.accounts import service as accounts
from services.accounts import shown
from services.contracts import service as contracts
from services.contracts.schemas import ContractFilter
from services.deals import service as deals
from services.ground.actor import Actor
from services.ground.errors import Invalid
from services.ground.market import Market
from services.listings import service as listings

PART = 200
Part = tuple[list[dict[str, Any]], Any]
"""(items as the API shows them, where the next part begins or None)."""


def _listings(kind: str) -> Callable[[Session, Actor, Any], Part]:
    def read(session: Session, actor: Actor, after: Any) -> Part:
        rows = listings.list_listings(session, actor, kind, after=after or 0, limit=PART)
        return [row.model_dump(mode="json") for row in rows], rows[-1].id if len(rows) == PART else None

    return read


def _organisations(session: Session, actor: Actor, after: Any) -> Part:
    rows = accounts.find_organisations(session, after=after or "", limit=PART)
    more = accounts.place_in_list(rows[-1]) if len(rows) == PART else None
    return [row.model_dump(mode="json") for row in shown.as_shown(session, actor, rows)], more


def _contracts(session: Session, actor: Actor, after: Any) -> Part:
    rows, more = contracts.list_contracts(session, actor, ContractFilter(), after=after, limit=PART)
    return [contracts.item_of(row).model_dump(mode="json") for row in rows], more


def _deals(session: Session, actor: Actor, after: Any) -> Part:
    rows, more = deals.own(session, actor, before=after, limit=PART)
    return [row.model_dump(mode="json") for row in rows], more


LISTS: dict[str, Callable[[Session, Actor, Any], Part]] = {
    "needs": _listings("need"),
    "results": _listings("result"),
    "patents": _listings("patent"),
    "experts": _listings("expert"),
    "organisations": _organisations,
    "contracts": _contracts,
    "deals": _deals,
}


def items(market: Market, actor: Actor, kind: str) -> Iterator[dict[str, Any]]:
    """Give every item of a list as this reader may see it. Raises Invalid for another list."""
    read = LISTS.get(kind)
    if read is None:
        raise Invalid("kind", "export_list", value=kind[:40], allowed="、".join(LISTS))
    after: Any = None
    while True:
        with market.database.read() as session:
            part, after = read(session, actor, after)
        yield from part
        if after is None:
            return


def write_list(market: Market, actor: Actor, kind: str, path: Path, fields: list[str]) -> int:
    """Write a list to a file whose ending names the kind of file; return how many rows. Raises Invalid."""
    found = items(market, actor, kind)
    first = next(found, None)
    ending = path.suffix.lower().removeprefix(".")
    columns = columns_of(ending, [first] if first else [], fields)
    rows = chain([first] if first else [], found)
    return write_file(columns, rows if ending == "jsonl" else (row_of(item, columns) for item in rows), path)
