"""What everybody may look at: the first page, and the page of an organisation. Search has a module of its own."""

from dataclasses import dataclass, field

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse
from markupsafe import Markup
from sqlmodel import Session

from frontend.highlight import marked
from frontend.i18n import _
from frontend.labels import label, together
from frontend.web import CurrentActor, ReadSession, parameter_words, render
from services.accounts import claims, shown
from services.accounts import service as accounts
from services.accounts.schemas import OrganisationOut
from services.ground import clock, reference, regions
from services.ground.actor import ANONYMOUS
from services.ground.permissions import may
from services.ground.web import access
from services.indicators import service as indicators
from services.indicators.schemas import YearOut
from services.listings import freshness
from services.listings import service as listings
from services.listings.freshness import FreshnessOut
from services.listings.schemas import ListingView
from services.matching.schemas import HighlightOut, HitOut

pages = APIRouter()
NOUNS = {"needs": "need", "results": "result", "patents": "patent", "experts": "expert"}


@dataclass
class Row:
    """One record of a list, as the macro `records` shows it."""

    kind: str
    code: str
    title: str
    url: str
    demo: bool
    summary: str | Markup
    meta: list[str]
    level: int | None
    days: int | None
    keys: list[tuple[str, str]] = field(default_factory=list)
    meta_end: list[str] = field(default_factory=list)
    title_html: Markup | None = None


@dataclass
class Chain:
    """One innovation chain on the first page with what is really there."""

    code: str
    name: str
    needs: int
    results: int
    experts: int
    subfields: list[tuple[str, str]]


@dataclass
class Teaser:
    """The indicator in one line."""

    year: YearOut
    shares: list[float]


@dataclass
class HomePage:
    """Everything public/home.html may use."""

    chains: list[Chain]
    needs: list[Row]
    results: list[Row]
    totals: list[tuple[str, int, str]]
    organisations: int
    indicator: Teaser | None
    fresh: FreshnessOut
    subfields: int


@dataclass
class OrganisationPage:
    """Everything public/organisation.html may use."""

    organisation: OrganisationOut
    region: str
    rows: list[Row]
    merged_into: str
    may_verify: bool
    may_choose: bool
    may_act: bool


def row_of(view: ListingView) -> Row:
    """Turn a record into a row of a list; of one that was found, the words that were searched for are marked."""
    highlight = view.highlight if isinstance(view, HitOut) else HighlightOut()
    summary = marked(highlight.snippet, highlight.snippet_marks) if highlight.snippet else view.summary
    meta = [
        view.owner_name or _("单位对接后可见"),
        regions.name_of(view.region_code),
        reference.name_of("subfield", view.subfield),
    ]
    return Row(
        kind=view.kind,
        code=view.code,
        title=view.title,
        url=view.url,
        demo=view.demo,
        summary=summary,
        meta=meta,
        level=view.maturity,
        days=(clock.now() - view.confirmed_at).days if view.confirmed_at else None,
        meta_end=[together([label("cooperation", value) for value in view.cooperation])],
        keys=[(item.name, parameter_words(item)) for item in view.parameters[:3]],
        title_html=marked(view.title, highlight.title),
    )


@pages.get("/", **access("market.look"))
def home(request: Request, session: ReadSession, actor: CurrentActor) -> HTMLResponse:
    """Search first; the chains with real counts; what is new."""
    counts = listings.counts(session)

    def count(kind: str, chain: str | None = None) -> int:
        return sum(n for (k, c), n in counts.items() if k == kind and chain in (None, c))

    subfields = reference.entries(session, "subfield")
    chains = [
        Chain(
            entry.code,
            entry.name,
            count("need", entry.code),
            count("result", entry.code) + count("patent", entry.code),
            count("expert", entry.code),
            [(item.code, item.name) for item in subfields if item.parent == entry.code],
        )
        for entry in reference.entries(session, "chain")
    ]
    names = (
        ("needs", "need", _("在架需求")),
        ("results", "result", _("在架成果")),
        ("patents", "patent", _("专利")),
        ("experts", "expert", _("专家")),
    )
    page = HomePage(
        chains=chains,
        needs=[row_of(view) for view in listings.newest(session, actor, "need", 4)],
        results=[row_of(view) for view in listings.newest(session, actor, "result", 4)],
        totals=[(label, count(kind), f"/{noun}") for noun, kind, label in names],
        organisations=accounts.count_organisations(session),
        indicator=_teaser(session),
        fresh=freshness.figures(session),
        subfields=len(subfields),
    )
    return render(request, "public/home.html", page)


def _teaser(session: Session) -> Teaser | None:
    """Give the indicator as it was published last: the first page shows everybody the same."""
    years = [row for row in indicators.years(session, ANONYMOUS, indicators.computed_code()).items if row.share]
    with_contracts = [row for row in years if row.count]
    if not with_contracts:
        return None
    return Teaser(with_contracts[-1], [float(row.share or 0) for row in years[-6:]])


@pages.get("/organisations/{code}", **access("organisation.see"))
def organisation(request: Request, code: str, session: ReadSession, actor: CurrentActor) -> HTMLResponse:
    """Show an organisation and what it has published under its name."""
    [out] = shown.as_shown(session, actor, [accounts.organisation_by_code(session, code)])
    found = [
        view
        for kind in NOUNS.values()
        for view in listings.list_listings(session, actor, kind, owner_id=out.id, limit=50)
    ]
    rows = [row_of(view) for view in found if view.owner_name]
    page = OrganisationPage(
        out,
        regions.name_of(out.region_code),
        rows,
        merged_into=claims.merged_into(session, code),
        may_verify=may(actor, "organisation.verify", accounts.thing_of(out)),
        may_choose=may(actor, "organisation.edit", accounts.thing_of(out)),
        may_act=may(actor, "organisation.act_for", accounts.thing_of(out)),
    )
    return render(request, "public/organisation.html", page)
