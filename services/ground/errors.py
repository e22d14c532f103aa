"""What can go wrong, as things that are raised. Each has a stable code; texts for people stand in the catalogues."""

import dataclasses
from dataclasses import dataclass
from datetime import datetime
from typing import Any


@dataclass(frozen=True)
class FieldError:
    """One field that cannot be taken as it is: which, why (a code with a text in the catalogue), and the particulars."""

    field: str
    code: str
    params: dict[str, Any] = dataclasses.field(default_factory=dict)


class DomainError(Exception):
    """The root of everything a service raises on purpose."""

    code = "error"
    status = 400

    def __init__(self, code: str | None = None, **params: Any) -> None:
        self.code = code or type(self).code
        self.params = params
        self.fields: list[FieldError] = []
        super().__init__(f"{self.code} {params}" if params else self.code)


class BadRequest(DomainError):
    """The request cannot be understood."""

    code = "bad_request"
    status = 400


class NotSignedIn(DomainError):
    """Nobody is signed in, and somebody has to be."""

    code = "not_signed_in"
    status = 401


class Forbidden(DomainError):
    """This person may not do this to that thing."""

    code = "forbidden"
    status = 403

    def __init__(self, action: str = "", code: str | None = None, **params: Any) -> None:
        super().__init__(code, action=action, **params)


class NotFound(DomainError):
    """There is no such record, or none that this person may know of: the two look alike."""

    code = "not_found"
    status = 404

    def __init__(self, kind: str = "", record: str = "") -> None:
        super().__init__(kind=kind, record=record)


class Gone(DomainError):
    """The record was withdrawn; its address stays and says so."""

    code = "gone"
    status = 410

    def __init__(self, kind: str, record: str, title: str, at: datetime | None = None) -> None:
        super().__init__(kind=kind, record=record, title=title, at=at)


class Conflict(DomainError):
    """The move is not possible from where the record stands, or somebody was first."""

    code = "conflict"
    status = 409


class StaleVersion(DomainError):
    """Somebody else saved in between; nothing was written."""

    code = "stale_version"
    status = 412

    def __init__(self, current: int, expected: int | None = None) -> None:
        super().__init__(current=current, expected=expected)


class TooLarge(DomainError):
    """More bytes than are taken here."""

    code = "too_large"
    status = 413


class Invalid(DomainError):
    """Input that has to be mended: every field that is wrong, at once."""

    code = "invalid"
    status = 422

    def __init__(self, fields: list[FieldError] | str, code: str | None = None, **params: Any) -> None:
        if isinstance(fields, str):
            fields = [FieldError(fields, code or "invalid", params)]
            code, params = None, {}
        super().__init__(code, **params)
        self.fields = fields

    def __str__(self) -> str:
        return "; ".join(f"{item.field}: {item.code} {item.params or ''}".strip() for item in self.fields) or self.code


class TooMany(DomainError):
    """Too often in too short a time."""

    code = "too_many"
    status = 429

    def __init__(self, retry_after: int) -> None:
        super().__init__(retry_after=retry_after)


class Unavailable(DomainError):
    """A part of the market (search, database) does not answer; what was asked can be asked again."""

    code = "unavailable"
    status = 503

    def __init__(self, part: str) -> None:
        super().__init__(part=part)


class DiskFull(DomainError):
    """There is no room left to write anything down; reading goes on."""

    code = "disk_full"
    status = 503
