"""All settings of the program, in one place. They come from the environment (prefix YAOSU_) or a `.env` file."""

import os
import secrets
from functools import cached_property
from pathlib import Path
from typing import Literal, Self

from pydantic import Field, SecretStr, ValidationError, field_validator, model_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

from services.ground.actor import ROLES


class WrongSetting(Exception):
    """A setting that the program cannot start with. The message names it and says how to mend it."""


class Settings(BaseSettings):
    """The operator's choices. Absent means the embedded shape: one process, no server."""

    model_config = SettingsConfigDict(env_prefix="YAOSU_", env_file=".env", extra="ignore", frozen=True)

    home: Path = Field(Path("./var"), description="Folder for everything that the embedded shape writes.")
    database_url: str | None = Field(None, description="PostgreSQL, postgresql://…; absent: SQLite in the home.")
    search_url: str | None = Field(None, description="Elasticsearch, http(s)://…; absent: the embedded engine.")
    search_api_key: SecretStr | None = Field(None, description="API key for Elasticsearch.")
    search_ca: Path | None = Field(None, description="Certificate authority file for Elasticsearch.")
    search_prefix: str = Field(
        "yaosu", description="Prefix of every index of this market.", pattern=r"^[a-z0-9-]{1,40}$"
    )
    broker_url: str | None = Field(None, description="Redis, redis://…; absent: a worker thread in the web process.")
    files: Path | None = Field(None, description="Folder for uploaded files; absent: `files` in the home.")
    secret_key: SecretStr | None = Field(None, description="Signs cookies; required together with a database URL.")
    public_url: str = Field("http://127.0.0.1:8000", description="Address under which people reach this market.")
    trusted_proxies: str = Field("", description="Addresses of proxies whose X-Forwarded-For is believed, by comma.")
    second_factor_roles: str = Field(
        "", description="Roles, by comma, that sign in with a second factor: registrar,bureau_officer,administrator."
    )
    mail_url: str | None = Field(
        None, description="smtp(s)://user:password@host:port; absent: mail is written to a folder."
    )
    log_level: Literal["debug", "info", "warning", "error"] = Field(
        "info", description="How much the program itself tells in its log; its libraries tell from warning on."
    )
    max_upload_mb: int = Field(20, ge=1, le=500, description="Largest file that may be uploaded, in megabytes.")
    max_import_mb: int = Field(
        200, ge=1, le=500, description="Largest file that may be imported on a page, in megabytes."
    )
    lease_seconds: int = Field(
        120,
        ge=2,
        le=3600,
        description="City shape: how long a worker may be at one piece of work, in seconds, before another takes it.",
    )
    nightly_seconds: int = Field(
        600,
        ge=1,
        le=86_400,
        description="How often it is asked whether last night's public figures are missing and sums have to be rolled on.",
    )

    @field_validator("database_url")
    @classmethod
    def _is_postgresql(cls, value: str | None) -> str | None:
        if not value:
            return None
        if not value.startswith(("postgresql://", "postgresql+psycopg://", "postgres://")):
            raise ValueError("give an address that starts with postgresql://")
        rest = value.split("://", 1)[1]
        return f"postgresql+psycopg://{rest}"

    @field_validator("search_url")
    @classmethod
    def _is_http(cls, value: str | None) -> str | None:
        if value and not value.startswith(("http://", "https://")):
            raise ValueError("give an address that starts with http:// or https://")
        return value or None

    @field_validator("second_factor_roles")
    @classmethod
    def _are_roles(cls, value: str) -> str:
        unknown = {item.strip() for item in value.split(",") if item.strip()} - set(ROLES)
        if unknown:
            raise ValueError(f"no such role: {', '.join(sorted(unknown))}; give some of {', '.join(ROLES)}")
        return value

    @field_validator("broker_url")
    @classmethod
    def _is_redis(cls, value: str | None) -> str | None:
        if value and not value.startswith(("redis://", "rediss://")):
            raise ValueError("give an address that starts with redis://")
        return value or None

    @model_validator(mode="after")
    def _city_needs_a_secret(self) -> Self:
        if self.database_url and not self.secret_key:
            raise ValueError(
                "secret_key: with YAOSU_DATABASE_URL set, give YAOSU_SECRET_KEY too (32 random characters or more)"
            )
        return self

    @property
    def roles_with_second_factor(self) -> frozenset[str]:
        """Roles that must sign in with a second factor."""
        return frozenset(item.strip() for item in self.second_factor_roles.split(",") if item.strip())

    @property
    def files_folder(self) -> Path:
        """Where uploaded files lie."""
        return self.files or self.home / "files"

    @property
    def sqlalchemy_url(self) -> str:
        """The database in SQLAlchemy's words."""
        return self.database_url or f"sqlite:///{(self.home / 'yaosu.sqlite3').resolve()}"

    @cached_property
    def secret(self) -> bytes:
        """The signing key. Embedded: made once, kept in the home, readable by its owner only."""
        if self.secret_key:
            return self.secret_key.get_secret_value().encode()
        path = self.home / "secret.key"
        self.home.mkdir(0o700, parents=True, exist_ok=True)
        try:
            descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        except FileExistsError:
            return path.read_bytes()
        with os.fdopen(descriptor, "wb") as file:
            file.write(secrets.token_hex(32).encode())
            file.flush()
            os.fsync(file.fileno())
        return path.read_bytes()


def load() -> Settings:
    """Read the settings. Raises WrongSetting with one sentence that names the setting."""
    try:
        return Settings()  # type: ignore[call-arg]  # every field comes from the environment or has its default
    except ValidationError as error:
        first = error.errors()[0]
        name = "_".join(str(part) for part in first["loc"])
        message = first["msg"].removeprefix("Value error, ")
        if not name:
            name, _, message = message.partition(": ")
        raise WrongSetting(f"YAOSU_{name.upper()}: {message}") from error
