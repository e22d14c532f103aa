"""The moves of a registrar's day: typing contracts of every category at the form, with the keyboard too, and judging them."""

from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any

from tests.frontend.walking import fill, press, send

RIGHT = {"ip_objects.0.kind": "PATENT_INV", "ip_objects.0.number": "201710601862.3", "ip_objects.0.title": "冷榨装置"}
EXTRA: dict[str, dict[str, dict[str, str]]] = {
    "DEV_ENTRUST": {},
    "TRF_PATENT": {"rights": RIGHT | {"expected_new_investment_fen": "20 万", "expected_new_output_fen": "90 万"}},
    "LIC_PATENT": {"basics": {"license_mode": "NON_EXCLUSIVE"}, "rights": RIGHT},
    "CON_GENERAL": {"rights": {"ip_types": "NONE"}},
    "SRV_GENERAL": {"rights": {"ip_types": "NONE"}},
}
"""What each kind of contract needs beyond the common fields; one kind of each category."""
SELLER, BUYER = "演示农学院", "演示油坊"


@dataclass
class Typed:
    """A contract as its seller types it."""

    title: str
    amount_fen: int
    subtype: str = "DEV_ENTRUST"
    items: dict[str, int] = field(default_factory=dict)
    """Kind of cost to fen: what is not technology."""
    more: dict[str, dict[str, str]] = field(default_factory=dict)
    code: str = ""

    @property
    def technical_fen(self) -> int:
        """What the worksheet leaves."""
        return self.amount_fen - sum(self.items.values())


def yuan(fen: int) -> str:
    """Write fen as people type them."""
    return f"{fen / 100:,.2f}"


def parts(typed: Typed, today: date, *, copied: bool = False) -> dict[str, dict[str, str]]:
    """Give the fields of the five parts; a copy already has parties and classification."""
    amounts = {"contract_amount_fen": yuan(typed.amount_fen), "amount_status": "determined", "payment_mode": "LUMP_SUM"}
    for index, (kind, fen) in enumerate(typed.items.items()):
        line = f"non_technical_items.{index}."
        amounts |= {line + "kind": kind, line + "name": "冷榨机组", line + "amount_fen": yuan(fen)}
        amounts |= {line + "evidence": "附件 2，第 1 页"}
    dates = {"signed_on": str(today), "effective_on": str(today), "valid_from": str(today)}
    dates |= {"valid_to": str(today + timedelta(days=500))}
    basics = {"contract_title": typed.title}
    if copied:
        return {"basics": basics, "amounts": amounts, "elements": dates, "rights": {"filled_on": str(today)} | filing()}
    basics |= {"contract_subtype": typed.subtype, "is_equity_contribution": "no"}
    elements = dates | {"technical_field": "09", "plan_source": "NONE", "socio_economic_objective": "10"}
    elements |= {"served_industry": "C", "is_related_party": "no", "cross_border": "none"}
    rights = {
        "ip_types": "PATENT_INV",
        "abstract": "开发一套低温冷榨与预调质装置。",
        "filled_on": str(today),
    } | filing()
    found = {"basics": basics, "parties": parties(), "amounts": amounts, "elements": elements, "rights": rights}
    for part, fields in [*EXTRA[typed.subtype].items(), *typed.more.items()]:
        found[part] = found[part] | fields
    return found


def filing() -> dict[str, str]:
    """Who wrote it."""
    return {"filing.filled_by": "苗老师", "filing.responsible_person": "苗老师"}


def parties() -> dict[str, str]:
    """Name the university that sells and the firm that buys."""
    known = (
        ("seller", SELLER, "91110000101623741K", "UNIVERSITY", "431102"),
        ("buyer", BUYER, "911101066976941872", "ENTERPRISE", "431181"),
    )
    keys = ("role", "name", "uscc", "party_group", "region_code")
    return {
        f"parties.{index}.{key}": value for index, row in enumerate(known) for key, value in zip(keys, row, strict=True)
    }


def begin(page: Any, typed: Typed) -> None:
    """Open a draft with its title."""
    page.goto("/contracts/new")
    fill(page, {"contract_title": typed.title, "is_confidential": "no"})
    send(page)
    typed.code = page.url.rpartition("/contracts/")[2].partition("/")[0]


def write(page: Any, typed: Typed, today: date, *, copied: bool = False) -> None:
    """Fill in and save part after part on the one page of the form."""
    page.goto(f"/contracts/{typed.code}/edit")
    for part, fields in parts(typed, today, copied=copied).items():
        if part == "amounts" and "currency" in fields:
            page.locator("main summary", has_text="外币合同").click()
        fill(page, fields, f"/edit/{part}")
        press(page, f"/edit/{part}")


def copy(page: Any, earlier: Typed, typed: Typed, today: date) -> None:
    """Write another one like it: parties and classification stay, title, money and days are new."""
    page.goto(f"/contracts/{earlier.code}")
    press(page, "/copy")
    typed.code = page.url.rpartition("/contracts/")[2].partition("/")[0]
    write(page, typed, today, copied=True)


def copy_quickly(page: Any, earlier: Typed, typed: Typed, today: date) -> None:
    """Send the same forms as `copy` and `submit` with the cookies of the page, without drawing each page in between."""
    here = page.url.split("/", 3)
    base = f"{here[0]}//{here[2]}"
    token = page.locator("main form [name=csrf]").first.input_value()
    ask = page.context.request

    def sent(path: str, fields: dict[str, str]) -> str:
        answer = ask.post(f"{base}{path}", form={"csrf": token} | fields, max_redirects=0)
        assert answer.status == 303, f"{path}: {answer.status} {answer.text()[:4000]}"
        return str(answer.headers["location"])

    place = sent(f"/contracts/{earlier.code}/copy", {})
    typed.code = place.rpartition("/contracts/")[2].partition("/")[0]
    for part, fields in parts(typed, today).items():
        if part != "parties":
            sent(f"/contracts/{typed.code}/edit/{part}", fields)
    sent(f"/contracts/{typed.code}/decide", {"decision": "submit"})


def submit(page: Any, typed: Typed) -> None:
    """Hand it in at its page."""
    page.goto(f"/contracts/{typed.code}")
    press(page, "/decide")


def decide(page: Any, typed: Typed, decision: str, **more: str) -> None:
    """Take one decision at the page of the contract."""
    page.goto(f"/contracts/{typed.code}")
    fill(page, {"decision": decision} | more, "/decide")
    with page.expect_navigation():
        page.locator("main form[action$='/decide'] button").first.click()
    assert not page.locator("#errors").count(), page.inner_text("#errors")


def by_keyboard(page: Any, fields: dict[str, str], form: str) -> None:
    """Fill in a form and send it without touching the mouse: Tab to each field, type, choose with the arrows, Enter."""
    page.locator(f"main form[action$='{form}'] [name]:not([type=hidden])").first.focus()
    left = dict(fields)
    for _step in range(400):
        here = page.evaluate("() => ({name: document.activeElement.name, tag: document.activeElement.tagName, "
                             "type: document.activeElement.type, value: document.activeElement.value})")  # fmt: skip
        if here["name"] in left:
            _type_here(page, here, left.pop(here["name"]))
        if not left:
            break
        page.keyboard.press("Tab")
    assert not left, f"the keyboard does not reach {sorted(left)}"
    with page.expect_navigation():
        for _step in range(400):
            if page.evaluate("() => document.activeElement.tagName") == "BUTTON":
                break
            page.keyboard.press("Tab")
        page.keyboard.press("Enter")


def _type_here(page: Any, here: dict[str, str], value: str) -> None:
    if here["tag"] == "SELECT":
        for _step in range(80):
            if page.evaluate("() => document.activeElement.value") == value:
                return
            page.keyboard.press("ArrowDown")
        raise AssertionError(f"the arrows do not reach {value} of {here['name']}")
    if here["type"] == "radio":
        for _step in range(8):
            now = page.evaluate("() => [document.activeElement.checked, document.activeElement.value]")
            if now == [True, value]:
                return
            page.keyboard.press("Space" if now[1] == value else "ArrowDown")
        raise AssertionError(f"the arrows do not reach {value} of {here['name']}")
    if here["type"] == "date":
        year, month, day = value.split("-")
        page.keyboard.type(f"{month}{day}{year}")
        return
    page.keyboard.press("Control+A")
    page.keyboard.insert_text(value)
