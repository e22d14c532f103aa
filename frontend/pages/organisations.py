"""Claiming an organisation with its papers, deciding claims, and merging doubles (with undo)."""

from dataclasses import dataclass, field
from urllib.parse import quote

from fastapi import APIRouter, Request
from fastapi.responses import FileResponse, HTMLResponse, Response

from frontend.i18n import _
from frontend.web import (
    Again,
    CurrentActor,
    FormErrors,
    PostedForm,
    ReadSession,
    TheMarket,
    WriteSession,
    form_errors,
    render,
    see_other,
)
from services.accounts import claims
from services.accounts import service as accounts
from services.accounts.claims import ClaimRow
from services.accounts.schemas import OrganisationOut
from services.ground import files
from services.ground.errors import Invalid
from services.ground.permissions import require
from services.ground.web import access
from services.listings import merging
from services.notices import decisions

pages = APIRouter()


@dataclass
class ClaimPage:
    """Everything organisations/claim.html may use."""

    organisation: OrganisationOut
    note: str = ""
    errors: FormErrors = field(default_factory=FormErrors)


@dataclass
class ClaimsPage:
    """Everything organisations/claims.html may use."""

    rows: list[ClaimRow]
    errors: FormErrors = field(default_factory=FormErrors)


@dataclass
class MergePage:
    """Everything organisations/merge.html may use."""

    organisation: OrganisationOut
    merged_into: str
    into: str = ""
    errors: FormErrors = field(default_factory=FormErrors)


@pages.get("/organisations/{code}/claim", **access("account.use"))
def claim_form(request: Request, code: str, session: ReadSession) -> HTMLResponse:
    """Ask for the paper that shows whose the organisation is."""
    return render(request, "organisations/claim.html", ClaimPage(accounts.organisation_by_code(session, code)))


@pages.post("/organisations/{code}/claim", **access("account.use"))
def claim(
    request: Request, code: str, form: PostedForm, session: WriteSession, actor: CurrentActor, market: TheMarket
) -> Response:
    """Hand the paper in."""
    out = accounts.organisation_by_code(session, code)
    try:
        paper = form.file("paper")
        if paper is None:
            raise Invalid("paper", "missing")
        claims.claim(session, actor, market.settings, code, paper.file, paper.filename or "", form.text("note"))
    except Invalid as error:
        page = ClaimPage(out, form.text("note"), form_errors(error, {"paper": _("证件"), "note": _("说明")}))
        raise Again(render(request, "organisations/claim.html", page, 422)) from error
    return see_other(request, out.url, _("材料已交，核实后通知您"))


@pages.get("/claims", **access("organisation.verify"))
def waiting(request: Request, session: ReadSession, actor: CurrentActor) -> HTMLResponse:
    """Show the claims that wait."""
    return render(request, "organisations/claims.html", ClaimsPage(claims.waiting(session, actor)))


@pages.get("/claims/{number}/paper", **access("organisation.verify"))
def paper(number: int, session: WriteSession, actor: CurrentActor, market: TheMarket) -> Response:
    """Hand out the paper of a claim, as a download only."""
    stored = claims.paper_of(session, actor, min(number, 2**31 - 1))
    headers = {"Content-Disposition": f"attachment; filename*=UTF-8''{quote(stored.name)}", "Cache-Control": "no-store"}
    return FileResponse(files.path_to(market.settings, stored), media_type=stored.media_type, headers=headers)


@pages.post("/claims/{number}", **access("organisation.verify"))
def decide(request: Request, number: int, form: PostedForm, session: WriteSession, actor: CurrentActor) -> Response:
    """Accept a claim, or refuse it with reasons; the person is told."""
    accept = form.action == "accept"
    try:
        decisions.decide_claim(session, actor, min(number, 2**31 - 1), form.text("reasons"), accept=accept)
    except Invalid as error:
        page = ClaimsPage(claims.waiting(session, actor), form_errors(error, {"reasons": _("不通过的原因")}))
        raise Again(render(request, "organisations/claims.html", page, 422)) from error
    return see_other(request, "/claims", _("已办好"))


@pages.get("/organisations/{code}/merge", **access("organisation.verify"))
def merge_form(request: Request, code: str, session: ReadSession, actor: CurrentActor) -> HTMLResponse:
    """Ask into which organisation a double goes, and say what follows."""
    out = accounts.organisation_by_code(session, code)
    require(actor, "organisation.verify", accounts.thing_of(out))
    return render(request, "organisations/merge.html", MergePage(out, claims.merged_into(session, code)))


@pages.post("/organisations/{code}/merge", **access("organisation.verify"))
def merge(request: Request, code: str, form: PostedForm, session: WriteSession, actor: CurrentActor) -> Response:
    """Merge, or undo a merge."""
    out = accounts.organisation_by_code(session, code)
    if form.action == "undo":
        count = merging.undo(session, actor, code)
        return see_other(request, out.url, _("已拆回，%(n)s 条供需信息也回来了") % {"n": count})
    into = form.text("into").upper()
    if not into:
        error = Invalid("into", "missing")
        page = MergePage(out, "", into, form_errors(error, {"into": _("并入哪一家")}))
        raise Again(render(request, "organisations/merge.html", page, 422))
    count = merging.merge(session, actor, code, into)
    return see_other(request, out.url, _("已并入，%(n)s 条供需信息一起过去了") % {"n": count})
