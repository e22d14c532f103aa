"""What matching does by night: vectors from the texts of the day, then measuring what it is worth with them."""

import threading
from datetime import datetime, timedelta

import structlog

from etl.demo import labelled
from services.ground import clock
from services.ground.market import Market
from services.matching import service as matching

log = structlog.get_logger(__name__)
NIGHT = range(1, 6)
"""Hours of Asia/Shanghai in which nobody waits for the processor."""
MISSED = timedelta(hours=1)
"""A process that has run for so long makes up for a night in which none did."""


def learn_and_measure(market: Market, *, at_once: bool = False) -> None:
    """Make vectors from new texts and measure the labelled set and the market, each once a day."""
    if at_once or matching.vectors_are_due(market):
        matching.learn(market)
    with market.database.read() as session:
        due = {kind: at_once or matching.quality_is_due(session, kind) for kind in ("labelled", "market")}
    if due["labelled"]:
        matching.measure_labelled(market, labelled.load())
    if due["market"]:
        matching.measure_market(market)


class Nightly:
    """Does it beside the outbox, in a thread of its own, so that nothing published waits for it. Called every second."""

    def __init__(self, market: Market) -> None:
        self._market = market
        self._since = clock.now()
        self._asked: datetime | None = None
        self._thread: threading.Thread | None = None

    def __call__(self) -> None:
        """Begin, by night or when a night was missed, unless it is being done or was asked within the hour."""
        now = clock.now()
        night = now.astimezone(clock.LAW_ZONE).hour in NIGHT
        busy = self._thread is not None and self._thread.is_alive()
        if busy or not (night or now - self._since >= MISSED) or (self._asked and now - self._asked < MISSED):
            return
        self._asked = now
        self._thread = threading.Thread(target=self._work, name="learning", daemon=True)
        self._thread.start()

    def _work(self) -> None:
        try:
            learn_and_measure(self._market)
        except Exception as error:
            log.warning("learning_failed", error=type(error).__name__)
