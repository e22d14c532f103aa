"""The page of one need, result, patent or expert: what it says, whose turn it is, and what fits it with reasons."""

from dataclasses import dataclass, field

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse

from frontend.i18n import N_, _
from frontend.labels import label, together
from frontend.pages import matches
from frontend.pages.public import NOUNS
from frontend.pages.search_parts import searched_before
from frontend.web import CurrentActor, ReadSession, TheMarket, render
from services.accounts import shown
from services.follows import service as follows
from services.ground import clock, money, reference, regions
from services.ground.errors import NotFound
from services.ground.permissions import Thing, may, require
from services.ground.web import access
from services.listings import service as listings
from services.listings.schemas import ListingView
from services.matching import rules as words
from services.matching import service as matching
from services.matching.parameters import SIGNS

pages = APIRouter()
STATES = {
    "draft": (N_("草稿"), "plain"),
    "submitted": (N_("等审核"), "warn"),
    "published": (N_("已发布"), "ok"),
    "returned": (N_("退回，等修改"), "bad"),
    "withdrawn": (N_("已撤下"), "plain"),
    "fulfilled": (N_("已解决"), "ok"),
    "expired": (N_("已过期"), "warn"),
    "archived": (N_("已归档"), "warn"),
}
LEVELS = {
    "after_contact": N_("对接后可见"),
    "after_confidentiality": N_("保密协议后可见"),
    "own_side": N_("仅本方可见"),
}
HIDEABLE = {
    "owner": N_("单位名称"),
    "budget": N_("预算"),
    "body": N_("说明"),
    "parameters": N_("技术指标"),
    "deadline": N_("期限"),
    "tried": N_("试过的办法"),
    "conditions": N_("现场条件"),
}


@dataclass
class RecordPage:
    """Everything public/record.html may use."""

    record: ListingView
    state: tuple[str, str]
    facts: list[tuple[str, str]]
    hidden: list[tuple[str, str]]
    days: int | None
    fits: matches.Fits
    may_edit: bool
    may_moderate: bool
    signs: dict[str, str]
    crumbs: list[tuple[str, str]]
    followed: bool
    told: list[tuple[str, str]]
    takes_contact: bool = True
    by_expert: bool = False
    by_reader: bool = False
    """The entry is about this reader, who alone decides what of it is shown."""


@dataclass
class WithdrawPage:
    """Everything listings/withdraw.html may use."""

    record: ListingView
    crumbs: list[tuple[str, str]] = field(default_factory=list)


def _show(noun: str, kind: str) -> object:
    def show(request: Request, code: str, session: ReadSession, actor: CurrentActor, market: TheMarket) -> HTMLResponse:
        record = listings.get_visible(session, actor, code, working=True)
        if record.kind != kind:
            raise NotFound(kind, code)
        if searched := searched_before(request):
            matching.note_click(market, searched)
        found = matches.of_record(session, actor, market, record)
        page = RecordPage(
            record=record,
            state=(_(STATES[record.state][0]), STATES[record.state][1]),
            facts=_facts(record),
            hidden=[
                (_(HIDEABLE.get(name, name)), _(LEVELS.get(level, level))) for name, level in record.hidden.items()
            ],
            days=_days(record),
            fits=found,
            may_edit=may(actor, "listing.edit", _thing(record)),
            may_moderate=record.state == "submitted" and may(actor, "listing.moderate", _thing(record)),
            signs=SIGNS,
            crumbs=_crumbs(record, noun),
            told=_told(record),
            followed=follows.is_followed(session, actor, code),
        )
        if kind == "expert":
            choice = shown.one(session, "expert", code)
            page.takes_contact, page.by_expert = "contact" in choice.fields, choice.person_id is not None
            page.by_reader = shown.may_choose_alone(actor, choice)
        return render(request, "public/record.html", page)

    return show


for _noun, _kind in NOUNS.items():
    pages.add_api_route(f"/{_noun}/{{code}}", _show(_noun, _kind), methods=["GET"], **access("listing.see"))  # type: ignore[arg-type]


@pages.get("/listings/{code}/withdraw", **access("listing.edit"))
def ask_withdraw(request: Request, code: str, session: ReadSession, actor: CurrentActor) -> HTMLResponse:
    """Say what withdrawing does before it is done."""
    record = listings.get_visible(session, actor, code, working=True)
    require(actor, "listing.withdraw", _thing(record))
    return render(
        request, "listings/withdraw.html", WithdrawPage(record, [(record.title, record.url), (_("撤下"), "")])
    )


def _thing(record: ListingView) -> Thing:
    return Thing(
        "listing",
        record.code,
        organisation_ids=frozenset({record.owner_id}),
        region_code=record.region_code,
        state=record.state,
    )


def _days(record: ListingView) -> int | None:
    return (clock.now() - record.confirmed_at).days if record.confirmed_at else None


def _crumbs(record: ListingView, noun: str) -> list[tuple[str, str]]:
    crumbs = [(_(words.LABELS["kind"][record.kind]), f"/{noun}")]
    if record.chain:
        crumbs.append((reference.name_of("chain", record.chain), f"/search?kind={record.kind}&chain={record.chain}"))
    if record.subfield:
        crumbs.append(
            (reference.name_of("subfield", record.subfield), f"/search?kind={record.kind}&subfield={record.subfield}")
        )
    return [*crumbs, (record.code, "")]


def _told(record: ListingView) -> list[tuple[str, str]]:
    """Give what the clinic asked for, as far as this reader may see it."""
    names = {
        "plain": _("换个说法"),
        "tried": _("试过的办法"),
        "conditions": _("现场条件"),
        "acceptance": _("怎样算做成了"),
        "position": _("职务"),
        "fields": _("研究方向"),
    }
    found = [(label, str(record.details.get(name) or "")) for name, label in names.items()]
    keywords = record.details.get("keywords")
    if isinstance(keywords, list) and keywords:
        found.append((_("关键词"), "、".join(str(item) for item in keywords)))
    return found if any(value for _label, value in found) else []


def _facts(record: ListingView) -> list[tuple[str, str]]:
    budget = [money.wan(value) for value in (record.budget_low_fen, record.budget_high_fen) if value is not None]
    facts = [
        (_("单位"), record.owner_name or (_("本人不公开") if record.kind == "expert" else _("对接后可见"))),
        (_("县市区"), regions.name_of(record.region_code)),
        (_("创新链"), reference.name_of("chain", record.chain)),
        (_("细分领域"), reference.name_of("subfield", record.subfield)),
        (
            _("预算（万元）") if record.kind == "need" else _("价格（万元）"),
            "–".join(budget) or (_("对接后可见") if "budget" in record.hidden else ""),
        ),
        (_("期限"), record.deadline.isoformat() if record.deadline else ""),
        (_("合作方式"), together([label("cooperation", item) for item in record.cooperation])),
        (_("专利号"), record.number or ""),
        (_("法律状态"), label("state_of_patent", str(record.details.get("legal_status") or ""))),
    ]
    return [(name, value) for name, value in facts if value]
