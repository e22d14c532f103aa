"""What the states, moves and fields of contracts are called on pages."""

from frontend.i18n import N_, _
from frontend.texts import text_of
from services.contracts.checks import CheckItem
from services.contracts.views import CheckLine, ClockOut, ContractItem
from services.ground import clock
from services.ground.workdays import Calendar

STATES = {
    "draft": N_("草稿"),
    "submitted": N_("已提交"),
    "supplement_requested": N_("待补正"),
    "accepted": N_("已受理"),
    "in_review": N_("审核中"),
    "expert_review": N_("专家评审"),
    "registered": N_("已登记"),
    "refused": N_("不予登记"),
    "cancelled": N_("已注销"),
    "revoked": N_("已撤销"),
    "discarded": N_("已作废"),
}
LOOKS = {
    "draft": "plain",
    "submitted": "info",
    "supplement_requested": "warn",
    "accepted": "info",
    "in_review": "info",
    "expert_review": "info",
    "registered": "ok",
    "refused": "bad",
    "cancelled": "plain",
    "revoked": "bad",
    "discarded": "plain",
}
MOVES = {
    "submit": N_("提交"),
    "return": N_("退回补正"),
    "supplement": N_("要求补正"),
    "accept": N_("受理"),
    "review": N_("开始审核"),
    "experts": N_("送专家评审"),
    "approve": N_("初审通过"),
    "unapprove": N_("撤回初审"),
    "refuse": N_("不予登记"),
    "reopen": N_("重新填报"),
    "register": N_("登记"),
    "record": N_("补录"),
    "change": N_("变更登记"),
    "cancel": N_("注销登记"),
    "revoke": N_("撤销登记"),
    "discard": N_("作废"),
    "forget": N_("抹去个人信息"),
}
MOVEMENTS = {
    "registration": N_("登记"),
    "change": N_("变更"),
    "cancellation": N_("注销冲减"),
    "revocation": N_("撤销冲减"),
    "correction": N_("更正"),
}
VERSION_KINDS = {"submitted": N_("提交"), "registered": N_("登记"), "changed": N_("变更")}
AMOUNT_STATES = {"determined": N_("金额确定"), "capped": N_("有封顶"), "undetermined": N_("金额待定")}
CROSS_BORDER = {"none": N_("不涉外"), "import": N_("技术进口"), "export": N_("技术出口")}
SIDES = {"seller": N_("卖方"), "buyer": N_("买方")}
ROLE_WORDS = {
    "DEV": (N_("研究开发人"), N_("委托人")),
    "TRF": (N_("让与人"), N_("受让人")),
    "LIC": (N_("许可人"), N_("被许可人")),
    "CON": (N_("受托人"), N_("委托人")),
    "SRV": (N_("受托人"), N_("委托人")),
    "SRV_TRAINING": (N_("培训人"), N_("受训人")),
    "SRV_AGENCY": (N_("中介人"), N_("委托人")),
}
PARTS = {
    "basics": N_("名称与类型"),
    "parties": N_("当事人"),
    "amounts": N_("两个金额"),
    "elements": N_("登记要素"),
    "rights": N_("知识产权与其他"),
}
LABELS = {
    "contract_title": N_("合同名称"),
    "internal_number": N_("单位自编合同编号"),
    "contract_category": N_("合同类型"),
    "contract_subtype": N_("细分类型"),
    "license_mode": N_("许可方式"),
    "is_equity_contribution": N_("技术入股"),
    "is_confidential": N_("涉密"),
    "signed_on": N_("签订日期"),
    "effective_on": N_("生效日期"),
    "valid_from": N_("有效期开始"),
    "valid_to": N_("有效期结束"),
    "contract_amount_fen": N_("合同成交额"),
    "technical_amount_fen": N_("技术交易额"),
    "amount_status": N_("金额状态"),
    "amount_cap_fen": N_("封顶金额"),
    "non_technical_items": N_("非技术性费用明细"),
    "non_technical_items.*.amount_fen": N_("明细第 {n} 行的金额"),
    "non_technical_items.*.kind": N_("明细第 {n} 行的种类"),
    "payment_mode": N_("付款方式"),
    "payment_schedule": N_("付款计划"),
    "payment_schedule.*.amount_fen": N_("付款计划第 {n} 期的金额"),
    "payment_schedule.*.due_on": N_("付款计划第 {n} 期的日期"),
    "technical_field": N_("技术领域"),
    "ip_types": N_("知识产权形式"),
    "ip_objects": N_("知识产权清单"),
    "ip_objects.*.number": N_("知识产权第 {n} 件的号码"),
    "plan_source": N_("计划来源"),
    "project_number": N_("计划项目编号"),
    "socio_economic_objective": N_("社会经济目标"),
    "served_industry": N_("服务的国民经济行业"),
    "is_related_party": N_("关联交易"),
    "relation_kind": N_("关联关系"),
    "relation_share_percent": N_("关联比例"),
    "cross_border": N_("涉外"),
    "country_code": N_("国别代码"),
    "currency": N_("币种"),
    "amount_original": N_("原币金额"),
    "fx_rate": N_("汇率"),
    "fx_date": N_("汇率日期"),
    "fx_source": N_("汇率来源"),
    "expected_new_investment_fen": N_("预计新增投入"),
    "expected_new_output_fen": N_("预计新增产值"),
    "abstract": N_("合同标的简介"),
    "main_contract": N_("主合同"),
    "broker_id": N_("技术经理人"),
    "chain": N_("创新链"),
    "subfield": N_("细分领域"),
    "filled_on": N_("填报日期"),
    "filing.filled_by": N_("填报人"),
    "filing.responsible_person": N_("负责人"),
    "seller": N_("卖方"),
    "buyer": N_("买方"),
    "parties": N_("当事人"),
    "parties.*.name": N_("第 {n} 方的单位名称"),
    "parties.*.uscc": N_("第 {n} 方的统一社会信用代码"),
    "parties.*.party_group": N_("第 {n} 方的统计类别"),
    "parties.*.region_code": N_("第 {n} 方的地区"),
    "parties.*.country_code": N_("第 {n} 方的国别代码"),
    "parties.*.share_amount_fen": N_("第 {n} 方的份额"),
    "parties.*.organisation_code": N_("第 {n} 方的单位编号"),
    "registration_number": N_("登记编号"),
    "registered_on": N_("登记日期"),
    "decided_on": N_("决定日期"),
    "registrar_org": N_("登记机构"),
    "registration_point": N_("登记点"),
    "certificate_issued_on": N_("证明出具日期"),
    "reason": N_("理由"),
    "ground": N_("依据"),
    "evidence": N_("依据材料"),
    "changed_on": N_("变更日期"),
    "ended_on": N_("日期"),
    "verification.contract_amount_fen": N_("核定的成交额"),
    "verification.technical_amount_fen": N_("核定的技术交易额"),
    "verification.reason": N_("核定与申报不同的理由"),
    "verification.items.*.amount_fen": N_("核定明细第 {n} 行"),
    "decided_type.contract_subtype": N_("细分类型"),
    "decided_type.reason": N_("与申报不同的理由"),
    "days": N_("放假和调休的日子"),
    "year": N_("年份"),
    "codes": N_("所选合同"),
    "organisation_code": N_("单位编号"),
    "decision": N_("决定"),
    "kind": N_("种类"),
    "file": N_("文件"),
}
PART_OF = {
    "basics": (
        "contract_title",
        "internal_number",
        "contract_category",
        "contract_subtype",
        "license_mode",
        "is_equity_contribution",
    ),
    "parties": ("parties", "seller", "buyer"),
    "amounts": (
        "contract_amount_fen",
        "technical_amount_fen",
        "amount_status",
        "amount_cap_fen",
        "non_technical_items",
        "payment_mode",
        "payment_schedule",
        "currency",
        "amount_original",
        "fx_rate",
        "fx_date",
        "fx_source",
    ),
    "rights": (
        "ip_types",
        "ip_objects",
        "expected_new_investment_fen",
        "expected_new_output_fen",
        "main_contract",
        "abstract",
        "filing",
        "filled_on",
    ),
}
"""Which part of the form a field stands in; the rest stands in `elements`."""


def labels() -> dict[str, str]:
    """Give the names of fields in the language of the page."""
    return {name: _(text) for name, text in LABELS.items()}


def label_of(field: str) -> str:
    """Name one field; rows get their number."""
    parts = field.split(".")
    number = next((int(part) + 1 for part in parts if part.isdecimal()), 0)
    pattern = ".".join("*" if part.isdecimal() else part for part in parts)
    text = LABELS.get(field) or LABELS.get(pattern)
    return _(text).replace("{n}", str(number)) if text else field


def part_of(field: str) -> str:
    """Say in which part of the form a field stands."""
    head = field.split(".", maxsplit=1)[0]
    return next((part for part, names in PART_OF.items() if head in names), "elements")


def state_of(item: ContractItem) -> tuple[str, str]:
    """Give the word and the look of a contract's state; a registered one that was changed says so."""
    if item.state == "registered" and item.changes:
        return _("已变更"), "warn"
    return _(STATES[item.state]), LOOKS[item.state]


def role_words(category: str | None, subtype: str | None) -> tuple[str, str]:
    """Give what seller and buyer are called in a contract of this kind: 卖方（研究开发人）."""
    found = ROLE_WORDS.get(subtype or "") or ROLE_WORDS.get(category or "")
    if not found:
        return _(SIDES["seller"]), _(SIDES["buyer"])
    return f"{_(SIDES['seller'])}（{_(found[0])}）", f"{_(SIDES['buyer'])}（{_(found[1])}）"


def clock_words(found: ClockOut | None) -> tuple[str, str]:
    """Say how the time for the decision stands, and how it looks."""
    if found is None:
        return "", "plain"
    unit = _("个工作日") if found.kind == "working_day" else _("天")
    if found.stopped:
        return _("已停表，等补正；用了 %(used)s %(unit)s") % {"used": found.used, "unit": unit}, "warn"
    left = found.days - found.used
    if left < 0:
        return _("逾期 %(n)s %(unit)s") % {"n": -left, "unit": unit}, "bad"
    text = _("第 %(used)s %(unit)s，共 %(days)s") % {"used": found.used, "unit": unit, "days": found.days}
    return text, "warn" if left <= 3 else "plain"


def due_words(item: ContractItem, calendar: Calendar) -> tuple[str, str]:
    """Say for the queue when a contract is due."""
    if item.state == "supplement_requested":
        return _("停表，等补正"), "plain"
    if item.due_on is None:
        return "", "plain"
    left = calendar.days_left(clock.today(), item.due_on)
    if item.due_on < clock.today():
        return _("逾期 %(n)s 个工作日，应于 %(d)s 办结") % {"n": -left, "d": item.due_on.isoformat()}, "bad"
    if item.due_on == clock.today():
        return _("今天到期"), "bad"
    look = "warn" if left <= 3 else "plain"
    return _("还剩 %(n)s 个工作日，%(d)s 到期") % {"n": left, "d": item.due_on.isoformat()}, look


def check_line(item: CheckItem | CheckLine, base: str) -> tuple[str, str, str, str]:
    """Give one line of the check list as the macro wants it, with a link to the part of the form."""
    states = {"ok": "ok", "missing": "missing", "not_applicable": "none"}
    url = f"{base}/edit#{part_of(item.field)}" if base and item.status == "missing" else ""
    return label_of(item.field), states[item.status], url, ""


def finding_text(field: str, code: str, params: dict[str, object]) -> str:
    """Say a finding in one sentence with the name of its field."""
    return f"{label_of(field)}：{text_of(code, params)}"
