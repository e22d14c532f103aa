"""Searching as a visitor does: on the page and by the API, in both shapes, with whatever can be typed."""

import contextlib
import re
import uuid
from urllib.parse import quote, urlencode

import pytest

from services.ground import outbox
from services.ground.actor import system_actor
from services.listings import service as listings
from services.listings.schemas import ListingIn
from services.matching import service as matching
from tests import servers
from tests.frontend.market_in_process import market_here
from tests.running_market import SHAPES

OPERATOR = system_actor("operator", "cli")
TITLES = [
    ("result", "连续逆流超声辅助提取青蒿素中试工艺", 6, "AF"),
    ("result", "超临界二氧化碳萃取青蒿素", 8, "AF"),
    ("result", "青蒿素结晶母液回收", 3, "EM"),
    ("need", "青蒿素收率和溶剂残留两头顾不上", None, "AF"),
    ("patent", "一种黄花蒿叶片干燥装置", None, "EM"),
]


@contextlib.contextmanager
def a_market(shape, home):
    """Give an empty market of one shape."""
    if shape == "embedded":
        with market_here(home) as market:
            yield market
        return
    with (
        servers.new_database() as database,
        market_here(
            home,
            database_url=database,
            search_url=servers.search_url(),
            search_prefix=f"t{uuid.uuid4().hex[:12]}",
            secret_key="a-secret-of-this-test-only-0123456789",
        ) as market,
    ):
        yield market


def publish(
    market,
    kind,
    title,
    maturity=None,
    chain="AF",
    body="在 45 ℃ 以下<b>提取</b>，避免青蒿素热分解。",
    owner="云麓示范大学",
):
    """Write, submit and publish one record; give its code."""
    from services.accounts import service as accounts

    with market.market.database.write() as session:
        owner_id = accounts.claim_unverified(session, OPERATOR, owner)
        data = ListingIn(
            kind=kind,
            title=title,
            summary="公斤级验证。",
            body=body,
            chain=chain,
            maturity=maturity,
            cooperation=["license"],
            owner=accounts.organisation(session, owner_id).code,
            number="202310375785.X" if kind == "patent" else None,
        )
        code = listings.create(session, OPERATOR, data).code
        listings.submit(session, OPERATOR, code)
        listings.publish(session, OPERATOR, code)
    return code


@pytest.fixture(scope="module", params=SHAPES)
def market(request, tmp_path_factory):
    with a_market(request.param, tmp_path_factory.mktemp("market")) as made:
        made.codes = [publish(made, kind, title, maturity, chain) for kind, title, maturity, chain in TITLES]
        outbox.drain_all(made.market.database, made.market)
        yield made


@pytest.fixture(scope="module")
def visitor(market):
    return market.browser()


def api(visitor, **params):
    return visitor.get("/api/v1/search?" + urlencode(params, doseq=True))


# ---- what is shown


def test_the_words_are_marked_in_titles_and_in_the_best_sentence_and_the_text_stays_text(visitor):
    page = visitor.get("/search?q=" + quote("青蒿素提取")).text
    assert "<mark>提取青蒿素</mark>中试工艺" in page
    assert "避免<mark>青蒿素</mark>热分解" in page
    assert "&lt;b&gt;<mark>提取</mark>&lt;/b&gt;" in page


def test_the_api_gives_the_same_sentence_with_the_places_of_the_words(visitor):
    first = api(visitor, q="青蒿素提取").json()["items"][0]
    highlight = first["highlight"]
    assert [first["title"][a:b] for a, b in highlight["title"]] == ["提取青蒿素"]
    assert {highlight["snippet"][a:b] for a, b in highlight["snippet_marks"]} == {"提取", "青蒿素"}


def test_a_single_character_finds_titles_first(visitor):
    found = api(visitor, q="蒿").json()
    assert found["total"] == 5
    assert all("蒿" in item["title"] for item in found["items"])


def test_facets_totals_and_rows_agree_and_a_facet_ignores_its_own_ticks(visitor):
    found = api(visitor, q="青蒿素", kind="result", chain="AF").json()
    assert found["total"] == len(found["items"]) == 2
    assert {v["value"]: v["count"] for v in found["facets"]["kind"]} == {"result": 2, "need": 1}
    assert {v["value"]: v["count"] for v in found["facets"]["chain"]} == {"AF": 2, "EM": 1}
    assert sum(v["count"] for v in found["facets"]["freshness"]) == 2


def test_what_is_typed_before_a_colon_is_understood_in_the_words_of_the_market(visitor):
    assert api(visitor, q="青蒿素 种类:需求").json()["total"] == 1
    assert api(visitor, q="青蒿素 -种类:需求").json()["total"] == 4
    assert api(visitor, q="单位:云麓 成熟度:量产").json()["total"] == 1
    assert api(visitor, q="标题:黄花蒿").json()["total"] == 1


def test_pages_follow_each_other_by_plain_addresses(visitor):
    first = visitor.get("/search?q=" + quote("蒿"))
    assert "上一页" not in first.text and "下一页" not in first.text
    parts = [api(visitor, q="蒿", limit=2, page=n).json() for n in (1, 2, 3, 4)]
    assert [len(part["items"]) for part in parts] == [2, 2, 1, 0]
    assert len({item["code"] for part in parts for item in part["items"]}) == 5
    by_cursor = api(visitor, q="蒿", limit=2, cursor=parts[0]["next"]).json()
    assert by_cursor["items"] == parts[1]["items"]


def test_a_page_behind_the_last_says_so_and_leads_back(visitor):
    page = visitor.get("/search?page=7&q=" + quote("蒿"))
    assert page.status_code == 404
    assert "没有这一页" in page.text and 'href="/search?q=%E8%92%BF"' in page.text


@pytest.mark.parametrize("sort", ["published", "confirmed", "maturity", "price"])
def test_every_sort_can_be_turned_round(visitor, sort):
    for order in ("asc", "desc"):
        assert api(visitor, q="青蒿素", sort=sort, order=order).json()["total"] == 5
    ripest = [item["maturity"] for item in api(visitor, q="青蒿素", sort="maturity").json()["items"]]
    assert ripest == [8, 6, 3, None, None]
    assert [i["maturity"] for i in api(visitor, q="青蒿素", sort="maturity", order="asc").json()["items"]][:3] == [
        3,
        6,
        8,
    ]


# ---- nothing found


def test_words_are_relaxed_and_it_is_said(visitor):
    found = api(visitor, q="青蒿素 超重力旋转床").json()
    assert found["relaxed"] and found["total"] >= 4
    page = visitor.get("/search?q=" + quote("青蒿素 超重力旋转床")).text
    assert "没有同时包含所有词的记录" in page and "去掉词“超重力旋转床”" in page


def test_filters_are_never_dropped_and_the_page_says_what_dropping_them_gives(visitor):
    found = api(visitor, q="母液回收", maturity="production").json()
    assert (found["total"], found["items"]) == (0, [])
    assert {(way["drop"], way["name"], way["total"]) for way in found["ways"]} == {("filter", "maturity", 1)}
    page = visitor.get("/search?maturity=production&q=" + quote("母液回收"))
    assert "去掉筛选" in page.text and "1 项" in page.text
    assert "没有同时满足这些条件的记录" in page.text


# ---- the book of queries


def test_queries_are_counted_without_persons_and_a_synonym_mends_them(market, visitor):
    market.person("curator", "moderator")
    curator = market.browser().sign_in("curator")
    typed = quote("蒿草素")
    for _ in range(3):
        visitor.get(f"/search?q={typed}")
    visitor.get("/search?q=13812345678")
    page = visitor.get("/search?q=" + quote("母液")).text
    record = re.search(r'href="(/results/R-[\d-]+)"', page)[1]
    visitor.get(record, headers={"referer": "http://127.0.0.1:8000/search?q=" + quote("母液")})
    visitor.get(record, headers={"referer": "https://elsewhere.example/search?q=" + quote("母液")})
    matching.write_down(market.market)
    words = curator.get("/search/words").text
    assert "蒿草素" in words and "13812345678" not in words
    with market.market.database.read() as session:
        rows = {row.query: row for row in matching.troubled(session, OPERATOR, sort="empty")}
        assert (rows["蒿草素"].searches, rows["蒿草素"].empty) == (3, 3)
    answer = curator.post("/search/words", {"words": "蒿草素、青蒿素", "kind": "term"})
    assert answer.status_code == 303
    assert api(visitor, q="蒿草素").json()["total"] == 5
    assert "含 青蒿素" in visitor.get(f"/search?q={typed}").text
    assert api(visitor, q="蒿草素", exact="true").json()["total"] == 0
    again = curator.post("/search/words", {"words": "青蒿素 、蒿草素", "kind": "term"})
    assert again.status_code == 422 and "已经是同义词" in again.text
    assert curator.post("/search/words", {"words": "！！、？", "kind": "term"}).status_code == 422
    assert curator.post("/search/words", {"words": "只有一个", "kind": "term"}).status_code == 422
    number = re.search(r'name="number" value="(\d+)"', curator.get("/search/words").text)[1]
    assert curator.post("/search/words/remove", {"number": number}, form="/search/words").status_code == 303
    assert api(visitor, q="蒿草素", exact="true").json()["total"] == 0
    with market.market.database.read() as session:
        from services.ground import audit

        done = [event.action for event in audit.events(session, code=number)]
    assert {"search.synonym_added", "search.synonym_removed"} <= set(done)


def test_only_a_click_from_our_own_list_counts(market, visitor):
    path = f"/results/{market.codes[1]}"
    for host in ("http://127.0.0.1:8000", "https://elsewhere.example"):
        visitor.get(path, headers={"referer": f"{host}/search?q=" + quote("二氧化碳萃取")})
    matching.write_down(market.market)
    for _ in range(3):
        visitor.get("/search?q=" + quote("二氧化碳萃取"))
    matching.write_down(market.market)
    with market.market.database.read() as session:
        rows = {row.query: row for row in matching.troubled(session, OPERATOR, sort="low_click")}
    assert (rows["二氧化碳萃取"].searches, rows["二氧化碳萃取"].clicks) == (3, 1)


@pytest.mark.parametrize("path", ["/search/words", "/api/v1/search/queries", "/api/v1/search/synonyms"])
def test_the_book_of_queries_is_for_curators_only(market, visitor, path):
    if "firm" not in getattr(market, "people", set()):
        market.person("firm", organisation="演示油坊")
        market.people = {"firm"}
    assert visitor.ask("GET", path).status_code in {303, 401}
    assert market.browser().sign_in("firm").get(path).status_code == 403


# ---- completing


def test_initials_complete_to_the_word_the_organisation_and_the_titles(visitor):
    items = visitor.get("/api/v1/search/completions?q=qhs").json()["items"]
    assert items[0] == {"text": "青蒿素", "kind": "word", "label": "词", "count": 5, "url": None}
    assert {item["kind"] for item in items} >= {"word", "title"}
    names = visitor.get("/api/v1/search/completions?q=" + quote("云麓")).json()["items"]
    assert names[0]["kind"] == "organisation" and names[0]["url"].startswith("/organisations/O-")


def test_a_withdrawn_record_is_completed_no_more(market, visitor):
    code = publish(market, "result", "光伏组件清洗机器人", 5, body="清洗。", owner="演示新能源公司")
    market.drain()
    asked = "/api/v1/search/completions?q="
    assert visitor.get(asked + quote("光伏")).json()["items"]
    with market.market.database.write() as session:
        listings.withdraw(session, OPERATOR, code, "不做了")
    assert not [item for item in visitor.get(asked + quote("光伏")).json()["items"] if item["kind"] == "title"]
    market.drain()
    assert visitor.get(asked + quote("光伏")).json()["items"] == []
    assert visitor.get(asked + "yanshixin").json()["items"] == []


# ---- bad input

BAD = {
    "ten thousand characters": "青蒿素提取工艺与装置" * 1000,
    "only signs": "！？。，；：（）【】《》",
    "only pictures": "😀🎉🚀" * 20,
    "NUL": "青蒿\0素",
    "half a surrogate": "青蒿素\ud83d",
    "syntax of Lucene": 'title:(青蒿 AND "x") OR _exists_:a~2^3 && [1 TO *] {!lucene} \\',
    "SQL": "'; DROP TABLE listing; -- ' OR 1=1",
    "marks of direction": "\u202e青蒿素\u202c\u200f\u2067",
    "a whole PDF": "%PDF-1.7\n%âãÏÓ\n1 0 obj\n<< /Type /Catalog >>\nstream\n"
    + "\x01\x8fx\x9c青蒿素，提取。\n" * 400
    + "\n%%EOF",
    "only a minus": "-",
    "only quotes": '""""“”',
    "fields of nothing": "种类: 标题：： title: chain:无此链 -",
    "a regular expression": ".*(青|蒿)+[a-z]{1,9999}",
    "markup": "<script>alert(1)</script>",
}


@pytest.mark.parametrize("typed", BAD.values(), ids=BAD.keys())
def test_whatever_is_typed_is_answered_by_page_api_and_completion(market, typed):
    encoded = quote(typed, errors="surrogatepass")
    status, body = ask(market, "/search", f"q={encoded}")
    assert status == 200 and "<h1" in body and "<script>alert" not in body
    assert ask(market, "/api/v1/search", f"q={encoded}")[0] == 200
    assert ask(market, "/search", f"q={encoded}&kind=result&sort=maturity&page=2")[0] in {200, 404}
    assert ask(market, "/api/v1/search/completions", f"q={quote(typed[:200], errors='surrogatepass')}")[0] == 200


def test_a_long_text_is_read_in_part_and_it_is_said(market):
    encoded = quote("青蒿素提取工艺与装置" * 1000)
    assert '"clamped":true' in ask(market, "/api/v1/search", f"q={encoded}")[1]
    assert "只读了开头的 500 个字" in ask(market, "/search", f"q={encoded}")[1]


@pytest.mark.parametrize("path", ["/search", "/api/v1/search"])
def test_ten_million_characters_are_too_many(market, path):
    status, body = ask(market, path, "q=" + "a" * 10_000_000)
    assert status == 413 and "最多 20000 个字" in body


def test_ten_million_characters_in_a_body_are_too_many(market):
    status, body = ask(market, "/api/v1/needs", "", b'{"title":"' + b"a" * 10_000_000 + b'"}')
    assert status == 413 and "too_large" in body


@pytest.mark.parametrize("path", ["/search", "/api/v1/search"])
def test_a_filter_and_a_sort_nobody_declared_are_refused_with_the_list(market, path):
    status, body = ask(market, path, "q=a&colour=red")
    assert status == 400 and "colour" in body and "chain" in body and "maturity" in body
    status, body = ask(market, path, "q=a&sort=colour")
    assert status == 400 and "colour" in body and "published" in body


def test_what_messengers_hang_on_an_address_is_no_filter(market):
    assert ask(market, "/search", "q=a&from=singlemessage&isappinstalled=0&utm_source=x")[0] == 200


@pytest.mark.parametrize("path", ["/search", "/api/v1/search"])
def test_five_hundred_values_of_a_filter_are_answered_and_thousands_refused(market, path):
    many = "&".join(f"region={n:06d}" for n in range(499)) + "&chain=AF"
    assert ask(market, path, many)[0] == 200
    status, body = ask(market, path, "&".join(f"region={n:06d}" for n in range(1500)))
    assert status == 400 and "1000" in body


@pytest.mark.parametrize("path", ["/search", "/api/v1/search"])
def test_page_one_hundred_thousand_says_to_use_filters_or_the_cursor(market, path):
    status, body = ask(market, path, "page=100000")
    assert status == 400 and "cursor" in body


@pytest.mark.parametrize("page", ["0", "-1", "x", "1.5", "٣", "9" * 30])
def test_a_page_that_is_no_number_is_refused(market, page):
    assert ask(market, "/search", f"page={quote(page)}")[0] == 400
    assert ask(market, "/api/v1/search", f"page={quote(page)}")[0] == 422


@pytest.mark.parametrize("cursor", ["x", "e30", "W251bGwsMSwxXQ", "====", "%00"])
def test_a_cursor_of_another_list_is_refused(market, cursor):
    for path in ("/search", "/api/v1/search"):
        assert ask(market, path, f"cursor={cursor}")[0] == 400


def ask(market, path, query, body=None):
    """Send one request straight to the application, however long; give status and text of the answer."""
    sent = []
    scope = {
        "type": "http",
        "asgi": {"version": "3.0"},
        "http_version": "1.1",
        "method": "GET" if body is None else "POST",
        "scheme": "http",
        "path": path,
        "raw_path": path.encode(),
        "query_string": query.encode("ascii"),
        "root_path": "",
        "headers": [(b"host", b"127.0.0.1:8000"), *([(b"content-type", b"application/json")] if body else [])],
        "client": ("127.0.0.1", 1),
        "server": ("127.0.0.1", 8000),
    }

    async def receive():
        return {"type": "http.request", "body": body or b"", "more_body": False}

    async def send(message):
        sent.append(message)

    async def run():
        await market.app(scope, receive, send)

    market._portal.call(run)
    return sent[0]["status"], b"".join(one.get("body", b"") for one in sent[1:]).decode()
