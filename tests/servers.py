"""Real servers and a real browser for the tests: started on first use, ended with the test run, also when it is killed.

What the machine does not have is skipped with one line that says how to get it, or fails where YAOSU_REQUIRE names it.
A server that runs already is used when YAOSU_TEST_DATABASE_URL, YAOSU_TEST_BROKER_URL or YAOSU_TEST_SEARCH_URL names it:
the tests make databases, queues and indices of their own there and touch no other.
"""

import contextlib
import functools
import os
import secrets
import shutil
import signal
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, NoReturn

import pytest

from scripts import processes
from scripts import servers as programs

if TYPE_CHECKING:
    from playwright.sync_api import Browser

ROOT = Path(__file__).resolve().parent.parent
PROGRAM = ROOT / "scripts" / "servers"
NAMES = ("postgres", "redis", "elasticsearch", "browser")
GIVEN = {
    "postgres": "YAOSU_TEST_DATABASE_URL",
    "redis": "YAOSU_TEST_BROKER_URL",
    "elasticsearch": "YAOSU_TEST_SEARCH_URL",
}
CHROMIUM_FLAGS = [
    "--no-sandbox",  # root cannot use the sandbox; only our own pages are opened
    "--disable-gpu",
    "--disable-quic",
    "--disable-dev-shm-usage",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    # No other machine is reached: whatever is not loopback goes to a proxy that does not exist.
    "--proxy-server=http://127.0.0.1:9",
    "--proxy-bypass-list=127.0.0.1;localhost",
]


def required() -> set[str]:
    """Return what must be there, from YAOSU_REQUIRE (a comma list); an unknown name stops the run."""
    names = {name.strip() for name in os.environ.get("YAOSU_REQUIRE", "").split(",") if name.strip()}
    if unknown := names - set(NAMES):
        raise pytest.UsageError(f"YAOSU_REQUIRE names {', '.join(sorted(unknown))}; it may name {', '.join(NAMES)}")
    return names


@functools.cache
def missing(name: str) -> str | None:
    """Return what is not installed for a server or the browser and how to get it, in one line; None when it can be had."""
    if name == "browser":
        problem = None if chromium() else "no Chromium on the PATH"
    elif os.environ.get(GIVEN[name]):
        problem = None
    else:
        problem = programs.SERVERS[name](Path(tempfile.gettempdir())).missing()
    return f"{problem}; {programs.HOW_TO_GET}" if problem else None


def give_up(name: str, why: str) -> NoReturn:
    """Skip the test, or fail it where YAOSU_REQUIRE names what is missing."""
    if name in required():
        pytest.fail(f"YAOSU_REQUIRE names {name}, but: {why}", pytrace=False)
    pytest.skip(f"{name}: {why}")


def need(name: str) -> None:
    """Skip or fail here unless this server, or the browser, can be had."""
    if problem := missing(name):
        give_up(name, problem)


def _main_process() -> int:
    """Return the process whose end is the end of the run: with xdist the parent of the one that runs this test."""
    return os.getppid() if os.environ.get("PYTEST_XDIST_WORKER") else os.getpid()


@functools.cache
def _url(name: str) -> str:
    if given := os.environ.get(GIVEN[name]):
        return given
    home = Path(tempfile.gettempdir()) / f"yaosu-test-servers-{_main_process()}"
    home.mkdir(mode=0o755, exist_ok=True)
    command = [str(PROGRAM), "start", name, "--home", str(home), "--until-exit-of", str(_main_process())]
    with processes.exclusive(home / f"{name}.lock"):  # several test processes ask for the same server
        done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        raise RuntimeError(f"{name} does not start: {done.stderr}")
    return str(done.stdout.strip().partition("=")[2])


def postgres_url() -> str:
    """Return the address of the PostgreSQL server (its database `postgres`); see new_database."""
    need("postgres")
    return _url("postgres")


def redis_url() -> str:
    """Return the address of a database of the Redis server that only this test process uses.

    Workers of two test processes on one database would take each other's tasks.
    """
    need("redis")
    number = os.environ.get("PYTEST_XDIST_WORKER", "gw0").removeprefix("gw")
    return f"{_url('redis').rpartition('/')[0]}/{number}"


def search_url() -> str:
    """Return the address of the Elasticsearch server."""
    need("elasticsearch")
    return _url("elasticsearch")


@contextlib.contextmanager
def new_database() -> Iterator[str]:
    """Give the address of a new, empty database of its own, dropped afterwards."""
    import psycopg

    server = postgres_url()
    name = f"yaosu_test_{secrets.token_hex(6)}"
    plain = server.replace("postgresql+psycopg://", "postgresql://")
    with psycopg.connect(plain, autocommit=True) as connection:
        connection.execute(f'CREATE DATABASE "{name}" TEMPLATE template0')
    try:
        yield f"{server.rpartition('/')[0]}/{name}"
    finally:
        with psycopg.connect(plain, autocommit=True) as connection:
            connection.execute(f'DROP DATABASE "{name}" WITH (FORCE)')


class OwnServer:
    """A server that belongs to one test, so that the test may kill it and start it again."""

    def __init__(self, name: str, home: Path) -> None:
        """Start it in this home."""
        self._server = programs.SERVERS[name](home)
        self.url = self._server.start()

    def kill(self) -> None:
        """End it as a power cut would."""
        processes.end(self._server.state(), first=signal.SIGKILL)

    def start(self) -> None:
        """Start it again at the same address, on what it had stored."""
        again = self._server.start()
        assert again == self.url, "the port was taken in the meantime"

    def remove(self) -> None:
        """End it and forget what it stored."""
        self.kill()
        shutil.rmtree(self._server.folder, ignore_errors=True)


@contextlib.contextmanager
def own_server(name: str) -> Iterator[OwnServer]:
    """Give a server of the test's own; use the shared ones where nothing has to break."""
    need(name)
    home = Path(tempfile.mkdtemp(prefix=f"yaosu-own-{name}-"))
    home.chmod(0o755)
    # A killed test run leaves nothing behind.
    programs.start_watcher(home, os.getpid())
    server = OwnServer(name, home)
    try:
        yield server
    finally:
        server.remove()
        processes.end(processes.read_state(home / "watcher.json"))
        shutil.rmtree(home, ignore_errors=True)


def chromium() -> str | None:
    """Return the path of the distribution's Chromium."""
    return shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")


@contextlib.contextmanager
def browser() -> Iterator["Browser"]:
    """Give a headless Chromium that reaches this machine only; every test opens a context of its own in it."""
    need("browser")
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        launched = playwright.chromium.launch(executable_path=chromium(), args=CHROMIUM_FLAGS)
        try:
            yield launched
        finally:
            launched.close()
