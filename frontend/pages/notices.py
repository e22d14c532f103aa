"""The notice box, how one wants to be told, and the one click that stops the mails."""

from dataclasses import dataclass

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse, Response

from frontend import i18n, notice_texts
from frontend.i18n import _
from frontend.web import CurrentActor, PostedForm, ReadSession, WriteSession, build, render, see_other
from services.ground.web import access
from services.notices import service
from services.notices.schemas import ChoiceIn, NoticeOut

pages = APIRouter()
PER_PAGE = 50


@dataclass
class BoxPage:
    """Everything notices/box.html may use."""

    rows: list[tuple[NoticeOut, str]]
    more: str
    choice: ChoiceIn
    kinds: list[tuple[str, str]]
    wanted: list[str]


@dataclass
class StopPage:
    """Everything notices/stop.html may use."""

    key: str
    done: bool
    kind: str
    kind_name: str


@pages.get("/notices", **access("account.use"))
def box(request: Request, session: ReadSession, actor: CurrentActor, before: int | None = None) -> HTMLResponse:
    """Show what one was told, newest first."""
    found = service.box(session, actor, before=before if before and 0 < before < 2**31 else None, limit=PER_PAGE)
    choice = service.choice_of(session, actor)
    kinds = notice_texts.kinds()
    page = BoxPage(
        rows=[(notice, notice_texts.sentence(notice)) for notice in found],
        more=f"/notices?before={found[-1].id}" if len(found) == PER_PAGE else "",
        choice=choice,
        kinds=kinds,
        wanted=[kind for kind, _name in kinds if kind not in choice.stopped],
    )
    return render(request, "notices/box.html", page)


@pages.post("/notices", **access("account.use"))
def change(request: Request, form: PostedForm, session: WriteSession, actor: CurrentActor) -> Response:
    """Mark all as read, or choose how to be told."""
    if form.action == "choose":
        wanted = set(form.texts("kinds"))
        stopped = [kind for kind, _name in notice_texts.kinds() if kind not in wanted]
        data = build(ChoiceIn, {"mail": form.text("mail"), "stopped": stopped, "language": i18n.language()})
        service.choose(session, actor, data)
        return see_other(request, "/notices", _("已记下怎么通知您"))
    service.read(session, actor)
    return see_other(request, "/notices", _("都标为已读了"))


@pages.get("/notices/{notice_id}/open", **access("account.use"))
def follow(request: Request, notice_id: int, session: WriteSession, actor: CurrentActor) -> Response:
    """Mark a notice as read and go where it leads."""
    return see_other(request, service.read(session, actor, min(notice_id, 2**31 - 1)) or "/notices")


@pages.get("/notices/stop/{key}", **access("account.sign_in"))
def ask_stop(request: Request, key: str, kind: str = "") -> HTMLResponse:
    """Ask before stopping: programs that open every link of a mail must not stop anything."""
    return render(request, "notices/stop.html", _stop_page(key, kind, done=False))


@pages.post("/notices/stop/{key}", **access("account.sign_in"))
def stop(request: Request, key: str, form: PostedForm, session: WriteSession) -> HTMLResponse:
    """Stop the mails, or one kind of notice, without signing in."""
    kind = form.text("kind")
    service.stop_mail(session, key, kind)
    return render(request, "notices/stop.html", _stop_page(key, kind, done=True))


def _stop_page(key: str, kind: str, *, done: bool) -> StopPage:
    name = notice_texts.KIND_NAMES.get(kind, "")
    return StopPage(key, done, kind if name else "", _(name) if name else "")
