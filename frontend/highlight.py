"""The words that were searched for, marked where they stand in a record's own text."""

import re

from markupsafe import Markup

LENGTH = 96
"""Characters of a passage shown in a list: about two lines on a phone."""


def mark(text: str, words: tuple[str, ...]) -> Markup:
    """Mark every occurrence of the words; everything else is escaped."""
    pattern = _pattern(words)
    if pattern is None:
        return Markup("{}").format(text)
    parts, at = [], 0
    for match in pattern.finditer(text):
        parts.append(Markup("{}<mark>{}</mark>").format(text[at : match.start()], match[0]))
        at = match.end()
    return Markup("").join([*parts, Markup("{}").format(text[at:])])


def passage(summary: str, body: str, words: tuple[str, ...]) -> str:
    """Choose what to show of a record: its one sentence, or the place of the body where a word stands."""
    pattern = _pattern(words)
    if summary and (pattern is None or pattern.search(summary)):
        return summary
    found = pattern.search(body) if pattern else None
    if found is None:
        return summary or _cut(body, 0)
    start = max((body.rfind(sign, 0, found.start()) for sign in "。；！？\n"), default=-1) + 1
    if found.start() - start > LENGTH // 2:
        start = found.start() - LENGTH // 3
    return _cut(body, start)


def _cut(text: str, start: int) -> str:
    piece = " ".join(text[start : start + LENGTH].split())
    return (
        ("…" if start and text[start - 1] not in "。；！？\n" else "")
        + piece
        + ("…" if start + LENGTH < len(text) else "")
    )


def _pattern(words: tuple[str, ...]) -> re.Pattern[str] | None:
    found = [re.escape(word) for word in words if len(word) > 1 or "\u4e00" <= word <= "\u9fff"]
    return re.compile("|".join(found), re.IGNORECASE) if found else None
