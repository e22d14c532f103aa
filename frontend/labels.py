"""Names of values in the language of the page, for lists whose names lie in the services."""

import functools
import re

from frontend import i18n
from frontend.i18n import N_, _
from services.ground import reference
from services.ground.permissions import POLICY
from services.indicators.readings import READINGS
from services.matching import rules

SAID = (
    N_("同在“%(a)s”"),
    N_("都在%(a)s"),
    N_("成熟度 %(n)s 级"),
    N_("专利有效"),
    N_("%(n)s 天没有确认，排得靠后"),
    N_("没有“较强”以上的成果，要有人去问、去找"),
    N_("技术指标还没有写成数和单位，先要有人帮着问清楚"),
    N_("最好的一项没有达到必须指标：%(a)s，能不能谈要有人居间"),
    N_("没有写细分领域，对得上的又不止一类"),
    N_("“%(a)s”对得上，程度是强"),
    N_("“%(a)s”对得上，程度是较强"),
    N_("联系时先问：%(a)s"),
    N_("未标明"),
    N_("未录入"),
)
"""Sentences that services make with names in them; here so that they can be said in another language."""


def said(text: str) -> str:
    """Say in the language of the page what a service said in Chinese; what is no known sentence stays as it is."""
    if i18n.language() == "zh":
        return text
    known = _(text)
    if known != text:
        return known
    for pattern, source in _patterns():
        if found := pattern.fullmatch(text):
            return _(source) % found.groupdict()
    return text


def period_words(code: str, label: str) -> str:
    """Say which period: in words in Chinese (2026 年第三季度), by its code elsewhere (2026Q3)."""
    return label if i18n.language() == "zh" else code


@functools.cache
def _patterns() -> list[tuple[re.Pattern[str], str]]:
    return [
        (re.compile(re.sub(r"%\\\((\w+)\\\)s", r"(?P<\1>.+)", re.escape(source))), source)
        for source in SAID
        if "%(" in source
    ]


def label(name: str, value: str) -> str:
    """Say what people call a value of a facet; official names (chains, fields, regions) stay as they are."""
    return _(rules.label(name, value))


def code_name(list_code: str, code: str | None) -> str:
    """Give the name of a code of our own lists in the language of the page."""
    entry = reference.find(list_code, code)
    if entry is None:
        return code or ""
    return entry.en or entry.name if i18n.language() == "en" else entry.name


def together(parts: list[str]) -> str:
    """Join names in one line as the language does."""
    return _("、").join(parts)


def gathered() -> list[str]:
    """List the texts of services that pages show, for the catalogues."""
    names = [text for values in rules.LABELS.values() for text in values.values()]
    readings = [text for one in READINGS.values() for text in (one.label, one.words)]
    return [*names, *readings, *(sentence for _steps, sentence in POLICY.values())]
