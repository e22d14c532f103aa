"""What the columns of exported lists are called, and how a value of the API is written in a cell."""

from collections.abc import Mapping, Sequence
from typing import Any

from services.ground import money, reference
from services.ground.errors import Invalid

HEADS = {
    "code": "编号",
    "title": "名称",
    "kind": "种类",
    "state": "状态",
    "name": "单位名称",
    "short_name": "简称",
    "uscc": "统一社会信用代码",
    "verified": "已核实",
    "owner_name": "单位",
    "owner_code": "单位编号",
    "registration_number": "合同登记编号",
    "registered_on": "登记日期",
    "contract_code": "合同",
    "step": "步骤",
    "need": "需求",
    "result": "成果",
    "seeker": "需求方",
    "provider": "供给方",
    "broker": "技术经理人",
    "your_side": "本人的一方",
    "next": "下一步",
    "end_reason": "结束原因",
    "contract_category": "合同类型",
    "contract_subtype": "合同类型（细分）",
    "category": "合同类型",
    "seller_name": "卖方",
    "seller_region": "卖方行政区划",
    "buyer_name": "买方",
    "buyer_region": "买方行政区划",
    "contract_amount_fen": "合同成交额（元）",
    "technical_amount_fen": "技术交易额（元）",
    "count_delta": "份数增减",
    "dated_on": "日期",
    "signed_on": "签订日期",
    "accepted_on": "受理日期",
    "due_on": "办理期限",
    "ended_on": "注销日期",
    "region_code": "县市区",
    "chain": "创新链",
    "subfield": "细分领域",
    "maturity": "成熟度",
    "budget_low_fen": "金额下限（元）",
    "budget_high_fen": "金额上限（元）",
    "deadline": "期限",
    "number": "专利申请号",
    "cooperation": "合作方式",
    "parameters": "技术指标",
    "summary": "一句话",
    "body": "说明",
    "intro": "简介",
    "reason": "原因",
    "deal_code": "对接",
    "need_code": "需求编号",
    "result_code": "成果编号",
    "published_at": "发布时间",
    "confirmed_at": "确认时间",
    "created_at": "开始时间",
    "moved_at": "最近变动",
    "updated_at": "最近改动",
}
"""In the order of the columns. What is not here goes out only when it is asked for by `fields=`."""
LISTS = {
    "region_code": "region",
    "seller_region": "region",
    "buyer_region": "region",
    "chain": "chain",
    "subfield": "subfield",
    "contract_category": "contract_category",
    "category": "contract_category",
    "contract_subtype": "contract_subtype",
}
"""Fields that hold a code: the file has the code and, beside it, the name."""
NAME = "__name"
STATES = {
    "draft": "草稿",
    "submitted": "已提交",
    "published": "已发布",
    "returned": "已退回",
    "withdrawn": "已撤下",
    "fulfilled": "已解决",
    "expired": "已过期",
    "supplement_requested": "待补正",
    "accepted": "已受理",
    "in_review": "审核中",
    "expert_review": "专家评审",
    "registered": "已登记",
    "refused": "不予登记",
    "cancelled": "已注销",
    "revoked": "已撤销",
    "open": "进行中",
    "signed": "已签约",
    "ended": "已结束",
    "active": "正常",
    "closed": "已关闭",
}


def columns_of(kind: str, items: Sequence[Mapping[str, Any]], fields: Sequence[str]) -> dict[str, str]:
    """Give the columns of a file: field -> head. Raises Invalid for a field that the list has not.

    jsonl has every field under its own name; tables have those that people read, codes with their names.
    """
    present = {name: None for item in items for name in item}
    wrong = [name for name in fields if present and name not in present]
    if wrong:
        raise Invalid("fields", "export_field_unknown", value=wrong[0][:40], allowed="、".join(present))
    if kind == "jsonl":
        return {name: name for name in fields or present}
    wanted = list(fields) or [name for name in HEADS if name in present]
    columns: dict[str, str] = {}
    for name in wanted:
        head = HEADS.get(name, name)
        if name in LISTS:
            columns[name] = f"{head}代码"
            columns[name + NAME] = head
        else:
            columns[name] = head
    return columns


def row_of(item: Mapping[str, Any], columns: Mapping[str, str]) -> dict[str, Any]:
    """Give the cells of one item."""
    return {column: _cell(item, column) for column in columns}


def _cell(item: Mapping[str, Any], column: str) -> Any:
    if column.endswith(NAME):
        name = column.removesuffix(NAME)
        return reference.name_of(LISTS[name], item.get(name))
    value = item.get(column)
    if column.endswith("_fen") and isinstance(value, int):
        return money.yuan(value).replace(",", "").replace("\N{MINUS SIGN}", "-")
    if column == "state":
        return STATES.get(str(value), value)
    if isinstance(value, Mapping):
        return _short(value)
    if isinstance(value, list):
        return "；".join(_short(one) if isinstance(one, Mapping) else str(one) for one in value)
    return value


def _short(value: Mapping[str, Any]) -> str:
    """Write a nested value in few words: what it is called, and a parameter as name, comparison and value."""
    if "comparison" in value:
        ends = "–".join(f"{end:g}" for end in (value.get("low"), value.get("high")) if end is not None)
        return f"{value.get('name')} {value['comparison']} {ends} {value.get('unit') or ''}".strip()
    return str(next((value[key] for key in ("title", "name", "text", "code") if value.get(key)), ""))
