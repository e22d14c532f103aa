"""The door of the indicators: live figures for those who may, else what was published last. Stories stand beside.

`figures` computes, `publishing` keeps what was published, `entries` is what people type in.
"""

from sqlmodel import Session

from services.contracts.schemas import MovementFilter
from services.ground import audit, clock, reference
from services.ground.actor import Actor
from services.ground.errors import BadRequest, NotFound
from services.ground.permissions import may, require
from services.indicators import figures, readings
from services.indicators.entries import computed_code, enter_gdp, indicators
from services.indicators.figures import BREAKDOWNS, wanted
from services.indicators.publishing import cut_off_is_due, last_cut_off, publish_cut_off, publish_if_due
from services.indicators.schemas import Breakdown, CrossTable, YearOut, Years
from services.indicators.statistics import live_books

__all__ = [
    "BREAKDOWNS",
    "breakdown",
    "computed_code",
    "cross",
    "cut_off_is_due",
    "enter_gdp",
    "indicators",
    "note_looking",
    "open_figure",
    "publish_cut_off",
    "publish_if_due",
    "wanted",
    "years",
]


def years(session: Session, actor: Actor, code: str, reading: str = "default") -> Years:
    """Give the series of a reading. Who may sees it live; everybody else as published last, or an empty series."""
    _known(code)
    chosen = readings.reading(reading)
    note = str(reference.document("market")["base"]["note"])
    if may(actor, "indicator.see_internal"):
        books = live_books(session) if chosen.basis == "registered" else None
        return Years(items=figures.years(session, chosen, books), view="internal", at=clock.now(), note=note)
    last = last_cut_off(session, code)
    kept = last.figures if last else {"years": []}
    rows = kept["years"] if chosen is readings.DEFAULT else kept.get("readings", {}).get(chosen.code, [])
    items = [YearOut(**row) for row in rows]
    return Years(items=items, view="published", at=last.at if last else None, note=note)


def breakdown(session: Session, actor: Actor, code: str, dimension: str, year: int) -> Breakdown:
    """Give one year by county, chain or category: exact for those who may, else as published, small cells hidden."""
    _known(code)
    if dimension not in BREAKDOWNS:
        raise BadRequest("dimension_unknown", value=dimension[:40], allowed="、".join(BREAKDOWNS))
    if may(actor, "indicator.see_internal"):
        return figures.breakdown(live_books(session), dimension, year)
    last = last_cut_off(session, code)
    rows = last.figures["breakdowns"].get(f"{dimension}/{year}") if last else None
    if rows is None:
        return Breakdown(year=year, dimension=dimension, view="published", rows=[], total_count=0, total_fen=0)
    return Breakdown(**rows)


def cross(session: Session, actor: Actor, code: str, year: int) -> CrossTable:
    """Give one year by county and chain: exact for those who may, else as published, small cells hidden."""
    _known(code)
    if may(actor, "indicator.see_internal"):
        return figures.cross(live_books(session), year)
    last = last_cut_off(session, code)
    table = last.figures.get("cross", {}).get(str(year)) if last else None
    if table is None:
        return CrossTable(year=year, view="published", columns=[], labels=[], rows=[])
    return CrossTable(**table)


def note_looking(session: Session, actor: Actor, **what: object) -> None:
    """Leave a trace of somebody looking at live figures; whoever sees only published ones leaves none."""
    if may(actor, "indicator.see_internal"):
        audit.record(session, actor, "indicator.look", "indicator", computed_code(), **what)


def open_figure(
    session: Session, actor: Actor, code: str, year: int, dimension: str | None, value: str | None
) -> MovementFilter:
    """Let somebody look at what a figure is the sum of. Looking leaves a trace. Raises Forbidden."""
    _known(code)
    require(actor, "indicator.see_internal")
    audit.record(session, actor, "indicator.open", "indicator", code, year=year, dimension=dimension, value=value)
    return wanted(year, dimension, value)


def _known(code: str) -> None:
    if code != computed_code():
        raise NotFound("indicator", code[:20])
