"""New records wake the needs they fit: the owner and whoever looks after the need are told, once."""

from datetime import timedelta

import pytest
from sqlmodel import select

from services.accounts import service as accounts
from services.accounts import sessions
from services.ground import clock, outbox
from services.ground.actor import system_actor
from services.listings import service as listings
from services.listings.schemas import ListingIn
from services.matching import service as matching
from services.matching import waking
from services.notices.models import Notice
from tests.services.matching.test_matches import published

OPERATOR = system_actor()
FILLER = ("伺服电机转子动平衡", "箱包面料防水整理", "智能手环心率算法", "玻璃磨边崩口检测", "硬岩钻头胎体配方")


@pytest.fixture
def owner(market):
    for number, title in enumerate(FILLER):
        published(market, "result", title, "与油料无关的研究" * (number + 2), owner="演示大学")
    with market.database.write() as session:
        organisation = accounts.claim_unverified(session, OPERATOR, "演示油坊")
        person = accounts.create_person(session, OPERATOR, login="oil", password="a-long-password", name="演示甲")
        accounts.grant(session, OPERATOR, person, "organisation_admin", organisation, None)
    return person


def told(market, person):
    with market.database.read() as session:
        rows = session.exec(select(Notice).where(Notice.person_id == person, Notice.kind == "match_new"))
        return [(row.url, row.params["title"]) for row in rows]


def fitting(market, kind="result", **more):
    body = "低温冷榨茶籽，饼粕残油百分之四，残油偏高的老设备也能改造"
    return published(market, kind, "茶籽饼粕残油低温冷榨工艺", body, owner="演示研究院", **more)


def need_of(market):
    return published(market, "need", "茶籽饼粕残油偏高", "茶籽液压榨残油百分之八，饼粕残油偏高，想用低温冷榨改造")


def test_a_new_result_that_fits_an_open_need_is_told_to_its_owner_once(market, owner):
    need = need_of(market)
    assert told(market, owner) == []
    fit = fitting(market)
    published(market, "result", "伺服电机噪声", "转子", owner="演示大学")
    assert told(market, owner) == [(f"/needs/{need}", "茶籽饼粕残油低温冷榨工艺")]
    with market.database.write() as session:
        outbox.add(session, "wake", fit)
    outbox.drain_all(market.database, market)
    assert len(told(market, owner)) == 1
    with market.database.read() as session:
        ids = listings.ids_of(session, [need, fit])
        assert matching.hits_of(session, ids[need]) == {ids[fit]}
        firm = sessions.actor_of_person(session, owner)
        assert [(one.code, other.code) for one, other in matching.hits_for(session, firm)] == [(need, fit)]
        assert matching.hits_for(session, OPERATOR) == []


def test_a_new_expert_wakes_a_need_too(market, owner):
    need = need_of(market)
    fitting(market, kind="expert")
    assert [url for url, _title in told(market, owner)] == [f"/needs/{need}"]


def test_a_need_that_was_withdrawn_unsolved_is_woken_and_a_fulfilled_one_sleeps_on(market, owner):
    need, solved = need_of(market), need_of(market)
    with market.database.write() as session:
        listings.withdraw(session, OPERATOR, need)
        listings.fulfil(session, OPERATOR, solved)
    outbox.drain_all(market.database, market)
    fitting(market)
    assert [url for url, _title in told(market, owner)] == [f"/needs/{need}"]


def test_what_was_there_before_the_need_is_no_news(market, owner):
    with clock.at(clock.now() - timedelta(days=1)):
        fit = fitting(market)
    need_of(market)
    with market.database.write() as session:
        outbox.add(session, "wake", fit)
    outbox.drain_all(market.database, market)
    assert told(market, owner) == []


def test_whoever_looks_after_the_need_in_a_deal_is_told_as_its_owner_is(market, owner):
    with market.database.write() as session:
        broker = accounts.create_person(session, OPERATOR, login="broker", password="a-long-password", name="演示乙")
    need = need_of(market)
    from services.matching import waking

    def minds(session, code):
        return {broker} if code == need else set()

    matching.register_brokers(minds)
    try:
        fitting(market)
    finally:
        waking._brokers.remove(minds)
    assert [url for url, _title in told(market, broker)] == [f"/needs/{need}"]


def test_a_crowd_of_new_records_is_woken_part_by_part_and_none_is_forgotten(market, owner, monkeypatch):
    need = need_of(market)
    monkeypatch.setattr(waking, "AT_ONCE", 2)
    with market.database.write() as session:
        school = accounts.organisation(session, accounts.claim_unverified(session, OPERATOR, "演示研究院")).code
        arrived = [
            listings.create(session, OPERATOR, ListingIn(kind="result", title=title, body=body, owner=school)).code
            for title, body in [
                *((name, "与油料无关的研究") for name in FILLER),
                ("茶籽饼粕残油低温冷榨工艺", "低温冷榨茶籽，饼粕残油百分之四，残油偏高的老设备也能改造"),
            ]
        ]
        for code in arrived:
            listings.submit(session, OPERATOR, code)
            listings.publish(session, OPERATOR, code)
    outbox.drain_all(market.database, market, only="index")
    outbox.drain(market.database, market, only="wake")
    with market.database.read() as session:
        assert outbox.waiting(session)["waiting"] == len(arrived) - 2
    outbox.drain_all(market.database, market)
    assert told(market, owner) == [(f"/needs/{need}", "茶籽饼粕残油低温冷榨工艺")]
