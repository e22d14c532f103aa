"""What the language layer sees in one text, as plain data: for `yaosu analyse` and for whoever asks why a record was found."""

from dataclasses import asdict, dataclass
from typing import Any

from search import numbers, synonyms, text
from search.quantities import Quantity, find_quantities


@dataclass(frozen=True, slots=True)
class Analysis:
    """Tokens, aliases, numbers of records and quantities of one text; offsets are characters of the text as given."""

    words: list[str]
    bigrams: list[str]
    aliases: dict[str, list[str]]
    numbers: list[dict[str, Any]]
    quantities: list[dict[str, Any]]


def analyse(given: str) -> Analysis:
    """Look at a text of any length. Never fails."""
    plain = text.normalise(given)
    words = text.words(plain)
    return Analysis(
        words,
        text.bigrams(plain),
        aliases(plain),
        [asdict(number) for number in numbers.find_numbers(given)],
        [as_row(quantity) for quantity in find_quantities(given)],
    )


def aliases(plain: str) -> dict[str, list[str]]:
    """Give for each word of a normalised text that has other names these names, in the order of the text."""
    known = synonyms.book().join_known(list(text.whole_words(plain)))
    found = {word: list(synonyms.others(word)) for word in [*known, *text.words(plain)]}
    return {word: others for word, others in found.items() if others}


def as_row(quantity: Quantity) -> dict[str, Any]:
    """Write a quantity out with the fields that outside programs rely on; whole numbers without a point."""
    return {
        "start": quantity.start,
        "end": quantity.end,
        "comparison": quantity.comparison,
        "low": _number(quantity.low),
        "high": _number(quantity.high),
        "unit": quantity.unit,
        "relative": quantity.relative,
        "name": quantity.name,
    }


def _number(value: float | None) -> float | int | None:
    return int(value) if value is not None and value == int(value) else value
