"""Writing a contract in five parts, each saved for itself. Missing is grey, wrong is red, nothing optional blocks."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse, JSONResponse, Response
from sqlmodel import Session

from frontend.i18n import _
from frontend.pages import contracts_words as words
from frontend.pages.contracts_read import ITEM_LINES, PARTY_LINES, READERS, no_part
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
from services.contracts.views import ContractOut
from services.ground import clock, money, reference
from services.ground.actor import Actor
from services.ground.errors import Conflict, DomainError, Invalid, StaleVersion
from services.ground.market import Market

pages = APIRouter()
Options = list[tuple[str, str]]


@dataclass
class EditPage:
    """Everything contracts/edit.html may use."""

    contract: ContractOut
    base: str
    parts: list[tuple[str, str, str]]
    """Key, name, and how many fields are still empty."""
    values: dict[str, str]
    ticked: set[str]
    rows: dict[str, int]
    options: dict[str, Options]
    subtypes: list[tuple[str, Options]]
    fields: list[tuple[str, Options]]
    subfields: list[tuple[str, Options]]
    missing: set[str]
    checks: list[tuple[str, str, str, str]]
    role_words: tuple[str, str]
    capital: str
    """The price in capital words, as far as it is written."""
    part: str = ""
    errors: FormErrors = field(default_factory=FormErrors)
    problem: str = ""


@pages.get("/contracts/{code}/edit")
def edit(request: Request, code: str, session: ReadSession, actor: CurrentActor) -> HTMLResponse:
    """Show the form in five parts."""
    return render(request, "contracts/edit.html", edit_page(session, actor, code))


@pages.post("/contracts/{code}/edit/{part}")
def save(
    *,
    request: Request,
    code: str,
    part: str,
    form: PostedForm,
    session: WriteSession,
    actor: CurrentActor,
    market: TheMarket,
) -> Response:
    """Save one part and go on to the next."""
    reader = READERS.get(part, no_part)
    try:
        changes = build(Content, reader(form, service.get_visible(session, actor, code).content))
        service.save_draft(session, actor, code, changes, expected=form.version())
    except (Invalid, Conflict, StaleVersion) as error:
        if form.action == "autosave":
            raise Again(JSONResponse({"said": _not_saved(error)}, error.status)) from error
        raise _again(request, market, actor, code, part=part, form=form, error=error) from error
    if form.action == "autosave":
        return _saved(session, actor, code)
    keys = list(words.PARTS)
    onwards = keys[keys.index(part) + 1] if part in keys[:-1] and form.action != "stay" else part
    return see_other(request, f"/contracts/{code}/edit#{onwards}", _("“%(p)s”已保存") % {"p": _(words.PARTS[part])})


def edit_page(session: Session, actor: Actor, code: str, **more: Any) -> EditPage:
    """Gather the form of a contract that the actor may write in."""
    contract = service.get_visible(session, actor, code)
    if "edit" not in contract.moves:
        raise Conflict("contract_move_impossible", state=contract.state, move="edit")
    content = contract.content
    named = names(session)
    values, ticked = values_of(content)
    open_lines = [line for line in contract.checks if line.status == "missing"]
    base = f"/contracts/{code}"
    page = EditPage(
        contract=contract,
        base=base,
        parts=[(key, _(name), _open_words(contract, key)) for key, name in words.PARTS.items()],
        values=values,
        ticked=ticked,
        rows={
            "parties": min(max(len(content.parties), 2) + 1, PARTY_LINES),
            "items": min(len(content.non_technical_items) + 2, ITEM_LINES),
            "payments": min(len(content.payment_schedule) + 2, ITEM_LINES),
            "rights": min(len(content.ip_objects) + 2, ITEM_LINES),
        },
        options=_options(named),
        subtypes=grouped(session, "contract_category", "contract_subtype"),
        fields=grouped(session, "technical_field", "technical_field"),
        subfields=grouped(session, "chain", "subfield"),
        missing={line.field for line in open_lines},
        checks=[words.check_line(line, base) for line in open_lines],
        capital=_capital(content),
        role_words=words.role_words(content.contract_category, content.contract_subtype),
    )
    for name, value in more.items():
        setattr(page, name, value)
    return page


def _saved(session: Session, actor: Actor, code: str) -> JSONResponse:
    """Tell the form that saves itself what stands now: the version, and the texts that follow from what was typed."""
    contract = service.get_visible(session, actor, code)
    technical = contract.content.technical_amount_fen
    shown = {
        "technical": money.yuan(technical) if technical is not None else "—",
        "capital": _capital(contract.content),
    }
    for part in words.PARTS:
        shown[f"open-{part}"] = _open_words(contract, part)
    now = clock.now().astimezone(clock.LAW_ZONE)
    said = _("%(t)s 已自动保存") % {"t": f"{now:%H:%M:%S}"}
    return JSONResponse({"version": contract.version, "said": said, "shown": shown})


def _not_saved(error: DomainError) -> str:
    if not isinstance(error, Invalid):
        return message_of(error)
    first = error.fields[0]
    return _("还没有保存。%(why)s") % {"why": words.finding_text(first.field, first.code, first.params)}


def _capital(content: Content) -> str:
    amount = content.contract_amount_fen
    return service.capital_words(amount) if amount is not None else ""


def _open_words(contract: ContractOut, part: str) -> str:
    number = sum(line.status == "missing" and words.part_of(line.field) == part for line in contract.checks)
    return _("还空着 %(n)s 项") % {"n": number} if number else _("要填的都填了")


def _again(
    request: Request, market: Market, actor: Actor, code: str, *, part: str, form: Form, error: DomainError
) -> Again:
    """Show the form again with what was typed, and what stands against it."""
    errors = form_errors(error, words.labels()) if isinstance(error, Invalid) else FormErrors()
    problem = "" if isinstance(error, Invalid) else message_of(error)
    with market.database.read() as fresh:
        page = edit_page(fresh, actor, code, part=part, errors=errors, problem=problem)
        page.values |= form.values()
        typed = {f"{name}={value}" for name in form.values() for value in form.texts(name)}
        page.ticked = {mark for mark in page.ticked if words.part_of(mark.split("=")[0]) != part} | typed
        return Again(render(request, "contracts/edit.html", page, error.status))


def _options(named: Callable[[str], dict[str, str]]) -> dict[str, Options]:
    lists = {
        name: list(named(name).items())
        for name in (
            "contract_category",
            "license_mode",
            "payment_mode",
            "ip_type",
            "plan_source",
            "socio_economic_objective",
            "industry_section",
            "party_group",
            "party_nature",
            "enterprise_scale",
            "party_flag",
            "non_technical_item",
            "region",
            "chain",
        )
    }
    lists["region"] = [(code, f"{code} {name}") for code, name in lists["region"]]
    lists["industry_section"] = [(code, f"{code} {name}") for code, name in lists["industry_section"]]
    lists["amount_status"] = [(key, _(text)) for key, text in words.AMOUNT_STATES.items()]
    lists["cross_border"] = [(key, _(text)) for key, text in words.CROSS_BORDER.items()]
    lists["sides"] = [(key, _(text)) for key, text in words.SIDES.items()]
    lists["yes_no"] = [("yes", _("是")), ("no", _("否"))]
    return lists


def grouped(session: Session, parents: str, children: str) -> list[tuple[str, Options]]:
    """Give the codes of a list under the names of their parents, as a grouped choice."""
    below: dict[str, Options] = {}
    for entry in reference.entries(session, children):
        if entry.parent:
            below.setdefault(entry.parent, []).append((entry.code, entry.name))
    if parents == children:
        tops = [entry for entry in reference.entries(session, parents) if not entry.parent]
        return [(top.name, [(top.code, top.name), *below.get(top.code, [])]) for top in tops]
    return [(top.name, below.get(top.code, [])) for top in reference.entries(session, parents)]


# -- from the record to the form ---------------------------------------------------------------------------------------


def values_of(content: Content) -> tuple[dict[str, str], set[str]]:
    """Turn a content into the texts of its fields, and the marks of what is ticked (`name=value`)."""
    values: dict[str, str] = {}
    ticked: set[str] = set()
    _flatten("", content.model_dump(), values, ticked)
    values.setdefault("filled_on", clock.today().isoformat())
    return values, ticked


def _flatten(prefix: str, value: Any, values: dict[str, str], ticked: set[str]) -> None:
    name = prefix.rstrip(".")
    if value is None:
        return
    if isinstance(value, dict):
        for key, part in value.items():
            _flatten(f"{prefix}{key}.", part, values, ticked)
    elif isinstance(value, list) and value and isinstance(value[0], dict):
        for index, part in enumerate(value):
            _flatten(f"{prefix}{index}.", part, values, ticked)
    elif isinstance(value, list):
        ticked.update(f"{name}={part}" for part in value)
        values[name] = value[0] if value else ""
    elif isinstance(value, bool):
        values[name] = "yes" if value else "no"
    elif name.endswith("_fen"):
        values[name] = money.yuan(value)
    else:
        values[name] = str(value)
