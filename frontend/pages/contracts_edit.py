"""Writing a contract in five parts, each saved for itself. Missing is grey, wrong is red, nothing optional blocks."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse, Response
from sqlmodel import Session

from frontend.i18n import _
from frontend.pages import contracts_words as words
from frontend.pages.contracts_desk import answer_of, money_of
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
from services.contracts.content import Contact, Content
from services.contracts.rules import technical_amount
from services.contracts.views import ContractOut
from services.ground import clock, money
from services.ground.actor import Actor
from services.ground.errors import Conflict, DomainError, FieldError, Invalid, StaleVersion
from services.ground.market import Market

pages = APIRouter()
Options = list[tuple[str, str]]
PARTY_LINES = 12
ITEM_LINES = 30
CONTACT = tuple(Contact.model_fields)
PARTY_TEXTS = (
    "organisation_code",
    "name",
    "branch_name",
    "uscc",
    "uscc_override_reason",
    "party_nature",
    "party_group",
    "region_code",
    "country_code",
    "industry",
    "enterprise_scale",
)


@dataclass
class EditPage:
    """Everything contracts/edit.html may use."""

    contract: ContractOut
    base: str
    parts: list[tuple[str, str, int]]
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
    reader = READERS.get(part, _no_part)
    try:
        changes = build(Content, reader(form, service.get_visible(session, actor, code).content))
        service.save_draft(session, actor, code, changes, expected=form.version())
    except (Invalid, Conflict, StaleVersion) as error:
        raise _again(request, market, actor, code, part=part, form=form, error=error) from error
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
        parts=[
            (key, _(name), sum(words.part_of(line.field) == key for line in open_lines))
            for key, name in words.PARTS.items()
        ],
        values=values,
        ticked=ticked,
        rows={
            "parties": min(max(len(content.parties), 2) + 1, PARTY_LINES),
            "items": min(len(content.non_technical_items) + 2, ITEM_LINES),
            "payments": min(len(content.payment_schedule) + 2, ITEM_LINES),
            "rights": min(len(content.ip_objects) + 2, ITEM_LINES),
        },
        options=_options(named),
        subtypes=_grouped(session, "contract_category", "contract_subtype"),
        fields=_grouped(session, "technical_field", "technical_field"),
        subfields=_grouped(session, "chain", "subfield"),
        missing={line.field for line in open_lines},
        checks=[words.check_line(line, base) for line in open_lines],
        role_words=words.role_words(content.contract_category, content.contract_subtype),
    )
    for name, value in more.items():
        setattr(page, name, value)
    return page


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


def _grouped(session: Session, parents: str, children: str) -> list[tuple[str, Options]]:
    from services.ground import reference  # noqa: PLC0415 - only here

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


# -- from the form to the record ---------------------------------------------------------------------------------------

Read = dict[str, Any]


def _amounts(form: Form, names_: tuple[str, ...]) -> Read:
    wrong: list[FieldError] = []
    found = {name: money_of(form, name, wrong) for name in names_}
    if wrong:
        raise Invalid(wrong)
    return found


def _texts(form: Form, *names_: str) -> Read:
    return {name: form.optional(name) for name in names_}


def _no_part(_form: Form, _content: Content) -> Read:
    raise Invalid("part", "literal_error")


def _basics(form: Form, _content: Content) -> Read:
    subtype = form.optional("contract_subtype")
    category = form.optional("contract_category") or (subtype.split("_")[0] if subtype else None)
    return _texts(form, "contract_title", "internal_number", "license_mode") | {
        "contract_category": category,
        "contract_subtype": subtype,
        "is_equity_contribution": answer_of(form, "is_equity_contribution"),
        "is_confidential": answer_of(form, "is_confidential"),
    }


def _parties(form: Form, content: Content) -> Read:
    """Read the parties; a line without a name is left out. Fields the form does not show stay as they were."""
    wrong: list[FieldError] = []
    parties: list[Read] = []
    counts = {"seller": 0, "buyer": 0}
    for index in range(PARTY_LINES):
        prefix = f"parties.{index}."
        if not form.text(f"{prefix}name") and not form.text(f"{prefix}organisation_code"):
            continue
        role = "buyer" if form.text(f"{prefix}role") == "buyer" else "seller"
        counts[role] += 1
        before = content.parties[index].model_dump() if index < len(content.parties) else {}
        parties.append(
            before
            | {name: form.optional(prefix + name) for name in PARTY_TEXTS}
            | {
                "role": role,
                "sequence": counts[role],
                "is_primary": counts[role] == 1,
                "share_amount_fen": money_of(form, f"{prefix}share_amount_fen", wrong),
                "flags": form.texts(f"{prefix}flags"),
                "develops": form.ticked(f"{prefix}develops"),
                "contact": {name: form.optional(f"{prefix}contact.{name}") for name in CONTACT},
            }
        )
    if wrong:
        raise Invalid(wrong)
    return {"parties": parties}


def _money_part(form: Form, _content: Content) -> Read:
    found = _amounts(form, ("contract_amount_fen", "amount_cap_fen"))
    wrong: list[FieldError] = []
    items = []
    for index in range(ITEM_LINES):
        amount = money_of(form, f"non_technical_items.{index}.amount_fen", wrong)
        if amount is None and not form.text(f"non_technical_items.{index}.name"):
            continue
        prefix = f"non_technical_items.{index}."
        items.append(
            {
                "kind": form.optional(f"{prefix}kind") or "OTHER",
                "name": form.optional(f"{prefix}name"),
                "amount_fen": amount or 0,
                "evidence": form.optional(f"{prefix}evidence"),
            }
        )
    payments = []
    for index in range(ITEM_LINES):
        prefix = f"payment_schedule.{index}."
        amount = money_of(form, f"{prefix}amount_fen", wrong)
        line = _line(form, prefix, ("due_rule", "due_on", "share_percent", "condition"))
        if amount is not None or any(line.values()):
            payments.append(line | {"amount_fen": amount})
    if wrong:
        raise Invalid(wrong)
    whole = found["contract_amount_fen"]
    # The technical amount is never typed: it is what the worksheet leaves.
    technical = (
        technical_amount(whole, [(item["kind"], item["amount_fen"]) for item in items]) if whole is not None else None
    )
    if technical is not None and technical < 0:
        raise Invalid("non_technical_items", "items_above_contract")
    foreign = _texts(form, "currency", "amount_original", "fx_rate", "fx_date", "fx_source")
    return (
        found
        | foreign
        | _texts(form, "amount_status", "payment_mode")
        | {"technical_amount_fen": technical, "non_technical_items": items, "payment_schedule": payments}
    )


def _elements(form: Form, _content: Content) -> Read:
    plain = _texts(
        form,
        "signed_on",
        "effective_on",
        "valid_from",
        "valid_to",
        "technical_field",
        "plan_source",
        "project_number",
        "socio_economic_objective",
        "served_industry",
        "relation_kind",
        "relation_share_percent",
        "cross_border",
        "country_code",
        "chain",
        "subfield",
    )
    return plain | {
        "is_related_party": answer_of(form, "is_related_party"),
        "registered_elsewhere": form.ticked("registered_elsewhere"),
    }


def _rights(form: Form, _content: Content) -> Read:
    primary = form.optional("ip_types")
    types = ([primary] if primary else []) + [code for code in form.texts("ip_more") if code != primary]
    rights = []
    for index in range(ITEM_LINES):
        line = _line(
            form,
            f"ip_objects.{index}.",
            ("kind", "number", "title", "owner", "legal_status", "number_override_reason"),
        )
        if line["number"] or line["title"]:
            rights.append(line)
    return (
        _amounts(form, ("expected_new_investment_fen", "expected_new_output_fen"))
        | _texts(form, "abstract", "main_contract", "filled_on")
        | {
            "ip_types": types,
            "ip_objects": rights,
            "filing": {
                "filled_by": form.optional("filing.filled_by"),
                "responsible_person": form.optional("filing.responsible_person"),
            },
        }
    )


def _line(form: Form, prefix: str, names_: tuple[str, ...]) -> Read:
    return {name: form.optional(prefix + name) for name in names_}


READERS: dict[str, Callable[[Form, Content], Read]] = {
    "basics": _basics,
    "parties": _parties,
    "amounts": _money_part,
    "elements": _elements,
    "rights": _rights,
}
