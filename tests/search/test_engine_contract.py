"""What every engine promises, asked of both: the embedded one and a real Elasticsearch."""

import uuid

import pytest

from search.documents import Document, UndeclaredField
from search.engine import open_engine, search_relaxing
from search.parse import parse
from search.query import Age, Term
from tests import servers


def a_document(number, title, body="", **more):
    return Document(
        id=number, code=f"R-2026-{number:06d}", kind=more.pop("kind", "result"), title=title, body=body, **more
    )


@pytest.fixture(params=["embedded", pytest.param("city", marks=pytest.mark.city)])
def engine(request, tmp_path):
    if request.param == "embedded":
        made = open_engine(None, tmp_path)
    else:
        made = open_engine(servers.search_url(), tmp_path, f"t{uuid.uuid4().hex[:12]}")
    yield made
    made.close()


def found(engine, typed, **more):
    return [number for number, _score in engine.search(parse(typed, **more)).hits]


def test_a_written_record_is_found_at_once_by_a_word_of_its_title(engine):
    engine.write([a_document(1, "油茶籽低温冷榨工艺"), a_document(2, "伺服电机降噪方法")])
    assert found(engine, "冷榨") == [1]


def test_a_word_inside_a_longer_word_finds(engine):
    engine.write([a_document(1, "黄花蒿提取装置"), a_document(2, "箱包面料")])
    assert found(engine, "花蒿") == [1]


def test_a_removed_record_is_found_no_more(engine):
    engine.write([a_document(1, "冷榨工艺")])
    engine.write([], [1])
    assert found(engine, "冷榨") == []
    assert engine.versions([1]) == {}


def test_a_late_older_version_does_not_overwrite_a_newer_one(engine):
    engine.write([a_document(1, "新的标题", version=3)])
    engine.write([a_document(1, "旧的标题", version=2)])
    assert engine.versions([1]) == {1: 3}
    assert found(engine, "新的标题") == [1]


def test_an_excluded_word_keeps_records_out(engine):
    engine.write([a_document(1, "冷榨工艺", "用于油茶"), a_document(2, "冷榨工艺", "用于核桃")])
    assert found(engine, "冷榨 -核桃") == [1]


def test_counts_of_a_facet_ignore_the_choice_made_in_it_and_agree_with_the_total(engine):
    engine.write([a_document(n, "冷榨工艺", filters={"chain": ("AF" if n < 4 else "EM",)}) for n in range(1, 6)])
    page = engine.search(parse("冷榨", filters={"chain": ["AF"]}, facets=["chain", "kind"]))
    assert page.total == 3
    assert dict(page.facets["chain"]) == {"AF": 3, "EM": 2}
    assert dict(page.facets["kind"]) == {"result": 3}


def test_ten_equal_scores_paged_one_by_one_each_appear_once(engine):
    engine.write([a_document(n, "冷榨工艺") for n in range(1, 11)])
    seen, cursor = [], None
    while True:
        page = engine.search(parse("冷榨", limit=1, cursor=cursor))
        seen += [number for number, _score in page.hits]
        cursor = page.next
        if cursor is None:
            break
    assert seen == list(range(1, 11))


def test_an_undeclared_filter_and_sort_are_refused_with_the_list_of_right_ones(engine):
    with pytest.raises(UndeclaredField) as refused:
        engine.search(parse("冷榨", filters={"colour": ["red"]}))
    assert "chain" in refused.value.allowed
    with pytest.raises(UndeclaredField):
        engine.search(parse("冷榨", sort="colour"))


def test_sorting_by_maturity_puts_records_without_one_last(engine):
    engine.write(
        [
            a_document(1, "冷榨", sorts={"maturity": 3}),
            a_document(2, "冷榨"),
            a_document(3, "冷榨", sorts={"maturity": 8}),
        ]
    )
    assert found(engine, "冷榨", sort="maturity") == [3, 1, 2]


def test_a_rebuild_switches_to_the_new_records_and_keeps_what_was_written_meanwhile(engine):
    engine.write([a_document(1, "冷榨工艺"), a_document(9, "要消失的记录")])
    with engine.rebuild(1) as fresh:
        engine.write([a_document(2, "冷榨设备", version=5)])
        fresh.add([a_document(1, "冷榨工艺"), a_document(2, "旧的设备", version=4)])
        fresh.switch()
    assert sorted(found(engine, "冷榨")) == [1, 2]
    assert engine.versions([1, 2, 9]) == {1: 1, 2: 5}


def test_an_abandoned_rebuild_leaves_the_index_as_it_was(engine):
    engine.write([a_document(1, "冷榨工艺")])
    with pytest.raises(RuntimeError), engine.rebuild(1) as fresh:
        fresh.add([a_document(2, "冷榨设备")])
        raise RuntimeError("stopped")
    assert found(engine, "冷榨") == [1]


def test_when_not_all_words_are_found_together_fewer_are_asked_for_and_it_is_said(engine):
    engine.write([a_document(1, "油茶籽冷榨工艺")])
    page = search_relaxing(engine, parse("冷榨 超重力旋转床 油茶籽"))
    assert page.relaxed
    assert [number for number, _score in page.hits] == [1]


@pytest.mark.parametrize(
    "typed", ["", "！！！", "😀😀", "a\0b", "title:(AND OR", "'; DROP TABLE listing; --", "\u202e冷榨", "x" * 20_000]
)
def test_nothing_that_can_be_typed_is_an_error(engine, typed):
    engine.write([a_document(1, "冷榨工艺")])
    engine.search(parse(typed))


def test_statistics_count_in_how_many_records_a_token_stands(engine):
    engine.write([a_document(1, "冷榨工艺"), a_document(2, "冷榨设备"), a_document(3, "箱包面料")])
    counted = engine.statistics({"bigrams": {"冷榨", "箱包", "没有"}})
    assert counted.documents == 3
    assert {token: count for token, count in counted.frequencies["bigrams"].items() if count} == {"冷榨": 2, "箱包": 1}


def test_candidates_of_one_flat_sum_come_best_first_with_the_texts_the_ranking_reads(engine):
    engine.write(
        [
            a_document(1, "油茶籽冷榨工艺", "残油低"),
            a_document(2, "冷榨设备"),
            a_document(3, "箱包面料"),
            a_document(4, "冷榨", kind="need"),
        ]
    )
    terms = [Term("bigrams", "冷榨", 2.0), Term("bigrams", "残油", 1.0), Term("chars", "榨", 0.5)]
    hits = engine.candidates(terms, {"kind": ["result", "patent"]}, 10, exclude=(9,))
    assert [number for number, _score in hits] == [1, 2]
    assert engine.texts([1, 2])[1].body == "残油低"
    needs = engine.candidates(terms, {"kind": ["need"]}, 10)
    assert engine.candidates_of(terms, [{"kind": ["result", "patent"]}, {"kind": ["need"]}], 10, (9,)) == [hits, needs]


def test_what_was_confirmed_long_ago_sinks_behind_what_is_equally_good_and_stays_found(engine):
    day = 86_400
    ages = (Age(0.9, 10 * day, 20 * day), Age(0.5, None, 10 * day))
    for number, confirmed in ((1, 5 * day), (2, 15 * day), (3, 25 * day)):
        engine.write([a_document(number, "油茶籽低温冷榨工艺", sorts={"confirmed": confirmed})])
    engine.write([a_document(4, "冷榨", "只提了一次的很长的说明" * 40, sorts={"confirmed": 25 * day})])
    assert found(engine, "油茶籽冷榨") == [1, 2, 3], "without ages equal records stand by their numbers"
    assert found(engine, "油茶籽冷榨", ages=ages) == [3, 2, 1]
    first, second, third = (score for _number, score in engine.search(parse("油茶籽冷榨", ages=ages)).hits)
    assert second == pytest.approx(first * 0.9, rel=1e-3)
    assert third == pytest.approx(first * 0.5, rel=1e-3)
    page = engine.search(parse("油茶籽冷榨", ages=ages, limit=1))
    assert page.total == 3
    assert [number for number, _s in engine.search(parse("油茶籽冷榨", ages=ages, limit=1, cursor=page.next)).hits] == [
        2
    ]
