"""What people are told, where they find it, and how they stop it."""

import re
from datetime import UTC, datetime, timedelta

import pytest
from sqlmodel import col, select

from frontend import notice_texts
from frontend.notice_mail import send_digests
from frontend.periodic import Rounds, each_day
from services.accounts.models import RoleGrant
from services.follows import service as follows
from services.ground import clock, rounds
from services.listings import service as listings
from services.listings.schemas import ListingIn
from services.notices import rules
from services.notices import service as notices
from services.notices.models import NoticeChoice
from tests.frontend.market_in_process import OPERATOR, market_here

START = datetime(2026, 3, 12, 2, 0, tzinfo=UTC)


@pytest.fixture
def here(tmp_path):
    with clock.at(START), market_here(tmp_path) as made:
        made.person("firm", organisation="演示油坊甲", email="firm@example.org")
        made.person("moderator", role="moderator")
        yield made


def published(here, title="饼粕残油偏高，想压到百分之五", kind="need", owner="演示油坊甲"):
    from services.accounts import service as accounts

    with here.market.database.write() as session:
        owner_id = accounts.claim_unverified(session, OPERATOR, owner)
        data = ListingIn(kind=kind, title=title, owner=accounts.organisation(session, owner_id).code)
        code = listings.create(session, OPERATOR, data).code
        listings.submit(session, OPERATOR, code)
        listings.publish(session, OPERATOR, code)
    return code


def test_every_kind_of_notice_has_a_sentence_and_every_sentence_a_kind():
    assert set(notice_texts.SENTENCES) == set(rules.KINDS)
    assert set(notice_texts.KIND_NAMES) <= set(rules.KINDS) - rules.SAFETY


def test_a_returned_need_is_told_to_its_owner_in_the_box_and_in_the_digest(here):
    firm, moderator = here.browser().sign_in("firm"), here.browser().sign_in("moderator")
    answer = firm.post("/needs/new", {"title": "残油偏高", "do": "submit", "rows": "0"})
    code = answer.headers["location"].rpartition("/")[2]
    moderator.post(f"/moderation/{code}", {"do": "return", "reasons": "请写明现在的残油"}, "/moderation")
    assert here.mails() == []
    box = firm.get("/notices").text
    assert "请写明现在的残油" in box
    assert '<span class="count">1</span>' in box
    assert send_digests(here.market) == 1
    assert send_digests(here.market) == 0
    [(to, subject, text)] = here.mails()
    assert to == "firm@example.org"
    assert "退回" in subject
    assert f"/needs/{code}" in text


def test_opening_a_notice_leads_there_and_marks_it_as_read(here):
    firm = here.browser().sign_in("firm")
    with here.market.database.write() as session:
        notices.notify(session, "job_done", {"title": "导入"}, url="/desk", person_id=1)
    link = re.search(r"/notices/\d+/open", firm.get("/notices").text)[0]
    assert firm.ask("GET", link).headers["location"] == "/desk"
    assert 'class="unread"' not in firm.get("/notices").text


def test_nobody_opens_a_notice_of_somebody_else(here):
    with here.market.database.write() as session:
        notices.notify(session, "job_done", {"title": "导入"}, url="/desk", person_id=1)
    assert here.browser().sign_in("moderator").get("/notices/1/open").status_code == 404


def test_mail_stops_with_one_click_without_signing_in_and_a_link_scanner_stops_nothing(here):
    with here.market.database.write() as session:
        notices.notify(session, "job_done", {"title": "导入"}, person_id=1)
    send_digests(here.market)
    link = re.search(r"/notices/stop/\S+", here.mails()[0][2])[0]
    visitor = here.browser()
    assert visitor.get(link).status_code == 200
    with here.market.database.write() as session:
        notices.notify(session, "job_done", {"title": "第二次"}, person_id=1)
    with clock.at(START + timedelta(days=1)):
        assert send_digests(here.market) == 1
    assert "已停发邮件" in visitor.post(link, {}).text
    with here.market.database.write() as session:
        notices.notify(session, "job_done", {"title": "第三次"}, person_id=1)
    with clock.at(START + timedelta(days=2)):
        assert send_digests(here.market) == 0
    assert "第三次" in here.browser().sign_in("firm").get("/notices").text


def introduced(here):
    """Let a broker bring the firm and a university together; give the code of the deal."""
    need, result = published(here), published(here, "低温冷榨与残油在线检测", "result", "演示大学乙")
    broker = here.browser().sign_in("broker")
    pair = {"need_code": need, "result_code": result}
    return broker.post("/work/new", pair).headers["location"].rpartition("/")[2]


def test_a_deal_tells_whose_turn_it_is_and_each_kind_stops_by_its_own_link(here):
    here.person("university", organisation="演示大学乙", email="university@example.org")
    here.person("broker", role="broker", email="broker@example.org")
    code = introduced(here)
    firm, university = here.browser().sign_in("firm"), here.browser().sign_in("university")
    broker = here.browser().sign_in("broker")
    assert "有人为“饼粕残油偏高，想压到百分之五”引荐了对方" in firm.get("/notices").text
    assert "引荐了对方" in university.get("/notices").text
    assert "引荐了对方" not in broker.get("/notices").text
    for side in (firm, university):
        side.post(f"/deals/{code}/acknowledge", {"version": ""}, f"/deals/{code}")
    assert "的对接轮到您：" in broker.get("/notices").text
    firm.post(f"/deals/{code}/message", {"body": "请带样品来", "level": "after_contact"}, f"/deals/{code}")
    assert "”的对接里有新留言" in university.get("/notices").text
    assert "”的对接里有新留言" not in firm.get("/notices").text
    assert send_digests(here.market) == 3
    letters = {to: text for to, _subject, text in here.mails()}
    link = re.search(r"/notices/stop/\S+\?kind=deal_message", letters["university@example.org"])[0]
    path, _mark, kind = link.partition("?kind=")
    visitor = here.browser()
    assert "对接里有新留言" in visitor.get(link).text
    assert "这一种以后不再通知" in visitor.post(path, {"kind": kind}, link).text
    with here.market.database.read() as session:
        stopped = session.exec(select(NoticeChoice.stopped).where(col(NoticeChoice.stopped) != [])).all()
    assert stopped == [["deal_message"]]
    assert here.browser().post(path, {"kind": "password_changed"}, link).status_code == 404


def test_a_restart_and_a_second_scheduler_send_no_second_digest(here):
    with here.market.database.write() as session:
        notices.notify(session, "job_done", {"title": "单子.xlsx", "accepted": 3, "refused": 1}, person_id=1)
    Rounds(here.market)()
    with here.market.database.write() as session:
        notices.notify(session, "job_done", {"title": "第二张.xlsx", "accepted": 1, "refused": 0}, person_id=1)
    with clock.at(START + timedelta(minutes=30)):
        Rounds(here.market)()
        send_digests(here.market)
    assert len(here.mails()) == 1
    assert "导入“单子.xlsx”已做完：进来 3 条，退回 1 条" in here.mails()[0][2]
    with clock.at(START + timedelta(days=1)):
        assert not rounds.take(here.market.database, "day", timedelta(days=2))
        both = [Rounds(here.market), Rounds(here.market)]
        for scheduler in both:
            scheduler()
        assert len(here.mails()) == 2


def test_an_unknown_stop_link_says_so(here):
    assert here.browser().post("/notices/stop/nobody-has-this", {}).status_code == 404


def test_an_owner_is_asked_before_the_review_date_and_confirms_by_link_without_signing_in(here):
    code = published(here)
    with clock.at(START + timedelta(days=84)):
        each_day(here.market)
        each_day(here.market)
        [(_to, _subject, text)] = here.mails()
        link = re.search(r"/confirm/\S+", text)[0]
        visitor = here.browser()
        assert "还有效吗" in visitor.get(link).text
        with here.market.database.read() as session:
            assert listings.get_visible(session, OPERATOR, code).confirmed_at == START
        assert "已确认" in visitor.post(link, {}).text
        with here.market.database.read() as session:
            assert listings.get_visible(session, OPERATOR, code).confirmed_at == clock.now()
        again = visitor.get(link)
        assert again.status_code == 409
        assert "已经用过" in again.text


def test_a_link_that_ran_out_says_so_and_confirms_nothing(here):
    published(here)
    with clock.at(START + timedelta(days=84)):
        each_day(here.market)
        link = re.search(r"/confirm/\S+", here.mails()[0][2])[0]
    with clock.at(START + timedelta(days=120)):
        answer = here.browser().get(link)
        assert answer.status_code == 409
        assert "已过期" in answer.text


def test_whoever_has_left_the_firm_cannot_confirm_for_it_any_more(here):
    code = published(here)
    with clock.at(START + timedelta(days=84)):
        each_day(here.market)
        link = re.search(r"/confirm/\S+", here.mails()[0][2])[0]
        with here.market.database.write() as session:
            for grant in session.exec(select(RoleGrant).where(col(RoleGrant.organisation_id).is_not(None))):
                grant.revoked_at = clock.now()
                session.add(grant)
        assert here.browser().post(link, {}).status_code == 409
    with here.market.database.read() as session:
        assert listings.get_visible(session, OPERATOR, code).confirmed_at == START


def test_what_nobody_confirms_for_a_year_leaves_the_search_and_keeps_its_page(here):
    code = published(here, "山核桃脱壳破碎率偏高")
    here.drain()
    assert code in here.browser().get("/search?q=山核桃").text
    with clock.at(START + timedelta(days=367)):
        each_day(here.market)
        here.drain()
        visitor = here.browser()
        assert code not in visitor.get("/search?q=山核桃").text
        page = visitor.get(f"/needs/{code}")
        assert page.status_code == 200
        assert "已归档" in page.text


def test_a_kept_search_tells_what_is_published_later_and_only_once(here):
    member = here.browser().sign_in("moderator")
    member.post("/follows", {"do": "keep", "query": "q=脱壳"}, "/account")
    with clock.at(START + timedelta(hours=1)):
        published(here, "山核桃脱壳破碎率偏高")
        here.drain()
        assert follows.tell(here.market) == 1
        assert follows.tell(here.market) == 0
        assert "“脱壳”新出现 1 条" in member.get("/notices").text
        member.post("/follows", {"do": "drop:1"}, "/account")
        assert "还没有存下的搜索" in member.get("/follows").text


def test_the_number_of_kept_searches_has_a_limit_that_is_said(here):
    member = here.browser().sign_in("moderator")
    for number in range(follows.MOST):
        member.post("/follows", {"do": "keep", "query": f"q=词{number}"}, "/account")
    answer = member.post("/follows", {"do": "keep", "query": "q=再多一个"}, "/account")
    assert answer.status_code == 409
    assert "最多存" in answer.text


def test_whoever_follows_a_record_hears_of_its_withdrawal(here):
    code = published(here)
    member = here.browser().sign_in("moderator")
    member.post("/follows", {"do": f"follow:{code}"}, "/account")
    with here.market.database.write() as session:
        listings.withdraw(session, OPERATOR, code)
    assert follows.tell(here.market) == 1
    assert "已撤下" in member.get("/notices").text
    member.post("/follows", {"do": f"unfollow:{code}"}, "/account")
    assert "还没有关注的记录" in member.get("/follows").text
