"""How far the ledger reaches: its last line, the switches of batches, and what was written behind a line.

Whatever keeps sums of movements asks here whether they are still right.
"""

from typing import Any

import sqlalchemy as sa
from sqlmodel import Session, col, func, select

from services.contracts.models import Movement
from services.ground.identifiers import Counter, next_number

SWITCH, SWITCH_YEAR = "SW", 1
"""Name of the counter of switched batches; it belongs to no year."""
_ID: Any = col(Movement.id)


def hold(session: Session) -> int:
    """Let nobody write to the ledger until this transaction ends, and give the number of its last line.

    Then "up to this line" means the same for every later question: a line that is written but not yet committed would
    otherwise get into the books behind a report's back. SQLite's write transactions stand alone anyway.
    """
    if session.get_bind().dialect.name == "postgresql":
        session.execute(sa.text("LOCK TABLE movement, contract IN SHARE MODE"))
    return last_movement(session)


def note_switch(session: Session) -> None:
    """Say that contracts were made visible or invisible behind the ledger's back: kept sums are no longer right."""
    next_number(session, SWITCH, year=SWITCH_YEAR)


def switches(session: Session) -> int:
    """Count how often that happened."""
    row = session.get(Counter, (SWITCH, SWITCH_YEAR))
    return row.value if row else 0


def reach_of(last: Any, switched: Any) -> Any:
    """Write the question how something that was added up to line `last`, under switch `switched`, stands to the ledger.

    One row: -1, the days of the first and last line written since ("2025-01-03/2025-02-11", "" for none), the line, the
    switch it was made under, the switch of now.
    """
    # As words: the least of the days themselves would be looked for along their index, past every older line.
    day = sa.cast(col(Movement.dated_on), sa.String)
    days = func.min(day) + "/" + func.max(day)
    since = sa.select(func.coalesce(days, "")).where(last < _ID).correlate_except(Movement).scalar_subquery()
    mine = (col(Counter.prefix) == SWITCH, col(Counter.year) == SWITCH_YEAR)
    now = sa.select(col(Counter.value)).where(*mine).scalar_subquery()
    return sa.select(sa.literal_column("-1"), since, last, switched, func.coalesce(now, 0))


def last_movement(session: Session) -> int:
    """Give the number of the last line of the ledger, 0 for an empty one."""
    return int(session.execute(select(func.coalesce(func.max(_ID), 0))).scalar_one())
