"""One move of one contract: is it possible from here, by whom, why; and the line in the history that says so."""

from dataclasses import asdict, dataclass

from sqlalchemy.dialects import postgresql, sqlite
from sqlmodel import Session, col, select

from services.contracts import rules
from services.contracts.deadlines import Clock, Pause, decision_clock
from services.contracts.models import Contract, ContractMove, ContractOrganisation, RuleSet
from services.contracts.rule_sets import RuleSetView, in_force, shipped
from services.ground import audit, clock
from services.ground.actor import Actor
from services.ground.errors import Conflict, Invalid
from services.ground.workdays import calendar_of
from services.notices import service as notices


class MoveImpossible(Conflict):
    """The contract does not stand where this can be done."""

    code = "contract_move_impossible"


@dataclass(frozen=True)
class Why:
    """What is said about a move: a coded ground, a sentence, a paper."""

    reason: str | None = None
    ground: str | None = None
    evidence: str | None = None


NO_REASON = Why()
TOLD = {
    "return": "contract_returned",
    "supplement": "contract_returned",
    "refuse": "contract_refused",
    "register": "contract_registered",
    "change": "contract_changed",
    "cancel": "contract_ended",
    "revoke": "contract_ended",
}
"""Moves of the desk that the parties are told of, and the kind of notice."""


def check(contract: Contract, name: str, why: Why = NO_REASON) -> rules.Move:
    """Give the move. Raises MoveImpossible from a wrong state, Invalid when it needs a reason and has none."""
    move = rules.MOVES[name]
    if contract.state not in move.sources:
        raise MoveImpossible(state=contract.state, move=name)
    if move.needs_reason and not why.reason:
        raise Invalid("reason", "required")
    return move


def step(
    session: Session, actor: Actor, contract: Contract, name: str, *, to: str | None = None, why: Why = NO_REASON
) -> None:
    """Make the move: new state, one more version of the head, a line of history, a line of the audit trail."""
    move = check(contract, name, why)
    before = contract.state
    after = to or move.target or before
    contract.state = after
    touch(contract)
    session.add(contract)
    session.add(
        ContractMove(
            contract_id=contract.id or 0,
            at=clock.now(),
            move=name,
            from_state=before,
            to_state=after,
            version_number=contract.current_version,
            person_id=actor.person_id,
            organisation_id=actor.organisation_id,
            on_behalf_of_id=actor.on_behalf_of_id,
            ground=why.ground,
            reason=why.reason,
            evidence=why.evidence,
        )
    )
    audit.record(
        session, actor, f"contract.{name}", "contract", contract.code, before=before, after=after, ground=why.ground
    )
    session.flush()
    _tell_parties(session, actor, contract, name)


def _tell_parties(session: Session, actor: Actor, contract: Contract, name: str) -> None:
    """Tell the people of the parties what the desk decided; what was written to them stands on the page."""
    kind = TOLD.get(name)
    if kind is None:
        return
    params = {"title": contract.title, "number": contract.registration_number or ""}
    parties = select(ContractOrganisation.organisation_id).where(ContractOrganisation.contract_id == contract.id)
    for organisation in session.exec(parties.order_by(col(ContractOrganisation.organisation_id))).all():
        notices.notify(
            session,
            kind,
            params,
            url=f"/contracts/{contract.code}",
            organisation_id=organisation,
            but=actor.person_id,
        )


def touch(contract: Contract) -> None:
    """Raise the version of the head, so that whoever saw the old one is told."""
    contract.version += 1
    contract.updated_at = clock.now()


def moves_of(session: Session, contract: Contract) -> list[ContractMove]:
    """List what happened to a contract, oldest first."""
    return list(
        session.exec(select(ContractMove).where(ContractMove.contract_id == contract.id).order_by(col(ContractMove.id)))
    )


# -- rules and time -----------------------------------------------------------------------------------------------


def rules_on(session: Session, contract: Contract) -> RuleSetView | None:
    """Give the rule set a contract is judged by: its own once accepted, until then the one in force today."""
    row = session.get(RuleSet, contract.rule_set_id) if contract.rule_set_id is not None else None
    if row is None:
        return in_force(shipped(), contract.accepted_on or clock.today())
    return RuleSetView(**row.model_dump(exclude={"id"}))


def rule_set_id(session: Session, view: RuleSetView) -> int:
    """Give the id of the row that keeps a rule set, written when the first contract is judged by it.

    The row stays as it was then: a later release with other parameters does not change what was decided.
    """
    found = session.exec(select(RuleSet.id).where(RuleSet.code == view.code)).first()
    if found is None:
        table = RuleSet.__table__  # type: ignore[attr-defined]
        insert = postgresql.insert if session.get_bind().dialect.name == "postgresql" else sqlite.insert
        session.execute(insert(table).values(asdict(view)).on_conflict_do_nothing(index_elements=["code"]))
        found = session.exec(select(RuleSet.id).where(RuleSet.code == view.code)).one()
    return found or 0


def clock_of(session: Session, contract: Contract) -> Clock | None:
    """Say where the time for the decision stands; None before acceptance and after the decision."""
    waiting = contract.state in rules.OPEN_REVIEW or contract.state == "supplement_requested"
    view = rules_on(session, contract)
    if contract.accepted_on is None or not waiting or view is None:
        return None
    history = moves_of(session, contract)
    days, kind = view.decision_days(experts=any(move.move == "experts" for move in history))
    return decision_clock(
        contract.accepted_on,
        clock.today(),
        days=days,
        kind=kind,
        pauses=pauses_of(history, contract),
        calendar=calendar_of(session),
    )


def pauses_of(history: list[ContractMove], contract: Contract) -> list[Pause]:
    """Read from the history when the clock stood still: from asking for papers to their coming."""
    pauses: list[Pause] = []
    for move in history:
        day = move.at.astimezone(clock.LAW_ZONE).date()
        if move.move == "supplement":
            pauses.append(Pause(day))
        elif move.move == "submit" and pauses and pauses[-1].until is None:
            pauses[-1] = Pause(pauses[-1].since, day)
    if contract.state != "supplement_requested" and pauses and pauses[-1].until is None:
        pauses[-1] = Pause(pauses[-1].since, clock.today())
    return pauses


def set_due(session: Session, contract: Contract) -> None:
    """Keep on the head when the decision is due, so that the queue can be ordered by it."""
    state = clock_of(session, contract)
    contract.due_on = state.due_on if state else None
    session.add(contract)
