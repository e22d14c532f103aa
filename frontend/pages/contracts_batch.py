"""Many contracts of one seller on one page: accept, review, approve, or type twenty official numbers back.

The name of this module comes before `contracts_desk`, whose `/contracts/{code}` would take the address otherwise.
"""

from dataclasses import dataclass, field
from typing import Annotated

from fastapi import APIRouter, Query, Request
from fastapi.responses import HTMLResponse, Response
from sqlmodel import Session

from frontend.i18n import N_, _
from frontend.pages import contracts_words as words
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
    with_query,
)
from services.contracts import schemas, service
from services.contracts.rules import OPEN_REVIEW
from services.contracts.schemas import RegistrationIn
from services.contracts.together import Asked, Outcome
from services.contracts.views import ContractOut
from services.ground import clock, money
from services.ground.actor import Actor
from services.ground.errors import DomainError, FieldError, Invalid
from services.ground.workdays import Calendar

pages = APIRouter()
ON_ONE_PAGE = 50
TOLD = 4
GROUPS = {
    "accept": (N_("等受理"), N_("受理所选")),
    "review": (N_("已受理，等审核"), N_("开始审核所选")),
    "approve": (N_("审核中，等初审"), N_("所选初审通过")),
    "register": (N_("已初审，等第二人填登记编号"), N_("登记填了编号的")),
}


@dataclass(frozen=True)
class Line:
    """One contract, with what a person should see before saying yes to it together with others."""

    contract: ContractOut
    amounts: tuple[str, str]
    remarks: list[str]
    due: tuple[str, str]
    ready: bool
    """False where somebody else has to do the step, or something stands against it."""


@dataclass
class TogetherPage:
    """Everything contracts/together.html may use."""

    seller: str
    sellers: list[tuple[str, str, int]]
    groups: list[tuple[str, str, str, list[Line]]]
    more: bool
    values: dict[str, str] = field(default_factory=dict)
    errors: FormErrors = field(default_factory=FormErrors)


@pages.get("/contracts/together")
def show(
    request: Request,
    session: ReadSession,
    actor: CurrentActor,
    seller: Annotated[str, Query(max_length=200)] = "",
) -> HTMLResponse:
    """Show who has several contracts at the desk; with a seller, those contracts by what comes next."""
    return render(request, "contracts/together.html", together_page(session, actor, seller))


@pages.post("/contracts/together")
def act(
    *, request: Request, form: PostedForm, session: WriteSession, actor: CurrentActor, market: TheMarket
) -> Response:
    """Make the move of all that were chosen; what could not be done is told contract by contract."""
    seller = form.text("seller")[:200]
    try:
        found = _register(session, actor, form) if form.action == "register" else _move(session, actor, form)
    except Invalid as error:
        with market.database.read() as fresh:
            page = together_page(fresh, actor, seller)
            page.values, page.errors = form.values(), form_errors(error, words.labels())
            raise Again(render(request, "contracts/together.html", page, 422)) from error
    here = with_query("/contracts/together", seller=seller)
    return see_other(request, here, said_of(found), "ok" if all(item.error is None for item in found) else "warn")


def together_page(session: Session, actor: Actor, seller: str) -> TogetherPage:
    """Gather the contracts of one seller at the desk. Raises Forbidden for those who handle none."""
    service.only_registrars(actor)
    sellers = [
        (name, with_query("/contracts/together", seller=name), count)
        for name, count in service.sellers_at_the_desk(session, actor)
    ]
    groups: dict[str, list[Line]] = {name: [] for name in GROUPS}
    more = False
    if seller:
        states = ("submitted", *sorted(OPEN_REVIEW))
        wanted = schemas.ContractFilter(states=states, seller=seller, order="due")
        rows, following = service.list_contracts(session, actor, wanted, limit=ON_ONE_PAGE)
        more = following is not None
        calendar = service.calendar_of(session)
        for row in rows:
            contract = service.get_visible(session, actor, row.code)
            groups[_next_step(contract)].append(_line(contract, calendar))
    return TogetherPage(
        seller=seller,
        sellers=sellers,
        groups=[(key, _(name), _(do), groups[key]) for key, (name, do) in GROUPS.items() if groups[key]],
        more=more,
        values={"registered_on": clock.today().isoformat()},
    )


def said_of(found: list[Outcome]) -> str:
    """Say how many were done, and why the others were not."""
    wrong = [(item.code, item.error) for item in found if item.error]
    text = _("办成 %(n)s 份") % {"n": len(found) - len(wrong)}
    if wrong:
        told = "；".join(f"{code}：{_reason(error)}" for code, error in wrong[:TOLD])
        text += _("，%(n)s 份没有办成：%(told)s") % {"n": len(wrong), "told": told}
    return text


def _reason(error: DomainError) -> str:
    if isinstance(error, Invalid) and error.fields:
        first: FieldError = error.fields[0]
        return words.finding_text(first.field, first.code, first.params)
    return message_of(error)


def _next_step(contract: ContractOut) -> str:
    if contract.state == "submitted":
        return "accept"
    if contract.state == "accepted":
        return "review"
    return "register" if contract.approved else "approve"


def _line(contract: ContractOut, calendar: Calendar) -> Line:
    found, content = contract.verification, contract.content
    amounts = (
        (found.contract_amount_fen, found.technical_amount_fen)
        if found
        else (content.contract_amount_fen, content.technical_amount_fen)
    )
    remarks = [words.finding_text(item.field, item.code, item.params) for item in contract.problems + contract.warnings]
    remarks += [_("可能和 %(c)s 是同一份") % {"c": code} for code in contract.duplicates]
    return Line(
        contract=contract,
        amounts=(_money(amounts[0]), _money(amounts[1])),
        remarks=remarks,
        due=words.due_words(contract, calendar),
        ready=not contract.problems and not (_next_step(contract) == "register" and contract.second_person_needed),
    )


def _money(fen: int | None) -> str:
    return money.yuan(fen) if fen is not None else "—"


def _asked(text: str) -> Asked:
    code, _colon, version = text.partition(":")
    return Asked(code[:20], int(version) if version.isascii() and version.isdecimal() and len(version) < 10 else None)


def _move(session: Session, actor: Actor, form: Form) -> list[Outcome]:
    chosen = [_asked(text) for text in form.texts("codes")]
    if not chosen:
        raise Invalid("codes", "nothing_chosen")
    return service.move_together(session, actor, form.action, chosen)


def _register(session: Session, actor: Actor, form: Form) -> list[Outcome]:
    asked = []
    for key, number in form.values().items():
        if key.startswith("number.") and number:
            item = _asked(key.removeprefix("number."))
            given = {"registration_number": number} | {
                name: form.optional(name) for name in ("registered_on", "registrar_org")
            }
            asked.append(Asked(item.code, item.version, build(RegistrationIn, given)))
    if not asked:
        raise Invalid("codes", "nothing_chosen")
    return service.register_together(session, actor, asked)
