"""What makes two records fit, beyond their words: parameters, field, place, maturity. No I/O."""

from typing import TYPE_CHECKING, Any

from services.ground import reference, regions
from services.listings.schemas import ListingView, ParameterOut

if TYPE_CHECKING:
    from services.matching.match_schemas import ParameterCheck

LABELS = {
    "kind": {"need": "需求", "result": "成果", "patent": "专利", "expert": "专家"},
    "maturity": {"early": "实验室（1–3 级）", "pilot": "样机、中试（4–6 级）", "production": "小批、量产（7–9 级）"},
    "freshness": {"fresh": "近 90 天确认", "ageing": "90–180 天", "stale": "超过 180 天未确认"},
    "cooperation": {
        "entrust": "委托开发",
        "cooperate": "合作开发",
        "transfer": "转让",
        "license": "许可",
        "consult": "咨询",
        "service": "技术服务",
        "use_first": "先用后付",
    },
    "organisation_kind": {
        "enterprise": "企业",
        "university": "高校",
        "institute": "科研院所",
        "broker_firm": "中介机构",
        "government": "机关",
        "station": "工作站",
        "other": "其他",
    },
    "state_of_patent": {"granted": "有效", "pending": "审查中", "expired": "已失效", "withdrawn": "已撤回"},
}
SIGNS = {
    "ge": "≥",
    "gt": ">",
    "le": "≤",
    "lt": "<",
    "eq": "=",
    "between": "",
    "approx": "约",
    "tolerance": "±",
    "change": "变化",
}
MUST_NOT_MET = -0.15
MET = 0.03


def label(name: str, value: str) -> str:
    """Say what people call a value of a facet."""
    if name in LABELS:
        return LABELS[name].get(value, value)
    if name in {"chain", "subfield"}:
        return reference.name_of(name, value)
    return regions.name_of(value) if name == "region" else value


def facts(need: ListingView, offer: ListingView) -> list[tuple[str, str]]:
    """List what the two share besides words: (kind, sentence)."""
    found = []
    if need.subfield and need.subfield == offer.subfield:
        found.append(("subfield", f"同在“{reference.name_of('subfield', need.subfield)}”"))
    elif need.chain and need.chain == offer.chain:
        found.append(("chain", f"同在“{reference.name_of('chain', need.chain)}”"))
    if need.region_code and need.region_code == offer.region_code:
        found.append(("region", f"都在{regions.name_of(need.region_code)}"))
    if offer.maturity and offer.maturity >= 6:
        found.append(("maturity", f"成熟度 {offer.maturity} 级"))
    if offer.details.get("legal_status") == "granted":
        found.append(("patent", "专利有效"))
    return found


def compare(need: ListingView, offer: ListingView) -> list[dict[str, Any]]:
    """Put each 技术指标 of a need beside the row of the same name and unit of the offer: met, not_met or unstated."""
    rows = []
    for wanted in need.parameters:
        found = next(
            (row for row in offer.parameters if _same(wanted.name, row.name) and wanted.unit == row.unit), None
        )
        rows.append(
            {
                "name": wanted.name,
                "must": wanted.must,
                "wanted": write(wanted),
                "found": write(found) if found else "",
                "verdict": "unstated" if found is None else _verdict(wanted, found),
            }
        )
    return rows


def adjustment(checks: "list[ParameterCheck]") -> float:
    """Say how parameters move a score between 0 and 1: a must that is not met sinks a record, it does not hide it."""
    missed = sum(1 for row in checks if row.must and row.verdict == "not_met")
    met = sum(1 for row in checks if row.verdict == "met")
    return MUST_NOT_MET * missed + MET * met


def level_with(level: int, checks: "list[ParameterCheck]") -> int:
    """Lower a level where a must is not met: one missed is no 强, two or more are no 较强."""
    missed = sum(1 for row in checks if row.must and row.verdict == "not_met")
    return min(level, 4 - min(missed, 2))


def write(row: ParameterOut) -> str:
    """Write a parameter's value as people read it."""
    low, high = (None if value is None else f"{value:g}" for value in (row.low, row.high))
    value = f"{low}–{high}" if low and high and low != high else (low or high or "")
    return f"{SIGNS[row.comparison]} {value} {row.unit}".strip()


def _same(one: str, other: str) -> bool:
    return one == other or (len(one) > 1 and len(other) > 1 and (one in other or other in one))


def _verdict(wanted: ParameterOut, found: ParameterOut) -> str:
    best_high = found.high if found.high is not None else found.low
    best_low = found.low if found.low is not None else found.high
    if best_high is None or best_low is None:
        return "unstated"
    if wanted.comparison in {"ge", "gt"} and wanted.low is not None:
        return "met" if best_low >= wanted.low else "not_met"
    limit = wanted.high if wanted.high is not None else wanted.low
    if wanted.comparison in {"le", "lt"} and limit is not None:
        return "met" if best_high <= limit else "not_met"
    if wanted.low is not None and wanted.high is not None:
        return "met" if wanted.low <= best_low and best_high <= wanted.high else "not_met"
    return "unstated"
