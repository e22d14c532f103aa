"""Around a contract: receipts, publicity before signing, the sharing of income, estimates and hints.

Nothing here touches 成交额 or the ledger: a royalty that comes in changes neither (reference, section 4).
"""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import Any

from sqlmodel import Session, col, select

from services.contracts import access, around_rules
from services.contracts.around_models import ContractPublicity, ContractReceipt, RewardPerson, RewardPlan, RewardShare
from services.contracts.around_rules import Estimate, Floor, Income, ShareOfReward
from services.contracts.around_schemas import (
    AroundOut,
    EstimateOut,
    FloorOut,
    PublicityIn,
    ReceiptIn,
    ReceiptOut,
    RewardPlanIn,
    ShareIn,
    TaxHintOut,
)
from services.contracts.content import Content
from services.contracts.models import Contract
from services.contracts.movements import standing_amounts
from services.contracts.moving import touch
from services.contracts.views import findings, words_of
from services.ground import audit, clock, reference
from services.ground.actor import Actor
from services.ground.database import check_version
from services.ground.errors import FieldError, Invalid
from services.ground.permissions import Thing, may

# -- reading ----------------------------------------------------------------------------------------------------------


def around(session: Session, actor: Actor, code: str) -> AroundOut:
    """Show what lies around a contract that the actor may see; names of those rewarded only to those who see contacts."""
    contract, thing = access.seen(session, actor, code)
    content = words_of(session, contract)[0]
    receipts = receipts_of(session, contract)
    received = sum(line.amount_fen for line in receipts)
    plan = _plan_of(session, contract, with_names=may(actor, "contract.see_contacts", thing))
    publicity = session.get(ContractPublicity, contract.id)
    rules_on = content.signed_on or clock.today()
    last = max((line.received_on for line in receipts), default=None)
    days, window = _number("PUBLICITY_DAYS", "value", rules_on), _number("IIT_CASH_REWARD", "window_months", last)
    founded = around_rules.is_state_founded(content)
    costs = sum(cost.amount_fen for cost in plan.costs) if plan else 0
    base = _base(plan, Income(received, costs))
    floor, wrong = _judge(plan, base, founded, rules_on)
    return AroundOut(
        code=contract.code,
        version=contract.version,
        receipts=[ReceiptOut.model_validate(line) for line in receipts],
        received_fen=received,
        publicity=_publicity_in(publicity) if publicity else None,
        rules_on=rules_on,
        publicity_days=days,
        publicity_source=around_rules.publicity_source(),
        publicity_findings=findings(_publicity_problems(publicity, content, days)),
        state_founded=founded,
        plan=plan,
        costs_fen=costs,
        base_fen=base,
        floor=FloorOut.model_validate(floor) if floor else None,
        unverified_rules=_unverified_rules(rules_on),
        reward_findings=findings(wrong),
        late_payments=around_rules.late_payments(_shares(plan), last, window, clock.today()) if window else 0,
        payment_months=window,
        estimates=[_estimate_out(item) for item in _estimates(session, contract, content, received)],
        tax_hints=[TaxHintOut.model_validate(hint) for hint in around_rules.tax_hints(content, rules_on)],
        may_write=_may_write(actor, contract, thing),
    )


def receipts_of(session: Session, contract: Contract) -> list[ContractReceipt]:
    """List what came in, by day."""
    statement = select(ContractReceipt).where(ContractReceipt.contract_id == contract.id)
    return list(session.exec(statement.order_by(col(ContractReceipt.received_on), col(ContractReceipt.id))))


def _may_write(actor: Actor, contract: Contract, thing: Thing) -> bool:
    return contract.state != "discarded" and may(actor, "contract.around", thing)


def _number(code: str, name: str, on: date | None) -> int | None:
    """Give a number of a rule as of a day (today when there is none yet); None where no such rule was in force."""
    found = reference.rule(None, code, on)
    return int(found.attributes[name]) if found else None


def _unverified_rules(on: date) -> list[str]:
    rows = [row for row in reference.entries(None, "dated_rules", on) if row.code.startswith("REWARD_")]
    return [f"{row.name} {row.attributes['value']} %" for row in rows if not row.verified]


def _base(plan: RewardPlanIn | None, income: Income) -> int:
    if plan is None or plan.kind == "transfer":
        return income.net
    return plan.base_fen or 0


def _shares(plan: RewardPlanIn | None) -> list[ShareOfReward]:
    return [ShareOfReward(item.amount_fen, item.is_main, item.paid_on) for item in plan.shares] if plan else []


def _judge(plan: RewardPlanIn | None, base: int, founded: bool, on: date) -> tuple[Floor | None, list[FieldError]]:
    """Judge a sharing by the floors that were in force when the contract was signed."""
    law = reference.rule(None, around_rules.FLOOR_OF[plan.kind if plan else "transfer"], on)
    rule = reference.rule(None, "REWARD_MAIN_CONTRIBUTOR", on)
    if law is None:
        return None, []
    floor = around_rules.reward_floor(base, law, plan.own_percent if plan else None, plan.own_rule if plan else None)
    if plan is None:
        return floor, []
    main = Decimal(str(rule.attributes["value"])) if rule else Decimal(0)
    wrong = around_rules.reward_problems(floor, law, _shares(plan), main_percent=main, base=base, state_founded=founded)
    return floor, wrong


def _publicity_problems(row: ContractPublicity | None, content: Content, days: int | None) -> list[FieldError]:
    if row is None or days is None:
        return []
    return around_rules.publicity_problems(
        row.published_from,
        row.published_to,
        days,
        signed_on=content.signed_on,
        objections=len(row.objections),
        handled=row.handled_on is not None,
    )


def _publicity_in(row: ContractPublicity) -> PublicityIn:
    return PublicityIn.model_validate({name: getattr(row, name) for name in PublicityIn.model_fields})


def _plan_of(session: Session, contract: Contract, *, with_names: bool) -> RewardPlanIn | None:
    row = session.get(RewardPlan, contract.id)
    if row is None:
        return None
    lines = session.exec(
        select(RewardShare, RewardPerson)
        .join(RewardPerson, col(RewardPerson.id) == col(RewardShare.person_id))
        .where(RewardShare.contract_id == contract.id)
        .order_by(col(RewardShare.sequence))
    ).all()
    shares = [
        ShareIn(
            name=(person.name if with_names and person.name else None) or f"第 {share.sequence} 人",
            amount_fen=share.amount_fen,
            is_main=share.is_main,
            paid_on=share.paid_on,
        )
        for share, person in lines
    ]
    fields = {name: getattr(row, name) for name in RewardPlanIn.model_fields if name != "shares"}
    return RewardPlanIn.model_validate(fields | {"shares": [share.model_dump() for share in shares]})


def _estimates(session: Session, contract: Contract, content: Content, received: int) -> list[Estimate]:
    # The base must be a registered value: nothing is estimated for a contract that does not stand in the ledger.
    if contract.state != "registered" or contract.registered_on is None:
        return []
    sums = standing_amounts(session, contract)
    bases = {
        "contract_amount": sums.contract_amount_fen,
        "technical_amount": sums.technical_amount_fen,
        "amount_paid": received,
    }
    return around_rules.estimates(content, contract.registered_on, bases)


def _estimate_out(item: Estimate) -> EstimateOut:
    rule = item.rule
    same = ("place", "payee", "percent", "conditions", "valid_from", "valid_to", "source", "verified", "ref", "note")
    return EstimateOut.model_validate(
        {name: getattr(rule, name) for name in same}
        | {"base_name": rule.base, "base_fen": item.base, "amount_fen": item.amount}
    )


# -- writing ----------------------------------------------------------------------------------------------------------


def _held(session: Session, actor: Actor, code: str, expected: int | None) -> Contract:
    contract, _thing = access.held(session, actor, code, "contract.around")
    check_version(contract, expected)
    return contract


def add_receipt(
    session: Session, actor: Actor, code: str, given: ReceiptIn, *, expected: int | None = None
) -> ContractReceipt:
    """Record money that came in. 成交额 stays: it changes only by a change of the registration.

    Raises Invalid for a day to come, for zero, and for less than nothing that is not a correction.
    """
    contract = _held(session, actor, code, expected)
    before = sum(line.amount_fen for line in receipts_of(session, contract))
    line = (given.received_on, given.kind, given.amount_fen)
    if wrong := around_rules.receipt_problems([line], clock.today(), before):
        raise Invalid([replace(item, field=item.field.removeprefix("receipts.0.")) for item in wrong])
    row = ContractReceipt(
        contract_id=contract.id or 0,
        recorded_at=clock.now(),
        recorded_by_id=actor.person_id,
        **given.model_dump(),
    )
    session.add(row)
    touch(contract)
    audit.record(session, actor, "contract.add_receipt", "contract", contract.code, receipt=given.kind)
    session.flush()
    return row


def save_publicity(
    session: Session, actor: Actor, code: str, given: PublicityIn, *, expected: int | None = None
) -> Contract:
    """Keep how name and price were published; what is short is told and never blocks."""
    contract = _held(session, actor, code, expected)
    _keep(session, contract, ContractPublicity, given.model_dump(), actor)
    return _saved(session, actor, contract, "contract.save_publicity")


def save_reward_plan(
    session: Session, actor: Actor, code: str, given: RewardPlanIn, *, expected: int | None = None
) -> Contract:
    """Keep the worksheet of 收益分配. What lies below a floor is told and never blocks: the institute answers for it."""
    contract = _held(session, actor, code, expected)
    values = given.model_dump(exclude={"shares"}) | {"costs": [cost.model_dump() for cost in given.costs]}
    _keep(session, contract, RewardPlan, values, actor)
    _keep_shares(session, contract, given.shares)
    return _saved(session, actor, contract, "contract.save_reward_plan")


def _keep(session: Session, contract: Contract, model: Any, values: dict[str, Any], actor: Actor) -> None:
    row = session.get(model, contract.id) or model(contract_id=contract.id or 0, **values, saved_at=clock.now())
    for name, value in values.items():
        setattr(row, name, value)
    row.saved_at, row.saved_by_id = clock.now(), actor.person_id
    session.add(row)


def _keep_shares(session: Session, contract: Contract, shares: Sequence[ShareIn]) -> None:
    """Replace the shares; a name that is not used any more is not kept."""
    for model in (RewardShare, RewardPerson):
        for row in session.exec(select(model).where(model.contract_id == contract.id)).all():
            session.delete(row)
        session.flush()
    for sequence, share in enumerate(shares, 1):
        person = RewardPerson(contract_id=contract.id or 0, name=share.name)
        session.add(person)
        session.flush()
        session.add(
            RewardShare(
                contract_id=contract.id or 0,
                person_id=person.id or 0,
                sequence=sequence,
                **share.model_dump(exclude={"name"}),
            )
        )


def _saved(session: Session, actor: Actor, contract: Contract, action: str) -> Contract:
    touch(contract)
    audit.record(session, actor, action, "contract", contract.code)
    session.flush()
    return contract
