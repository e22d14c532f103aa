"""What goes in and out of notices."""

from datetime import datetime
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict


class NoticeOut(BaseModel):
    """One notice of one's own."""

    id: int
    kind: str
    params: dict[str, Any]
    url: str
    created_at: datetime
    read: bool


class ChoiceIn(BaseModel):
    """How one wants to be told."""

    model_config = ConfigDict(
        extra="forbid", json_schema_extra={"example": {"mail": "daily", "stopped": ["match_new"]}}
    )
    mail: Literal["each", "daily", "none"] = "daily"
    stopped: list[str] = []
    language: Literal["zh", "en"] = "zh"


class Letter(BaseModel):
    """Notices of one person that go out in one mail."""

    person_id: int
    address: str
    language: str
    stop_key: str
    notices: list[NoticeOut]
