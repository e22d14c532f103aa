"""Rules of the house that no linter knows, each with the accident it prevents."""

import ast
import re
import subprocess

import pytest

from tests.architecture.source import ROOT, calls, comments, functions, modules

LONGEST_MODULE = 400
LONGEST_FUNCTION = 50
# name of the module: why it may be longer
LONG_MODULES: dict[str, str] = {}
# module and function: why it may be longer
LONG_FUNCTIONS: dict[tuple[str, str], str] = {}


def test_only_the_database_module_commits():
    """A service that commits leaves half a story in the database when the second half fails."""
    # search/ knows no session: what commits there is the writer of the embedded index.
    rooms = modules("services", "etl", "frontend", "scripts")
    found = [
        f"{m.name}:{line}"
        for m in rooms
        if m.name not in ("services/ground/database.py", "scripts/floors.py")
        for line in calls(m, "commit")
    ]
    assert not found


def test_no_task_is_ever_run_eagerly():
    """A task that runs inside the caller is another program than the one a worker runs."""
    everywhere = modules("search", "services", "etl", "frontend", "scripts", "tests")
    assert [m.name for m in everywhere if "always_eager" in m.text] == ["tests/architecture/test_house_rules.py"]


def test_no_module_is_longer_than_it_can_be_held_in_the_head():
    long = {
        m.name: m.lines
        for m in modules("search", "services", "etl", "frontend", "scripts")
        if m.lines >= LONGEST_MODULE
    }
    assert {name: lines for name, lines in long.items() if name not in LONG_MODULES} == {}
    assert LONG_MODULES.keys() <= long.keys(), "an exception that nobody needs any more"


def test_no_function_is_longer_than_a_screen():
    long = {
        (m.name, name): length
        for m in modules("search", "services", "etl", "frontend", "scripts")
        for name, length in functions(m)
        if length >= LONGEST_FUNCTION
    }
    assert {key: length for key, length in long.items() if key not in LONG_FUNCTIONS} == {}
    assert LONG_FUNCTIONS.keys() <= long.keys(), "an exception that nobody needs any more"


def test_the_time_comes_from_the_one_clock():
    """Tests and the demo set the clock; a call past it would show another day than the rest of the page."""
    found = []
    for module in modules():
        if module.name == "services/ground/clock.py":
            continue
        for node in ast.walk(module.tree):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
                owner = ast.unparse(node.func.value).rpartition(".")[2]
                if (owner, node.func.attr) in {
                    ("datetime", "now"), ("datetime", "utcnow"), ("datetime", "today"), ("date", "today"), ("time", "time"),
                }:  # fmt: skip
                    found.append(f"{module.name}:{node.lineno}")
    assert not found


def test_no_city_is_named_in_code():
    """Another city runs the same program: its regions, chains and words are data."""
    city = "\u6c38\u5dde"
    found = [m.name for m in modules() if city in m.text or "yongzhou" in m.text.lower()]
    assert not found


def test_no_page_names_a_city_in_its_template():
    city = "\u6c38\u5dde"
    assert not [p.name for p in (ROOT / "frontend" / "templates").rglob("*") if p.is_file() and city in p.read_text()]


def test_no_note_to_finish_something_later_is_left():
    note = re.compile(r"\b(TODO|FIXME|XXX|HACK)\b")
    found = [
        f"{m.name}:{line}"
        for m in modules("search", "services", "etl", "frontend", "scripts", "tests")
        for line, text in comments(m)
        if note.search(text)
    ]
    assert not found


def test_no_capability_reads_the_tables_of_another():
    """Between capabilities only public functions: a table can then change without asking everybody."""
    found = []
    for module in modules("services"):
        capability = module.name.split("/")[1]
        for node in ast.walk(module.tree):
            if isinstance(node, ast.ImportFrom) and node.module and node.module.startswith("services."):
                parts = node.module.split(".")
                imported = [*parts, *(alias.name for alias in node.names)]
                if parts[1] not in (capability, "ground") and "models" in imported:
                    found.append(f"{module.name}:{node.lineno} imports {node.module}")
    assert not found


def test_the_business_knows_no_page():
    """FastAPI is named in api.py and in the shared web module only; templates and Celery not at all."""
    found = []
    for module in modules("services", "search", "etl"):
        may_know_http = module.name.endswith("api.py") or module.name == "services/ground/web.py"
        for node in ast.walk(module.tree):
            names = [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
            names += [node.module or ""] if isinstance(node, ast.ImportFrom) else []
            for name in names:
                top = name.partition(".")[0]
                if top in ("jinja2", "celery") or (top in ("fastapi", "starlette") and not may_know_http):
                    found.append(f"{module.name}:{node.lineno} imports {name}")
    assert not found


def test_search_knows_no_database_and_no_web():
    found = [
        f"{module.name}:{node.lineno}"
        for module in modules("search")
        for node in ast.walk(module.tree)
        if isinstance(node, ast.Import | ast.ImportFrom)
        for name in ([alias.name for alias in node.names] if isinstance(node, ast.Import) else [node.module or ""])
        if name.partition(".")[0] in ("sqlalchemy", "sqlmodel", "fastapi", "starlette", "celery")
    ]
    assert not found


def test_templates_have_no_inline_style_or_script():
    """The content security policy refuses them: the page would look right in a test of its text and wrong in a browser."""
    inline = re.compile(
        r"""\sstyle\s*=|<style\b|<script(?![^>]*\ssrc=)|\son[a-z]+\s*=\s*["']|href=["']javascript:""", re.IGNORECASE
    )
    data = re.compile(r'<script[^>]*type="application/(?:json|ld\+json)"')
    found = []
    for file in (ROOT / "frontend" / "templates").rglob("*.html"):
        for number, line in enumerate(file.read_text().splitlines(), 1):
            if inline.search(line) and not data.search(line):
                found.append(f"{file.relative_to(ROOT)}:{number}")
    assert not found


def test_lock_files_pin_every_package_by_hash_and_name_no_address():
    for name in ("requirements.lock", "requirements-dev.lock"):
        text = (ROOT / name).read_text()
        assert "://" not in text and "index-url" not in text and "find-links" not in text, name
        pinned = re.findall(r"^[A-Za-z0-9_.\[\]-]+==\S+.*?(?=^\S|\Z)", text, re.MULTILINE | re.DOTALL)
        assert len(pinned) > 20, name
        assert not [entry.split()[0] for entry in pinned if "--hash=sha256:" not in entry], name


def test_every_package_asked_for_is_locked():
    for source, lock in (("requirements.in", "requirements.lock"), ("requirements-dev.in", "requirements-dev.lock")):
        asked = re.findall(r"^([A-Za-z0-9_.-]+)", (ROOT / source).read_text(), re.MULTILINE)
        locked = re.findall(r"^([A-Za-z0-9_.-]+)==", (ROOT / lock).read_text().replace("[", "==["), re.MULTILINE)
        plain = {name.lower().replace("_", "-") for name in locked}
        assert {name.lower().replace("_", "-") for name in asked if not name.startswith("-")} <= plain, source


def test_what_builds_and_runs_names_no_package_registry():
    """The operator's machine decides where packages come from."""
    address = re.compile(r"https?://(?!127\.0\.0\.1|localhost|\{|elastic:|elasticsearch|market\.example)[\w.-]+")
    allowed = {"http://maven.apache.org", "http://www.w3.org"}  # names of schemas, never fetched
    files = [ROOT / name for name in ("Makefile", "Dockerfile", "docker-compose.yml", ".ci/run", "pyproject.toml")]
    files += [file for file in (ROOT / "scripts").rglob("*") if file.is_file() and file.suffix != ".pyc"]
    found = [f"{file.name}: {hit}" for file in files for hit in address.findall(file.read_text()) if hit not in allowed]
    assert not found


def test_nothing_that_belongs_to_one_machine_is_committed():
    try:
        listed = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, text=True, check=True).stdout
    except (OSError, subprocess.CalledProcessError):
        pytest.skip("not a git checkout")
    wrong = re.compile(r"(^|/)(\.env|var/.*|\.venv/.*|__pycache__/.*|.*\.pyc|.*\.sqlite3|secret\.key)$")
    assert not [name for name in listed.split("\0") if wrong.search(name)]
