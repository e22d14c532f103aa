"""Forms of records: from what was typed to what the service takes, and back."""

import re
from typing import Any

from frontend.forms import Form
from frontend.i18n import N_, _
from frontend.web import units
from search.quantities import find_quantities
from services.accounts import service as accounts
from services.accounts.schemas import OrganisationOut
from services.ground import money, reference, regions
from services.ground.actor import Actor
from services.ground.errors import FieldError, Invalid
from services.listings.schemas import ListingView, ParameterOut
from services.matching.rules import LABELS

TEXTS = ("title", "summary", "body", "subfield", "region_code", "maturity", "deadline")
DETAILS = ("plain", "tried", "conditions", "acceptance")
HIDEABLE = ("budget", "owner", "conditions")
ROW_FIELDS = ("name", "comparison", "value", "unit", "method", "present", "must")
MOST_ROWS = 40
COMPARISONS = [
    ("ge", "≥"),
    ("le", "≤"),
    ("between", N_("区间")),
    ("eq", "="),
    ("approx", N_("约")),
    ("tolerance", "±"),
    ("change", N_("变化")),
    ("gt", ">"),
    ("lt", "<"),
]
FIELD_LABELS = {
    "title": N_("标题"),
    "summary": N_("一句话"),
    "body": N_("说明"),
    "chain": N_("创新链"),
    "subfield": N_("细分领域"),
    "region_code": N_("县市区"),
    "maturity": N_("成熟度"),
    "deadline": N_("期限"),
    "budget_low_fen": N_("预算下限"),
    "budget_high_fen": N_("预算上限"),
    "owner": N_("单位"),
    "number": N_("专利号"),
    "parameters.*.name": N_("第 {n} 行指标的名称"),
    "parameters.*.value": N_("第 {n} 行指标的目标值"),
    "parameters.*.unit": N_("第 {n} 行指标的单位"),
    "parameters.*": N_("第 {n} 行指标"),
}
_NUMBER = r"[-+]?\d+(?:[.,]\d+)*(?:e[-+]?\d+)?"
_RANGE = re.compile(rf"({_NUMBER})\s*(?:-|–|—|~|至|到)\s*({_NUMBER})")
_WORDS = [
    ("le", r"≤|<=|不超过|不大于|不高于|不多于|至多|最多|低于|小于|少于|<"),
    ("ge", r"≥|>=|不低于|不小于|不少于|至少|最少|大于|高于|超过|多于|>"),
    ("tolerance", r"±|正负"),
    ("approx", r"约|大约|左右|≈"),
]
_FOLD = str.maketrans("０１２３４５６７８９．－＋，％～", "0123456789.-+,%~")


def choices() -> dict[str, list[tuple[str, str]]]:
    """Give what the selects of the forms offer."""
    return {
        "subfield": [(e.code, f"{e.code} {e.name}") for e in reference.entries(None, "subfield")],
        "region_code": [(e.code, e.name) for e in regions.home_counties()],
        "maturity": [(str(n), str(n)) for n in range(1, 10)],
        "cooperation": [(code, _(name)) for code, name in LABELS["cooperation"].items()],
        "comparison": [(code, _(text)) for code, text in COMPARISONS],
    }


def labels() -> dict[str, str]:
    """Name the fields in the language of the page."""
    return {field: _(text) for field, text in FIELD_LABELS.items()}


def rows_of(form: Form) -> list[dict[str, str]]:
    """Give the rows of parameters as they were typed."""
    count = int(form.text("rows")) if form.text("rows").isdecimal() and len(form.text("rows")) < 3 else 0
    return [{name: form.text(f"parameters.{i}.{name}") for name in ROW_FIELDS} for i in range(min(count, MOST_ROWS))]


def typed(form: Form) -> dict[str, str]:
    """Give every other field as it was typed, to show the form again."""
    names = (*TEXTS, *DETAILS, "budget_low", "budget_high", "owner", "owner_new", "hide_budget", "hide_owner")
    return {name: form.text(name) for name in (*names, "hide_conditions", "number", "once")}


def is_empty(row: dict[str, str]) -> bool:
    """Say whether nothing was written into a row; the preset comparison counts as nothing."""
    return not any(value for name, value in row.items() if name not in {"comparison", "must"})


def parameters(rows: list[dict[str, str]]) -> list[dict[str, Any]]:
    """Turn typed rows into what the service takes. Raises Invalid with every row that cannot be read."""
    found, faults = [], []
    for number, row in enumerate(rows):
        if is_empty(row):
            continue
        try:
            low, high, comparison = value_of(row["value"], row["comparison"] or "ge")
        except ValueError:
            faults.append(_fault(number, row["value"]))
            continue
        found.append(
            {
                "name": row["name"],
                "comparison": comparison,
                "low": low,
                "high": high,
                "unit": stored_unit(row["unit"]),
                "must": bool(row["must"]),
                "method": row["method"],
                "present": row["present"],
            }
        )
    if faults:
        raise Invalid(faults)
    return found


def value_of(text: str, comparison: str) -> tuple[float | None, float | None, str]:
    """Read a target value: (low, high, comparison). A range makes it "between". Raises ValueError for anything else."""
    text = text.translate(_FOLD).strip()
    if not text:
        return None, None, comparison
    if span := _RANGE.fullmatch(text):
        return _number(span[1]), _number(span[2]), "between"
    value = _number(text.lstrip("±") if comparison == "tolerance" else text)
    match comparison:
        case "le" | "lt":
            return None, value, comparison
        case "ge" | "gt":
            return value, None, comparison
        case "tolerance":
            return -abs(value), abs(value), comparison
        case "between":
            raise ValueError("a range has two ends")
    return value, value, comparison


def repaired(row: dict[str, str]) -> dict[str, str]:
    """Take a comparison out of the value where it was written there: 小于300 becomes ≤ and 300."""
    text = row["value"].translate(_FOLD).strip()
    for comparison, pattern in _WORDS:
        rest = re.sub(pattern, "", text).strip()
        if rest != text:
            number = re.search(_NUMBER, rest)
            unit = rest[number.end() :].strip() if number else ""
            if number:
                return {**row, "comparison": comparison, "value": number[0], "unit": row["unit"] or unit}
    number = re.match(_NUMBER, text)
    if number:
        return {**row, "value": number[0], "unit": row["unit"] or text[number.end() :].strip()}
    return row


def value_text(row: ParameterOut) -> str:
    """Write low and high back into the one field of the form."""
    if row.comparison == "tolerance" and row.high is not None:
        return f"{row.high:g}"
    if row.low is not None and row.high is not None and row.low != row.high:
        return f"{row.low:g}–{row.high:g}"
    value = row.low if row.low is not None else row.high
    return "" if value is None else f"{value:g}"


def row_of(item: ParameterOut) -> dict[str, str]:
    """Turn a stored parameter into a row of the form."""
    return {
        "name": item.name,
        "comparison": item.comparison,
        "value": value_text(item),
        "unit": units(item.unit),
        "method": item.method,
        "present": item.present,
        "must": "1" if item.must else "",
    }


def stored_unit(text: str) -> str:
    """Write a unit as it is stored and compared (℃ → degC); what is no known unit stays as it was typed."""
    text = text.strip()
    if not text:
        return ""
    found = find_quantities(f"1 {text}")
    exact = found and found[0].low == 1.0 and found[0].end == len(f"1 {text}") and found[0].unit not in {"", "count"}
    return found[0].unit if exact else text


def amounts(form: Form) -> dict[str, int]:
    """Read the two ends of the money, in 万元. Raises Invalid for what cannot be read."""
    found = {}
    for name in ("budget_low", "budget_high"):
        if text := form.text(name):
            try:
                found[f"{name}_fen"] = money.parse(text, "万元")
            except ValueError as error:
                raise Invalid(f"{name}_fen", "amount_unreadable", value=text[:40]) from error
    return found


def levels(form: Form, kept: ListingView | None) -> dict[str, str]:
    """Read who may see what; levels of fields the form does not show stay as they are."""
    before = kept.levels if kept else {}
    usual = {"conditions": "after_confidentiality"}
    found = {name: level for name, level in before.items() if name not in HIDEABLE}
    return found | {
        name: before.get(name, usual.get(name, "after_contact")) for name in HIDEABLE if form.ticked(f"hide_{name}")
    }


def owner_of(session: Any, actor: Actor, form: Form) -> OrganisationOut | None:
    """Find the organisation a record is written for: by code or name; a new firm is entered where that was ticked.

    None means: the writer's own. Raises Invalid for a name that nobody or several have.
    """
    text = form.text("owner")
    if not text:
        return None
    if re.fullmatch(r"O-\d{4}-\d{6}", text.upper()):
        return accounts.organisation_by_code(session, text.upper())
    found = accounts.find_organisations(session, text, limit=6)
    same = [row for row in found if text in (row.name, row.short_name, row.uscc)] or found
    if len(same) == 1:
        return same[0]
    if same:
        raise Invalid("owner", "organisation_several", names="、".join(f"{row.name}（{row.code}）" for row in same[:5]))
    if not form.ticked("owner_new"):
        raise Invalid("owner", "organisation_none", name=text[:60])
    key = accounts.claim_unverified(session, actor, text, "enterprise", form.optional("region_code"))
    return accounts.organisation(session, key)


def _number(text: str) -> float:
    if not re.fullmatch(_NUMBER, text, re.IGNORECASE):
        raise ValueError(text)
    return float(text.replace(",", ""))


def _fault(number: int, text: str) -> FieldError:
    fixed = repaired({"value": text, "comparison": "", "unit": ""})
    if fixed["value"] != text and fixed["comparison"]:
        sign = dict(COMPARISONS)[fixed["comparison"]]
        return FieldError(
            f"parameters.{number}.value", "value_with_words", {"value": text, "sign": sign, "number": fixed["value"]}
        )
    return FieldError(f"parameters.{number}.value", "value_no_number", {"value": text[:40]})
