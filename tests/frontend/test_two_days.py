"""A registrar's day and then a bureau officer's, lived at the pages in a real browser, on one running market a shape."""

import io
from datetime import date, datetime
from zoneinfo import ZoneInfo

import pytest
from python_calamine import CalamineWorkbook

from tests import servers
from tests.frontend import desk_day as desk
from tests.frontend import ugly_list, walking
from tests.frontend.desk_day import Typed
from tests.frontend.walking import fill, press
from tests.running_market import SHAPES, running_market

SHANGHAI = ZoneInfo("Asia/Shanghai")
NUMBER = 2026431177000000
LISTED = 300


class Market:
    """What the two days know of each other: who sits where, what was typed, what the list said."""

    def __init__(self, people, home):
        self.people, self.home = people, home
        self.url = people.market.url
        self.batch = ""
        self.today = datetime.now(SHANGHAI).date()
        quarter = (self.today.month - 1) // 3
        self.since = date(self.today.year, quarter * 3 - 2, 1) if quarter else date(self.today.year - 1, 10, 1)
        self.quarter = f"{self.since.year}Q{(self.since.month - 1) // 3 + 1}"
        self.this_quarter = f"{self.today.year}Q{quarter + 1}"
        self.typed: list[Typed] = []
        self.listed = ugly_list.entries(1, LISTED - 2, self.since)

    def official(self, index):
        return str(NUMBER + index)

    def like(self, typed, index):
        """A line of the list that looks like a contract somebody is just typing."""
        return ugly_list.Entry(
            number=self.official(900 + index), registered_on=self.since, title=typed.title, kind="技术服务",
            seller=desk.SELLER, region="431102", buyer=desk.BUYER, amount_fen=typed.amount_fen,
            technical_fen=typed.amount_fen, signed_on=self.since,
        )  # fmt: skip


def shown_at(page, name):
    """Look at the page at both widths: nothing may stick out sideways, and no text may stand one character a line."""
    size = page.viewport_size
    for width in (1280, 375):
        page.set_viewport_size({"width": width, "height": 800})
        wide = page.evaluate("document.documentElement.scrollWidth")
        assert wide <= width, f"{name} is {wide} px wide at {width}"
        thin = page.evaluate(
            "() => [...document.querySelectorAll('main th, main td, main a')].filter(e => { const t = e.textContent.trim();"
            " return t.length > 5 && e.clientHeight > 0 && e.getBoundingClientRect().width < 30 && /[\\u4e00-\\u9fff]{4}/.test(t); })"
            ".map(e => e.textContent.trim())"
        )
        assert not thin, f"{name} at {width}: {thin[:3]}"
    page.set_viewport_size(size)


def type_twenty(market):
    """One contract of each category in full (the first by keyboard, one in dollars), the others like an earlier one."""
    seller = market.people["university"]
    kinds = list(desk.EXTRA)
    for index, subtype in enumerate(kinds):
        typed = Typed(f"冷榨工艺第{index}号合同", 186_000_000 + index * 1_111_11, subtype)
        if subtype == "DEV_ENTRUST":
            typed.items = {"EQUIP": 42_000_000, "MATERIAL": 3_850_000}
        if subtype == "CON_GENERAL":
            money = {"currency": "USD", "amount_original": "12000", "fx_rate": "7.1052", "fx_date": str(market.today)}
            typed.amount_fen = 8_526_240
            typed.more = {"amounts": money | {"fx_source": "中国人民银行中间价"}}
        market.typed.append(typed)
        desk.begin(seller, typed)
        if index:
            desk.write(seller, typed, market.today)
            continue
        seller.goto(f"/contracts/{typed.code}/type")
        seller.goto(f"/contracts/{typed.code}/edit")
        for part, fields in desk.parts(typed, market.today).items():
            desk.by_keyboard(seller, fields, f"/edit/{part}")
            walking.refused(seller)
    for index in range(5, 20):
        typed = Typed(f"冷榨工艺第{index}号合同", 50_000_000 + index * 7_777, kinds[index % 5])
        market.typed.append(typed)
        if index < 7:
            desk.copy(seller, market.typed[index % 5], typed, market.since)  # signed a quarter ago
        else:
            desk.copy_quickly(seller, market.typed[index % 5], typed, market.today)
    for typed in market.typed[:7]:
        desk.submit(seller, typed)
    seller.goto(f"/contracts/{market.typed[0].code}")
    assert "人民币壹佰捌拾陆万元整" in seller.inner_text("main")
    assert "1,401,500.00" in seller.inner_text("main")


def judge_twenty(market):
    """One goes back and comes again, one to the experts, one is refused; the rest of the university on one page."""
    first, second, seller = (market.people[name] for name in ("first", "second", "university"))
    first.goto("/desk")
    assert "20 份在等您" in first.inner_text("main")
    back, expert, refused = market.typed[1], market.typed[2], market.typed[3 + 16]
    desk.decide(first, back, "return", reason="缺权属证明的复印件")
    desk.decide(first, refused, "accept")
    desk.decide(first, refused, "review")
    desk.decide(first, refused, "refuse", ground="R2", reason="主要是供货，不是技术合同")
    seller.goto(f"/contracts/{back.code}")
    assert "缺权属证明的复印件" in seller.inner_text("main")
    press(seller, "/decide")
    together = f"/contracts/together?seller={desk.SELLER}"
    for move in ("accept", "review"):
        first.goto(together)
        tick_all(first, move)
    desk.decide(first, expert, "experts", reason="金额较大，请专家看")
    checked = {"papers.D1": "present", "seals_match": "yes", "title_matches_content": "yes", "price_is_clear": "yes"}
    first.goto(f"/contracts/{market.typed[0].code}")
    fill(first, checked, "/verify")
    press(first, "/verify")
    first.goto(together)
    shown_at(first, "together")
    tick_all(first, "approve")
    second.goto(together)
    for index, typed in enumerate(market.typed):
        place = second.locator(f"main input[name^='number.{typed.code}:']")
        if typed is not refused and typed not in market.typed[5:7]:
            place.fill(market.official(index))
    second.locator("main button[value=register]").click()
    walking.refused(second)
    assert "办成 17 份" in second.inner_text("body")


def tick_all(page, move):
    form = page.locator(f"main form:has(button[value={move}])")
    for box in form.locator("input[name=codes]").all():
        box.check()
    with page.expect_navigation():
        form.locator(f"button[value={move}]").click()
    walking.refused(page)


def settled(page):
    """Wait until the worker has done what the page of a batch asks for; the page refreshes itself."""
    page.wait_for_function("() => !document.querySelector('meta[http-equiv=refresh]')", timeout=60_000)


def import_the_list(market):
    """A head that nobody knows is named once and kept; two lines look like contracts we have, a person says which."""
    page = market.people["first"]
    late, same = market.typed[5], market.typed[6]
    half = LISTED // 2
    sheets = {"上半": market.listed[:half], "下半": [*market.listed[half:], market.like(late, 1), market.like(same, 2)]}
    bring(page, ugly_list.write(market.home / "台账.xlsx", sheets))
    assert "项目名称" in page.inner_text("main")
    place = page.locator("main label", has_text="技术标的").first.get_attribute("for")
    page.locator(f"#{place}").select_option("contract_title")
    with page.expect_navigation():
        page.click("main button[value=remap]")
    settled(page)
    fill(page, {"profile": "登记点台账"})
    with page.expect_navigation():
        page.click("main button[value=profile]")
    shown_at(page, "import")
    with page.expect_navigation():
        page.click("main button[value=write]")
    settled(page)
    assert "298" in page.inner_text("main")
    for line in page.locator("main table input[name=line]").all():
        row = line.locator("xpath=ancestor::tr")
        if same.title in row.inner_text():
            line.check()
    with page.expect_navigation():
        page.click("main button[value=same]")
    assert page.locator("main table input[name=line]").count() == 1
    market.batch = page.url
    supplement = ugly_list.write(market.home / "补充.xlsx", {"补充": ugly_list.entries(900, 3, market.since)})
    bring(page, supplement)
    with page.expect_navigation():
        page.locator("main button", has_text="登记点台账").click()
    settled(page)
    assert page.locator("main button[value=write]").count(), page.inner_text("main")
    with page.expect_navigation():
        page.click("main button[value=write]")
    settled(page)
    market.listed += ugly_list.entries(900, 3, market.since)


def bring(page, path):
    page.goto("/import?kind=contracts")
    page.check("main input[name=kind][value=contracts]")
    page.set_input_files("main input[type=file]", path)
    with page.expect_navigation():
        page.locator("main form[enctype] button").last.click()
    settled(page)


def after_registration(market):
    """One is amended, one is cancelled; any number or party finds a contract; the form prints with the amount in words."""
    first = market.people["first"]
    amended, cancelled = market.typed[0], market.typed[8]
    first.goto(f"/contracts/{amended.code}/change")
    fill(first, {"changed_on": str(market.today), "contract_amount_fen": "200 万", "reason": "补充协议一"})
    press(first, "/change")
    first.goto(f"/contracts/{cancelled.code}/cancel")
    fill(first, {"ended_on": str(market.today), "reason": "双方解除"})
    press(first, "/cancel")
    assert "已注销" in first.inner_text("main")
    for words in (
        market.official(0),
        market.listed[7].number,
        market.listed[7].title,
        amended.code,
        "91110000101623741K",
    ):
        first.goto(f"/contracts?view=all&q={words}")
        assert first.locator("main tbody tr").count(), f"nothing is found by {words}"
    first.goto(f"/contracts/{amended.code}/print")
    assert "人民币贰佰万元整" in first.inner_text("main")
    for path in (
        "/contracts",
        "/contracts?view=registered",
        f"/contracts/{amended.code}",
        f"/contracts/{amended.code}/print",
    ):
        first.goto(path)
        shown_at(first, path)


def registered_now(market):
    """Reckon what this quarter and the one before must come to: (items, fen) each, beside the program."""
    amended, cancelled, refused = market.typed[0], market.typed[8], market.typed[19]
    out = {id(refused), id(cancelled), *(id(typed) for typed in market.typed[5:7])}
    this = [typed.amount_fen for typed in market.typed if id(typed) not in out and typed is not amended] + [200_000_000]
    return (len(this), sum(this)), (len(market.listed), sum(entry.amount_fen for entry in market.listed))


def figure(page, period):
    """Open the figure of a period; give its items and its sum in fen as the page says them."""
    page.goto(f"/indicators/figure?figure=output::@{period}")
    count, amount = [shown.inner_text() for shown in page.locator("main dl.figures b.num").all()[:2]]
    return int(count.replace(",", "")), int(amount.replace(",", "").replace(".", ""))


def close_and_explain(market):
    """The closed report stays byte for byte; what came afterwards is explained to the fen."""
    bureau, first = market.people["bureau"], market.people["first"]
    now, before = registered_now(market)
    assert figure(bureau, market.this_quarter) == now
    assert figure(bureau, market.quarter) == before
    bureau.goto("/desk")
    bureau.locator("main a[href='/indicators/closings']").first.click()
    fill(bureau, {"period": market.quarter})
    press(bureau, "/indicators/closings")
    shown_at(bureau, "closing")
    files = [link.get_attribute("href") for link in bureau.locator("main .actions a[href*='/closings/']").all()]
    kept = {path: bureau.context.request.get(market.url + path).body() for path in files}
    book = next(body for path, body in kept.items() if path.endswith("xlsx"))
    sheets = CalamineWorkbook.from_filelike(io.BytesIO(book)).sheet_names
    assert {f"T{n}" for n in range(17)} <= {name.split(" ")[0] for name in sheets}
    first.goto(market.batch)
    first.locator("main table input[name=line]").check()
    with first.expect_navigation():
        first.click("main button[value=new]")
    settled(first)
    late = market.typed[5]
    bureau.goto(f"/indicators/closings/{market.quarter}")
    text = bureau.inner_text("main")
    assert f"现在比封账时多 {desk.yuan(late.amount_fen)} 元" in text
    assert late.title in text
    assert kept == {path: bureau.context.request.get(market.url + path).body() for path in files}
    assert figure(bureau, market.quarter) == (before[0] + 1, before[1] + late.amount_fen)
    bureau.goto(f"/indicators/tables/T14?year={market.since.year}")
    assert late.title in bureau.inner_text("main")


def answer_and_publish(market):
    """GDP is entered; why a county is behind is three clicks from the home page; looking leaves a trace; the public sees."""
    bureau, visitor = market.people["bureau"], market.people.stranger()
    bureau.goto("/indicators/gdp")
    gdp = {
        "year": str(market.since.year),
        "value_yi": "2701.50",
        "source": "演示公报",
        "published_on": str(market.today),
    }
    fill(bureau, gdp)
    press(bureau, "/indicators/gdp")
    bureau.goto("/")
    bureau.locator("header a[href='/indicators']").first.click()
    bureau.locator("main a[href='/indicators/gap']").first.click()
    bureau.locator("main a", has_text="江华").first.click()
    assert "比进度" in bureau.inner_text("main")
    shown_at(bureau, "county")
    with bureau.expect_navigation():
        bureau.locator("main a.door").first.click()
    assert bureau.locator("main a[href^='/contracts/C-']").count()
    for path in ("/indicators", "/indicators/gap", "/indicators/tables", "/indicators/tables/T17"):
        bureau.goto(path)
        shown_at(bureau, path)
    bureau.goto(f"/indicators/tables/print?year={market.since.year}")
    printed = bureau.inner_text("main")
    assert all(f"T{n} " in printed for n in range(18))
    bureau.goto("/audit")
    assert "indicator" in bureau.content()
    assert visitor.goto("/indicators/movements").status in {401, 403, 422} or "/login" in visitor.url
    bureau.goto("/indicators")
    press(bureau, "/indicators/publish")
    visitor.goto("/indicators")
    assert "公开数，截至" in visitor.inner_text("main")
    assert not visitor.locator("main a.door").count()
    shown_at(visitor, "public")


@pytest.mark.browser
@pytest.mark.timeout(600)
@pytest.mark.parametrize("shape", SHAPES)
def test_a_registrar_and_a_bureau_officer_live_their_days_at_the_pages(shape, tmp_path):
    with running_market(shape) as running, servers.browser() as browser:
        people = walking.People(running, browser)
        people.made_by_the_operator()
        people.sign_up("university", desk.SELLER)
        market = Market(people, tmp_path)
        type_twenty(market)
        judge_twenty(market)
        import_the_list(market)
        after_registration(market)
        close_and_explain(market)
        answer_and_publish(market)
