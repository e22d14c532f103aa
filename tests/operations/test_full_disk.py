"""The disk is full: people are told so and nothing half-written stays; when there is room again all goes on by itself.

The full disk is a limit on the size of files of the running process (RLIMIT_FSIZE), which needs no rights: from one moment to the
next no write of it succeeds, neither to the database nor to index, files and log.
"""

import contextlib
import resource

import pytest

from tests.crash import acts
from tests.crash.journal import Journal
from tests.crash.people import open_people
from tests.operations.test_outages import found, ready, until
from tests.running_market import running_market

PDF = b"%PDF-1.7\n% an agreement\n" + b"%" * 5_000
LARGE = b"%PDF-1.7\n% a longer one\n" + b"%" * 3_000_000
"""Large enough to lie in a file of its own while the form is read."""


@contextlib.contextmanager
def full_disk(market):
    unlimited = resource.prlimit(market.pid("web"), resource.RLIMIT_FSIZE)
    resource.prlimit(market.pid("web"), resource.RLIMIT_FSIZE, (0, unlimited[1]))
    try:
        yield
    finally:
        resource.prlimit(market.pid("web"), resource.RLIMIT_FSIZE, unlimited)


@pytest.mark.timeout(120)
def test_on_a_full_disk_people_are_told_and_everything_goes_on_when_there_is_room(tmp_path):
    with (
        contextlib.closing(Journal(tmp_path / "told")) as journal,
        running_market("embedded") as market,
        open_people(market) as people,
    ):
        acts.sign_deal(people, journal, "zqdiskx1")
        deal = next(told.code for told in journal.all() if told.kind == "deal")
        need = next(told.code for told in journal.all() if told.kind == "need")
        until(lambda: found(people, "zqdiskx1") == 1, "found before")
        small, large = (
            {"files": {"file": ("协议.pdf", content, "application/pdf")}, "data": {"level": "after_contact"}}
            for content in (PDF, LARGE)
        )
        kept = sorted(path for path in (market.home / "files").rglob("*") if path.is_file())
        with full_disk(market):
            for _n in range(3):
                refused = [
                    people.member.post("/api/v1/needs", json={"kind": "need", "title": "zqfullx1 装不下"}),
                    people.member.post(f"/api/v1/deals/{deal}/files", **small),
                    people.member.post(f"/api/v1/deals/{deal}/files", **large),
                    people.moderator.post(f"/api/v1/needs/{need}/withdraw", json={}),
                ]
                assert [answer.status_code for answer in refused] == [503] * 4, [answer.text for answer in refused]
                assert {answer.json()["code"] for answer in refused} == {"disk_full"}
            assert people.visitor.get(f"/needs/{need}").status_code == 200, "reading needs no room"
            assert found(people, "zqdiskx1") == 1
        assert sorted(path for path in (market.home / "files").rglob("*") if path.is_file()) == kept
        files = people.member.get(f"/api/v1/deals/{deal}/files").json()
        assert files["items"] == []
        again = people.member.post(f"/api/v1/deals/{deal}/files", **large)
        assert again.status_code == 201, again.text
        acts.publish_need(people, journal, "zqfullx2")
        until(lambda: found(people, "zqfullx2") == 1, "found after")
        assert found(people, "zqfullx1") == 0
        assert ready(people)["status"] == "ok"
        with market.database() as database, database.read() as session:
            assert session.connection().exec_driver_sql("PRAGMA integrity_check").scalar() == "ok"
