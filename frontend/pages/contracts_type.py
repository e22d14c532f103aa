"""The type helper: what do the parties really do? It proposes one of the types with the rule it rests on; people decide."""

from dataclasses import dataclass, field

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse, Response
from sqlmodel import Session

from frontend.i18n import _
from frontend.pages import contracts_words as words
from frontend.pages.contracts_edit import grouped
from frontend.pages.contracts_view import names
from frontend.texts import message_of
from frontend.web import (
    Again,
    CurrentActor,
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
from services.contracts.content import Content, DecidedType
from services.contracts.rules import OPEN_REVIEW
from services.contracts.type_helper import Question, RuleNamed, questions
from services.contracts.views import ContractOut
from services.ground.actor import Actor
from services.ground.errors import Conflict, Invalid, StaleVersion

pages = APIRouter()


@dataclass
class TypePage:
    """Everything contracts/type.html may use."""

    contract: ContractOut
    base: str
    questions: list[tuple[Question, list[tuple[str, str]]]]
    answers: dict[str, str]
    proposal: tuple[str, str, str] | None
    """Name of the category, of the sub-type, and why."""
    rules: list[RuleNamed]
    cautions: list[str]
    claimed: str
    decided: str
    subtypes: list[tuple[str, list[tuple[str, str]]]]
    chosen: str
    role: str
    """`writes` for the parties, `decides` for the registrar, empty for those who only look."""
    values: dict[str, str] = field(default_factory=dict)
    errors: FormErrors = field(default_factory=FormErrors)
    problem: str = ""


@pages.get("/contracts/{code}/type")
def ask(request: Request, code: str, session: ReadSession, actor: CurrentActor) -> HTMLResponse:
    """Ask what the parties do; answers stand in the address, so that a link keeps them."""
    answers = {question.code: request.query_params.get(question.code, "")[:20] for question in questions()}
    return render(request, "contracts/type.html", type_page(session, actor, code, answers))


@pages.post("/contracts/{code}/type")
def decide(
    *, request: Request, code: str, form: PostedForm, session: WriteSession, actor: CurrentActor, market: TheMarket
) -> Response:
    """Take a type: the parties write it into their draft, the registrar decides it."""
    subtype, role = form.text("contract_subtype"), _role(service.get_visible(session, actor, code))
    try:
        if not subtype:
            raise Invalid("contract_subtype", "required")
        if role == "decides":
            found = build(DecidedType, {"contract_subtype": subtype, "reason": form.optional("decided_type.reason")})
            service.decide_type(session, actor, code, found, expected=form.version())
        else:
            category = subtype.split("_", maxsplit=1)[0]
            changes = build(Content, {"contract_category": category, "contract_subtype": subtype})
            service.save_draft(session, actor, code, changes, expected=form.version())
    except (Invalid, Conflict, StaleVersion) as error:
        errors = form_errors(error, words.labels()) if isinstance(error, Invalid) else FormErrors()
        problem = "" if isinstance(error, Invalid) else message_of(error)
        with market.database.read() as fresh:
            page = type_page(fresh, actor, code, form.values())
            page.values, page.errors, page.problem, page.chosen = form.values(), errors, problem, subtype
            raise Again(render(request, "contracts/type.html", page, error.status)) from error
    onwards = f"/contracts/{code}" if role == "decides" else f"/contracts/{code}/edit#basics"
    return see_other(request, onwards, _("类型已定") if role == "decides" else _("类型已填进草稿"))


def type_page(session: Session, actor: Actor, code: str, answers: dict[str, str]) -> TypePage:
    """Gather the helper for one contract and the answers given so far."""
    contract = service.get_visible(session, actor, code)
    named = names(session)
    subtypes, categories = named("contract_subtype"), named("contract_category")
    found = service.help_with(answers)
    decided = contract.review.decided_type if contract.review else None
    proposal = found.proposal
    return TypePage(
        contract=contract,
        base=f"/contracts/{code}",
        questions=[(item, [(answer.code, answer.text) for answer in item.answers]) for item in found.questions],
        answers=answers,
        proposal=(categories[proposal.category], subtypes[proposal.subtype], proposal.because) if proposal else None,
        rules=list(proposal.rules) if proposal else [],
        cautions=list(found.cautions),
        claimed=subtypes.get(contract.content.contract_subtype or "", ""),
        decided=subtypes.get(decided.contract_subtype, "") if decided else "",
        subtypes=grouped(session, "contract_category", "contract_subtype"),
        chosen=proposal.subtype if proposal else "",
        role=_role(contract),
    )


def _role(contract: ContractOut) -> str:
    if "edit" in contract.moves:
        return "writes"
    return "decides" if contract.state in OPEN_REVIEW and "refuse" in contract.moves else ""
