"""A change that puts a contract under other words: what stands is taken out of the old rows and put into the new ones.

A change of category, chain, field, region or buyer would otherwise leave the contract counted in its old row for ever and
its later amounts in the new one. Two lines of the kind `correction` that sum to nothing move it, in the period of the
change; the restated view counts both in the period of the registration, so there the contract was always where it is now.
"""

from collections.abc import Mapping
from typing import Any

from sqlmodel import Session, col, select

from services.contracts.content import Content
from services.contracts.models import Contract, Movement, MovementShare
from services.contracts.movements import share_rows, write_movement
from services.ground.database import insert_many

WORDS = (
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
    "seller_country",
    "buyer_country",
    "seller_group",
    "buyer_group",
    "broker_id",
    "signed_on",
    "is_related_party",
    "is_import",
    "is_home_output",
)
"""What figures are cut by. Which organisation of this market a party is, is not among them: that is learnt, not changed."""
REASON = "归类变动：{reason}"
MEASURES = ("count_delta", "contract_amount_fen", "technical_amount_fen")
ORGANISATIONS = ("seller_organisation_id", "buyer_organisation_id")
SHARE_WORDS = ("role", "sequence", "region_code", "party_group")


def move_to_new_words(session: Session, contract: Contract, values: Mapping[str, Any], content: Content) -> None:
    """Write the lines that move what stands to the words of `values`, a line about to be written; none where they agree.

    Only what stands elsewhere is moved: after it, everything of the contract stands under the new words.
    """
    lines = session.exec(select(Movement).where(Movement.contract_id == contract.id).order_by(col(Movement.id))).all()
    shares = _shares_of(session, [line.id or 0 for line in lines])
    groups: dict[tuple[Any, ...], list[Movement]] = {}
    for line in lines:
        groups.setdefault(_words(line, shares.get(line.id or 0, [])), []).append(line)
    new = _words_of(values, content)
    elsewhere = [group for words, group in groups.items() if words != new]
    moved = [0, 0, 0]
    for group in elsewhere:
        sums = [sum(getattr(line, name) for line in group) for name in MEASURES]
        if any(sums):
            _take_out(session, group, shares, values, sums)
            moved = [one + more for one, more in zip(moved, sums, strict=True)]
    if any(moved):
        back = {**_moving(values), **dict(zip(MEASURES, moved, strict=True)), "standing_amount_fen": moved[1]}
        write_movement(session, back, content)


def _moving(values: Mapping[str, Any]) -> dict[str, Any]:
    """Give a line that only moves: of the day and by the person of the change."""
    return {**values, "kind": "correction", "reason": REASON.format(reason=values["reason"] or "")[:500]}


def _take_out(
    session: Session,
    group: list[Movement],
    shares: Mapping[int, list[MovementShare]],
    values: Mapping[str, Any],
    sums: list[int],
) -> None:
    """Take out of some words all that stands there, with the parts of each party."""
    last = group[-1]
    named = {name: getattr(last, name) for name in (*WORDS, *ORGANISATIONS, "is_split", "amount_status")}
    taken = {name: -value for name, value in zip(MEASURES, sums, strict=True)}
    line = {**_moving(values), **named, **taken, "standing_amount_fen": 0}
    number = insert_many(session, Movement, [line])[0]
    parts: dict[tuple[Any, ...], dict[str, Any]] = {}
    for movement in group:
        for share in shares.get(movement.id or 0, []):
            key = tuple(getattr(share, name) for name in SHARE_WORDS)
            part = parts.setdefault(key, {"movement_id": number, "organisation_id": share.organisation_id})
            part |= dict(zip(SHARE_WORDS, key, strict=True))
            for name in MEASURES:
                part[name] = part.get(name, 0) - getattr(share, name)
    insert_many(session, MovementShare, list(parts.values()))


def _shares_of(session: Session, numbers: list[int]) -> dict[int, list[MovementShare]]:
    found: dict[int, list[MovementShare]] = {}
    wanted = select(MovementShare).where(col(MovementShare.movement_id).in_(numbers)).order_by(col(MovementShare.id))
    for share in session.exec(wanted):
        found.setdefault(share.movement_id, []).append(share)
    return found


def _words(line: Movement, shares: list[MovementShare]) -> tuple[Any, ...]:
    parties = sorted((share.role, share.sequence, share.region_code or "", share.party_group or "") for share in shares)
    return (*(_plain(getattr(line, name)) for name in WORDS), *parties)


def _words_of(values: Mapping[str, Any], content: Content) -> tuple[Any, ...]:
    rows = share_rows(0, values, content) if values["is_split"] else []
    parties = sorted((row["role"], row["sequence"], row["region_code"] or "", row["party_group"] or "") for row in rows)
    return (*(_plain(values[name]) for name in WORDS), *parties)


def _plain(value: Any) -> Any:
    """An absent word is kept as nothing or as "": figures are cut by both alike."""
    return "" if value is None else value
