"""The desk: one contract, its moves, the verified amounts, its papers."""

from collections.abc import Callable
from typing import Any

from fastapi import APIRouter, Request
from fastapi.responses import FileResponse, HTMLResponse, Response
from sqlmodel import Session

from frontend.i18n import N_, _
from frontend.pages import contracts_words as words
from frontend.pages.contracts_view import contract_page
from frontend.texts import message_of
from frontend.web import (
    Again,
    CurrentActor,
    Form,
    FormErrors,
    PostedForm,
    ReadSession,
    TheMarket,
    WriteSession,
    build,
    form_errors,
    render,
    see_other,
)
from services.contracts import service
from services.contracts.content import Review
from services.contracts.rules import technical_amount
from services.contracts.schemas import ReasonIn, RefusalIn
from services.contracts.views import ContractOut
from services.ground import files, money
from services.ground.actor import Actor
from services.ground.errors import Conflict, DomainError, FieldError, Invalid, StaleVersion
from services.ground.market import Market

pages = APIRouter()


@pages.get("/contracts/{code}")
def show_contract(request: Request, code: str, session: ReadSession, actor: CurrentActor) -> HTMLResponse:
    """Show a contract: amounts, parties, checks, and what this reader may do next."""
    return render(request, "contracts/show.html", contract_page(session, actor, code))


@pages.get("/contracts/{code}/print")
def print_contract(request: Request, code: str, session: ReadSession, actor: CurrentActor) -> HTMLResponse:
    """Show the registration form as it is printed, with the amounts in capital words."""
    return render(request, "contracts/print.html", contract_page(session, actor, code))


# -- moves -----------------------------------------------------------------------------------------------------------

Press = Callable[[Session, Actor, str, Form], Any]

DECIDE: dict[str, tuple[Press, str]] = {
    "return": (
        lambda s, a, c, f: service.request_supplement(s, a, c, _reason(f), expected=f.version()),
        N_("已退回补正"),
    ),
    "supplement": (
        lambda s, a, c, f: service.request_supplement(s, a, c, _reason(f), expected=f.version()),
        N_("已要求补正，时限暂停"),
    ),
    "accept": (lambda s, a, c, f: service.accept(s, a, c, expected=f.version()), N_("已受理，时限从今天起算")),
    "review": (lambda s, a, c, f: service.start_review(s, a, c, expected=f.version()), N_("已开始审核")),
    "experts": (lambda s, a, c, f: service.ask_experts(s, a, c, _reason(f), expected=f.version()), N_("已送专家评审")),
    "approve": (lambda s, a, c, f: service.approve(s, a, c, expected=f.version()), N_("初审通过，请另一位登记员复核")),
    "unapprove": (lambda s, a, c, f: service.unapprove(s, a, c, expected=f.version()), N_("已撤回初审")),
    "refuse": (
        lambda s, a, c, f: service.refuse(
            s, a, c, RefusalIn(ground=f.optional("ground"), reason=f.optional("reason")), expected=f.version()
        ),
        N_("已作出不予登记的决定"),
    ),
    "submit": (lambda s, a, c, f: service.submit(s, a, c, expected=f.version()), N_("已提交，等登记机构受理")),
    "reopen": (lambda s, a, c, f: service.reopen(s, a, c, expected=f.version()), N_("已转为草稿，可以修改后再报")),
}


def _nothing(_session: Session, _actor: Actor, _code: str, _form: Form) -> None:
    raise Invalid("decision", "literal_error")


NOTHING_CHOSEN: tuple[Press, str] = (_nothing, "")


def _reason(form: Form) -> ReasonIn:
    text = form.text("reason")
    if len(text) > 500:
        raise Invalid("reason", "string_too_long", max_length=500)
    return ReasonIn(reason=text)


@pages.post("/contracts/{code}/decide")
def decide(
    *, request: Request, code: str, form: PostedForm, session: WriteSession, actor: CurrentActor, market: TheMarket
) -> Response:
    """Make the move that was chosen; one that came too late shows the contract as it now is."""
    try:
        move, said = DECIDE.get(form.text("decision"), NOTHING_CHOSEN)
        move(session, actor, code, form)
    except (Invalid, Conflict, StaleVersion) as error:
        raise _again(request, market, actor, code, error=error, form=form) from error
    return see_other(request, f"/contracts/{code}", _(said))


@pages.post("/contracts/{code}/verify")
def verify(
    *, request: Request, code: str, form: PostedForm, session: WriteSession, actor: CurrentActor, market: TheMarket
) -> Response:
    """Keep the verified amounts, the papers and the checks by eye."""
    try:
        contract = service.get_visible(session, actor, code)
        service.save_review(session, actor, code, _review(form, contract), expected=form.version())
    except (Invalid, Conflict, StaleVersion) as error:
        raise _again(request, market, actor, code, error=error, form=form) from error
    return see_other(request, f"/contracts/{code}", _("核定和检查已保存"))


def _review(form: Form, contract: ContractOut) -> Review:
    wrong: list[FieldError] = []
    claimed = contract.content.non_technical_items
    items = []
    for index in range(len(claimed) + 3):
        name = f"verification.items.{index}.amount_fen"
        if not form.text(name):
            continue
        amount = money_of(form, name, wrong)
        theirs = claimed[index] if index < len(claimed) else None
        kind = form.text(f"verification.items.{index}.kind") or (theirs.kind if theirs else None) or "OTHER"
        if theirs or amount:
            evidence = form.optional(f"verification.items.{index}.evidence") or (theirs.evidence if theirs else None)
            label = form.optional(f"verification.items.{index}.name") or (theirs.name if theirs else None)
            items.append({"kind": kind, "name": label, "amount_fen": amount or 0, "evidence": evidence})
    whole = money_of(form, "verification.contract_amount_fen", wrong)
    if whole is None and not wrong:
        wrong.append(FieldError("verification.contract_amount_fen", "required"))
    if wrong:
        raise Invalid(wrong)
    assert whole is not None
    technical = technical_amount(whole, [(str(item["kind"]), int(str(item["amount_fen"]))) for item in items])
    if technical < 0:
        raise Invalid("verification.contract_amount_fen", "items_above_contract")
    papers = {
        key.removeprefix("papers."): value
        for key, value in form.values().items()
        if key.startswith("papers.") and value in {"present", "missing", "not_applicable"}
    }
    return build(
        Review,
        {
            "papers": papers,
            "title_matches_content": answer_of(form, "title_matches_content"),
            "price_is_clear": answer_of(form, "price_is_clear"),
            "seals_match": answer_of(form, "seals_match"),
            "note": form.optional("note"),
            "verification": {
                "contract_amount_fen": whole,
                "technical_amount_fen": technical,
                "items": items,
                "reason": form.optional("verification.reason"),
            },
        },
    )


def money_of(form: Form, name: str, wrong: list[FieldError]) -> int | None:
    """Read an amount as people write it; what cannot be read is added to `wrong`."""
    text = form.text(name)
    if not text:
        return None
    try:
        amount = money.parse(text)
    except ValueError:
        wrong.append(FieldError(name, "amount_unreadable"))
        return None
    if amount < 0:
        wrong.append(FieldError(name, "amount_negative"))
        return None
    return amount


def answer_of(form: Form, name: str) -> bool | None:
    """Read a yes, a no, or nothing."""
    return {"yes": True, "no": False}.get(form.text(name))


def _again(request: Request, market: Market, actor: Actor, code: str, *, error: DomainError, form: Form) -> Again:
    """Show the contract as it now is with what stood against it; nothing of this request is kept."""
    errors = form_errors(error, words.labels()) if isinstance(error, Invalid) else FormErrors()
    problem = "" if isinstance(error, Invalid) else message_of(error)
    with market.database.read() as fresh:
        page = contract_page(fresh, actor, code, values=form.values(), errors=errors, problem=problem)
        return Again(render(request, "contracts/show.html", page, error.status))


@pages.post("/contracts/{code}/copy")
def copy(request: Request, code: str, form: PostedForm, session: WriteSession, actor: CurrentActor) -> Response:  # noqa: ARG001 - the form holds the token
    """Open a draft like this contract, without its dates and money."""
    new = service.copy_draft(session, actor, code)
    return see_other(request, f"/contracts/{new.code}/edit", _("已照 %(c)s 另起一份，日期和金额要重新填") % {"c": code})


@pages.post("/contracts/{code}/link")
def link(
    *, request: Request, code: str, form: PostedForm, session: WriteSession, actor: CurrentActor, market: TheMarket
) -> Response:
    """Say which organisation of the market a party is."""
    try:
        service.link_party(session, actor, code, form.text("organisation_code"), expected=form.version())
    except (Invalid, Conflict, StaleVersion) as error:
        raise _again(request, market, actor, code, error=error, form=form) from error
    return see_other(request, f"/contracts/{code}#parties", _("已连上，这家单位的人看得到这份合同了"))


# -- papers ----------------------------------------------------------------------------------------------------------


@pages.post("/contracts/{code}/files")
def add_file(
    *, request: Request, code: str, form: PostedForm, session: WriteSession, actor: CurrentActor, market: TheMarket
) -> Response:
    """Attach a paper."""
    try:
        _attach(session, actor, market, code, form)
    except (Invalid, Conflict) as error:
        raise _again(request, market, actor, code, error=error, form=form) from error
    return see_other(request, f"/contracts/{code}#papers", _("材料已附上"))


def _attach(session: Session, actor: Actor, market: Market, code: str, form: Form) -> None:
    service.may_add_file(session, actor, code)
    upload = form.file("file")
    if upload is None:
        raise Invalid("file", "required")
    stored = files.save(session, actor, market.settings, upload.file, upload.filename or "file")
    service.add_file(session, actor, code, stored, kind=form.text("kind"))


@pages.get("/contracts/{code}/files/{number}")
def get_file(code: str, number: int, session: ReadSession, actor: CurrentActor, market: TheMarket) -> FileResponse:
    """Hand a paper out, as a download only."""
    stored = service.open_file(session, actor, code, number)
    path = files.path_to(market.settings, stored)
    return FileResponse(path, media_type="application/octet-stream", filename=stored.name)
