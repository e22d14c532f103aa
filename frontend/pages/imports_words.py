"""Words of the import pages: kinds, states, steps, and what a finding says."""

from dataclasses import dataclass

from etl.imports import kinds
from etl.imports.report import how_to_mend
from frontend import texts
from frontend.i18n import N_, _
from services.ground.actor import Actor
from services.ground.batches import ImportBatch, ImportFault

KIND_NAMES = {
    "results": N_("科技成果"),
    "patents": N_("专利"),
    "needs": N_("技术需求"),
    "experts": N_("专家"),
    "contracts": N_("技术合同"),
    "organisations": N_("单位"),
}
KIND_NOTES = {
    "results": N_("单位的成果汇总表。只有名称也能导入。"),
    "patents": N_("专利清单。专利号会核对校验位，同一个号只收一次。"),
    "needs": N_("企业提的需求。编号和名称都重复的只收一次。"),
    "experts": N_("专家名册。"),
    "contracts": N_("学校的横向合同表、登记清单或本系统的工作簿。有登记编号的只能由登记员导入，其余先成为草稿。"),
    "organisations": N_("企业名录。名称完全相同的只收一次。"),
}
STATES = {
    "checking": (N_("正在检查"), "info"),
    "checked": (N_("检查完，等您决定"), "warn"),
    "writing": (N_("正在写入"), "info"),
    "stopped": (N_("停下了"), "warn"),
    "removing": (N_("正在退回"), "info"),
    "done": (N_("已写入"), "ok"),
    "refused": (N_("一行都没有写"), "bad"),
    "removed": (N_("已退回"), "plain"),
    "undone": (N_("已整批撤回"), "plain"),
}
STEPS = (N_("上传"), N_("检查"), N_("写入"))
AT_STEP = {"checking": 1, "checked": 1, "writing": 2, "stopped": 2, "removing": 2, "refused": 2}


@dataclass(frozen=True)
class FaultRow:
    """One finding as people read it: where, what stands there, why not, how to mend it."""

    line: int
    sheet: str
    row: int
    column: str
    value: str
    why: str
    mend: str
    record: str


def kind_name(kind: str) -> str:
    """Say what people call a kind of record."""
    return _(KIND_NAMES.get(kind, kind))


def state_tag(state: str) -> tuple[str, str]:
    """Say how far a batch has come: words and look."""
    words, look = STATES[state]
    return _(words), look


def steps(row: ImportBatch) -> list[tuple[str, str, str]]:
    """Give the three steps of a batch for the list on top of its page."""
    at = AT_STEP.get(row.state, len(STEPS))
    looks = ["done" if place < at else "now" if place == at else "later" for place in range(len(STEPS))]
    if row.state == "checked":
        details = ["", _("还没写入任何记录"), ""]
    else:
        details = ["", "", state_tag(row.state)[0] if at >= 2 else ""]  # noqa: PLR2004, RUF100
    return [(_(name), detail, look) for name, detail, look in zip(STEPS, details, looks, strict=True)]


def kinds_for(actor: Actor) -> list[str]:
    """List the kinds that somebody may bring, the likeliest first."""
    roles = {grant.role for grant in actor.grants}
    if actor.trusted or "administrator" in roles:
        return list(KIND_NAMES)
    listings = ["results", "patents", "needs", "experts"]
    if roles & {"member", "organisation_admin", "station_clerk"}:
        return [*listings, "contracts"]
    return [
        *(listings if roles & {"moderator", "broker"} else []),
        *(["organisations"] if "moderator" in roles else []),
        *(["contracts"] if "registrar" in roles else []),
    ]


def labels(kind: str) -> list[tuple[str, str]]:
    """List our columns for a choice: (field, name)."""
    return list(kinds.taker(kind).labels.items())


def label(kind: str, field: str) -> str:
    """Say what people call one of our columns."""
    return str(kinds.taker(kind).labels.get(field, field))


def fault_row(kind: str, fault: ImportFault) -> FaultRow:
    """Put a finding into words."""
    column = f"{fault.letter} {fault.column}".strip() if fault.column != fault.field else label(kind, fault.field)
    mend = how_to_mend(fault)
    return FaultRow(
        fault.line,
        fault.sheet,
        fault.row,
        column,
        fault.value,
        why(fault),
        texts.text_of(mend) if mend else "",
        str(fault.params.get("record", "")),
    )


def why(fault: ImportFault) -> str:
    """Say why a cell kept its row out."""
    return texts.text_of(fault.code, {"value": fault.value, **fault.params})


def short_reason(code: str) -> str:
    """Say a reason in few words, for the choice above the table."""
    return _(SHORT[code]) if code in SHORT else texts.text_of(code).partition("；")[0].replace("“…”", "").strip("，、")


SHORT = {
    "missing": N_("必填为空"),
    "required": N_("必填为空"),
    "import_amount": N_("金额读不懂"),
    "import_day_unknown": N_("日期读不懂"),
    "import_number_spoilt": N_("号码变成科学计数"),
    "import_formula": N_("公式没有结果"),
    "import_owner_not_yours": N_("别家单位的"),
    "import_maturity_unknown": N_("成熟度写法不认识"),
    "import_code_unknown": N_("不在选项里"),
    "import_word_unknown": N_("写法不认识"),
    "import_row_twice": N_("前面已有同样的行"),
    "import_known_differs": N_("已有记录，内容不同"),
    "import_owner_new": N_("新单位"),
    "import_cut": N_("太长，截短了"),
    "patent_number_form": N_("专利号读不懂"),
    "contract_candidate": N_("可能是同一份合同"),
    "nul_in_text": N_("有不能保存的字符"),
    "import_in_other_batch": N_("在另一批里"),
}
