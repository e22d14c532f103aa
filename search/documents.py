"""What goes into the index: one flat document for every public record, whatever its kind.

The database is the truth and the index a copy: services turn a record into a `Document` of public text only, and the
same function does it for a single change and for a rebuild.
"""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from typing import NamedTuple

from search import completion, numbers, text

FILTERS: tuple[str, ...] = (
    "kind",
    "chain",
    "subfield",
    "region",
    "maturity",
    "organisation_kind",
    "cooperation",
    "state_of_patent",
    "organisation",
    "freshness",
)
"""Fields that can be filtered by and counted; several values of one record are allowed in each."""

BANDS: Mapping[str, str] = {"freshness": "confirmed"}
"""Filters that are stretches of the numbers of a sort. They are not stored: the query says where each stretch begins,
because a record grows older without being written."""
STORED_FILTERS: tuple[str, ...] = tuple(name for name in FILTERS if name not in BANDS)

SORTS: tuple[str, ...] = ("published", "confirmed", "maturity", "price")
"""Numbers a list can be ordered by: seconds since 1970, seconds since 1970, level 1-9, fen. Absent ones come last."""

TOKEN_FIELDS: tuple[str, ...] = ("title_words", "words", "title_bigrams", "bigrams", "title_chars", "chars")
"""Token fields of the index. Those without `title_` hold title, body and organisation together."""

MATURITY_BANDS: tuple[str, ...] = ("early", "pilot", "production")
"""Values of the filter `maturity`: levels 1-3, 4-6 and 7-9."""

NO_TOKEN = "_"  # noqa: S105 - a token of text, no password
"""Stands where a text has no token at all, and between two texts so that no phrase runs over the seam."""


class UndeclaredField(ValueError):
    """A filter, facet or sort that no document declares. Both engines refuse it alike."""

    def __init__(self, name: str, allowed: Collection[str]) -> None:
        """Keep the wrong name and the list of right ones."""
        super().__init__(f"{name!r} is not declared; allowed: {', '.join(allowed)}")
        self.name = name
        self.allowed = tuple(allowed)


@dataclass(frozen=True, slots=True)
class Document:
    """One public record as the index knows it.

    `id` is unique over all kinds and positive; `version` grows with every change of the record. The engine answers
    with ids.
    """

    id: int
    code: str
    kind: str
    title: str
    body: str = ""
    organisation: str = ""
    filters: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    sorts: Mapping[str, int] = field(default_factory=dict)
    version: int = 1


@dataclass(frozen=True, slots=True)
class StoredText:
    """The normalised texts of one record, from which the ranking counts characters and bigrams."""

    title: str
    body: str


def maturity_band(level: int | None) -> tuple[str, ...]:
    """Turn a maturity level (1-9) into the value of the filter; nothing for an unknown level."""
    if level is None or not 1 <= level <= 9:
        return ()
    return (MATURITY_BANDS[(level - 1) // 3],)


def require_declared(names: Iterable[str], allowed: Collection[str]) -> None:
    """Raise `UndeclaredField` for the first name that is not allowed."""
    for name in names:
        if name not in allowed:
            raise UndeclaredField(name, allowed)


def check(document: Document) -> None:
    """Raise `UndeclaredField` for filters or sorts that are not declared, ValueError for a record without id."""
    require_declared(document.filters.keys(), STORED_FILTERS)
    require_declared(document.sorts.keys(), SORTS)
    if document.id <= 0:
        raise ValueError("a document needs a positive id")


def filter_values(document: Document) -> dict[str, tuple[str, ...]]:
    """Give the values of all stored filters, the kind of the record included."""
    return {**document.filters, "kind": (document.kind,)}


class Indexed(NamedTuple):
    """What both engines keep of a document: its tokens by field, its normalised texts, and their lengths by field."""

    tokens: dict[str, list[str]]
    stored: StoredText
    lengths: dict[str, int]


def indexed(document: Document) -> Indexed:
    """Make all that an engine keeps of a document, looking at each text once."""
    stored = stored_text(document)
    title, body = text.analyse(stored.title), text.analyse(stored.body)
    lengths = {
        "title_chars": len(title.characters),
        "title_bigrams": len(title.bigrams),
        "chars": len(title.characters) + len(body.characters),
        "bigrams": len(title.bigrams) + len(body.bigrams),
    }
    return Indexed(_tokens(document, title, body), stored, lengths)


def tokens_of(document: Document) -> dict[str, list[str]]:
    """Cut a document into the tokens of every field of `TOKEN_FIELDS`, none of them empty, and of `complete`.

    An empty field would shift the average length on one engine and not on the other, and with it the ranking.
    """
    return indexed(document).tokens


@lru_cache(maxsize=10_000)
def _name(organisation: str) -> text.Analysed:
    """Cut the name of an organisation, which stands in many records. The answer is shared: nobody changes it."""
    return text.analyse(text.normalise(organisation))


def _tokens(document: Document, title: text.Analysed, body: text.Analysed) -> dict[str, list[str]]:
    others = [body, *([_name(document.organisation)] if document.organisation else [])]
    fields = {"title_words": title.words, "title_bigrams": title.bigrams, "title_chars": title.characters}
    for name, kind in (("words", "words"), ("bigrams", "bigrams"), ("chars", "characters")):
        joined = list(getattr(title, kind))
        for other in others:
            if more := getattr(other, kind):
                joined += [NO_TOKEN, *more] if kind == "bigrams" else more
        fields[name] = joined
    fields["words"] += [numbers.token(value) for value in _numbers_of(document)]
    made = {name: tokens or [NO_TOKEN] for name, tokens in fields.items()}
    made["complete"] = completion.tokens(document.kind, document.code, document.title, title.words, body.words)
    if document.organisation:
        owner = next(iter(document.filters.get("organisation", ())), "")
        made["complete"] += completion.name_tokens("o", document.organisation, owner)
    return made


def _numbers_of(document: Document) -> set[str]:
    """Give the record's own code and every record number in its text, in one spelling, so that any spelling finds it."""
    found = numbers.find_numbers(f"{document.title}\n{document.body}")
    return {document.code, *(number.value for number in found)} - {""}


def stored_text(document: Document) -> StoredText:
    """Give the normalised texts that the index keeps for the ranking."""
    return StoredText(text.normalise(document.title), text.normalise(document.body))


LAYOUT = 2
"""Counts changes of the fields of a document. With the version of the language chain it is the version of an index."""
INDEX_VERSION = f"{LAYOUT}/{text.CHAIN_VERSION}"

LENGTHS: tuple[str, ...] = ("title_chars", "title_bigrams", "chars", "bigrams")
"""Token fields whose average length the ranking needs; counted over title and body, without the organisation."""


ABSENT_LAST = 2**62
"""Stands for a sort value that a record does not have; its sign is chosen so that the record comes last."""


def sort_values(document: Document) -> dict[str, int]:
    """Give every sort twice, `x` for descending and `x_asc` for ascending order, so that absent values come last in both."""
    values = {}
    for name in SORTS:
        value = document.sorts.get(name)
        values[name] = -ABSENT_LAST if value is None else value
        values[f"{name}_asc"] = ABSENT_LAST if value is None else value
    return values
