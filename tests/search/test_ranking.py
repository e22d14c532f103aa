"""Matching a need with records: the order, the levels, the words it gives as reasons."""

from search import ranking, reasons, text
from search.counting import Texts
from search.documents import StoredText
from search.ranking import NeedText

OFFERS = {
    1: "油茶籽低温冷榨制油工艺",
    2: "伺服电机转子动平衡方法",
    3: "箱包面料防水整理",
    4: "茶籽饼粕茶皂素提取",
    5: "冷榨机螺旋轴的耐磨处理",
    6: "一种智能手环",
}


def texts(offers=OFFERS):
    return Texts({number: StoredText(text.normalise(title), "") for number, title in offers.items()})


def ranked(need, offers=OFFERS):
    prepared = texts(offers)
    return ranking.rank(need, ranking.prepare(prepared), ranking.statistics_of(prepared, [need]))


def test_the_record_that_shares_most_with_the_need_comes_first():
    rows = ranked(NeedText("油茶籽冷榨出油率低", "希望残油低于百分之六，饼粕不发黑"))
    assert rows[0].id == 1
    assert {row.id for row in rows[:3]} == {1, 4, 5}
    assert rows[-1].score == 0.0
    assert rows[0].level > rows[-1].level == 1


def test_a_long_body_does_not_drown_the_title():
    body = "本公司生产箱包、面料、手环，箱包面料出口，箱包面料需要防水整理，智能手环也做。" * 20
    assert ranked(NeedText("伺服电机转子动平衡", body))[0].id == 2


def test_equal_records_come_in_the_order_of_their_ids():
    rows = ranked(NeedText("冷榨"), {9: "冷榨工艺", 3: "冷榨工艺", 7: "冷榨工艺"})
    assert [row.id for row in rows] == [3, 7, 9]


def test_a_need_that_shares_nothing_gets_no_level():
    assert {row.level for row in ranked(NeedText("xyz"))} == {1}
    assert {row.level for row in ranked(NeedText("！！"))} == {1}


def test_nothing_to_rank_is_an_empty_answer():
    assert ranked(NeedText("冷榨"), {}) == []


def test_the_fast_count_knows_exactly_the_tokens_of_the_language_chain():
    strange = ["pvdc膜与5g模组 q235-b", "单 a 字", "𠮷野家😀冷榨", "", "混a合b排c", "油", "油\n茶", "co2超临界"]
    prepared = Texts(
        {number: StoredText(text.normalise(one), text.normalise("后文b")) for number, one in enumerate(strange)}
    )
    for name, cut in (("chars", text.characters), ("bigrams", text.bigrams)):
        counted = {}
        every = sorted({token for one in strange for token in cut(f"{text.normalise(one)}\n后文b")})
        for owner, place, times in zip(*prepared.counts(name, every), strict=True):
            counted.setdefault(int(owner), {})[every[place]] = int(times)
        for number, one in enumerate(strange):
            tokens = cut(f"{text.normalise(one)}\n{text.normalise('后文b')}")
            assert counted.get(number, {}) == {token: tokens.count(token) for token in tokens}
            assert prepared.field(name).lengths[number] == len(tokens)


def test_every_word_given_as_a_reason_stands_letter_for_letter_in_both_texts():
    need = NeedText("PVDC薄膜的高溫封合", "现用膜在120℃起皱；需要 PVDC 复合膜")
    record = "一种PVDC复合膜及其高温封合方法"
    prepared = texts({1: record, 2: "其他"})
    told = reasons.shared_words(need, record, ranking.statistics_of(prepared, [need]))
    assert told
    assert all(word in f"{need.title}{need.body}" and word in record for word, _ in told)
    assert "PVDC" in [word for word, _ in told]
    assert "高温" not in [word for word, _ in told]  # the need writes 高溫


def test_the_candidates_query_asks_for_the_heaviest_tokens_only():
    need = NeedText("油茶籽冷榨", "希望" * 50 + "".join(chr(0x4E00 + n) for n in range(200)))
    prepared = texts()
    terms = ranking.candidate_terms(need, ranking.statistics_of(prepared, [need]), most=20)
    assert len(terms) <= 20
    assert {"茶籽", "冷榨"} <= {term.text for term in terms}
    assert all(term.weight > 0 for term in terms)


def test_a_rare_word_in_common_counts_more_than_several_common_ones():
    offers = {n: f"智能分析方法与评价系统{word}" for n, word in enumerate("甲乙丙丁戊己庚辛", 1)} | {
        9: "汽车悬架的橡胶衬套"
    }
    assert ranked(NeedText("悬架的分析方法与评价"), offers)[0].id == 9
