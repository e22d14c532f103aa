"""The quality of matching, in public: what was measured last, and how."""

from dataclasses import dataclass

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse

from frontend.i18n import N_, _
from frontend.web import ReadSession, render
from search import text
from services.ground.web import access
from services.matching import service
from services.matching.match_schemas import LabelledQualityOut, MarketQualityOut, MeasuredOut, PartOut

pages = APIRouter()
MEASURES = {
    "judged": (N_("判过的排序"), N_("只看判过的记录，前 10 位排得好不好（nDCG@10）")),
    "full": (N_("全部的排序"), N_("没判过的一律当不对，前 10 位排得好不好（nDCG@10），是下限")),
    "recall": (N_("找全"), N_("对得上的记录有多少进了前 50 位（R@50）")),
    "mrr": (N_("第一个对的"), N_("第一个对得上的排在第几位，取倒数（MRR）")),
    "grade": (N_("强弱"), N_("强、较强、弱、无与判的差多少，1 为全对")),
}


@dataclass(frozen=True)
class Row:
    """One measure in words: ours, the reference, and the paired difference, each as they are printed."""

    name: str
    meaning: str
    ours: str
    interval: str
    reference: str
    difference: str


@dataclass
class QualityPage:
    """Everything matching/quality.html may use."""

    labelled: LabelledQualityOut | None
    market: MarketQualityOut | None
    rows: list[Row]
    hard: list[Row]
    """The same on the needs that are said otherwise than what answers them."""
    hard_needs: int
    market_facts: list[tuple[str, str]]
    chain_version: str


@pages.get("/quality", **access("market.look"))
def quality(request: Request, session: ReadSession) -> HTMLResponse:
    """Show the figures that were measured last, with their date and versions."""
    found = service.latest_quality(session)
    hard = next(iter(found.labelled.parts.values()), None) if found.labelled else None
    page = QualityPage(
        labelled=found.labelled,
        market=found.market,
        rows=_rows(found.labelled) if found.labelled else [],
        hard=_rows(hard) if hard else [],
        hard_needs=hard.needs if hard else 0,
        market_facts=_market(found.market) if found.market else [],
        chain_version=text.CHAIN_VERSION,
    )
    return render(request, "matching/quality.html", page)


def _rows(found: LabelledQualityOut | PartOut) -> list[Row]:
    return [
        Row(
            _(name),
            _(meaning),
            f"{found.measures[key].value:.3f}",
            _interval(found.measures[key]),
            f"{found.reference[key].value:.3f}" if key in found.reference else "—",
            f"{found.difference[key].value:+.3f} {_interval(found.difference[key])}"
            if key in found.difference
            else "—",
        )
        for key, (name, meaning) in MEASURES.items()
        if key in found.measures
    ]


def _interval(value: MeasuredOut) -> str:
    return f"[{value.low:.3f}, {value.high:.3f}]"


def _market(found: MarketQualityOut) -> list[tuple[str, str]]:
    return [
        (_("在找的需求"), _("%(n)s 条") % {"n": found.needs}),
        (_("有“强”的"), _share(found.with_strong, found.needs)),
        (_("有“较强”以上的"), _share(found.with_fairly_strong, found.needs)),
        (_("一条都对不上的"), _share(found.without_match, found.needs)),
        (_("近 30 天的搜索"), _("%(n)s 次") % {"n": found.searches}),
        (_("其中没有一条含全部词的"), _share(found.searches_empty, found.searches)),
    ]


def _share(part: int, whole: int) -> str:
    if not whole:
        return _("还没有")
    return _("%(n)s 条，占 %(p)s%%") % {"n": part, "p": f"{part / whole * 100:.1f}"}
