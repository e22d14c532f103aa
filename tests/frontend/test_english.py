"""In English no Han stands on a page outside what users wrote and official names; dates and money follow the language."""

import functools
import re
from html import unescape

import pytest

from frontend import i18n
from services.accounts import service as accounts
from services.accounts.schemas import OrganisationIn
from services.ground import reference, regions
from services.listings import service as listings
from services.listings.schemas import ListingIn, ParameterIn
from tests.frontend.market_in_process import OPERATOR, market_here

HAN = re.compile(r"[\u3400-\u9fff\uff08\uff09\uff0c\uff1b\uff1a\u3001\u3002]+")
OWN = {"中文", "要素", "万元", "亿元", "收益分配", "统一社会信用代码"}
"""The switch back to Chinese, the name of the program, amounts as they may be typed, and terms of the law in the API."""
PAGES = {
    None: (
        "/", "/search?q=oil", "/search?q=nothinglikeit", "/needs", "/results", "/patents", "/experts", "/about",
        "/about/statistics", "/about/accessibility", "/quality", "/docs", "/indicators", "/login", "/login/forgotten",
        "/signup", "/needs/sheet", "/needs/N-1999-000001", "NEED", "RESULT", "ORGANISATION",
    ),
    "firm": (
        "/desk", "/needs/new", "/results/new", "/patents/new", "/experts/new", "NEED", "NEED/edit", "NEED/sheet",
        "/account", "/account/tokens", "/account/second-factor", "/account/erase", "/notices", "/follows", "/work",
        "/contracts", "/import", "RESULT/contact",
    ),
    "moderator": ("/moderation",),
    "registrar": ("/contracts", "/desk"),
    "bureau": ("/indicators", "/desk"),
    "boss": ("/desk", "/audit", "/moderation"),
}  # fmt: skip


@pytest.fixture(scope="module")
def here(tmp_path_factory):
    home = tmp_path_factory.mktemp("english")
    with market_here(home) as made:
        made.person("firm", organisation="Invented Mill", email="firm@example.org")
        made.person("moderator", role="moderator")
        made.person("registrar", role="registrar", region="431100")
        made.person("bureau", role="bureau_officer", region="431100")
        made.person("boss", role="administrator")
        with made.market.database.write() as session:
            session.execute(__import__("sqlalchemy").text("UPDATE person_data SET name = 'Invented Person'"))
            school = OrganisationIn(name="Invented School", kind="university", region_code="431102", intro="A school.")
            owner = accounts.create_organisation(session, OPERATOR, school)
            mill = accounts.find_organisations(session, "Invented Mill")[0]
            codes = {"ORGANISATION": owner.url}
            for kind, who, title in (
                ("need", mill, "Too much oil in the cake"),
                ("result", owner, "Cold press for oil"),
            ):
                data = ListingIn(
                    kind=kind, title=title, body="Oil is left in the cake after pressing.", owner=who.code,
                    chain="AF", subfield="AF-3", maturity=6, cooperation=["license"], region_code="431102",
                    parameters=[ParameterIn(name="oil", comparison="le", high=5, unit="%", must=True)],
                )  # fmt: skip
                code = listings.create(session, OPERATOR, data).code
                listings.submit(session, OPERATOR, code)
                codes[kind.upper()] = listings.publish(session, OPERATOR, code).url
        made.drain()
        yield made, codes


def official():
    """Names that are official in Chinese only: code lists, regions, and the words at the head of the pages."""
    names = {entry.name for found in reference.lists().values() for entry in found.values()}
    names |= {
        str(entry.attributes.get("short", "")) for found in reference.lists().values() for entry in found.values()
    }
    return sorted((name for name in names if name), key=len, reverse=True)


def han_in(html, allowed):
    """Give the Han that is left of what a reader is shown, after official names are taken away."""
    html = re.sub(r'<[^>]+lang="zh-CN"[^>]*>[^<]*', "", html)
    html = re.sub(r"<(script|style|code|pre)\b.*?</\1>", "", html, flags=re.DOTALL)
    shown = re.findall(r">([^<]+)<", html)
    shown += re.findall(r'(?:placeholder|aria-label|title|alt|content)="([^"]*)"', html)
    left = []
    for text in map(unescape, shown):
        if not HAN.search(text):
            continue
        rest = functools.reduce(lambda kept, name: kept.replace(name, ""), allowed, text)
        if HAN.search(rest):
            left.append(text.strip()[:60])
    return left


@pytest.mark.parametrize("who", PAGES)
def test_no_han_stands_on_the_english_pages_outside_official_names_and_what_users_wrote(here, who):
    market, codes = here
    browser = market.browser()
    if who:
        browser.sign_in(who)
    browser.get("/language?to=en&back=/")
    allowed = [*official(), *OWN, regions.name_of("431102")]
    left = {}
    for place in PAGES[who]:
        path = functools.reduce(lambda kept, item: kept.replace(*item), codes.items(), place)
        page = browser.get(path)
        assert page.status_code < 500, path
        if page.status_code == 200 and (found := han_in(page.text, allowed)):
            left[path] = found
    assert left == {}


def test_every_text_is_translated_with_its_particulars():
    translated = i18n._catalogue("en")
    wrong = []
    for message in i18n.gather():
        if message.id and not translated.get(str(message.id)):
            wrong.append(f"missing: {message.id}")
        elif message.id and parts(message.id) != parts(translated[str(message.id)]):
            wrong.append(f"particulars differ: {message.id}")
    assert wrong == []


def parts(text):
    return sorted(re.findall(r"%\(\w+\)s|\{\w+\}", str(text)))


def test_mails_speak_the_language_their_reader_chose(here):
    market, _codes = here
    browser = market.browser("Mozilla/5.0 Firefox/1 Linux").sign_in("firm")
    browser.get("/language?to=en&back=/")
    browser.post("/notices", {"do": "choose", "mail": "each"})
    market.browser("Mozilla/5.0 Chrome/2 Windows").sign_in("firm")
    _to, subject, text = market.mails()[-1]
    assert "browser not seen before" in subject
    assert not HAN.search(subject.split("]")[1] + text.split("--")[0])
