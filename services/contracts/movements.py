"""The lines of the ledger: how one is made, and the sums over them that every figure is."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

import sqlalchemy as sa
from sqlmodel import Session, col, func, select

from services.contracts import rules
from services.contracts.content import Content, Party, PartyRole
from services.contracts.models import Contract, Movement, MovementShare
from services.contracts.schemas import GroupedSums, MovementFilter, MovementLine, Sums
from services.ground import clock, regions
from services.ground.actor import Actor
from services.ground.database import insert_many
from services.ground.errors import BadRequest
from services.ground.permissions import require

DIMENSIONS = frozenset(
    {
        "category",
        "subtype",
        "technical_field",
        "ip_type",
        "socio_economic_objective",
        "served_industry",
        "plan_source",
        "chain",
        "subfield",
        "seller_region",
        "buyer_region",
        "seller_group",
        "buyer_group",
        "seller_organisation_id",
        "buyer_organisation_id",
        "broker_id",
        "original_year",
        "kind",
        "is_import",
        "is_home_output",
        "year",
        "month",
    }
)
"""What sums can be grouped by. `year` and `month` (1–12) are those of the day that decides the period."""


WORDS = (
    "technical_field",
    "socio_economic_objective",
    "served_industry",
    "plan_source",
    "chain",
    "subfield",
    "broker_id",
    "signed_on",
)
"""Fields of the record that a movement keeps under the same name, as they stood on its day."""


@dataclass(frozen=True)
class Entry:
    """One line to be written: its kind and day, what it adds, what stands after it (fen), who wrote it, and why."""

    kind: rules.MovementKind
    dated_on: date
    deltas: rules.Deltas
    standing: int
    recorded_by_id: int | None = None
    recorded_at: datetime | None = None
    reason: str | None = None


def movement_values(
    contract: Contract,
    content: Content,
    version_id: int,
    entry: Entry,
    *,
    organisations: Mapping[str, int] | None = None,
    is_home: Callable[[str], bool] = regions.is_home,
) -> dict[str, Any]:
    """Give the columns of a movement: the difference, its day, and every word it can be grouped by as of now."""
    assert contract.registered_on is not None
    is_import = content.cross_border == "import"
    seller, known = content.primary("seller"), organisations or {}
    return {
        "contract_id": contract.id,
        "version_id": version_id,
        "kind": entry.kind,
        "dated_on": entry.dated_on,
        "recorded_at": entry.recorded_at or clock.now(),
        "recorded_by_id": entry.recorded_by_id,
        "contract_amount_fen": entry.deltas.contract_amount_fen,
        "technical_amount_fen": entry.deltas.technical_amount_fen,
        "count_delta": entry.deltas.count,
        "original_year": contract.registered_on.year,
        "original_on": contract.registered_on,
        "category": content.contract_category or "",
        "subtype": content.contract_subtype,
        **{name: getattr(content, name) for name in WORDS},
        "ip_type": content.ip_types[0] if content.ip_types else None,
        **_side_values("seller", seller, known),
        **_side_values("buyer", content.primary("buyer"), known),
        "standing_amount_fen": entry.standing,
        "amount_status": content.amount_status or "determined",
        "is_related_party": bool(content.is_related_party),
        "is_import": is_import,
        "is_home_output": rules.home_output(
            is_import=is_import,
            registered_elsewhere=content.registered_elsewhere,
            seller_is_home=bool(seller and seller.region_code and is_home(seller.region_code)),
        ),
        "is_split": bool(_split_sides(content)),
        "reason": entry.reason,
    }


def _side_values(role: PartyRole, party: Party | None, organisations: Mapping[str, int]) -> dict[str, Any]:
    """Give where the primary party of a side is, what it is, and which organisation of the market."""
    return {
        f"{role}_region": party.region_code if party else None,
        f"{role}_country": party.country_code if party else None,
        f"{role}_group": party.party_group if party else None,
        f"{role}_organisation_id": organisations.get((party.organisation_code if party else None) or ""),
    }


def share_rows(movement_id: int, values: Mapping[str, Any], content: Content) -> list[dict[str, Any]]:
    """Give the shares of a movement with several sellers or buyers; those of a side add up to the movement to the fen.

    The count goes to the primary party, amounts follow the stated shares (reference, sections 10 and 15).
    """
    rows: list[dict[str, Any]] = []
    for role in _split_sides(content):
        side, primary = content.side(role), content.primary(role)
        shares = _shares(side, primary)
        amounts = rules.split_amount(values["contract_amount_fen"], shares)
        technical = rules.split_amount(values["technical_amount_fen"], shares)
        rows += [
            {
                "movement_id": movement_id,
                "role": role,
                "sequence": party.sequence,
                "region_code": party.region_code,
                "party_group": party.party_group,
                "organisation_id": None,
                "contract_amount_fen": amounts[index],
                "technical_amount_fen": technical[index],
                "count_delta": values["count_delta"] if party is primary else 0,
            }
            for index, party in enumerate(side)
        ]
    return rows


def write_movement(session: Session, values: Mapping[str, Any], content: Content) -> int:
    """Write one line of the ledger with its shares."""
    movement_id = insert_many(session, Movement, [values])[0]
    if values["is_split"]:
        insert_many(session, MovementShare, share_rows(movement_id, values, content))
    return movement_id


def _split_sides(content: Content) -> list[PartyRole]:
    roles: tuple[PartyRole, ...] = ("seller", "buyer")
    return [role for role in roles if len(content.side(role)) > 1]


def _shares(side: Sequence[Party], primary: Party | None) -> list[int]:
    stated = [party.share_amount_fen for party in side]
    if any(share is None for share in stated) or not sum(share or 0 for share in stated):
        return [int(party is primary) for party in side]
    return [share or 0 for share in stated]


# -- sums ---------------------------------------------------------------------------------------------------------


def standing_amounts(session: Session, contract: Contract) -> Sums:
    """Give what a contract stands at in the ledger: the sum of its own movements."""
    return _sums(session, [Movement.contract_id == contract.id])


def sums(session: Session, wanted: MovementFilter = MovementFilter()) -> Sums:  # noqa: B008 - frozen
    """Add up the movements that are wanted. Asks no permission: the caller decides who reads the figure."""
    return _sums(session, clauses(wanted))


def sums_by(
    session: Session,
    dimensions: Sequence[str],
    wanted: MovementFilter = MovementFilter(),  # noqa: B008 - frozen
) -> list[GroupedSums]:
    """Add up the movements that are wanted, grouped by dimensions (see DIMENSIONS), ordered by them.

    Asks no permission. Raises ValueError for a dimension there is not.
    """
    columns = [_dimension(name) for name in dimensions]
    statement = (
        select(*columns, *_totals())
        .select_from(Movement)
        .join(Contract, col(Contract.id) == col(Movement.contract_id))
        .where(*clauses(wanted))
        .group_by(*columns)
        .order_by(*columns)
    )
    width = len(columns)
    return [GroupedSums(tuple(row[:width]), Sums(*map(int, row[width:]))) for row in session.execute(statement)]


def clauses(wanted: MovementFilter) -> list[Any]:
    """Turn a filter into conditions on `movement` joined with `contract`."""
    found: list[Any] = [col(Contract.visible)]
    equal = {
        Movement.original_year: wanted.original_year,
        Movement.category: wanted.category,
        Movement.subtype: wanted.subtype,
        Movement.chain: wanted.chain,
        Movement.subfield: wanted.subfield,
        Movement.technical_field: wanted.technical_field,
        Movement.seller_group: wanted.seller_group,
        Movement.buyer_group: wanted.buyer_group,
        Movement.is_home_output: wanted.home_output,
        Contract.code: wanted.contract_code,
    }
    # "" asks for the lines that name none, which the ledger keeps as NULL or as "".
    found += [
        column == value if value != "" else func.coalesce(column, "") == ""
        for column, value in equal.items()
        if value is not None
    ]
    several = {
        Movement.seller_region: wanted.seller_regions,
        Movement.buyer_region: wanted.buyer_regions,
        Movement.kind: wanted.kinds,
    }
    found += [col(column).in_(values) for column, values in several.items() if values]
    if wanted.since:
        found.append(Movement.dated_on >= wanted.since)
    if wanted.until:
        found.append(Movement.dated_on <= wanted.until)
    if wanted.known_at:
        found.append(Movement.recorded_at <= wanted.known_at)
    return found


def list_movements(
    session: Session,
    actor: Actor,
    wanted: MovementFilter = MovementFilter(),  # noqa: B008 - frozen
    *,
    after: tuple[str, int] | None = None,
    limit: int | None = 50,
) -> tuple[list[MovementLine], tuple[str, int] | None]:
    """List the lines a figure is the sum of, by date; `after` is where the part before ended, `limit` None gives all.

    For those who may read the ledger; everybody else reads the movements of the contracts they may see.
    """
    require(actor, "contract.ledger")
    conditions = clauses(wanted)
    if after:
        day, number = _place(after)
        conditions.append(
            (col(Movement.dated_on) > day) | ((col(Movement.dated_on) == day) & (col(Movement.id) > number))
        )
    statement = (
        select(Movement, Contract)
        .join(Contract, col(Contract.id) == col(Movement.contract_id))
        .where(*conditions)
        .order_by(col(Movement.dated_on), col(Movement.id))
    )
    if limit is not None:
        statement = statement.limit(limit + 1)
    rows = session.exec(statement).all()
    lines = [_line(movement, contract) for movement, contract in rows]
    if limit is None or len(lines) <= limit:
        return lines, None
    last = lines[limit - 1]
    return lines[:limit], (last.dated_on.isoformat(), last.id)


def movements_of(session: Session, contract: Contract) -> list[MovementLine]:
    """List the movements of one contract that the caller was allowed to see, oldest first."""
    rows = session.exec(select(Movement).where(Movement.contract_id == contract.id).order_by(col(Movement.id)))
    return [_line(row, contract) for row in rows]


def _place(after: tuple[str, int]) -> tuple[date, int]:
    try:
        return date.fromisoformat(after[0]), int(after[1])
    except (ValueError, OverflowError) as error:
        raise BadRequest("cursor_unknown") from error


def _sums(session: Session, conditions: Sequence[Any]) -> Sums:
    statement = (
        select(*_totals())
        .select_from(Movement)
        .join(Contract, col(Contract.id) == col(Movement.contract_id))
        .where(*conditions)
    )
    return Sums(*map(int, session.execute(statement).one()))


def _totals() -> list[Any]:
    columns = (Movement.count_delta, Movement.contract_amount_fen, Movement.technical_amount_fen)
    return [func.coalesce(func.sum(column), 0) for column in columns]


def _dimension(name: str) -> Any:
    if name not in DIMENSIONS:
        raise ValueError(f"movements are not grouped by {name}")
    if name in {"year", "month"}:
        return sa.extract(name, col(Movement.dated_on))
    return getattr(Movement, name)


def _line(movement: Movement, contract: Contract) -> MovementLine:
    return MovementLine(
        id=movement.id or 0,
        contract_code=contract.code,
        registration_number=contract.registration_number or "",
        title=contract.title,
        seller_name=contract.seller_name,
        buyer_name=contract.buyer_name,
        kind=movement.kind,
        dated_on=movement.dated_on,
        recorded_at=movement.recorded_at,
        contract_amount_fen=movement.contract_amount_fen,
        technical_amount_fen=movement.technical_amount_fen,
        count_delta=movement.count_delta,
        category=movement.category,
        seller_region=movement.seller_region,
        buyer_region=movement.buyer_region,
        chain=movement.chain,
        state=contract.state,
        changes=contract.changes,
        demo=contract.demo,
        reason=movement.reason,
    )
