"""Work that fails for ever is set aside and told to whoever runs the market, and nothing else waits for it."""

from datetime import timedelta

import pytest
import sqlalchemy as sa

from services.ground import clock, mail, outbox
from services.ground.outbox import OutboxRow
from tests.frontend.market_in_process import market_here


@pytest.fixture
def here(tmp_path):
    with market_here(tmp_path) as made:
        made.person("keeper", "administrator")
        made.person("firm", organisation="演示油坊甲")
        yield made


def change_rows(here, **values) -> None:
    with here.market.database.write() as session:
        session.execute(sa.update(OutboxRow).values(**values))


def try_until_set_aside(here) -> None:
    start = clock.now()
    for hour in range(outbox.GIVE_UP_AFTER + 1):
        with clock.at(start + timedelta(hours=hour)):
            here.drain()


def test_a_mail_that_nobody_can_send_is_set_aside_told_and_sent_once_its_fault_is_mended(here):
    with here.market.database.write() as session:
        outbox.add(session, "mail", "poisoned", subject="没有收件人", body="正文")
        mail.send(session, "firm@example.org", "好的一封", "正文")
    assert [to for to, _subject, _text in here.mails()] == ["firm@example.org"]
    try_until_set_aside(here)
    keeper = here.browser().sign_in("keeper")
    assert keeper.get("/readyz").json()["outbox"] == {"waiting": 0, "set_aside": 1, "oldest_seconds": 0}
    assert 'yaosu_outbox_rows{state="set_aside"} 1.0' in keeper.get("/metrics").text
    page = keeper.get("/operations").text
    assert "poisoned" in page
    assert "KeyError" in page
    change_rows(here, payload={"to": "late@example.org", "subject": "补上", "body": "正文"})
    assert keeper.post("/operations", {"do": "again"}).status_code == 303
    assert [to for to, _subject, _text in here.mails()] == ["firm@example.org", "late@example.org"]
    assert "poisoned" not in keeper.get("/operations").text


def test_what_was_set_aside_can_be_given_up_by_the_administrator_alone(here):
    with here.market.database.write() as session:
        outbox.add(session, "notice", "no-number")
    try_until_set_aside(here)
    with here.market.database.read() as session:
        [row] = session.execute(sa.select(OutboxRow.id)).scalars()
    give_up = {"do": "give_up", "row": str(row)}
    assert here.browser().sign_in("firm").post("/operations", give_up, "/account").status_code == 403
    keeper = here.browser().sign_in("keeper")
    assert "no-number" in keeper.get("/operations").text
    assert keeper.post("/operations", give_up).status_code == 303
    assert keeper.get("/readyz").json()["outbox"]["set_aside"] == 0


def test_a_row_that_ends_its_worker_each_time_is_set_aside_like_one_that_fails(here, monkeypatch):
    def die(_market, _work):
        raise SystemExit("as if the process had been killed")

    monkeypatch.setitem(outbox._handlers, "deadly", outbox._Handling(die, (), alone=False))
    with here.market.database.write() as session:
        outbox.add(session, "deadly", "one")
    for _n in range(outbox.GIVE_UP_AFTER):
        with pytest.raises(SystemExit):
            here.drain()
    here.drain()
    with here.market.database.read() as session:
        assert outbox.waiting(session)["set_aside"] == 1


def test_while_the_mail_server_is_away_no_mail_is_given_up_and_other_work_goes_on(tmp_path):
    with market_here(tmp_path, mail_url="smtp://127.0.0.1:9") as here:
        with here.market.database.write() as session:
            mail.send(session, "firm@example.org", "等着", "正文")
            outbox.add(session, "index", "N-2026-000404")
        start = clock.now()
        for hour in range(3 * outbox.GIVE_UP_AFTER):
            outbox._resting.clear()  # instead of waiting for the pause to pass
            with clock.at(start + timedelta(hours=hour)):
                here.drain()
        with here.market.database.read() as session:
            assert outbox.waiting(session)["waiting"] == 1
            assert outbox.waiting(session)["set_aside"] == 0
    with market_here(tmp_path) as again:
        assert [subject for _to, subject, _text in again.mails()] == ["等着"]
