"""What an operator or a client may use is described: a setting, command or route without words fails here."""

import importlib.util
import re

import pytest

from tests.architecture.source import ROOT

SETTINGS_PAGE = ROOT / "docs" / "operate" / "settings.md"
COMMANDS_PAGE = ROOT / "docs" / "use" / "command-line.md"


def part_of_the_program(name: str):
    """Import a module of the program."""
    return importlib.import_module(name)


def names_of_settings() -> set[str]:
    settings = part_of_the_program("services.ground.settings").Settings
    return {f"YAOSU_{name.upper()}" for name in settings.model_fields}


def test_every_setting_is_described_and_nothing_else_is():
    described = set(re.findall(r"`(YAOSU_[A-Z_]+)`", SETTINGS_PAGE.read_text()))
    for_tests = {
        "YAOSU_REQUIRE",
        "YAOSU_REALDATA",
        "YAOSU_EVALUATION",
        "YAOSU_PORT",
        "YAOSU_CRASH_ROUNDS",
        "YAOSU_ERROR_CODES",
    }
    assert names_of_settings() - described == set()
    assert {name for name in described - names_of_settings() if name not in for_tests and "_TEST_" not in name} == set()


def test_the_example_of_a_settings_file_names_only_what_exists():
    named = set(re.findall(r"^(YAOSU_[A-Z_]+)=", (ROOT / ".env.example").read_text(), re.MULTILINE))
    assert named <= names_of_settings() | {"YAOSU_PORT"}


def all_commands(group, before: str = "") -> list[str]:
    """The full names of the commands of a click group, those of its groups included."""
    found = []
    for name, command in group.commands.items():
        full = f"{before} {name}".strip()
        found += all_commands(command, full) if hasattr(command, "commands") else [full]
    return found


def the_command():
    import typer

    return typer.main.get_command(part_of_the_program("frontend.cli.main").app)


def test_every_command_is_described():
    page = COMMANDS_PAGE.read_text() if COMMANDS_PAGE.exists() else ""
    commands = all_commands(the_command())
    assert commands
    assert [name for name in commands if f"yaosu {name}" not in page] == []


def test_every_command_says_what_it_does_and_shows_an_example():
    def walk(group, before):
        for name, command in group.commands.items():
            if hasattr(command, "commands"):
                yield from walk(command, f"{before} {name}")
            else:
                yield f"{before} {name}", f"{command.help or ''} {command.epilog or ''}"

    wordless = [name for name, words in walk(the_command(), "yaosu") if name not in words]
    assert wordless == [], "the help of a command holds an example that begins with the command itself"


@pytest.fixture
def openapi(tmp_path):
    """What the API says about itself, from a market that holds nothing."""
    create_app = part_of_the_program("frontend.app").create_app
    market = part_of_the_program("frontend.opening").open_market(
        part_of_the_program("services.ground.settings").Settings(home=tmp_path, _env_file=None)
    )
    try:
        yield create_app(market).openapi()
    finally:
        market.close()


def test_every_route_of_the_api_is_described(openapi):
    found = []
    for path, methods in openapi["paths"].items():
        for method, operation in methods.items():
            if not (operation.get("summary") and operation.get("description") and operation.get("tags")):
                found.append(f"{method.upper()} {path}")
    assert found == []


def test_every_link_between_the_documents_leads_somewhere():
    link = re.compile(r"\]\((?!https?://|mailto:|#)([^)#\s]+)(?:#[^)]*)?\)")
    pages = [*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md")]
    assert [
        f"{page.relative_to(ROOT)} -> {target}"
        for page in pages
        for target in link.findall(page.read_text())
        if not (page.parent / target).exists()
    ] == []


def test_every_word_of_make_in_the_documents_exists():
    words = set(re.findall(r"^([a-z]+):", (ROOT / "Makefile").read_text(), re.MULTILINE))
    pages = [*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md"), *(ROOT / "scripts").glob("*.py")]
    used = {(page.name, word) for page in pages for word in re.findall(r"`make ([a-z]+)", page.read_text())}
    assert {(page, word) for page, word in used if word not in words} == set()


def test_every_decision_has_a_number_of_its_own():
    numbers = [file.name.split("-")[0] for file in (ROOT / "docs" / "decisions").glob("[0-9]*.md")]
    assert len(numbers) == len(set(numbers))
