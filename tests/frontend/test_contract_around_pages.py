"""The pages beside the desk: receipts and sharing, and the calendar of working days."""

from datetime import UTC, datetime

from services.contracts import service
from services.ground import clock
from tests.frontend.contract_desk import browser as browser
from tests.frontend.contract_desk import world as world
from tests.frontend.some_pages import text_of


def test_receipts_publicity_and_sharing_are_kept_by_forms(world, browser):
    code = world.registered()
    seller, base = browser("seller"), f"/contracts/{code}/around"
    page = seller.get(base).text
    assert "估算，不作承诺" in page
    assert "以税务机关为准" in page
    paid = {"received_on": "2026-03-12", "kind": "payment", "amount_fen": "50 万元"}
    assert seller.send(f"{base}/receipts", base, **paid).status_code == 303
    said = {"publicity.published_from": "2026-02-20", "publicity.published_to": "2026-03-01"}
    assert seller.send(f"{base}/publicity", base, **said).status_code == 303
    shared = {
        "plan.kind": "transfer",
        "plan.costs.0.name": "评估费",
        "plan.costs.0.amount_fen": "10 万元",
        "plan.shares.0.name": "苗老师",
        "plan.shares.0.amount_fen": "15 万元",
        "plan.shares.0.is_main": "1",
    }
    assert seller.send(f"{base}/plan", base, **shared).status_code == 303
    text = text_of(seller.get(base).text)
    assert "公示了 10 天，一般不少于 15 天" in text
    assert "奖励合计低于下限" in text
    assert "奖励下限 50 %，即 200,000.00 元" in text
    assert "苗老师" in seller.get(base).text
    assert "苗老师" not in browser("bureau").get(base).text


def test_what_is_wrong_with_a_receipt_is_said_at_its_field_and_what_was_typed_stays(world, browser):
    code = world.registered()
    base = f"/contracts/{code}/around"
    answer = browser("seller").send(
        f"{base}/receipts", base, received_on="2026-03-12", amount_fen="若干", note="第一笔"
    )
    assert answer.status_code == 422
    assert "金额看不明白" in answer.text
    assert "第一笔" in answer.text
    assert browser("seller").send(f"{base}/nonsense", base).status_code == 422
    backwards = {"publicity.published_from": "2026-03-01", "publicity.published_to": "2026-02-01"}
    told = browser("seller").send(f"{base}/publicity", base, **backwards)
    assert told.status_code == 422
    assert "早于 2026-03-01，先后颠倒了" in told.text
    assert browser("outsider").get(base).status_code == 404


def test_a_year_of_days_off_is_entered_by_the_registrar(world, browser):
    registrar = browser("registrar")
    wrong = registrar.send("/contracts/calendar", year="2027", days="元旦放假")
    assert wrong.status_code == 422
    assert "第 1 行看不明白" in wrong.text
    assert registrar.send("/contracts/calendar", year="2027", days="2027-01-01 休 元旦").status_code == 303
    assert "已录入 1 天" in registrar.get("/contracts/calendar").text
    assert browser("seller").get("/contracts/calendar").status_code == 403


def test_a_due_date_in_a_year_nobody_entered_says_so_with_the_way_to_enter_it(world, browser):
    with clock.at(datetime(2026, 12, 28, 2, 0, tzinfo=UTC)):
        code = world.submitted()
        world.do(service.accept, "registrar", code)
        page = browser("registrar").get(f"/contracts/{code}").text
    assert "只按周末估算" in page
    assert "/contracts/calendar" in page
