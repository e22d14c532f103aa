"""Batches: nothing is seen before the switch, whatever ends the import; what was stopped goes on or goes away."""

import contextlib
import os
import signal
import subprocess
import sys

import pytest
from sqlmodel import func, select

from etl import imports
from etl.imports import background, passes, spool
from services.accounts import service as accounts
from services.accounts.models import Organisation
from services.deals import service as deals
from services.deals.schemas import IntroductionIn
from services.ground import batches, outbox
from services.ground.actor import ANONYMOUS, Actor, Grant
from services.ground.errors import Conflict, Gone, NotFound
from services.listings import service as listings
from services.listings.models import Listing
from services.listings.schemas import ListingIn
from tests.etl.conftest import BOTH_DATABASES, OPERATOR
from tests.running_market import ROOT


@pytest.fixture(autouse=True)
def _small_chunks(monkeypatch):
    monkeypatch.setattr(passes, "CHUNK", 5)


@pytest.fixture
def needs(jsonl):
    return jsonl("needs.jsonl", [{"title": f"第 {n} 条演示需求", "owner": "演示油坊"} for n in range(1, 21)])


def seen(market, actor=ANONYMOUS):
    with market.database.read() as session:
        return [row.title for row in listings.list_listings(session, actor, "need", limit=100)]


def stored(market, model=Listing):
    with market.database.read() as session:
        return session.exec(select(func.count()).select_from(model)).one()


def batch_of(market, code=None):
    with market.database.read() as session:
        return batches.find(session, code) if code else batches.listed(session, OPERATOR)[0]


def stopped_at(market, path, row):
    def progress(done, _total):
        if done >= row:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        imports.import_file(market, OPERATOR, "needs", path, publish=True, progress=progress)
    return batch_of(market).code


@BOTH_DATABASES
def test_stopping_leaves_nothing_visible_neither_records_nor_their_owner(market, needs):
    code = stopped_at(market, needs, 10)
    assert batch_of(market, code).state == "stopped"
    assert (stored(market), seen(market), seen(market, OPERATOR)) == (10, [], [])
    with market.database.read() as session:
        assert accounts.find_organisations(session, "演示油坊") == []
        with pytest.raises(NotFound):
            listings.get_visible(session, OPERATOR, "N-2026-000001")


@BOTH_DATABASES
def test_the_same_file_goes_on_where_it_was_stopped_and_makes_no_doubles(market, needs):
    code = stopped_at(market, needs, 10)
    report = imports.import_file(market, OPERATOR, "needs", needs, publish=True)
    assert (report.batch, report.state, report.accepted, report.unchanged) == (code, "done", 20, 0)
    assert len(seen(market)) == 20


@BOTH_DATABASES
def test_the_same_file_left_to_the_worker_goes_on_too(market, needs):
    code = stopped_at(market, needs, 10)
    options = imports.Options(publish=True)
    again = imports.receive(market, OPERATOR, "needs", needs, needs.name, options, state="writing", later=True)
    assert (again, batch_of(market, code).state) == (code, "writing")
    background.work(market, [outbox.Work(1, "import", code, {})])
    assert (batch_of(market, code).state, len(seen(market))) == ("done", 20)


@BOTH_DATABASES
def test_with_other_options_it_is_another_import_and_the_rows_held_are_named(market, needs):
    code = stopped_at(market, needs, 10)
    report = imports.import_file(market, OPERATOR, "needs", needs)
    assert (report.accepted, report.refused) == (10, 10)
    assert {(fault.reason, fault.params["batch"]) for fault in report.of("refused")} == {
        ("import_in_other_batch", code)
    }


@BOTH_DATABASES
def test_removing_a_stopped_import_leaves_no_row_and_no_copy(market, needs):
    code = stopped_at(market, needs, 10)
    imports.remove(market, OPERATOR, code)
    assert (stored(market), stored(market, Organisation)) == (0, 0)
    assert batch_of(market, code).state == "removed"
    assert not spool.path_of(market.settings, code).exists()
    assert imports.import_file(market, OPERATOR, "needs", needs, publish=True).accepted == 20


@BOTH_DATABASES
def test_all_or_nothing_leaves_nothing_behind_when_a_row_is_refused(market, jsonl):
    path = jsonl("needs.jsonl", [{"title": f"第 {n} 条"} for n in range(12)] + [{"content": ""}])
    report = imports.import_file(market, OPERATOR, "needs", path, publish=True, all_or_nothing=True)
    assert (report.state, report.accepted, report.refused, report.exit_code) == ("refused", 0, 1, 1)
    assert (stored(market), stored(market, Organisation)) == (0, 0)


@BOTH_DATABASES
def test_a_dry_run_counts_like_the_import_and_leaves_no_trace(market, needs):
    tried = imports.import_file(market, OPERATOR, "needs", needs, dry_run=True)
    assert (tried.accepted, tried.refused, stored(market), stored(market, batches.ImportBatch)) == (20, 0, 0, 0)
    assert list(spool.folder(market.settings).iterdir()) == []


@BOTH_DATABASES
def test_a_row_that_comes_twice_in_a_file_goes_in_once_and_is_told(market, jsonl):
    rows = [{"title": "同一条需求"}, *({"title": f"第 {n} 条"} for n in range(8)), {"title": "同一条需求"}]
    report = imports.import_file(market, OPERATOR, "needs", jsonl("a.jsonl", rows), publish=True)
    assert (report.accepted, report.unchanged) == (9, 1)
    assert [(fault.row, fault.reason) for fault in report.of("warning")] == [(10, "import_row_twice")]


@BOTH_DATABASES
def test_undoing_leaves_tombstones_and_the_same_file_can_come_in_again(market, needs):
    first = imports.import_file(market, OPERATOR, "needs", needs, publish=True)
    assert imports.undo(market, OPERATOR, first.batch) == 20
    assert seen(market) == []
    with market.database.read() as session:
        with pytest.raises(Gone):
            listings.get_visible(session, ANONYMOUS, "N-2026-000001")
        assert accounts.find_organisations(session, "演示油坊") == []
    again = imports.import_file(market, OPERATOR, "needs", needs, publish=True)
    assert (again.accepted, len(seen(market))) == (20, 20)
    with market.database.read() as session:
        assert [row.name for row in accounts.find_organisations(session, "演示油坊")] == ["演示油坊"]


@BOTH_DATABASES
def test_what_was_edited_since_cannot_be_undone(market, needs):
    code = imports.import_file(market, OPERATOR, "needs", needs, publish=True).batch
    with market.database.write() as session:
        listings.edit(session, OPERATOR, "N-2026-000003", ListingIn(kind="need", title="改过的一条"))
    with pytest.raises(Conflict) as refused:
        imports.undo(market, OPERATOR, code)
    assert (refused.value.code, refused.value.params["record"]) == ("batch_depended_on", "N-2026-000003")
    assert len(seen(market)) == 20


@BOTH_DATABASES
def test_what_a_deal_is_about_cannot_be_undone(market, needs, jsonl, monkeypatch):
    code = imports.import_file(market, OPERATOR, "needs", needs, publish=True).batch
    monkeypatch.setattr("etl.imports.uses.PART", 3)
    with market.database.write() as session:
        need = listings.find(session, "N-2026-000007")
        other = accounts.claim_unverified(session, OPERATOR, "演示研究所")
        result = listings.create(
            session,
            OPERATOR,
            ListingIn(kind="result", title="演示成果", owner=accounts.organisation(session, other).code),
        )
        listings.submit(session, OPERATOR, result.code)
        listings.publish(session, OPERATOR, result.code)
        broker = accounts.create_person(session, OPERATOR, login="broker", password="a-long-password", name="演示经理")
        actor = Actor(broker, "演示经理", (Grant("broker"),))
        deals.introduce(session, actor, IntroductionIn(need_code=need.code, result_code=result.code))
    with pytest.raises(Conflict) as refused:
        imports.undo(market, OPERATOR, code)
    assert refused.value.code == "batch_depended_on"


@BOTH_DATABASES
def test_a_member_brings_in_for_the_own_organisation_only_and_to_the_moderators(market, member, jsonl):
    path = jsonl("a.jsonl", [{"title": "自家的需求"}, {"title": "别家的需求", "owner": "演示别家"}])
    report = imports.import_file(market, member, "needs", path)
    assert (report.accepted, [fault.reason for fault in report.of("refused")]) == (1, ["import_owner_not_yours"])
    with market.database.read() as session:
        row = listings.list_listings(session, member, "need", owner_id=member.organisation_id)[0]
    assert (row.title, row.owner_name, row.state) == ("自家的需求", "演示农学院", "submitted")


@BOTH_DATABASES
def test_a_batch_of_somebody_else_looks_as_if_it_were_not_there(market, member, needs):
    code = imports.import_file(market, OPERATOR, "needs", needs).batch
    with pytest.raises(NotFound):
        imports.undo(market, member, code)


@BOTH_DATABASES
def test_a_batch_that_another_process_works_on_is_left_to_it(market, needs):
    code = stopped_at(market, needs, 10)
    with market.database.write() as session:
        row = batches.find(session, code)
        row.state = "writing"
        assert batches.claim(session, row, f"elsewhere:{os.getpid()}:1")
    with pytest.raises(Conflict) as busy:
        imports.resume(market, OPERATOR, code)
    assert busy.value.code == "batch_busy"


@BOTH_DATABASES
def test_a_finished_batch_cannot_be_removed_and_an_unfinished_one_not_undone(market, needs):
    code = stopped_at(market, needs, 10)
    with pytest.raises(Conflict):
        imports.undo(market, OPERATOR, code)
    imports.resume(market, OPERATOR, code)
    with pytest.raises(Conflict) as refused:
        imports.remove(market, OPERATOR, code)
    assert refused.value.code == "batch_move_not_possible"


def test_a_process_killed_in_the_middle_leaves_nothing_visible_and_the_same_command_finishes(tmp_path, jsonl):
    path = jsonl("many.jsonl", [{"title": f"第 {n} 条演示需求"} for n in range(1_100)])
    home = tmp_path / "home"
    environment = {**os.environ, "YAOSU_HOME": str(home), "PYTHONPATH": str(ROOT)}
    command = [sys.executable, "-m", "frontend.cli"]

    def yaosu(*arguments):
        done = subprocess.run(
            [*command, *arguments], check=False, env=environment, cwd=tmp_path, capture_output=True, text=True
        )
        return done.returncode, done.stdout

    assert yaosu("migrate")[0] == 0
    process = subprocess.Popen(
        [*command, "import", "needs", str(path), "--publish"],
        env=environment,
        cwd=tmp_path,
        stderr=subprocess.PIPE,
        stdout=subprocess.DEVNULL,
    )
    told = b""
    while b"import: 500" not in told:
        told += process.stderr.read1(64)
    with contextlib.suppress(ProcessLookupError):
        os.kill(process.pid, signal.SIGKILL)
    process.wait()
    process.stderr.close()
    assert yaosu("export", "needs", str(tmp_path / "out.jsonl"))[1].startswith("0 rows")
    code, out = yaosu("import", "needs", str(path), "--publish", "--json")
    assert (code, '"accepted": 1100' in out, '"batch": "B-2026-000001"' in out) == (0, True, True)
    assert yaosu("export", "needs", str(tmp_path / "out.jsonl"))[1].startswith("1100 rows")
