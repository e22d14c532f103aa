"""What is done again and again beside the outbox: asking owners, telling what is new, digests, tidying."""

from datetime import datetime, timedelta

import structlog
from sqlalchemy.exc import IntegrityError

from frontend.notice_mail import send_digests
from services.follows import service as follows
from services.ground import clock, rounds
from services.ground.market import Market
from services.listings import freshness
from services.notices import service as notices

log = structlog.get_logger(__name__)
LOOK_EVERY = timedelta(minutes=10)
ASK_EVERY = timedelta(minutes=1)
"""So often this process asks the database whether a round is due; in between it does not even ask."""


def each_day(market: Market) -> None:
    """Ask the owners of ageing records, let old records sink, send the digests, drop old notices."""
    after = 0
    while True:
        with market.database.write() as session:
            after = freshness.ask_owners(session, after)
        if not after:
            break
    with market.database.write() as session:
        freshness.reindex_aged(session)
        notices.tidy(session)
    send_digests(market)


class Rounds:
    """Makes the rounds that are due; may be called every second, by any number of processes.

    When a round was made last stands in the database: a restart makes none twice, and of several schedulers one does.
    A round that was missed (nobody was running) is made at the next call.
    """

    def __init__(self, market: Market) -> None:
        self._market = market
        self._asked: datetime | None = None

    def __call__(self) -> None:
        """Make the rounds that are due."""
        now = clock.now()
        if self._asked is not None and timedelta() <= now - self._asked < ASK_EVERY:
            return
        self._asked = now
        self._make("look", LOOK_EVERY)
        self._make("day", None)

    def _make(self, name: str, every: timedelta | None) -> None:
        database = self._market.database
        try:
            if not rounds.take(database, name, every):
                return
        except IntegrityError:
            return  # another process made the first round of all at this very moment
        if name == "day":
            each_day(self._market)
        else:
            follows.tell(self._market)
        rounds.finish(database, name)
        log.info("round_made", round=name)
