"""The compose file held against the image, the settings and the commands that the tests start.

It cannot be run where these tests run, so what can be known without running it is checked here.
"""

import re

import pytest
import yaml

from scripts import search_node
from tests.architecture.source import ROOT
from tests.architecture.test_documentation import names_of_settings, part_of_the_program

COMPOSE = yaml.safe_load((ROOT / "docker-compose.yml").read_text())
SERVICES = COMPOSE["services"]
OURS = ("migrate", "web", "worker", "beat")
THEIRS = ("postgres", "redis", "elasticsearch")
DOCKERFILE = (ROOT / "Dockerfile").read_text()


def test_it_has_the_processes_of_the_city_shape_and_no_other():
    assert set(SERVICES) == {*OURS, *THEIRS}


@pytest.mark.parametrize("name", OURS)
def test_what_is_set_is_a_setting_of_the_program(name):
    assert set(SERVICES[name]["environment"]) <= names_of_settings()


@pytest.mark.parametrize("name", OURS)
def test_each_process_is_told_all_the_servers_and_the_secret(name):
    given = SERVICES[name]["environment"]
    for setting, server in (
        ("YAOSU_DATABASE_URL", "@postgres:5432/"),
        ("YAOSU_BROKER_URL", "@redis:6379/"),
        ("YAOSU_SEARCH_URL", "@elasticsearch:9200"),
    ):
        assert server in given[setting]
    assert given["YAOSU_SECRET_KEY"].startswith("${YAOSU_SECRET_KEY:?")


def test_no_password_is_written_down_and_a_missing_one_stops_the_start():
    text = (ROOT / "docker-compose.yml").read_text()
    for name in ("POSTGRES_PASSWORD", "REDIS_PASSWORD", "ELASTIC_PASSWORD", "YAOSU_SECRET_KEY"):
        uses = re.findall(r"\$\{" + name + r"([^}]*)\}", text)
        assert uses and all(use.startswith(":?") for use in uses), name
        assert re.search(rf"^{name}=$", (ROOT / ".env.example").read_text(), re.MULTILINE), name


def test_everything_the_example_of_the_environment_sets_is_used():
    text = (ROOT / "docker-compose.yml").read_text()
    for name in re.findall(r"^([A-Z_]+)=", (ROOT / ".env.example").read_text(), re.MULTILINE):
        assert f"${{{name}" in text, name


@pytest.mark.parametrize("name", THEIRS)
def test_each_server_is_named_with_its_version(name):
    assert re.fullmatch(r"[a-z/]+:\d+(\.\d+)*(-[a-z]+)?", SERVICES[name]["image"])


def test_the_search_server_is_the_version_that_the_tests_run_and_the_client_fits():
    assert SERVICES["elasticsearch"]["image"].endswith(f":{search_node.VERSION}")
    client = re.search(r"^elasticsearch==(\d+)\.", (ROOT / "requirements.lock").read_text(), re.MULTILINE)
    assert client and client[1] == search_node.VERSION.split(".")[0]


def test_the_search_server_asks_for_a_password_and_is_not_reached_from_outside():
    server = SERVICES["elasticsearch"]
    assert server["environment"]["xpack.security.enabled"] == "true"
    assert "ELASTIC_PASSWORD" in server["environment"]
    assert server["environment"]["action.auto_create_index"] == "false"
    assert not [name for name in THEIRS if "ports" in SERVICES[name]]


@pytest.mark.parametrize("name", [name for name in SERVICES if name != "migrate"])
def test_each_server_and_process_says_how_it_is(name):
    check = SERVICES[name]["healthcheck"]
    assert check["test"][0] in ("CMD", "CMD-SHELL")
    assert {"interval", "timeout", "retries"} <= set(check)


@pytest.mark.parametrize("name", SERVICES)
def test_each_process_has_a_ceiling_of_memory(name):
    assert re.fullmatch(r"\d+[mg]", SERVICES[name]["mem_limit"])


@pytest.mark.parametrize("name", [name for name in SERVICES if name != "migrate"])
def test_each_process_keeps_what_it_writes_in_a_named_volume_and_comes_back(name):
    volumes = [volume.partition(":")[0] for volume in SERVICES[name]["volumes"]]
    assert volumes and set(volumes) <= set(COMPOSE["volumes"])
    assert SERVICES[name]["restart"] == "unless-stopped"


def test_the_files_and_the_home_lie_in_the_volume_of_the_image():
    folder = re.search(r"YAOSU_HOME=(\S+)", DOCKERFILE)
    assert folder and f"VOLUME {folder[1]}" in DOCKERFILE
    for name in OURS:
        given = SERVICES[name]["environment"]
        assert given["YAOSU_HOME"] == folder[1]
        assert given["YAOSU_FILES"].startswith(folder[1])
        assert f"market:{folder[1]}" in SERVICES[name]["volumes"]


@pytest.mark.parametrize("name", ["web", "worker", "beat"])
def test_nothing_serves_before_the_database_is_migrated_and_the_servers_are_well(name):
    waits = SERVICES[name]["depends_on"]
    assert waits["migrate"]["condition"] == "service_completed_successfully"
    assert all(waits[server]["condition"] == "service_healthy" for server in THEIRS)


@pytest.mark.parametrize("name", OURS)
def test_each_command_is_one_that_the_image_has(name):
    command = SERVICES[name]["command"]
    assert command[0] in ("yaosu", "celery")
    if command[0] == "yaosu":
        assert "/usr/local/bin/yaosu" in DOCKERFILE
    else:
        assert re.search(r"^celery==", (ROOT / "requirements.lock").read_text(), re.MULTILINE)
        part_of_the_program(command[command.index("--app") + 1])


def test_the_page_of_readiness_that_the_health_check_asks_is_one_of_the_program():
    assert "/readyz" in " ".join(SERVICES["web"]["healthcheck"]["test"])
    assert any("/readyz" in file.read_text() for file in (ROOT / "frontend").rglob("*.py"))


def test_the_schedule_of_beat_is_written_where_its_health_check_looks():
    check = " ".join(SERVICES["beat"]["healthcheck"]["test"])
    assert f"{SERVICES['beat']['environment']['YAOSU_HOME']} " in check
    celery = ROOT / "frontend" / "celery_app.py"
    assert "beat-schedule" in check and "beat-schedule" in celery.read_text()


def test_the_image_is_small_in_rights_and_installs_by_hash():
    assert re.search(r"^FROM python:3\.11-slim", DOCKERFILE, re.MULTILINE)
    assert "--require-hashes -r requirements.lock" in DOCKERFILE
    last_user = re.findall(r"^USER (\S+)", DOCKERFILE, re.MULTILINE)[-1]
    assert last_user not in ("root", "0")
    assert DOCKERFILE.rindex(f"USER {last_user}") < DOCKERFILE.rindex("CMD")


def test_the_image_holds_all_rooms_of_the_house_and_what_it_copies_is_not_ignored():
    copied = set(re.findall(r"^COPY (\S+)", DOCKERFILE, re.MULTILINE))
    assert {"search", "services", "etl", "frontend"} <= copied
    let_in = set(re.findall(r"^!(\S+)", (ROOT / ".dockerignore").read_text(), re.MULTILINE))
    assert copied == let_in
    assert all((ROOT / name).exists() for name in copied)


def test_the_version_of_the_image_is_that_of_the_project():
    project = re.search(r'^version = "(.+)"', (ROOT / "pyproject.toml").read_text(), re.MULTILINE)
    assert project and SERVICES["web"]["image"] == f"yaosu:{project[1]}"
