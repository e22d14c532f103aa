"""The index follows the database, also when two workers do the same work at once."""

from sqlmodel import select

from search.parse import parse
from services.accounts import service as accounts
from services.ground import outbox
from services.ground.actor import system_actor
from services.ground.market import Market
from services.listings import service as listings
from services.listings.schemas import ListingIn
from services.matching.index import follow

OPERATOR = system_actor()


class SlowWorker:
    """An engine whose writes come late: something else happens between what was read and what is written."""

    def __init__(self, engine, meanwhile):
        self.engine, self.meanwhile = engine, meanwhile

    def write(self, documents, deletes=()):
        meanwhile, self.meanwhile = self.meanwhile, lambda: None
        meanwhile()
        self.engine.write(documents, deletes)

    def versions(self, ids):
        return self.engine.versions(ids)


def do(market, use_case, *args):
    with market.database.write() as session:
        return use_case(session, OPERATOR, *args)


def waiting(market):
    with market.database.read() as session:
        rows = session.exec(select(outbox.OutboxRow).order_by(outbox.OutboxRow.id))
        return [outbox.Work(row.id, row.kind, row.key, row.payload) for row in rows]


def found(market, word):
    return [number for number, _score in market.engine.search(parse(word)).hits]


def a_submitted_need(market):
    with market.database.write() as session:
        owner = accounts.organisation(session, accounts.claim_unverified(session, OPERATOR, "演示油坊")).code
    code = do(market, listings.create, ListingIn(kind="need", title="低温冷榨夹料", owner=owner)).code
    do(market, listings.submit, code)
    return code


def test_a_worker_that_read_before_the_publication_and_writes_after_it_does_not_lose_the_need(market):
    code = a_submitted_need(market)
    early = waiting(market)

    def publish_and_index():
        do(market, listings.publish, code)
        assert follow(market, waiting(market)) == {row.id for row in waiting(market)}

    late = Market(market.settings, market.database, SlowWorker(market.engine, publish_and_index))
    assert follow(late, early) == set()
    assert follow(market, early) == {row.id for row in early}
    assert len(found(market, "冷榨")) == 1


def test_a_worker_that_read_before_the_withdrawal_and_writes_after_it_does_not_bring_the_need_back(market):
    code = a_submitted_need(market)
    do(market, listings.publish, code)
    early = waiting(market)

    def withdraw_and_index():
        do(market, listings.withdraw, code)
        follow(market, waiting(market))

    late = Market(market.settings, market.database, SlowWorker(market.engine, withdraw_and_index))
    assert follow(late, early) == set()
    follow(market, early)
    assert found(market, "冷榨") == []
