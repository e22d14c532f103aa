"""What search and matching answer."""

from pydantic import BaseModel

from services.listings.schemas import ListingView


class FacetValue(BaseModel):
    """One value of a facet and how many records have it."""

    value: str
    label: str
    count: int


class SearchOut(BaseModel):
    """One part of what was found. Total, facets and rows come from one set of candidates."""

    items: list[ListingView]
    next: str | None = None
    total: int
    facets: dict[str, list[FacetValue]]
    relaxed: bool = False
    record: str | None = None
    """The address of the record, when what was typed names exactly one."""


class ReasonOut(BaseModel):
    """Why a record stands where it stands: a word that both texts hold, or a fact they share."""

    kind: str
    text: str
    weight: float = 0.0


class ParameterCheck(BaseModel):
    """One 技术指标 of the need beside what the record says."""

    name: str
    must: bool
    verdict: str
    wanted: str
    found: str
    sentence: str = ""


class MatchOut(BaseModel):
    """One candidate for a need or a result."""

    code: str
    title: str
    state: str
    url: str
    kind: str
    score: float
    level: int
    reasons: list[ReasonOut]
    parameters: list[ParameterCheck]


class MatchesOut(BaseModel):
    """The best candidates, best first, and which ranker put them in order."""

    items: list[MatchOut]
    next: str | None = None
    ranker: str
