"""What people type and what they find: the same on both engines."""

import math
import random
import sqlite3
import uuid

import pytest

from search import completion, text
from search.documents import FILTERS, STORED_FILTERS, UndeclaredField, tokens_of
from search.engine import open_engine, search_relaxing
from search.parse import WEIGHTS, parse
from search.query import Band
from search.synonyms import SynonymGroup, book
from tests import servers
from tests.search.test_engine_contract import a_document

BANDS = {"freshness": (Band("fresh", 900, None), Band("ageing", 500, 900), Band("stale", None, 500))}
VALUES = {
    "kind": ("need", "result", "patent"),
    "chain": ("AF", "EM", "NM", "BM"),
    "maturity": ("early", "pilot", "production"),
    "cooperation": ("license", "transfer", "entrust"),
    "region": tuple(f"4311{n:02d}" for n in range(1, 12)),
}
PIECES = [
    "油茶",
    "冷榨",
    "青蒿素",
    "提取",
    "电机",
    "降噪",
    "锰渣",
    "固化",
    "超临界",
    "萃取",
    "中试",
    "装置",
    "工艺",
    "设备",
    "面料",
    "监测",
]


@pytest.fixture(scope="module", params=["embedded", pytest.param("city", marks=pytest.mark.city)])
def opened(request, tmp_path_factory):
    """Make an empty engine of its own for each call."""
    made = []

    def empty():
        folder = tmp_path_factory.mktemp("engine")
        url = servers.search_url() if request.param == "city" else None
        made.append(open_engine(url, folder, f"t{uuid.uuid4().hex[:12]}"))
        return made[-1]

    yield empty
    for engine in made:
        engine.close()


def a_market(count=240, seed=5):
    """Invent records of random words and random values, the same every time."""
    chance = random.Random(seed)
    documents = []
    for number in range(1, count + 1):
        values = {
            name: (chance.choice(found),) for name, found in VALUES.items() if name not in {"kind", "cooperation"}
        }
        if chance.random() < 0.2:
            values.pop("maturity")
        values["cooperation"] = tuple(chance.sample(VALUES["cooperation"], chance.randint(0, 3)))
        sorts = {"confirmed": chance.randint(0, 1400), "published": chance.randint(0, 99)}
        if chance.random() < 0.2:
            sorts.pop("confirmed")
        title = "".join(chance.choice(PIECES) for _ in range(chance.randint(2, 4)))
        body = "，".join(chance.choice(PIECES) for _ in range(chance.randint(0, 30)))
        kind = chance.choice(VALUES["kind"])
        documents.append(
            a_document(number, title, body, kind=kind, filters={k: v for k, v in values.items() if v}, sorts=sorts)
        )
    return documents


@pytest.fixture(scope="module")
def filled(opened):
    engine, documents = opened(), a_market()
    engine.write(documents)
    return engine, documents


def found(engine, typed, **more):
    return [number for number, _score in engine.search(parse(typed, **more)).hits]


# ---- words


@pytest.fixture(scope="module")
def words(opened):
    engine = opened()
    engine.write(
        [
            a_document(1, "黄花蒿有效成分提取", "榨取"),
            a_document(2, "油茶籽冷榨工艺", "低温压榨，残油低"),
            a_document(3, "电机启动噪声", "碳纤维"),
            a_document(4, "粘接强度检测", "用于 PA66 与 Q235-B"),
            a_document(5, "人工智能质检", "聚乙烯醇薄膜，PA 66 齿轮"),
            a_document(6, "青蒿素结晶", "黄花蒿素"),
            a_document(7, "茶枯利用", "油茶籽压榨之后"),
            a_document(8, "超临界二氧化碳萃取"),
        ]
    )
    return engine


@pytest.mark.parametrize(
    ("typed", "numbers"),
    [
        ("榨", [2, 1, 7]),
        ("花蒿", [1, 6]),
        ("乙烯", [5]),
        ("油茶籽 冷榨", [2]),
        ("油茶籽冷榨", [2]),
        ("油茶 籽冷榨", [2]),
        ("人工智能", [5]),
        ("人工 智能", [5]),
        ("起动", [3]),
        ("黏接", [4]),
        ("炭纤维", [3]),
        ("pa66", [4, 5]),
        ("PA 66", [4, 5]),
        ("Ｑ２３５－Ｂ", [4]),
        ("artemisinin", [6]),
        ("黃花蒿", [1, 6]),
        ('"残油低"', [2]),
        ('"压榨工艺"', []),
        ("油茶籽 -冷榨", [7]),
        ("标题:油茶籽", [2]),
        ("title:油茶籽", [2]),
        ("-标题:油茶籽 油茶籽", [7]),
    ],
)
def test_what_is_typed_finds_the_records_that_hold_it(words, typed, numbers):
    seen = found(words, typed)
    assert sorted(seen) == sorted(numbers)
    assert seen[:1] == numbers[:1]


def test_texts_that_only_share_a_character_are_not_found_with_a_whole_word(words):
    assert found(words, "冷榨油") == []
    assert found(words, "花椒") == []


def test_a_blank_between_two_words_of_their_own_is_respected_only_where_it_changes_the_words():
    def asked(typed):
        return [group.words for group in parse(typed).groups]

    assert asked("超 临界 萃取") == asked("超临界萃取")
    assert asked("油茶籽 冷榨 工艺") == asked("油茶籽冷榨工艺")


def test_a_question_is_asked_for_by_what_it_is_about():
    def asked(typed):
        return [group.words for group in parse(typed).groups]

    assert asked("我们怎么降低茶油酸价？") == asked("降低茶油酸价")
    assert asked("如何") == ["如何"]


def test_words_that_a_market_has_added_find_each_other(words):
    added = book((SynonymGroup("term", ("茶枯", "土枯饼"), "market"),))
    assert found(words, "土枯饼") == []
    assert found(words, "土枯饼", book=added) == [7]


def test_a_known_pair_of_words_may_stand_apart_and_each_of_them_may_be_its_other_name(words):
    added = book((SynonymGroup("term", ("低温残油", "茶枯利用"), "market"),))
    assert sorted(found(words, "低温残油", book=added)) == [2, 7]


def test_a_field_that_is_typed_narrows_what_is_found_and_no_count_ignores_it(filled):
    engine, documents = filled

    def resolve(name, written):
        return {"种类": ("patent",)}.get(written, (written,) if name == "chain" else ())

    page = engine.search(parse("冷榨 种类:种类 -chain:AF", facets=["kind", "chain"], resolve=resolve))
    expected = [
        d for d in documents if "冷榨" in d.title + d.body and d.kind == "patent" and d.filters["chain"] != ("AF",)
    ]
    assert page.total == len(expected) > 0
    assert dict(page.facets["kind"]) == {"patent": page.total}
    assert "AF" not in dict(page.facets["chain"])


def test_what_is_no_value_of_a_field_is_taken_as_words(words):
    query = parse("单位:没有 标题:", resolve=lambda _name, _written: ())
    assert not query.must
    assert {group.words for group in query.groups} == {"单位", "没有", "标题"}


# ---- counts


def in_sql(documents):
    """Put the records into a plain table, one row for each value."""
    database = sqlite3.connect(":memory:")
    database.execute("CREATE TABLE record (id INTEGER, confirmed INTEGER, words TEXT)")
    database.execute("CREATE TABLE value (id INTEGER, name TEXT, value TEXT)")
    for one in documents:
        confirmed = one.sorts.get("confirmed")
        database.execute("INSERT INTO record VALUES (?,?,?)", (one.id, confirmed, one.title + "\n" + one.body))
        band = "stale" if confirmed is None or confirmed < 500 else "ageing" if confirmed < 900 else "fresh"
        for name, values in {**one.filters, "kind": (one.kind,), "freshness": (band,)}.items():
            database.executemany("INSERT INTO value VALUES (?,?,?)", [(one.id, name, value) for value in values])
    return database


def counted_by_sql(database, word, filters, name):
    """Count the values of one facet: all filters hold but its own."""
    sql = (
        "SELECT v.value, count(*) FROM record r JOIN value v ON v.id = r.id AND v.name = ? WHERE instr(r.words, ?) > 0"
    )
    given = [name, word]
    for other, values in filters.items():
        if other != name:
            marks = ",".join("?" * len(values))
            sql += f" AND EXISTS (SELECT 1 FROM value f WHERE f.id = r.id AND f.name = ? AND f.value IN ({marks}))"
            given += [other, *values]
    return {value: count for value, count in database.execute(sql + " GROUP BY v.value", given) if count}


def test_counts_of_facets_with_any_filters_equal_those_of_sql(filled):
    engine, documents = filled
    database, chance = in_sql(documents), random.Random(11)
    every = {**VALUES, "freshness": ("fresh", "ageing", "stale")}
    for _ in range(60):
        word = chance.choice(["", *PIECES])
        names = chance.sample(list(every), chance.randint(0, 4))
        filters = {name: tuple(chance.sample(every[name], chance.randint(1, 2))) for name in names}
        page = engine.search(parse(word, filters=filters, facets=list(every), bands=BANDS, limit=200))
        for name in every:
            counts = {value: count for value, count in page.facets[name] if count}
            assert counts == counted_by_sql(database, word, filters, name), (word, filters, name)
        chosen = (
            page.facets["kind"]
            if "kind" not in filters
            else [p for p in page.facets["kind"] if p[0] in filters["kind"]]
        )
        assert page.total == sum(count for _value, count in chosen)
        assert page.total == len(page.hits) or page.total > 200
        assert engine.totals([parse(word, filters=filters, bands=BANDS)]) == [page.total]


def test_a_record_grows_old_without_being_written(filled):
    engine, documents = filled
    later = {"freshness": (Band("fresh", 1300, None), Band("ageing", 900, 1300), Band("stale", None, 900))}
    page = engine.search(parse("", facets=["freshness"], bands=later))
    assert dict(page.facets["freshness"])["stale"] == sum(1 for d in documents if d.sorts.get("confirmed", 0) < 900)


def test_two_thousand_values_of_a_filter_at_once_are_answered(filled):
    engine, documents = filled
    values = [*VALUES["region"], *(f"{n:06d}" for n in range(2000))]
    assert engine.search(parse("", filters={"region": values})).total == len(documents)


@pytest.mark.parametrize("name", ["filters", "facets", "must"])
def test_a_name_that_is_not_declared_is_refused_wherever_it_stands(filled, name):
    engine, _documents = filled
    given = {"filters": {"colour": ["red"]}, "facets": ["colour"], "must": {"colour": ("red",)}}[name]
    from dataclasses import replace

    with pytest.raises(UndeclaredField) as refused:
        engine.search(
            replace(parse("冷榨"), **{name: dict.fromkeys(given, ("x",)) if name != "facets" else ("colour",)})
        )
    assert set(refused.value.allowed) == set(FILTERS)


@pytest.mark.parametrize("sort", ["relevance", "published", "confirmed", "maturity", "price"])
@pytest.mark.parametrize("descending", [True, False])
def test_pages_by_number_and_by_cursor_give_every_record_once_in_one_order(filled, sort, descending):
    engine, documents = filled
    by_number = [
        number
        for page in range(8)
        for number in found(engine, "冷榨", sort=sort, descending=descending, offset=page * 30, limit=30)
    ]
    seen, cursor = [], None
    while True:
        page = engine.search(parse("冷榨", sort=sort, descending=descending, cursor=cursor, limit=7))
        seen += [number for number, _score in page.hits]
        cursor = page.next
        if cursor is None:
            break
    assert seen == by_number
    assert sorted(seen) == sorted(one.id for one in documents if "冷榨" in one.title + one.body)


def test_the_second_page_of_a_relaxed_list_goes_on_where_the_first_ended(opened):
    engine = opened()
    engine.write([a_document(n, "油茶籽冷榨工艺") for n in range(1, 8)])
    first = search_relaxing(engine, parse("冷榨 超重力旋转床", limit=4))
    second = search_relaxing(engine, parse("冷榨 超重力旋转床", limit=4, cursor=first.next))
    assert first.relaxed and second.relaxed
    assert sorted(n for page in (first, second) for n, _score in page.hits) == list(range(1, 8))


# ---- ranking


def lucene(documents, query):
    """Score every record by Lucene's BM25 (k1 1.2, b 0.75), written down here anew."""
    fields = {one.id: tokens_of(one) for one in documents}
    scores = dict.fromkeys(fields, 0.0)
    lengths = {name: {key: _length_byte(len(found[name])) for key, found in fields.items()} for name in WEIGHTS}
    for term in query.terms:
        holding = [key for key, found in fields.items() if term.text in found[term.field]]
        idf = math.log(1 + (len(fields) - len(holding) + 0.5) / (len(holding) + 0.5))
        average = sum(len(found[term.field]) for found in fields.values()) / len(fields)
        for key in holding:
            times = fields[key][term.field].count(term.text)
            norm = 1.2 * (0.25 + 0.75 * lengths[term.field][key] / average)
            scores[key] += term.weight * idf * times * 2.2 / (times + norm)
    return scores


def _length_byte(length):
    """Round a length as Lucene stores it: four significant bits above 40."""
    if length < 40:
        return length
    over = length - 24
    shift = max(0, over.bit_length() - 4)
    return ((over >> shift) << shift) + 24


def test_scores_on_a_fresh_index_are_those_of_lucenes_formula(filled):
    engine, documents = filled
    for typed in ("冷榨", "青蒿素提取装置", "锰", "超临界 萃取 中试 电机", "工艺 面料"):
        query = parse(typed, limit=50)
        expected = lucene(documents, query)
        hits = engine.search(query).hits
        assert hits
        factors = {round(score / expected[number], 3) for number, score in hits}
        assert max(factors) - min(factors) <= 0.002, (typed, factors)
        order = [number for number, _score in hits]
        assert order == sorted(order, key=lambda number: (-round(expected[number], 4), number))


def test_the_top_ten_stay_when_a_fifth_of_the_records_was_written_anew(opened):
    documents = a_market(400, seed=9)
    changed = opened()
    old = [a_document(d.id, "旧的标题" + d.title[:4], "旧的说明" * 20, kind=d.kind) for d in documents[:80]]
    changed.write([*old, *documents[80:]])
    changed.write(
        [
            a_document(d.id, d.title, d.body, kind=d.kind, filters=d.filters, sorts=d.sorts, version=2)
            for d in documents[:80]
        ]
    )
    fresh = opened()
    fresh.write(documents)
    chance, shares = random.Random(3), []
    for _ in range(100):
        typed = " ".join(chance.sample(PIECES, chance.randint(1, 2)))
        best = set(found(fresh, typed, limit=10))
        if best:
            shares.append(len(best & set(found(changed, typed, limit=10))) / len(best))
    assert sum(shares) / len(shares) >= 0.98


# ---- completing


@pytest.fixture(scope="module")
def completing(opened):
    engine = opened()
    engine.write(
        [
            a_document(1, "青蒿素结晶工艺", organisation="云麓示范大学", filters={"organisation": ("O-2026-000001",)}),
            a_document(2, "青蒿素提取", "用数控机床", organisation="云麓示范大学"),
            a_document(3, "匡蔚汀", kind="expert"),
            a_document(4, "tea saponin 提纯"),
        ]
    )
    return engine


@pytest.mark.parametrize(
    ("typed", "first"),
    [
        ("qhs", "青蒿素"),
        ("QHS", "青蒿素"),
        ("qinghao", "青蒿素"),
        ("青", "青蒿素"),
        ("云麓", "云麓示范大学"),
        ("ylsf", "云麓示范大学"),
        ("示范大学", "云麓示范大学"),
        ("kuangwei", "匡蔚汀"),
        ("sapo", "saponin"),
        ("结晶 青蒿", "结晶 青蒿素"),
    ],
)
def test_the_beginning_of_a_word_or_of_its_pinyin_is_completed(completing, typed, first):
    assert [one.text for one in completion.complete(completing, typed)][:1] == [first]


def test_a_completion_counts_its_records_and_names_its_page(completing):
    assert completion.complete(completing, "qhs")[0].count == 2
    assert completion.complete(completing, "云麓")[0].code in {"O-2026-000001", ""}
    assert completion.complete(completing, "匡蔚汀")[0].code == "R-2026-000003"


def test_a_withdrawn_record_takes_its_words_with_it(opened):
    engine = opened()
    engine.write([a_document(1, "光伏组件清洗"), a_document(2, "冷榨工艺")])
    assert completion.complete(engine, "光伏")
    engine.write([], [1])
    assert completion.complete(engine, "光伏") == []
    assert completion.complete(engine, "gfzj") == []


@pytest.mark.parametrize("typed", ["", " ", "！", "\0", "😀", ".*", "(|)", "\ud800", "青" * 5000])
def test_nothing_that_can_be_typed_breaks_completing(completing, typed):
    completion.complete(completing, typed)


def test_every_stored_filter_is_a_declared_one():
    assert set(STORED_FILTERS) < set(FILTERS)
    assert text.printable("a\0b\ud800") == "a b "


def test_a_typed_piece_that_stands_nowhere_is_left_out_before_its_words_are_looked_for_one_by_one(opened):
    engine = opened()
    engine.write([a_document(1, "结晶工艺", "青蒿素"), a_document(2, "旋转炒锅重力下料床")])
    page = search_relaxing(engine, parse("青蒿素 超重力旋转床"))
    assert page.relaxed
    assert [number for number, _score in page.hits] == [1]


def test_a_search_on_a_server_is_one_round_trip_and_an_empty_one_three(opened, request):
    engine = opened()
    if not hasattr(engine, "bare"):
        pytest.skip("the embedded engine makes no trips")
    engine.write([a_document(n, "油茶籽冷榨工艺", filters={"chain": ("AF",)}) for n in range(1, 30)])
    transport = engine.bare[0].transport
    asked, plain = [], transport.perform_request

    def counted(method, target, **more):
        asked.append(target)
        return plain(method, target, **more)

    transport.perform_request = counted
    page = search_relaxing(
        engine, parse("冷榨", filters={"chain": ["AF"]}, facets=["chain", "kind", "freshness"], bands=BANDS)
    )
    assert page.total == 29 and len(asked) == 1
    asked.clear()
    assert search_relaxing(engine, parse("冷榨 超重力旋转床")).relaxed
    assert len(asked) == 3
