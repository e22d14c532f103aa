"""From error codes to sentences. Each capability brings its own in frontend/error_texts/<capability>.py."""

import functools
import importlib
import pkgutil
from collections.abc import Callable
from typing import Any

import frontend.error_texts
from frontend.i18n import gettext
from services.ground.errors import DomainError, FieldError

listeners: list[Callable[[str], None]] = []
"""Told of every code that is put into words, wherever it goes; the tests listen whether each code is ever raised."""


@functools.cache
def all_texts() -> dict[str, str]:
    """Collect code -> Chinese sentence from all files. Two files with different texts for one code stop the start."""
    found: dict[str, str] = {}
    for module in pkgutil.iter_modules(frontend.error_texts.__path__):
        texts: dict[str, str] = importlib.import_module(f"frontend.error_texts.{module.name}").TEXTS
        for code, text in texts.items():
            if found.setdefault(code, text) != text:
                raise RuntimeError(f"two texts for {code}: {found[code]} / {text}")
    return found


class _Blanks(dict[str, Any]):
    """A particular that the error did not bring is left out rather than breaking the page that explains it."""

    def __missing__(self, key: str) -> str:
        return "…"


def text_of(code: str, params: dict[str, Any] | None = None) -> str:
    """Say in the language of the page what an error code means; an unknown code is named so that it can be looked up."""
    for listen in listeners:
        listen(code)
    text = all_texts().get(code)
    if text is None:
        return gettext("这里不对（{code}）").format(code=code)
    return gettext(text).format_map(_Blanks(params or {}))


def message_of(error: DomainError | FieldError) -> str:
    """Say what went wrong, for an error or one of its fields."""
    return text_of(error.code, error.params)
