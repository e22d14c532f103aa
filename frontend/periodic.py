"""What is done again and again beside the outbox: asking owners, telling what is new, digests, tidying."""

from datetime import date, datetime, timedelta

from frontend.notice_mail import send_digests
from services.follows import service as follows
from services.ground import clock
from services.ground.market import Market
from services.listings import freshness
from services.notices import service as notices

LOOK_EVERY = timedelta(minutes=10)


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
    """Remembers when each round was made last; may be called every second."""

    def __init__(self, market: Market) -> None:
        self._market = market
        self._looked: datetime | None = None
        self._day: date | None = None

    def __call__(self) -> None:
        """Make the rounds that are due. A round that was missed (nobody was running) is made at the next call."""
        now, today = clock.now(), clock.today()
        if self._looked is None or now - self._looked >= LOOK_EVERY or now < self._looked:
            self._looked = now
            follows.tell(self._market)
        if self._day != today:
            self._day = today
            each_day(self._market)
