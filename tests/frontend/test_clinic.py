"""A vague sentence becomes a need others can measure themselves against; nothing typed is lost and nothing optional blocks."""

import re

import pytest

from services.accounts import service as accounts
from services.accounts.schemas import OrganisationIn
from services.clinic import rules
from services.clinic import service as clinic
from services.ground import reference
from services.listings import service as listings
from services.listings.schemas import ListingIn, ParameterIn
from tests.frontend.market_in_process import OPERATOR, market_here

SENTENCE = (
    "石油醚热回流提青蒿素，现在收率88%，想找收率不低于92%、溶剂残留不超过290mg/kg、日处理2-5吨的工艺。预算60-120万元"
)


@pytest.fixture(scope="module")
def here(tmp_path_factory):
    with market_here(tmp_path_factory.mktemp("clinic")) as made:
        made.person("firm", organisation="演示植提甲")
        made.person("clerk", role="station_clerk", region="431122")
        made.person("broker", role="broker")
        made.person("moderator", role="moderator")
        with made.market.database.write() as session:
            for name, rate in (("演示高校", 93.0), ("演示院所", 80.0)):
                owner = accounts.claim_unverified(session, OPERATOR, name, "university")
                data = ListingIn(
                    kind="result",
                    title=f"{name}的青蒿素连续提取工艺",
                    body="石油醚连续逆流提取青蒿素，溶剂残留低。",
                    owner=accounts.organisation(session, owner).code,
                    parameters=[ParameterIn(name="收率", comparison="eq", low=rate, high=rate, unit="%")],
                )
                code = listings.create(session, OPERATOR, data).code
                listings.submit(session, OPERATOR, code)
                listings.publish(session, OPERATOR, code)
        made.drain()
        yield made


@pytest.fixture(scope="module")
def firm(here):
    return here.browser().sign_in("firm")


def row(page, number):
    found = re.findall(rf'name="parameters\.{number}\.(\w+)" value="([^"]*)"', page)
    chosen = re.search(rf'name="parameters\.{number}\.comparison">.*?value="(\w+)" selected', page)
    return dict(found) | {"comparison": chosen[1] if chosen else ""}


def test_parameters_and_budget_are_read_from_the_sentence_and_nothing_is_saved(here, firm):
    page = firm.post("/needs/new", {"body": SENTENCE, "rows": "0", "do": "read"})
    assert page.status_code == 200
    first = row(page.text, 0)
    assert (first["name"], first["comparison"], first["value"], first["unit"]) == ("收率", "ge", "92", "%")
    assert first["present"] == "88%"
    assert row(page.text, 1)["value"] == "290"
    assert row(page.text, 2)["value"] == "2–5"
    assert 'name="budget_low" value="60"' in page.text
    with here.market.database.read() as session:
        assert listings.list_listings(session, OPERATOR, "need", owner_id=1) == []


def test_what_somebody_wrote_is_never_written_over(firm):
    data = {"body": SENTENCE, "rows": "1", "do": "read", "budget_low": "5", "title": "我的标题"}
    data |= {"parameters.0.name": "收率", "parameters.0.comparison": "ge", "parameters.0.value": "99"}
    page = firm.post("/needs/new", data).text
    assert row(page, 0)["value"] == "99"
    assert row(page, 0)["unit"] == "%"
    assert 'name="budget_low" value="5"' in page
    assert 'value="我的标题"' in page


def test_each_line_says_how_many_results_it_leaves(here):
    lines = [ParameterIn(name="收率", comparison="ge", low=92, unit="%", must=True)]
    with here.market.database.read() as session:
        found = clinic.effects(session, here.market, "提青蒿素的连续工艺", "石油醚连续提取青蒿素", lines)
    assert found.results == 2
    [line] = found.lines
    assert (line.met, line.missed, line.unstated, line.left) == (1, 1, 0, 1)


def test_one_sentence_is_enough_to_hand_in_and_becomes_the_title(here, firm):
    answer = firm.post("/needs/new", {"body": "油里总有一股哈喇味。想去掉。", "rows": "0", "do": "submit"})
    assert answer.status_code == 303
    code = answer.headers["location"].rpartition("/")[2]
    with here.market.database.read() as session:
        record = listings.get_visible(session, OPERATOR, code, working=True)
    assert (record.title, record.state) == ("油里总有一股哈喇味", "submitted")


def test_a_value_with_words_in_it_is_said_and_mended_by_one_button(firm):
    data = {"title": "残留偏高", "rows": "1", "parameters.0.name": "溶剂残留", "parameters.0.value": "小于300"}
    data |= {"parameters.0.comparison": "ge", "parameters.0.unit": "mg/kg"}
    wrong = firm.post("/needs/new", {**data, "do": "save"})
    assert wrong.status_code == 422
    assert "请在“比较”选 ≤，这里只填 300" in wrong.text
    assert 'value="小于300"' in wrong.text
    mended = row(firm.post("/needs/new", {**data, "do": "repair:0"}).text, 0)
    assert (mended["comparison"], mended["value"]) == ("le", "300")


def test_a_value_that_is_no_number_at_all_is_said(firm):
    data = {"title": "残留偏高", "rows": "1", "parameters.0.name": "溶剂残留", "parameters.0.value": "越少越好"}
    assert "不是数字" in firm.post("/needs/new", {**data, "do": "save"}).text


def test_a_line_is_added_dropped_and_proposed_without_javascript(firm):
    data = {"title": "残留偏高", "subfield": "BM-2", "rows": "2", "parameters.0.name": "甲", "parameters.1.name": "乙"}
    assert row(firm.post("/needs/new", {**data, "do": "drop:0"}).text, 0)["name"] == "乙"
    page = firm.post("/needs/new", {**data, "do": "usual:2"}).text
    assert row(page, 2)["name"] == "溶剂残留"
    assert "车间防爆等级" in page, "what is asked depends on the field"


def test_a_double_click_makes_one_need_and_the_back_button_changes_it(here, firm):
    once = re.search(r'name="once" value="([^"]+)"', firm.get("/needs/new").text)[1]
    data = {"title": "只要一条的需求", "rows": "0", "do": "save", "once": once}
    first = firm.post("/needs/new", data).headers["location"]
    assert firm.post("/needs/new", data).headers["location"] == first
    later = firm.post("/needs/new", {**data, "title": "退回来改过的标题"}).headers["location"]
    assert later == first
    assert "退回来改过的标题" in firm.get(first).text


def test_the_form_may_be_kept_by_the_browser_and_signing_out_clears_it(here):
    browser = here.browser().sign_in("firm")
    assert "no-store" not in browser.get("/needs/new").headers["cache-control"]
    assert "cache" in browser.post("/logout", {}, "/account").headers["clear-site-data"]


def test_a_hidden_firm_that_is_the_only_one_of_its_field_is_warned(here):
    with here.market.database.write() as session:
        only = accounts.create_organisation(session, OPERATOR, OrganisationIn(name="演示独一家", region_code="431122"))
        found = clinic.recognisable(session, only.id, "残油偏高", "431122", "AF-3")
        named = clinic.recognisable(session, only.id, "我们演示独一家的残油偏高", None, None)
        nothing = clinic.recognisable(session, only.id, "残油偏高", None, None)
    assert found
    assert found.firms == 1
    assert named
    assert named.named == "演示独一家"
    assert nothing is None


def test_the_warning_stands_on_the_page_and_blocks_nothing(firm):
    data = {"title": "演示植提甲的残留偏高", "rows": "0", "hide_owner": "1"}
    assert "可能被认出来" in firm.post("/needs/new", {**data, "do": "count"}).text
    assert firm.post("/needs/new", {**data, "do": "save"}).status_code == 303


def test_conditions_behind_confidentiality_are_not_public_and_not_found(here, firm):
    data = {
        "title": "青蒿萃取残渣利用",
        "rows": "0",
        "conditions": "紫铜蒸馏塔三座",
        "hide_conditions": "1",
        "do": "submit",
    }
    code = firm.post("/needs/new", data).headers["location"].rpartition("/")[2]
    here.browser().sign_in("moderator").post(f"/moderation/{code}", {"do": "publish"}, "/moderation")
    here.drain()
    visitor = here.browser()
    assert "紫铜蒸馏塔" not in visitor.get(f"/needs/{code}").text
    assert "紫铜蒸馏塔" not in visitor.get(f"/api/v1/needs/{code}").text
    assert code not in visitor.get("/search?q=紫铜蒸馏塔").text
    assert "紫铜蒸馏塔" in firm.get(f"/needs/{code}").text


def test_a_clerk_writes_for_a_new_firm_and_both_names_are_kept(here):
    clerk = here.browser().sign_in("clerk")
    data = {"title": "电话里说的需求", "rows": "0", "do": "save", "region_code": "431122", "owner": "演示乡镇油坊"}
    refused = clerk.post("/needs/new", data)
    assert refused.status_code == 422
    assert "这是一家新单位" in refused.text
    answer = clerk.post("/needs/new", {**data, "owner_new": "1"})
    assert answer.status_code == 303, re.findall(r"<li>.*?</li>", answer.text)
    page = clerk.get(answer.headers["location"]).text
    assert "由 演示clerk 代 演示乡镇油坊 填写" in page
    assert clerk.get(answer.headers["location"] + "/edit").status_code == 200


def test_a_name_that_several_firms_share_is_asked_back(here):
    with here.market.database.write() as session:
        for name in ("演示同名甲厂", "演示同名乙厂"):
            accounts.claim_unverified(session, OPERATOR, name)
    broker = here.browser().sign_in("broker")
    answer = broker.post("/needs/new", {"title": "替人写的", "rows": "0", "do": "save", "owner": "演示同名"})
    assert answer.status_code == 422
    assert "演示同名甲厂（O-" in answer.text


def test_a_broker_goes_on_with_what_was_written_for_a_firm(here):
    broker = here.browser().sign_in("broker")
    answer = broker.post("/needs/new", {"title": "替植提写的", "rows": "0", "do": "save", "owner": "演示植提甲"})
    url = answer.headers["location"]
    assert broker.post(f"{url}/edit", {"title": "替植提写好的", "rows": "0", "do": "submit"}).status_code == 303
    other = here.browser().sign_in("clerk")
    assert other.get(url).status_code == 404


def test_the_sheet_for_a_visit_has_room_where_something_is_open(here, firm):
    data = {"title": "要走访的需求", "acceptance": "连续 72 h", "rows": "0", "do": "save"}
    page = firm.get(firm.post("/needs/new", data).headers["location"] + "/sheet").text
    assert "连续 72 h" in page
    assert 'class="blank' in page
    assert here.browser().get("/needs/sheet").status_code == 200


def test_a_patent_is_written_and_edited_at_its_page(here, firm):
    data = {"title": "一种榨油装置", "number": "ZL 202310375785.X", "kind": "invention", "legal_status": "granted"}
    data |= {"ipc": "C11B1/06、B30B9/14", "do": "submit"}
    url = firm.post("/patents/new", data).headers["location"]
    form = firm.get(f"{url}/edit")
    assert form.status_code in (200, 409)
    code = url.rpartition("/")[2]
    here.browser().sign_in("moderator").post(f"/moderation/{code}", {"do": "publish"}, "/moderation")
    page = firm.get(f"{url}/edit").text
    assert 'value="C11B1/06、B30B9/14"' in page
    changed = {**data, "number": "202310375785.X", "expires_on": "2020-01-01"}
    assert firm.post(f"{url}/edit", changed).status_code == 303
    here.browser().sign_in("moderator").post(f"/moderation/{code}", {"do": "publish"}, "/moderation")
    assert "已过期" in here.browser().get(url).text


def test_wrong_dates_and_numbers_of_a_patent_are_said_at_their_fields(firm):
    wrong = firm.post("/patents/new", {"title": "一种装置", "number": "明天", "do": "save"})
    assert wrong.status_code == 422
    assert 'href="#f-number"' in wrong.text
    wrong = firm.post(
        "/patents/new", {"title": "一种装置", "number": "202310375785.X", "grant_date": "去年", "do": "save"}
    )
    assert 'href="#f-grant-date"' in wrong.text
    assert 'value="去年"' in wrong.text


def test_an_expert_is_written_and_edited_at_its_page(here, firm):
    url = firm.post("/experts/new", {"title": "演示教授", "keywords": "萃取，分离", "do": "save"}).headers["location"]
    page = firm.get(f"{url}/edit").text
    assert 'value="萃取、分离"' in page
    assert firm.post(f"{url}/edit", {"title": "演示教授", "fields": "天然产物", "do": "save"}).status_code == 303
    assert "天然产物" in firm.get(url).text


def test_every_field_of_the_plan_has_its_usual_parameters_and_questions():
    for entry in reference.entries(None, "subfield"):
        assert len(clinic.usual(entry.code)) >= 3, entry.code
        assert clinic.questions(entry.code), entry.code
    assert {item.comparison for entry in reference.entries(None, "subfield") for item in clinic.usual(entry.code)} <= {
        "ge", "le", "tolerance",
    }  # fmt: skip


@pytest.mark.parametrize(
    ("name", "shown"), [("想找收率", "收率"), ("要求残油", "残油"), ("把噪声降到", "噪声"), ("残油压到", "残油")]
)
def test_wishes_are_taken_from_the_name_of_a_thing(name, shown):
    assert rules.clean_name(name) == shown


@pytest.mark.parametrize(
    ("sentence", "demands", "today"),
    [
        ("烘一批要二十多天，太慢了", [], ["烘一批 二十多天"]),
        ("现在一批要二十多天", [], ["一批 二十多天"]),
        ("破损率30%，太高", [], ["破损率 30%"]),
        ("一批要二十多天，想缩短到十天以内", [("一批", "le", None, 10.0, "二十多天")], []),
        ("残油还有百分之八左右，想压到百分之五", [("残油", "le", None, 5.0, "百分之八左右")], []),
        ("良品率只有83%，想提到92%以上", [("良品率", "ge", 92.0, None, "83%")], []),
        ("能耗控制在50度电以内", [("能耗", "le", None, 50.0, "")], []),
    ],
)
def test_how_it_is_today_never_becomes_what_is_demanded_and_nothing_is_a_must_by_itself(sentence, demands, today):
    found = rules.read(sentence)
    assert [(p.name, p.comparison, p.low, p.high, p.present) for p in found.proposals] == demands
    assert found.today == today
    assert not any(p.must for p in found.proposals)


def test_the_clinic_says_what_it_took_for_today_and_ticks_no_must(firm):
    page = firm.post("/needs/new", {"body": "烘一批要二十多天，收率不低于92%", "rows": "0", "do": "read"}).text
    assert "读到现在的情况：烘一批 二十多天" in page
    assert row(page, 0)["name"] == "收率"
    assert not re.search(r'name="parameters\.\d+\.must" value="1" checked', page)
