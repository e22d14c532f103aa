"""Start and stop real PostgreSQL, Redis and Elasticsearch servers without Docker.

    scripts/servers start all            prints the settings of the city shape, one NAME=VALUE a line
    scripts/servers status
    scripts/servers stop all

They listen on free ports of the loopback address, with passwords made for this home, and keep all they write in --home.
Linux only; needs nothing but Python's own library. scripts/install-servers installs what is missing on Debian.
"""

import argparse
import contextlib
import grp
import hashlib
import os
import pwd
import secrets
import shutil
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

from scripts import search_node
from scripts.processes import (
    ServerError,
    alive,
    end,
    free_port,
    port_is_free,
    processes_in,
    read_state,
    say,
    spawn,
    started_at,
    wait_for_exit_of,
    wait_until,
    write_state,
)

ROOT = Path(__file__).resolve().parent.parent
PROGRAM = ROOT / "scripts" / "servers"
DEFAULT_HOME = ROOT / ".servers" / "run"
HOW_TO_GET = "get it with: scripts/install-servers"


class Server:
    """One server in one home: a folder, and a state file with process id, port and password."""

    name: str
    variable: str
    seconds = 60.0
    port = 0
    password = ""

    def __init__(self, home: Path) -> None:
        """Look at the server of this home; nothing is started."""
        self.folder = home / self.name
        self.state_file = home / f"{self.name}.json"
        self.log = home / f"{self.name}.log"

    def state(self) -> dict[str, Any]:
        """Return what is written down about this server, empty when it never ran here."""
        return read_state(self.state_file)

    def running(self) -> bool:
        """Tell whether the process that was started here still lives."""
        return alive(self.state())

    def start(self) -> str:
        """Start the server, or find it running; return its address.

        Raises ServerError when it cannot be had or does not get ready.
        """
        state = self.state()
        if alive(state):
            return str(state["url"])
        if problem := self.missing():
            raise ServerError(f"{problem}; {HOW_TO_GET}")
        self.state_file.parent.mkdir(parents=True, exist_ok=True)
        port = state.get("port")
        # The same port again where possible: a restarted server is found by those who used it.
        port = port if port and port_is_free(port) else free_port()
        password = state.get("password") or secrets.token_hex(16)
        say(f"starting {self.name} on port {port}")
        self.port = int(port)
        self.password = str(password)
        self.prepare()
        pid = self.launch()
        url = self.url()
        state = {"pid": pid, "started_at": started_at(pid), "port": port, "password": password, "url": url}
        write_state(self.state_file, state)
        try:
            wait_until(self.ready, pid, self.log, self.seconds, self.name)
        except ServerError:
            end(state)
            raise
        return url

    def stop(self) -> None:
        """End the server if it runs; what it stored stays, so that the next start goes on with it."""
        end(self.state())

    def missing(self) -> str | None:
        """Return what is not installed, in one sentence; None when the server can be started."""
        raise NotImplementedError

    def prepare(self) -> None:
        """Make the folder and the configuration."""
        raise NotImplementedError

    def launch(self) -> int:
        """Start the process and return its id."""
        raise NotImplementedError

    def ready(self) -> bool:
        """Tell whether the server answers."""
        raise NotImplementedError

    def url(self) -> str:
        """Return the address as the settings want it."""
        raise NotImplementedError


class Postgres(Server):
    """PostgreSQL from the distribution's package, with scram passwords and full synchronisation."""

    name = "postgres"
    variable = "YAOSU_DATABASE_URL"

    def __init__(self, home: Path) -> None:
        """Choose the folder of the data: one that the user who runs the server can enter."""
        super().__init__(home)
        # The server refuses to run as root. Where root's folder is closed to others, the data goes to /var/tmp.
        self.user = "postgres" if os.geteuid() == 0 else None
        if self.user and not _may_enter(home, self.user):
            mark = hashlib.sha256(str(home).encode()).hexdigest()[:12]
            self.folder = Path("/var/tmp") / f"yaosu-postgres-{mark}"

    def program(self, name: str) -> str | None:
        """Return the path of one of PostgreSQL's programs; Debian keeps them off the PATH, one folder a version."""
        folders = sorted(Path("/usr/lib/postgresql").glob("*/bin"), key=lambda it: int(it.parent.name), reverse=True)
        return shutil.which(name, path=os.pathsep.join([*map(str, folders), os.environ.get("PATH", "")]))

    def missing(self) -> str | None:
        """Return what is not there: the server's programs, or the user that root runs it as."""
        if not self.program("postgres") or not self.program("initdb"):
            return "PostgreSQL's server is not installed"
        if self.user and self.user not in {entry.pw_name for entry in pwd.getpwall()}:
            return "PostgreSQL does not run as root and there is no user postgres"
        return None

    def prepare(self) -> None:
        """Make the cluster, once. Binary sort order, so that both databases sort alike."""
        data = self.folder / "data"
        if (data / "PG_VERSION").exists():
            self.forget_the_dead(data)
            return
        shutil.rmtree(self.folder, ignore_errors=True)
        self.folder.mkdir(mode=0o700, parents=True)
        secret = self.folder / "password"
        secret.touch(mode=0o600)
        secret.write_text(self.password)
        if self.user:
            for path in (self.folder, secret):
                os.chown(path, pwd.getpwnam(self.user).pw_uid, grp.getgrnam(self.user).gr_gid)
        options: dict[str, Any] = {"user": self.user, "group": self.user, "extra_groups": []} if self.user else {}
        done = subprocess.run(
            [str(self.program("initdb")), "-D", data, "-U", "yaosu", "-E", "UTF8", "--locale=C.UTF-8",
             "--auth=scram-sha-256", f"--pwfile={secret}"],
            capture_output=True, text=True, check=False, cwd="/", **options,
        )  # fmt: skip
        secret.unlink()
        if done.returncode:
            raise ServerError(f"initdb failed: {done.stderr.strip()}")

    def forget_the_dead(self, data: Path) -> None:
        """Remove the lock file of a postmaster that was killed, once the last of its processes has gone.

        PostgreSQL does this itself, but takes a dead process that nobody reaped for a living one, and in a
        container the first process may not reap.
        """
        lock = data / "postmaster.pid"
        with contextlib.suppress(OSError):
            if started_at(int(lock.read_text().split()[0])) is not None:
                raise ServerError(f"another PostgreSQL runs on {data}")
            deadline = time.monotonic() + 20
            while processes_in(data) and time.monotonic() < deadline:
                time.sleep(0.1)
            if processes_in(data):
                raise ServerError(f"processes of a killed PostgreSQL still hold {data}")
            lock.unlink()

    def launch(self) -> int:
        """Start the postmaster, on loopback only and without a socket file."""
        settings = {
            "port": self.port,
            "listen_addresses": "127.0.0.1",
            "unix_socket_directories": "",
            "max_connections": 200,
        }
        arguments = [part for name, value in settings.items() for part in ("-c", f"{name}={value}")]
        command = [str(self.program("postgres")), "-D", str(self.folder / "data"), *arguments]
        return spawn(command, self.log, user=self.user)

    def ready(self) -> bool:
        """Ask the server by its own program."""
        command = [str(self.program("pg_isready")), "-q", "-h", "127.0.0.1", "-p", str(self.port), "-d", "postgres"]
        return subprocess.run(command, check=False, cwd="/").returncode == 0

    def stop(self) -> None:
        """End it by SIGINT: the server's own word for "roll back what is open and stop now"."""
        end(self.state(), first=signal.SIGINT)

    def url(self) -> str:
        """Return the address of the database `postgres`, which every cluster has."""
        return f"postgresql+psycopg://yaosu:{self.password}@127.0.0.1:{self.port}/postgres"


class Redis(Server):
    """Redis with a password and an append-only file; it only holds nudges, the outbox in the database is the truth."""

    name = "redis"
    variable = "YAOSU_BROKER_URL"

    def missing(self) -> str | None:
        """Return what is not there."""
        return None if shutil.which("redis-server") else "redis-server is not installed"

    def prepare(self) -> None:
        """Write the configuration into a file: a password among the arguments could be read by everyone."""
        self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        lines = [
            "bind 127.0.0.1", f"port {self.port}", f"requirepass {self.password}", f"dir {self.folder}",
            "appendonly yes", "appendfsync everysec", 'save ""', "maxmemory-policy noeviction",
        ]  # fmt: skip
        config = self.folder / "redis.conf"
        config.touch(mode=0o600)
        config.write_text("\n".join(lines) + "\n")

    def launch(self) -> int:
        """Start it in the foreground of its own session."""
        return spawn([str(shutil.which("redis-server")), str(self.folder / "redis.conf")], self.log)

    def ready(self) -> bool:
        """Sign in and ping: while it loads its file it answers, but with an error."""
        try:
            with socket.create_connection(("127.0.0.1", self.port), timeout=2) as connection:
                connection.sendall(f"AUTH {self.password}\r\nPING\r\n".encode())
                answer = b""
                while answer.count(b"\r\n") < 2 and (more := connection.recv(200)):
                    answer += more
        except OSError:
            return False
        return b"+PONG" in answer

    def url(self) -> str:
        """Return the address of its first database."""
        return f"redis://:{self.password}@127.0.0.1:{self.port}/0"


class Elasticsearch(Server):
    """The Elasticsearch server of the compose file's version, from its published jars. No security: loopback only."""

    name = "elasticsearch"
    variable = "YAOSU_SEARCH_URL"
    seconds = 90.0

    def missing(self) -> str | None:
        """Return what is not there: a JDK, or Maven for the first time."""
        return search_node.missing()

    def prepare(self) -> None:
        """Fetch the server's jars, once, and make its folder."""
        search_node.install()
        self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)

    def launch(self) -> int:
        """Start the node."""
        return spawn(search_node.command(self.folder, self.port, free_port()), self.log)

    def ready(self) -> bool:
        """Ask for the health of the cluster."""
        return search_node.ready(self.url())

    def url(self) -> str:
        """Return its address."""
        return f"http://127.0.0.1:{self.port}"


SERVERS: dict[str, type[Server]] = {kind.name: kind for kind in (Postgres, Redis, Elasticsearch)}


def _may_enter(folder: Path, user: str) -> bool:
    """Tell whether another user may pass through all existing folders on the way to this one."""
    uid, gid = (pwd.getpwnam(user).pw_uid, pwd.getpwnam(user).pw_gid) if _user_exists(user) else (-1, -1)
    for part in [folder.absolute(), *folder.absolute().parents]:
        with contextlib.suppress(FileNotFoundError):
            status = part.stat()
            bit = 0o100 if status.st_uid == uid else 0o010 if status.st_gid == gid else 0o001
            if not status.st_mode & bit:
                return False
    return True


def _user_exists(user: str) -> bool:
    return user in {entry.pw_name for entry in pwd.getpwall()}


def stop_all(home: Path, names: list[str], *, remove: bool = False) -> None:
    """End the servers of a home; with `remove` also what they stored."""
    for name in names:
        server = SERVERS[name](home)
        server.stop()
        if remove:
            shutil.rmtree(server.folder, ignore_errors=True)
    if remove:
        shutil.rmtree(home, ignore_errors=True)


def start_watcher(home: Path, pid: int) -> None:
    """Leave a small process behind that ends all servers of the home, and removes it, when the given one has ended."""
    file = home / "watcher.json"
    if alive(read_state(file)):
        return
    watcher = spawn([str(PROGRAM), "watch", "--home", str(home), "--until-exit-of", str(pid)], home / "watcher.log")
    write_state(file, {"pid": watcher, "started_at": started_at(watcher)})


def main(arguments: list[str]) -> int:
    """Run one word of the command line; return its exit code."""
    parser = argparse.ArgumentParser(
        prog="scripts/servers", description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    parser.add_argument(
        "word", choices=["start", "stop", "status", "check", "watch"], help="check: say what is not installed"
    )
    parser.add_argument("servers", nargs="*", help=f"{', '.join(SERVERS)} or all (default)")
    parser.add_argument(
        "--home", type=Path, default=DEFAULT_HOME, help="folder of all they write (default: .servers/run)"
    )
    parser.add_argument(
        "--until-exit-of", type=int, metavar="PID", help="stop and forget them when this process has ended"
    )
    parser.add_argument("--remove", action="store_true", help="with stop: also remove what they stored")
    options = parser.parse_args(arguments)
    home = options.home.absolute()
    names = list(SERVERS) if options.servers in ([], ["all"]) else options.servers
    if unknown := [name for name in names if name not in SERVERS]:
        parser.error(f"unknown server {unknown[0]}; there are {', '.join(SERVERS)}")
    try:
        return _run(options, home, names)
    except ServerError as problem:
        say(str(problem))
        return 1


def _run(options: argparse.Namespace, home: Path, names: list[str]) -> int:
    if options.word == "start":
        home.mkdir(parents=True, exist_ok=True)
        if options.until_exit_of:
            start_watcher(home, options.until_exit_of)
        for name in names:
            print(f"{SERVERS[name].variable}={SERVERS[name](home).start()}", flush=True)
    elif options.word == "watch":
        wait_for_exit_of(options.until_exit_of)
        stop_all(home, list(SERVERS), remove=True)
    elif options.word == "stop":
        stop_all(home, names, remove=options.remove)
    elif options.word == "check":
        problems = [f"{name}: {problem}; {HOW_TO_GET}" for name in names if (problem := SERVERS[name](home).missing())]
        print("\n".join(problems) or "everything is there")
        return 1 if problems else 0
    else:
        for name in names:
            server = SERVERS[name](home)
            print(f"{name} {'running, ' + server.state()['url'] if server.running() else 'stopped'}")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
