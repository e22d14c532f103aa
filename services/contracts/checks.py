"""Is a contract complete, does it agree with itself, and what should a person look at? Pure: content in, findings out.

Three kinds of answer, kept apart: what is *missing* (asked for on submission), what is *wrong* (cannot stay so), and
what is *worth a look* (never blocks). Sections in brackets are those of the reference.
"""

from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass
from datetime import date
from typing import Any, Literal

from services.contracts import numbers
from services.contracts.content import Content, Party
from services.contracts.remarks import remarks
from services.contracts.rules import amount_problems, date_problems
from services.contracts.type_helper import ordinary_words
from services.ground.errors import FieldError

Status = Literal["ok", "missing", "not_applicable"]
NONE = "NONE"
TRANSFERS = frozenset({"TRF", "LIC"})


@dataclass(frozen=True)
class CheckItem:
    """One line of the check list: the field it is about, how it stands, and the code of the sentence that says so."""

    field: str
    status: Status
    code: str


@dataclass(frozen=True)
class Limits:
    """Numbers that rule sets carry: from where on a person should look twice. Amounts in fen, shares in percent."""

    low_technical_share: int = 30
    full_share_service_fen: int = 500_000_000
    large_contract_fen: int = 1_000_000_000
    expert_review_fen: int | None = None
    duplicate_days: int = 90


Rule = tuple[str, Callable[[Content], bool], Callable[[Content], bool]]


def _always(_content: Content) -> bool:
    return True


def _has(name: str) -> Callable[[Content], bool]:
    def filled(content: Content) -> bool:
        value: Any = getattr(content, name)
        return value is not None and value != []

    return filled


def _category(*codes: str) -> Callable[[Content], bool]:
    return lambda content: content.contract_category in codes


def _foreign(content: Content) -> bool:
    return content.currency not in (None, "CNY")


def _party_complete(role: Literal["seller", "buyer"]) -> Callable[[Content], bool]:
    def complete(content: Content) -> bool:
        side = content.side(role)
        return bool(side) and all(party.name for party in side)

    return complete


# field, when it is asked for, when it is there: "Req" of section 2 (Y always, C under the condition written there)
REQUIRED: tuple[Rule, ...] = (
    *(
        (name, _always, _has(name))
        for name in (
            "contract_title",
            "contract_category",
            "contract_subtype",
            "is_equity_contribution",
            "signed_on",
            "effective_on",
            "valid_from",
            "valid_to",
            "contract_amount_fen",
            "technical_amount_fen",
            "amount_status",
            "payment_mode",
            "technical_field",
            "ip_types",
            "plan_source",
            "socio_economic_objective",
            "served_industry",
            "is_related_party",
            "cross_border",
            "abstract",
            "filled_on",
        )
    ),
    ("filing.filled_by", _always, lambda c: c.filing.filled_by is not None),
    ("filing.responsible_person", _always, lambda c: c.filing.responsible_person is not None),
    ("seller", _always, _party_complete("seller")),
    ("buyer", _always, _party_complete("buyer")),
    ("license_mode", _category("LIC"), _has("license_mode")),
    ("ip_objects", _category("TRF", "LIC"), _has("ip_objects")),
    ("expected_new_investment_fen", _category("TRF"), _has("expected_new_investment_fen")),
    ("expected_new_output_fen", _category("TRF"), _has("expected_new_output_fen")),
    (
        "non_technical_items",
        lambda c: c.technical_amount_fen is not None and c.contract_amount_fen != c.technical_amount_fen,
        _has("non_technical_items"),
    ),
    ("payment_schedule", lambda c: c.payment_mode == "INSTALMENT", _has("payment_schedule")),
    ("project_number", lambda c: c.plan_source not in (None, NONE), _has("project_number")),
    ("relation_kind", lambda c: c.is_related_party is True, _has("relation_kind")),
    ("country_code", lambda c: c.cross_border in ("import", "export"), _has("country_code")),
    ("amount_cap_fen", lambda c: c.amount_status == "capped", _has("amount_cap_fen")),
    ("amount_original", _foreign, _has("amount_original")),
    ("fx_rate", _foreign, _has("fx_rate")),
    ("fx_date", _foreign, _has("fx_date")),
    ("fx_source", _foreign, _has("fx_source")),
    ("main_contract", lambda c: c.contract_subtype == "SRV_AGENCY", _has("main_contract")),
)


def completeness(content: Content) -> list[CheckItem]:
    """List every field that submission asks for, with how it stands. Parties are listed one by one."""
    items = [_item(rule, content) for rule in REQUIRED]
    for index, party in enumerate(content.parties):
        items += _party_items(index, party)
    return items


def missing(content: Content) -> list[FieldError]:
    """List what is missing for submission, as errors at their fields."""
    return [FieldError(item.field, "required") for item in completeness(content) if item.status == "missing"]


def _item(rule: Rule, content: Content) -> CheckItem:
    field, applies, filled = rule
    if filled(content):
        return CheckItem(field, "ok", "check_present")
    if applies(content):
        return CheckItem(field, "missing", "required")
    return CheckItem(field, "not_applicable", "check_not_applicable")


def _party_items(index: int, party: Party) -> Iterator[CheckItem]:
    person = party.is_person
    abroad = party.country_code not in (None, "142")
    # A natural person has no uscc and the identity number is not stored (section 15); a foreign firm has neither.
    for field, wanted in (
        ("name", True),
        ("uscc", not person and not abroad),
        ("party_group", True),
        ("region_code", not abroad),
    ):
        filled = getattr(party, field) is not None
        status: Status = "ok" if filled else "missing" if wanted else "not_applicable"
        yield CheckItem(f"parties.{index}.{field}", status, "check_present" if filled else "required")


# -- what cannot stay so ------------------------------------------------------------------------------------------


def problems(content: Content, today: date) -> list[FieldError]:
    """List what contradicts itself or a rule and blocks submission (sections 4 and 13.4)."""
    found = amount_problems(
        content.contract_amount_fen,
        content.technical_amount_fen,
        content.worksheet(),
        content.amount_status,
    )
    found += date_problems(
        today,
        signed_on=content.signed_on,
        effective_on=content.effective_on,
        valid_from=content.valid_from,
        valid_to=content.valid_to,
    )
    found += _category_problems(content)
    found += _party_problems(content)
    found += _amount_status_problems(content)
    return found


def _category_problems(content: Content) -> list[FieldError]:
    found = []
    subtype, category = content.contract_subtype, content.contract_category
    if subtype and category and not subtype.startswith(f"{category}_"):
        found.append(FieldError("contract_subtype", "subtype_of_other_category", {"category": category}))
    if category in TRANSFERS and content.ip_types and set(content.ip_types) == {NONE}:
        found.append(FieldError("ip_types", "transfer_needs_rights"))
    if NONE in content.ip_types and len(content.ip_types) > 1:
        found.append(FieldError("ip_types", "none_beside_others"))
    if content.license_mode and category and category != "LIC":
        found.append(FieldError("license_mode", "only_for_licences"))
    if subtype == "TRF_EQUITY" and content.is_equity_contribution is False:
        found.append(FieldError("is_equity_contribution", "equity_contradicts_subtype"))
    if subtype == "DEV_COOP" and content.parties and sum(party.develops for party in content.parties) < 2:
        found.append(FieldError("parties", "joint_development_needs_two"))
    return found


def _party_problems(content: Content) -> list[FieldError]:
    found = []
    for role in ("seller", "buyer"):
        side = content.side(role)
        if sum(party.is_primary for party in side) > 1:
            found.append(FieldError(role, "one_primary_only"))
        stated = [party.share_amount_fen for party in side if party.share_amount_fen is not None]
        total = content.contract_amount_fen
        if stated and (len(stated) != len(side) or (total is not None and sum(stated) != total)):
            found.append(FieldError(role, "shares_do_not_add_up"))
    sellers = {numbers.plain(party.uscc) for party in content.side("seller") if party.uscc}
    for index, party in enumerate(content.parties):
        if party.role == "buyer" and party.uscc and numbers.plain(party.uscc) in sellers:
            found.append(FieldError(f"parties.{index}.uscc", "seller_is_buyer"))
    codes = {party.organisation_code for party in content.side("seller") if party.organisation_code}
    for index, party in enumerate(content.parties):
        if party.role == "buyer" and party.organisation_code in codes:
            found.append(FieldError(f"parties.{index}.organisation_code", "seller_is_buyer"))
    return found


def _amount_status_problems(content: Content) -> list[FieldError]:
    found = []
    cap, amount = content.amount_cap_fen, content.contract_amount_fen
    if cap is not None and amount is not None and amount > cap:
        found.append(FieldError("amount_cap_fen", "amount_above_cap"))
    if content.amount_status == "determined" and content.contract_amount_fen == 0 and not content.non_technical_items:
        found.append(FieldError("amount_status", "zero_but_determined"))
    if _foreign(content) and content.fx_rate and content.amount_original is not None and amount is not None:
        converted = int((content.amount_original * content.fx_rate * 100).to_integral_value(rounding="ROUND_HALF_UP"))
        if converted != amount:
            found.append(FieldError("contract_amount_fen", "conversion_differs", {"expected_fen": converted}))
    return found


# -- what a person should look at ---------------------------------------------------------------------------------


def warnings(content: Content, limits: Limits, uscc_prefixes: Collection[str] = ()) -> list[FieldError]:
    """List what is unusual and blocks nothing (sections 4, 7, 13 and 15)."""
    found = _amount_warnings(content, limits)
    found += _number_warnings(content, uscc_prefixes)
    ordinary = ordinary_words(content.contract_title, content.abstract)
    if ordinary and content.contract_category in {None, "SRV"}:
        found.append(FieldError("contract_category", "ordinary_contract_words", {"words": "、".join(ordinary)}))
    for role in ("seller", "buyer"):
        if len({party.region_code for party in content.side(role) if party.region_code}) > 1:
            found.append(FieldError(role, "several_regions"))
    if content.is_related_party:
        found.append(FieldError("is_related_party", "related_party"))
    if content.cross_border in ("import", "export"):
        found.append(FieldError("cross_border", "commerce_registration_too"))
    return found + remarks(content)


def _number_warnings(content: Content, uscc_prefixes: Collection[str]) -> Iterator[FieldError]:
    for index, party in enumerate(content.parties):
        if party.uscc and not party.uscc_override_reason:
            check = numbers.check_uscc(party.uscc, uscc_prefixes)
            if check.problem:
                yield FieldError(f"parties.{index}.uscc", check.problem, {"expected": check.expected})
    for index, item in enumerate(content.ip_objects):
        if (item.kind or "").startswith("PATENT") and item.number and not item.number_override_reason:
            check = numbers.check_patent_number(item.number)
            if check.problem:
                yield FieldError(f"ip_objects.{index}.number", check.problem, {"expected": check.expected})


def _amount_warnings(content: Content, limits: Limits) -> list[FieldError]:
    amount, technical, category = content.contract_amount_fen, content.technical_amount_fen, content.contract_category
    if not amount or technical is None:
        return []
    found = []
    low = technical * 100 < amount * limits.low_technical_share
    if low and category in {"DEV", "TRF", "LIC"}:
        params = {"share": f"{technical * 100 / amount:.2f}", "limit": limits.low_technical_share}
        found.append(FieldError("technical_amount_fen", "technical_share_low", params))
    if category == "SRV" and technical == amount and amount > limits.full_share_service_fen:
        found.append(FieldError("technical_amount_fen", "service_all_technical"))
    if amount > limits.large_contract_fen:
        found.append(FieldError("contract_amount_fen", "large_contract", {"limit_fen": limits.large_contract_fen}))
    if limits.expert_review_fen is not None and technical >= limits.expert_review_fen:
        found.append(FieldError("technical_amount_fen", "expert_review_usual", {"limit_fen": limits.expert_review_fen}))
    return found
