"""Organisations, people, roles, sessions, tokens. Personal data lies in a table of its own and is referred to by id."""

from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlmodel import CheckConstraint, Field, Index, UniqueConstraint

from services.ground.database import Base, json_column, text_column, utc

ORGANISATION_KINDS = ("enterprise", "university", "institute", "broker_firm", "government", "station", "other")


class Organisation(Base, table=True):
    """A 单位. Its 统一社会信用代码 is a claim until verified, and never a key."""

    __tablename__ = "organisation"
    __table_args__ = (
        CheckConstraint(
            "kind IN ('enterprise','university','institute','broker_firm','government','station','other')", name="kind"
        ),
        CheckConstraint("state IN ('active','closed')", name="state"),
    )
    id: int | None = Field(default=None, primary_key=True)
    code: str = Field(max_length=20, unique=True)
    name: str = Field(sa_column=text_column(200, index=True))
    short_name: str = Field(default="", sa_column=text_column(60))
    pinyin: str = Field(default="", sa_column=text_column(400, index=True))
    """Stored key for lists sorted by name: both databases sort it alike."""
    kind: str = Field(max_length=20, index=True)
    region_code: str | None = Field(default=None, max_length=6, index=True)
    uscc: str | None = Field(default=None, max_length=18, index=True)
    verified_at: datetime | None = Field(default=None, sa_column=utc(nullable=True))
    intro: str = Field(default="", sa_column=text_column(2000))
    state: str = Field(default="active", max_length=10)
    merged_into_id: int | None = None
    """A double that was found out: its address leads to the other one."""
    demo: bool = False
    version: int = 1
    created_at: datetime = Field(sa_column=utc())
    batch: str | None = Field(default=None, max_length=20, index=True)
    visible: bool = Field(default=True, sa_column_kwargs={"server_default": sa.true()})
    """False while the batch it came with is not switched on, and after that batch was taken back."""


class Person(Base, table=True):
    """Somebody who acts. Holds nothing that names the person; audit and history refer to this row."""

    __tablename__ = "person"
    id: int | None = Field(default=None, primary_key=True)
    pseudonym: str = Field(max_length=40)
    """Shown once the personal data are erased."""
    created_at: datetime = Field(sa_column=utc())
    erased_at: datetime | None = Field(default=None, sa_column=utc(nullable=True))
    demo: bool = False


class PersonData(Base, table=True):
    """What names a person. Erasure deletes this row."""

    __tablename__ = "person_data"
    person_id: int = Field(primary_key=True, foreign_key="person.id")
    name: str = Field(sa_column=text_column(60))
    email: str | None = Field(default=None, sa_column=text_column(200, nullable=True, index=True))
    email_proved_at: datetime | None = Field(default=None, sa_column=utc(nullable=True))
    """When a link sent to the address came back, or whoever runs the market wrote the address down."""
    phone: str | None = Field(default=None, max_length=40)


class Login(Base, table=True):
    """A name and a password hash (argon2id)."""

    __tablename__ = "login"
    person_id: int = Field(primary_key=True, foreign_key="person.id")
    name: str = Field(sa_column=text_column(60, unique=True))
    password_hash: str = Field(max_length=200)
    changed_at: datetime = Field(sa_column=utc())
    disabled_at: datetime | None = Field(default=None, sa_column=utc(nullable=True))


class RoleGrant(Base, table=True):
    """A role of a person, for an organisation or a region, until it is taken back."""

    __tablename__ = "role_grant"
    __table_args__ = (
        CheckConstraint(
            "role IN ('member','organisation_admin','broker','registrar','moderator','bureau_officer','station_clerk','administrator')",
            name="role",
        ),
        CheckConstraint(
            "role NOT IN ('member','organisation_admin') OR organisation_id IS NOT NULL",
            name="membership_has_organisation",
        ),
        Index(None, "person_id", "revoked_at"),
    )
    id: int | None = Field(default=None, primary_key=True)
    person_id: int = Field(foreign_key="person.id")
    role: str = Field(max_length=30)
    organisation_id: int | None = Field(default=None, foreign_key="organisation.id", index=True)
    region_code: str | None = Field(default=None, max_length=6)
    granted_at: datetime = Field(sa_column=utc())
    granted_by: int | None = None
    revoked_at: datetime | None = Field(default=None, sa_column=utc(nullable=True))


class WebSession(Base, table=True):
    """A signed-in browser. The cookie's value is known only as a hash."""

    __tablename__ = "web_session"
    __table_args__ = (Index(None, "person_id", "ended_at"),)
    id: int | None = Field(default=None, primary_key=True)
    token_hash: str = Field(max_length=64, unique=True)
    person_id: int = Field(foreign_key="person.id")
    organisation_id: int | None = None
    on_behalf_of_id: int | None = None
    started_at: datetime = Field(sa_column=utc())
    seen_at: datetime = Field(sa_column=utc())
    expires_at: datetime = Field(sa_column=utc())
    ended_at: datetime | None = Field(default=None, sa_column=utc(nullable=True))
    browser: str = Field(default="", max_length=120)


class ApiToken(Base, table=True):
    """A token for programs: shown once, stored as a hash, scoped, expiring, revocable."""

    __tablename__ = "api_token"
    id: int | None = Field(default=None, primary_key=True)
    prefix: str = Field(max_length=12)
    token_hash: str = Field(max_length=64, unique=True)
    person_id: int = Field(foreign_key="person.id", index=True)
    organisation_id: int | None = None
    label: str = Field(default="", sa_column=text_column(60))
    scopes: list[Any] = Field(default_factory=list, sa_column=json_column())
    created_at: datetime = Field(sa_column=utc())
    expires_at: datetime = Field(sa_column=utc())
    used_at: datetime | None = Field(default=None, sa_column=utc(nullable=True))
    revoked_at: datetime | None = Field(default=None, sa_column=utc(nullable=True))


class SignInTry(Base, table=True):
    """Failed sign-ins per name and per address (as hashes), for throttling."""

    __tablename__ = "sign_in_try"
    __table_args__ = (UniqueConstraint("key", "window_start"),)
    id: int | None = Field(default=None, primary_key=True)
    key: str = Field(max_length=64)
    window_start: datetime = Field(sa_column=utc(index=True))
    count: int = 0


class AccountLink(Base, table=True):
    """A link that a mail carried: for one purpose, once, for a while. Its text is known only as a hash."""

    __tablename__ = "account_link"
    __table_args__ = (Index(None, "purpose", "subject"),)
    id: int | None = Field(default=None, primary_key=True)
    purpose: str = Field(max_length=20)
    token_hash: str = Field(max_length=64, unique=True)
    person_id: int = Field(foreign_key="person.id", index=True)
    subject: str = Field(default="", max_length=60)
    """What it is about where it is not the person: the code of a record."""
    created_at: datetime = Field(sa_column=utc())
    expires_at: datetime = Field(sa_column=utc())
    used_at: datetime | None = Field(default=None, sa_column=utc(nullable=True))


class SecondFactor(Base, table=True):
    """The second factor of a person: a TOTP secret masked with the market's key, and the codes for a lost telephone."""

    __tablename__ = "second_factor"
    person_id: int = Field(primary_key=True, foreign_key="person.id")
    masked: str = Field(max_length=80)
    nonce: str = Field(max_length=32)
    created_at: datetime = Field(sa_column=utc())
    confirmed_at: datetime | None = Field(default=None, sa_column=utc(nullable=True))
    last_step: int = 0
    """The time step of the last code that was taken: no code is taken twice."""
    spare_hashes: list[Any] = Field(default_factory=list, sa_column=json_column())


class OrganisationClaim(Base, table=True):
    """Somebody says: this organisation is ours, and here is the paper that shows it."""

    __tablename__ = "organisation_claim"
    __table_args__ = (CheckConstraint("state IN ('waiting','accepted','refused')", name="state"),)
    id: int | None = Field(default=None, primary_key=True)
    organisation_id: int = Field(foreign_key="organisation.id", index=True)
    person_id: int = Field(foreign_key="person.id")
    file_id: int | None = Field(default=None, foreign_key="stored_file.id")
    uscc: str | None = Field(default=None, max_length=18)
    note: str = Field(default="", sa_column=text_column(500))
    state: str = Field(default="waiting", max_length=10)
    reasons: str = Field(default="", sa_column=text_column(500))
    created_at: datetime = Field(sa_column=utc())
    decided_at: datetime | None = Field(default=None, sa_column=utc(nullable=True))
    decided_by: int | None = None


class OrganisationMerge(Base, table=True):
    """Two entries were one organisation: which went into which, what was moved, and whether it was undone."""

    __tablename__ = "organisation_merge"
    id: int | None = Field(default=None, primary_key=True)
    from_id: int = Field(foreign_key="organisation.id", index=True)
    into_id: int = Field(foreign_key="organisation.id")
    at: datetime = Field(sa_column=utc())
    person_id: int | None = None
    moved: dict[str, Any] = Field(default_factory=dict, sa_column=json_column())
    """What was moved, so that undoing moves exactly that back."""
    undone_at: datetime | None = Field(default=None, sa_column=utc(nullable=True))
