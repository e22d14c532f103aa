"""Walking the one way at the pages: what each person does in their own browser, without JavaScript."""

from dataclasses import dataclass, field
from datetime import date, timedelta

PASSWORD = "a-long-demo-password"
AMOUNT_FEN = 186_000_000
NUMBER = "20264311000001"
PEOPLE = {
    "moderator": "moderator",
    "broker": "broker",
    "first": "registrar",
    "second": "registrar",
    "bureau": "bureau_officer",
}


@dataclass
class People:
    """One browser window a person, all signed in on the same market."""

    market: object
    browser: object
    pages: dict = field(default_factory=dict)

    def stranger(self):
        """Open a window in which nobody is signed in."""
        return self.browser.new_context(java_script_enabled=False, base_url=self.market.url).new_page()

    def sign_in(self, name):
        """Sign in with the account that is there already, and keep the window under the name."""
        page = self.pages[name] = self.stranger()
        page.goto("/login")
        page.fill("main [name=login]", name)
        page.fill("main [name=password]", PASSWORD)
        page.click("main button")
        assert page.url == f"{self.market.url}/desk"
        return page

    def sign_up(self, name, organisation):
        """Make an account with a new organisation at the page, and keep the window under the name."""
        page = self.pages[name] = self.stranger()
        page.goto("/signup")
        filled = {"login": name, "password": PASSWORD, "name": "演示用户", "organisation": organisation}
        for key, value in filled.items():
            page.fill(f"main [name={key}]", value)
        page.click("main button")
        assert page.url == f"{self.market.url}/desk", page.inner_text("main")
        return page

    def made_by_the_operator(self):
        """Make the accounts of those who work for the market, and sign each in."""
        for name, role in PEOPLE.items():
            self.market.yaosu("user", "create", name, "--role", role, "--password", PASSWORD)
            self.sign_in(name)

    def __getitem__(self, name):
        """Give the window of a person."""
        return self.pages[name]


def press(page, form, button="button"):
    """Press the button of the form that is sent to an address ending in `form`."""
    with page.expect_navigation():
        page.locator(f"main form[action$='{form}'] {button}").first.click()
    refused(page)


def fill(page, fields, form=""):
    """Fill in fields by name: text, choice, radio or tick, whatever the page offers under that name."""
    within = f"main form[action$='{form}'] " if form else "main "
    for name, value in fields.items():
        places = page.locator(f"{within}[name='{name}']")
        assert places.count(), f"{page.url} asks for no {name}"
        tag = places.first.evaluate("node => node.tagName + '/' + (node.type || '')")
        if tag.startswith("SELECT"):
            places.first.select_option(value)
        elif tag.endswith(("/radio", "/checkbox")):
            page.locator(f"{within}[name='{name}'][value='{value}']").first.check()
        else:
            places.first.fill(value)


def refused(page):
    """Fail with the words of the page when it came back with mistakes."""
    problems = page.locator("#errors, main .note.bad")
    assert problems.count() == 0, f"{page.url}: {problems.all_inner_texts()}"


def send(page):
    """Press the main button of the page's own form."""
    with page.expect_navigation():
        page.locator("main form[method=post] button.main").last.click()
    refused(page)


def walk_the_deal(people, need, record, today: date):
    """Introduce, acknowledge, talk, offer, accept, sign: the broker's, the firm's and the university's clicks.

    Returns the code of the contract that grew from it.
    """
    broker, firm, university = people["broker"], people["firm"], people["university"]
    broker.goto(f"/needs/{need}/contact?record={record}")
    fill(broker, {"need_code": need, "result_code": record, "note": "残油一项已对上"})
    send(broker)
    deal = broker.url.rpartition("/")[2]
    assert deal.startswith("D-")
    for side in (firm, university):
        side.goto("/work")
        side.locator(f"main a[href='/deals/{deal}']").first.click()
        press(side, "/acknowledge")
    broker.goto(f"/deals/{deal}/talk")
    fill(broker, {"happened_on": str(today), "note": "看了车间"})
    send(broker)
    university.goto(f"/deals/{deal}/offer")
    terms = {"amount_fen": "186 万元", "payment_mode": "LUMP_SUM", "scope": "成套技术开发"}
    fill(university, terms | {"valid_until": str(today + timedelta(days=30))})
    send(university)
    firm.goto(f"/deals/{deal}")
    press(firm, "/accept")
    firm.goto(f"/deals/{deal}/sign")
    signing = {"signed_on": str(today), "contract_amount_fen": "1,860,000.00", "promise": "盖章件下周补上"}
    fill(firm, signing)
    send(firm)
    university.goto(f"/deals/{deal}")
    press(university, "/confirm-signature")
    link = university.locator("main a[href^='/contracts/C-']").first.get_attribute("href")
    return link.rpartition("/")[2]


def parts_of_the_contract(today: date):
    """What the seller types at the contract's form, part by part."""
    party = "parties.{}."
    parties = {}
    for index, (uscc, group, region) in enumerate(
        (("91110000101623741K", "UNIVERSITY", "431102"), ("911101066976941872", "ENTERPRISE", "431181"))
    ):
        known = {"uscc": uscc, "party_group": group, "region_code": region}
        parties |= {party.format(index) + key: value for key, value in known.items()}
    return {
        "basics": {
            "contract_title": "油茶籽低温冷榨成套技术开发合同",
            "contract_subtype": "DEV_ENTRUST",
            "is_equity_contribution": "no",
        },
        "parties": parties,
        "amounts": {"contract_amount_fen": "１８６万元", "amount_status": "determined", "payment_mode": "LUMP_SUM"},
        "elements": {
            "signed_on": str(today),
            "effective_on": str(today),
            "valid_from": str(today),
            "valid_to": str(today + timedelta(days=500)),
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
            "filled_on": str(today),
        },
    }


def register_the_contract(people, contract, today: date):
    """Fill in, submit, accept, review, verify, approve; the second registrar types the official number."""
    university, first, second = people["university"], people["first"], people["second"]
    url = f"/contracts/{contract}"
    for part, fields in parts_of_the_contract(today).items():
        university.goto(f"{url}/edit")
        fill(university, fields, f"/edit/{part}")
        press(university, f"/edit/{part}")
    university.goto(url)
    press(university, "/decide")
    first.goto("/contracts")
    first.locator(f"main a[href='{url}']").first.click()
    for decision in ("accept", "review"):
        fill(first, {"decision": decision}, "/decide")
        press(first, "/decide")
    checked = {"papers.D1": "present", "seals_match": "yes", "verification.contract_amount_fen": "1,860,000.00"}
    fill(first, checked, "/verify")
    press(first, "/verify")
    fill(first, {"decision": "approve"}, "/decide")
    press(first, "/decide")
    official = {"registration_number": NUMBER, "registered_on": str(today)}
    second.goto(f"{url}/register")
    fill(second, official)
    send(second)
    assert "已登记" in second.inner_text("main")


def see_the_figure(people, contract, today: date):
    """Open the indicator as the bureau does and go down from the year's figure to the contract it is the sum of."""
    bureau = people["bureau"]
    bureau.goto("/indicators")
    figure = bureau.locator(f"main a.door[href*='{today.year}']").first
    assert figure.inner_text() == "0.02"
    with bureau.expect_navigation():
        figure.click()
    assert bureau.locator(f"main a[href='/contracts/{contract}']").count()
    assert "1,860,000.00" in bureau.inner_text("main")
