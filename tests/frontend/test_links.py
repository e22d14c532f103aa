"""No link of the frame leads nowhere."""

import re

import pytest

from frontend.web import TEMPLATES
from tests.running_market import running_market


@pytest.fixture(scope="module")
def market():
    with running_market("embedded") as made:
        yield made


def test_every_link_of_the_frame_leads_to_a_page(market):
    import httpx

    with httpx.Client(base_url=market.url, timeout=20) as client:
        links = {
            link for link in re.findall(r'href="(/[^"{]*)"', client.get("/").text) if not link.startswith("/static")
        }
        assert len(links) > 10
        assert {
            link: code
            for link in sorted(links)
            if (code := client.get(link.replace("&amp;", "&")).status_code) not in {200, 303}
        } == {}


def test_every_page_has_a_title_and_no_inline_style_or_script():
    for path in TEMPLATES.rglob("*.html"):
        text = path.read_text(encoding="utf-8")
        assert " style=" not in text, path
        assert not re.search(r"<script(?! src=\"\{\{ static\('[a-z]+\.js'\) \}\}\" defer></script>)", text), path
        assert "onclick" not in text, path


def test_answers_carry_the_headers_that_keep_a_browser_safe(market):
    import httpx

    headers = httpx.get(f"{market.url}/").headers
    assert "script-src 'self'" in headers["content-security-policy"]
    assert "unsafe-inline" not in headers["content-security-policy"]
    assert headers["x-frame-options"] == "DENY"


def test_a_form_without_its_token_is_refused(market):
    import httpx

    answer = httpx.post(f"{market.url}/login", data={"login": "admin", "password": "whatever-it-is"})
    assert answer.status_code == 403


def test_a_wrong_password_and_a_wrong_name_are_answered_alike_and_too_many_tries_wait(market):
    import httpx

    market.yaosu("user", "create", "somebody", "--role", "moderator")
    with httpx.Client(base_url=market.url, timeout=20) as client:
        token = re.search(r'name="csrf" value="([^"]+)"', client.get("/login").text)[1]

        def attempt(name):
            return client.post("/login", data={"csrf": token, "login": name, "password": "not-the-password"})

        known, unknown = attempt("somebody"), attempt("nobody-of-that-name")
        assert (known.status_code, unknown.status_code) == (422, 422)
        assert known.text.count("登录名或密码") == unknown.text.count("登录名或密码")
        assert attempt("somebody").status_code == 422
        codes = [attempt("somebody").status_code for _try in range(8)]
        assert codes[-1] == 429


def test_the_csv_of_the_indicator_runs_no_formula_and_keeps_its_columns(market):
    import csv
    import io

    import httpx

    [login] = market.yaosu_json("user", "create", "bureau", "--role", "bureau_officer")
    key = market.yaosu_json(
        "token", "create", "--user", "bureau", "--scope", "statistics:read", "--scope", "read", "--scope", "admin"
    )["token"]
    with httpx.Client(base_url=market.url, timeout=20, headers={"Authorization": f"Bearer {key}"}) as client:
        entered = {"year": 2025, "value_yi": "2701.50", "kind": '=1+1,"x', "source": "演示值"}
        assert client.post("/api/v1/indicators/gdp", json=entered).status_code == 201
    with httpx.Client(base_url=market.url, timeout=20) as client:  # files of pages take a session, not a token
        csrf = re.search(r'name="csrf" value="([^"]+)"', client.get("/login").text)[1]
        client.post("/login", data={"csrf": csrf, "login": "bureau", "password": login["password"]})
        rows = list(csv.reader(io.StringIO(client.get("/indicators.csv").content.decode("utf-8-sig"))))
    assert {len(row) for row in rows} == {len(rows[0])}
    assert [row[4] for row in rows if row[0] == "2025"] == ["'=1+1,\"x"]


def answer_to(market, target):
    """Send a request line of any length over a bare socket; give the beginning of the answer."""
    import contextlib
    import socket

    with socket.create_connection(("127.0.0.1", market.port), timeout=30) as connection:
        with contextlib.suppress(ConnectionError):  # the server need not read to the end of what is too long
            connection.sendall(b"GET " + target + b" HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n\r\n")
        answer = b""
        with contextlib.suppress(ConnectionError):
            while part := connection.recv(65536):
                answer += part
        return answer


def test_an_address_of_twenty_thousand_han_characters_is_read(market):
    answer = answer_to(market, b"/api/v1/search?q=" + b"%E8%92%BF" * 20_000)
    assert answer.startswith(b"HTTP/1.1 200 ")
    assert b'"clamped":true' in answer


def test_an_address_without_end_is_too_long_and_not_just_wrong(market):
    answer = answer_to(market, b"/search?q=" + b"a" * 10_000_000)
    assert answer.startswith(b"HTTP/1.1 413 ")
    assert b'"code": "too_large"' in answer
