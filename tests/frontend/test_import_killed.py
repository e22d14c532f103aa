"""A file brought on the page while the process that writes it is killed: it is written whole, once, and not before the end."""

import time

import httpx
import pytest

from tests.frontend.test_public_pages import Visitor
from tests.running_market import SHAPES, running_market

ROWS = 3_000
PATIENCE = 180


@pytest.mark.parametrize("shape", SHAPES)
def test_a_batch_of_the_page_outlives_the_process_that_writes_it(shape, tmp_path):
    with running_market(shape) as market:
        visitor = Visitor(market.url)
        who = {"login": "uni", "password": "a-long-demo-password", "name": "演示用户", "organisation": "演示农学院"}
        assert visitor.post("/signup", who).status_code == 303
        text = "成果名称,说明\n" + "".join(f"演示成果第 {n} 项,说明 {n}\n" for n in range(ROWS))
        url = brought(visitor, text)
        wait(visitor, url, "检查完成")
        assert visitor.post(url, {"do": "write", "what": "good"}).status_code == 303
        writer = "web" if shape == "embedded" else "worker"
        market.kill(writer)
        market.start(writer)
        wait(visitor, url, "写入完成")
        code = url.rpartition("/")[2]
        told = visitor.get(f"/api/v1/imports/{code}").json()
        assert (told["state"], told["accepted"], told["refused"]) == ("done", ROWS, 0)
        lines = visitor.get(f"/api/v1/results?owner={owner_of(visitor)}&format=jsonl").text.splitlines()
        assert len(lines) == ROWS
        visitor.client.close()


def brought(visitor, text):
    token = visitor.get("/import").text.split('name="csrf" value="')[1].split('"')[0]
    files = {"file": ("成果.csv", text.encode(), "text/csv")}
    answer = visitor.client.post("/import", data={"csrf": token, "kind": "results"}, files=files)
    assert answer.status_code == 303, answer.text
    return answer.headers["location"]


def owner_of(visitor):
    return visitor.get("/api/v1/me").json()["organisations"][0]["code"]


def wait(visitor, url, words):
    until = time.monotonic() + PATIENCE
    while time.monotonic() < until:
        try:
            if words in visitor.get(url).text:
                return
        except httpx.TransportError:
            pass
        time.sleep(0.3)
    raise AssertionError(f"{words} never came")
