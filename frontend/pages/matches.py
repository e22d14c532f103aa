"""What fits a record, as its page shows it, and the answer to "why is it not among them"."""

import re
from dataclasses import dataclass, field
from typing import Annotated

from fastapi import APIRouter, Query, Request
from fastapi.responses import HTMLResponse
from sqlmodel import Session

from frontend.i18n import N_, _
from frontend.pages.deals import names_of
from frontend.web import CurrentActor, ReadSession, TheMarket, render
from services.deals import service as deals
from services.ground import clock
from services.ground.actor import Actor
from services.ground.errors import DomainError, NotFound, Unavailable
from services.ground.market import Market
from services.ground.web import access
from services.listings import service as listings
from services.listings.schemas import ListingView
from services.matching import service as matching
from services.matching.match_schemas import AdviceOut, MatchOut, WhyOut

pages = APIRouter()
LOOKED_AT = 10
EXPERTS = 3
LEVELS = {4: (N_("强"), "ok"), 3: (N_("较强"), "info"), 2: (N_("弱"), "plain"), 1: (N_("无"), "plain")}
_CODE = re.compile(r"[NRPE]-\d{4}-\d{6}")


@dataclass
class Match:
    """One candidate as the page shows it: the ranking's answer and the record's own facts."""

    found: MatchOut
    level: tuple[str, str]
    owner: str
    maturity: int | None
    days: int | None
    demo: bool
    words: list[str]
    facts: list[str]
    missed: list[str]
    silent: list[str]
    met: int
    new: bool
    memory: str
    """What one's own side said of it for this need, or for one that was nearly the same."""

    @property
    def fits(self) -> bool:
        """Say whether it is a match to a reader: 弱 or better with a word or a value that says so, or remembered."""
        return bool(self.memory) or (self.found.level > 1 and bool(self.words or self.met))


@dataclass
class Fits:
    """Everything that fits a record: records, for a need experts and what to do next; and which ranker said so.

    `far` are the next best, of level 无: they do not fit and are shown folded, under a heading that says so.
    """

    items: list[Match] = field(default_factory=list)
    far: list[Match] = field(default_factory=list)
    experts: list[Match] = field(default_factory=list)
    advice: AdviceOut | None = None
    ranker: str = ""
    unavailable: bool = False


@dataclass
class WhyPage:
    """Everything matching/why.html may use."""

    record: ListingView
    asked: str
    found: WhyOut | None
    level: tuple[str, str]
    wrong: str
    crumbs: list[tuple[str, str]]


def of_record(session: Session, actor: Actor, market: Market, record: ListingView) -> Fits:
    """Give what fits a record; nothing for a withdrawn one, and a word where the engine does not answer."""
    if record.state == "withdrawn":
        return Fits()
    try:
        remember = bool(actor.organisation_ids or actor.on_behalf_of_id)
        found = matching.around(session, actor, market, record, limit=LOOKED_AT, experts=EXPERTS, remember=remember)
    except Unavailable:
        return Fits(unavailable=True)
    new = matching.hits_of(session, record.id)
    said = _memory(session, actor, record, found.nearly_equal) if remember else {}
    shown = _shown(session, actor, found.fits.items, new, said)
    people = _shown(session, actor, found.experts, new, said)
    return Fits(
        [match for match in shown if match.fits],
        [match for match in shown if not match.fits],
        [match for match in people if match.fits],
        found.fits.advice,
        found.fits.ranker,
    )


def _memory(session: Session, actor: Actor, record: ListingView, equal: list[ListingView]) -> dict[str, str]:
    """Remember what the reader's own side marked as unsuitable, for this record and for needs that say nearly the same."""
    names = names_of(session, "unsuitable_reason")
    said: dict[str, str] = {}
    for need in reversed(equal):
        for code, reason in deals.unsuitable_for(session, actor, need.code).items():
            said[code] = _("几乎相同的需求 %(n)s 时，您标过不合适：%(r)s") % {
                "n": need.code,
                "r": names.get(reason, reason),
            }
    for code, reason in deals.unsuitable_for(session, actor, record.code).items():
        said[code] = _("您标过不合适：%(r)s") % {"r": names.get(reason, reason)}
    return said


@pages.get("/needs/{code}/why", **access("listing.see"))
def why(
    request: Request,
    code: str,
    session: ReadSession,
    actor: CurrentActor,
    market: TheMarket,
    record: Annotated[str, Query(max_length=200)] = "",
) -> HTMLResponse:
    """Answer where a record stands for a need and where it lost."""
    need = listings.get_visible(session, actor, code)
    if need.kind != "need":
        raise NotFound("need", code)
    named = _CODE.search(record.strip().upper())
    found, wrong = None, ""
    try:
        if named:
            found = matching.why_not(session, actor, market, code, named[0], limit=LOOKED_AT)
        elif record.strip():
            wrong = _("写它的编号，例如 R-2026-000012，或贴它的网址")
    except DomainError as error:
        wrong = _problem(error)
    page = WhyPage(
        record=need,
        asked=record.strip()[:200],
        found=found,
        level=_level(found.level if found else 1),
        wrong=wrong,
        crumbs=[(need.title, need.url), (_("为什么没有它"), "")],
    )
    return render(request, "matching/why.html", page, 422 if wrong else 200)


def _problem(error: DomainError) -> str:
    from frontend import texts  # noqa: PLC0415 - texts loads every capability's sentences

    return texts.message_of(error.fields[0] if getattr(error, "fields", None) else error)


def _level(level: int) -> tuple[str, str]:
    name, look = LEVELS[level]
    return _(name), look


def _shown(session: Session, actor: Actor, items: list[MatchOut], new: set[int], said: dict[str, str]) -> list[Match]:
    records = {row.id: row for row in listings.visible_by_ids(session, actor, [item.id for item in items])}
    shown = []
    for item in items:
        record = records.get(item.id)
        if record is None:
            continue
        checks = item.parameters
        shown.append(
            Match(
                found=item,
                level=_level(item.level),
                owner=record.owner_name or _("单位对接后可见"),
                maturity=record.maturity,
                days=(clock.now() - record.confirmed_at).days if record.confirmed_at else None,
                demo=record.demo,
                words=[reason.text for reason in item.reasons if reason.kind == "word"],
                facts=[reason.text for reason in item.reasons if reason.kind != "word"],
                missed=[
                    _("%(n)s %(f)s（%(w)s）") % {"n": c.name, "f": c.found, "w": c.wanted}
                    for c in checks
                    if c.verdict == "not_met"
                ],
                silent=[c.name for c in checks if c.verdict == "unstated" and c.must],
                met=sum(1 for c in checks if c.verdict == "met"),
                new=item.id in new,
                memory=said.get(item.code, ""),
            )
        )
    return shown
