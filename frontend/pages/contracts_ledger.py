"""Forms of what is official: the number typed back, a change, an end, and a draft thrown away. Each on a page of its own."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse, Response
from sqlmodel import Session

from frontend.i18n import _
from frontend.pages import contracts_words as words
from frontend.pages.contracts_desk import money_of
from frontend.pages.contracts_view import names
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
from services.contracts.content import Content
from services.contracts.rules import technical_amount
from services.contracts.schemas import ChangeIn, EndIn, ReasonIn, RegistrationIn
from services.contracts.views import ContractOut
from services.ground import clock, money
from services.ground.actor import Actor
from services.ground.errors import Conflict, DomainError, FieldError, Invalid, StaleVersion
from services.ground.market import Market

pages = APIRouter()
ITEM_LINES = 30


@dataclass
class OfficialPage:
    """Everything contracts/official.html may use."""

    contract: ContractOut
    move: str
    title: str
    base: str
    grounds: list[tuple[str, str]]
    kinds: list[tuple[str, str]]
    rows: int
    values: dict[str, str] = field(default_factory=dict)
    errors: FormErrors = field(default_factory=FormErrors)
    problem: str = ""


@pages.get("/contracts/{code}/register")
@pages.get("/contracts/{code}/change")
@pages.get("/contracts/{code}/cancel")
@pages.get("/contracts/{code}/revoke")
@pages.get("/contracts/{code}/discard")
@pages.get("/contracts/{code}/forget")
def ask(request: Request, code: str, session: ReadSession, actor: CurrentActor) -> HTMLResponse:
    """Show the form of one official act, and what will follow from it."""
    move = request.url.path.rpartition("/")[2]
    return render(request, "contracts/official.html", official_page(session, actor, code, move))


@pages.post("/contracts/{code}/register")
@pages.post("/contracts/{code}/change")
@pages.post("/contracts/{code}/cancel")
@pages.post("/contracts/{code}/revoke")
@pages.post("/contracts/{code}/discard")
@pages.post("/contracts/{code}/forget")
def act(
    *, request: Request, code: str, form: PostedForm, session: WriteSession, actor: CurrentActor, market: TheMarket
) -> Response:
    """Do it, or show what has to be mended."""
    move = request.url.path.rpartition("/")[2]
    try:
        ACTS[move](session, actor, code, form)
    except (Invalid, Conflict, StaleVersion) as error:
        raise _again(request, market, actor, code, move=move, form=form, error=error) from error
    said = {
        "register": _("已登记，已计入登记变动"),
        "change": _("变更已登记，差额已计入"),
        "cancel": _("已注销，已冲减"),
        "revoke": _("已撤销，已冲减"),
        "discard": _("草稿已作废"),
        "forget": _("个人信息已抹去"),
    }
    return see_other(request, "/contracts" if move == "discard" else f"/contracts/{code}", said[move])


def official_page(session: Session, actor: Actor, code: str, move: str, **more: Any) -> OfficialPage:
    """Gather the form of one act. Raises Conflict when it is not possible now."""
    contract = service.get_visible(session, actor, code)
    if move not in contract.moves:
        raise Conflict("contract_move_impossible", state=contract.state, move=move)
    named = names(session)
    grounds = {"cancel": "end_reason", "revoke": "revocation_ground"}.get(move)
    page = OfficialPage(
        contract=contract,
        move=move,
        title=_(words.MOVES[move]) if move != "register" else _("填登记编号"),
        base=f"/contracts/{code}",
        grounds=list(named(grounds).items()) if grounds else [],
        kinds=list(named("non_technical_item").items()),
        rows=0,
        values=_values(contract, move),
    )
    found = contract.verification
    page.rows = min(len(found.items if found else []) + 2, ITEM_LINES)
    for name, value in more.items():
        setattr(page, name, value)
    return page


def _values(contract: ContractOut, move: str) -> dict[str, str]:
    today = clock.today().isoformat()
    if move == "register":
        return {"registered_on": today}
    if move != "change":
        return {"ended_on": today}
    values = {"changed_on": today, "contract_title": contract.title}
    found = contract.verification
    if found:
        values["contract_amount_fen"] = money.yuan(found.contract_amount_fen)
        for index, item in enumerate(found.items):
            prefix = f"non_technical_items.{index}."
            values |= {f"{prefix}kind": item.kind or "", f"{prefix}name": item.name or ""}
            values |= {f"{prefix}amount_fen": money.yuan(item.amount_fen), f"{prefix}evidence": item.evidence or ""}
    if contract.content.valid_to:
        values["valid_to"] = contract.content.valid_to.isoformat()
    return values


def _register(session: Session, actor: Actor, code: str, form: Form) -> None:
    names_ = (
        "registration_number",
        "registered_on",
        "decided_on",
        "registrar_org",
        "registration_point",
        "certificate_issued_on",
    )
    sent = {name: form.optional(name) for name in names_}
    empty = [FieldError(name, "required") for name in ("registration_number", "registered_on") if not sent[name]]
    if empty:
        raise Invalid(empty)
    service.register(session, actor, code, build(RegistrationIn, sent), expected=form.version())


def _change(session: Session, actor: Actor, code: str, form: Form) -> None:
    wrong: list[FieldError] = []
    whole = money_of(form, "contract_amount_fen", wrong)
    items = []
    for index in range(ITEM_LINES):
        prefix = f"non_technical_items.{index}."
        amount = money_of(form, f"{prefix}amount_fen", wrong)
        if amount is not None:
            line = {name: form.optional(prefix + name) for name in ("name", "evidence")}
            items.append(line | {"kind": form.optional(f"{prefix}kind") or "OTHER", "amount_fen": amount})
    if whole is None and not wrong:
        wrong.append(FieldError("contract_amount_fen", "required"))
    if not form.text("changed_on"):
        wrong.append(FieldError("changed_on", "required"))
    if wrong:
        raise Invalid(wrong)
    assert whole is not None
    technical = technical_amount(whole, [(str(item["kind"]), int(str(item["amount_fen"]))) for item in items])
    if technical < 0:
        raise Invalid("non_technical_items", "items_above_contract")
    sheet = {"contract_amount_fen": whole, "technical_amount_fen": technical}
    before = service.get_visible(session, actor, code)
    content = _changed_fields(form, before)
    found = before.verification
    standing = (found.contract_amount_fen, found.technical_amount_fen) if found else None
    if (whole, technical) != standing:
        content |= sheet | {"non_technical_items": items}
    given = {
        "content": content,
        "changed_on": form.optional("changed_on"),
        "reason": form.optional("reason"),
        "evidence": form.optional("evidence"),
    }
    service.change(session, actor, code, build(ChangeIn, given), expected=form.version())


def _changed_fields(form: Form, before: ContractOut) -> dict[str, Any]:
    sent = build(Content, {name: form.optional(name) for name in ("contract_title", "valid_to")})
    return {
        name: getattr(sent, name)
        for name in ("contract_title", "valid_to")
        if getattr(sent, name) != getattr(before.content, name)
    }


def _end(use_case: Callable[..., Any]) -> Callable[[Session, Actor, str, Form], None]:
    def act_on(session: Session, actor: Actor, code: str, form: Form) -> None:
        sent = {name: form.optional(name) for name in ("ended_on", "ground", "reason", "evidence")}
        if not sent["ended_on"]:
            raise Invalid("ended_on", "required")
        use_case(session, actor, code, build(EndIn, sent), expected=form.version())

    return act_on


def _discard(session: Session, actor: Actor, code: str, form: Form) -> None:
    why = build(ReasonIn, {"reason": form.optional("reason")})
    service.discard(session, actor, code, why, expected=form.version())


def _forget(session: Session, actor: Actor, code: str, form: Form) -> None:
    service.forget_persons(session, actor, code, expected=form.version())


ACTS: dict[str, Callable[[Session, Actor, str, Form], None]] = {
    "register": _register,
    "change": _change,
    "cancel": _end(service.cancel),
    "revoke": _end(service.revoke),
    "discard": _discard,
    "forget": _forget,
}


def _again(
    request: Request, market: Market, actor: Actor, code: str, *, move: str, form: Form, error: DomainError
) -> Again:
    errors = form_errors(error, words.labels()) if isinstance(error, Invalid) else FormErrors()
    problem = "" if isinstance(error, Invalid) else message_of(error)
    with market.database.read() as fresh:
        page = official_page(fresh, actor, code, move, errors=errors, problem=problem, values=form.values())
        return Again(render(request, "contracts/official.html", page, error.status))
