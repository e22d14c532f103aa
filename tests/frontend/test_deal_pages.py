"""The deal room and its forms, used as people use them: read a page, send its form, look again."""

import re

import pytest

from frontend.pages import contact, deals, deals_moves, work
from services.deals import service
from services.ground.market import Market
from tests.frontend.some_pages import browsers, text_of
from tests.services.deals.conftest import world as world


@pytest.fixture
def browser(world):
    """browser("seeker") is the browser of that person."""
    market = Market(world.settings, world.database, engine=None)
    return browsers(market, world.actors, (work, contact, deals, deals_moves))


def test_a_need_becomes_a_signed_deal_by_forms_alone(world, browser):
    seeker, provider = browser("seeker"), browser("provider")
    made = seeker.send(
        f"/needs/{world.need}/contact?record={world.result}", result_code=world.result, note="想看中试线"
    )
    assert made.status_code == 303
    url = made.headers["location"]
    assert "轮到您：确认这次引荐" in text_of(provider.get(url).text)
    assert provider.send(f"{url}/acknowledge", page=url).status_code == 303
    seeker.send(f"{url}/talk", happened_on="2026-03-12", note="看了车间", level="after_contact")
    offered = provider.send(
        f"{url}/offer", amount_fen="128 万元", payment_mode="INSTALMENT", scope="中试与调试", valid_until="2026-04-30"
    )
    assert offered.status_code == 303
    assert "1,280,000.00" in seeker.get(url).text
    assert seeker.send(f"{url}/accept", page=url, n="1").status_code == 303
    contract = {"file": ("合同.pdf", b"%PDF-1.7", "application/pdf")}
    signed = seeker.send(f"{url}/sign", signed_on="2026-03-12", contract_amount_fen="1,280,000.00", files=contract)
    assert signed.status_code == 303
    assert provider.send(f"{url}/confirm-signature", page=url).status_code == 303
    assert re.search(r"/contracts/C-2026-\d{6}", seeker.get(url).text)


def test_a_form_with_mistakes_comes_back_with_what_was_typed_and_names_each_field(world, browser):
    url = f"/deals/{world.walk('talking')}/offer"
    answer = browser("provider").send(url, amount_fen="很多钱", payment_mode="", scope="中试", valid_until="")
    assert answer.status_code == 422
    assert "<title>有 2 处要改" in answer.text
    assert "金额看不明白" in answer.text
    assert 'href="#f-valid-until"' in answer.text
    assert 'value="很多钱"' in answer.text
    assert world.see("provider", url.split("/")[2]).offers == []


def test_a_file_of_a_refused_form_is_not_kept(world, browser):
    code = world.walk("agreed")
    answer = browser("seeker").send(
        f"/deals/{code}/sign",
        signed_on="2026-03-01",
        contract_amount_fen="1",
        files={"file": ("合同.pdf", b"%PDF-1.7", "application/pdf")},
    )
    assert answer.status_code == 422
    assert "早于引荐日期" in answer.text
    assert world.see("seeker", code).files == []


def test_a_move_from_an_old_page_is_refused_and_the_room_shows_how_it_stands(world, browser):
    code = world.walk("offered")
    late = browser("seeker")
    page = late.get(f"/deals/{code}").text
    token = re.search(r'name="csrf" value="([^"]+)"', page)[1]
    world.offer("provider", code, 118_000_000)
    answer = late.ask("POST", f"/deals/{code}/accept", data={"csrf": token, "n": "1"})
    assert answer.status_code == 409
    assert "已被新的报价替代" in answer.text
    assert "1,180,000.00" in answer.text


def test_a_double_click_on_acknowledge_harms_nothing(world, browser):
    code = world.introduce()
    seeker = browser("seeker")
    assert seeker.send(f"/deals/{code}/acknowledge", page=f"/deals/{code}", version="").status_code == 303
    page = seeker.send(f"/deals/{code}/acknowledge", page=f"/deals/{code}", version="")
    assert (page.status_code, "本方已经确认过了" in page.text) == (409, True)


def test_a_form_without_the_token_of_the_page_is_refused(world, browser):
    code = world.introduce()
    assert browser("seeker").ask("POST", f"/deals/{code}/acknowledge", data={}).status_code == 403
    assert world.see("seeker", code).acknowledged == []


def test_the_second_introducer_reads_who_was_first(world, browser):
    world.introduce("broker")
    answer = browser("other_broker").send("/work/new", need_code=world.need, result_code=world.result)
    assert answer.status_code == 409
    assert "何经理 在 2026-03-12 10:00" in text_of(answer.text)
    assert "首荐账本第 1 号" in answer.text
    assert "/deals/D-" not in answer.text


def test_the_room_of_others_does_not_exist(world, browser):
    code = world.introduce()
    for path in ("", "/offer", "/end", "/nonsense"):
        assert browser("outsider").get(f"/deals/{code}{path}").status_code == 404
    assert browser("visitor").get(f"/deals/{code}").status_code == 401
    assert browser("visitor").get("/work").status_code == 401


def test_an_unnamed_firm_is_not_named_anywhere_on_the_page(world, browser):
    code = world.introduce("seeker", need_code=world.secret_need, result_code=world.result)
    page = browser("provider").get(f"/deals/{code}").text
    assert "穗原里植提" not in page
    assert "需求方" in page


def test_a_message_with_a_file_reaches_the_other_side(world, browser):
    code = world.walk("acknowledged")
    files = {"file": ("能耗实测.txt", "连续 72 h".encode(), "text/plain")}
    sent = browser("seeker").send(
        f"/deals/{code}/message", page=f"/deals/{code}", body="<b>附上</b>实测", level="after_contact", files=files
    )
    assert sent.status_code == 303
    page = browser("provider").get(f"/deals/{code}").text
    assert "&lt;b&gt;附上&lt;/b&gt;实测" in page
    assert "能耗实测.txt" in page


def test_an_empty_message_is_not_sent(world, browser):
    code = world.walk("acknowledged")
    answer = browser("seeker").send(f"/deals/{code}/message", page=f"/deals/{code}", body=" ", level="after_contact")
    assert answer.status_code == 422
    assert world.see("seeker", code).messages == []


def test_the_history_can_be_read_by_kind(world, browser):
    code = world.walk("talking")
    seeker = browser("seeker")
    assert "引荐双方" in seeker.get(f"/deals/{code}?show=steps").text
    assert "还没有这一类记录" in seeker.get(f"/deals/{code}?show=messages").text


def test_every_form_of_a_deal_opens(world, browser):
    code = world.walk("offered")
    for move in deals_moves.FORMS:
        assert browser("seeker").get(f"/deals/{code}/{move}").status_code == 200


def test_ending_asks_for_a_reason_on_a_page_of_its_own(world, browser):
    code = world.walk("talking")
    seeker = browser("seeker")
    assert seeker.send(f"/deals/{code}/end").status_code == 422
    unsuitable = seeker.send(f"/deals/{code}/end", reason="not_suitable")
    assert (unsuitable.status_code, "哪里不合适" in unsuitable.text) == (422, True)
    done = seeker.send(
        f"/deals/{code}/end", reason="not_suitable", unsuitable_reason="investment", sentence="整条线要换"
    )
    assert done.status_code == 303
    page = text_of(seeker.get(f"/deals/{code}").text)
    assert "技术不合适：设备或改造投入太大" in page
    assert "写一条留言" not in page


def test_the_work_list_says_what_is_to_be_done_as_a_verb(world, browser):
    world.introduce("broker")
    page = text_of(browser("seeker").get("/work").text)
    assert "确认这次引荐" in page
    assert "还剩 5 个工作日" in page
    assert "现在没有轮到您的事" in text_of(browser("broker").get("/work").text)
    assert "等双方" in text_of(browser("broker").get("/work?view=others").text)


def test_signed_and_ended_deals_are_under_their_own_view(world, browser):
    world.walk("signed")
    page = text_of(browser("broker").get("/work?view=over").text)
    assert "穗原里植提 与 云麓示范大学" in page
    assert "1 份，成交额 128.00 万元" in page


def test_not_suitable_is_kept_with_its_reason(world, browser):
    url = f"/needs/{world.need}/unsuitable"
    seeker = browser("seeker")
    page = f"{url}?record={world.result}"
    assert seeker.send(url, page=page, record=world.result).status_code == 422
    assert (
        seeker.send(url, page=page, record=world.result, reason="rights").headers["location"] == f"/needs/{world.need}"
    )
    with world.database.read() as session:
        assert service.unsuitable_for(session, world.actors["seeker"], world.need) == {world.result: "rights"}
