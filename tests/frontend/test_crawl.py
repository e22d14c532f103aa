"""Whoever signs in finds no link that leads nowhere: all pages of the demo market, link by link, as each of its roles."""

import re
from collections import Counter, deque
from html import unescape
from urllib.parse import urldefrag, urljoin, urlsplit

import httpx
import pytest

from tests.running_market import running_market

EACH = 2
"""Addresses followed of each form: /needs/{code} is one form, whatever the code and the question behind it."""
MOST = 150
"""Pages looked at for one person."""
VARIES = re.compile(r"\b(?:[A-Z]-)?\d{4}(?:-[\w.]+)*|\b\d+\b|\b[NRPEODCB]-\d{4}-\d{6}\b")

pytestmark = [pytest.mark.slow, pytest.mark.timeout(900)]


def form_of(address):
    """What addresses of the same kind have in common: codes, numbers and the question left out."""
    return VARIES.sub("#", urlsplit(address).path)


def links_of(page, answer):
    for link in re.findall(r'(?:href|src)="([^"#][^"]*)"', answer.text):
        address = urldefrag(urljoin(page, unescape(link))).url
        parts = urlsplit(address)
        if parts.netloc or parts.scheme in {"mailto", "tel", "data"} or not parts.path.startswith("/"):
            continue
        if not parts.path.startswith("/static/"):
            yield address


def crawl(client):
    """Follow the links from the first page on; give (what leads nowhere: answer, from where), and how many were read."""
    came_from = {"/": "", "/desk": ""}
    waiting, taken, wrong, read = deque(came_from), Counter(), {}, 0
    while waiting and read < MOST:
        page = waiting.popleft()
        if taken[form_of(page)] >= EACH:
            continue
        taken[form_of(page)] += 1
        read += 1
        answer = client.get(page)
        if answer.status_code not in {200, 303, 307, 410}:
            wrong[page] = f"{answer.status_code} from {came_from[page]}"
            continue
        if not answer.headers.get("content-type", "").startswith("text/html"):
            continue
        for link in links_of(page, answer):
            if link not in came_from:
                came_from[link] = page
                waiting.append(link)
    return wrong, read


@pytest.fixture(scope="module")
def demo():
    with running_market("embedded") as market:
        logins = market.yaosu_json("demo")
        yield market, logins


def test_no_link_that_somebody_is_shown_is_refused_to_them(demo):
    market, logins = demo
    found = {}
    for login in [None, *{login["role"]: login for login in logins}.values()]:
        with httpx.Client(base_url=market.url, timeout=60) as client:
            if login:
                token = re.search(r'name="csrf" value="([^"]+)"', client.get("/login").text)[1]
                data = {"csrf": token, "login": login["name"], "password": login["password"]}
                assert client.post("/login", data=data).status_code == 303
            wrong, read = crawl(client)
            assert read > 30
            role = login["role"] if login else "visitor"
            found |= {f"{role}: {page}": answer for page, answer in wrong.items()}
    assert found == {}, "\n".join(f"{page}: {answer}" for page, answer in found.items())
