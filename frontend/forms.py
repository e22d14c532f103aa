"""Forms of the pages: reading them (with the check against forged ones), and saying what has to be mended."""

import hashlib
import hmac
import re
import secrets
from collections.abc import AsyncIterator, Iterator, Mapping
from dataclasses import dataclass
from typing import Annotated, Any, TypeVar

from fastapi import Depends, Request
from pydantic import BaseModel, ValidationError
from starlette.datastructures import FormData, UploadFile

from frontend.texts import message_of
from services.ground.database import UNSTORABLE
from services.ground.errors import DiskFull, FieldError, Forbidden, Invalid, TooLarge
from services.ground.web import market_of

SESSION_COOKIE = "yaosu_session"
VISITOR_COOKIE = "yaosu_visitor"
CSRF_FIELD = "csrf"
MAX_FIELDS = 4000
Model = TypeVar("Model", bound=BaseModel)


class Form:
    """What a form brought. Text is stripped; a field that is absent reads as empty."""

    def __init__(self, data: FormData) -> None:
        self._data = data

    async def close(self) -> None:
        """Close the uploaded files."""
        await self._data.close()

    def __contains__(self, name: str) -> bool:
        return name in self._data

    def text(self, name: str) -> str:
        """Give the text of a field, or ''."""
        value = self._data.get(name, "")
        return value.replace("\r\n", "\n").strip() if isinstance(value, str) else ""

    def optional(self, name: str) -> str | None:
        """Give the text of a field, or None where nothing was filled in."""
        return self.text(name) or None

    def texts(self, name: str) -> list[str]:
        """Give all values of a field that may come several times (checkboxes)."""
        return [value.strip() for value in self._data.getlist(name) if isinstance(value, str) and value.strip()]

    def ticked(self, name: str) -> bool:
        """Say whether a checkbox was ticked."""
        return self.text(name) != ""

    def file(self, name: str) -> UploadFile | None:
        """Give an uploaded file, or None where none was chosen."""
        value = self._data.get(name)
        return value if isinstance(value, UploadFile) and value.filename else None

    def files(self, name: str) -> list[UploadFile]:
        """Give all files uploaded in a field."""
        return [value for value in self._data.getlist(name) if isinstance(value, UploadFile) and value.filename]

    @property
    def action(self) -> str:
        """Which button was pressed: buttons are `<button name="do" value="…">`."""
        return self.text("do")

    def version(self) -> int | None:
        """Give the version the form was made from, so that a later save of somebody else is noticed."""
        text = self.text("version")
        return int(text) if text.isascii() and text.isdecimal() and len(text) < 10 else None

    def rows(self, prefix: str) -> list[dict[str, str]]:
        """Gather `prefix.0.name`, `prefix.0.unit`, `prefix.1.name` … into rows, in order."""
        found: dict[int, dict[str, str]] = {}
        for key, value in self._data.multi_items():
            match = re.fullmatch(rf"{re.escape(prefix)}\.(\d{{1,4}})\.(\w+)", key)
            if match and isinstance(value, str):
                found.setdefault(int(match[1]), {})[match[2]] = value.strip()
        return [found[index] for index in sorted(found)]

    def values(self) -> dict[str, str]:
        """Give all text fields, for showing the form again as it was filled in."""
        return {name: self.text(name) for name in self._data if name != CSRF_FIELD}


def csrf_token(request: Request) -> str:
    """Make the token of this browser: bound to its session, or for visitors to a cookie that render() sets."""
    holder = request.cookies.get(SESSION_COOKIE)
    if not holder:
        visitor = request.cookies.get(VISITOR_COOKIE, "")
        if not _genuine_visitor(request, visitor):
            visitor = getattr(request.state, "new_visitor", None) or _new_visitor(request)
            request.state.new_visitor = visitor
        holder = visitor
    return _sign(request, "csrf", holder)


def csrf_fits(request: Request, token: str) -> bool:
    """Say whether a token is the one this browser was given."""
    holder = request.cookies.get(SESSION_COOKIE)
    if not holder:
        holder = request.cookies.get(VISITOR_COOKIE, "")
        if not _genuine_visitor(request, holder):
            return False
    return hmac.compare_digest(_sign(request, "csrf", holder).encode(), token.encode())


def _sign(request: Request, purpose: str, text: str) -> str:
    return hmac.new(market_of(request).settings.secret, f"{purpose}:{text}".encode(), hashlib.sha256).hexdigest()


def _new_visitor(request: Request) -> str:
    name = secrets.token_urlsafe(18)
    return f"{name}.{_sign(request, 'visitor', name)[:32]}"


def _genuine_visitor(request: Request, cookie: str) -> bool:
    name, _, mark = cookie.partition(".")
    return bool(name) and hmac.compare_digest(_sign(request, "visitor", name)[:32].encode(), mark.encode())


async def read_form(request: Request) -> Form:
    """Read a posted form. Raises Forbidden (csrf_missing) for one that did not come from our page, TooLarge, Invalid."""
    settings = market_of(request).settings
    limit = max(settings.max_upload_mb, settings.max_import_mb) * 1024 * 1024
    length = request.headers.get("content-length", "")
    if length.isdecimal() and int(length) > limit + 1024 * 1024:
        raise TooLarge(limit_mb=limit // 1024 // 1024)
    try:
        data = await request.form(max_fields=MAX_FIELDS, max_files=50, max_part_size=2 * 1024 * 1024)
    except OSError as error:  # large uploads lie in files meanwhile
        raise DiskFull from error
    token = data.get(CSRF_FIELD, "")
    if not isinstance(token, str) or not csrf_fits(request, token):
        raise Forbidden(code="csrf_missing")
    for name, value in data.multi_items():
        if isinstance(value, str) and UNSTORABLE.search(value):
            raise Invalid(name, "nul_in_text")
    return Form(data)


async def _posted(request: Request) -> AsyncIterator[Form]:
    """Read the form and close its uploads afterwards: large ones lie in files on the disk."""
    form = await read_form(request)
    try:
        yield form
    finally:
        await form.close()


PostedForm = Annotated[Form, Depends(_posted)]


def build(schema: type[Model], values: Mapping[str, Any]) -> Model:
    """Make what a service takes from what a form brought. Raises Invalid with every field that is wrong."""
    try:
        return schema.model_validate(dict(values))
    except ValidationError as error:
        raise Invalid(field_errors(error)) from error


def field_errors(error: ValidationError) -> list[FieldError]:
    """Turn pydantic's findings into ours: the field as `parameters.2.unit`, a stable code, the particulars."""
    found = []
    for item in error.errors(include_url=False):
        code = str(item["type"])
        context = dict(item.get("ctx") or {})
        reason = str(context.pop("error", ""))
        if code == "value_error" and re.fullmatch(r"[a-z][a-z0-9_]+", reason):
            code = reason
        if isinstance(item["input"], str):  # lengths behind a validator of ours are told as those of lists
            code = {"too_long": "string_too_long", "too_short": "string_too_short"}.get(code, code)
        field = ".".join(str(part) for part in item["loc"])
        found.append(FieldError(field, code, {k: v for k, v in context.items() if isinstance(v, str | int | float)}))
    return found


@dataclass(frozen=True)
class FormError:
    """One thing to mend: at which field, in which words."""

    field: str
    text: str
    label: str = ""

    @property
    def sentence(self) -> str:
        """The words for the summary, where the field is not in sight."""
        return f"{self.label}：{self.text}" if self.label else self.text


class FormErrors:
    """All things to mend on a form; iterate for the summary, `of(field)` beside the field."""

    def __init__(self, items: list[FormError] | None = None) -> None:
        self.items = items or []

    def __iter__(self) -> Iterator[FormError]:
        return iter(self.items)

    def __len__(self) -> int:
        return len(self.items)

    def of(self, field: str) -> str:
        """Give the words for one field, or ''."""
        return "；".join(item.text for item in self.items if item.field == field)


def form_errors(error: Invalid, labels: Mapping[str, str] | None = None) -> FormErrors:
    """Put an Invalid into words. `labels` names fields; `parameters.*.unit` stands for every row and gets its number."""
    names = labels or {}
    items = []
    for item in error.fields or [FieldError("", error.code, error.params)]:
        pattern = re.sub(r"\.\d+(?=\.|$)", ".*", item.field)
        label = names.get(item.field) or names.get(pattern, "")
        number = re.search(r"\.(\d+)(?=\.|$)", item.field)
        if label and number:
            label = label.replace("{n}", str(int(number[1]) + 1))
        items.append(FormError(item.field, message_of(item), label))
    return FormErrors(items)
