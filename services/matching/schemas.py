"""What search and matching answer."""

from datetime import date, datetime
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

from services.listings.schemas import ListingView


class FacetValue(BaseModel):
    """One value of a facet and how many records have it."""

    value: str
    label: str
    count: int


class HighlightOut(BaseModel):
    """Where the words that were searched for stand: pairs of start and end, in characters of the text beside them."""

    title: list[tuple[int, int]] = []
    snippet: str = ""
    """The best sentence of the record, cut to about a hundred characters; plain text, to be escaped by whoever shows it."""
    snippet_marks: list[tuple[int, int]] = []


class HitOut(ListingView):
    """A record that was found."""

    highlight: HighlightOut = HighlightOut()


class WordOut(BaseModel):
    """One word as it was understood, with the other words for it that were looked for too."""

    word: str
    others: list[str] = []


class WayOut(BaseModel):
    """What leaving out one filter or one word would give, when all together give nothing."""

    drop: Literal["filter", "word"]
    name: str
    values: list[str] = []
    label: str
    total: int


class SearchOut(BaseModel):
    """One part of what was found. Total, facets and rows come from one set of candidates."""

    items: list[HitOut]
    next: str | None = None
    total: int
    facets: dict[str, list[FacetValue]]
    relaxed: bool = False
    """True when no record holds all the words; these hold some of them. Filters were not touched."""
    ways: list[WayOut] = []
    words: list[WordOut] = []
    clamped: bool = False
    """True when only the beginning of what was typed was read."""
    record: str | None = None
    """The address of the record, when what was typed names exactly one."""


class CompletionOut(BaseModel):
    """One way to go on typing. `url` is there where it is one thing with a page of its own."""

    text: str
    kind: Literal["word", "organisation", "expert", "title"]
    label: str
    count: int
    url: str | None = None


class CompletionsOut(BaseModel):
    """Completions, best first."""

    items: list[CompletionOut]
    next: str | None = None


class QueryOut(BaseModel):
    """One thing that was searched for in a stretch of days: how often, how often in vain, how often something was opened."""

    query: str
    searches: int
    empty: int
    clicks: int
    last_day: date


class QueriesOut(BaseModel):
    """Queries for the curator, those in most need of help first."""

    items: list[QueryOut]
    next: str | None = None


class SynonymIn(BaseModel):
    """Words for one thing. `spelling` also holds inside longer words (起动 = 启动), `term` only for whole words."""

    model_config = ConfigDict(
        extra="forbid", json_schema_extra={"example": {"kind": "term", "words": ["山苍子", "木姜子"]}}
    )
    kind: Literal["term", "spelling"] = "term"
    words: list[Annotated[str, Field(min_length=1, max_length=40)]] = Field(min_length=2, max_length=12)


class SynonymOut(BaseModel):
    """One group of synonyms that this market has added."""

    id: int
    kind: str
    words: list[str]
    added_at: datetime
    added_by: str = ""


class SynonymsOut(BaseModel):
    """The synonyms of this market; those of the release stand in search/data/synonyms.tsv."""

    items: list[SynonymOut]
    next: str | None = None
