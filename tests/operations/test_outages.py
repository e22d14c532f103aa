"""A part of the market is away: writing goes on, people are told what is missing, and everything catches up by itself."""

import contextlib
import socket
import threading
import time
from email import message_from_string

import pytest
from sqlalchemy import select

from tests import servers
from tests.crash import acts
from tests.crash.journal import Journal
from tests.crash.people import open_people
from tests.running_market import running_market

pytestmark = pytest.mark.timeout(280)


def until(condition, what: str, seconds: float = 90) -> None:
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, f"it does not come about: {what}"
        time.sleep(0.1)


@pytest.fixture
def journal(tmp_path):
    with contextlib.closing(Journal(tmp_path / "journal")) as kept:
        yield kept


def ready(people) -> dict:
    return people.visitor.get("/readyz").json()


def found(people, word: str) -> int:
    answer = people.visitor.get("/api/v1/search", params={"q": word})
    return answer.json()["total"] if answer.status_code == 200 else -1


@pytest.mark.city
def test_without_the_search_engine_people_publish_and_sign_and_search_says_it_is_away(journal):
    with (
        servers.own_server("elasticsearch") as engine,
        running_market("city", settings={"YAOSU_SEARCH_URL": engine.url}) as market,
        open_people(market) as people,
    ):
        acts.publish_need(people, journal, "zqbeforex1")
        until(lambda: found(people, "zqbeforex1") == 1, "found while all is well")
        engine.kill()
        acts.sign_deal(people, journal, "zqduringx1")
        assert people.visitor.get("/api/v1/search", params={"q": "zqduringx1"}).status_code == 503
        page = people.visitor.get("/search", params={"q": "zqduringx1"})
        assert page.status_code == 503
        assert "搜索" in page.text
        need = next(told.code for told in journal.all() if told.kind == "need" and told.word == "zqduringx1")
        assert people.visitor.get(f"/needs/{need}").status_code == 200, "the record itself needs no engine"
        assert people.visitor.get("/").status_code == 200
        state = ready(people)
        assert (state["status"], state["search"], state["database"]) == ("degraded", "down", "ok")
        engine.start()
        until(lambda: found(people, "zqduringx1") == 1, "what was published meanwhile is found", 150)
        until(lambda: ready(people)["status"] == "ok", "ready again")


@pytest.mark.city
def test_without_the_broker_people_publish_and_what_follows_is_done_when_it_is_back(journal):
    with (
        servers.own_server("redis") as broker,
        running_market("city", settings={"YAOSU_BROKER_URL": broker.url}) as market,
        open_people(market) as people,
    ):
        broker.kill()
        acts.publish_need(people, journal, "zqbrokerx1")
        state = ready(people)
        assert state["status"] == "degraded"
        assert state["broker"] != "ok"
        assert state["outbox"]["waiting"] >= 1
        broker.start()
        until(lambda: found(people, "zqbrokerx1") == 1, "found after the broker is back", 150)


class MailServer(threading.Thread):
    """A mail server on a port of this machine that takes every letter."""

    def __init__(self, port: int) -> None:
        super().__init__(daemon=True)
        self.listening = socket.create_server(("127.0.0.1", port))
        self.letters: list[str] = []

    def run(self) -> None:
        with contextlib.suppress(OSError):
            while True:
                connection, _address = self.listening.accept()
                with connection, connection.makefile("rwb") as talk:
                    self.talk(talk)

    def talk(self, talk) -> None:
        def say(words: str) -> None:
            talk.write(words.encode() + b"\r\n")
            talk.flush()

        say("220 here")
        while line := talk.readline().decode().strip():
            if line.upper() == "DATA":
                say("354 go on")
                letter = []
                while (part := talk.readline().decode()) != ".\r\n":
                    letter.append(part)
                self.letters.append("".join(letter))
            say("221 bye" if line.upper() == "QUIT" else "250 ok")


def test_without_the_mail_server_accounts_are_recovered_later_and_nothing_else_waits(journal):
    with contextlib.closing(socket.create_server(("127.0.0.1", 0))) as probe:
        port = probe.getsockname()[1]
    with (
        running_market("embedded", settings={"YAOSU_MAIL_URL": f"smtp://127.0.0.1:{port}"}) as market,
        open_people(market) as people,
    ):
        with market.database() as database, database.write() as session:
            from services.ground import mail

            mail.send(session, "zhang@example.org", "演示", "您好")
        acts.publish_need(people, journal, "zqmailx1")
        until(lambda: found(people, "zqmailx1") == 1, "the index does not wait for the mail")
        assert ready(people)["outbox"]["waiting"] >= 1
        server = MailServer(port)
        server.start()
        until(lambda: server.letters, "the letter goes out when somebody takes it", 120)
        until(lambda: ready(people)["outbox"]["waiting"] == 0, "nothing waits any more")
        server.listening.close()
    assert message_from_string(server.letters[0])["To"] == "zhang@example.org"


@pytest.mark.city
def test_what_beat_is_to_do_each_time_is_really_done_by_a_worker(journal):
    """Nobody pokes here: the drain comes from the beat alone, and the nightly figures are published."""
    with running_market("city", start=False) as market:
        with market.database() as database, database.write() as session:
            from services.ground import outbox

            outbox.add(session, "index", "N-2026-999999")
        market.start("worker", "beat")
        with market.database() as database:

            def waiting() -> int:
                with database.read() as session:
                    return outbox.waiting(session)["waiting"]

            until(lambda: waiting() == 0, "beat has the outbox drained")


@pytest.mark.city
def test_work_is_done_though_redis_was_emptied_and_a_worker_hangs_at_something_else(journal):
    """What hangs is a mail to a server that takes the connection and says nothing; it ends with its lease and is tried again."""
    silent = socket.create_server(("127.0.0.1", 0))
    settings = {"YAOSU_MAIL_URL": f"smtp://127.0.0.1:{silent.getsockname()[1]}", "YAOSU_LEASE_SECONDS": "3"}
    with (
        contextlib.closing(silent),
        contextlib.ExitStack() as held,
        running_market("city", settings=settings) as market,
        open_people(market) as people,
    ):
        import redis

        from services.ground import mail
        from services.ground.outbox import OutboxRow

        until(lambda: ready(people)["outbox"]["waiting"] == 0, "nothing waits at first")
        market.stop("worker")
        acts.publish_need(people, journal, "zqemptyx1")
        with redis.Redis.from_url(market.settings["YAOSU_BROKER_URL"]) as broker:
            broker.flushdb()
        market.start("worker")
        until(lambda: found(people, "zqemptyx1") == 1, "found though the queue was lost")
        with market.database() as database:
            with database.write() as session:
                mail.send(session, "zhang@example.org", "演示", "您好")
            held.enter_context(silent.accept()[0])
            acts.publish_need(people, journal, "zqhangsx1")
            until(lambda: found(people, "zqhangsx1") == 1, "found while a worker hangs")

            def tries() -> int:
                with database.read() as session:
                    return session.execute(select(OutboxRow.attempts).where(OutboxRow.kind == "mail")).scalar_one()

            until(lambda: tries() >= 2, "another takes over what hung")
