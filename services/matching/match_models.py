"""What matching remembers: hits that somebody was told of, and the quality that was measured."""

from datetime import datetime
from typing import Any

from sqlmodel import CheckConstraint, Field, Index, UniqueConstraint

from services.ground.database import Base, json_column, text_column, utc


class MatchHit(Base, table=True):
    """A new record fits a need that was there before. Once for each pair, so that nobody is told twice."""

    __tablename__ = "match_hit"
    __table_args__ = (UniqueConstraint("need_id", "record_id"), CheckConstraint("level BETWEEN 3 AND 4", name="level"))
    id: int | None = Field(default=None, primary_key=True)
    need_id: int = Field(foreign_key="listing.id")
    need_owner_id: int = Field(foreign_key="organisation.id", index=True)
    record_id: int = Field(foreign_key="listing.id", index=True)
    level: int
    score: float
    ranker: str = Field(sa_column=text_column(120))
    found_at: datetime = Field(sa_column=utc())


class QualityRun(Base, table=True):
    """One measurement of the quality of matching: of the labelled set, or of the market itself."""

    __tablename__ = "quality_run"
    __table_args__ = (CheckConstraint("kind IN ('labelled','market')", name="kind"), Index(None, "kind", "id"))
    id: int | None = Field(default=None, primary_key=True)
    kind: str = Field(max_length=10)
    at: datetime = Field(sa_column=utc())
    figures: dict[str, Any] = Field(default_factory=dict, sa_column=json_column())
