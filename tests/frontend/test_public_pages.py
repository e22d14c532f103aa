"""What somebody meets at the pages of needs: missing, withdrawn, stale and wrong ones, and what is marked as found."""

import re
import time
from typing import ClassVar

import httpx
import pytest

from tests.running_market import running_market

PASSWORD = "a-long-demo-password"


class Visitor:
    """Somebody with a browser that keeps cookies and sends the hidden fields of a form."""

    made: ClassVar[list[httpx.Client]] = []

    def __init__(self, url):
        self.client = httpx.Client(base_url=url, timeout=30)
        self.made.append(self.client)

    def get(self, path):
        return self.client.get(path, follow_redirects=True)

    def post(self, path, data, form=None):
        token = re.search(r'name="csrf" value="(\w+)"', self.get(form or path).text)
        return self.client.post(path, data={"csrf": token[1] if token else "", **data})

    def sign_in(self, name):
        assert self.post("/login", {"login": name, "password": PASSWORD}).status_code == 303
        return self


@pytest.fixture(scope="module")
def market():
    with running_market("embedded") as made:
        yield made
    for client in Visitor.made:
        client.close()


@pytest.fixture(scope="module")
def firm(market):
    visitor = Visitor(market.url)
    answer = visitor.post(
        "/signup", {"login": "firm", "password": PASSWORD, "name": "演示用户", "organisation": "演示油坊甲"}
    )
    assert answer.status_code == 303
    return visitor


@pytest.fixture(scope="module")
def moderator(market):
    market.yaosu("user", "create", "moderator", "--role", "moderator", "--password", PASSWORD)
    return Visitor(market.url).sign_in("moderator")


def write(firm, **values):
    rows = {"rows": "1", "parameters.0.name": "", "parameters.0.comparison": "le"}
    answer = firm.post("/needs/new", {"title": "饼粕残油偏高，想压到百分之五", "do": "submit", **rows, **values})
    assert answer.status_code == 303, answer.text
    return answer.headers["location"].rpartition("/")[2]


def published(firm, moderator, **values):
    code = write(firm, **values)
    assert moderator.post(f"/moderation/{code}", {"do": "publish"}, "/moderation").status_code == 303
    return code


def test_a_code_that_nobody_has_is_answered_with_a_page_that_says_what_to_do(market):
    answer = Visitor(market.url).get("/needs/N-2020-999999")
    assert answer.status_code == 404
    assert "检查编号" in answer.text


def test_a_draft_looks_to_others_as_if_it_were_not_there(market, firm):
    code = write(firm, do="save")
    assert firm.get(f"/needs/{code}").status_code == 200
    assert Visitor(market.url).get(f"/needs/{code}").status_code == 404


def test_a_withdrawn_need_is_asked_about_first_and_leaves_a_tombstone(market, firm, moderator):
    code = published(firm, moderator)
    assert "不能恢复" in firm.get(f"/listings/{code}/withdraw").text
    assert firm.post(f"/listings/{code}/withdraw", {"reasons": "不做了"}).status_code == 303
    answer = Visitor(market.url).get(f"/needs/{code}")
    assert answer.status_code == 410
    assert "饼粕残油偏高" in answer.text


def test_everything_wrong_is_said_at_once_and_each_line_leads_to_its_field(firm):
    answer = firm.post(
        "/needs/new",
        {
            "title": "短", "body": "这段不能丢", "do": "save", "rows": "2", "deadline": "明年",
            "parameters.0.name": "残油", "parameters.0.comparison": "le", "parameters.0.value": "不多",
            "parameters.1.name": "产量", "parameters.1.comparison": "ge", "parameters.1.value": "3",
        },
    )  # fmt: skip
    assert answer.status_code == 422
    assert "有 3 处要改" in answer.text
    for field in ("f-title", "f-deadline", "f-parameters-0-value"):
        assert f'href="#{field}"' in answer.text
        assert f'id="{field}"' in answer.text
    assert "这段不能丢" in answer.text
    assert 'value="不多"' in answer.text


def test_an_amount_that_cannot_be_read_is_said_at_the_amount(firm):
    answer = firm.post("/needs/new", {"title": "饼粕残油偏高", "do": "save", "rows": "0", "budget_low": "很多"})
    assert answer.status_code == 422
    assert 'href="#f-budget-low-fen"' in answer.text


def test_the_second_of_two_editors_sees_both_versions_and_loses_nothing(firm):
    code = write(firm, do="save", title="两个人一起改的需求")
    page = firm.get(f"/needs/{code}/edit").text
    version = re.search(r'name="version" value="(\d+)"', page)[1]
    first = {"title": "第一个人先改好了", "version": version, "rows": "0", "do": "save"}
    assert firm.post(f"/needs/{code}/edit", first).status_code == 303
    answer = firm.post(f"/needs/{code}/edit", first | {"title": "第二个人后来改的"})
    assert answer.status_code == 412
    assert "第一个人先改好了" in answer.text
    assert "第二个人后来改的" in answer.text
    newer = re.search(r'name="version" value="(\d+)"', answer.text)[1]
    again = first | {"title": "第二个人后来改的", "version": newer}
    assert firm.post(f"/needs/{code}/edit", again).status_code == 303


def test_a_row_more_keeps_what_was_typed(firm):
    answer = firm.post("/needs/new", {"title": "写到一半的标题", "do": "row", "rows": "1", "parameters.0.name": "残油"})
    assert answer.status_code == 200
    assert 'value="写到一半的标题"' in answer.text
    assert 'name="parameters.1.name"' in answer.text


def test_a_form_of_another_browser_is_refused(market, firm):
    stolen = re.search(r'name="csrf" value="(\w+)"', Visitor(market.url).get("/login").text)[1]
    answer = firm.client.post("/needs/new", data={"csrf": stolen, "title": "别处来的", "do": "save", "rows": "0"})
    assert answer.status_code == 403


def test_text_of_a_record_is_never_taken_for_markup(market, firm, moderator):
    code = published(firm, moderator, title="<script>alert(1)</script>榨油", body="<b>粗</b>")
    page = Visitor(market.url).get(f"/needs/{code}").text
    assert "<script>alert" not in page
    assert "&lt;b&gt;粗&lt;/b&gt;" in page


def test_words_that_were_searched_for_are_marked_where_they_stand(market, firm, moderator):
    published(firm, moderator, title="山核桃脱壳破碎率偏高", body="现用滚筒。脱壳之后一半是碎的。")
    visitor, end = Visitor(market.url), time.monotonic() + 20
    while "<mark>" not in (page := visitor.get("/search?q=脱壳").text) and time.monotonic() < end:
        time.sleep(0.1)
    assert "<mark>脱壳</mark>" in page
    assert "按这些词找" in page


def test_the_language_is_kept_and_nobody_is_led_away(market):
    visitor = Visitor(market.url)
    assert 'lang="en"' in visitor.get("/language?to=en&back=/").text
    assert visitor.client.get("/language?to=en&back=https://evil.example/").headers["location"] == "/"
    assert "Sign in" in visitor.get("/login").text
