"""What the market remembers of searching: queries without the persons who asked, and the synonyms it has added."""

from datetime import date, datetime
from typing import Any

from sqlmodel import CheckConstraint, Field, UniqueConstraint

from services.ground.database import Base, json_column, text_column, utc


class SearchQuery(Base, table=True):
    """One normalised query on one day. Nobody can say from it who asked."""

    __tablename__ = "search_query"
    __table_args__ = (UniqueConstraint("day", "query"),)
    id: int | None = Field(default=None, primary_key=True)
    day: date
    query: str = Field(sa_column=text_column(80))
    searches: int = 0
    empty: int = 0
    """How often no record held all the words."""
    clicks: int = 0
    """How often a record was opened from the list."""


class Synonym(Base, table=True):
    """Words for one thing, as a curator of this market has added them. Removed ones stay, for the trail."""

    __tablename__ = "synonym"
    __table_args__ = (CheckConstraint("kind IN ('term','spelling')", name="kind"),)
    id: int | None = Field(default=None, primary_key=True)
    kind: str = Field(max_length=10)
    words: list[Any] = Field(default_factory=list, sa_column=json_column())
    """Normalised words."""
    added_at: datetime = Field(sa_column=utc())
    added_by: int | None = None
    removed_at: datetime | None = Field(default=None, sa_column=utc(nullable=True))
    removed_by: int | None = None
