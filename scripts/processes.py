"""Start, watch and end server processes: by process id and start time, so that never a stranger is ended."""

import contextlib
import fcntl
import json
import os
import select
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any


class ServerError(Exception):
    """Why a server cannot be had, in one sentence for people."""


def say(text: str) -> None:
    """Tell a person what is going on; stdout is kept for the environment lines."""
    print(text, file=sys.stderr, flush=True)


def free_port() -> int:
    """Return a port of the loopback address that nobody listened on a moment ago."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def port_is_free(port: int) -> bool:
    """Tell whether one could listen on this port of the loopback address."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
        return True


def started_at(pid: int) -> str | None:
    """Return the start time of a process as the kernel counts it, None when it is gone or waits to be reaped."""
    try:
        # The name in brackets may hold blanks; what follows the last one is regular: state is field 3, start field 22.
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except OSError:
        return None
    return None if fields[0] in "ZX" else fields[19]


def processes_in(folder: Path) -> list[int]:
    """Return the ids of living processes that work in this folder, as all of one PostgreSQL's do."""
    found = []
    for entry in Path("/proc").glob("[0-9]*"):
        with contextlib.suppress(OSError):
            if (entry / "cwd").resolve(strict=True) == folder and started_at(int(entry.name)) is not None:
                found.append(int(entry.name))
    return found


def alive(state: dict[str, Any]) -> bool:
    """Tell whether the very process written down in a state still runs."""
    return bool(state) and started_at(int(state["pid"])) == state["started_at"]


def spawn(command: Sequence[str], log: Path, *, user: str | None = None, env: dict[str, str] | None = None) -> int:
    """Start a process that outlives this program, in a session of its own, its output in a file; return its id."""
    options: dict[str, Any] = {"user": user, "group": user, "extra_groups": []} if user else {}
    with log.open("ab") as output:
        process = subprocess.Popen(
            command,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            start_new_session=True,
            cwd="/",
            env=env,
            **options,
        )
    process.returncode = 0  # It is meant to go on: without this Python warns that nobody waits for it.
    return process.pid


def wait_until(ready: Callable[[], bool], pid: int, log: Path, seconds: float, what: str) -> None:
    """Wait for a server to answer.

    Raises ServerError with the end of its log when it ended or is not ready in time.
    """
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        if ready():
            return
        with contextlib.suppress(ChildProcessError):
            os.waitpid(pid, os.WNOHANG)
        if started_at(pid) is None:
            break
        time.sleep(0.1)
    tail = "\n".join(log.read_text(errors="replace").splitlines()[-15:]) if log.exists() else ""
    state = "does not answer" if started_at(pid) else "ended"
    raise ServerError(f"{what} {state}; the end of {log}:\n{tail}")


def end(state: dict[str, Any], seconds: float = 20, first: signal.Signals = signal.SIGTERM) -> None:
    """End the process of a state: politely, then for certain."""
    for number in (first, signal.SIGKILL):
        if not alive(state):
            return
        with contextlib.suppress(ProcessLookupError):
            os.kill(int(state["pid"]), number)
        deadline = time.monotonic() + seconds
        while alive(state) and time.monotonic() < deadline:
            with contextlib.suppress(ChildProcessError):
                os.waitpid(int(state["pid"]), os.WNOHANG)
            time.sleep(0.05)


@contextlib.contextmanager
def exclusive(file: Path) -> Iterator[None]:
    """Hold a lock that only one process has at a time; it ends with the process, however that ends."""
    with file.open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def read_state(file: Path) -> dict[str, Any]:
    """Return what was written down when a server started; empty when there is nothing readable."""
    try:
        state = json.loads(file.read_text())
    except (OSError, ValueError):
        return {}
    return state if isinstance(state, dict) else {}


def write_state(file: Path, state: dict[str, Any]) -> None:
    """Write a state so that a reader sees the old or the new one, and only its owner can read the password in it."""
    aside = file.with_suffix(".new")
    aside.touch(mode=0o600)
    aside.write_text(json.dumps(state, indent=1))
    aside.replace(file)


def wait_for_exit_of(pid: int) -> None:
    """Return when a process has ended (also by kill -9), without polling it."""
    try:
        descriptor = os.pidfd_open(pid)
    except ProcessLookupError:
        return
    try:
        poll = select.poll()
        poll.register(descriptor, select.POLLIN)
        poll.poll()
    finally:
        os.close(descriptor)


def memory_mb(pid: int) -> float:
    """Return the resident memory of a process and all it started, in MB."""
    parents: dict[int, list[int]] = {}
    for entry in Path("/proc").glob("[0-9]*/stat"):
        with contextlib.suppress(OSError):
            parents.setdefault(int(entry.read_text().rpartition(")")[2].split()[1]), []).append(int(entry.parent.name))
    family, todo = [], [pid]
    while todo:
        one = todo.pop()
        family.append(one)
        todo += parents.get(one, [])
    pages = 0
    for one in family:
        with contextlib.suppress(OSError):
            pages += int(Path(f"/proc/{one}/statm").read_text().split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE") / 1e6
