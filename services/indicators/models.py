"""What an indicator is made of beside the contract ledger: GDP versions, targets, typed-in values, published cut-offs."""

from datetime import date, datetime
from typing import Any

import sqlalchemy as sa
from sqlmodel import CheckConstraint, Field, Index, UniqueConstraint

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


class PlanSet(Base, table=True):
    """A plan that sets targets, entered here: which years it is about, its bases, and how GDP is expected to grow.

    Its targets are rows of `target`. The plan in force when the release was made is part of the release's data.
    """

    __tablename__ = "plan_set"
    __table_args__ = (
        UniqueConstraint("code"),
        CheckConstraint("base_year < first_year AND first_year <= last_year", name="years"),
    )
    id: int | None = Field(default=None, primary_key=True)
    code: str = Field(sa_column=text_column(20))
    name: str = Field(sa_column=text_column(60))
    short: str = Field(sa_column=text_column(20))
    box: str = Field(default="", sa_column=text_column(40))
    base_year: int
    first_year: int
    last_year: int
    source: str = Field(sa_column=text_column(200))
    growth: list[dict[str, str]] = Field(default_factory=list, sa_column=json_column())
    bases: dict[str, str] = Field(default_factory=dict, sa_column=json_column())
    withdrawn: bool = False
    entered_at: datetime = Field(sa_column=utc())
    entered_by: int | None = None


class Target(Base, table=True):
    """A value to reach in a year, with where it is written. Sets are dated: the next plan brings its own.

    A target for the whole city is a share or the indicator's own unit; one for a county or a chain is an amount. The
    newest row for the same thing counts; one that was withdrawn counts no more.
    """

    __tablename__ = "target"
    __table_args__ = (CheckConstraint("measure IN ('value', 'amount_wan')", name="measure"),)
    id: int | None = Field(default=None, primary_key=True)
    indicator: str = Field(max_length=10, index=True)
    year: int
    value: str = Field(max_length=20)
    label: str = Field(sa_column=text_column(60))
    source: str = Field(sa_column=text_column(200))
    plan_set: str = Field(default="", sa_column=text_column(60))
    """Which plan it belongs to: 十四五, 十五五, 年度考核."""
    measure: str = Field(default="value", max_length=12)
    region: str = Field(default="", sa_column=text_column(12))
    chain: str = Field(default="", sa_column=text_column(20))
    withdrawn: bool = False
    entered_at: datetime = Field(sa_column=utc())
    entered_by: int | None = None


class Observation(Base, table=True):
    """A value of an indicator for a period as printed somewhere, kept with its own digits."""

    __tablename__ = "observation"
    __table_args__ = (
        UniqueConstraint("indicator", "period", "source"),
        CheckConstraint("state IN ('draft', 'preliminary', 'final', 'disputed')", name="state"),
    )
    id: int | None = Field(default=None, primary_key=True)
    indicator: str = Field(max_length=10)
    period: str = Field(max_length=20)
    value: str = Field(max_length=40)
    source: str = Field(sa_column=text_column(200))
    note: str = Field(default="", sa_column=text_column(500))
    state: str = Field(default="final", max_length=12)
    """preliminary, final, disputed; a draft is seen inside only."""
    entered_at: datetime = Field(sa_column=utc())
    entered_by: int | None = None


class IndicatorDefinition(Base, table=True):
    """What an indicator means, who answers for it, in which version. Older versions stay: old values were made by them."""

    __tablename__ = "indicator_definition"
    __table_args__ = (UniqueConstraint("indicator", "version"),)
    id: int | None = Field(default=None, primary_key=True)
    indicator: str = Field(max_length=10)
    version: int
    definition: str = Field(sa_column=text_column(1000))
    scope: str = Field(default="", sa_column=text_column(200))
    unit: str = Field(default="", sa_column=text_column(20))
    owner: str = Field(default="", sa_column=text_column(80))
    valid_from: date | None = None
    entered_at: datetime = Field(sa_column=utc())
    entered_by: int | None = None


class CutOff(Base, table=True):
    """Finished public figures with the moment they were computed at. Never changed: a published figure stays published."""

    __tablename__ = "cut_off"
    id: int | None = Field(default=None, primary_key=True)
    indicator: str = Field(max_length=10, index=True)
    at: datetime = Field(sa_column=utc())
    figures: dict[str, Any] = Field(default_factory=dict, sa_column=json_column())
    sha256: str = Field(max_length=64)


append_only("cut_off")


class PublishedTables(Base, table=True):
    """The tables of one year as they were published, kept once under their hash however often they stay the same."""

    __tablename__ = "published_tables"
    sha256: str = Field(primary_key=True, max_length=64)
    year: int
    tables: list[dict[str, Any]] = Field(default_factory=list, sa_column=json_column())
    hidden: list[str] = Field(default_factory=list, sa_column=json_column(server_default="[]"))
    """Addresses of the figures of the year that are not in them: the next publication hides them too where they stand."""
    kept_at: datetime = Field(sa_column=utc())


append_only("published_tables")


class PeriodClosing(Base, table=True):
    """A closed period: what went in, what came out, and who closed it. A closed report is handed out as it was, for ever."""

    __tablename__ = "period_closing"
    __table_args__ = (UniqueConstraint("indicator", "period"),)
    id: int | None = Field(default=None, primary_key=True)
    indicator: str = Field(max_length=10)
    period: str = Field(max_length=20)
    closed_at: datetime = Field(sa_column=utc())
    closed_by: int | None = None
    last_movement: int
    """The last line of the ledger there was."""
    inputs: dict[str, Any] = Field(default_factory=dict, sa_column=json_column())
    """Movements and contract versions by number, GDP version, rule sets, definitions and readings."""
    tables: list[dict[str, Any]] = Field(default_factory=list, sa_column=json_column())
    sha256: str = Field(max_length=64)
    """Hash of the tables."""


class ClosingFile(Base, table=True):
    """One finished file of a closed period, byte for byte."""

    __tablename__ = "closing_file"
    __table_args__ = (UniqueConstraint("closing_id", "name"),)
    id: int | None = Field(default=None, primary_key=True)
    closing_id: int = Field(foreign_key="period_closing.id")
    name: str = Field(sa_column=text_column(80))
    media_type: str = Field(max_length=100)
    size: int
    sha256: str = Field(max_length=64)
    content: bytes = Field(sa_column=sa.Column(sa.LargeBinary, nullable=False))


for _table in ("indicator_definition", "period_closing", "closing_file"):
    append_only(_table)


class StatisticSum(Base, table=True):
    """A part of the sums of one cut in one month, as the ledger stood up to a line. Parts of the same key add up."""

    __tablename__ = "statistic_sum"
    __table_args__ = (Index(None, "cut", "month"),)
    id: int | None = Field(default=None, primary_key=True)
    cut: str = Field(sa_column=text_column(60))
    month: int
    """Year and month of the day that decides the period: 202603."""
    key: str = Field(sa_column=text_column(60))
    count: int
    amount_fen: int = Field(sa_column=fen())
    technical_fen: int = Field(sa_column=fen())


class StatisticState(Base, table=True):
    """How far the sums reach: the last line of the ledger they hold, and the switch of batches they were made under."""

    __tablename__ = "statistic_state"
    id: int = Field(default=1, primary_key=True)
    last_movement: int
    switches: int
    made_at: datetime = Field(sa_column=utc())
