"""What a command says that cannot be done, by its code."""

import pytest
from typer.testing import CliRunner

from frontend import texts
from frontend.cli.main import app


@pytest.fixture(scope="module")
def home(tmp_path_factory):
    folder = tmp_path_factory.mktemp("home")
    assert CliRunner().invoke(app, ["migrate"], env={"YAOSU_HOME": str(folder)}).exit_code == 0
    return folder


@pytest.mark.parametrize(
    ("code", "command"),
    [
        ("export_list", ["export", "planets", "{home}/planets.csv"]),
        ("import_kind", ["import", "planets", __file__]),
        ("import_no_file", ["import", "needs", "{home}/nowhere.csv"]),
        ("generate_only_demo", ["generate", "--contracts", "1"]),
        ("role_unknown", ["user", "create", "first", "--role", "king"]),
        ("role_needs_organisation", ["user", "create", "second", "--role", "member"]),
    ],
)
def test_what_cannot_be_done_is_told_by_its_code_and_the_command_fails(home, code, command):
    told = set()
    texts.listeners.append(told.add)
    try:
        done = CliRunner().invoke(app, [part.format(home=home) for part in command], env={"YAOSU_HOME": str(home)})
    finally:
        texts.listeners.remove(told.add)
    assert code in told, (done.output, done.exception)
    assert done.exit_code == 1
