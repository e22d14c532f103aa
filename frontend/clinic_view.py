"""The clinic in words: what was read, what is still open, what gives a firm away."""

from typing import Any

from frontend.i18n import N_, _
from frontend.listing_forms import is_empty
from frontend.web import units
from services.clinic import service as clinic
from services.clinic.schemas import Check, Proposal, Recognisable
from services.ground import money
from services.ground.actor import Actor

CHECK_NAMES = {
    "body": (N_("难题说清楚了"), "#f-body"),
    "plain": (N_("不带行业词的说法"), "#f-plain"),
    "tried": (N_("试过什么"), "#f-tried"),
    "parameters": (N_("技术指标"), "#part-3"),
    "methods": (N_("测试方法"), "#part-3"),
    "conditions": (N_("现场条件"), "#f-conditions"),
    "acceptance": (N_("怎样算做成了"), "#f-acceptance"),
    "subfield": (N_("细分领域"), "#f-subfield"),
    "budget": (N_("预算"), "#f-budget-low-fen"),
    "deadline": (N_("期限"), "#f-deadline"),
}


def checks(found: list[Check]) -> list[tuple[str, str, str, str]]:
    """Put the checks into words: (name, state, where, what stands at the end)."""
    shown = []
    for item in found:
        name, url = CHECK_NAMES[item.key]
        end = ""
        if item.key == "parameters" and item.done:
            end = _("%(n)s 行") % {"n": item.done}
        elif item.key == "methods" and item.of:
            end = f"{item.done} / {item.of}"
        shown.append((_(name), {"ok": "ok", "part": "open", "none": "open"}[item.state], url, end))
    return shown


def read_into(values: dict[str, str], rows: list[dict[str, str]]) -> tuple[str, list[str], list[str]]:
    """Read the text into the empty places of the form, never over what somebody wrote.

    Returns what was done in one sentence, the quantities nobody knows the subject of, and how things are today.
    """
    text = "\n".join(values.get(name) or "" for name in ("title", "body"))
    reading = clinic.read(text)
    before = sum(1 for row in rows if not is_empty(row))
    for proposal in reading.proposals:
        add(rows, proposal)
    added = sum(1 for row in rows if not is_empty(row)) - before
    parts = [_("%(n)s 行指标") % {"n": added}] if added else []
    if reading.budget and not (values.get("budget_low") or values.get("budget_high")):
        for name, amount in zip(("budget_low", "budget_high"), reading.budget, strict=True):
            values[name] = money.wan(amount).replace(",", "").removesuffix(".00") if amount is not None else ""
        parts.append(_("预算"))
    if not values.get("subfield") and (guess := clinic.guess_subfield(text)):
        values["subfield"] = guess
        parts.append(_("细分领域（按规划里的词猜的）"))
    if not values.get("title") and values.get("body"):
        values["title"] = clinic.title_from(values["body"])
        parts.append(_("标题"))
    if not parts:
        return (
            _("没有读出新的内容。写上数和单位，例如“残油降到 5 % 以内”，就能读出来。"),
            reading.nameless,
            reading.today,
        )
    return _("从您的话里读出：%(p)s。请看一遍，不对就改。") % {"p": "、".join(parts)}, reading.nameless, reading.today


def add(rows: list[dict[str, str]], proposal: Proposal) -> None:
    """Put a proposal into the first empty row, or a new one; a row of that name is only completed."""
    row = _row(proposal)
    for kept in rows:
        if kept.get("name") == proposal.name:
            kept |= {name: value for name, value in row.items() if value and not kept.get(name)}
            return
    place = next((number for number, kept in enumerate(rows) if is_empty(kept)), None)
    if place is None:
        rows.append(row)
    else:
        rows[place] = row


def warning(found: Recognisable) -> str:
    """Say why a hidden firm can be recognised, and what helps."""
    if found.named:
        return _("文字里写着“%(n)s”，隐去单位名称也会被认出。请改掉这几个字。") % {"n": found.named}
    return _("%(r)s做“%(s)s”的企业在册只有 %(n)s 家，隐去名称也容易被认出。可以把县市区写大一些，或不公开规模。") % {
        "r": found.region,
        "s": found.subfield,
        "n": found.firms,
    }


def writes_for_others(actor: Actor) -> bool:
    """Say whether somebody may write records for firms they do not belong to, or belongs to several."""
    roles = {grant.role for grant in actor.grants}
    return bool(roles & {"broker", "station_clerk", "administrator"}) or len(actor.organisation_ids) > 1


def plain(value: Any) -> str:
    """Write a stored value into a text field."""
    return "" if value is None else (f"{value:g}" if isinstance(value, float) else str(value))


def _row(proposal: Proposal) -> dict[str, str]:
    low, high = proposal.low, proposal.high
    if proposal.comparison == "tolerance":
        value = plain(high)
    elif low is not None and high is not None and low != high:
        value = f"{low:g}–{high:g}"
    else:
        value = plain(low if low is not None else high)
    return {
        "name": proposal.name,
        "comparison": proposal.comparison,
        "value": value,
        "unit": units(proposal.unit),
        "method": proposal.method,
        "present": proposal.present,
        "must": "1" if proposal.must else "",
        "words": proposal.words,
    }
