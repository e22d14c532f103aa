"""From the posted parts of the contract form to the fields of the record."""

from collections.abc import Callable
from typing import Any

from frontend.pages.contracts_desk import answer_of, money_of
from frontend.web import Form
from services.contracts.content import Contact, Content
from services.contracts.rules import technical_amount
from services.ground.errors import FieldError, Invalid

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
    "market_entity_type",
    "party_group",
    "region_code",
    "country_code",
    "industry",
    "enterprise_scale",
)
Read = dict[str, Any]


def _amounts(form: Form, names_: tuple[str, ...]) -> Read:
    wrong: list[FieldError] = []
    found = {name: money_of(form, name, wrong) for name in names_}
    if wrong:
        raise Invalid(wrong)
    return found


def _texts(form: Form, *names_: str) -> Read:
    return {name: form.optional(name) for name in names_}


def no_part(_form: Form, _content: Content) -> Read:
    """There is no such part of the form."""
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


def _parties(form: Form, _content: Content) -> Read:
    """Read the parties; a line without a name is left out."""
    wrong: list[FieldError] = []
    parties: list[Read] = []
    counts = {"seller": 0, "buyer": 0}
    for index in range(PARTY_LINES):
        prefix = f"parties.{index}."
        if not form.text(f"{prefix}name") and not form.text(f"{prefix}organisation_code"):
            continue
        role = "buyer" if form.text(f"{prefix}role") == "buyer" else "seller"
        counts[role] += 1
        parties.append(
            {name: form.optional(prefix + name) for name in PARTY_TEXTS}
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
        technical_amount(whole, [(str(item["kind"]), int(item["amount_fen"] or 0)) for item in items])
        if whole is not None
        else None
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
