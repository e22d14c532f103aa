"""Background work of the web process: draining the outbox (embedded), or telling Celery that there is something to drain (city)."""

import threading
import time
from collections.abc import Callable

import structlog

from frontend.learning import Nightly
from frontend.nightly import now_and_then, once_a_day
from frontend.periodic import Rounds
from search.engine import SearchError
from services.ground import outbox
from services.ground.market import Market
from services.matching import service as matching

log = structlog.get_logger(__name__)
BOOK_SECONDS = 5.0
"""So often is written down what people searched for; a killed process forgets as much."""
IDLE_SECONDS = 1.0
"""Without a hint the outbox is looked at this often: rows of a command line or of another process wait no longer."""


class Background:
    """A thread that works when it is poked and looks by itself now and then."""

    def __init__(self, work: Callable[[], object], idle: float = IDLE_SECONDS) -> None:
        self._work = work
        self._idle = idle
        self._poked = threading.Event()
        self._stopped = threading.Event()
        self._thread = threading.Thread(target=self._run, name="background", daemon=True)

    def start(self) -> None:
        """Begin."""
        self._thread.start()

    def poke(self) -> None:
        """Say that there may be work; many pokes at once are one."""
        self._poked.set()

    def stop(self) -> None:
        """Finish what is being done and end."""
        self._stopped.set()
        self._poked.set()
        self._thread.join(timeout=30)

    def _run(self) -> None:
        while not self._stopped.is_set():
            self._poked.wait(self._idle)
            self._poked.clear()
            if self._stopped.is_set():
                return
            try:
                self._work()
            except Exception as error:
                log.warning("background_failed", error=type(error).__name__)


def drain_here(market: Market) -> Callable[[], object]:
    """Give the embedded shape's work: drain the outbox if this process is the one that writes the index.

    An index that another language chain made is rebuilt first. Once a day it also publishes last night's figures.
    """
    nightly, rounds, book = once_a_day(market), Rounds(market), book_of_queries(market)
    sums = now_and_then(market)
    learning = Nightly(market)
    checked = False

    def work() -> int:
        nonlocal checked
        finished = 0
        try:
            writes = market.engine.may_write()
            if writes and not checked:
                if matching.reindex_if_outdated(market):
                    log.warning("index_rebuilt", reason="made by another language chain")
                checked = True
            finished = outbox.drain_all(market.database, market) if writes else 0
            if writes:
                rounds()
                learning()
        except SearchError as error:
            log.warning("engine_unavailable", error=type(error).__name__)
        nightly()
        sums()
        book()
        return finished

    return work


def book_of_queries(market: Market) -> Callable[[], None]:
    """Give the work of writing down, now and then, what this process was asked for."""
    written = time.monotonic()

    def work() -> None:
        nonlocal written
        if time.monotonic() - written >= BOOK_SECONDS:
            written = time.monotonic()
            matching.write_down(market)

    return work


def poke_celery(market: Market) -> Callable[[], object]:
    """Give the city shape's work: one message that says "look". Losing it costs a beat, never a row."""
    from frontend.celery_app import app  # noqa: PLC0415 - only the city shape loads Celery

    book = book_of_queries(market)

    def work() -> object:
        book()
        return app.send_task("yaosu.drain", retry=False, ignore_result=True)

    return work
