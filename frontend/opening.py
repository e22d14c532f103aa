"""Opening a market from its settings: database and engine, once per process."""

from collections.abc import Sequence

from etl.imports import background as _imports  # noqa: F401 - registers the handler of imports
from frontend import notice_mail as _notice_mail  # noqa: F401 - registers the handler of the notices
from search.engine import open_engine
from services.deals.people import brokers_of_need
from services.deals.reach import disclosure_level_for
from services.ground import disclosure, outbox
from services.ground.database import Database
from services.ground.mail import MailServerAway, deliver
from services.ground.market import Market
from services.ground.settings import Settings
from services.matching import service as matching


def open_market(settings: Settings, *, writable: bool = True) -> Market:
    """Open database and engine and join the capabilities that must not know each other."""
    # A new home is its owner's only: the database in it holds personal data, the mails hold links that open accounts.
    settings.home.mkdir(0o700, parents=True, exist_ok=True)
    database = Database(settings.sqlalchemy_url)
    key = settings.search_api_key.get_secret_value() if settings.search_api_key else None
    engine = open_engine(
        settings.search_url,
        settings.home / "index",
        settings.search_prefix,
        api_key=key,
        ca=str(settings.search_ca) if settings.search_ca else None,
        writable=writable,
    )
    disclosure.register(disclosure_level_for)
    matching.register_brokers(brokers_of_need)
    return Market(settings, database, engine)


@outbox.handler("mail", away=(MailServerAway,), alone=True)
def _mail(market: Market, work: Sequence[outbox.Work]) -> set[int]:
    return deliver(market.settings, work)
