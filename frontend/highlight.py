"""A text with the places marked where searched words stand. Everything is escaped here, whatever a record says."""

from collections.abc import Iterable

from markupsafe import Markup


def marked(text: str, marks: Iterable[tuple[int, int]]) -> Markup:
    """Escape a text and put `<mark>` around places (start, end), which come in order and do not overlap."""
    parts, at = [], 0
    for start, end in marks:
        parts.append(Markup("{}<mark>{}</mark>").format(text[at:start], text[start:end]))
        at = end
    return Markup("").join([*parts, Markup("{}").format(text[at:])])
