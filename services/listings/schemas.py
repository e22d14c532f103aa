"""What goes in and out of listings."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Annotated, Any, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, model_validator

from services.accounts.schemas import Text
from services.ground.errors import Invalid

Kind = Literal["need", "result", "patent", "expert"]
Comparison = Literal["eq", "ge", "gt", "le", "lt", "between", "approx", "tolerance", "change"]
Level = Literal["public", "after_contact", "after_confidentiality", "own_side"]
Cooperation = Literal["entrust", "cooperate", "transfer", "license", "consult", "service", "use_first"]
Hideable = Literal["budget", "owner", "body", "parameters", "deadline", "tried", "conditions"]
"""Fields that can be kept for those in contact; the last two lie in the details."""
Fen = Annotated[int, Field(ge=0, le=10**15)]
Number = Annotated[float, Field(allow_inf_nan=False, ge=-1e15, le=1e15)]


class ParameterIn(BaseModel):
    """One 技术指标."""

    model_config = ConfigDict(extra="forbid")
    name: Annotated[Text, Field(min_length=1, max_length=60)]
    comparison: Comparison = "ge"
    low: Number | None = None
    high: Number | None = None
    unit: Annotated[Text, Field(max_length=20)] = ""
    must: bool = False
    method: Annotated[Text, Field(max_length=120)] = ""
    present: Annotated[Text, Field(max_length=60)] = ""

    @model_validator(mode="after")
    def _in_order(self) -> Self:
        if self.low is not None and self.high is not None and self.low > self.high:
            raise ValueError("low_above_high")
        return self


Detail = (
    Annotated[Text, Field(max_length=20_000)]
    | int
    | Annotated[list[Annotated[Text, Field(max_length=400)]], Field(max_length=200)]
    | None
)
"""What stands in one place of the details: no more than a description, so that a record stays a record."""


class ListingWords(BaseModel):
    """What somebody writes of a record, whatever its kind."""

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={
            "example": {
                "title": "茶籽饼粕残油偏高，想降到 5 % 以内",
                "body": "现用液压榨，残油 8 % 上下。",
                "chain": "AF",
                "subfield": "AF-3",
                "parameters": [{"name": "残油", "comparison": "le", "high": 5, "unit": "%", "must": True}],
            }
        },
    )
    owner: Annotated[str, StringConstraints(max_length=20)] | None = None
    title: Annotated[Text, Field(min_length=2, max_length=200)]
    summary: Annotated[Text, Field(max_length=500)] = ""
    body: Annotated[Text, Field(max_length=20_000)] = ""
    chain: Annotated[str, StringConstraints(max_length=4)] | None = None
    subfield: Annotated[str, StringConstraints(max_length=8)] | None = None
    region_code: Annotated[str, StringConstraints(pattern=r"^\d{6}$")] | None = None
    maturity: Annotated[int, Field(ge=1, le=9)] | None = None
    budget_low_fen: Fen | None = None
    budget_high_fen: Fen | None = None
    deadline: date | None = None
    cooperation: Annotated[list[Cooperation], Field(max_length=7)] = []
    levels: dict[Hideable, Level] = {}
    number: Annotated[Text, Field(max_length=40)] | None = None
    details: Annotated[dict[Annotated[str, StringConstraints(max_length=40)], Detail], Field(max_length=40)] = {}
    parameters: Annotated[list[ParameterIn], Field(max_length=40)] = []

    @model_validator(mode="after")
    def _budget_in_order(self) -> Self:
        if (
            self.budget_low_fen is not None
            and self.budget_high_fen is not None
            and self.budget_low_fen > self.budget_high_fen
        ):
            raise ValueError("budget_in_order")
        return self


class ListingIn(ListingWords):
    """A record as somebody writes it."""

    kind: Kind


class ListingBody(ListingWords):
    """A record as a program sends it: the address says the kind, the body may say it too."""

    kind: Kind | None = None

    def of(self, kind: str) -> ListingIn:
        """Give the record of the kind of the address. Raises Invalid when the body names another."""
        if self.kind not in {None, kind}:
            raise Invalid("kind", "kind_fixed", kind=kind)
        return ListingIn.model_validate(self.model_dump(exclude_unset=True) | {"kind": kind})


class ReasonsIn(BaseModel):
    """Why something is returned or withdrawn."""

    model_config = ConfigDict(extra="forbid", json_schema_extra={"example": {"reasons": "请写明现在的数值和测试方法"}})
    reasons: Annotated[Text, Field(max_length=1000)] = ""


class ParameterOut(ParameterIn):
    """One 技术指标 as it is shown."""

    sequence: int = 0


class ListingView(BaseModel):
    """A record as this reader may see it. Hidden fields are empty and named in `hidden` with the level that opens them."""

    id: int = Field(exclude=True)
    owner_id: int = Field(exclude=True)
    code: str
    kind: Kind
    title: str
    state: str
    url: str
    summary: str
    body: str
    owner_code: str
    owner_name: str
    region_code: str | None
    chain: str | None
    subfield: str | None
    maturity: int | None
    budget_low_fen: int | None
    budget_high_fen: int | None
    deadline: date | None
    cooperation: list[str]
    number: str | None
    details: dict[str, Any]
    parameters: list[ParameterOut]
    hidden: dict[str, str]
    levels: dict[str, str] = {}
    """All levels the owner chose; only the own side reads them."""
    freshness: str
    published_at: datetime | None
    confirmed_at: datetime | None
    shown_version: int
    working_version: int | None
    reasons: str
    written_by: str = ""
    """Who wrote it on the owner's behalf; only the own side and moderators read the name."""
    on_behalf: bool = False
    demo: bool
    version: int


@dataclass(frozen=True)
class ListingRef:
    """The few facts other capabilities need of a record."""

    id: int
    code: str
    kind: str
    title: str
    owner_id: int
    state: str
    region_code: str | None
    chain: str | None
    subfield: str | None
    number: str | None = None
