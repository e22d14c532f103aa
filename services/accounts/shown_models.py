"""What a person or an organisation has agreed to show."""

from datetime import datetime
from typing import Any

from sqlmodel import CheckConstraint, Field, UniqueConstraint

from services.ground.database import Base, json_column, text_column, utc


class ShownChoice(Base, table=True):
    """What of an organisation, an expert's entry or a broker is shown. Without a row: what `shown.DEFAULTS` says."""

    __tablename__ = "shown_choice"
    __table_args__ = (
        UniqueConstraint("kind", "key"),
        CheckConstraint("kind IN ('organisation','expert','broker')", name="kind"),
    )
    id: int | None = Field(default=None, primary_key=True)
    kind: str = Field(max_length=12)
    key: str = Field(max_length=20)
    """The code of the organisation or the entry; of a broker the number of the person."""
    person_id: int | None = Field(default=None, foreign_key="person.id")
    """Whose decision it is alone: the broker, or the expert once the entry was said to be about that person."""
    shown: list[Any] = Field(default_factory=list, sa_column=json_column())
    words: str = Field(default="", sa_column=text_column(200))
    """Fields of work in the broker's own words; of an organisation its address."""
    phone: str = Field(default="", max_length=40)
    """Of an organisation, the number it wants to be called at."""
    version: int = 1
    changed_at: datetime = Field(sa_column=utc())
    changed_by: int | None = None
