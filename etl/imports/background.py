"""Batches that pages and API leave to the worker: a slice of work at a time, so that searching stays fresh meanwhile.

The outbox row of a batch stands for "somebody has to go on". Each slice ends with a new row behind everything that came
in between; when a process dies in a slice its row is still there, and the next one goes on behind the last whole chunk.
"""

from collections.abc import Sequence
from dataclasses import replace

import structlog
from sqlmodel import Session

from etl import imports
from etl.imports import passes
from etl.imports.passes import Pass, Stopped
from services.accounts import sessions
from services.ground import batches, outbox
from services.ground.actor import Actor, system_actor
from services.ground.batches import ImportBatch
from services.ground.errors import DomainError
from services.ground.market import Market

log = structlog.get_logger(__name__)
SLICE_SECONDS = 0.5
"""Other rows of the outbox wait no longer than this and a chunk."""


class Busy(Exception):
    """Another process holds the batch; it may be dead, which shows when it has said nothing for a while."""


@outbox.handler("import", away=(Busy,), alone=True)
def work(market: Market, rows: Sequence[outbox.Work]) -> set[int]:
    """Do a slice of every batch named. A batch that another process is at waits, and waiting is no failed try."""
    for row in rows:
        _slice(market, row.key)
    return {row.id for row in rows}


def actor_of(session: Session, row: ImportBatch) -> Actor:
    """Give whoever brought the file, with the roles held now. Raises NotFound for a person who is gone."""
    if row.person_id is None:
        return system_actor(row.actor_name or "operator")
    actor = sessions.actor_of_person(session, row.person_id, via="worker")
    acting = row.organisation_id if row.organisation_id in actor.organisation_ids else actor.organisation_id
    return replace(actor, organisation_id=acting, on_behalf_of_id=row.on_behalf_of_id)


def _slice(market: Market, code: str) -> None:
    with market.database.read() as session:
        if code not in batches.working(session):
            return
    who = passes.me()
    try:
        with market.database.write() as session:
            row = batches.locked(session, code)
            actor = actor_of(session, row)
            passes.take_over(session, row, who)
        _go_on(market, actor, row, who)
    except Stopped:
        return
    except DomainError as error:
        if error.code == "batch_busy":
            raise Busy(code) from error
        log.warning("import_stopped", batch=code, error=error.code)
        reason = error.fields[0].code if error.fields else error.code
        with market.database.write() as session:
            batches.end(session, batches.locked(session, code), "stopped", reason)
    except Exception:
        passes.give_up(who)
        raise


def _go_on(market: Market, actor: Actor, row: ImportBatch, who: str) -> None:
    if row.state == "removing":
        imports.drop_all(market, actor, row.code)
        return
    if row.state == "checking" and imports.understood(row):
        with market.database.write() as session:
            batches.end(session, batches.locked(session, row.code), "checked", "import_head_unknown")
        return
    if not Pass(market, actor, row, who).run(seconds=SLICE_SECONDS):
        with market.database.write() as session:
            batch = batches.locked(session, row.code)
            batch.claim = ""
            session.add(batch)
            outbox.add(session, "import", row.code)
        return
    if row.state == "checking":
        with market.database.write() as session:
            batches.end(session, batches.locked(session, row.code), "checked")
    else:
        imports.finish(market, actor, row.code, who)
