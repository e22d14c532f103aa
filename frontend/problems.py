"""One table from what was raised to what is answered: problem+json for programs, a page for people."""

import errno
import uuid
from typing import Any

import structlog
from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse, RedirectResponse, Response
from sqlalchemy.exc import IntegrityError, OperationalError, StatementError
from starlette.exceptions import HTTPException

from frontend import texts
from frontend.web import Again
from services.ground import audit
from services.ground.errors import (
    BadRequest,
    Conflict,
    DiskFull,
    DomainError,
    FieldError,
    Invalid,
    NotFound,
    NotSignedIn,
    TooMany,
    Unavailable,
)

log = structlog.get_logger(__name__)
FOR_PROGRAMS = ("/api/", "/openapi.json", "/metrics")
"""Addresses whose errors are problem+json; all others answer with a page."""
NO_ROOM = {errno.ENOSPC, errno.EDQUOT, errno.EFBIG}
BY_STATUS = {404: "not_found", 405: "method_not_allowed", 413: "too_large", 400: "bad_request", 415: "bad_request"}


def install(app: FastAPI) -> None:
    """Register the answers to everything that can be raised."""

    @app.exception_handler(Again)
    def _again(_request: Request, error: Again) -> Response:
        return error.response

    @app.exception_handler(DomainError)
    def _domain(request: Request, error: DomainError) -> Response:
        return answer(request, error)

    @app.exception_handler(RequestValidationError)
    def _validation(request: Request, error: RequestValidationError) -> Response:
        return answer(request, Invalid([field_error(item) for item in error.errors()]))

    @app.exception_handler(IntegrityError)
    def _integrity(request: Request, error: IntegrityError) -> Response:
        log.warning("integrity", error=type(error.orig).__name__)
        return answer(request, Conflict("written_at_once"))

    _install_for_storage(app)

    @app.exception_handler(HTTPException)
    def _http(request: Request, error: HTTPException) -> Response:
        # A large upload lies in a file while its form is read; where that fails the framework speaks of the form.
        if isinstance(error.__cause__, OSError):
            log.error("disk_full")
            return answer(request, DiskFull())
        problem: DomainError = (
            NotFound() if error.status_code == 404 else BadRequest(BY_STATUS.get(error.status_code, "bad_request"))
        )
        return answer(request, problem, status=error.status_code, headers=dict(error.headers or {}))


def _install_for_storage(app: FastAPI) -> None:
    """Register the answers to what database and disk raise."""

    @app.exception_handler(OSError)
    def _system(request: Request, error: OSError) -> Response:
        if error.errno not in NO_ROOM:
            raise error
        log.error("disk_full")
        return answer(request, DiskFull())

    @app.exception_handler(OperationalError)
    def _operational(request: Request, error: OperationalError) -> Response:
        if _found_no_room(error.orig):
            log.error("disk_full", part="database")
            return answer(request, DiskFull())
        log.error("database_unavailable", error=type(error.orig).__name__)
        return answer(request, Unavailable("database"))

    @app.exception_handler(StatementError)
    def _statement(request: Request, error: StatementError) -> Response:
        # A column's type refused a value (a NUL, an over-long number) before it reached the database.
        if not isinstance(error.orig, DomainError):
            raise error
        return answer(request, error.orig)


def _found_no_room(error: BaseException | None) -> bool:
    """Tell a full disk from a database that is away, on SQLite by its name and on PostgreSQL by its state."""
    return (
        getattr(error, "sqlite_errorname", "") in {"SQLITE_FULL", "SQLITE_IOERR_WRITE", "SQLITE_IOERR_FSYNC"}
        or getattr(error, "sqlstate", "") == "53100"
    )


def unexpected(request: Request) -> Response:
    """Answer what nobody foresaw; what it was stands in the log under the request's number."""
    return answer(request, DomainError("internal"), status=500)


def field_error(item: Any) -> FieldError:
    """Turn one finding of pydantic into ours; codes of our own validators stay what they are."""
    where = ".".join(str(part) for part in item["loc"] if part not in {"body", "query", "path", "header"}) or "body"
    message = str(item.get("msg", "")).removeprefix("Value error, ")
    code = message if item["type"] == "value_error" and message in texts.all_texts() else str(item["type"])
    if isinstance(item.get("input"), str):  # lengths behind a validator of ours are told as those of lists
        code = {"too_long": "string_too_long", "too_short": "string_too_short"}.get(code, code)
    if code not in texts.all_texts():
        code = "invalid"
    return FieldError(where, code, {key: str(value)[:80] for key, value in (item.get("ctx") or {}).items()})


def answer(
    request: Request, error: DomainError, *, status: int | None = None, headers: dict[str, str] | None = None
) -> Response:
    """Answer an error in the shape the caller reads."""
    status = status or error.status
    headers = dict(headers or {})
    if isinstance(error, TooMany):
        headers["Retry-After"] = str(error.params["retry_after"])
    if request.url.path.startswith(FOR_PROGRAMS):
        return JSONResponse(problem(error, status), status, headers, media_type="application/problem+json")
    if isinstance(error, NotSignedIn) and request.method == "GET":
        from urllib.parse import quote  # noqa: PLC0415

        return RedirectResponse(f"/login?next={quote(request.url.path)}", 303)
    if error.code == "second_factor_required" and request.method == "GET":
        return RedirectResponse("/account/second-factor", 303)
    from frontend.pages.errors import error_page  # noqa: PLC0415 - pages are loaded after this table

    return error_page(request, error, status, headers)


def problem(error: DomainError, status: int) -> dict[str, Any]:
    """Write an error as RFC 9457 with our stable code, the fields to mend, and the request's number for the log."""
    return {
        "type": "about:blank",
        "title": texts.message_of(error),
        "status": status,
        "code": error.code,
        "detail": "\n".join(f"{item.field}: {texts.message_of(item)}" for item in error.fields),
        "request": audit.request_id.get() or uuid.uuid4().hex,
        "fields": [
            {"field": item.field, "code": item.code, "message": texts.message_of(item)} for item in error.fields
        ],
        "params": {key: str(value) for key, value in error.params.items() if value is not None},
    }
