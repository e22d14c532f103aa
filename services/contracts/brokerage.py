"""What brokers brought about, contract by contract: what stands, what was paid in, and what a dated rule would give them.

Receipts are counted on their own day, in the receipts ledger; they are no part of 成交额 (reference, section 4).
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from sqlmodel import Session, col, func, or_, select

from services.contracts import around_rules
from services.contracts.around_models import ContractReceipt
from services.contracts.around_rules import Facts, Side
from services.contracts.beside_queries import LATER, is_last
from services.contracts.models import Contract, Movement


@dataclass(frozen=True)
class Brokered:
    """One contract a broker brought about, as its last line says; amounts in fen, receipts those of the period."""

    contract_id: int
    broker_id: int
    registered_on: date
    facts: Facts
    contract_amount_fen: int
    technical_amount_fen: int
    received_fen: int


@dataclass
class Earned:
    """What a broker's contracts come to in a period."""

    received_fen: int = 0
    estimate_fen: int | None = None
    """None where no verified rule applies to any of the contracts: 估算，不作承诺."""
    by_rule: dict[tuple[str, int], int] = field(default_factory=dict)


def earned(session: Session, since: date, until: date, *, up_to_id: int = 0) -> dict[int, Earned]:
    """Give by broker what was paid in during a period, and what known rules would give for it, capped a year and rule."""
    found: dict[int, Earned] = {}
    for item in brokered(session, since, until, up_to_id=up_to_id):
        mine = found.setdefault(item.broker_id, Earned())
        mine.received_fen += item.received_fen
        is_new = since <= item.registered_on <= until
        bases = {
            "contract_amount": item.contract_amount_fen if is_new else 0,
            "technical_amount": item.technical_amount_fen if is_new else 0,
            "amount_paid": item.received_fen,
        }
        for estimate in around_rules.estimates_of(item.facts, item.registered_on, bases, payee="broker"):
            if estimate.amount is not None:
                key = (estimate.rule.code, item.registered_on.year)
                mine.by_rule[key] = mine.by_rule.get(key, 0) + estimate.amount
    for mine in found.values():
        if mine.by_rule:
            mine.estimate_fen = sum(_capped(code, amount) for (code, _year), amount in mine.by_rule.items())
    return found


def _capped(code: str, amount: int) -> int:
    cap = next((rule.cap_yuan for rule in around_rules.subsidies() if rule.code == code), None)
    return min(amount, cap * 100) if cap is not None else amount


def brokered(session: Session, since: date, until: date, *, up_to_id: int = 0) -> list[Brokered]:
    """List the contracts of brokers that were registered in a period or had receipts in it. Asks no permission."""
    inside: list[Any] = [col(Movement.id) <= up_to_id] if up_to_id else []
    known = [LATER.id <= up_to_id] if up_to_id else []
    paid_in = col(ContractReceipt.received_on).between(since, until)
    paid = select(ContractReceipt.contract_id).where(paid_in)
    rows = session.exec(
        select(Movement)
        .join(Contract, col(Contract.id) == col(Movement.contract_id))
        .where(
            is_last(*known),
            *inside,
            col(Movement.broker_id).is_not(None),
            col(Movement.is_home_output),
            col(Contract.visible),
            or_(col(Movement.original_on).between(since, until), col(Movement.contract_id).in_(paid)),
        )
        .order_by(col(Movement.id))
    ).all()
    numbers = [row.contract_id for row in rows]
    sums = _sums(session, numbers, inside)
    receipts = _receipts(session, numbers, since, until)
    return [
        Brokered(
            contract_id=row.contract_id,
            broker_id=row.broker_id or 0,
            registered_on=row.original_on,
            facts=Facts(
                row.category, Side(row.seller_region, row.seller_group), Side(row.buyer_region, row.buyer_group)
            ),
            contract_amount_fen=sums[row.contract_id][0],
            technical_amount_fen=sums[row.contract_id][1],
            received_fen=receipts.get(row.contract_id, 0),
        )
        for row in rows
    ]


CHUNK = 500


def _sums(session: Session, numbers: list[int], inside: list[Any]) -> dict[int, tuple[int, int]]:
    totals = [func.sum(col(name)) for name in (Movement.contract_amount_fen, Movement.technical_amount_fen)]
    found = {}
    for part in _parts(numbers):
        wanted = select(Movement.contract_id, *totals).where(col(Movement.contract_id).in_(part), *inside)
        for contract, amount, technical in session.execute(wanted.group_by(col(Movement.contract_id))):
            found[int(contract)] = (int(amount), int(technical))
    return found


def _receipts(session: Session, numbers: list[int], since: date, until: date) -> dict[int, int]:
    found = {}
    for part in _parts(numbers):
        wanted = select(ContractReceipt.contract_id, func.sum(col(ContractReceipt.amount_fen))).where(
            col(ContractReceipt.contract_id).in_(part), col(ContractReceipt.received_on).between(since, until)
        )
        for contract, amount in session.execute(wanted.group_by(col(ContractReceipt.contract_id))):
            found[int(contract)] = int(amount)
    return found


def _parts(numbers: list[int]) -> Iterable[list[int]]:
    return (numbers[start : start + CHUNK] for start in range(0, len(numbers), CHUNK))
