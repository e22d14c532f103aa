"""Words of the pages. Chinese is the source; another language is a catalogue of the usual kind (.po), read as it stands.

`python -m frontend.i18n` gathers every text of templates, pages and error texts into the catalogues.
"""

import functools
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from pathlib import Path

from babel.messages import pofile
from babel.messages.catalog import Catalog
from babel.messages.extract import extract_from_dir
from jinja2 import Environment

LOCALES = Path(__file__).parent / "locale"
LANGUAGES = {"zh": "中文", "en": "English"}
HTML_LANG = {"zh": "zh-CN", "en": "en"}
_current: ContextVar[str] = ContextVar("yaosu_language", default="zh")


def language() -> str:
    """Say which language the page being made is in."""
    return _current.get()


@contextmanager
def speaking(code: str) -> Iterator[None]:
    """Make everything inside the block speak that language; an unknown one means Chinese."""
    token = _current.set(code if code in LANGUAGES else "zh")
    try:
        yield
    finally:
        _current.reset(token)


@functools.cache
def _catalogue(code: str) -> dict[str, str]:
    path = LOCALES / code / "LC_MESSAGES" / "messages.po"
    if not path.exists():
        return {}
    with path.open("rb") as file:
        catalogue = pofile.read_po(file, locale=code)
    return {
        str(message.id): str(message.string)
        for message in catalogue
        if message.id and message.string and isinstance(message.id, str) and not message.fuzzy
    }


def gettext(text: str) -> str:
    """Give the text in the language being spoken, or in Chinese where it has not been translated."""
    code = _current.get()
    return text if code == "zh" else _catalogue(code).get(text, text)


_ = gettext


def N_(text: str) -> str:  # noqa: N802 - the customary name, which the gatherer of texts knows
    """Mark a text for the catalogues where it is written; it is translated where it is shown."""
    return text


def ngettext(one: str, many: str, count: int) -> str:
    """Give the form for a count. Chinese has one form, so both are usually the same text."""
    return gettext(one if count == 1 else many)


def install(environment: Environment) -> None:
    """Let templates say `_("…")`; values go in as `_("%(n)s 项", n=3)`, and a bare percent sign is written `%%`."""
    environment.add_extension("jinja2.ext.i18n")
    environment.install_gettext_callables(gettext, ngettext, newstyle=True)  # type: ignore[attr-defined]


def gather() -> Catalog:
    """Collect every text that people can read from templates, pages and error texts."""
    root = Path(__file__).parent
    catalogue = Catalog(project="yaosu", charset="utf-8", header_comment="# Texts of yaosu. The source is Chinese.")
    methods = [
        ("templates/**.html", "jinja2.ext:babel_extract"),
        ("templates/**.txt", "jinja2.ext:babel_extract"),
        ("**.py", "python"),
    ]
    options = {"templates/**.html": {"silent": "false", "newstyle_gettext": "true"}}
    for name, _line, message, _comments, _context in extract_from_dir(str(root), methods, options):
        catalogue.add(message, None, locations=[(name, 0)])
    from frontend.labels import gathered  # noqa: PLC0415 - labels need this module too
    from frontend.texts import all_texts  # noqa: PLC0415 - texts need this module too

    for text in (*all_texts().values(), *gathered()):
        catalogue.add(text, None, locations=[("error_texts", 0)])
    return catalogue


def update() -> dict[str, tuple[int, int]]:
    """Write the catalogues anew, keeping what is translated. Gives per language (translated, all)."""
    found = gather()
    result = {}
    for code in LANGUAGES:
        if code == "zh":
            continue
        path = LOCALES / code / "LC_MESSAGES" / "messages.po"
        path.parent.mkdir(parents=True, exist_ok=True)
        old = Catalog(locale=code)
        if path.exists():
            with path.open("rb") as file:
                old = pofile.read_po(file, locale=code)
        for message in found:
            if message.id:
                before = old.get(message.id)
                catalogue_text = before.string if before else ""
                found[message.id].string = catalogue_text
        found.locale = code
        with path.open("wb") as file:
            pofile.write_po(file, found, width=0, no_location=True, sort_output=True, omit_header=False)
        texts = [message for message in found if message.id]
        result[code] = (sum(bool(message.string) for message in texts), len(texts))
    return result


if __name__ == "__main__":
    for code, (done, total) in update().items():
        sys.stdout.write(f"{code}: {done} of {total} texts translated\n")
