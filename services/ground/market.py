"""The market itself: whether it is a demo, and the parts that are opened once per process (database, engine, settings)."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING

from sqlmodel import Field, Session

from services.ground.database import Base, Database, utc
from services.ground.settings import Settings
from services.ground.tally import Tally

if TYPE_CHECKING:
    from search.engine import Engine


class MarketRow(Base, table=True):
    """The one row about this market. A market is demo or real for ever."""

    __tablename__ = "market"
    id: int | None = Field(default=1, primary_key=True)
    demo: bool = False
    made_at: datetime = Field(sa_column=utc())
    reference_hash: str = Field(default="", max_length=64)
    """Hash of the reference data that was loaded; another one means `yaosu migrate` has to load it anew."""


@dataclass
class Market:
    """What a process needs to serve one market. Made once by the assembled application, the worker or a command."""

    settings: Settings
    database: Database
    engine: "Engine"
    tally: Tally = field(default_factory=Tally)

    def close(self) -> None:
        """Give back what was opened."""
        self.engine.close()
        self.database.close()


def is_demo(session: Session) -> bool:
    """Say whether this is a demo market."""
    row = session.get(MarketRow, 1)
    return bool(row and row.demo)
