"""A whole market as its operator runs it: real processes, in either shape, under the commands of the compose file.

with running_market("city") as market:
    market.yaosu("user", "create", ...)      # the command line on the same market
    httpx.get(f"{market.url}/healthz")
    market.kill("worker"); market.start("worker")
"""

import contextlib
import json
import os
import secrets
import shutil
import signal
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import pytest
import yaml

from scripts.processes import free_port
from services.ground.database import Database
from services.ground.settings import Settings
from tests import servers

ROOT = servers.ROOT
SHAPES = [
    pytest.param("embedded", id="embedded"),
    pytest.param("city", id="city", marks=pytest.mark.city),
]
"""For `@pytest.mark.parametrize("shape", SHAPES)`: the same test on both shapes."""

PROCESSES = {"embedded": ("web",), "city": ("web", "worker", "beat")}


def compose_command(name: str) -> list[str]:
    """Return the command of a process as the compose file names it."""
    compose = yaml.safe_load((ROOT / "docker-compose.yml").read_text())
    return [str(part) for part in compose["services"][name]["command"]]


def program(command: Sequence[str]) -> list[str]:
    """Turn a command of the image into one of this checkout."""
    module = {"yaosu": "frontend.cli", "celery": "celery"}[command[0]]
    return [sys.executable, "-m", module, *command[1:]]


class RunningMarket:
    """The processes of one market, their settings and where they write."""

    def __init__(self, shape: str, home: Path, settings: dict[str, str]) -> None:
        """Keep the settings; nothing is started yet."""
        self.shape = shape
        self.home = home
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self.settings = {"YAOSU_HOME": str(home), "YAOSU_PUBLIC_URL": self.url, **settings}
        self._running: dict[str, subprocess.Popen[bytes]] = {}

    @property
    def environment(self) -> dict[str, str]:
        """The environment of every process: what this machine has, and no other settings of a market than ours."""
        kept = {name: value for name, value in os.environ.items() if not name.startswith("YAOSU_")}
        return {**kept, "PYTHONPATH": str(ROOT), "PYTHONDONTWRITEBYTECODE": "1", **self.settings}

    def yaosu(self, *arguments: str, check: bool = True, timeout: float = 600, text: str = "") -> str:
        """Run the command line on this market and return what it printed.

        Raises AssertionError with its words when it fails and `check` is true.
        """
        done = subprocess.run(
            program(["yaosu", *arguments]),
            env=self.environment,
            cwd=self.home,  # a .env of the checkout is not ours
            input=text,
            capture_output=True,
            text=True,
            timeout=timeout,
            check=False,
        )
        assert done.returncode == 0 or not check, f"yaosu {' '.join(arguments)}: {done.stderr or done.stdout}"
        return done.stdout

    def begin(self, *arguments: str) -> subprocess.Popen[str]:
        """Begin a command without waiting for its end; its progress can be read from `stderr`, a line a step."""
        return subprocess.Popen(
            program(["yaosu", *arguments]),
            env=self.environment,
            cwd=self.home,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )

    def yaosu_json(self, *arguments: str) -> Any:
        """Run the command line with --json and return the document it printed."""
        return json.loads(self.yaosu(*arguments, "--json"))

    @contextlib.contextmanager
    def database(self) -> Iterator[Database]:
        """Open this market's database in the test's own process, beside the processes of the market."""
        named = {name.removeprefix("YAOSU_").lower(): value for name, value in self.settings.items()}
        database = Database(Settings(_env_file=None, **named).sqlalchemy_url)
        try:
            yield database
        finally:
            database.close()

    def log(self, name: str) -> Path:
        """Return the file that holds the output of a process."""
        return self.home / f"{name}.log"

    def pid(self, name: str) -> int:
        """Return the process id of one of the running processes."""
        return self._running[name].pid

    def start(self, *names: str) -> None:
        """Start some processes (all of the shape when none is named) and wait until the web process answers."""
        for name in names or PROCESSES[self.shape]:
            command = compose_command(name)
            if name == "web":
                workers = command[command.index("--workers") + 1] if self.shape == "city" else "1"
                command = ["yaosu", "serve", "--host", "127.0.0.1", "--port", str(self.port), "--workers", workers]
            with self.log(name).open("ab") as output:
                self._running[name] = subprocess.Popen(
                    program(command),
                    env=self.environment,
                    cwd=self.home,
                    stdin=subprocess.DEVNULL,
                    stdout=output,
                    stderr=subprocess.STDOUT,
                    start_new_session=True,
                )
        if "web" in (names or PROCESSES[self.shape]):
            self.wait_for("/healthz")

    def wait_for(self, path: str, seconds: float = 90) -> None:
        """Wait until a page of the market answers with 200; fail with the log when the web process ends first."""
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline:
            with (
                contextlib.suppress(urllib.error.URLError, OSError),
                urllib.request.urlopen(self.url + path, timeout=5),
            ):
                return
            if self._running["web"].poll() is not None:
                break
            time.sleep(0.05)
        tail = "\n".join(self.log("web").read_text(errors="replace").splitlines()[-30:])
        raise AssertionError(f"{path} does not answer; the end of the log of web:\n{tail}")

    def kill(self, *names: str) -> None:
        """End processes and their children as a power cut would."""
        self._signal(signal.SIGKILL, names)

    def stop(self, *names: str) -> None:
        """End processes as an operator does, and for certain after half a minute."""
        self._signal(signal.SIGTERM, names)

    def _signal(self, number: signal.Signals, names: tuple[str, ...]) -> None:
        for name in names or tuple(self._running):
            process = self._running.pop(name, None)
            if process is None:
                continue
            with contextlib.suppress(ProcessLookupError):
                if number == signal.SIGKILL:
                    os.killpg(process.pid, number)
                else:
                    process.send_signal(number)
            with contextlib.suppress(subprocess.TimeoutExpired):
                process.wait(timeout=30)
            with contextlib.suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)
            process.wait()


@contextlib.contextmanager
def settings_of(shape: str) -> Iterator[dict[str, str]]:
    """Give the settings of a new, empty market of a shape: none, or a database, an index prefix and a broker of its own."""
    if shape == "embedded":
        yield {}
        return
    prefix = f"test-{secrets.token_hex(4)}"
    with servers.new_database() as database:
        settings = {
            "YAOSU_DATABASE_URL": database,
            "YAOSU_BROKER_URL": servers.redis_url(),
            "YAOSU_SEARCH_URL": servers.search_url(),
            "YAOSU_SEARCH_PREFIX": prefix,
            "YAOSU_SECRET_KEY": secrets.token_hex(32),
        }
        try:
            yield settings
        finally:
            _forget(settings)


def _forget(settings: dict[str, str]) -> None:
    """Remove the indices of a market, and the tasks that nobody will take any more."""
    import redis
    from elasticsearch import Elasticsearch

    with Elasticsearch(settings["YAOSU_SEARCH_URL"]) as client:
        names = list(client.indices.get(index=f"{settings['YAOSU_SEARCH_PREFIX']}*", expand_wildcards="all"))
        if names:
            client.indices.delete(index=names)
    with redis.Redis.from_url(settings["YAOSU_BROKER_URL"]) as broker:
        broker.flushdb()


@contextlib.contextmanager
def running_market(
    shape: str, *, migrate: bool = True, start: bool = True, settings: dict[str, str] | None = None
) -> Iterator[RunningMarket]:
    """Give a market of its own in a new home, migrated and serving; everything of it is gone afterwards.

    `settings` come on top of those of the shape: a server of the test's own, which it may stop.
    """
    home = Path(tempfile.mkdtemp(prefix=f"yaosu-{shape}-"))
    try:
        with settings_of(shape) as usual:
            market = RunningMarket(shape, home, usual | (settings or {}))
            try:
                if migrate:
                    market.yaosu("migrate")
                if start:
                    market.start()
                yield market
            finally:
                market.kill()
    finally:
        shutil.rmtree(home, ignore_errors=True)
