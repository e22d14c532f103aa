"""What everybody may look at: the first page, search, lists, and the page of an organisation."""

from dataclasses import dataclass, field
from urllib.parse import urlencode

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response
from markupsafe import Markup
from sqlmodel import Session

from frontend.highlight import mark, passage
from frontend.i18n import _
from frontend.web import CurrentActor, ReadSession, TheMarket, parameter_words, render
from search import synonyms
from search.parse import highlight_words, parse
from services.accounts import service as accounts
from services.accounts.schemas import OrganisationOut
from services.ground import clock, reference, regions
from services.ground.actor import ANONYMOUS
from services.ground.errors import Unavailable
from services.ground.web import access
from services.indicators import service as indicators
from services.indicators.schemas import YearOut
from services.listings import service as listings
from services.listings.schemas import ListingView
from services.matching import rules as words
from services.matching import service as matching
from services.matching.schemas import SearchOut

pages = APIRouter()
NOUNS = {"needs": "need", "results": "result", "patents": "patent", "experts": "expert"}
FACETS = ("chain", "subfield", "maturity", "cooperation", "organisation_kind", "region", "freshness")
PER_PAGE = 20


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
    subfields: int


@dataclass
class Group:
    """One facet: its name and values, each with label, count and whether it is chosen."""

    name: str
    title: str
    values: list[tuple[str, str, int, bool]]


@dataclass
class SearchPage:
    """Everything public/search.html may use."""

    q: str
    kind: str
    tabs: list[tuple[str, int, str, bool]]
    groups: list[Group]
    chips: list[tuple[str, str]]
    rows: list[Row]
    total: int
    sort: str
    relaxed: bool
    next_url: str
    first_url: str
    understood: list[tuple[str, list[str]]]
    ways: list[tuple[str, str, str]]
    unavailable: bool
    kept_query: str = ""


@dataclass
class OrganisationPage:
    """Everything public/organisation.html may use."""

    organisation: OrganisationOut
    region: str
    rows: list[Row]


def row_of(view: ListingView, searched: tuple[str, ...] = ()) -> Row:
    """Turn a record into a row of a list, with the words that were searched for marked."""
    meta = [
        view.owner_name or _("单位对接后可见"),
        regions.name_of(view.region_code),
        reference.name_of("subfield", view.subfield),
    ]
    days = (clock.now() - view.confirmed_at).days if view.confirmed_at else None
    keys = [(item.name, parameter_words(item)) for item in view.parameters[:3]]
    return Row(
        view.kind,
        view.code,
        view.title,
        view.url,
        view.demo,
        mark(passage(view.summary, view.body, searched), searched),
        meta,
        view.maturity,
        days,
        keys,
        title_html=mark(view.title, searched),
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


@pages.get("/search", **access("market.look"))
def search(request: Request, session: ReadSession, actor: CurrentActor, market: TheMarket) -> Response:
    """Find records; a number that names one record leads straight to it."""
    return _search(request, session, actor, market, request.query_params.get("kind", ""))


def _search(request: Request, session: ReadSession, actor: CurrentActor, market: TheMarket, kind: str) -> Response:
    params = request.query_params
    q, sort = params.get("q", "")[:2000], params.get("sort", "relevance")
    kind = kind if kind in NOUNS.values() else ""
    chosen = {name: [value for value in params.getlist(name) if value][:50] for name in FACETS}
    filters = {name: values for name, values in {**chosen, "kind": [kind] if kind else []}.items() if values}
    sort = sort if sort in {"relevance", "published", "confirmed", "maturity", "price"} else "relevance"
    try:
        found = matching.search(
            session, actor, market, q, filters=filters, sort=sort, cursor=params.get("cursor"), limit=PER_PAGE
        )
    except Unavailable:
        empty = SearchPage(q, kind, [], [], [], [], 0, sort, False, "", "", [], [], True)
        return render(request, "public/search.html", empty, 503)
    if found.record and not params.get("cursor"):
        return RedirectResponse(found.record, 303)
    base = [("q", q), *([("sort", sort)] if sort != "relevance" else [])]
    picked = [(name, value) for name, values in chosen.items() for value in values]
    query = parse(q)
    marked = highlight_words(query)
    page = SearchPage(
        q=q,
        kind=kind,
        tabs=_tabs(found, base + picked, kind),
        groups=_groups(found, chosen),
        total=found.total,
        chips=[(words.label(n, v), _url(base + [p for p in picked if p != (n, v)], kind)) for n, v in picked],
        rows=[row_of(view, marked) for view in found.items],
        sort=sort,
        relaxed=found.relaxed,
        next_url=_url([*base, *picked, ("cursor", found.next)], kind) if found.next else "",
        first_url=_url(base + picked, kind) if params.get("cursor") else "",
        understood=[(group.words, list(synonyms.others(group.words))[:4]) for group in query.groups if group.words],
        ways=[] if found.total else _ways(session, actor, market, q, filters, base, kind),
        unavailable=False,
        kept_query=_url(base + picked, kind).partition("?")[2],
    )
    return render(request, "public/search.html", page)


def _url(pairs: list[tuple[str, str]], kind: str) -> str:
    return "/search?" + urlencode([*pairs, *([("kind", kind)] if kind else [])])


def _tabs(found: SearchOut, pairs: list[tuple[str, str]], kind: str) -> list[tuple[str, int, str, bool]]:
    counts = {item.value: item.count for item in found.facets.get("kind", [])}
    tabs = [(_("全部"), sum(counts.values()), _url(pairs, ""), not kind)]
    return tabs + [
        (_(words.LABELS["kind"][one]), counts.get(one, 0), _url(pairs, one), kind == one) for one in NOUNS.values()
    ]


def _groups(found: SearchOut, chosen: dict[str, list[str]]) -> list[Group]:
    titles = {
        "chain": _("创新链"),
        "subfield": _("细分领域"),
        "maturity": _("成熟度"),
        "cooperation": _("合作方式"),
        "organisation_kind": _("单位"),
        "region": _("县市区"),
        "freshness": _("新鲜度"),
    }
    return [
        Group(
            name,
            titles[name],
            [(v.value, v.label, v.count, v.value in chosen[name]) for v in found.facets.get(name, [])[:14]],
        )
        for name in FACETS
        if found.facets.get(name)
    ]


def _ways(
    session: ReadSession,
    actor: CurrentActor,
    market: TheMarket,
    q: str,
    filters: dict[str, list[str]],
    base: list[tuple[str, str]],
    kind: str,
) -> list[tuple[str, str, str]]:
    """Say for each filter what dropping it would give: nothing is dropped by itself."""
    ways = []
    for name, given in filters.items():
        rest = {key: values for key, values in filters.items() if key != name}
        total = matching.search(session, actor, market, q, filters=rest, limit=1).total
        if total:
            pairs = base + [(key, value) for key, values in rest.items() if key != "kind" for value in values]
            text = "、".join(words.label(name, value) for value in given)
            ways.append(
                (
                    _("去掉“%(t)s”") % {"t": text},
                    _url(pairs, "" if name == "kind" else kind),
                    _("%(n)s 项") % {"n": total},
                )
            )
    return ways


@pages.get("/needs", **access("market.look"))
@pages.get("/results", **access("market.look"))
@pages.get("/patents", **access("market.look"))
@pages.get("/experts", **access("market.look"))
def listing_list(request: Request, session: ReadSession, actor: CurrentActor, market: TheMarket) -> Response:
    """Show all records of a kind: the search page without words."""
    return _search(request, session, actor, market, NOUNS[request.url.path.strip("/")])


@pages.get("/organisations/{code}", **access("organisation.see"))
def organisation(request: Request, code: str, session: ReadSession, actor: CurrentActor) -> HTMLResponse:
    """Show an organisation and what it has published under its name."""
    out = accounts.organisation_by_code(session, code)
    shown = [
        view
        for kind in NOUNS.values()
        for view in listings.list_listings(session, actor, kind, owner_id=out.id, limit=50)
    ]
    rows = [row_of(view) for view in shown if view.owner_name]
    return render(request, "public/organisation.html", OrganisationPage(out, regions.name_of(out.region_code), rows))
