"""What the indicator's pages and routes show."""

from datetime import date, datetime
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

from services.accounts.schemas import Text


class IndicatorOut(BaseModel):
    """One of the plan's indicators."""

    code: str
    title: str
    state: str = "active"
    url: str = "/indicators"
    base: str
    target: str
    unit: str
    computed: bool
    notes: list[str] = []


class GapOut(BaseModel):
    """What is missing to one target."""

    label: str
    target: str
    source: str
    gap_fen: int | None


class YearOut(BaseModel):
    """One year of the indicator, written out: amount / GDP = share. A year of one or two contracts is not published."""

    year: int
    count: int | None
    amount_fen: int | None
    technical_fen: int | None
    suppressed: bool = False
    gdp_fen: int | None
    gdp_kind: str
    gdp_source: str
    gdp_mark: str
    gdp_note: str
    share: str | None
    gaps: list[GapOut]
    growth: str
    status: str


class BreakdownRow(BaseModel):
    """One row of a breakdown; amounts are null where they are suppressed."""

    value: str
    label: str
    count: int | None
    amount_fen: int | None
    suppressed: bool = False


class Breakdown(BaseModel):
    """One year by county, chain or category, with its total: null where it would give a hidden row away."""

    year: int
    dimension: str
    view: str
    rows: list[BreakdownRow]
    total_count: int | None
    total_fen: int | None


class CrossCell(BaseModel):
    """One cell of the table of counties and chains; amounts are null where they are suppressed."""

    value: str
    count: int | None
    amount_fen: int | None
    suppressed: bool = False


class CrossRow(BaseModel):
    """One county of that table, its cells in the order of the columns, its total last."""

    value: str
    label: str
    cells: list[CrossCell]
    total: CrossCell


class CrossTable(BaseModel):
    """One year by county and chain."""

    year: int
    view: str
    columns: list[str]
    labels: list[str]
    rows: list[CrossRow]
    totals: CrossRow | None = None


class Years(BaseModel):
    """The series, and which view of it this is."""

    items: list[YearOut]
    next: str | None = None
    view: str
    at: datetime | None
    note: str


class GdpIn(BaseModel):
    """A GDP figure with its source."""

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={"example": {"year": 2025, "value_yi": "2701.50", "kind": "初步核算", "source": "统计公报"}},
    )
    year: Annotated[int, Field(ge=1990, le=2100)]
    value_yi: Annotated[str, Field(pattern=r"^\d{1,6}(\.\d{1,4})?$")]
    kind: Annotated[Text, Field(min_length=2, max_length=20)] = "快报"
    source: Annotated[Text, Field(min_length=2, max_length=200)]
    published_on: date | None = None
