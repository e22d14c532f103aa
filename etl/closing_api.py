"""The routes that make finished reports: closing a period. The files are written here, so the route stands here too."""

from typing import Annotated

from fastapi import APIRouter, Response
from pydantic import BaseModel, ConfigDict, Field

from etl.statistics_files import closed_report
from services.ground.web import CurrentActor, Idempotent, WriteSession, access, once
from services.indicators import closing
from services.indicators.statistics_api import ClosingEntry, entry_of

router = APIRouter(prefix="/api/v1/statistics", tags=["statistics"])
ROUTERS = (router,)


class ClosingIn(BaseModel):
    """Which period to close: a month, a quarter or a year that is over."""

    model_config = ConfigDict(extra="forbid", json_schema_extra={"example": {"period": "2026-01"}})
    period: Annotated[str, Field(max_length=12, pattern=r"^[0-9]{4}(Q[1-4]|-(0[1-9]|1[0-2])|-01\.\.(0[1-9]|1[0-2]))?$")]


@router.post("/closings", status_code=201, summary="封账", **access("indicator.manage", "admin"))
def close(
    data: ClosingIn, session: WriteSession, actor: CurrentActor, key: Idempotent, response: Response
) -> ClosingEntry:
    """Close a period with everything that went in and its finished files. A closed period is not opened again.

    What comes later is told beside it: 409 `period_closed` for a second closing, `period_not_over` for an early one.
    """
    period, _new = once(session, actor, key, lambda: closing.close(session, actor, data.period, closed_report).period)
    response.headers["Location"] = f"/api/v1/statistics/closings/{period}"
    return entry_of(closing.closing(session, actor, period))
