"""What makes two records fit, beyond their words: parameters, field, place, maturity. No I/O."""

from typing import TYPE_CHECKING

from search.levels import FAIRLY_STRONG
from search.reasons import Said
from services.ground import reference, regions
from services.listings.schemas import ListingView

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
MUST_NOT_MET = -0.15
MET = 0.03
PROVING = 2
"""So many parameters met, all musts among them, prove a match; one alone may agree by chance. Chosen by reading."""


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


def adjustment(rows: "list[ParameterCheck]") -> float:
    """Say how parameters move a score between 0 and 1: a must that is not met sinks a record, it does not hide it."""
    missed = sum(1 for row in rows if row.must and row.verdict == "not_met")
    met = sum(1 for row in rows if row.verdict == "met")
    return MUST_NOT_MET * missed + MET * met


def level_with(level: int, rows: "list[ParameterCheck]", said: Said) -> int:
    """Lower a level where a must is not met, or where the record does not say what the title of the need names.

    A record that shares a telling word and meets every must, and two parameters or more, is 较强 at least: measured
    values say more than the choice of words.
    One must missed is no 强, two or more are no 较强. 强 and 较强 need that much of the title's words in the record
    (search/data/thresholds.json); a record with a text that shares no telling word and meets no parameter is 无: it was
    found by single characters.
    """
    missed = sum(1 for row in rows if row.must and row.verdict == "not_met")
    level = min(level, 4 - min(missed, 2), said.most())
    met = sum(1 for row in rows if row.verdict == "met")
    if said.has_text and not said.words and not met:
        return 1
    musts = [row for row in rows if row.must]
    proved = said.words and met >= PROVING and musts and all(row.verdict == "met" for row in musts)
    return max(level, FAIRLY_STRONG) if proved else level
