"""What is done once each night: the public figures of the indicator."""

import time
from collections.abc import Callable
from datetime import date

import structlog

from services.ground import clock
from services.ground.actor import system_actor
from services.ground.market import Market
from services.indicators import rollup
from services.indicators import service as indicators

log = structlog.get_logger(__name__)


def publish_figures(market: Market) -> bool:
    """Publish last night's cut-off if it is missing; say whether this call did it. Kept sums are rolled forward too."""
    keep_sums(market)
    with market.database.read() as session:
        if not indicators.cut_off_is_due(session):
            return False
    with market.database.write() as session:
        row = indicators.publish_if_due(session, system_actor("nightly"))
    if row is not None:
        log.info("cut_off_published", at=row.at.isoformat(), sha256=row.sha256)
    return row is not None


def keep_sums(market: Market) -> None:
    """Roll the kept sums forward where enough lies behind them, or make them anew where a batch was switched."""
    if rows := rollup.roll_up_if_due(market.database):
        log.info("sums_rolled_up", rows=rows)


def now_and_then(market: Market) -> Callable[[], None]:
    """Give a function that may be called every second and looks after the kept sums as often as the settings say."""
    looked = time.monotonic()

    def look() -> None:
        nonlocal looked
        if time.monotonic() - looked >= market.settings.nightly_seconds:
            looked = time.monotonic()
            keep_sums(market)

    return look


def once_a_day(market: Market) -> Callable[[], None]:
    """Give a function that may be called every second and looks once for each day of Asia/Shanghai."""
    looked: set[date] = set()

    def look() -> None:
        today = clock.today()
        if today not in looked:
            publish_figures(market)
            looked.clear()
            looked.add(today)

    return look
