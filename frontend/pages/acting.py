"""For whom a station clerk acts: chosen at a firm's page, said on every page, given up with one click."""

from fastapi import APIRouter, Request
from fastapi.responses import Response

from frontend.i18n import _
from frontend.web import CurrentActor, PostedForm, WriteSession, local_path, see_other
from services.accounts import sessions
from services.ground.web import access

pages = APIRouter()


@pages.post("/acting", **access("account.use"))
def act(request: Request, form: PostedForm, session: WriteSession, actor: CurrentActor) -> Response:
    """Act for a firm from now on, or for oneself again."""
    number = getattr(request.state, "session_id", 0)
    firm = sessions.act_on_behalf(session, actor, number, form.text("organisation")[:20])
    said = _("现在替“%(o)s”办事") % {"o": firm.name} if firm else _("换回自己了")
    return see_other(request, local_path(form.text("back"), "/desk"), said)
