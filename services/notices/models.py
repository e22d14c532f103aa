"""Notices, and how each person wants to be told."""

from datetime import date, datetime
from typing import Any

from sqlmodel import CheckConstraint, Field, Index

from services.ground.database import Base, json_column, text_column, utc


class Notice(Base, table=True):
    """One thing a person is told: a kind with particulars; the sentence is made in the language of the reader."""

    __tablename__ = "notice"
    __table_args__ = (Index(None, "person_id", "id"), Index(None, "mail", "id"))
    id: int | None = Field(default=None, primary_key=True)
    person_id: int = Field(foreign_key="person.id")
    kind: str = Field(max_length=40)
    params: dict[str, Any] = Field(default_factory=dict, sa_column=json_column())
    url: str = Field(default="", sa_column=text_column(300))
    created_at: datetime = Field(sa_column=utc())
    read_at: datetime | None = Field(default=None, sa_column=utc(nullable=True))
    mail: str = Field(default="none", max_length=10)
    """How far the mail about it has come: none (only in the market), waiting (for the digest), now, sent."""


class NoticeChoice(Base, table=True):
    """How a person wants to be told. Without a row: a digest a day, about everything."""

    __tablename__ = "notice_choice"
    __table_args__ = (CheckConstraint("mail IN ('each','daily','none')", name="mail"),)
    person_id: int = Field(primary_key=True, foreign_key="person.id")
    mail: str = Field(default="daily", max_length=10)
    stopped: list[Any] = Field(default_factory=list, sa_column=json_column())
    """Kinds this person does not want to hear of."""
    language: str = Field(default="zh", max_length=5)
    stop_key: str = Field(max_length=64, unique=True)
    """Stands in the mails: whoever has it can stop them with one click, and nothing else."""
    digested_on: date | None = None
    """The day of the last digest: nobody gets two on one day."""
