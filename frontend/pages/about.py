"""What the market says of itself: definitions, how matches are ranked, access, and the list of its API routes."""

import re
from dataclasses import dataclass
from typing import Any

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse

from frontend import i18n
from frontend.i18n import _
from frontend.web import render
from services.ground.web import access

pages = APIRouter()


@dataclass
class TextPage:
    """Everything about/text.html may use."""

    heading: str
    paragraphs: list[str]


@dataclass
class DocsPage:
    """Everything about/docs.html may use."""

    routes: list[tuple[str, str, str, str, str]]


def _text(request: Request, heading: str, *paragraphs: str) -> HTMLResponse:
    return render(request, "about/text.html", TextPage(heading, list(paragraphs)))


@pages.get("/about", **access("market.look"))
def about(request: Request) -> HTMLResponse:
    """Say what this is."""
    return _text(
        request,
        _("关于本站"),
        _(
            "企业说难题，高校院所说本事，技术经理人牵线，登记的技术合同汇成一个指标。本站由开源程序 yaosu 要素运行，许可为 Apache-2.0。"
        ),
        _("公开的内容不登录就能看；标为“对接后可见”的，双方确认对接之后才互相打开。"),
    )


@pages.get("/about/statistics", **access("market.look"))
def statistics(request: Request) -> HTMLResponse:
    """Say how the indicator is defined."""
    return _text(
        request,
        _("统计口径"),
        _("比重 = 当年登记的技术合同成交额 ÷ 当年地区生产总值 × 100，保留两位小数，四舍五入，按未取整的数计算。"),
        _("成交额按登记日期归年，只算首位卖方在本市的合同（输出），不含技术进口；成交额不等于技术交易额。"),
        _("每个数都是登记变动之和：登记为加，变更为增减，注销和撤销为减，各归其发生之日。"),
        _("公开页是最近一次公布的截数；合同少于 3 项或一家卖方占八成以上的格不公布，并再藏一格，使其不能由合计推出。"),
    )


@pages.get("/about/accessibility", **access("market.look"))
def accessibility(request: Request) -> HTMLResponse:
    """Say what is done for everybody to be able to use the pages, and what was not tried."""
    return _text(
        request,
        _("无障碍说明"),
        _("全部页面不用脚本、只用键盘也能使用；状态用图标、文字和颜色一起表示；375 像素宽的手机上没有横向滚动。"),
        _("还没有请读屏软件的使用者试过；发现不便请告诉我们。"),
    )


@pages.get("/docs", **access("market.look"))
def docs(request: Request) -> HTMLResponse:
    """List the routes of the API with who may call them; the whole description is at /openapi.json."""
    routes = [
        (
            method.upper(),
            path,
            operation.get("summary", "") if i18n.language() == "zh" else _first_line(operation),
            operation.get("x-scope") or "",
            _(operation.get("x-policy", "")),
        )
        for path, item in sorted(request.app.openapi()["paths"].items())
        for method, operation in item.items()
    ]
    return render(request, "about/docs.html", DocsPage(routes))


def _first_line(operation: dict[str, Any]) -> str:
    """Give what a route does in English: the first sentence of its description."""
    first = str(operation.get("description", "")).split("\n")[0]
    # Chinese terms in brackets are for readers of the code.
    return re.sub(r"\s*\([^()]*[\u4e00-\u9fff][^()]*\)?", "", first)
