"""What goes in and out of the plan's indicators: definitions, targets, observations, GDP versions."""

from datetime import date, datetime
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, model_validator
from pydantic_core import PydanticCustomError

from services.accounts.schemas import Text
from services.indicators.schemas import IndicatorOut

Number = Annotated[str, Field(pattern=r"^-?[0-9]{1,12}(\.[0-9]{1,6})?$")]
Year = Annotated[int, Field(ge=1990, le=2100)]
ObservationState = Literal["draft", "preliminary", "final", "disputed"]


class TargetIn(BaseModel):
    """A value to reach: of the city in the indicator's unit, of a county or a chain as an amount in 万元."""

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={
            "example": {"year": 2030, "value": "2.0", "label": "目标 2.0", "source": "十五五规划", "plan_set": "十五五"}
        },
    )
    year: Year
    value: Number
    label: Annotated[Text, Field(min_length=2, max_length=60)]
    source: Annotated[Text, Field(min_length=2, max_length=200)]
    plan_set: Annotated[Text, Field(max_length=60)] = ""
    region: Annotated[Text, Field(max_length=12)] = ""
    chain: Annotated[Text, Field(max_length=20)] = ""


class TargetOut(BaseModel):
    """A target that counts; id 0 is one of the release's own data."""

    id: int
    year: int
    value: str
    label: str
    source: str
    plan_set: str = ""
    mark: str = "typed"
    """How it is known: seen in a copy, or typed in here with its source."""
    measure: str = "value"
    region: str = ""
    region_name: str = ""
    chain: str = ""
    chain_name: str = ""


class ObservationIn(BaseModel):
    """What was observed in a period, with its own digits and where it is printed."""

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={
            "example": {"period": "2024", "value": "1.98", "source": "统计公报 2025-03", "state": "final", "note": ""}
        },
    )
    period: Annotated[str, Field(pattern=r"^(19|20)[0-9]{2}(Q[1-4]|-(0[1-9]|1[0-2]))?$")]
    value: Number
    source: Annotated[Text, Field(min_length=2, max_length=200)]
    state: ObservationState = "final"
    note: Annotated[Text, Field(max_length=500)] = ""


class ObservationOut(BaseModel):
    """An observed or computed value."""

    period: str
    value: str
    source: str
    state: str
    note: str
    url: str
    mark: str = ""
    """How it is known: computed here, typed in here with its source, or seen in a copy of the plan."""


class DefinitionIn(BaseModel):
    """What an indicator means: a new version."""

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={
            "example": {
                "definition": "研发经费内部支出 ÷ 地区生产总值 × 100",
                "unit": "%",
                "owner": "统计局",
                "scope": "全社会",
            }
        },
    )
    definition: Annotated[Text, Field(min_length=5, max_length=1000)]
    unit: Annotated[Text, Field(max_length=20)] = ""
    owner: Annotated[Text, Field(max_length=80)] = ""
    scope: Annotated[Text, Field(max_length=200)] = ""
    valid_from: date | None = None


class DefinitionOut(BaseModel):
    """One version of a definition; version 0 says that none was written down."""

    version: int
    definition: str
    unit: str
    owner: str
    scope: str
    valid_from: date | None = None
    entered_at: datetime | None = None


class IndicatorDetail(IndicatorOut):
    """One indicator with its definitions (newest first), targets and observations (latest first)."""

    owner: str
    definitions: list[DefinitionOut]
    targets: list[TargetOut]
    observations: list[ObservationOut]


class GdpVersionOut(BaseModel):
    """One GDP figure as somebody published it."""

    year: int
    value_fen: int
    kind: str
    source: str
    mark: str
    note: str
    published_on: date | None = None
    entered_at: datetime | None = None
    counts: bool = False
    """Whether it is the one that counts for its year."""


class GrowthIn(BaseModel):
    """One speed of GDP to reckon with, in percent a year."""

    model_config = ConfigDict(extra="forbid")
    label: Annotated[Text, Field(min_length=1, max_length=10)]
    percent: Annotated[str, Field(pattern=r"^-?[0-9]{1,2}(\.[0-9]{1,2})?$")]


class PlanValueIn(BaseModel):
    """What a plan prints for one indicator: the base as printed, and the target."""

    model_config = ConfigDict(extra="forbid")
    indicator: Annotated[Text, Field(min_length=1, max_length=10)]
    base: Annotated[Text, Field(max_length=20)] = ""
    target: Annotated[str, Field(pattern=r"^(-?[0-9]{1,12}(\.[0-9]{1,6})?)?$")] = ""


class PlanSetIn(BaseModel):
    """A plan and the box of indicators in it."""

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={
            "example": {
                "code": "fyp15",
                "name": "“十五五”规划",
                "short": "十五五",
                "box": "专栏 1",
                "base_year": 2025,
                "first_year": 2026,
                "last_year": 2030,
                "source": "规划文本第 12 页",
                "growth": [{"label": "中", "percent": "5.5"}],
                "values": [{"indicator": "13", "base": "1.52", "target": "2.2"}],
            }
        },
    )
    code: Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9-]{1,19}$")]
    name: Annotated[Text, Field(min_length=2, max_length=60)]
    short: Annotated[Text, Field(min_length=2, max_length=20)]
    box: Annotated[Text, Field(max_length=40)] = ""
    base_year: Year
    first_year: Year
    last_year: Year
    source: Annotated[Text, Field(min_length=2, max_length=200)]
    growth: Annotated[list[GrowthIn], Field(max_length=5)] = []
    values: Annotated[list[PlanValueIn], Field(max_length=60)] = []


class PlanValueOut(BaseModel):
    """What a plan prints for one indicator."""

    indicator: str
    title: str
    base: str
    target: str


class PlanSetOut(BaseModel):
    """A plan that sets targets; `mark` says how its numbers are known: seen in a copy, or typed in here."""

    code: str
    title: str
    state: str = "active"
    url: str
    short: str
    box: str
    base_year: int
    first_year: int
    last_year: int
    source: str
    mark: str
    growth: list[dict[str, str]]
    growth_source: str
    values: list[PlanValueOut]
    entered: bool


class SplitValueIn(BaseModel):
    """The amount one county or one chain has to reach, in 万元."""

    model_config = ConfigDict(extra="forbid")
    region: Annotated[Text, Field(max_length=12)] = ""
    chain: Annotated[Text, Field(max_length=20)] = ""
    value: Number

    @model_validator(mode="after")
    def _one_of_both(self) -> "SplitValueIn":
        if bool(self.region) == bool(self.chain):
            raise PydanticCustomError("split_one_place", "a county or a chain, not both and not neither")
        return self


class SplitIn(BaseModel):
    """A year's target split by county and chain (考核)."""

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={
            "example": {
                "year": 2026,
                "label": "2026 年考核",
                "source": "考核办法附件 2",
                "values": [{"region": "431102", "value": "52000"}],
            }
        },
    )
    year: Year
    label: Annotated[Text, Field(min_length=2, max_length=60)]
    source: Annotated[Text, Field(min_length=2, max_length=200)]
    plan_set: Annotated[Text, Field(max_length=60)] = ""
    values: Annotated[list[SplitValueIn], Field(min_length=1, max_length=60)]
