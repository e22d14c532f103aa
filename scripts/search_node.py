"""Elasticsearch for tests and developers without Docker: the published server jars and a main class of ours.

It is the real server of the version in elasticsearch/pom.xml, without Elastic's other modules and without security.
"""

import json
import os
import re
import shutil
import subprocess
import urllib.request
from pathlib import Path

from scripts.processes import ServerError, exclusive, say

ROOT = Path(__file__).resolve().parent.parent
SOURCE = ROOT / "scripts" / "elasticsearch"
VERSION = re.findall(r"<elasticsearch.version>(.+?)<", (SOURCE / "pom.xml").read_text())[0]
LIBRARY = ROOT / ".servers" / f"elasticsearch-{VERSION}"
OLDEST_JAVA = 21
MODULE = "transport-netty4"


def java_version(java: Path) -> int:
    """Return the major version of a Java, 0 when it does not run."""
    try:
        answer = subprocess.run([java, "-version"], capture_output=True, text=True, timeout=30, check=True).stderr
    except (OSError, subprocess.SubprocessError):
        return 0
    found = re.search(r'version "(\d+)', answer)
    return int(found[1]) if found else 0


def find_java() -> Path | None:
    """Return the java of a JDK that is new enough: of JAVA_HOME, of the PATH, or among the installed ones."""
    candidates = [Path(os.environ["JAVA_HOME"]) / "bin" / "java"] if os.environ.get("JAVA_HOME") else []
    on_path = shutil.which("java")
    candidates += [Path(on_path).resolve()] if on_path else []
    candidates += sorted(Path("/usr/lib/jvm").glob("*/bin/java"), reverse=True)
    for java in candidates:
        if java.exists() and (java.parent / "javac").exists() and java_version(java) >= OLDEST_JAVA:
            return java
    return None


def missing() -> str | None:
    """Return what is not there to run the server, in one sentence; None when it can be had."""
    if find_java() is None:
        return f"no JDK {OLDEST_JAVA} or newer in JAVA_HOME, on the PATH or in /usr/lib/jvm"
    if not (LIBRARY / "complete").exists() and shutil.which("mvn") is None:
        return "no Maven (mvn) to fetch the Elasticsearch jars with"
    return None


def descriptor() -> str:
    """Return the text that tells the server about its HTTP module; the names are those that the server asks for."""
    return "\n".join(
        [
            f"name={MODULE}",
            "description=HTTP and transport on Netty",
            "classname=org.elasticsearch.transport.netty4.Netty4Plugin",
            f"version={VERSION}",
            f"elasticsearch.version={VERSION}",
            "java.version=17",
            "",
        ]
    )


def install() -> Path:
    """Fetch the jars and compile the main class, once; return the folder that holds them.

    Raises ServerError when Java or Maven is missing or Maven fails. Two programs may ask at the same time.
    """
    if problem := missing():
        raise ServerError(problem)
    LIBRARY.parent.mkdir(exist_ok=True)
    with exclusive(LIBRARY.parent / "install.lock"):
        if (LIBRARY / "complete").exists() and _newer_than_source(LIBRARY / "complete"):
            return LIBRARY
        shutil.rmtree(LIBRARY, ignore_errors=True)
        say(f"fetching the Elasticsearch {VERSION} server with Maven (about 46 MB, once)")
        jars, module = LIBRARY / "lib", LIBRARY / "modules" / MODULE
        module.mkdir(parents=True)
        _run(
            "mvn", "-q", "-B", "-f", str(SOURCE / "pom.xml"),
            "dependency:copy-dependencies", f"-DoutputDirectory={jars}",
        )  # fmt: skip
        # On the class path the module would be taken for a local class and refused.
        for jar in [*jars.glob("netty-*.jar"), *jars.glob(f"{MODULE}-*.jar")]:
            jar.rename(module / jar.name)
        (module / "plugin-descriptor.properties").write_text(descriptor())
        java = find_java()
        assert java is not None  # missing() has looked
        _run(
            str(java.parent / "javac"), "-nowarn", "-proc:none", "-cp", f"{jars}/*",
            "-d", str(jars), str(SOURCE / "SearchNode.java"),
        )  # fmt: skip
        (LIBRARY / "complete").touch()
    return LIBRARY


def _newer_than_source(stamp: Path) -> bool:
    return all(stamp.stat().st_mtime >= file.stat().st_mtime for file in SOURCE.iterdir())


def _run(*command: str) -> None:
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        tail = "\n".join((done.stdout + done.stderr).splitlines()[-15:])
        raise ServerError(f"{command[0]} failed:\n{tail}")


def command(home: Path, port: int, transport_port: int) -> list[str]:
    """Return the command of one node that listens on loopback only and keeps all it writes in `home`."""
    library = install()
    java = find_java()
    assert java is not None
    return [
        str(java),
        "-Xms512m",
        "-Xmx512m",
        "-XX:+UseSerialGC",
        "-XX:TieredStopAtLevel=1",  # half the start time; no figure of speed is taken from this node
        "-XX:-UsePerfData",
        f"-Djava.io.tmpdir={home}",
        "-cp",
        f"{library}/lib:{library}/lib/*",
        "SearchNode",
        f"{library}/modules",
        str(home),
        "cluster.name=yaosu",
        "node.name=yaosu",
        "network.host=127.0.0.1",
        f"http.port={port}",
        f"transport.port={transport_port}",
        "discovery.type=single-node",
        "action.auto_create_index=false",  # a misspelt index is an error, as in the compose file
        "cluster.routing.allocation.disk.threshold_enabled=false",  # a full disk would make indices read-only
    ]


def ready(url: str) -> bool:
    """Tell whether the node answers and its indices can be read.

    Asks for the health of the cluster: the front page needs a module that this node does not have.
    """
    try:
        with urllib.request.urlopen(f"{url}/_cluster/health?wait_for_status=yellow&timeout=2s", timeout=5) as answer:
            return json.load(answer)["status"] in ("yellow", "green")
    except (OSError, ValueError):
        return False
