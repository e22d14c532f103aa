"""What matching answers."""

from datetime import datetime
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field


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
    """One candidate for a need or a record. Level: 4 强, 3 较强, 2 弱, 1 无."""

    id: int = Field(exclude=True)
    code: str
    title: str
    state: str
    url: str
    kind: str
    score: float
    level: int
    reasons: list[ReasonOut]
    parameters: list[ParameterCheck]
    same_title: list[str] = []
    """Codes of further records of the same owner under the same title (the utility model beside the invention)."""


class AdviceOut(BaseModel):
    """What the owner of a need had better do next: write to a party directly, or ask a broker; and why."""

    way: Literal["direct", "broker"]
    reasons: list[str]


class MatchesOut(BaseModel):
    """The best candidates, best first, which ranker put them in order, and for a need what to do next."""

    items: list[MatchOut]
    next: str | None = None
    ranker: str
    advice: AdviceOut | None = None


class LostOut(BaseModel):
    """One part of the score: what this record got and what the last one shown got, in points of 100."""

    part: str
    label: str
    mine: float
    theirs: float


class WhyOut(BaseModel):
    """Where one record stands for a need, and where it lost."""

    model_config = ConfigDict(
        json_schema_extra={
            "example": {
                "code": "R-2026-000012",
                "title": "低温冷榨制油工艺",
                "state": "published",
                "url": "/results/R-2026-000012",
                "place": 31,
                "candidates": 500,
                "shown": False,
                "score": 41.2,
                "level": 2,
                "ranker": "LEX 2",
                "answers": ["排在第 31 位，页面列到第 20 位"],
                "lost": [{"part": "title_chars", "label": "需求标题的字", "mine": 12.1, "theirs": 30.5}],
                "reasons": [],
                "parameters": [],
            }
        }
    )
    code: str
    title: str
    state: str
    url: str
    place: int | None = None
    """Its place by text among the candidates; None when it is not in the index."""
    candidates: int = 0
    shown: bool = False
    score: float = 0.0
    level: int = 1
    ranker: str = ""
    answers: list[str] = []
    """Sentences, the weightiest first."""
    lost: list[LostOut] = []
    reasons: list[ReasonOut] = []
    parameters: list[ParameterCheck] = []


class MeasuredOut(BaseModel):
    """A mean over needs with its 95 % interval."""

    value: float
    low: float
    high: float


class ThresholdsOut(BaseModel):
    """Thresholds that the labels would choose, and the grade measure on needs they were not chosen on."""

    thresholds: tuple[float, float, float]
    grade: float
    grade_unseen: float


class PartOut(BaseModel):
    """The order measured on a part of the needs."""

    needs: int
    measures: dict[str, MeasuredOut]
    reference: dict[str, MeasuredOut]
    difference: dict[str, MeasuredOut]


class LabelledQualityOut(BaseModel):
    """What was measured on the labelled set of our own (演示)."""

    at: datetime
    ranker: str
    reference_ranker: str
    chain_version: str
    needs: int
    results: int
    judged_pairs: int
    judged_needs: int
    measures: dict[str, MeasuredOut]
    reference: dict[str, MeasuredOut]
    difference: dict[str, MeasuredOut]
    thresholds: ThresholdsOut | None = None
    parts: dict[str, PartOut] = {}
    """The needs that are said otherwise than the records that answer them, measured by themselves."""


class MarketQualityOut(BaseModel):
    """What comes of the open needs of this market, and of its searches in the last 30 days."""

    at: datetime
    ranker: str
    chain_version: str
    needs: int
    without_match: int
    """Needs for which nothing above level 1 was found."""
    with_fairly_strong: int
    with_strong: int
    median_level: float | None = None
    """The median of the needs' best levels."""
    searches: int
    searches_empty: int
    """Searches for which no record held all the words."""


class QualityOut(BaseModel):
    """The quality of matching as measured last; None where it never was."""

    labelled: LabelledQualityOut | None = None
    market: MarketQualityOut | None = None
