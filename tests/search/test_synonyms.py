"""Different words for one thing: names of materials, processes, medicines and crops, and two spellings of one word."""

import pytest

from search import synonyms, text
from search.analysis import analyse

PAIRS = [
    ("青蒿素", "黄花蒿素"), ("青蒿素", "artemisinin"), ("尼龙", "聚酰胺"), ("pom", "聚甲醛"), ("黄连素", "小檗碱"), ("双氧水", "h2o2"), ("土豆", "马铃薯"),
    ("3d打印", "增材制造"), ("电镜", None), ("冻干", "冷冻干燥"), ("sus304", "06cr19ni10"), ("vocs", "挥发性有机物"),
]  # fmt: skip


@pytest.mark.parametrize(("word", "other"), PAIRS)
def test_a_name_leads_to_the_others_and_back(word, other):
    found = synonyms.others(word)
    assert (other in found and word in synonyms.others(other)) if other else found == ()


SPELLINGS = {
    "起动机": "启动机",
    "启动机": "起动机",
    "黏接剂": "粘接剂",
    "活性碳": "活性炭",
    "耐磨擦性": "耐摩擦性",
    "黏稠度": "粘稠度",
}


@pytest.mark.parametrize(("word", "other"), SPELLINGS.items())
def test_two_spellings_of_one_word_also_inside_a_longer_one(word, other):
    assert other in synonyms.others(word)


def test_every_group_holds_different_normalised_words_and_has_a_source():
    for group in synonyms.groups():
        assert group.kind in {"term", "spelling"} and group.source
        assert len(set(group.words)) == len(group.words) >= 2
        assert all(word == text.normalise(word) and text.runs(word) for word in group.words)


def test_both_spellings_have_the_same_length():
    assert all(len({len(word) for word in group.words}) == 1 for group in synonyms.groups() if group.kind == "spelling")


def test_no_term_stands_in_two_groups():
    words = [word for group in synonyms.groups() if group.kind == "term" for word in group.words]
    assert sorted({word for word in words if words.count(word) > 1}) == []


def test_the_analysis_of_a_text_shows_the_other_names_of_its_words():
    seen = analyse("超临界萃取青蒿素，起动电机用聚甲醛").aliases
    assert "artemisinin" in seen["青蒿素"] and "pom" in seen["聚甲醛"] and "超临界流体萃取" in seen["超临界萃取"]
    assert "启动" in seen["起动"]
