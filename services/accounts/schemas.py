"""What goes in and out of accounts."""

import re
import unicodedata
from datetime import datetime
from typing import Annotated, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, StringConstraints

from services.ground.database import UNSTORABLE

SCOPES = ("read", "listings:write", "deals:write", "contracts:write", "contracts:register", "statistics:read", "admin")
Scope = Literal[
    "read", "listings:write", "deals:write", "contracts:write", "contracts:register", "statistics:read", "admin"
]
Kind = Literal["enterprise", "university", "institute", "broker_firm", "government", "station", "other"]
Role = Literal[
    "member",
    "organisation_admin",
    "broker",
    "registrar",
    "moderator",
    "bureau_officer",
    "station_clerk",
    "administrator",
]


def _clean(value: str) -> str:
    """Refuse what a database cannot hold; fold what people cannot see."""
    if UNSTORABLE.search(value):
        raise ValueError("nul_in_text")
    return unicodedata.normalize("NFC", value).strip()


Text = Annotated[str, AfterValidator(_clean)]


def _login_name(value: str) -> str:
    value = unicodedata.normalize("NFKC", value).strip().lower()
    if not re.fullmatch(r"[\w.@+-]{2,60}", value):
        raise ValueError("login_name_form")
    return value


LoginName = Annotated[str, Field(max_length=60), AfterValidator(_login_name)]
Email = Annotated[Text, Field(max_length=200, pattern=r"^[^@\s]+@[^@\s]+\.[^@\s]+$")]
Password = Annotated[str, StringConstraints(min_length=10, max_length=200)]


class OrganisationIn(BaseModel):
    """A 单位 as somebody enters it."""

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={"example": {"name": "演示单位甲", "kind": "enterprise", "region_code": None}},
    )
    name: Annotated[Text, Field(min_length=2, max_length=200)]
    short_name: Annotated[Text, Field(max_length=60)] = ""
    kind: Kind = "enterprise"
    region_code: Annotated[str, StringConstraints(pattern=r"^\d{6}$")] | None = None
    uscc: Annotated[Text, Field(max_length=18)] | None = None
    intro: Annotated[Text, Field(max_length=2000)] = ""


class OrganisationOut(BaseModel):
    """A 单位 as everybody may see it."""

    id: int = Field(exclude=True)
    code: str
    title: str
    state: str
    url: str
    name: str
    short_name: str
    kind: str
    region_code: str | None
    uscc: str | None
    verified: bool
    intro: str
    address: str = ""
    phone: str = ""
    demo: bool
    version: int


class SignUpIn(BaseModel):
    """A new account, and the organisation it belongs to (found by exact name, or made unverified)."""

    model_config = ConfigDict(extra="forbid")
    login: LoginName
    password: Password
    name: Annotated[Text, Field(min_length=1, max_length=60)]
    email: Email | None = None
    organisation: Annotated[Text, Field(min_length=2, max_length=200)]
    organisation_kind: Kind = "enterprise"
    region_code: Annotated[str, StringConstraints(pattern=r"^\d{6}$")] | None = None


class ProfileIn(BaseModel):
    """What names a person and how the person can be reached."""

    model_config = ConfigDict(extra="forbid")
    name: Annotated[Text, Field(min_length=1, max_length=60)]
    email: Email | None = None
    phone: Annotated[Text, Field(max_length=40, pattern=r"^[0-9 +()\-]{5,40}$")] | None = None


class NewPasswordIn(BaseModel):
    """A new password, after the old one was forgotten."""

    new: Password


class PasswordIn(BaseModel):
    """The old password and the new one."""

    model_config = ConfigDict(json_schema_extra={"example": {"old": "the-old-password", "new": "a-long-new-password"}})
    old: Annotated[str, Field(max_length=200)]
    new: Password


class TokenIn(BaseModel):
    """A token to be made."""

    model_config = ConfigDict(
        extra="forbid", json_schema_extra={"example": {"label": "夜间同步", "scopes": ["read"], "days": 90}}
    )
    label: Annotated[Text, Field(max_length=60)] = ""
    scopes: Annotated[list[Scope], Field(min_length=1, max_length=7)]
    days: Annotated[int, Field(ge=1, le=366)] = 90


class TokenOut(BaseModel):
    """A token as its owner sees it later: never the token itself."""

    id: int
    prefix: str
    label: str
    scopes: list[str]
    created_at: datetime
    expires_at: datetime
    used_at: datetime | None
    revoked_at: datetime | None


class NewTokenOut(TokenOut):
    """A token, this once with its text."""

    token: str


class SessionOut(BaseModel):
    """A signed-in browser of one's own."""

    id: int
    started_at: datetime
    seen_at: datetime
    expires_at: datetime
    browser: str
    current: bool = False


class MeOut(BaseModel):
    """Who the caller is."""

    name: str
    roles: list[str]
    organisations: list[OrganisationOut]
    acting_for: OrganisationOut | None
