"""The addresses of records say what kind they are, and every fault is said in words."""

import re

import pytest

from tests.frontend.market_in_process import market_here

NEED = {"title": "演示：茶籽粕脱皂素后降到 0.5 % 以下", "body": "现在水洗三遍仍有 1.8 %。"}


@pytest.fixture(scope="module")
def ask(tmp_path_factory):
    with market_here(tmp_path_factory.mktemp("listings-api")) as made:
        made.person("firm", organisation="演示油茶加工厂")
        browser = made.browser().sign_in("firm")
        token = re.search(r'name="csrf" value="(\w+)"', browser.get("/account").text)[1]
        yield lambda method, path, **more: browser.ask(
            method, f"/api/v1{path}", headers={"x-csrf-token": token} | more.pop("headers", {}), **more
        )


def test_a_record_sent_to_the_address_of_its_kind_needs_no_other_word_of_it(ask):
    made = ask("POST", "/needs", json=NEED)
    assert made.status_code == 201
    assert (made.json()["kind"], made.json()["title"]) == ("need", NEED["title"])
    changed = ask("PUT", made.headers["location"].removeprefix("/api/v1"), json=NEED | {"summary": "短一点"})
    assert (changed.status_code, changed.json()["kind"], changed.json()["summary"]) == (200, "need", "短一点")


def test_a_record_of_another_kind_than_its_address_is_refused_in_words(ask):
    refused = ask("POST", "/needs", json=NEED | {"kind": "result"})
    assert refused.status_code == 422
    assert refused.json()["fields"] == [{"field": "kind", "code": "kind_fixed", "message": "这个地址只收 need"}]
    assert refused.json()["detail"] == "kind: 这个地址只收 need"


@pytest.mark.parametrize("move", ["", "/submit", "/withdraw", "/confirm", "/fulfil"])
def test_a_need_has_no_address_among_the_results(ask, move):
    code = ask("POST", "/needs", json=NEED).json()["code"]
    assert ask("POST" if move else "GET", f"/results/{code}{move}").status_code == 404
    assert ask("GET", f"/needs/{code}").json()["state"] == "draft"


def test_withdrawing_needs_no_reason(ask):
    code = ask("POST", "/needs", json=NEED).json()["code"]
    assert ask("POST", f"/needs/{code}/withdraw").json()["state"] == "withdrawn"
