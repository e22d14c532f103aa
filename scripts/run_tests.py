"""Run all tests that this machine can run: fast ones first, then the city shape, then the browser (`make test`).

Says in one line each what was left out and how to get it, and ends with one line that counts all parts together. What
YAOSU_REQUIRE names is never left out: its absence fails.
"""

import os
import subprocess
import sys
import time
import xml.etree.ElementTree as ET
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

from tests import servers

NOTHING_COLLECTED = 5
EXTRA_FOLDERS = {
    "YAOSU_REALDATA": "tests on a folder of real records",
    "YAOSU_EVALUATION": "the evaluation of matching on judged pairs",
}


@dataclass(frozen=True)
class Part:
    """One run of pytest: what it is about, which tests belong to it, and the servers it cannot do without."""

    title: str
    marks: str
    needs: tuple[str, ...] = ()
    options: tuple[str, ...] = ("-n", "2")


EVERY_CODE = "--every-error-code"
"""See tests/conftest.py; only a whole run can tell."""
PARTS = [
    Part("embedded shape", "not city and not browser and not slow", options=("-n", "2", EVERY_CODE)),
    Part("embedded shape, long tests", "slow and not city and not browser", options=()),
    Part(
        "city shape", "city and not browser", ("postgres", "redis", "elasticsearch"), ("-n", "2", "--dist", "loadfile")
    ),
    Part("browser", "browser and not slow", ("browser",), ("-n", "2", "--dist", "loadfile")),
    Part("browser, long tests", "browser and slow", ("browser",), options=()),
]


def run(part: Part, report: Path, more: list[str]) -> int:
    """Run one part and return pytest's exit code; the counts go to a report file."""
    print(f"\n=== {part.title} ===", flush=True)
    options = [option for option in part.options if not (more and option == EVERY_CODE)]
    command = [sys.executable, "-m", "pytest", "-m", part.marks, *options, f"--junitxml={report}", *more]
    return subprocess.run(command, cwd=servers.ROOT, check=False).returncode


def counts(report: Path) -> dict[str, int]:
    """Read how many tests passed, failed, had errors or were skipped; empty when pytest wrote no report."""
    if not report.exists():
        return {}
    suites = ET.parse(report).getroot().iter("testsuite")  # pytest wrote this file a moment ago
    total = {"failed": 0, "passed": 0, "skipped": 0, "errors": 0}
    for suite in suites:
        failed, skipped, errors = (int(suite.get(name, "0")) for name in ("failures", "skipped", "errors"))
        total["failed"] += failed
        total["skipped"] += skipped
        total["errors"] += errors
        total["passed"] += int(suite.get("tests", "0")) - failed - skipped - errors
    return total


def left_out() -> tuple[list[Part], list[str]]:
    """Return the parts that can run, and one line for each thing that cannot be tested here."""
    problems = {name: problem for name in servers.NAMES if (problem := servers.missing(name))}
    lines = [f"left out, {name}: {problem}" for name, problem in problems.items() if name not in servers.required()]
    lines += [
        f"left out, {what}: set {name} to its folder"
        for name, what in EXTRA_FOLDERS.items()
        if not os.environ.get(name)
    ]
    absent = problems.keys() - servers.required()
    return [part for part in PARTS if not absent.intersection(part.needs)], lines


def main(more: list[str]) -> int:
    """Run the parts one after the other, all of them also after a failure; return 1 when any failed."""
    began = time.monotonic()
    parts, lines = left_out()
    total: dict[str, int] = {}
    failed = False
    with TemporaryDirectory(prefix="yaosu-reports-") as folder:
        for number, part in enumerate(parts):
            start = time.monotonic()
            report = Path(folder) / f"{number}.xml"
            code = run(part, report, more)
            failed |= code not in (0, NOTHING_COLLECTED)
            for name, count in counts(report).items():
                total[name] = total.get(name, 0) + count
            print(f"{part.title}: {time.monotonic() - start:.0f} s")
    print("\n" + "\n".join(lines))
    words = ", ".join(f"{count} {name}" for name, count in total.items() if count) or "no tests ran"
    print(f"=========== {words} in {time.monotonic() - began:.2f}s ===========")
    return int(failed or not total.get("passed"))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
