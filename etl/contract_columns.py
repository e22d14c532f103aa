"""The columns of the full contract workbook: every field of a contract, by sheet, with what people call it.

One sheet has a row a contract; the others have a row for each party, line of a worksheet, payment, right and receipt, and
name the contract in their first column. What goes out under these heads comes in under them (etl/imports/whole.py).
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from services.contracts.content import (
    Contact,
    Content,
    Filing,
    IpObject,
    NonTechnicalItem,
    Party,
    PaymentItem,
)
from services.ground import money
from services.ground.errors import FieldError

MAIN = "合同"
CODE = "本系统编号"
REGISTRATION = {
    "registration_number": "合同登记编号",
    "registered_on": "登记日期",
    "accepted_on": "受理日期",
    "decided_on": "决定日期",
    "registrar_org": "登记机构",
    "registration_point": "登记点",
    "certificate_issued_on": "证明出具日期",
}
VERIFIED = {
    "contract_amount_fen": "核定成交额（元）",
    "technical_amount_fen": "核定技术交易额（元）",
    "reason": "核定与申报不同的理由",
}
CONTENT = {
    "contract_title": "合同名称",
    "internal_number": "合同编号（单位自编）",
    "contract_category": "合同类型代码",
    "contract_subtype": "合同细分类型代码",
    "license_mode": "许可方式代码",
    "is_equity_contribution": "技术入股",
    "is_confidential": "涉密",
    "signed_on": "签订日期",
    "effective_on": "生效日期",
    "valid_from": "有效期起",
    "valid_to": "有效期止",
    "contract_amount_fen": "申报成交额（元）",
    "technical_amount_fen": "申报技术交易额（元）",
    "amount_status": "金额状态",
    "amount_cap_fen": "封顶金额（元）",
    "payment_mode": "付款方式代码",
    "technical_field": "技术领域代码",
    "ip_types": "知识产权形式代码",
    "plan_source": "计划来源代码",
    "project_number": "计划项目编号",
    "socio_economic_objective": "社会经济目标代码",
    "served_industry": "服务行业代码",
    "is_related_party": "关联交易",
    "relation_kind": "关联关系",
    "relation_share_percent": "关联持股比例（%）",
    "cross_border": "涉外",
    "country_code": "国别代码",
    "currency": "币种",
    "amount_original": "原币金额",
    "fx_rate": "汇率",
    "fx_date": "汇率日期",
    "fx_source": "汇率来源",
    "expected_new_investment_fen": "预计新增投入（元）",
    "expected_new_output_fen": "预计新增产值（元）",
    "abstract": "标的简介",
    "main_contract": "主合同",
    "broker_id": "技术经理人编号",
    "broker_role": "技术经理人角色",
    "need_code": "需求编号",
    "result_code": "成果编号",
    "deal_code": "对接编号",
    "chain": "创新链代码",
    "subfield": "细分领域代码",
    "registered_elsewhere": "异地登记",
    "filled_on": "填报日期",
}
FILING = {"filled_by": "填报人", "responsible_person": "负责人"}
PARTY = {
    "role": "买卖方",
    "sequence": "第几方",
    "is_primary": "主要当事人",
    "share_amount_fen": "份额（元）",
    "organisation_code": "单位编号",
    "name": "单位名称",
    "branch_name": "院系或分支机构",
    "uscc": "统一社会信用代码",
    "uscc_override_reason": "信用代码例外理由",
    "party_nature": "单位性质代码",
    "market_entity_type": "市场主体类型代码",
    "party_group": "统计类别代码",
    "region_code": "行政区划代码",
    "country_code": "国别代码",
    "industry": "所属行业代码",
    "enterprise_scale": "企业规模代码",
    "flags": "标志",
    "develops": "参加研究开发",
}
CONTACT = {
    "address": "地址",
    "legal_representative": "法定代表人",
    "contact": "联系人",
    "phone": "电话",
    "postcode": "邮编",
}
LINE = {"kind": "项目代码", "name": "名称", "amount_fen": "金额（元）", "evidence": "依据"}
PAYMENT = {
    "due_rule": "付款条件",
    "due_on": "付款日期",
    "share_percent": "比例（%）",
    "amount_fen": "金额（元）",
    "condition": "前提",
}
RIGHT = {
    "kind": "形式代码",
    "number": "号码",
    "title": "名称",
    "owner": "权利人",
    "legal_status": "法律状态",
    "number_override_reason": "号码例外理由",
}
RECEIPT = {
    "received_on": "到账日期",
    "kind": "种类",
    "amount_fen": "到账金额（元）",
    "technical_amount_fen": "其中技术交易额（元）",
    "management_fee_fen": "管理费（元）",
    "service_fee_fen": "认定登记服务费（元）",
    "vat_fen": "增值税（元）",
    "currency": "币种",
    "amount_original": "原币金额",
    "fx_rate": "汇率",
    "fx_source": "汇率来源",
    "note": "说明",
}
NAMES = {
    "contract_category": ("contract_category", "合同类型"),
    "contract_subtype": ("contract_subtype", "合同细分类型"),
    "technical_field": ("technical_field", "技术领域"),
    "payment_mode": ("payment_mode", "付款方式"),
    "plan_source": ("plan_source", "计划来源"),
    "chain": ("chain", "创新链"),
    "region_code": ("region", "行政区划"),
    "party_group": ("party_group", "统计类别"),
}
"""Codes that have their name in a column beside them, which nothing reads back."""
STATES, CHANGES, BROKER = "状态", "变更次数", "技术经理人"
"""Of the first sheet: where the contract stands, how often it was changed since, and who brokered it."""


@dataclass(frozen=True)
class Sheet:
    """One of the sheets with several rows a contract: what they become in a record, and their columns."""

    title: str
    part: str
    columns: Mapping[str, str]


SHEETS = (
    Sheet("当事人", "parties", PARTY | CONTACT),
    Sheet("非技术性费用", "non_technical_items", LINE),
    Sheet("核定明细", "verified_items", LINE),
    Sheet("付款计划", "payment_schedule", PAYMENT),
    Sheet("知识产权", "ip_objects", RIGHT),
    Sheet("到账", "receipts", RECEIPT),
)
TITLES = frozenset({MAIN, *(sheet.title for sheet in SHEETS)})
MODELS: tuple[tuple[type[Any], Mapping[str, str], frozenset[str]], ...] = (
    (Content, CONTENT, frozenset({"non_technical_items", "payment_schedule", "ip_objects", "filing", "parties"})),
    (Party, PARTY, frozenset({"contact"})),
    (Contact, CONTACT, frozenset()),
    (Filing, FILING, frozenset()),
    (NonTechnicalItem, LINE, frozenset()),
    (PaymentItem, PAYMENT, frozenset()),
    (IpObject, RIGHT, frozenset()),
)
"""Which columns hold the fields of which model, and which of its fields have sheets or columns of their own."""

YES, NO = "是", "否"
YES_OR_NO = frozenset(
    {"is_equity_contribution", "is_confidential", "is_related_party", "registered_elsewhere", "is_primary", "develops"}
)
SEVERAL = frozenset({"ip_types", "flags"})
"""Fields of several codes in one cell."""


def cell_of(name: str, value: Any) -> str:
    """Write a value of the record as the text of a cell."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return YES if value else NO
    if isinstance(value, list):
        return "、".join(map(str, value))
    if name.endswith("_fen"):
        return money.yuan(int(value)).replace(",", "").replace("\N{MINUS SIGN}", "-")
    return str(value)


def value_of(name: str, text: str) -> Any:
    """Read the text of a cell. Raises ValueError for money that is none; other values are judged by their model."""
    text = text.strip()
    if name in SEVERAL:
        return [part for part in text.replace(",", "、").split("、") if part]
    if not text:
        return None
    if name in YES_OR_NO:
        return {YES: True, NO: False}.get(text, text)
    if name.endswith("_fen"):
        return money.parse(text, "元")
    return text


def values_of(
    columns: Mapping[str, str], cells: Mapping[str, str], where: str
) -> tuple[dict[str, Any], list[FieldError]]:
    """Read the cells of a row by their heads; empty cells are left to the model. Gives what cannot be read too."""
    found: dict[str, Any] = {}
    wrong: list[FieldError] = []
    for name, head in columns.items():
        try:
            value = value_of(name, cells.get(head, ""))
        except ValueError:
            wrong.append(FieldError(f"{where}{name}", "import_amount", {"value": cells.get(head, "")[:40]}))
            continue
        if value is not None and value != []:
            found[name] = value
    return found, wrong


def place_of(record: Mapping[str, Any], field: str) -> tuple[str, int, str]:
    """Say where a field of a record stood in the workbook: sheet, row (0 for that of the record itself), head."""
    name = field.removeprefix("content.")
    part = ".".join(name.split(".")[:2])
    sheet, row = record["rows"].get(part, [MAIN, 0])
    known = next((item.columns for item in SHEETS if item.title == sheet), CONTENT | FILING | REGISTRATION)
    last = name.rpartition(".")[2]
    if field.startswith("verification."):
        known = VERIFIED
    return sheet, row, known.get(last, last)
