"""What fits a need or a record, why, and why something is not there."""

import dataclasses
from datetime import timedelta

import pytest

from search import ranking, vectors
from services.accounts import service as accounts
from services.ground import clock, outbox
from services.ground.actor import ANONYMOUS, system_actor
from services.ground.errors import Invalid
from services.listings import service as listings
from services.listings.schemas import ListingIn, ParameterIn
from services.matching import learning, service

OPERATOR = system_actor()
RESIDUE = {"name": "残油", "comparison": "le", "high": 5, "unit": "%", "must": True}


def published(market, kind, title, body="", parameters=(), owner="演示油坊", **more):
    with market.database.write() as session:
        owner_id = accounts.claim_unverified(session, OPERATOR, owner)
        rows = [ParameterIn(**row) for row in parameters]
        code = accounts.organisation(session, owner_id).code
        data = ListingIn(kind=kind, title=title, body=body, owner=code, parameters=rows, **more)
        made = listings.create(session, OPERATOR, data).code
        listings.submit(session, OPERATOR, made)
        listings.publish(session, OPERATOR, made)
    outbox.drain_all(market.database, market)
    return made


def matches(market, code, **more):
    with market.database.read() as session:
        return service.matches(session, ANONYMOUS, market, code, **more)


def why_not(market, code, record, **more):
    with market.database.read() as session:
        return service.why_not(session, ANONYMOUS, market, code, record, **more)


@pytest.fixture
def oil(market):
    """A need, what fits it, and what does not."""
    need = published(market, "need", "茶籽饼粕残油偏高", "液压榨残油百分之八，想用冷榨", [RESIDUE])
    good = published(
        market, "result", "茶籽低温冷榨工艺", "饼粕残油低", [{**RESIDUE, "comparison": "eq", "low": 4, "high": 4}]
    )
    worse = published(
        market, "result", "茶籽饼粕残油偏高的液压榨机", "残油", [{**RESIDUE, "comparison": "eq", "low": 9, "high": 9}]
    )
    other = published(market, "result", "伺服电机转子动平衡", "降低噪声")
    return need, good, worse, other


def test_a_must_that_is_not_met_sinks_a_record_and_does_not_hide_it(market, oil):
    need, good, worse, _other = oil
    items = {item.code: item for item in matches(market, need).items}
    assert [row.verdict for row in items[good].parameters] == ["met"]
    assert [row.verdict for row in items[worse].parameters] == ["not_met"]
    assert items[worse].level <= 3
    bare = why_not(market, need, worse)
    assert bare.score == items[worse].score
    assert sum(part.mine for part in bare.lost) - items[worse].score == pytest.approx(15, abs=0.5)


def test_every_word_that_is_a_reason_stands_letter_for_letter_in_both_records(market, oil):
    need, *_rest = oil
    with market.database.read() as session:
        for item in service.matches(session, ANONYMOUS, market, need).items:
            record, asked = (listings.get_visible(session, ANONYMOUS, code) for code in (item.code, need))
            for reason in item.reasons:
                if reason.kind == "word":
                    assert reason.text in f"{record.title}{record.summary}{record.body}"
                    assert reason.text in f"{asked.title}{asked.summary}{asked.body}"


def test_facts_given_as_reasons_are_true_of_both_records(market):
    need = published(market, "need", "茶籽冷榨", chain="AF", subfield="AF-3")
    same = published(market, "result", "茶籽冷榨工艺", chain="AF", subfield="AF-3", maturity=7)
    chain = published(market, "result", "茶籽冷榨设备", chain="AF", subfield="AF-1")
    told = {item.code: [reason.kind for reason in item.reasons] for item in matches(market, need).items}
    assert {"subfield", "maturity"} <= set(told[same])
    assert "chain" in told[chain]
    assert "subfield" not in told[chain]


def test_results_patents_and_experts_find_the_needs_they_fit(market, oil):
    need, good, *_rest = oil
    patent = published(market, "patent", "一种茶籽冷榨机", number="202310375785.X")
    expert = published(market, "expert", "冷榨制油研究员", "茶籽饼粕残油")
    for code in (good, patent, expert):
        assert [item.code for item in matches(market, code).items] == [need]
    assert [item.code for item in matches(market, need, kinds=("expert",)).items] == [expert]
    assert expert not in [item.code for item in matches(market, need).items]


def test_a_kind_that_cannot_be_matched_is_refused_with_those_that_can(market, oil):
    with pytest.raises(Invalid) as refused:
        matches(market, oil[1], kinds=("result",))
    assert refused.value.fields[0].code == "match_kind_unknown"


def test_a_record_that_is_not_shown_is_told_its_place_and_what_it_lacks(market, oil):
    need, good, worse, other = oil
    lost = why_not(market, need, other, limit=2)
    assert not lost.shown
    assert (lost.place, lost.candidates) == (3, 3)
    assert "两边没有一个有分量的共同的词" in lost.answers
    assert any(part.mine < part.theirs for part in lost.lost)
    best = why_not(market, need, good, limit=2)
    assert best.shown
    assert best.score == next(item.score for item in matches(market, need).items if item.code == good)
    sunk = why_not(market, need, worse, limit=1)
    assert any("残油" in answer and "往后排" in answer for answer in sunk.answers) or sunk.shown


def test_a_record_that_left_the_market_is_answered_with_its_state(market, oil):
    need, good, *_rest = oil
    with market.database.write() as session:
        listings.withdraw(session, OPERATOR, good)
    outbox.drain_all(market.database, market)
    with market.database.read() as session:
        told = service.why_not(session, OPERATOR, market, need, good)
    assert told.answers == ["已撤下"]
    assert told.place is None


def test_two_records_of_which_none_is_a_need_cannot_be_compared(market, oil):
    with pytest.raises(Invalid) as refused:
        why_not(market, oil[1], oil[2])
    assert refused.value.fields[0].code == "match_of_two_kinds"


def test_the_owner_is_advised_a_broker_where_nothing_fits_and_contact_where_something_does(market, oil):
    vague = published(market, "need", "想找新项目")
    advice = matches(market, vague).advice
    assert advice.way == "broker"
    assert any("技术指标" in reason for reason in advice.reasons)
    assert matches(market, oil[1]).advice is None


def test_vectors_are_made_from_public_texts_and_the_ranker_says_so(market, oil):
    before = matches(market, oil[0])
    assert learning.learn(market) is None  # four texts are too few
    words = [
        "茶籽",
        "饼粕",
        "残油",
        "液压榨",
        "转子",
        "动平衡",
        "噪声",
        "伺服电机",
        "冷榨",
        "低温",
        "工艺",
        "轴承",
        "驱动器",
    ]
    for n in range(36):
        published(market, "result", f"{words[n % 13]}{words[n * 5 % 12]}{words[n * 7 % 11]}研究", "小批生产的设备改造")
    assert learning.is_due(market)
    made = learning.learn(market)
    assert made.texts > 30
    assert not learning.is_due(market)
    assert learning.learn(market) == made
    after = matches(market, oil[0])
    assert before.ranker == ranking.LEX
    assert made.version in after.ranker
    assert vectors.current(learning.folder(market)) == made.version


LONG = "在车间里连续运行，配套的说明和图纸都可以提供，也可以派人到现场一起调试，直到稳定为止。" * 2


def test_what_shares_no_telling_word_is_no_match_and_only_what_the_title_names_may_be_strong(market):
    need = published(market, "need", "穿心式互感器的绕制", "互感器温升高")
    alien = published(market, "result", "一种感温变色研磨器", LONG)
    named = published(market, "result", "互感器绕制机", f"互感器。{LONG}")
    items = {item.code: item for item in matches(market, need).items}
    assert items[named].level >= 2
    assert alien not in items or items[alien].level == 1


def test_one_owners_records_of_the_same_title_are_one_match_that_names_the_others(market):
    need = published(market, "need", "固晶机摆臂减振")
    first, second = (published(market, "result", "固晶机摆臂的减振结构", f"摆臂减振 {n}") for n in (1, 2))
    elsewhere = published(market, "result", "固晶机摆臂的减振结构", "摆臂减振 3", owner="演示另一家")
    items = matches(market, need).items
    assert len(items) == 2
    assert {items[0].code, *items[0].same_title, items[1].code, *items[1].same_title} == {first, second, elsewhere}


def test_a_page_asks_the_engine_once_for_all_that_stands_around_a_need_and_says_what_the_api_says(market, oil):
    need, *_others = oil
    again = published(market, "need", "茶籽饼粕残油偏高", "液压榨残油百分之八，想用冷榨机")
    published(market, "expert", "榨油的专家", "茶籽冷榨、残油")
    asked: list[str] = []

    class Watched:
        def __getattr__(self, name):
            asked.append(name)
            return getattr(market.engine, name)

    watched = dataclasses.replace(market, engine=Watched())
    with market.database.read() as session:
        record = listings.get_visible(session, ANONYMOUS, need)
        found = service.around(session, ANONYMOUS, watched, record, limit=10, experts=3, remember=True)
        people = service.matches(session, ANONYMOUS, market, need, kinds=("expert",), limit=3)
    assert found.fits == matches(market, need, limit=10)
    assert found.experts == people.items
    assert [other.code for other in found.nearly_equal] == [again]
    assert asked == ["statistics", "candidates_of", "texts"]


def test_what_nobody_confirmed_for_long_sinks_in_matches_and_search_and_says_so(market):
    need = published(market, "need", "茶籽饼粕残油偏高", "想用低温冷榨")
    with clock.at(clock.now() - timedelta(days=200)):
        old = published(market, "result", "茶籽低温冷榨工艺", "饼粕残油低", owner="演示院所甲")
    new = published(market, "result", "茶籽低温冷榨工艺", "饼粕残油低", owner="演示院所乙")
    shown = matches(market, need).items
    assert [item.code for item in shown] == [new, old]
    assert shown[0].level == shown[1].level, "how well it fits does not age"
    assert any("200 天没有确认" in reason.text for reason in shown[1].reasons)
    with market.database.read() as session:
        found = service.search(session, ANONYMOUS, market, service.Asked("冷榨", {"kind": ["result"]}))
    assert [item.code for item in found.items] == [new, old]


@pytest.mark.parametrize(("found", "level"), [(4.2, 3), (6.0, 2)], ids=["all-musts-met", "one-must-missed"])
def test_a_record_that_meets_every_must_is_fairly_strong_whatever_words_it_chooses(found, level):
    from search.reasons import Said
    from services.matching.match_schemas import ParameterCheck
    from services.matching.rules import level_with

    rows = [
        ParameterCheck(
            name="残油", must=True, verdict="met" if found <= 5 else "not_met", wanted="≤ 5 %", found=str(found)
        ),
        ParameterCheck(name="出油率", must=True, verdict="met", wanted="≥ 90 %", found="92"),
        ParameterCheck(name="能耗", must=False, verdict="met", wanted="≤ 80", found="60"),
    ]
    assert level_with(2, rows, Said(words=1, named=0.05, has_text=True)) == level
    assert level_with(2, rows, Said(words=0, named=0.0, has_text=True)) == 2
