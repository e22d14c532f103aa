"""Reading a vague sentence and saying what is missing. Nothing is read but the data of the release."""

import json
import re
from functools import cache
from pathlib import Path
from typing import Any

from search.quantities import Quantity, find_quantities
from services.clinic.schemas import Check, Proposal, Reading
from services.ground import reference

DATA = Path(__file__).parent / "data" / "usual.json"
DETAILS = ("plain", "tried", "conditions", "acceptance")
"""What the clinic asks for beyond the fields of every record; kept in the details of a need."""

_WISH = re.compile(
    r"^(?:我们?|想要?|想找|希望|要求|需要|寻求|寻找|找到?|能够?(?![耗量效力源])|把|将|使|让|要|请|的|其中|并且|且|和|与|及|，|现在|目前|现有|现用|已经|做到|达到|保证|控制|降低|提高|提升|缩短|提到)+"
)
_TRAIL = re.compile(r"(?:压|降|降低|提高|控制|提升|减少|缩短|做|提|还有|只有|仅有|只|才|要|得|达|能)+(?:到|至|在)?$")
_NOW = re.compile(r"(?:现在|目前|现有|现用|当前|眼下|如今|已经|原来|实际)[^，。；;,]{0,14}$")
_CLAUSE = re.compile(r"[，,。；;！!？?\n]")
_WANTED = re.compile(
    r"想|希望|要求|需要|必须|应当?|力争|争取|目标|达到|做到|提到|提高|提升|降到|降至|降低|压到|压至|压在|缩短|减到|减少|控制|保证|不低于|不超过|不高于|不少于|不大于|不小于"
)
_BOUND = re.compile(
    r"[≥≤<>]|不低于|不高于|不超过|不少于|不大于|不小于|不多于|至少|最多|以上|以下|以内|之内|超过|低于|高于"
)
_VAGUE = re.compile(r"[十百千万几0-9][多几来][^，。；;,]?|[一两二三四五六七八九][三四五六七八九十两][天个月年次吨]")
_SO_FAR = re.compile(r"(?:只有|只能|仅|才|还有|还剩|花了?|用了?|得|老是|总是|经常|每次)[^，。；;,]{0,6}$")
_TAKES = re.compile(r"(?:要|需)$")
_TOO = re.compile(r"^[^，。；;,]{0,4}[，,]?\s*(?:太|偏|才|还是|又|实在)")
_SPENT = frozenset({"s", "min", "h", "d", "week", "month", "a", "CNY"})
"""Units of what something takes: 一批要二十多天 tells how it is, 残油要 5% how it should be."""
_LESS = re.compile(r"[降压缩减控]|少于|以内")
_MORE = re.compile(r"提|增|升")
_BUDGET = re.compile(r"预算|投入|经费|投资|资金|费用")
_SENTENCE = re.compile(r"[。；;！!？?\n]")
_SHORT_NAME = 12
_SHORTEST = 20
"""A problem told in fewer characters says too little to be compared."""
LONGEST = 20_200
"""Characters that are read: a title and a description are no longer, and reading megabytes takes minutes."""


def read(text: str) -> Reading:
    """Read parameters and a budget from a text. A present value goes to the row of the same name, not into a row of its own."""
    text = text[:LONGEST]
    proposals: dict[tuple[str, str], Proposal] = {}
    present: dict[tuple[str, str], str] = {}
    budget: tuple[int | None, int | None] | None = None
    nameless = []
    for item in find_quantities(text):
        words = text[item.start : item.end]
        before = text[max(0, item.start - 24) : item.start]
        if item.unit == "CNY" and (_BUDGET.search(item.name) or _BUDGET.search(before[-8:])):
            budget = budget or _fen(item)
            continue
        name = clean_name(item.name)
        told_now = is_told_of_today(item, before, words, text[item.end : item.end + 12])
        if told_now and not name:
            name = clean_name(_CLAUSE.split(before)[-1])[-_SHORT_NAME:]  # nobody demands it: any words will do
        elif not name:
            # 良品率只有 83 %，想提到 92 %: the second value is about what the first was about.
            name = next((known for known, unit in reversed(present) if unit == item.unit), "")
        if not name:
            nameless.append(words)
            continue
        key = (name, item.unit)
        if told_now:
            present.setdefault(key, words[:60])
        elif key not in proposals:
            proposals[key] = _proposal(name, item, words, _CLAUSE.split(before)[-1])
    rows = [Proposal(**{**vars_of(row), "present": present.get(key, "")}) for key, row in proposals.items()]
    today = [f"{name} {words}" for (name, unit), words in present.items() if (name, unit) not in proposals]
    return Reading(rows, budget, nameless[:6], today[:6])


def is_told_of_today(item: Quantity, before: str, words: str, after: str) -> bool:
    """Say whether a quantity tells how things are, not how they should be: 一批要二十多天, 良品率只有 83 %.

    What is asked for says so by a wish or a bound in its own clause. Without either, a rough number, a complaint or
    the time and money something takes is how it is today.
    """
    if _NOW.search(_SENTENCE.split(before)[-1]):
        return True
    clause = _CLAUSE.split(before)[-1]
    if _WANTED.search(clause) or _BOUND.search(words) or item.comparison in {"change", "tolerance"}:
        return False
    complaint = _SO_FAR.search(clause) or _TOO.search(after)
    takes = _TAKES.search(clause) and item.unit.split("/")[0] in _SPENT
    return bool(complaint or takes or _VAGUE.search(words))


def guess_subfield(text: str) -> str:
    """Guess the field from the terms of the plan that stand in a text; "" when none or several fit equally."""
    counts = {
        entry.code: sum(1 for term in entry.attributes.get("terms", ()) if len(term) > 1 and term in text)
        for entry in reference.entries(None, "subfield")
    }
    best = max(counts.values(), default=0)
    winners = [code for code, count in counts.items() if count == best]
    return winners[0] if best and len(winners) == 1 else ""


def clean_name(name: str) -> str:
    """Take the wish away from the name of a thing: 想找收率 → 收率."""
    return _TRAIL.sub("", _WISH.sub("", name.strip())).strip("的 ，、：:")[:60]


def vars_of(row: Proposal) -> dict[str, Any]:
    """Give the fields of a proposal."""
    return {name: getattr(row, name) for name in Proposal.__dataclass_fields__}


def usual(subfield: str | None) -> list[Proposal]:
    """List the parameters that needs of a field usually name, with the usual method; values are left to the firm."""
    return [
        Proposal(name, comparison, None, None, unit, must=False, method=method)
        for name, comparison, unit, method in _usual(subfield)["usual"]
    ]


def questions(subfield: str | None) -> list[str]:
    """List what a broker asks first about needs of a field."""
    return list(_usual(subfield)["ask"])


def title_from(body: str) -> str:
    """Make a title of a text that has none: its first sentence, at most 40 characters."""
    first = next((part.strip() for part in _SENTENCE.split(body) if part.strip()), "")
    return first if len(first) <= 40 else first[:39] + "…"


def checks(values: dict[str, Any], rows: list[dict[str, Any]]) -> list[Check]:
    """Say what of a complete need is there. `values` are the fields, `rows` the parameters, as they were written."""
    named = [row for row in rows if row.get("name")]
    methods = sum(1 for row in named if row.get("method"))
    found = [Check("body", "ok" if len(values.get("body") or "") >= _SHORTEST else "none")]
    found += [Check(name, "ok" if values.get(name) else "none") for name in ("plain", "tried")]
    found.append(Check("parameters", "ok" if named else "none", len(named)))
    found.append(Check("methods", _part(methods, len(named)), methods, len(named)))
    found += [Check(name, "ok" if values.get(name) else "none") for name in ("conditions", "acceptance", "subfield")]
    money = values.get("budget_low") or values.get("budget_high")
    found += [Check("budget", "ok" if money else "none"), Check("deadline", "ok" if values.get("deadline") else "none")]
    return found


def _part(done: int, of: int) -> str:
    return "none" if not done else ("ok" if done == of else "part")


def _proposal(name: str, item: Quantity, words: str, clause: str) -> Proposal:
    """Make a line of it. Whether it is a must is the firm's word, never ours."""
    low, high, comparison = item.low, item.high, item.comparison
    if comparison == "eq" and low is not None and low == high and _WANTED.search(clause):
        # 压到 5 %, 提到 92 %: a goal in the direction of the wish; better is as good.
        if _LESS.search(clause):
            comparison, low = "le", None
        elif _MORE.search(clause):
            comparison, high = "ge", None
    if item.comparison == "change" and item.falls and low is not None and low > 0:
        low, high = -(high or low), -low
    unit = item.unit if item.unit != "count" else ""
    return Proposal(name, comparison, low, high, unit, must=False, words=words)


def _fen(item: Quantity) -> tuple[int | None, int | None]:
    low, high = (None if value is None else round(value * 100) for value in (item.low, item.high))
    return low, high


@cache
def _table() -> dict[str, Any]:
    return dict(json.loads(DATA.read_text(encoding="utf-8")))


def _usual(subfield: str | None) -> dict[str, Any]:
    table = _table()
    return dict(table.get(subfield or "", table["_"]))
