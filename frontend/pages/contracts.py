"""Lists of contracts: the queue of the desk, all contracts one may see, and the lines of the ledger."""

from dataclasses import dataclass, field
from datetime import date
from typing import Annotated
from urllib.parse import urlencode

from fastapi import APIRouter, Query, Request
from fastapi.responses import HTMLResponse, Response
from sqlmodel import Session

from frontend.i18n import N_, _
from frontend.listing_forms import owner_of
from frontend.pages import contracts_words as words
from frontend.web import (
    Again,
    CurrentActor,
    FormErrors,
    PostedForm,
    ReadSession,
    WriteSession,
    build,
    form_errors,
    render,
    see_other,
    with_query,
)
from services.contracts import schemas, service
from services.contracts.content import Content, Party
from services.contracts.views import ContractItem
from services.ground import audit, clock, reference
from services.ground.actor import Actor
from services.ground.errors import Forbidden, Invalid
from services.ground.web import decode_cursor, encode_cursor
from services.ground.workdays import Calendar

pages = APIRouter()
PER_PAGE = 50
VIEWS: dict[str, tuple[str, tuple[str, ...], str]] = {
    "queue": (N_("待办"), ("submitted", "accepted", "in_review", "expert_review"), "due"),
    "waiting": (N_("待补正"), ("supplement_requested",), "due"),
    "drafts": (N_("草稿"), ("draft", "refused"), "newest"),
    "registered": (N_("已登记"), ("registered",), "registered"),
    "ended": (N_("注销与撤销"), ("cancelled", "revoked"), "newest"),
    "all": (N_("全部"), (), "newest"),
}
ViewName = Annotated[str, Query(max_length=12)]


def names_of(session: Session, list_code: str) -> dict[str, str]:
    """Give the names of a code list."""
    return {entry.code: entry.name for entry in reference.entries(session, list_code)}


# -- lists --------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Row:
    """One contract of a list."""

    item: ContractItem
    category: str
    state: tuple[str, str]
    due: tuple[str, str]


@dataclass
class ListPage:
    """Everything contracts/list.html may use."""

    view: str
    views: list[tuple[str, str, bool]]
    rows: list[Row]
    groups: list[tuple[str, list[Row]]]
    """The queue by urgency; every other view in one piece without a heading."""
    next_url: str
    export_url: str
    q: str
    category: str
    year: str
    categories: list[tuple[str, str]]
    chips: list[tuple[str, str]]
    may_create: bool
    may_handle: bool
    may_read_ledger: bool


@pages.get("/contracts")
def show_list(
    *,
    request: Request,
    session: ReadSession,
    actor: CurrentActor,
    view: ViewName = "",
    q: Annotated[str, Query(max_length=100)] = "",
    category: Annotated[str, Query(max_length=40)] = "",
    year: Annotated[str, Query(max_length=4, pattern=r"^(\d{4})?$")] = "",
    state: Annotated[str, Query(max_length=24, description="One state: what a figure of the gap opens to.")] = "",
    region: Annotated[str, Query(max_length=12, description="Where the seller is.")] = "",
    cursor: Annotated[str | None, Query(max_length=400)] = None,
) -> HTMLResponse:
    """Show the contracts one may see: the queue of the desk first, for others all of them."""
    at_desk = any(grant.role in {"registrar", "station_clerk"} for grant in actor.grants)
    narrowed = q or year or state or region
    view = view if view in VIEWS else ("queue" if at_desk and not narrowed else "all")
    _name, states, order = VIEWS[view]
    if state in words.STATES:
        states, order = (state,), "due"
    wanted = schemas.ContractFilter(
        states=states,
        category=category or None,
        region=region or None,
        q=q or None,
        registered_year=int(year) if year and 1985 <= int(year) <= 2100 else None,
        order=order,
    )
    rows, more = service.list_contracts(session, actor, wanted, after=decode_cursor(cursor, 2), limit=PER_PAGE)
    counts = service.count_by_state(session, actor, wanted)
    categories = names_of(session, "contract_category")
    here = with_query("/contracts", view=view, q=q, category=category, year=year, state=state, region=region)
    calendar = service.calendar_of(session)
    lines = [_row(service.item_of(row), categories, calendar) for row in rows]
    page = ListPage(
        view=view,
        views=_views(view, counts, with_query(here, state=None)),
        rows=lines,
        groups=_by_urgency(lines) if view == "queue" else [("", lines)],
        next_url=with_query(here, cursor=encode_cursor(*more)) if more else "",
        export_url=_export_url(states, order, q=q, category=category, year=year, region=region),
        q=q,
        category=category,
        year=year,
        categories=list(categories.items()),
        chips=_chips(
            here,
            q=q,
            category=categories.get(category, ""),
            year=year,
            state=_(words.STATES[state]) if state in words.STATES else "",
            region=names_of(session, "region").get(region, region),
        ),
        may_handle=any(grant.role == "registrar" for grant in actor.grants),
        may_create=may_open_draft(actor),
        may_read_ledger=may_read_ledger(actor),
    )
    return render(request, "contracts/list.html", page)


def may_read_ledger(actor: Actor) -> bool:
    """Say whether the way to the lines of the ledger is shown."""
    return any(grant.role in {"registrar", "bureau_officer"} for grant in actor.grants)


def _views(view: str, counts: dict[str, int], here: str) -> list[tuple[str, str, bool]]:
    found = []
    for key, (name, states, _order) in VIEWS.items():
        number = sum(counts.get(state, 0) for state in states) if states else sum(counts.values())
        found.append((f"{_(name)} {number:,}", with_query(here, view=key), key == view))
    return found


def _export_url(states: tuple[str, ...], order: str, **filters: str) -> str:
    pairs = [*(("state", state) for state in states), ("order", order), *filters.items()]
    return "/api/v1/contracts?" + urlencode([(name, value) for name, value in pairs if value])


def _row(item: ContractItem, categories: dict[str, str], calendar: Calendar) -> Row:
    category = categories.get(item.contract_category or "", "")
    return Row(item, category.removesuffix(_("合同")), words.state_of(item), words.due_words(item, calendar))


def _by_urgency(rows: list[Row]) -> list[tuple[str, list[Row]]]:
    """Put what is late first, then today, later, and what waits to be accepted; empty groups are left out."""
    today = clock.today()
    groups: dict[str, list[Row]] = {_("逾期"): [], _("今天"): [], _("往后"): [], _("等受理"): []}
    late, now, later, unaccepted = groups.values()
    for row in rows:
        due = row.item.due_on
        (unaccepted if due is None else late if due < today else now if due == today else later).append(row)
    return [(name, found) for name, found in groups.items() if found]


def _chips(here: str, *, q: str, category: str, year: str, state: str = "", region: str = "") -> list[tuple[str, str]]:
    found = []
    if q:
        found.append((_("含“%(q)s”") % {"q": q}, with_query(here, q=None)))
    if category:
        found.append((category, with_query(here, category=None)))
    if state:
        found.append((state, with_query(here, state=None)))
    if region:
        found.append((_("卖方在%(r)s") % {"r": region}, with_query(here, region=None)))
    if year:
        found.append((_("%(y)s 年登记") % {"y": year}, with_query(here, year=None)))
    return found


# -- the lines of the ledger -----------------------------------------------------------------------------------------


@dataclass
class LedgerPage:
    """Everything contracts/ledger.html may use."""

    title: str
    lines: list[schemas.MovementLine]
    sums: schemas.Sums
    registrations: int
    ends: int
    figure: int | None
    share: str
    chips: list[tuple[str, str]]
    next_url: str
    kinds: dict[str, str]
    categories: dict[str, str]
    first: int


@pages.get("/contracts/ledger")
def show_ledger(
    *,
    request: Request,
    session: WriteSession,
    actor: CurrentActor,
    since: Annotated[date | None, Query()] = None,
    until: Annotated[date | None, Query()] = None,
    seller_region: Annotated[list[str] | None, Query(max_length=30)] = None,
    category: Annotated[str | None, Query(max_length=40)] = None,
    chain: Annotated[str | None, Query(max_length=40)] = None,
    home_output: Annotated[bool | None, Query()] = None,
    figure: Annotated[
        int | None, Query(ge=-(10**17), le=10**17, description="The figure this list explains, fen.")
    ] = None,
    n: Annotated[int, Query(ge=0, le=10**7)] = 0,
    cursor: Annotated[str | None, Query(max_length=400)] = None,
) -> HTMLResponse:
    """Show the lines that a figure is the sum of, with the sum on top. Looking is written into the audit trail."""
    wanted = schemas.MovementFilter(
        since=since,
        until=until,
        seller_regions=tuple(seller_region or ()),
        category=category or None,
        chain=chain or None,
        home_output=home_output,
    )
    place = decode_cursor(cursor, 2)
    after = (str(place[0]), place[1]) if place else None
    lines, more = service.list_movements(session, actor, wanted, after=after, limit=200)
    audit.record(session, actor, "contract.look_into_ledger", "movement", "", query=str(request.url.query)[:200])
    sums = service.sums(session, wanted)
    kinds = {row.keys[0]: row.sums.count for row in service.sums_by(session, ["kind"], wanted)}
    here = request.url.path + (f"?{request.url.query}" if request.url.query else "")
    page = LedgerPage(
        title=_ledger_title(session, wanted),
        lines=lines,
        sums=sums,
        registrations=kinds.get("registration", 0),
        ends=-(kinds.get("cancellation", 0) + kinds.get("revocation", 0)),
        figure=figure,
        share=_percent(sums.technical_amount_fen, sums.contract_amount_fen),
        chips=_ledger_chips(session, here, wanted),
        next_url=with_query(here, cursor=encode_cursor(*more), n=n + len(lines)) if more else "",
        kinds={key: _(text) for key, text in words.MOVEMENTS.items()},
        categories={key: name.removesuffix(_("合同")) for key, name in names_of(session, "contract_category").items()},
        first=n + 1,
    )
    return render(request, "contracts/ledger.html", page)


def _ledger_title(session: Session, wanted: schemas.MovementFilter) -> str:
    regions = names_of(session, "region")
    place = "、".join(regions.get(code, code) for code in wanted.seller_regions[:1])
    year = wanted.since and wanted.until and wanted.since.year == wanted.until.year
    period = _("%(y)s 年") % {"y": wanted.since.year} if year and wanted.since else ""
    return _("%(place)s%(period)s登记变动明细") % {"place": place, "period": period}


def _ledger_chips(session: Session, here: str, wanted: schemas.MovementFilter) -> list[tuple[str, str]]:
    regions, categories, chains = (names_of(session, name) for name in ("region", "contract_category", "chain"))
    found = []
    if wanted.since:
        found.append((_("从 %(d)s") % {"d": wanted.since}, with_query(here, since=None, cursor=None, n=None)))
    if wanted.until:
        found.append((_("到 %(d)s") % {"d": wanted.until}, with_query(here, until=None, cursor=None, n=None)))
    if wanted.seller_regions:
        names = "、".join(dict.fromkeys(regions.get(code, code) for code in wanted.seller_regions))
        found.append((_("卖方在%(r)s") % {"r": names}, with_query(here, seller_region=None, cursor=None, n=None)))
    for name, value, known in (("category", wanted.category, categories), ("chain", wanted.chain, chains)):
        if value:
            found.append((known.get(value, value), with_query(here, **{name: None}, cursor=None, n=None)))
    if wanted.home_output:
        found.append((_("只看计入指标的输出"), with_query(here, home_output=None, cursor=None, n=None)))
    return found


def _percent(part: int, whole: int) -> str:
    return f"{part * 100 / whole:.2f}" if whole else "—"


# -- a new one ---------------------------------------------------------------------------------------------------------


@dataclass
class NewPage:
    """Everything contracts/new.html may use."""

    asks_owner: bool
    """Somebody who belongs to no firm says for which one the draft is."""
    values: dict[str, str] = field(default_factory=dict)
    errors: FormErrors = field(default_factory=FormErrors)


@pages.get("/contracts/new")
def new_contract(request: Request, actor: CurrentActor) -> HTMLResponse:
    """Ask whether to open a draft: a GET writes nothing."""
    if not may_open_draft(actor):
        raise Forbidden("contract.create")
    return render(request, "contracts/new.html", NewPage(asks_owner(actor)))


def may_open_draft(actor: Actor) -> bool:
    """Say whether the way to a new draft is shown: to people of a firm, and to clerks, who write for the firms of theirs."""
    return bool(actor.organisation_ids or actor.on_behalf_of_id) or is_clerk(actor)


def is_clerk(actor: Actor) -> bool:
    """Say whether somebody writes at a station, wherever that is."""
    return any(grant.role == "station_clerk" for grant in actor.grants)


def asks_owner(actor: Actor) -> bool:
    """Say whether a draft has no firm unless one is named."""
    return not (actor.organisation_ids or actor.on_behalf_of_id)


@pages.post("/contracts/new")
def open_draft(*, request: Request, form: PostedForm, session: WriteSession, actor: CurrentActor) -> Response:
    """Open a draft with its title and go on to the form."""
    try:
        content = build(
            Content,
            {
                "contract_title": form.text("contract_title"),
                "is_confidential": {"yes": True, "no": False}.get(form.text("is_confidential")),
            },
        )
        if asks_owner(actor) and is_clerk(actor):
            firm = owner_of(session, actor, form)
            if firm is None:
                raise Invalid("owner", "required")
            seller = service.snapshot(firm, Party(role="seller", is_primary=True))
            content = content.model_copy(update={"parties": [seller]})
        contract = service.create_draft(session, actor, content)
    except Invalid as error:
        labels = words.labels() | {"owner": _("卖方单位")}
        page = NewPage(asks_owner(actor), form.values(), form_errors(error, labels))
        raise Again(render(request, "contracts/new.html", page, 422)) from error
    return see_other(request, f"/contracts/{contract.code}/edit", _("草稿已建好，填一部分存一部分"))
