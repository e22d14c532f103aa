"""One contract as its page shows it: amounts, parties, facts, papers, checks, and what can be decided."""

from dataclasses import dataclass, field
from typing import Any

from sqlmodel import Session

from frontend.i18n import N_, _
from frontend.pages import contracts_words as words
from frontend.pages.contracts_facts import Names, facts_of, place_note, rights_of, sides_of
from frontend.texts import text_of
from frontend.web import FormErrors
from services.contracts import service
from services.contracts.content import Content, Party, Verification
from services.contracts.rules import AT_THE_DESK, OPEN_REVIEW
from services.contracts.views import ContractOut, FileLine, HistoryLine
from services.ground import clock, reference
from services.ground.actor import Actor
from services.ground.record_numbers import page_of

STEPS = (
    ("draft", N_("草稿"), ""),
    ("submitted", N_("已提交"), "submit"),
    ("accepted", N_("已受理"), "accept"),
    ("in_review", N_("审核中"), "review"),
    ("registered", N_("已登记"), "register"),
)


def names(session: Session) -> Names:
    """Give a function from a code list to its names; each list is read once for one page."""
    known: dict[str, dict[str, str]] = {}

    def of(list_code: str) -> dict[str, str]:
        if list_code not in known:
            known[list_code] = {entry.code: entry.name for entry in reference.entries(session, list_code)}
        return known[list_code]

    return of


@dataclass(frozen=True)
class SheetLine:
    """One line of the worksheet between the two amounts."""

    index: int
    label: str
    kept: bool
    evidence: str
    claimed: int | None
    verified: int | None


@dataclass(frozen=True)
class Paper:
    """One paper of the list D1–D10 and how it stands."""

    code: str
    name: str
    state: str
    files: list[FileLine]
    needed: str
    """needed, not_needed or look: what the record says."""
    why: str


@dataclass
class ContractPage:
    """Everything contracts/show.html and contracts/print.html may use."""

    contract: ContractOut
    deal_url: str
    """Where it came from, for those who may look into the deal."""
    state: tuple[str, str]
    steps: list[tuple[str, str, str]]
    category: str
    subtype: str
    decided_type: str
    sheet: list[SheetLine]
    kinds: list[tuple[str, str]]
    claimed: tuple[int | None, int | None]
    verified: tuple[int | None, int | None]
    share: tuple[str, float]
    sides: list[tuple[str, Party, list[tuple[str, str]]]]
    place_note: str
    facts: list[list[tuple[str, str]]]
    clock: tuple[str, str]
    rights: list[tuple[str, str, str, str, str]]
    """Kind, number, title, owner and legal status of each right."""
    papers: list[Paper]
    other_files: list[FileLine]
    checks: list[tuple[str, str, str, str]]
    open_checks: int
    warnings: list[str]
    problems: list[str]
    handled_by: list[tuple[str, str]]
    history: list[tuple[HistoryLine, str, str]]
    movement_names: dict[str, str]
    version_names: dict[str, str]
    grounds: list[tuple[str, str]]
    ground_name: str
    decisions: list[tuple[str, str, str]]
    can_verify: bool
    base: str
    capital: tuple[str, str]
    values: dict[str, str] = field(default_factory=dict)
    errors: FormErrors = field(default_factory=FormErrors)
    problem: str = ""


def contract_page(session: Session, actor: Actor, code: str, **more: Any) -> ContractPage:
    """Gather one contract for one reader."""
    contract = service.get_visible(session, actor, code)
    named = names(session)
    content, found = contract.content, contract.verification
    subtypes, base = named("contract_subtype"), f"/contracts/{code}"
    claimed = (content.contract_amount_fen, content.technical_amount_fen)
    verified = (found.contract_amount_fen, found.technical_amount_fen) if found else (None, None)
    counted = verified if verified[0] is not None else claimed
    papers, others = _papers(named, contract)
    checks = [words.check_line(line, base if "edit" in contract.moves else "") for line in contract.checks]
    grounds = _grounds(named)
    return ContractPage(
        contract=contract,
        deal_url=(page_of(session, actor, contract.deal_code) or "") if contract.deal_code else "",
        state=words.state_of(contract),
        steps=_steps(contract),
        category=named("contract_category").get(contract.contract_category or "", ""),
        subtype=subtypes.get(contract.contract_subtype or "", ""),
        decided_type=_decided_type(contract, subtypes),
        sheet=_sheet(named, content, found),
        kinds=list(named("non_technical_item").items()),
        claimed=claimed,
        verified=verified,
        share=_share(counted),
        sides=sides_of(named, content),
        place_note=place_note(named, content),
        facts=facts_of(named, content),
        clock=words.clock_words(contract.clock),
        rights=rights_of(named, content),
        papers=papers,
        other_files=others,
        checks=[line for line in checks if line[1] == "missing"],
        open_checks=sum(line[1] == "missing" for line in checks),
        warnings=[words.finding_text(item.field, item.code, item.params) for item in contract.warnings],
        problems=[words.finding_text(item.field, item.code, item.params) for item in contract.problems],
        handled_by=_handled_by(contract),
        history=[
            (line, _(words.MOVES.get(line.move, line.move)), grounds.get(line.ground or "", ""))
            for line in contract.history
        ],
        movement_names={key: _(text) for key, text in words.MOVEMENTS.items()},
        version_names={key: _(text) for key, text in words.VERSION_KINDS.items()},
        grounds=list(named("refusal_ground").items()),
        ground_name=grounds.get(contract.ground or "", ""),
        decisions=_decisions(contract),
        can_verify="refuse" in contract.moves and contract.state in OPEN_REVIEW,
        base=base,
        capital=(_capital(counted[0]), _capital(counted[1])),
        **more,
    )


def _capital(fen: int | None) -> str:
    return service.capital_words(fen) if fen is not None else ""


def _decided_type(contract: ContractOut, subtypes: dict[str, str]) -> str:
    """Name the type the registrar found, while it is not yet what the record says."""
    found = contract.review.decided_type if contract.review else None
    if found is None or found.contract_subtype == contract.content.contract_subtype:
        return ""
    return subtypes.get(found.contract_subtype, found.contract_subtype)


def _steps(contract: ContractOut) -> list[tuple[str, str, str]]:
    state = {"expert_review": "in_review", "cancelled": "registered", "revoked": "registered"}.get(
        contract.state, contract.state
    )
    if state == "supplement_requested":
        state = "accepted" if contract.accepted_on else "submitted"
    if state == "refused":
        state = "in_review"
    keys = [key for key, _name, _move in STEPS]
    now = keys.index(state) if state in keys else 0
    found = []
    for index, (_key, name, move) in enumerate(STEPS):
        line = next((item for item in reversed(contract.history) if item.move == move), None)
        day = f"{line.at.astimezone(clock.LAW_ZONE):%m-%d} {line.person}" if line else ""
        over = state == "registered"
        look = "done" if index < now or (over and index == now) else "now" if index == now else "later"
        if index == now and not over:
            day = (
                words.state_of(contract)[0] if contract.state != state else words.clock_words(contract.clock)[0] or day
            )
        if index == len(STEPS) - 1 and not over:
            day = _("要官方编号")
        found.append((_(name), day, look))
    return found


def _sheet(named: Names, content: Content, found: Verification | None) -> list[SheetLine]:
    kinds = named("non_technical_item")
    lines = []
    claimed = content.non_technical_items
    verified = found.items if found else []
    for index in range(max(len(claimed), len(verified))):
        theirs = claimed[index] if index < len(claimed) else None
        ours = verified[index] if index < len(verified) else None
        line = ours or theirs
        assert line is not None
        kind, name = line.kind or "OTHER", line.name or (theirs.name if theirs else None)
        kept = kind == "SAMPLE_OK"
        short = _("合理数量标的物的直接成本") if kept else kinds.get(kind, kind)
        label = f"{short}（{name}）" if name else short
        lines.append(
            SheetLine(
                index=index,
                label=label,
                kept=kept,
                evidence=line.evidence or (theirs.evidence if theirs else None) or "",
                claimed=theirs.amount_fen if theirs else None,
                verified=ours.amount_fen if ours else None,
            )
        )
    return lines


def _share(amounts: tuple[int | None, int | None]) -> tuple[str, float]:
    whole, part = amounts
    if not whole or part is None:
        return "", 0.0
    return f"{part * 100 / whole:.2f}", part * 100 / whole


def _papers(named: Names, contract: ContractOut) -> tuple[list[Paper], list[FileLine]]:
    noted = contract.review.papers if contract.review else {}
    needs = {line.code: line for line in contract.papers}
    papers = []
    for code, name in named("registration_document").items():
        attached = [line for line in contract.files if line.kind == code]
        state = noted.get(code) or ("present" if attached else "")
        need = needs.get(code)
        why = text_of(need.why, {}) if need else ""
        papers.append(Paper(code, name, state, attached, need.need if need else "look", why))
    known = {paper.code for paper in papers}
    return papers, [line for line in contract.files if line.kind not in known]


def _grounds(named: Names) -> dict[str, str]:
    found: dict[str, str] = {}
    for list_code in ("refusal_ground", "revocation_ground", "end_reason"):
        found |= named(list_code)
    return found


def _handled_by(contract: ContractOut) -> list[tuple[str, str]]:
    last = {line.move: line for line in contract.history}

    def who(*moves: str) -> str:
        line = next((last[move] for move in moves if move in last), None)
        day = f"{line.at.astimezone(clock.LAW_ZONE):%Y-%m-%d}" if line else ""
        return "，".join(filter(None, (line.person, day))) if line else ""

    second = who("register") or (_("待定（另一人）") if contract.state in AT_THE_DESK else "")
    return [
        (_("填报"), who("submit")),
        (_("受理"), who("accept")),
        (_("初审"), who("approve")),
        (_("复核登记"), second or who("record")),
        (_("版本"), _("第 %(n)s 版") % {"n": contract.versions[-1].number} if contract.versions else ""),
    ]


def _decisions(contract: ContractOut) -> list[tuple[str, str, str]]:
    told = {
        "return": (_("退回补正"), _("当事人补齐后再提交；还没有受理，不计时限")),
        "accept": (_("受理"), _("材料齐全；从今天起计时限，按今天生效的规则审核")),
        "review": (_("开始审核"), _("逐项核对金额、当事人和材料")),
        "supplement": (_("退回补正"), _("时限暂停，补齐后接着算；写明缺什么，当事人看得到")),
        "experts": (_("送专家评审"), _("数额大或有争议的合同；时限按规则延长")),
        "approve": (_("初审通过，交第二人复核"), _("复核人不能是本人；复核后填官方登记编号、日期，才算已登记")),
        "unapprove": (_("撤回初审"), _("还没有登记，可以撤回再看")),
        "refuse": (_("不予登记"), _("从 R1–R9 选依据，当事人看得到并可改后再报")),
    }
    return [(move, *told[move]) for move in contract.moves if move in told]
