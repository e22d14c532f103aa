"""Pages for what went wrong: what happened, where, and how to go on. Input that was typed stays in the browser's form."""

from dataclasses import dataclass

from fastapi import APIRouter, Request
from fastapi.responses import Response

from frontend import texts
from frontend.i18n import N_, _
from frontend.web import render
from services.ground import audit
from services.ground.errors import DomainError, Gone

pages = APIRouter()
HEADINGS = {
    400: N_("读不懂这个请求"),
    401: N_("请先登录"),
    403: N_("您没有这个权限"),
    404: N_("没有这个页面或记录"),
    405: N_("这个地址不能这样用"),
    409: N_("现在不能这样做"),
    410: N_("这条记录已撤下"),
    412: N_("别人先改过了"),
    413: N_("太大了"),
    422: N_("有要改的地方"),
    429: N_("太频繁了，歇一会儿再来"),
    500: N_("程序出了错"),
    503: N_("暂时不可用"),
}
WAYS = {
    401: N_("登录后会回到刚才的页面。"),
    403: N_("换一个有权限的账号，或请单位管理员、市场管理员开通。"),
    404: N_("检查编号有没有写错；没有公开的记录只有本单位看得到。"),
    409: N_("回到上一页刷新，看看现在到了哪一步。"),
    410: N_("地址会一直保留；可以搜索相近的需求和成果。"),
    412: N_("回到上一页，您写的还在表单里；刷新后对照再改。"),
    413: N_("把文件拆小，或用命令行导入。"),
    429: N_("等几分钟再试，已经写好的内容不会丢。"),
    500: N_("没有写入任何内容。请记下编号告诉管理员。"),
    503: N_("什么都没有丢；几分钟后再试。"),
}


@dataclass
class ErrorPage:
    """Everything errors/error.html may use."""

    status: int
    heading: str
    message: str
    way: str
    fields: list[tuple[str, str]]
    tombstone: str
    number: str
    """The request's number, under which the log tells more."""


def error_page(request: Request, error: DomainError, status: int, headers: dict[str, str] | None = None) -> Response:
    """Render the page of an error."""
    page = ErrorPage(
        status=status,
        heading=_(HEADINGS.get(status, HEADINGS[500])),
        message=texts.message_of(error),
        way=_(WAYS[status]) if status in WAYS else "",
        fields=[(item.field, texts.message_of(item)) for item in error.fields],
        tombstone=str(error.params["title"]) if isinstance(error, Gone) else "",
        number=audit.request_id.get() if status >= 500 else "",
    )
    return render(request, "errors/error.html", page, status, headers)
