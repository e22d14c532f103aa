"""The page of the quality of matching, and the answer to "why is it not there"."""

import pytest

from etl.demo import labelled
from frontend.learning import learn_and_measure
from services.matching import service as matching
from tests.frontend.market_in_process import market_here
from tests.services.matching.test_matches import published


@pytest.fixture
def here(tmp_path):
    with market_here(tmp_path) as made:
        yield made


def test_the_page_says_that_nothing_was_measured_and_then_shows_what_was(here):
    visitor = here.browser()
    assert "还没有量过" in visitor.get("/quality").text
    found = matching.measure_labelled(here.market, labelled.load())
    matching.measure_market(here.market)
    page = visitor.get("/quality").text
    assert "还没有量过" not in page
    assert f"{found.measures['judged'].value:.3f}" in page
    assert found.ranker in page
    api = visitor.get("/api/v1/quality").json()
    assert api["labelled"]["measures"]["full"]["value"] == found.measures["full"].value


def test_the_night_measures_what_is_due_and_no_more(here):
    learn_and_measure(here.market)
    with here.market.database.read() as session:
        first = matching.latest_quality(session)
    learn_and_measure(here.market)
    with here.market.database.read() as session:
        assert matching.latest_quality(session) == first


def test_what_a_firm_found_unsuitable_is_remembered_when_nearly_the_same_need_returns(here):
    here.person("oil", organisation="演示油坊")
    body = "茶籽液压榨残油百分之八，饼粕残油偏高，想用低温冷榨改造，日处理二十吨"
    first = published(here.market, "need", "茶籽饼粕残油偏高", body)
    again = published(here.market, "need", "茶籽饼粕残油偏高了", body)
    other = published(here.market, "need", "冷榨机噪声", "低温冷榨机螺旋轴噪声大")
    result = published(here.market, "result", "茶籽低温冷榨改造", "饼粕残油低", owner="演示研究院")
    firm = here.browser().sign_in("oil")
    answer = firm.post(f"/needs/{first}/unsuitable?record={result}", {"record": result, "reason": "investment"})
    assert answer.status_code == 303, answer.text
    assert "您标过不合适" in firm.get(f"/needs/{first}").text
    assert f"几乎相同的需求 {first} 时，您标过不合适" in firm.get(f"/needs/{again}").text
    assert "标过不合适" not in firm.get(f"/needs/{other}").text
    assert "标过不合适" not in here.browser().get(f"/needs/{again}").text


def test_a_visitor_asks_why_a_record_is_not_there_and_reads_where_it_lost(here):
    need = published(here.market, "need", "茶籽饼粕残油偏高", "想用冷榨")
    near = published(here.market, "result", "茶籽低温冷榨", "饼粕")
    far = published(here.market, "result", "伺服电机转子", "降低噪声")
    visitor = here.browser()
    assert f'action="/needs/{need}/why"' in visitor.get(f"/needs/{need}").text
    assert "伺服电机转子" in visitor.get(f"/needs/{need}/why?record={far}").text
    assert "它在，排第 1 位" in visitor.get(f"/needs/{need}/why?record=http://x/results/{near}").text
    for wrong in ("什么", "R-2020-999999", need):
        answer = visitor.get(f"/needs/{need}/why?record={wrong}")
        assert answer.status_code == 422
        assert 'id="why-wrong"' in answer.text
    assert visitor.get(f"/api/v1/needs/{need}/matches/{far}").json()["place"] == 2
    refused = visitor.get(f"/api/v1/needs/{need}/matches?kind=need")
    assert refused.status_code == 422
    assert visitor.get(f"/api/v1/needs/{need}/matches/{need}").status_code == 422
