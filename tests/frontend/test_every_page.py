"""Every page that the market answers, looked at by axe and measured at both widths: none is forgotten, because a test counts them."""

import importlib
import pkgutil
import re

import pytest

import frontend.pages
from tests import servers
from tests.frontend.test_accessibility import WIDTHS, serious, window
from tests.running_market import running_market

NOT_HTML = {
    "/language", "/contracts/full.xlsx", "/account/data.json", "/account/second-factor/picture.svg", "/audit.csv", "/indicators.csv", "/indicators.xlsx",
    "/indicators/tables.xlsx", "/indicators/closings/{code}/{name}", "/contracts/{code}/files/{number}", "/import/templates/{name}",
    "/import/{code}/refused.{ending}", "/claims/{number}/paper", "/notices/{notice_id}/open",
}  # fmt: skip
"""Files, pictures and addresses that only lead on."""
BY_MAIL = {"/login/new-password/{token}", "/confirm/{token}", "/account/address/{token}"}
"""Only whoever got the mail sees them; their tests open them, here the answer to a wrong link is looked at."""
ELSEWHERE = {
    "/contracts/{code}/edit", "/contracts/{code}/discard", "/indicators/closings/{code}", "/import/{code}", "/import/{code}/undo",
    "/indicators/figure", "/indicators/movements",
}  # fmt: skip
"""Need a record in a state that the demo has none in; the walks and tests of contracts, imports and figures open them."""
PAGES = {
    None: (
        "/", "/search", "/needs", "/results", "/patents", "/experts", "/needs/{need}", "/results/{result}", "/patents/{patent}",
        "/experts/{expert}", "/organisations/{organisation}", "/needs/{need}/why", "/needs/sheet", "/quality", "/quality/no", "/brokers",
        "/about", "/about/statistics", "/about/accessibility", "/docs", "/login", "/login/forgotten", "/login/new-password/wrong", "/signup",
        "/confirm/wrong", "/account/address/wrong", "/notices/stop/somebody", "/indicators", "/indicators/plan", "/indicators/plan/13", "/indicators/tables",
        "/indicators/tables/T0?period=2025", "/indicators/tables/print?period=2025",
    ),
    "administrator": (
        "/desk", "/account", "/account/erase", "/account/second-factor", "/account/tokens", "/account/shown", "/notices", "/follows",
        "/moderation", "/audit", "/search/words", "/claims", "/import", "/needs/new",
        "/results/new", "/patents/new", "/experts/new", "/needs/{need}/edit", "/results/{result}/edit", "/patents/{patent}/edit",
        "/experts/{expert}/edit", "/needs/{need}/sheet", "/listings/{need}/withdraw", "/organisations/{organisation}/claim",
        "/organisations/{organisation}/merge", "/organisations/{organisation}/shown", "/experts/{expert}/shown", "/contracts/calendar",
        "/quality/no/cases", "/operations", "/needs/{need}/unsuitable?record={result}", "/needs/{need}/contact?record={result}",
        "/results/{result}/contact", "/patents/{patent}/contact", "/experts/{expert}/contact", "/results/{result}/unsuitable",
        "/patents/{patent}/unsuitable", "/experts/{expert}/unsuitable", "/work/new",
    ),
    "broker": ("/work", "/work/day", "/deals/{deal}", "/deals/{deal}/talk"),
    "member": ("/contracts/new",),
    "registrar": (
        "/contracts", "/contracts/ledger", "/contracts/together", "/contracts/{contract}", "/contracts/{contract}/around",
        "/contracts/{contract}/print", "/contracts/{contract}/type", "/contracts/{contract}/change", "/contracts/{contract}/cancel",
        "/contracts/{contract}/revoke", "/contracts/{contract}/forget", "/contracts/{contract}/register",
    ),
        "bureau_officer": (
        "/indicators/gap", "/indicators/gap/{county}", "/indicators/closings", "/indicators/gdp", "/indicators/plan-sets", "/indicators/split",

    ),
}  # fmt: skip


def routes():
    found = set()
    for module in pkgutil.iter_modules(frontend.pages.__path__):
        pages = getattr(importlib.import_module(f"frontend.pages.{module.name}"), "pages", None)
        found |= {route.path for route in pages.routes if "GET" in route.methods} if pages else set()
    return found


def fits(route, path):
    pattern = re.sub(r"\\{\w+\\}", r"[^/]+", re.escape(route))
    return re.fullmatch(pattern, path.partition("?")[0]) is not None


def test_each_route_that_answers_html_is_looked_at():
    walked = [path for paths in PAGES.values() for path in paths]
    forgotten = {route for route in routes() - NOT_HTML - ELSEWHERE if not any(fits(route, path) for path in walked)}
    assert forgotten == set()
    assert routes() >= NOT_HTML | BY_MAIL, "no longer there"


@pytest.fixture(scope="module")
def demo():
    with running_market("embedded", migrate=False, start=False) as market:
        logins = {row["role"]: (row["name"], row["password"]) for row in reversed(market.yaosu_json("demo"))}
        market.start()
        yield market, logins


@pytest.fixture(scope="module")
def chromium():
    with servers.browser() as browser:
        yield browser


def link(page, start, pattern):
    """Find the last part of the first address on a page that looks so."""
    page.goto(start)
    hrefs = page.eval_on_selector_all("main a", "nodes => nodes.map(node => node.getAttribute('href') || '')")
    return next((found[1] for href in hrefs if (found := re.match(pattern, href))), "none")


def places(page, path):
    """Give the addresses that a path with names in braces may stand for, one of which has to open."""
    wanted = set(re.findall(r"\{(\w+)\}", path))
    known = {
        noun: page.request.get(f"/api/v1/{noun}s?limit=1").json()["items"][0]["code"]
        for noun in wanted & {"need", "result", "patent", "expert", "organisation"}
    }
    if "contract" in wanted:
        rows = page.request.get("/api/v1/contracts?limit=100").json()["items"]
        return [path.replace("{contract}", row["code"]) for row in rows]
    for name, start, pattern in (
        ("deal", "/work?view=all", r"/deals/([^/]+)$"),
        ("county", "/indicators/gap", r"/indicators/gap/([^/?]+)"),
    ):
        if name in wanted:
            known[name] = link(page, start, pattern)
    return [path.format(**{name: known[name] for name in wanted})]


def opened(page, path):
    """Open the first of the places of a path that can be seen; say so when none can."""
    for place in places(page, path):
        answer = page.goto(place)
        if answer.status == 200 or "wrong" in place:
            return place
    return ""


@pytest.mark.browser
@pytest.mark.slow
@pytest.mark.timeout(900)
@pytest.mark.parametrize("role", PAGES)
def test_axe_finds_nothing_serious_on_any_page_and_none_scrolls_sideways(demo, chromium, role):
    market, logins = demo
    page = window((market, logins), chromium, "desk", role)
    faults = {}
    for path in PAGES[role]:
        place = opened(page, path)
        if not place:
            faults[path] = ["could not be opened by this role"]
            continue
        found = serious(page)
        for width in WIDTHS.values():
            page.set_viewport_size({"width": width, "height": 900})
            if page.evaluate("document.documentElement.scrollWidth") > width:
                found.append(f"scrolls sideways at {width}")
        page.set_viewport_size({"width": WIDTHS["desk"], "height": 900})
        page.emulate_media(media="print")
        if page.locator(".site-head, .btn").filter(visible=True).count():
            found.append("menu or buttons on paper")
        page.emulate_media(media="screen")
        if found:
            faults[place] = found
    assert faults == {}
