"""The bill of materials: what the program runs on, in which version, under which licence. Writes docs/operate/licences.md.

Example: python -m scripts.licences
"""

import importlib.metadata
import re
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
LOCK = ROOT / "requirements.lock"
PAGE = ROOT / "docs" / "operate" / "licences.md"
HEAD = """# Bill of materials

Everything `requirements.lock` installs, with the licence each package states itself. Written by `python -m scripts.licences`; a test
compares it with the lock file and accepts permissive licences, MPL-2.0 and, for libraries used unchanged, LGPL.

| package | version | licence |
|---|---|---|
"""
ELSEWHERE = "not installed on the system this page was written on"


def locked() -> dict[str, list[str]]:
    """Read the lock file: package -> its versions (several where they differ by version of Python)."""
    found: dict[str, list[str]] = {}
    for line in LOCK.read_text(encoding="utf-8").splitlines():
        if pinned := re.match(r"^([A-Za-z0-9_.-]+)==([^ \\;]+)", line):
            found.setdefault(pinned[1], []).append(pinned[2])
    return found


def licence(package: str) -> str:
    """Say what a package states about its licence: the expression, else the classifiers, else the first line."""
    try:
        known = importlib.metadata.metadata(package)
    except importlib.metadata.PackageNotFoundError:
        return ELSEWHERE
    stated = known.get("License-Expression")
    classified = [
        line.rpartition("::")[2].strip()
        for line in known.get_all("Classifier") or []
        if line.startswith("License ::") and not line.endswith("OSI Approved")
    ]
    return stated or " / ".join(classified) or (known.get("License") or "").partition("\n")[0][:60]


def page() -> str:
    """Write the page as text."""
    rows = [f"| {name} | {', '.join(versions)} | {licence(name)} |" for name, versions in sorted(locked().items())]
    return HEAD + "\n".join(rows) + "\n"


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8")
    print(f"{PAGE.relative_to(ROOT)}: {len(locked())} packages")
