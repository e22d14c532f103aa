"""The real servers that tests and developers start without Docker."""

import subprocess
import sys

import pytest

from scripts import processes
from tests import servers

PROGRAM = servers.PROGRAM


@pytest.mark.city
def test_a_document_put_into_elasticsearch_by_the_client_of_the_program_is_found():
    from elasticsearch import Elasticsearch

    with Elasticsearch(servers.search_url()) as client:
        index = "trial-of-the-server"
        client.indices.create(index=index, mappings={"dynamic": "strict", "properties": {"title": {"type": "text"}}})
        try:
            client.index(index=index, id="N-1", document={"title": "manganese slag"}, refresh=True)
            assert client.search(index=index, query={"match": {"title": "slag"}})["hits"]["hits"][0]["_id"] == "N-1"
        finally:
            client.indices.delete(index=index)


@pytest.mark.city
def test_every_test_database_is_new_empty_and_sorts_by_code_point():
    import psycopg

    with servers.new_database() as url, psycopg.connect(url.replace("+psycopg", "")) as connection:
        tables = connection.execute("SELECT count(*) FROM pg_tables WHERE schemaname = 'public'").fetchone()
        ordered = connection.execute("SELECT x FROM (VALUES ('b'), ('A'), ('a'), ('永')) AS v(x) ORDER BY x").fetchall()
        safe = connection.execute("SELECT current_setting('fsync'), current_setting('full_page_writes')").fetchone()
    assert tables == (0,)
    assert [row[0] for row in ordered] == ["A", "a", "b", "永"]
    assert safe == ("on", "on")


@pytest.mark.city
@pytest.mark.parametrize("name", ["postgres", "redis", "elasticsearch"])
def test_a_server_killed_without_warning_starts_again_at_the_same_address(name):
    with servers.own_server(name) as server:
        server.kill()
        server.start()


@pytest.mark.city
def test_servers_end_and_their_folder_goes_when_the_process_they_were_started_for_is_killed(tmp_path):
    servers.need("redis")
    home = tmp_path / "home"
    with subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE) as user:
        command = [PROGRAM, "start", "redis", "--home", home, "--until-exit-of", str(user.pid)]
        subprocess.run(command, check=True, capture_output=True)
        server = processes.read_state(home / "redis.json")
        watcher = processes.read_state(home / "watcher.json")
        assert processes.alive(server)
        user.kill()
    processes.wait_for_exit_of(watcher["pid"])
    assert not processes.alive(server)
    assert not home.exists()


def test_an_unknown_server_is_wrong_usage_and_says_which_there_are():
    done = subprocess.run([PROGRAM, "start", "oracle"], capture_output=True, text=True, check=False)
    assert done.returncode == 2
    assert "postgres, redis, elasticsearch" in done.stderr


def test_a_process_that_only_has_the_id_of_a_server_is_not_ended():
    with subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE) as stranger:
        processes.end({"pid": stranger.pid, "started_at": "1"})
        assert stranger.poll() is None
        stranger.kill()


def test_what_is_required_and_missing_fails_and_what_is_only_missing_is_skipped(monkeypatch):
    monkeypatch.setenv("YAOSU_REQUIRE", "redis")
    with pytest.raises(pytest.fail.Exception, match="YAOSU_REQUIRE names redis"):
        servers.give_up("redis", "not there; get it with: scripts/install-servers")
    with pytest.raises(pytest.skip.Exception, match="scripts/install-servers"):
        servers.give_up("browser", "not there; get it with: scripts/install-servers")


def test_a_misspelt_requirement_stops_the_run(monkeypatch):
    monkeypatch.setenv("YAOSU_REQUIRE", "postgresql")
    with pytest.raises(pytest.UsageError, match="postgresql"):
        servers.required()


@pytest.mark.browser
def test_the_browser_shows_a_page_of_this_machine_and_reaches_no_other(tmp_path):
    import http.server
    import threading

    class Page(http.server.BaseHTTPRequestHandler):
        def do_GET(self):
            self.send_response(200)
            self.send_header("Content-Type", "text/html; charset=utf-8")
            self.end_headers()
            self.wfile.write("<title>要素</title><p>演示".encode())

        def log_message(self, *_):
            pass

    with http.server.HTTPServer(("127.0.0.1", 0), Page) as server, servers.browser() as browser:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        page = browser.new_page()
        page.goto(f"http://127.0.0.1:{server.server_port}/")
        assert page.title() == "要素"
        from playwright.sync_api import Error

        with pytest.raises(Error, match="ERR_PROXY_CONNECTION_FAILED"):
            page.goto("http://192.0.2.1/")
        server.shutdown()
