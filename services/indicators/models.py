"""What an indicator is made of beside the contract ledger: GDP versions, targets, typed-in values, published cut-offs."""

from datetime import date, datetime
from typing import Any

from sqlmodel import CheckConstraint, Field, UniqueConstraint

from services.ground.database import Base, append_only, fen, json_column, text_column, utc


class GdpVersion(Base, table=True):
    """Nominal GDP of one year as somebody published it. A revision is a new row; published shares keep theirs."""

    __tablename__ = "gdp_version"
    __table_args__ = (CheckConstraint("value_fen > 0", name="value"),)
    id: int | None = Field(default=None, primary_key=True)
    year: int = Field(index=True)
    value_fen: int = Field(sa_column=fen())
    kind: str = Field(sa_column=text_column(20))
    source: str = Field(default="", sa_column=text_column(200))
    mark: str = Field(default="seen", max_length=12)
    note: str = Field(default="", sa_column=text_column(300))
    published_on: date | None = None
    entered_at: datetime = Field(sa_column=utc())
    entered_by: int | None = None
    demo: bool = False


class Target(Base, table=True):
    """A value to reach in a year, with where it is written. Sets are dated: the next plan brings its own."""

    __tablename__ = "target"
    id: int | None = Field(default=None, primary_key=True)
    indicator: str = Field(max_length=10, index=True)
    year: int
    value: str = Field(max_length=20)
    label: str = Field(sa_column=text_column(60))
    source: str = Field(sa_column=text_column(200))
    entered_at: datetime = Field(sa_column=utc())


class Observation(Base, table=True):
    """A value of an indicator for a period as printed somewhere, kept with its own digits."""

    __tablename__ = "observation"
    __table_args__ = (UniqueConstraint("indicator", "period", "source"),)
    id: int | None = Field(default=None, primary_key=True)
    indicator: str = Field(max_length=10)
    period: str = Field(max_length=20)
    value: str = Field(max_length=40)
    source: str = Field(sa_column=text_column(200))
    note: str = Field(default="", sa_column=text_column(500))
    entered_at: datetime = Field(sa_column=utc())


class CutOff(Base, table=True):
    """Finished public figures with the moment they were computed at. Never changed: a published figure stays published."""

    __tablename__ = "cut_off"
    id: int | None = Field(default=None, primary_key=True)
    indicator: str = Field(max_length=10, index=True)
    at: datetime = Field(sa_column=utc())
    figures: dict[str, Any] = Field(default_factory=dict, sa_column=json_column())
    sha256: str = Field(max_length=64)


append_only("cut_off")
