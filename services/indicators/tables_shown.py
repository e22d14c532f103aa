"""Which tables somebody sees: live ones for those who may, for everybody else the years that were published last."""

from sqlmodel import Session

from services.ground.actor import Actor
from services.ground.errors import BadRequest, Forbidden, NotFound
from services.ground.permissions import may
from services.indicators import statistics
from services.indicators.publishing import published_tables
from services.indicators.statistics import Question
from services.indicators.table_schemas import Table
from services.indicators.tables import Definition


def definitions(actor: Actor) -> list[Definition]:
    """List the tables somebody may see."""
    inside = may(actor, "indicator.see_internal")
    return [item for item in statistics.ALL.values() if inside or not item.inside]


def one(session: Session, actor: Actor, code: str, asked: Question) -> Table:
    """Give one table. Raises NotFound for no such table or no such year published, Forbidden for one with names."""
    _has_an_end(asked)
    if may(actor, "indicator.see_internal"):
        return statistics.table(session, actor, code, asked)
    definition = statistics.ALL.get(code)
    if definition is None:
        raise NotFound("table", code[:20])
    if definition.inside:
        raise Forbidden("indicator.see_internal")
    found = next((table for table in every(session, actor, asked) if table.code == code), None)
    if found is None:
        raise NotFound("table", f"{code} {asked.period.code}"[:40])
    return found


def every(session: Session, actor: Actor, asked: Question) -> list[Table]:
    """Give all tables of a period; the public sees whole years in the default reading."""
    _has_an_end(asked)
    if may(actor, "indicator.see_internal"):
        return list(statistics.all_tables(session, actor, asked))
    is_public = asked.period.kind == "year" and asked.reading.code == "default" and asked.view == "now"
    return published_tables(session, asked.period.year) if is_public else []


def _has_an_end(asked: Question) -> None:
    """Tables compare a period with the one before; "everything" has none."""
    if asked.period.kind == "all":
        raise BadRequest("period_unreadable", value=asked.period.code)
