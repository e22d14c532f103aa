"""Batches of recorded contracts: switched on at once, and taken out of sight at once."""

from typing import Any

from sqlalchemy import update
from sqlmodel import Session, col, select

from services.contracts import reach
from services.contracts.models import Contract
from services.ground import audit
from services.ground.actor import Actor
from services.ground.errors import Conflict
from services.ground.permissions import Thing, require


def publish_batch(session: Session, actor: Actor, batch: str) -> int:
    """Switch a batch on: its contracts and their movements are seen from this moment. Returns how many."""
    return _switch(session, actor, batch, "publish", visible=True)


def discard_batch(session: Session, actor: Actor, batch: str) -> int:
    """Take a batch out of sight, before or after the switch. Raises Conflict once one of its contracts was worked on."""
    worked = session.exec(
        select(Contract.code).where(
            Contract.batch == batch,
            col(Contract.current_version) > 0,
            (col(Contract.version) > 1) | col(Contract.state).not_in(["registered", "discarded"]),
        )
    ).first()
    if worked:
        raise Conflict("batch_in_use", batch=batch, contract=worked)
    return _switch(session, actor, batch, "discard", visible=False)


def _switch(session: Session, actor: Actor, batch: str, name: str, *, visible: bool) -> int:
    mine = (col(Contract.batch) == batch, col(Contract.state) == "registered")
    found = session.execute(select(Contract.region_code).where(*mine).distinct()).scalars()
    for region in found:
        require(actor, "contract.record", Thing("contract", region_code=region))
    values: dict[str, Any] = {"visible": visible}
    if not visible:
        values |= {"state": "discarded", "import_key": None}
    statement = update(Contract).where(*mine)
    count = int(session.execute(statement.values(**values)).rowcount)  # type: ignore[attr-defined]
    reach.note_switch(session)
    audit.record(session, actor, f"contract.batch_{name}", "batch", batch, count=count)
    session.flush()
    return count
