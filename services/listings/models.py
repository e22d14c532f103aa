"""Needs, results, patents and experts as published: a head, its versions, their parameters."""

from datetime import date, datetime
from typing import Any

import sqlalchemy as sa
from sqlmodel import CheckConstraint, Field, Index, UniqueConstraint, text

from services.ground.database import Base, fen, json_column, text_column, utc


class Listing(Base, table=True):
    """The head of a record: whose it is, how far it has come, which version people see, which one is being worked on."""

    __tablename__ = "listing"
    __table_args__ = (
        CheckConstraint("kind IN ('need','result','patent','expert')", name="kind"),
        CheckConstraint("state IN ('draft','submitted','published','returned','withdrawn','fulfilled')", name="state"),
        Index(None, "kind", "state", "id"),
        Index(None, "state", "confirmed_at"),
        Index(
            "uq_listing_number",
            "number",
            unique=True,
            sqlite_where=text("number IS NOT NULL"),
            postgresql_where=text("number IS NOT NULL"),
        ),
    )
    id: int | None = Field(default=None, primary_key=True)
    code: str = Field(max_length=20, unique=True)
    kind: str = Field(max_length=10)
    owner_id: int = Field(foreign_key="organisation.id", index=True)
    state: str = Field(default="draft", max_length=12)
    number: str | None = Field(default=None, max_length=40)
    """The normalised application number of a patent; one number is one record."""
    region_code: str | None = Field(default=None, max_length=6)
    published_version: int | None = None
    working_version: int | None = None
    working_state: str | None = Field(default=None, max_length=12)
    """Of a published record with a working version: draft, submitted or returned."""
    version: int = 1
    created_at: datetime = Field(sa_column=utc())
    created_by: int | None = None
    on_behalf_of_id: int | None = None
    published_at: datetime | None = Field(default=None, sa_column=utc(nullable=True))
    confirmed_at: datetime | None = Field(default=None, sa_column=utc(nullable=True))
    withdrawn_at: datetime | None = Field(default=None, sa_column=utc(nullable=True))
    assigned_to: int | None = None
    """The moderator who has taken it on."""
    reasons: str = Field(default="", sa_column=text_column(1000))
    """Why a moderator returned the working version."""
    import_key: str | None = Field(default=None, max_length=120, unique=True)
    batch: str | None = Field(default=None, max_length=20, index=True)
    visible: bool = Field(default=True, sa_column_kwargs={"server_default": sa.true()})
    """False while the batch it came with is not switched on, and after that batch was taken back."""
    demo: bool = False


class ListingVersion(Base, table=True):
    """One wording of a record. What was published is kept; a later wording is a new row."""

    __tablename__ = "listing_version"
    __table_args__ = (
        UniqueConstraint("listing_id", "n"),
        CheckConstraint("maturity IS NULL OR maturity BETWEEN 1 AND 9", name="maturity"),
        CheckConstraint("budget_low_fen IS NULL OR budget_low_fen >= 0", name="budget_low"),
        CheckConstraint(
            "budget_high_fen IS NULL OR budget_high_fen >= COALESCE(budget_low_fen, 0)", name="budget_high"
        ),
    )
    id: int | None = Field(default=None, primary_key=True)
    listing_id: int = Field(foreign_key="listing.id")
    n: int
    title: str = Field(sa_column=text_column(200))
    summary: str = Field(default="", sa_column=text_column(500))
    body: str = Field(default="", sa_column=text_column(20_000))
    chain: str | None = Field(default=None, max_length=4)
    subfield: str | None = Field(default=None, max_length=8)
    maturity: int | None = None
    budget_low_fen: int | None = Field(default=None, sa_column=fen(nullable=True))
    budget_high_fen: int | None = Field(default=None, sa_column=fen(nullable=True))
    deadline: date | None = None
    cooperation: list[Any] = Field(default_factory=list, sa_column=json_column())
    levels: dict[str, Any] = Field(default_factory=dict, sa_column=json_column())
    """Field -> level of disclosure; what is not named is public."""
    details: dict[str, Any] = Field(default_factory=dict, sa_column=json_column())
    """What only one kind has: of a patent its kind, dates and legal status, of an expert title and fields."""
    created_at: datetime = Field(sa_column=utc())
    created_by: int | None = None


class Parameter(Base, table=True):
    """A 技术指标: one row of what is asked for or reached."""

    __tablename__ = "parameter"
    __table_args__ = (
        UniqueConstraint("version_id", "sequence"),
        CheckConstraint(
            "comparison IN ('eq','ge','gt','le','lt','between','approx','tolerance','change')", name="comparison"
        ),
        CheckConstraint("low IS NULL OR high IS NULL OR low <= high", name="range"),
    )
    id: int | None = Field(default=None, primary_key=True)
    version_id: int = Field(foreign_key="listing_version.id")
    sequence: int
    name: str = Field(sa_column=text_column(60))
    comparison: str = Field(max_length=10)
    low: float | None = None
    high: float | None = None
    unit: str = Field(default="", sa_column=text_column(20))
    must: bool = False
    method: str = Field(default="", sa_column=text_column(120))
    present: str = Field(default="", sa_column=text_column(60))


class ListingMove(Base, table=True):
    """Who moved a record, when, from where to where, and why."""

    __tablename__ = "listing_move"
    id: int | None = Field(default=None, primary_key=True)
    listing_id: int = Field(foreign_key="listing.id", index=True)
    at: datetime = Field(sa_column=utc())
    person_id: int | None = None
    move: str = Field(max_length=20)
    from_state: str = Field(max_length=12)
    to_state: str = Field(max_length=12)
    why: str = Field(default="", sa_column=text_column(1000))
