"""The curator's page: what people searched for in vain or did not open, and the synonyms that help the next one."""

import re
from dataclasses import dataclass, field

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse, Response
from sqlmodel import Session

from frontend.i18n import _
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
)
from services.ground.actor import Actor
from services.ground.errors import BadRequest, Conflict, Invalid
from services.ground.web import access
from services.matching import service
from services.matching.schemas import QueryOut, SynonymIn, SynonymOut

pages = APIRouter()
ADDRESS = "/search/words"
LABELS = {"words": "几个意思一样的词", "words.*": "第 {n} 个词", "kind": "用在哪里"}
_BETWEEN_WORDS = re.compile(r"[|、，,；;\n]+|\s{2,}")


@dataclass
class WordsPage:
    """Everything search/words.html may use."""

    empty: list[QueryOut]
    low_click: list[QueryOut]
    added: list[SynonymOut]
    values: dict[str, str] = field(default_factory=dict)
    errors: FormErrors = field(default_factory=FormErrors)


def _page(session: Session, actor: Actor, **more: object) -> WordsPage:
    return WordsPage(
        service.troubled(session, actor, sort="empty"),
        service.troubled(session, actor, sort="low_click", limit=20),
        service.added_synonyms(session, actor),
        **more,  # type: ignore[arg-type]
    )


@pages.get(ADDRESS, **access("search.curate"))
def show(request: Request, session: ReadSession, actor: CurrentActor) -> HTMLResponse:
    """Show both lists; a word of one of them is put into the form by its link."""
    values = {"words": request.query_params.get("word", "")[:80], "kind": "term"}
    return render(request, "search/words.html", _page(session, actor, values=values))


@pages.post(ADDRESS, **access("search.curate"))
def add(request: Request, form: PostedForm, session: WriteSession, actor: CurrentActor) -> Response:
    """Add synonyms, or show what has to be mended."""
    words = [word.strip() for word in _BETWEEN_WORDS.split(form.text("words")) if word.strip()]
    try:
        service.add_synonym(session, actor, build(SynonymIn, {"kind": form.text("kind") or "term", "words": words}))
    except (Invalid, Conflict) as error:
        wrong = error if isinstance(error, Invalid) else Invalid("words", error.code, **error.params)
        values = {"words": form.text("words"), "kind": form.text("kind") or "term"}
        page = _page(session, actor, values=values, errors=form_errors(wrong, LABELS))
        raise Again(render(request, "search/words.html", page, 422)) from error
    return see_other(request, ADDRESS, _("已加上，下一次搜索就用。"))


@pages.post(ADDRESS + "/remove", **access("search.curate"))
def remove(request: Request, form: PostedForm, session: WriteSession, actor: CurrentActor) -> Response:
    """Take a group of synonyms out of use."""
    number = form.text("number")
    if not (number.isascii() and number.isdecimal() and len(number) < 10):
        raise BadRequest
    service.remove_synonym(session, actor, int(number))
    return see_other(request, ADDRESS, _("已撤掉"))
