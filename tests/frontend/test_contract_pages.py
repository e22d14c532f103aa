"""The contract desk, used as people use it: read a page, send its form, look again."""

import re
from datetime import date

import pytest

from services.contracts import service
from tests.frontend.contract_desk import PARTS
from tests.frontend.contract_desk import browser as browser
from tests.frontend.contract_desk import world as world
from tests.frontend.some_pages import text_of
from tests.services.contracts.factories import a_party
from tests.services.contracts.world import NUMBER


def test_a_contract_goes_from_nothing_to_registered_by_forms_alone(world, browser):
    seller, registrar, second = browser("seller"), browser("registrar"), browser("second")
    made = seller.send("/contracts/new", contract_title="一份合同", is_confidential="no")
    assert made.status_code == 303
    url = made.headers["location"].removesuffix("/edit")
    for part, fields in PARTS.items():
        saved = seller.send(f"{url}/edit/{part}", page=f"{url}/edit", **fields)
        assert saved.status_code == 303, text_of(saved.text)
    page = text_of(seller.get(url).text)
    assert "要填的都填了，可以提交" in page
    assert "人民币壹佰捌拾陆万元整" in page
    assert "1,440,000.00" in page
    assert seller.send(f"{url}/decide", page=url, decision="submit").status_code == 303
    queue = registrar.get("/contracts").text
    assert "油茶籽低温冷榨成套技术开发合同" in queue
    for decision in ("accept", "review"):
        assert registrar.send(f"{url}/decide", page=url, decision=decision).status_code == 303
    amounts = {
        "verification.contract_amount_fen": "1,860,000.00",
        "verification.items.0.amount_fen": "420,000.00",
        "verification.items.1.kind": "MATERIAL",
        "verification.items.1.amount_fen": "38500",
        "verification.items.1.evidence": "附件 2，第 2 页",
        "papers.D1": "present",
        "seals_match": "yes",
    }
    wrong = registrar.send(f"{url}/verify", page=url, **amounts)
    assert wrong.status_code == 422
    assert "核定与申报不同，请写理由" in text_of(wrong.text)
    assert 'value="38500"' in wrong.text
    amounts["verification.reason"] = "附件 2 第 2 页列有试验用原料"
    assert registrar.send(f"{url}/verify", page=url, **amounts).status_code == 303
    assert "1,401,500.00" in registrar.get(url).text
    assert registrar.send(f"{url}/decide", page=url, decision="approve").status_code == 303
    number = {"registration_number": NUMBER, "registered_on": "2026-03-12"}
    same = registrar.send(f"{url}/register", **number)
    assert same.status_code == 409
    assert "请换一位登记员复核" in text_of(same.text)
    done = second.send(f"{url}/register", **number)
    assert done.status_code == 303, text_of(done.text)
    page = text_of(seller.get(url).text)
    assert "已登记" in page
    assert NUMBER in page
    assert world.sums(home_output=True) == (1, 186_000_000, 140_150_000)


def test_what_is_wrong_is_said_at_the_field_and_what_was_typed_stays(world, browser):
    seller = browser("seller")
    url = f"/contracts/{world.draft()}"
    wrong = seller.send(f"{url}/edit/amounts", page=f"{url}/edit", contract_amount_fen="很多")
    assert wrong.status_code == 422
    assert "合同成交额：金额看不明白" in text_of(wrong.text)
    assert 'value="很多"' in wrong.text
    assert '<a href="#f-contract-amount-fen">' in wrong.text
    secret = seller.send(f"{url}/edit/basics", page=f"{url}/edit", is_confidential="yes", contract_title="密")
    assert secret.status_code == 422
    assert "涉密合同不能进入本系统" in text_of(secret.text)
    assert world.see(url.rpartition("/")[2], "seller").title == "冷榨成套技术开发合同"


def test_an_incomplete_submission_lists_what_is_missing(world, browser):
    code = world.do(service.draft_from, "seller", world.deal()).code
    answer = browser("seller").send(f"/contracts/{code}/decide", page=f"/contracts/{code}", decision="submit")
    assert answer.status_code == 422
    assert "合同类型：还空着" in text_of(answer.text)


def test_saving_a_part_leaves_the_others_alone(world, browser):
    content = world.content()
    content.parties[0].contact.phone = "13800000000"
    code = world.do(service.create_draft, "seller", content).code
    before = world.see(code, "seller").content
    seller = browser("seller")
    assert (
        seller.send(f"/contracts/{code}/edit/basics", page=f"/contracts/{code}/edit", **PARTS["basics"]).status_code
        == 303
    )
    after = world.see(code, "seller").content
    assert after.model_copy(update={"contract_title": before.contract_title}) == before
    assert after.contract_title == PARTS["basics"]["contract_title"]


def test_the_second_of_two_editors_sees_a_word_and_keeps_what_was_typed(world, browser):
    code = world.draft()
    seller, buyer = browser("seller"), browser("buyer")
    page = f"/contracts/{code}/edit"
    html = seller.get(page).text
    token = re.search(r'name="csrf" value="([^"]+)"', html)[1]
    version = re.search(r'name="version" value="(\d*)"', html)[1]
    assert buyer.send(f"{page}/rights", page=page, **PARTS["rights"]).status_code == 303
    late = seller.ask("POST", f"{page}/basics", data={"csrf": token, "version": version, "contract_title": "我的名称"})
    assert late.status_code == 412
    assert "别人已经改过" in text_of(late.text)
    assert 'value="我的名称"' in late.text


def test_a_change_and_a_cancellation_by_forms_leave_their_lines(world, browser):
    code = world.registered()
    registrar = browser("registrar")
    changed = registrar.send(
        f"/contracts/{code}/change",
        changed_on="2026-03-12",
        contract_title="冷榨成套技术开发合同",
        valid_to="2027-08-31",
        contract_amount_fen="200 万",
        reason="补充协议",
    )
    assert changed.status_code == 303, text_of(changed.text)
    assert world.sums() == (1, 200_000_000, 200_000_000)
    ended = registrar.send(f"/contracts/{code}/cancel", ended_on="2026-03-12", reason="双方解除")
    assert ended.status_code == 303
    page = text_of(registrar.get(f"/contracts/{code}").text)
    assert "已注销" in page
    assert "−2,000,000.00" in page
    ledger = text_of(browser("bureau").get("/contracts/ledger?since=2026-01-01&until=2026-12-31&figure=0").text)
    assert "合计 0 项（1 项登记，1 项注销、撤销冲减）" in ledger
    assert "相差 0.00 元" in ledger


def test_the_figure_of_another_page_is_compared_with_the_sum(world, browser):
    world.registered()
    page = text_of(browser("bureau").get("/contracts/ledger?home_output=true&figure=186000000").text)
    assert "与来处的数 1,860,000.00 元一致，相差 0.00 元" in page
    page = text_of(browser("bureau").get("/contracts/ledger?seller_region=431103").text)
    assert "没有符合条件的登记变动" in page


def test_looking_into_the_ledger_leaves_a_trace(world, browser):
    from services.ground import audit

    browser("bureau").get("/contracts/ledger?seller_region=431102")
    with world.database.read() as session:
        actions = [(row.action, row.detail["query"]) for row in audit.events(session, limit=1)]
    assert actions == [("contract.look_into_ledger", "seller_region=431102")]


@pytest.mark.parametrize(
    ("who", "path", "status"),
    [
        ("outsider", "/contracts/{code}", 404),
        ("outsider", "/contracts/{code}/print", 404),
        ("outsider", "/contracts/{code}/edit", 404),
        ("visitor", "/contracts", 401),
        ("visitor", "/contracts/{code}", 401),
        ("registrar", "/contracts/{code}/edit", 409),
        ("seller", "/contracts/ledger", 403),
        ("broker", "/contracts/new", 403),
        ("seller", "/contracts/{code}/register", 409),
        ("bureau", "/contracts/{code}", 200),
        ("seller", "/contracts/{code}/print", 200),
        ("seller", "/contracts/{code}/discard", 200),
        ("clerk", "/contracts/{code}/edit", 200),
    ],
)
def test_who_opens_which_page(world, browser, who, path, status):
    assert browser(who).get(path.format(code=world.draft())).status_code == status


def test_every_view_of_the_list_opens_with_and_without_contracts(world, browser):
    registrar = browser("registrar")
    for view in ("queue", "waiting", "drafts", "registered", "ended", "all", "what"):
        assert registrar.get(f"/contracts?view={view}").status_code == 200
    code = world.registered()
    for view in ("registered", "all"):
        assert code in registrar.get(f"/contracts?view={view}&q=冷榨&year=2026&category=DEV").text
    assert "没有符合条件的合同" in registrar.get("/contracts?view=all&q=没有的").text


def test_a_list_longer_than_a_page_goes_on(world, browser):
    from services.contracts.schemas import RegisteredIn

    rows = [
        RegisteredIn.model_validate(
            {
                "content": {
                    "contract_title": f"第 {index} 份",
                    "contract_category": "SRV",
                    "contract_amount_fen": 100,
                    "parties": [a_party("seller"), a_party("buyer")],
                },
                "registration_number": f"20194311{index:08d}",
                "registered_on": date(2019, 6, 1 + index % 28),
            }
        )
        for index in range(60)
    ]
    world.do(service.record_registered, "registrar", rows)
    registrar, seen, url = browser("registrar"), set(), "/contracts?view=registered"
    while url:
        html = registrar.get(url).text
        seen |= set(re.findall(r'href="/contracts/(C-\d{4}-\d{6})"', html))
        found = re.search(r'<a href="([^"]+)" rel="next">', html)
        url = found[1].replace("&amp;", "&") if found else None
    assert len(seen) == 60
