"""The contract desk, used as people use it: read a page, send its form, look again."""

import asyncio
import re
from datetime import UTC, date, datetime

import httpx
import pytest
from fastapi import FastAPI, Request
from fastapi.responses import PlainTextResponse

from frontend.pages import (
    contracts,
    contracts_around,
    contracts_batch,
    contracts_calendar,
    contracts_desk,
    contracts_edit,
    contracts_ledger,
    contracts_type,
)
from frontend.web import Again
from services.contracts import service
from services.ground import clock
from services.ground.errors import DomainError
from services.ground.market import Market
from services.ground.settings import Settings
from tests.services.contracts.conftest import world as world
from tests.services.contracts.factories import a_party
from tests.services.contracts.world import NUMBER

MODULES = (
    contracts,
    contracts_batch,
    contracts_calendar,
    contracts_desk,
    contracts_edit,
    contracts_ledger,
    contracts_type,
    contracts_around,
)
"""In the order in which the application finds them, as far as it matters."""


class Browser:
    """One person's browser: keeps cookies, sends forms with the token of the page they stand on."""

    def __init__(self, app, who):
        self.app, self.who, self.cookies = app, who, httpx.Cookies()

    def ask(self, method, url, **more):
        async def go():
            transport = httpx.ASGITransport(self.app)
            async with httpx.AsyncClient(transport=transport, base_url="http://market", cookies=self.cookies) as client:
                answer = await client.request(method, url, headers={"x-who": self.who}, **more)
                self.cookies = client.cookies
                return answer

        return asyncio.run(go())

    def get(self, url):
        return self.ask("GET", url)

    def send(self, url, page=None, files=None, **fields):
        """Fill in the form that stands on `page` and send it to `url`."""
        html = self.get(page or url).text
        token = re.search(r'name="csrf" value="([^"]+)"', html)[1]
        version = re.search(r'name="version" value="(\d*)"', html)
        known = {"csrf": token} | ({"version": version[1]} if version else {})
        return self.ask("POST", url, data=known | fields, files=files)


@pytest.fixture
def browser(world, tmp_path):
    """browser("seller") is the browser of that person."""
    app = FastAPI()
    app.state.market = Market(Settings(home=tmp_path), world.database, engine=None)

    @app.middleware("http")
    async def who(request: Request, proceed):
        request.state.actor = world.actors[request.headers["x-who"]]
        return await proceed(request)

    @app.exception_handler(Again)
    def again(_request, error):
        return error.response

    @app.exception_handler(DomainError)
    def tell(_request, error):
        return PlainTextResponse(error.code, error.status)

    for module in MODULES:
        app.include_router(module.pages)
    return lambda who: Browser(app, who)


def text_of(html):
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", html))


PARTS = {
    "basics": {
        "contract_title": "油茶籽低温冷榨成套技术开发合同",
        "contract_subtype": "DEV_ENTRUST",
        "is_equity_contribution": "no",
    },
    "parties": {
        "parties.0.role": "seller",
        "parties.0.name": "湘渚示范农学院",
        "parties.0.uscc": "9111 0000 1016 2374 1K",
        "parties.0.party_group": "UNIVERSITY",
        "parties.0.region_code": "431102",
        "parties.1.role": "buyer",
        "parties.1.name": "青垄茶油",
        "parties.1.uscc": "911101066976941872",
        "parties.1.party_group": "ENTERPRISE",
        "parties.1.region_code": "431181",
        "parties.1.contact.phone": "0746-0000000",
    },
    "amounts": {
        "contract_amount_fen": "１８６万元",
        "amount_status": "determined",
        "non_technical_items.0.kind": "EQUIP",
        "non_technical_items.0.name": "冷榨机组",
        "non_technical_items.0.amount_fen": "420,000.00",
        "non_technical_items.0.evidence": "附件 2，第 1 页",
        "payment_mode": "LUMP_SUM",
    },
    "elements": {
        "signed_on": "2026-02-26",
        "effective_on": "2026-03-01",
        "valid_from": "2026-03-01",
        "valid_to": "2027-08-31",
        "technical_field": "09",
        "plan_source": "NONE",
        "socio_economic_objective": "10",
        "served_industry": "C",
        "is_related_party": "no",
        "cross_border": "none",
    },
    "rights": {
        "ip_types": "PATENT_INV",
        "abstract": "开发一套低温冷榨与预调质装置。",
        "filing.filled_by": "苗老师",
        "filing.responsible_person": "苗老师",
        "filled_on": "2026-03-02",
    },
}


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


def test_a_paper_is_attached_and_downloaded(world, browser):
    code = world.draft()
    seller = browser("seller")
    paper = {"file": ("合同.pdf", b"%PDF-1.7\n", "application/pdf")}
    assert seller.send(f"/contracts/{code}/files", page=f"/contracts/{code}", files=paper, kind="D1").status_code == 303
    link = re.search(rf'href="(/contracts/{code}/files/\d+)"', seller.get(f"/contracts/{code}").text)[1]
    assert seller.get(link).content == b"%PDF-1.7\n"
    empty = seller.send(f"/contracts/{code}/files", page=f"/contracts/{code}", kind="D1")
    assert empty.status_code == 422


def test_the_registrar_links_a_party_and_takes_personal_data_away_by_forms(world, browser):
    parties = [
        a_party("seller", name="湘渚示范农学院", organisation_code=world.organisations["university"].code),
        a_party("buyer", name="青垄茶油"),
    ]
    code = world.registered(parties=parties)
    registrar, firm = browser("registrar"), world.organisations["firm"].code
    assert "是这一家，连上" in registrar.get(f"/contracts/{code}").text
    assert registrar.send(f"/contracts/{code}/link", f"/contracts/{code}", organisation_code=firm).status_code == 303
    assert browser("buyer").get(f"/contracts/{code}").status_code == 200
    assert "填报人" in text_of(registrar.get(f"/contracts/{code}/forget").text)
    assert registrar.send(f"/contracts/{code}/forget").status_code == 303
    assert world.see(code).content.filing.filled_by is None


def test_the_type_helper_asks_on_and_what_it_proposes_goes_into_the_draft(world, browser):
    code = world.draft()
    seller = browser("seller")
    assert "谁研究开发" not in seller.get(f"/contracts/{code}/type").text
    page = seller.get(f"/contracts/{code}/type?work=develop&developers=both").text
    assert "合作开发" in page
    assert "凭记忆，未核对" in page
    assert seller.send(f"/contracts/{code}/type", contract_subtype="LIC_SECRET").status_code == 303
    assert world.see(code).content.contract_category == "LIC"


def test_the_registrar_decides_the_type_with_a_reason(world, browser):
    code = world.in_review()
    registrar = browser("registrar")
    answer = registrar.send(f"/contracts/{code}/type", contract_subtype="SRV_GENERAL")
    assert answer.status_code == 422
    assert "核定与申报不同，请写理由" in answer.text
    said = {"contract_subtype": "SRV_GENERAL", "decided_type.reason": "照成熟工艺做"}
    assert registrar.send(f"/contracts/{code}/type", **said).status_code == 303
    assert "登记员认定：一般技术服务" in text_of(registrar.get(f"/contracts/{code}").text)
    assert "就定这一种" not in browser("bureau").get(f"/contracts/{code}/type").text


def test_twenty_contracts_are_handled_on_one_page(world, browser):
    codes = [world.submitted(contract_title=f"第 {index} 份开发合同") for index in range(20)]
    registrar, second = browser("registrar"), browser("second")
    assert "湘渚示范农学院" in registrar.get("/contracts/together").text
    page = "/contracts/together?seller=湘渚示范农学院"

    def chosen():
        return re.findall(r'name="codes" value="([^"]+)"', registrar.get(page).text)

    for move in ("accept", "review", "approve"):
        assert len(chosen()) == 20
        answer = registrar.send("/contracts/together", page, seller="湘渚示范农学院", do=move, codes=chosen())
        assert answer.status_code == 303
    assert "要另一位登记员填" in registrar.get(page).text
    names = re.findall(r'name="(number\.[^"]+)"', second.get(page).text)
    numbers = {name: str(2026431100000100 + index) for index, name in enumerate(names)}
    second.send("/contracts/together", page, do="register", registered_on="2026-03-12", **numbers)
    assert world.sums()[0] == 20
    assert {world.see(code).state for code in codes} == {"registered"}


def test_what_could_not_be_done_together_is_told_contract_by_contract(world, browser):
    code, other = world.submitted(), world.submitted(contract_title="另一份")
    page = "/contracts/together?seller=湘渚示范农学院"
    registrar = browser("registrar")
    stale = registrar.send(
        "/contracts/together", page, seller="湘渚示范农学院", do="accept", codes=[f"{code}:1", f"{other}:3"]
    )
    assert stale.status_code == 303
    said = text_of(registrar.get(page).text)
    assert f"没有办成：{code}" in said
    empty = registrar.send("/contracts/together", page, do="accept")
    assert empty.status_code == 422
    assert "一份也没有选" in empty.text
    assert browser("seller").get("/contracts/together").status_code == 403


def test_the_queue_is_grouped_by_urgency(world, browser):
    late, waiting = world.in_review(), world.submitted(contract_title="还没有受理的")
    with clock.at(datetime(2026, 6, 1, 2, 0, tzinfo=UTC)):
        text = text_of(browser("registrar").get("/contracts").text)
    assert text.index("逾期 1 份") < text.index(late) < text.index("等受理 1 份") < text.index(waiting)
    assert re.search(r"逾期 \d+ 个工作日，应于 2026-04-02 办结", text)


def test_a_contract_is_copied_from_its_page(world, browser):
    code = world.registered()
    answer = browser("seller").send(f"/contracts/{code}/copy", f"/contracts/{code}")
    assert answer.status_code == 303
    assert "/edit" in answer.headers["location"]


def test_a_part_that_saves_itself_answers_with_the_version_and_what_follows(world, browser):
    code = world.do(
        service.create_draft,
        "seller",
        world.content(contract_amount_fen=None, technical_amount_fen=None, non_technical_items=[]),
    ).code
    seller, page = browser("seller"), f"/contracts/{code}/edit"
    typed = {"contract_amount_fen": "186 万元", "amount_status": "determined", "do": "autosave"}
    answer = seller.send(f"{page}/amounts", page, **typed)
    told = answer.json()
    assert answer.status_code == 200
    assert told["version"] == world.see(code, "seller").version
    assert told["shown"]["capital"] == "人民币壹佰捌拾陆万元整"
    assert told["shown"]["technical"] == "1,860,000.00"
    assert "还空着 1 项" in told["shown"]["open-amounts"]
    unreadable = seller.send(f"{page}/amounts", page, contract_amount_fen="一百多万", do="autosave")
    assert unreadable.status_code == 422
    assert "金额看不明白" in unreadable.json()["said"]
    stale = seller.send(f"{page}/amounts", page, **(typed | {"version": "1"}))
    assert stale.status_code == 412
    assert world.see(code, "seller").content.contract_amount_fen == 186_000_000


def test_clearing_one_party_takes_nothing_of_it_into_the_next(world, browser):
    parties = [
        a_party("seller"),
        a_party("buyer", name="演示乙公司", market_entity_type="100"),
        a_party("buyer", sequence=2, is_primary=False, name="演示丙公司", uscc=None),
    ]
    code = world.do(service.create_draft, "seller", world.content(parties=parties)).code
    seller, page = browser("seller"), f"/contracts/{code}/edit"
    html = seller.get(page).text
    assert 'name="parties.1.market_entity_type" value="100"' in html
    fields = {
        "parties.0.name": "演示甲大学",
        "parties.0.role": "seller",
        "parties.2.name": "演示丙公司",
        "parties.2.role": "buyer",
    }
    seller.send(f"{page}/parties", page, **fields)
    kept = world.see(code, "seller").content.parties
    assert [(party.name, party.market_entity_type) for party in kept] == [("演示甲大学", None), ("演示丙公司", None)]


def test_the_printed_form_has_rights_payments_papers_and_amounts_in_words(world, browser):
    code = world.registered(
        ip_objects=[
            {"kind": "PATENT_INV", "number": "201710601862.3", "title": "一种冷榨方法", "owner": "湘渚示范农学院"}
        ],
        payment_mode="INSTALMENT",
        payment_schedule=[{"due_rule": "签订后十日", "share_percent": "60", "amount_fen": 111_600_000}],
    )
    text = text_of(browser("registrar").get(f"/contracts/{code}/print").text)
    for said in (
        "发明专利",
        "201710601862.3",
        "签订后十日",
        "1,116,000.00",
        "D1 合同文本原件",
        "人民币壹佰捌拾陆万元整",
        "不作计税依据",
    ):
        assert said in text, said


@pytest.mark.parametrize(
    ("name", "content", "status"),
    [("a.exe", b"MZ\x90\x00" * 20, 422), ("leer.pdf", b"", 422), ("a.pdf", b"%PDF-1.4\n%%EOF\n", 303)],
)
def test_a_paper_of_a_wrong_kind_or_without_content_is_refused_with_a_reason(world, browser, name, content, status):
    code = world.draft()
    answer = browser("seller").send(
        f"/contracts/{code}/files", f"/contracts/{code}", kind="D1", files={"file": (name, content, "application/pdf")}
    )
    assert answer.status_code == status
    assert len(world.see(code, "seller").files) == (status == 303)
