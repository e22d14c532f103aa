"""A market under siege: writers from several sides, and the checks of what it told them is saved."""

import contextlib
import hashlib
import itertools
import json
import random
import subprocess
import threading
import time
from collections import Counter
from collections.abc import Callable

from sqlmodel import col, func, select

from services.ground.outbox import OutboxRow
from services.listings.models import Listing
from tests.crash import acts
from tests.crash.journal import Journal, Told
from tests.running_market import RunningMarket

DEADLINE = 200.0
"""Longer than a worker may hang at one piece of work (YAOSU_LEASE_SECONDS): what is late is not lost."""
ROWS = 15


class Siege:
    """The writers of one test and what is known about their work."""

    def __init__(self, market: RunningMarket, people: acts.People, journal: Journal) -> None:
        self.market = market
        self.people = people
        self.journal = journal
        self.numbers = itertools.count(1)
        self.again: list[tuple[str, str]] = []
        """Acts whose answer was lost: kind and word."""
        self.surprises: list[BaseException] = []
        self.lock = threading.Lock()
        self.hashes: dict[tuple[str, str], str] = {}
        """What each file of a closed report was when it was first handed out."""
        self.others = itertools.cycle((self.import_results, self.rebuild, self.close_period, self.import_batch))

    def act(self, kind: str, word: str) -> None:
        if kind == "need":
            acts.publish_need(self.people, self.journal, word)
        elif kind == "closing":
            acts.close_period(self.people, self.journal, word)
        elif kind == "deal":
            acts.sign_deal(self.people, self.journal, word)
        else:
            acts.register_contract(self.people, self.journal, word, 1_000_000 + int(word.rpartition("x")[2]))

    def write(self, kind: str, stop: threading.Event) -> None:
        """Act until told to stop or until no answer comes."""
        try:
            while not stop.is_set():
                with self.lock:
                    waiting = [entry for entry in self.again if entry[0] == kind]
                    word = waiting[0][1] if waiting else f"zq{kind[0]}x{next(self.numbers)}"
                    if waiting:
                        self.again.remove(waiting[0])
                try:
                    self.act(kind, word)
                except acts.NoAnswer:
                    with self.lock:
                        self.again.append((kind, word))
                    return
        except BaseException as error:
            self.surprises.append(error)

    def import_results(self) -> None:
        """Import a small file by the command line; only an exit of 0 says that all rows are saved."""
        number = next(self.numbers)
        words = [f"zqrx{number}y{row}" for row in range(ROWS)]
        file = self.market.home / f"results-{number}.jsonl"
        lines = [{"title": f"{word} 号演示成果", "body": f"演示成果 {word} 的说明，收率不低于 90%。"} for word in words]
        file.write_text("\n".join(json.dumps(line, ensure_ascii=False) for line in lines))
        with contextlib.suppress(AssertionError, subprocess.TimeoutExpired):
            self.market.yaosu("import", "results", str(file), "--owner", self.people.owner, "--publish", timeout=60)
            for word in words:
                self.journal.write(Told("result", "", word))

    def close_period(self) -> None:
        """Close a month; without an answer it is tried again at the end."""
        word = f"zqpx{next(self.numbers)}"
        try:
            self.act("closing", word)
        except acts.NoAnswer:
            self.again.append(("closing", word))
        except BaseException as error:
            self.surprises.append(error)

    def import_batch(self) -> None:
        """Hand in a file; what was not answered counts for nothing."""
        try:
            acts.import_batch(self.people, self.journal, f"zqbx{next(self.numbers)}")
        except acts.NoAnswer:
            pass
        except BaseException as error:
            self.surprises.append(error)

    def reprinted_otherwise(self, told: list[Told]) -> list[str]:
        """Return files of closed reports that are not, byte for byte, what their hash and their first print say."""
        wrong = []
        for period in sorted({entry.code for entry in told if entry.kind == "closing"}):
            shown = acts.ask(self.people.bureau, "GET", f"/api/v1/statistics/closings/{period}").json()
            if not shown["files"]:
                wrong.append(f"{period} has no files")
            for file in shown["files"]:
                path = f"/api/v1/statistics/closings/{period}/files/{file['name']}"
                content = acts.ask(self.people.bureau, "GET", path).content
                digest = hashlib.sha256(content).hexdigest()
                first = self.hashes.setdefault((period, file["name"]), digest)
                if digest not in {first} & {file["sha256"]}:
                    wrong.append(f"{period} {file['name']}: {digest}, first {first}, said {file['sha256']}")
        return wrong

    def torn(self, told: list[Told]) -> list[str]:
        """Return batches of which a part is visible, at once and until they are whole, and those that never get whole."""
        left = {entry.code for entry in told if entry.kind == "batch"}
        deadline = time.monotonic() + DEADLINE
        with self.market.database() as database:
            while left and time.monotonic() < deadline:
                with database.read() as session:
                    seen = select(Listing.batch, func.count()).where(col(Listing.batch).in_(left), Listing.visible)
                    counts = dict.fromkeys(left, 0) | dict(session.exec(seen.group_by(Listing.batch)).all())
                if parts := {code: count for code, count in counts.items() if count not in {0, acts.BATCH}}:
                    return [f"{code}: {count} of {acts.BATCH} rows are visible" for code, count in parts.items()]
                left -= {code for code, count in counts.items() if count}
                time.sleep(0.1 if left else 0)
        return [f"{code} was taken and is not written" for code in left]

    def left_in_outbox(self) -> list[str]:
        """Say what the outbox still holds: it tells work that is late from work that is lost."""
        with self.market.database() as database, database.read() as session:
            return [
                f"outbox: {row.kind} {row.key}, tried {row.attempts} times, due {row.due_at}, aside {row.set_aside}, {row.error}"
                for row in session.exec(select(OutboxRow).limit(20))
            ]

    def rebuild(self) -> None:
        """Build the index anew; whether it comes to its end does not matter."""
        with contextlib.suppress(AssertionError, subprocess.TimeoutExpired):
            self.market.yaosu("reindex", timeout=60)

    def round(self, dice: random.Random, kill: Callable[[], None], start: Callable[[], None]) -> None:
        """Write from several sides, kill at a random moment, start again."""
        stop = threading.Event()
        threads = [threading.Thread(target=self.write, args=(kind, stop)) for kind in ("need", "deal", "contract")]
        threads.append(threading.Thread(target=next(self.others)))
        for thread in threads:
            thread.start()
        time.sleep(dice.uniform(0.3, 2.5))  # the moment of the power cut, not a wait for something
        kill()
        stop.set()
        for thread in threads:
            thread.join()
        start()
        if self.surprises:
            log = self.market.log("web").read_text(errors="replace").splitlines()[-60:]
            raise AssertionError("\n".join([str(self.surprises[0]), "the end of the log of web:", *log]))

    def take_up(self) -> None:
        """Do the acts whose answers were lost once more: they end well, and nothing was made twice."""
        for kind, word in self.again:
            self.act(kind, word)
        told = self.journal.all()
        codes = Counter(entry.word for entry in {(e.code, e.word): e for e in told if e.kind == "draft"}.values())
        assert [word for word, count in codes.items() if count > 1] == []
        assert {entry.word for entry in told if entry.kind == "need"} == codes.keys()
        # Each kind was really tried, or the test says nothing.
        assert {"draft", "need", "deal", "contract"} <= {entry.kind for entry in told}


def found(people: acts.People, word: str) -> list[str]:
    """The codes that search finds for a word."""
    answer = acts.ask(people.visitor, "GET", "/api/v1/search", params={"q": word}).json()
    return [item["code"] for item in answer["items"] if word in item["title"]]


def lost_in_search(people: acts.People, told: list[Told]) -> list[str]:
    """Wait until search finds each record once; return what it still does not find, or finds twice, at the deadline."""
    deadline = time.monotonic() + DEADLINE
    left = {entry.word: entry for entry in told if entry.kind in ("need", "result")}
    while left and time.monotonic() < deadline:
        for word, entry in list(left.items()):
            codes = found(people, word)
            if len(codes) == 1 and entry.code in ("", codes[0]):
                del left[word]
        time.sleep(0.05 if left else 0)
    return [f"{entry.kind} {entry.code} {word}: found {found(people, word)}" for word, entry in left.items()]


def unreadable(people: acts.People, told: list[Told]) -> list[str]:
    """Return what the market has told is saved and does not show."""
    wrong = []
    for entry in told:
        if entry.kind == "draft":
            shown = people.member.get(f"/api/v1/needs/{entry.code}")
        elif entry.kind == "need":
            shown = people.visitor.get(f"/api/v1/needs/{entry.code}")
        elif entry.kind == "contract":
            shown = people.registrar.get(f"/api/v1/contracts/{entry.code}")
        elif entry.kind == "deal":
            shown = people.broker.get(f"/api/v1/deals/{entry.code}")
        else:
            continue
        if shown.status_code != 200 or entry.word not in shown.text:
            wrong.append(f"{entry}: {shown.status_code}")
    return wrong


def movements(people: acts.People) -> dict[str, list[int]]:
    """Read the whole ledger: per contract the amounts of its lines."""
    lines: dict[str, list[int]] = {}
    cursor = None
    while True:
        page = acts.ask(
            people.registrar, "GET", "/api/v1/movements", params={"limit": 200} | ({"cursor": cursor} if cursor else {})
        ).json()
        for line in page["items"]:
            lines.setdefault(line["contract_code"], []).append(line["contract_amount_fen"])
        cursor = page["next"]
        if cursor is None:
            return lines


def miscounted(people: acts.People, told: list[Told]) -> list[str]:
    """Return contracts that are not in the ledger exactly once with their amount."""
    lines = movements(people)
    return [
        f"{entry.code} {entry.word}: {lines.get(entry.code)} instead of [{entry.amount_fen}]"
        for entry in told
        if entry.kind == "contract" and lines.get(entry.code) != [entry.amount_fen]
    ]


def without_one_contract(people: acts.People, told: list[Told]) -> list[str]:
    """Return signed deals that have not exactly one contract draft."""
    wrong = []
    for entry in told:
        if entry.kind == "deal":
            drafts = acts.ask(people.member, "GET", "/api/v1/contracts", params={"deal": entry.code}).json()["items"]
            if len(drafts) != 1:
                wrong.append(f"{entry.code}: {len(drafts)} contracts")
    return wrong


def everything_wrong(siege: Siege, told: list[Told]) -> list[str]:
    """Return all that was told to be saved and is not readable, found and counted once, whole, and printed as before."""
    checks = (unreadable, lost_in_search, miscounted, without_one_contract)
    hurt = [*siege.torn(told), *siege.reprinted_otherwise(told)]
    hurt += [problem for check in checks for problem in check(siege.people, told)]
    return [*hurt, *siege.left_in_outbox()] if hurt else []
