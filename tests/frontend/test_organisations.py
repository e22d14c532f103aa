"""Claiming an organisation with its papers, and merging two entries that are one, with undo."""

import pytest

from services.accounts import service as accounts
from services.listings import service as listings
from services.listings.schemas import ListingIn
from tests.frontend.market_in_process import OPERATOR, market_here

PDF = b"%PDF-1.7\n% a licence\n"


@pytest.fixture
def here(tmp_path):
    with market_here(tmp_path) as made:
        made.person("newcomer", role="broker", email="new@example.org")
        made.person("administrator", role="administrator")
        with made.market.database.write() as session:
            for name in ("演示油坊甲", "演示油坊甲厂"):
                owner = accounts.organisation(session, accounts.claim_unverified(session, OPERATOR, name)).code
                data = ListingIn(kind="need", title=f"{name}的需求", owner=owner)
                code = listings.create(session, OPERATOR, data).code
                listings.submit(session, OPERATOR, code)
                listings.publish(session, OPERATOR, code)
        yield made


FIRST, SECOND = "/organisations/O-2026-000001", "/organisations/O-2026-000002"


def hand_in(here, paper=PDF):
    browser = here.browser().sign_in("newcomer")
    return browser, browser.post(f"{FIRST}/claim", {"note": "我是厂长"}, files={"paper": ("执照.pdf", paper)})


def test_a_claim_with_its_paper_is_accepted_and_the_person_administers_the_organisation(here):
    _browser, answer = hand_in(here)
    assert answer.status_code == 303
    boss = here.browser().sign_in("administrator")
    assert "我是厂长" in boss.get("/claims").text
    paper = boss.get("/claims/1/paper")
    assert paper.content == PDF
    assert "attachment" in paper.headers["content-disposition"]
    assert boss.post("/claims/1", {"do": "accept"}, "/claims").status_code == 303
    assert "已核实" in here.browser().get(FIRST).text
    newcomer = here.browser().sign_in("newcomer")
    assert "您现在是它的管理员" in newcomer.get("/notices").text
    assert "演示油坊甲" in newcomer.get("/account").text
    assert boss.post("/claims/1", {"do": "accept"}, "/account").status_code == 409


def test_a_claim_is_refused_with_reasons_only(here):
    hand_in(here)
    boss = here.browser().sign_in("administrator")
    assert boss.post("/claims/1", {"do": "refuse", "reasons": ""}, "/claims").status_code == 422
    boss.post("/claims/1", {"do": "refuse", "reasons": "执照看不清"}, "/claims")
    assert "执照看不清" in here.browser().sign_in("newcomer").get("/notices").text


def test_a_claim_without_paper_or_with_another_file_is_mended_at_its_field(here):
    browser = here.browser().sign_in("newcomer")
    assert 'href="#f-paper"' in browser.post(f"{FIRST}/claim", {"note": ""}).text
    assert hand_in(here, b"PK\x03\x04 no picture")[1].status_code == 422


def test_the_same_person_claims_once_while_it_waits(here):
    hand_in(here)
    assert hand_in(here)[1].status_code == 409


def test_claims_and_their_papers_are_no_business_of_others(here):
    browser, _answer = hand_in(here)
    assert "没有等核实的" in browser.get("/claims").text
    assert browser.get("/claims/1/paper").status_code == 403


def test_a_double_is_merged_with_its_records_and_taken_apart_again(here):
    boss = here.browser().sign_in("administrator")
    assert boss.post(f"{SECOND}/merge", {"do": "merge", "into": ""}).status_code == 422
    assert boss.post(f"{SECOND}/merge", {"do": "merge", "into": "O-2026-000001"}).status_code == 303
    visitor = here.browser()
    assert "已并入另一家单位" in visitor.get(SECOND).text
    assert "演示油坊甲厂的需求" in visitor.get(FIRST).text
    assert boss.post(f"{SECOND}/merge", {"do": "merge", "into": "O-2026-000001"}).status_code == 409
    assert boss.post(f"{SECOND}/merge", {"do": "undo"}).status_code == 303
    assert "演示油坊甲厂的需求" in visitor.get(SECOND).text
    assert "演示油坊甲厂的需求" not in visitor.get(FIRST).text


def test_only_whoever_verifies_merges(here):
    browser = here.browser().sign_in("newcomer")
    assert browser.post(f"{SECOND}/merge", {"do": "merge", "into": "O-2026-000001"}, "/account").status_code == 403
