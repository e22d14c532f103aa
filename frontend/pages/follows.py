"""Saved searches, followed records, and confirming a record by the link of a mail."""

from dataclasses import dataclass
from urllib.parse import parse_qs

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse, Response

from frontend.i18n import _
from frontend.labels import label, together
from frontend.web import CurrentActor, PostedForm, ReadSession, WriteSession, build, local_path, render, see_other
from services.follows import service
from services.follows.service import FollowRow, SearchIn
from services.ground import identifiers
from services.ground.errors import Invalid
from services.ground.web import access
from services.listings import freshness
from services.listings.schemas import ListingRef
from services.matching.service import FACETS

pages = APIRouter()


@dataclass
class FollowsPage:
    """Everything follows/show.html may use."""

    searches: list[tuple[int, str, str, str]]
    followed: list[FollowRow]


@dataclass
class ConfirmPage:
    """Everything follows/confirm.html may use."""

    token: str
    record: ListingRef
    url: str
    done: bool


@pages.get("/follows", **access("account.use"))
def show(request: Request, session: ReadSession, actor: CurrentActor) -> HTMLResponse:
    """Show what one has kept and follows."""
    rows = [
        (
            row.id,
            row.name,
            service.address(row.words, row.filters),
            together([label(name, value) for name, values in row.filters.items() for value in values]),
        )
        for row in service.searches(session, actor)
    ]
    return render(request, "follows/show.html", FollowsPage(rows, service.followed(session, actor)))


@pages.post("/follows", **access("account.use"))
def change(request: Request, form: PostedForm, session: WriteSession, actor: CurrentActor) -> Response:
    """Keep the search of a page, drop one, follow or unfollow a record, as the button says."""
    act, _dot, what = form.action.partition(":")
    if act == "keep":
        query = parse_qs(form.text("query"), max_num_fields=200)
        filters = {name: values[:50] for name, values in query.items() if name in FACETS}
        typed = query.get("q", [""])[0]
        labels = together([label(name, value) for name, values in filters.items() for value in values])
        name = (typed or labels or _("全部记录"))[:100]
        service.keep(session, actor, build(SearchIn, {"name": name, "words": typed, "filters": filters}))
        return see_other(request, "/follows", _("已存下。有新内容就通知您"))
    if act == "drop" and what.isdecimal():
        service.drop(session, actor, min(int(what), 2**31 - 1))
        return see_other(request, "/follows", _("已删去"))
    if act == "follow":
        service.follow(session, actor, what)
        return see_other(request, identifiers.path_of(what), _("已关注，有变化就通知您"))
    if act == "unfollow":
        service.unfollow(session, actor, what)
        return see_other(request, local_path(form.text("back"), "/follows"), _("不再关注"))
    raise Invalid("do", "literal_error")


@pages.get("/confirm/{token}", **access("account.sign_in"))
def ask_confirm(request: Request, token: str, session: ReadSession) -> HTMLResponse:
    """Show what would be confirmed. Programs that open every link of a mail confirm nothing by it."""
    record = freshness.link_target(session, token)
    url = identifiers.path_of(record.code)
    return render(request, "follows/confirm.html", ConfirmPage(token, record, url, done=False))


@pages.post("/confirm/{token}", **access("account.sign_in"))
def confirm(request: Request, token: str, form: PostedForm, session: WriteSession) -> HTMLResponse:  # noqa: ARG001
    """Confirm without signing in; the link is used up."""
    record = freshness.confirm_by_link(session, token)
    url = identifiers.path_of(record.code)
    return render(request, "follows/confirm.html", ConfirmPage("", record, url, done=True))
