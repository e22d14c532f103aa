"""Every main page of the demo market, at a desk and on a telephone: axe finds nothing serious, and the checklist holds."""

import re
from itertools import pairwise

import pytest
from axe_playwright_python.sync_playwright import Axe

from tests import servers
from tests.running_market import running_market

WIDTHS = {"desk": 1280, "telephone": 375}
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
FIRST_PAGE_BYTES = 100_000
VISITOR = (
    "/", "/search?q=电机噪声", "/search?q=没有这样的东西&maturity=early", "/needs", "/needs/N-2026-000001", "/needs/sheet",
    "/patents/P-2026-000001", "/experts/E-2026-000001", "/organisations/O-2026-000001", "/indicators", "/indicators/plan", "/about",
    "/quality", "/docs", "/login", "/login/forgotten", "/signup", "/needs/N-1999-000001",
)  # fmt: skip
SIGNED_IN = {
    "member": (
        "/desk", "/needs/new", "/results/new", "/patents/new", "/experts/new", "/notices", "/follows", "/account",
        "/account/tokens", "/account/second-factor", "/account/erase",
    ),
    "broker": ("/work", "first:/work:/deals/"),
    "moderator": ("/moderation",),
    "registrar": ("/contracts",),
    "bureau_officer": (
        "/indicators", "/indicators/tables?year=2025", "/indicators/tables/T8?period=2025", "/indicators/tables/T10?period=2025",
        "/indicators/gap", "/indicators/closings", "/indicators/plan/13", "/indicators/gdp",
    ),
}  # fmt: skip


@pytest.fixture(scope="module")
def demo():
    with running_market("embedded", migrate=False, start=False) as market:
        logins = market.yaosu_json("demo")
        market.start()
        yield market, {row["role"]: (row["name"], row["password"]) for row in reversed(logins)}


@pytest.fixture(scope="module")
def chromium():
    with servers.browser() as browser:
        yield browser


def window(demo, chromium, width, role=None, **more):
    """Open a window, signed in as a role; axe is put into the page, which the page's own rules would refuse."""
    market, logins = demo
    size = {"width": WIDTHS[width], "height": 900}
    page = chromium.new_context(base_url=market.url, viewport=size, bypass_csp=True, **more).new_page()
    if role:
        page.goto("/login")
        page.fill("main [name=login]", logins[role][0])
        page.fill("main [name=password]", logins[role][1])
        page.click("main form[action='/login'] button")
    return page


def open_page(page, path):
    if path.startswith("first:"):
        _first, start, prefix = path.split(":")
        page.goto(start)
        path = page.locator(f"main a[href^='{prefix}']").first.get_attribute("href")
    page.goto(path)
    return path


def serious(page):
    found = Axe().run(page, options={"runOnly": RULES}).response["violations"]
    return [
        f"{item['id']}: {item['nodes'][0]['html'][:160]}" for item in found if item["impact"] in {"serious", "critical"}
    ]


@pytest.mark.browser
@pytest.mark.parametrize("width", WIDTHS)
@pytest.mark.parametrize("role", [None, *SIGNED_IN])
def test_axe_finds_nothing_serious_and_no_page_scrolls_sideways(demo, chromium, width, role):
    page = window(demo, chromium, width, role)
    faults = {}
    for path in SIGNED_IN[role] if role else VISITOR:
        shown = open_page(page, path)
        found = serious(page)
        if page.evaluate("document.documentElement.scrollWidth") > WIDTHS[width]:
            found.append("the page scrolls sideways")
        if found:
            faults[shown] = found
    assert faults == {}


@pytest.mark.browser
def test_the_checklist_of_every_page_holds_without_style_and_script(demo, chromium):
    page = window(demo, chromium, "desk", java_script_enabled=False)
    for path in VISITOR:
        page.goto(path)
        html = page.content()
        assert re.search(r'<a class="skip" href="#main">', html), path
        assert len(re.findall(r"<h1[ >]", html)) == 1, f"{path} has one heading of the page"
        levels = [int(level) for level in re.findall(r"<h([1-6])[ >]", html)]
        jumps = [(one, two) for one, two in pairwise(levels) if two > one + 1]
        assert jumps == [], f"{path}: headings come in order"
        assert len(re.findall(r"<table", html)) == len(re.findall(r"<caption", html)), f"{path}: tables have captions"
        assert not re.findall(r"<nav(?![^>]*aria-label)", html), f"{path}: landmarks are named"
        assert not re.findall(r"<svg(?![^>]*(?:aria-hidden|role=))", html.replace('<svg class="sprite"', "")), path


@pytest.mark.browser
def test_at_320_points_and_twice_the_letters_nothing_is_lost(demo, chromium):
    page = window(demo, chromium, "telephone")
    page.set_viewport_size({"width": 320, "height": 640})
    for path in VISITOR:
        page.goto(path)
        assert page.evaluate("document.documentElement.scrollWidth") <= 320, path


@pytest.mark.browser
def test_the_first_focus_is_the_way_to_the_text_and_it_can_be_seen(demo, chromium):
    page = window(demo, chromium, "desk")
    page.goto("/needs")
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.className") == "skip"
    width = page.evaluate("getComputedStyle(document.activeElement).outlineWidth")
    assert width == "3px"


@pytest.mark.browser
def test_the_first_page_is_small_enough_for_a_slow_line(demo, chromium):
    page = window(demo, chromium, "telephone")
    sizes = []
    page.on("response", lambda answer: sizes.append(len(answer.body())))
    page.goto("/", wait_until="networkidle")
    assert 0 < sum(sizes) < FIRST_PAGE_BYTES, "without compression"


@pytest.mark.browser
def test_on_paper_there_is_no_menu_and_no_button(demo, chromium):
    page = window(demo, chromium, "desk", "broker")
    page.emulate_media(media="print")
    for path in ("/needs/N-2026-000001", "/work"):
        page.goto(path)
        for gone in (".site-head", ".site-foot", ".btn", ".crumbs"):
            assert not page.locator(gone).filter(visible=True).count(), f"{path}: {gone}"
        assert page.locator("h1").filter(visible=True).count() == 1


@pytest.mark.browser
@pytest.mark.parametrize("width", WIDTHS)
def test_longer_english_words_make_no_page_scroll_sideways(demo, chromium, width):
    page = window(demo, chromium, width, "member")
    page.goto("/language?to=en&back=/")
    for path in ("/", "/needs/new", "/notices", "/account", "/contracts", "/needs/N-2026-000001"):
        page.goto(path)
        assert page.evaluate("document.documentElement.scrollWidth") <= WIDTHS[width], path
