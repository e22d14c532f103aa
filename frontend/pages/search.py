"""The search page, and the lists of needs, results, patents and experts, which are the same page without words."""

from dataclasses import dataclass
from urllib.parse import urlencode

from fastapi import APIRouter, Request
from fastapi.responses import RedirectResponse, Response

from frontend.i18n import _
from frontend.labels import label
from frontend.pages.public import NOUNS, Row, row_of
from frontend.pages.search_parts import Group, Pager, groups_of, pager_of, ways_of
from frontend.web import CurrentActor, ReadSession, TheMarket, render
from services.ground.errors import BadRequest, Unavailable
from services.ground.web import access
from services.matching import rules as words
from services.matching import service as matching
from services.matching.schemas import SearchOut, WordOut

pages = APIRouter()
FILTERS = (
    "chain",
    "subfield",
    "maturity",
    "cooperation",
    "state_of_patent",
    "organisation_kind",
    "region",
    "freshness",
)
PER_PAGE = 10
SORTS = {
    "relevance": ("relevance", True),
    "published": ("published", True),
    "confirmed": ("confirmed", True),
    "maturity": ("maturity", True),
    "price": ("price", True),
    "price_asc": ("price", False),
}
"""What the address says -> what is sorted by, and whether the largest comes first."""
OWN = ("q", "kind", "sort", "exact", "page", "cursor")
OF_OTHERS = ("from", "isappinstalled", "scene", "clicktime", "enterid", "fbclid", "gclid", "spm")
"""What messengers and advertisers hang on an address that is passed on; it is not meant for us."""


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
    sorts: list[tuple[str, str]]
    relaxed: bool
    clamped: bool
    exact: bool
    exact_url: str
    pager: Pager | None
    understood: list[WordOut]
    ways: list[tuple[str, str, str]]
    chosen: list[tuple[str, str]]
    beyond: str
    unavailable: bool
    kept_query: str
    export_url: str


@dataclass(frozen=True)
class Address:
    """What the address of a search page says."""

    q: str
    kind: str
    chosen: dict[str, list[str]]
    sort: str
    exact: bool
    page: int
    cursor: str

    @classmethod
    def read(cls, request: Request, kind: str | None) -> "Address":
        """Read it. Raises BadRequest for a name that nobody declared, and for a page that is no number."""
        params = request.query_params
        allowed = (*FILTERS, *OWN)
        for name in params:
            if name not in allowed and name not in OF_OTHERS and not name.startswith("utm_"):
                raise BadRequest("filter_unknown", value=name[:40], allowed="、".join(allowed))
        sort = params.get("sort") or "relevance"
        if sort not in SORTS:
            raise BadRequest("sort_unknown", value=sort[:40], allowed="、".join(SORTS))
        number = params.get("page") or "1"
        if not (number.isascii() and number.isdecimal() and len(number) < 10 and int(number)):
            raise BadRequest("page_unreadable", value=number[:20])
        return cls(
            q=params.get("q", ""),
            kind=kind or params.get("kind", ""),
            chosen={
                name: list(dict.fromkeys(value for value in params.getlist(name) if value))
                for name in FILTERS
                if any(params.getlist(name))
            },
            sort=sort,
            exact=params.get("exact", "") == "1",
            page=int(number),
            cursor=params.get("cursor", ""),
        )

    @property
    def picked(self) -> list[tuple[str, str]]:
        """The ticked values, one by one."""
        return [(name, value) for name, values in self.chosen.items() for value in values]

    def asked(self) -> matching.Asked:
        """Put the question to the service."""
        sort, descending = SORTS[self.sort]
        filters = {**self.chosen, **({"kind": [self.kind]} if self.kind else {})}
        return matching.Asked(
            self.q, filters, sort, descending, self.cursor or None, self.page, PER_PAGE, exact=self.exact
        )

    def export_url(self) -> str:
        """Give the address of the same search at the API, whose whole list can be had as a file."""
        sort, descending = SORTS[self.sort]
        asked = [("q", self.q), ("kind", self.kind), ("sort", sort), ("order", "desc" if descending else "asc")]
        pairs = [*asked, *self.picked, *([("exact", "true")] if self.exact else [])]
        return "/api/v1/search?" + urlencode([(name, value) for name, value in pairs if value])

    def url(
        self,
        *,
        q: str | None = None,
        kind: str | None = None,
        picked: list[tuple[str, str]] | None = None,
        exact: bool | None = None,
        page: int = 1,
        cursor: str = "",
    ) -> str:
        """Give the address of the same search with something changed; a change begins at the first page again."""
        kind = self.kind if kind is None else kind
        pairs = [("q", self.q if q is None else q), *(self.picked if picked is None else picked)]
        pairs += [("kind", kind)] if kind else []
        pairs += [("sort", self.sort)] if self.sort != "relevance" else []
        pairs += [("exact", "1")] if (self.exact if exact is None else exact) else []
        pairs += [("page", str(page))] if page > 1 else []
        pairs += [("cursor", cursor)] if cursor else []
        return "/search?" + urlencode(pairs, errors="replace")


@pages.get("/search", **access("market.look"))
def search(request: Request, session: ReadSession, actor: CurrentActor, market: TheMarket) -> Response:
    """Find records; a number that names one record leads straight to it."""
    return _search(request, session, actor, market, None)


@pages.get("/needs", **access("market.look"))
@pages.get("/results", **access("market.look"))
@pages.get("/patents", **access("market.look"))
@pages.get("/experts", **access("market.look"))
def listing_list(request: Request, session: ReadSession, actor: CurrentActor, market: TheMarket) -> Response:
    """Show all records of a kind: the search page without words."""
    return _search(request, session, actor, market, NOUNS[request.url.path.strip("/")])


def _search(
    request: Request, session: ReadSession, actor: CurrentActor, market: TheMarket, kind: str | None
) -> Response:
    address = Address.read(request, kind)
    try:
        found = matching.search(session, actor, market, address.asked())
    except Unavailable:
        found = SearchOut(items=[], total=0, facets={})
        return render(request, "public/search.html", _page(address, found, unavailable=True), 503)
    if found.record and address.page == 1 and not address.cursor:
        return RedirectResponse(found.record, 303)
    beyond = address.page > 1 and not found.items
    return render(request, "public/search.html", _page(address, found), 404 if beyond else 200)


def _page(address: Address, found: SearchOut, *, unavailable: bool = False) -> SearchPage:
    picked = address.picked
    last = -(-found.total // PER_PAGE)
    return SearchPage(
        q=address.q,
        kind=address.kind,
        tabs=_tabs(found, address),
        groups=groups_of(found, address.chosen),
        chips=[(label(*one), address.url(picked=[other for other in picked if other != one])) for one in picked],
        rows=[row_of(view) for view in found.items],
        total=found.total,
        sort=address.sort,
        sorts=[
            ("relevance", _("相关度")),
            ("published", _("最新发布")),
            ("confirmed", _("最近确认")),
            ("maturity", _("成熟度")),
            ("price", _("金额，高的在前")),
            ("price_asc", _("金额，低的在前")),
        ],
        relaxed=found.relaxed,
        clamped=found.clamped,
        exact=address.exact,
        exact_url=address.url(exact=not address.exact),
        pager=pager_of(address.page, PER_PAGE, found, address.url, by_cursor=bool(address.cursor)),
        understood=found.words,
        ways=ways_of(found, address),
        chosen=picked,
        beyond=address.url(page=last) if address.page > 1 and not found.items and last else "",
        unavailable=unavailable,
        kept_query=address.url().partition("?")[2],
        export_url=address.export_url() if found.total else "",
    )


def _tabs(found: SearchOut, address: Address) -> list[tuple[str, int, str, bool]]:
    counts = {item.value: item.count for item in found.facets.get("kind", [])}
    kinds = [("", _("全部"), sum(counts.values()))]
    kinds += [(kind, _(words.LABELS["kind"][kind]), counts.get(kind, 0)) for kind in NOUNS.values()]
    return [(label, n, address.url(kind=kind), kind == address.kind) for kind, label, n in kinds]
