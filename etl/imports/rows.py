"""From a row of somebody's table to what the services take: heads in both languages, spellings, words that mean levels."""

import re
from typing import Any

from services.ground import money
from services.ground.errors import Invalid

HEADS = {
    "title": ("title", "标题", "名称", "成果名称", "需求名称", "专利名称", "项目名称"),
    "body": ("body", "content", "description", "说明", "内容", "简介", "摘要", "abstract"),
    "summary": ("summary", "一句话"),
    "owner_name": ("owner", "单位", "单位名称", "权利人", "申请人", "organisation"),
    "number": ("number", "application_no", "申请号", "专利号", "专利申请号"),
    "patent_kind": ("patent_kind", "专利类型", "类型"),
    "legal_status": ("legal_status", "法律状态"),
    "maturity": ("maturity", "成熟度"),
    "application_date": ("application_date", "申请日"),
    "grant_date": ("grant_date", "授权日"),
    "ipc": ("ipc", "IPC", "分类号"),
    "key": ("rid", "id", "key", "编号"),
    "chain": ("chain", "创新链"),
    "subfield": ("subfield", "细分领域"),
    "budget": ("budget", "预算(万元)", "预算（万元）", "预算"),
    "name": ("name", "单位名称", "名称", "姓名"),
    "kind": ("kind", "单位类型"),
    "uscc": ("uscc", "统一社会信用代码"),
    "region_code": ("region_code", "行政区划代码"),
}
MATURITY = (
    ("产业化|量产|批量", 8),
    ("小批", 7),
    ("试生产|中试|应用开发", 6),
    ("样机", 5),
    ("样品|实验", 4),
    ("研发|研制|小试", 3),
    ("概念|方案|理论", 2),
)
STATUS = (
    ("有效|授权", "granted"),
    ("审|申请|公开", "pending"),
    ("失效|终止|届满|无效", "expired"),
    ("撤", "withdrawn"),
)
PATENT_KINDS = (("实用", "utility_model"), ("外观", "design"), ("发明", "invention"))


def pick(row: dict[str, Any], field: str, mapping: dict[str, str]) -> str:
    """Give the text of one of our fields: by the mapping given, else by any head we know."""
    for head in (mapping[field],) if field in mapping else HEADS[field]:
        value = row.get(head)
        if value not in (None, ""):
            return re.sub(r"[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff]", " ", str(value)).strip()
    return ""


def level_of(words: str) -> int | None:
    """Turn a word or a number into a maturity level; None for an unknown word."""
    if words.isdecimal() and 1 <= int(words) <= 9:
        return int(words)
    return next((level for pattern, level in MATURITY if re.search(pattern, words)), None)


def listing_values(kind: str, row: dict[str, Any], mapping: dict[str, str]) -> dict[str, Any]:
    """Give the values of a listing. A title alone is enough; unknown words are left out. Raises Invalid without one."""
    title = pick(row, "title", mapping)
    body = pick(row, "body", mapping)
    title = title or body[:60]
    if len(title) < 2:  # noqa: PLR2004, RUF100
        raise Invalid("title", "missing")
    values: dict[str, Any] = {
        "kind": kind,
        "title": title[:200],
        "summary": pick(row, "summary", mapping)[:500],
        "body": body[:20_000],
    }
    if level := level_of(pick(row, "maturity", mapping)):
        values["maturity"] = level
    for name in ("chain", "subfield"):
        if value := pick(row, name, mapping):
            values[name] = value
    if text := pick(row, "budget", mapping):
        try:
            values["budget_high_fen"] = money.parse(text, "万元")
        except ValueError as error:
            raise Invalid("budget", "import_amount", value=text[:40]) from error
    if kind == "patent":
        values["number"] = pick(row, "number", mapping)
        details = {name: pick(row, name, mapping)[:200] for name in ("application_date", "grant_date", "ipc")}
        status, shape = pick(row, "legal_status", mapping), pick(row, "patent_kind", mapping)
        granted = "granted" if details["grant_date"] or "授权" in shape else ""
        details["legal_status"] = next(
            (code for pattern, code in STATUS if status and re.search(pattern, status)), granted
        )
        details["kind"] = next((code for pattern, code in PATENT_KINDS if re.search(pattern, shape)), "")
        values["details"] = {name: value for name, value in details.items() if value}
    return values
