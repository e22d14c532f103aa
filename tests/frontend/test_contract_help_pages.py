"""What helps at the contract desk: papers, types, many at once, copies, saving by itself, the printed form."""

import re
from datetime import UTC, datetime

import pytest

from services.contracts import service
from services.ground import clock
from tests.frontend.contract_desk import browser as browser
from tests.frontend.contract_desk import world as world
from tests.frontend.some_pages import text_of
from tests.services.contracts.factories import a_party


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
