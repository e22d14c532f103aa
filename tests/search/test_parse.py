"""From what was typed to a query: words, quotes, exclusions, fields, numbers, other names, and whatever else can be typed."""

import pytest

from search import parse as parsing
from search.parse import highlight_words, parse
from search.query import MAX_LENGTH, MAX_OFFSET, MAX_PAGE


def words(typed, **more):
    return [group.words for group in parse(typed, **more).groups]


WORDS = [
    ("茶油冷榨", ["茶油", "冷榨"]),
    ("茶油 冷榨", ["茶油", "冷榨"]),
    ("青蒿素的提取", ["青蒿素", "提取"]),
    ("的", ["的"]),
    ("ＰＡ６６", ["pa66"]),
    ("PA 66", ["pa66"]),
    ("油", ["油"]),
    ("Q235-B钢板", ["q235-b", "钢板"]),
    ("茶油 茶油 茶油", ["茶油"]),
    ("超临界萃取", ["超临界萃取"]),
]


@pytest.mark.parametrize(("typed", "wanted"), WORDS)
def test_words_are_asked_for_one_by_one_and_function_words_are_not(typed, wanted):
    query = parse(typed)
    assert [group.words for group in query.groups] == wanted
    assert query.required == len(wanted)


@pytest.mark.parametrize("typed", ['"茶油冷榨"', "“茶油冷榨”", "「茶油冷榨」", "«茶油冷榨»"])
def test_words_in_quotes_of_any_kind_must_follow_each_other(typed):
    [group] = parse(typed).groups
    assert group.words == "茶油冷榨"
    assert [phrase.tokens for phrase in group.any_of] == [("茶油", "油冷", "冷榨")]


@pytest.mark.parametrize("typed", ["茶油 -价格", "-价格 茶油", "茶油 －价格", '茶油 -"价格"'])
def test_a_word_with_a_minus_must_not_be_there(typed):
    query = parse(typed)
    assert [group.words for group in query.groups] == ["茶油"]
    assert [phrase.tokens for phrase in query.excluded] == [("价格",)]


def test_a_minus_inside_a_word_excludes_nothing():
    query = parse("gc-ms sic-mosfet")
    assert query.excluded == ()
    assert [group.words for group in query.groups] == ["gc-ms", "sic-mosfet"]


def test_a_number_of_a_record_is_recognised_and_asked_for_in_one_spelling():
    query = parse("看看 ｚｌ 2023 1 0375785.x 的石灰窑")
    assert query.numbers == ("CN202310375785.X",)
    assert [group.any_of[0].tokens for group in query.groups if group.words == "CN202310375785.X"] == [
        ("cn202310375785x",)
    ]
    assert query.fallback == ()


def test_other_names_of_a_word_are_alternatives_and_count_less():
    query = parse("青蒿素")
    [group] = query.groups
    assert any("artemisinin" in phrase.tokens for phrase in group.any_of)
    weights = {(term.field, term.text): term.weight for term in query.terms}
    assert weights["words", "artemisinin"] == pytest.approx(parsing.SYNONYM * weights["words", "青蒿素"])


def test_another_spelling_inside_a_longer_word_is_an_alternative():
    assert "启动机" in highlight_words(parse("起动机")) and "起动" in highlight_words(parse("启动机"))


def resolve(name, written):
    return {"专利": ("patent",), "零陵": ("431102",)}.get(written, ())


def test_a_field_becomes_a_filter_and_one_that_is_no_value_stays_words():
    query = parse("种类:专利 地区：零陵 -kind:专利 冷榨", resolve=resolve)
    assert dict(query.must) == {"kind": ("patent",), "region": ("431102",)} and dict(query.must_not) == {
        "kind": ("patent",)
    }
    assert [group.words for group in query.groups] == ["冷榨"]
    assert dict(parse("种类:什么 冷榨", resolve=resolve).must) == {}


def test_a_title_field_asks_in_titles_only():
    [group] = parse("title:冷榨", resolve=resolve).groups
    assert {phrase.field for phrase in group.any_of} <= {"title_words", "title_bigrams", "title_chars"}


@pytest.mark.parametrize("typed", ["", "   ", "\n\t"])
def test_nothing_typed_asks_for_everything(typed):
    query = parse(typed)
    assert query.groups == () and not query.matches_nothing


STRANGE = [
    "!!!", "😀", "\x00", "\ud800", '"', '""', "“”", "-", "--", "- -", "()[]{}^~*?:\\/", "AND OR NOT", "title:", ":", "-:-", "a" * 50_000, "茶" * 50_000, '"' * 999, "-a " * 5_000,
    "' OR 1=1 --", "\u202e油茶", "种类:", "种类:种类:种类", "茶油~2 冷榨^3", "[* TO *]", "1" * 5_000, "N-2026-" * 500,
]  # fmt: skip


@pytest.mark.parametrize("typed", STRANGE, ids=range(len(STRANGE)))
def test_nothing_that_can_be_typed_is_an_error(typed):
    query = parse(typed, resolve=resolve)
    assert query.required <= len(query.groups) <= parsing.MAX_GROUPS
    assert len(query.terms) <= parsing.MAX_TERMS
    assert len(query.text) <= MAX_LENGTH and query.clamped == (len(typed) > MAX_LENGTH)
    assert all(phrase.tokens for group in query.groups for phrase in group.any_of)


def test_signs_alone_find_nothing_and_do_not_mean_everything():
    assert parse("!!!").matches_nothing and parse("😀").matches_nothing


def test_places_and_sizes_of_a_page_are_held_to_what_the_engines_take():
    query = parse("茶油", offset=10**9, limit=10**6)
    assert (query.offset, query.limit) == (MAX_OFFSET, MAX_PAGE)
    assert (parse("茶油", offset=-5, limit=0).offset, parse("茶油", limit=0).limit) == (0, 1)


def test_each_weaker_query_asks_for_less_and_keeps_the_filters():
    query = parse("茶籽 冷榨 残油 偏高", filters={"kind": ["need"]})
    ways = query.ways()
    assert ways and all(way.filters == query.filters for way in ways)
    assert ways[0].required < query.required


def test_what_is_marked_in_a_text_are_the_words_and_their_other_names_longest_first():
    marked = highlight_words(parse("青蒿素 提取"))
    assert {"青蒿素", "黄花蒿素", "artemisinin", "提取"} <= set(marked)
    assert [len(word) for word in marked] == sorted(map(len, marked), reverse=True)


@pytest.mark.parametrize(
    "typed",
    ["专利号：ZL202310375785.X", "申请号 202310375785.X", "专利ＺＬ２０２３１０３７５７８５．Ｘ", "ZL-202310375785.X"],
)
def test_words_that_say_what_a_number_is_are_not_looked_for(typed):
    query = parse(typed)
    assert query.numbers == ("CN202310375785.X",)
    assert [group.words for group in query.groups] == ["CN202310375785.X"]


def test_words_of_their_own_beside_a_number_stay():
    assert len(parse("需求N-2026-000003 油茶").groups) == 2
