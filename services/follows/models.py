"""Searches and records that somebody wants to hear of."""

from datetime import datetime
from typing import Any

from sqlmodel import Field, UniqueConstraint

from services.ground.database import Base, json_column, text_column, utc


class SavedSearch(Base, table=True):
    """A search that is made again and again; what is new since `seen_at` is told."""

    __tablename__ = "saved_search"
    id: int | None = Field(default=None, primary_key=True)
    person_id: int = Field(foreign_key="person.id", index=True)
    name: str = Field(sa_column=text_column(100))
    words: str = Field(default="", sa_column=text_column(2000))
    filters: dict[str, Any] = Field(default_factory=dict, sa_column=json_column())
    seen_at: datetime = Field(sa_column=utc())
    created_at: datetime = Field(sa_column=utc())


class Follow(Base, table=True):
    """A record somebody follows, and the version of it that was seen last."""

    __tablename__ = "follow"
    __table_args__ = (UniqueConstraint("person_id", "code"),)
    id: int | None = Field(default=None, primary_key=True)
    person_id: int = Field(foreign_key="person.id")
    code: str = Field(max_length=20, index=True)
    seen_version: int = 0
    created_at: datetime = Field(sa_column=utc())
