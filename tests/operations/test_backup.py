"""A market that is lost comes back whole from its backup, in its own shape or in the other one."""

import contextlib
import json
import signal
import subprocess
import threading
import time
import zipfile

import httpx
import pytest

from tests.crash import acts
from tests.crash.journal import Journal
from tests.crash.people import open_people
from tests.running_market import SHAPES, program, running_market

pytestmark = pytest.mark.timeout(300)
PDF = b"%PDF-1.7\n% an agreement\n"


@pytest.fixture
def journal(tmp_path):
    with contextlib.closing(Journal(tmp_path / "journal")) as kept:
        yield kept


def sign_a_deal_with_a_file(people, journal) -> str:
    """Publish a need, sign a deal about it and attach a file; return the address of the file."""
    acts.sign_deal(people, journal, "zqbackupx1")
    acts.register_contract(people, journal, "zqbackupx2", 7_654_321)
    deal = next(told.code for told in journal.all() if told.kind == "deal")
    kept = people.member.post(
        f"/api/v1/deals/{deal}/files",
        files={"file": ("协议.pdf", PDF, "application/pdf")},
        data={"level": "after_contact"},
    )
    assert kept.status_code == 201, kept.text
    return f"/api/v1/deals/{deal}/files/{kept.json()['files'][-1]['id']}"


def keep_publishing(people, journal, stop) -> None:
    for number in range(1000):
        if stop.is_set():
            return
        acts.publish_need(people, journal, f"zqwriterx{number}")


def what_it_holds(market, people, address) -> dict:
    """What people of the first market see of it: the same must be seen in the one that was restored."""
    found = people.visitor.get("/api/v1/search", params={"q": "zqbackupx1"}).json()
    return {
        "found": [item["code"] for item in found["items"]],
        "file": people.member.get(address).content,
        "contracts": people.registrar.get("/api/v1/contracts").json()["items"],
        "figures": market.yaosu_json("indicator"),
        "demo": "演示" in httpx.get(market.url).text,
    }


def until(condition) -> None:
    deadline = time.monotonic() + 60
    while not condition():
        assert time.monotonic() < deadline, "it does not come about"
        time.sleep(0.05)


@pytest.mark.parametrize(
    ("shape", "to"),
    [
        ("embedded", "embedded"),
        pytest.param("city", "city", marks=pytest.mark.city),
        pytest.param("embedded", "city", marks=pytest.mark.city),
    ],
)
def test_a_backup_taken_under_writers_brings_everything_back(shape, to, tmp_path, journal):
    file = tmp_path / "market.zip"
    with running_market(shape) as market, open_people(market) as people:
        address = sign_a_deal_with_a_file(people, journal)
        until(lambda: people.visitor.get("/api/v1/search", params={"q": "zqbackupx1"}).json()["total"])
        before = what_it_holds(market, people, address)
        stop = threading.Event()
        writer = threading.Thread(target=keep_publishing, args=(people, journal, stop))
        writer.start()
        try:
            market.yaosu("backup", str(file))
        finally:
            stop.set()
            writer.join()
        headers = {name: dict(getattr(people, name).headers) for name in ("member", "registrar", "visitor")}
    with running_market(to, migrate=False, start=False) as again:
        again.yaosu("restore", str(file), "--json")
        again.start()
        with contextlib.ExitStack() as stack:
            clients = {
                name: stack.enter_context(httpx.Client(base_url=again.url, headers=sent, timeout=30))
                for name, sent in headers.items()
            }
            after = what_it_holds(again, type("Restored", (), clients), address)
            later = clients["member"].post("/api/v1/needs", json={"kind": "need", "title": "回来以后的新需求"})
        again.stop("web")
        refused = again.yaosu("restore", str(file), check=False)
    assert after == before
    assert after["file"] == PDF
    assert later.status_code == 201, later.text
    assert refused == "", "a market that holds something takes no backup"


def test_rows_of_one_moment_are_in_a_backup_not_half_of_a_transaction(tmp_path, journal):
    """Each need is written together with its line of the audit trail."""
    file = tmp_path / "market.zip"
    with running_market("embedded") as market, open_people(market) as people:
        stop = threading.Event()
        writer = threading.Thread(target=keep_publishing, args=(people, journal, stop))
        writer.start()
        until(lambda: len(journal.all()) > 4)
        try:
            market.yaosu("backup", str(file))
        finally:
            stop.set()
            writer.join()
    with zipfile.ZipFile(file) as archive:
        listings = [json.loads(line) for line in archive.open("tables/listing.jsonl")]
        events = [json.loads(line) for line in archive.open("tables/audit_event.jsonl")]
    created = {event["code"] for event in events if event["action"] == "listing.create"}
    assert {row["code"] for row in listings} == created
    assert len(created) > 2


@pytest.mark.parametrize("shape", SHAPES)
def test_a_backup_that_is_killed_leaves_no_file_that_looks_whole(shape, tmp_path):
    file = tmp_path / "market.zip"
    with running_market(shape, start=False) as market:
        rows = [{"title": f"演示成果 {n} 号", "body": f"第 {n} 套装置的说明。" * 40} for n in range(300)]
        source = market.home / "results.jsonl"
        source.write_text("\n".join(json.dumps(row, ensure_ascii=False) for row in rows))
        market.yaosu("import", "results", str(source), "--owner", make_owner(market), "--publish")
        process = subprocess.Popen(program(["yaosu", "backup", str(file)]), env=market.environment, cwd=market.home)
        until(lambda: file.with_name("market.zip.part").exists() or process.poll() is not None)
        process.send_signal(signal.SIGKILL)
        process.wait()
        assert not file.exists(), "it was killed while it wrote"
        market.yaosu("backup", str(file))
        said = market.yaosu_json("restore", str(file), "--check")
    assert said[0]["rows"] > 300
    assert not file.with_name("market.zip.part").exists()


def make_owner(market) -> str:
    file = market.home / "organisations.jsonl"
    file.write_text(json.dumps({"name": "演示供方研究院", "kind": "institute"}, ensure_ascii=False))
    market.yaosu("import", "organisations", str(file))
    return "O-2026-000001"


def test_a_damaged_backup_is_refused_and_nothing_is_touched(tmp_path):
    file, broken = tmp_path / "market.zip", tmp_path / "broken.zip"
    with running_market("embedded", start=False) as market:
        market.yaosu("user", "create", "admin", "--role", "administrator")
        (market.home / "secret.key").write_text("f" * 64)
        market.yaosu("backup", str(file))
        with zipfile.ZipFile(file) as old, zipfile.ZipFile(broken, "w") as new:
            for name in old.namelist():
                content = old.read(name)
                new.writestr(name, content.replace(b"admin", b"mallo") if name == "tables/login.jsonl" else content)
        there_already = market.yaosu("backup", str(file), check=False)
    with running_market("embedded", migrate=False, start=False) as again:
        assert again.yaosu("restore", str(broken), check=False) == ""
        cut = tmp_path / "cut.zip"
        cut.write_bytes(file.read_bytes()[:-200])
        assert again.yaosu("restore", str(cut), check=False) == ""
        assert not (again.home / "yaosu.sqlite3").exists()
        again.yaosu("restore", str(file))
        assert (again.home / "secret.key").read_text() == "f" * 64
        assert (again.home / "secret.key").stat().st_mode & 0o077 == 0
    assert there_already == "", "an older backup is not written over"
    assert file.stat().st_mode & 0o077 == 0
