"""What every page shares: rendering with the shell around it, answers after a POST, and who is looking."""

import base64
import functools
import json
import re
from dataclasses import dataclass, field, fields
from datetime import date, datetime
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlencode, urlsplit
from zoneinfo import ZoneInfo

from fastapi import Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response
from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from frontend import i18n
from frontend.forms import (  # what pages import from here
    CSRF_FIELD,
    VISITOR_COOKIE,
    Form,
    FormErrors,
    PostedForm,
    build,
    csrf_token,
    form_errors,
    read_form,
)
from frontend.forms import _sign as sign
from frontend.i18n import _
from frontend.labels import said
from frontend.shell import NavItem, navigation, user_label
from frontend.words import Words, load_words
from services.accounts import service as accounts
from services.deals import worklist as deals
from services.ground import clock, money
from services.ground.actor import Actor
from services.ground.market import is_demo
from services.ground.permissions import may
from services.ground.web import CurrentActor, ReadSession, TheMarket, WriteSession, current_actor, market_of
from services.listings.schemas import ParameterOut
from services.matching.parameters import write
from services.notices import service as notices

__all__ = [
    "Again",
    "CurrentActor",
    "Form",
    "FormErrors",
    "PostedForm",
    "ReadSession",
    "TheMarket",
    "WriteSession",
    "build",
    "form_errors",
    "read_form",
    "render",
    "see_other",
    "units",
]

FLASH_COOKIE = "yaosu_flash"
LONGEST_HERE = 4_000
"""Characters of an address that the links to sign in and to the other language lead back to."""
LANGUAGE_COOKIE = "yaosu_language"
TEMPLATES = Path(__file__).parent / "templates"
STATIC_FOLDER = Path(__file__).parent / "static"
SHANGHAI = ZoneInfo("Asia/Shanghai")


class Again(Exception):
    """Show a page instead of finishing: raised, so that nothing half done is committed. `raise Again(render(…, 422))`."""

    def __init__(self, response: Response) -> None:
        self.response = response
        super().__init__(response.status_code)


@dataclass(frozen=True)
class Shell:
    """What the frame around every page uses. Pages use `shell.csrf_field`, `shell.actor` and `shell.now` too."""

    words: Words
    demo: bool
    actor: Actor
    user: str
    nav: list[NavItem]
    language: str
    html_lang: str
    other_language: tuple[str, str]
    path: str
    here: str
    flash: tuple[str, str] | None
    now: datetime
    query: str
    due: int | None = None
    notices: int = 0
    audits: bool = False
    acting: str = ""
    """The firm a station clerk acts for."""
    operates: bool = False
    _request: Request = field(repr=False, default=None)  # type: ignore[arg-type]

    @property
    def csrf_field(self) -> Markup:
        """The hidden field that every POST form needs."""
        return Markup('<input type="hidden" name="{}" value="{}">').format(CSRF_FIELD, csrf_token(self._request))


def render(
    request: Request, template: str, page: Any, status: int = 200, headers: dict[str, str] | None = None
) -> HTMLResponse:
    """Make the page: the template sees the fields of the dataclass `page`, and `shell`. Nothing else."""
    values = {item.name: getattr(page, item.name) for item in fields(page)}
    html = environment().get_template(template).render(shell=_shell(request), **values)
    response = HTMLResponse(html, status, headers)
    _cookies(request, response)
    return response


def see_other(request: Request, url: str, said: str = "", kind: str = "ok") -> Response:
    """Answer a POST: go and look there (303), with a sentence shown once on the next page."""
    response = RedirectResponse(url, 303)
    if said:
        payload = base64.urlsafe_b64encode(json.dumps([kind, said], ensure_ascii=True).encode()).decode()
        value = f"{payload}.{sign(request, 'flash', payload)[:32]}"
        response.set_cookie(FLASH_COOKIE, value, max_age=120, httponly=True, samesite="lax", secure=is_secure(request))
    return response


def local_path(text: str | None, otherwise: str = "/") -> str:
    """Give a path of this site from a parameter, or `otherwise`: nobody is sent to a foreign host."""
    if not text or not text.startswith("/") or text.startswith(("//", "/\\")) or not text.isprintable():
        return otherwise
    parts = urlsplit(text)
    return text if not parts.scheme and not parts.netloc and "\\" not in text else otherwise


def is_secure(request: Request) -> bool:
    """Say whether cookies must travel by https only: the public address says so."""
    return market_of(request).settings.public_url.startswith("https://")


def _shell(request: Request) -> Shell:
    actor = current_actor(request)
    code = i18n.language()
    other = "en" if code == "zh" else "zh"
    here = request.url.path + (f"?{request.url.query}" if request.url.query and request.method == "GET" else "")
    if len(here) > LONGEST_HERE:  # two links of every page carry it
        here = request.url.path
    if request.method != "GET":
        here = request.url.path if request.url.path.count("/") < 2 else "/"
    switch = "/language?" + urlencode({"to": other, "back": here})
    return Shell(
        words=_words(request)[code],
        demo=_is_demo(request),
        actor=actor,
        user=user_label(actor),
        nav=navigation(actor, request.url.path, request.query_params.get("kind", "")),
        language=code,
        html_lang=i18n.HTML_LANG[code],
        other_language=(i18n.LANGUAGES[other], switch),
        path=request.url.path,
        here=here,
        flash=_flash(request),
        now=clock.now(),
        query=request.query_params.get("q", "")[:200] if request.url.path == "/search" else "",
        due=_due(request, actor),
        notices=_unread(request, actor),
        audits=may(actor, "audit.see"),
        acting=_acting(request, actor),
        operates=may(actor, "market.operate"),
        _request=request,
    )


def _acting(request: Request, actor: Actor) -> str:
    if not actor.on_behalf_of_id:
        return ""
    with market_of(request).database.read() as session:
        return accounts.organisation(session, actor.on_behalf_of_id).name


def _words(request: Request) -> dict[str, Words]:
    state = request.app.state
    if not hasattr(state, "words"):
        state.words = load_words(market_of(request).settings.home)
    return state.words  # type: ignore[no-any-return]


def _is_demo(request: Request) -> bool:
    state = request.app.state
    if not hasattr(state, "demo"):
        try:
            with market_of(request).database.read() as session:
                state.demo = is_demo(session)
        except Exception:
            return False
    return bool(state.demo)


def _due(request: Request, actor: Actor) -> int | None:
    """Count the deals that wait for this person; the page of an error has to do without the database."""
    if actor.person_id is None:
        return None
    try:
        with market_of(request).database.read() as session:
            return deals.counts(session, actor)["mine"] or None
    except Exception:
        return None


def _unread(request: Request, actor: Actor) -> int:
    """Count unread notices, if the database answers."""
    if actor.person_id is None:
        return 0
    try:
        with market_of(request).database.read() as session:
            return notices.unread(session, actor)
    except Exception:
        return 0


def _flash(request: Request) -> tuple[str, str] | None:
    payload, _dot, mark = request.cookies.get(FLASH_COOKIE, "").partition(".")
    if not payload or sign(request, "flash", payload)[:32] != mark:
        return None
    kind, said = json.loads(base64.urlsafe_b64decode(payload))
    request.state.flash_shown = True
    return kind, said


def _cookies(request: Request, response: Response) -> None:
    if getattr(request.state, "flash_shown", False):
        response.delete_cookie(FLASH_COOKIE)
    visitor = getattr(request.state, "new_visitor", None)
    if visitor:
        response.set_cookie(VISITOR_COOKIE, visitor, httponly=True, samesite="lax", secure=is_secure(request))
    response.headers.setdefault("Cache-Control", "no-store")


@functools.cache
def environment() -> Environment:
    """Make the one template environment. An unknown name in a template is an error, never an empty place."""
    env = Environment(
        loader=FileSystemLoader(TEMPLATES),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        extensions=["jinja2.ext.do", "jinja2.ext.loopcontrols"],
    )
    i18n.install(env)
    env.filters |= {
        "yuan": money.yuan,
        "wan": money.wan,
        "yi": money.yi,
        "day": day,
        "day_words": day_words,
        "when": when,
        "thousands": thousands,
        "fid": field_id,
        "with_query": with_query,
        "size": size_words,
        "units": units,
        "parameter": parameter_words,
        "said": said,
        "quoted": lambda text: quote(str(text), safe=""),
    }
    env.globals["static"] = static_url
    return env


@functools.cache
def static_url(name: str) -> str:
    """Give the address of a static file with a mark of its content, so that browsers may keep it for long."""
    import hashlib  # noqa: PLC0415 - once per file and process

    content = (Path(__file__).parent / "static" / name).read_bytes()
    return f"/static/{name}?v={hashlib.sha256(content).hexdigest()[:10]}"


def local(value: datetime) -> datetime:
    """Give a moment in the time of the market."""
    return value.astimezone(SHANGHAI)


def day(value: date | datetime | None) -> str:
    """2026-03-12, for tables."""
    if value is None:
        return "—"
    return (local(value).date() if isinstance(value, datetime) else value).isoformat()


def day_words(value: date | datetime | None) -> Markup:
    """今天 09:12, 昨天, 3 月 10 日, 2025 年 3 月 10 日: for sentences, with the full date in the title."""
    if value is None:
        return Markup("—")
    moment = local(value) if isinstance(value, datetime) else None
    the_day = moment.date() if moment else value
    assert isinstance(the_day, date)
    today = clock.today()
    gap = (today - the_day).days
    if gap == 0:
        text = _("今天") + (f" {moment:%H:%M}" if moment else "")
    elif gap == 1:
        text = _("昨天")
    elif the_day.year == today.year:
        text = _("%(month)s 月 %(day)s 日") % {"month": the_day.month, "day": the_day.day}
    else:
        text = the_day.isoformat()
    stamp = f"{moment:%Y-%m-%d %H:%M}" if moment else the_day.isoformat()
    return Markup('<time datetime="{}" title="{}" class="nowrap">{}</time>').format(
        stamp.replace(" ", "T"), stamp, text
    )


def when(value: datetime | None) -> str:
    """2026-03-12 09:12 in the time of the market."""
    return f"{local(value):%Y-%m-%d %H:%M}" if value else "—"


def thousands(value: float | None) -> str:
    """1,284; a true minus sign."""
    return "—" if value is None else f"{value:,}".replace("-", "−")


def size_words(count: int) -> str:
    """84 KB, 2.1 MB."""
    return f"{max(1, round(count / 1024))} KB" if count < 1024 * 1000 else f"{count / 1024 / 1024:.1f} MB"


UNIT_SIGNS = {
    "degC": "℃",
    "count": "",
    "CNY10k": "万元",
    "CNY": "元",
    "um": "μm",
    "ohm": "Ω",
    "kohm": "kΩ",
    "Mohm": "MΩ",
}
_UNIT = re.compile(r"(?<![A-Za-z])(" + "|".join(UNIT_SIGNS) + r")(?![A-Za-z0-9])")


def units(text: str) -> str:
    """Write units as people do: they are stored in plain ASCII (degC, CNY), and a count has none."""
    signs = UNIT_SIGNS if i18n.language() == "zh" else {**UNIT_SIGNS, "CNY10k": "CNY 10,000", "CNY": "CNY"}
    return _UNIT.sub(lambda match: signs[match[1]], text).replace("*", "·").strip()


def parameter_words(row: ParameterOut) -> str:
    """Write what a parameter asks for or states: ≤ 290 mg/kg, ± 5 %, 2–5 t/d."""
    return units(write(row))


def field_id(name: str) -> str:
    """Give the id of the control of a field: the summary of errors links to it."""
    return "f-" + re.sub(r"[^A-Za-z0-9]+", "-", name).strip("-")


def with_query(url: str, **changes: Any) -> str:
    """Give an address with some query parameters changed; None drops one."""
    parts = urlsplit(url)
    from urllib.parse import parse_qsl  # noqa: PLC0415 - only here

    pairs = [(k, v) for k, v in parse_qsl(parts.query) if k not in changes]
    pairs += [(k, str(v)) for k, v in changes.items() if v is not None and v != ""]
    return parts.path + (f"?{urlencode(pairs)}" if pairs else "")
