"""What a contract looks like to somebody who may see it: one view for the page, the API and the command line."""

from datetime import date, datetime
from typing import Any

from pydantic import BaseModel, ConfigDict
from sqlmodel import Session

from services.accounts import service as accounts
from services.contracts import access, checks, desk, drafts, movements, queries, rules, store
from services.contracts.content import Contact, Content, Filing, Review, Verification
from services.contracts.models import Contract, ContractVersion
from services.contracts.moving import clock_of, moves_of, rules_on
from services.contracts.numbers import check_registration_number
from services.contracts.papers import papers_needed
from services.contracts.parties import candidates
from services.contracts.schemas import MovementLine
from services.ground import clock, reference
from services.ground.actor import Actor
from services.ground.errors import FieldError, NotFound
from services.ground.files import StoredFile
from services.ground.permissions import Thing, may


class Out(BaseModel):
    """The base of what goes out."""

    model_config = ConfigDict(from_attributes=True)


class ContractItem(Out):
    """A contract in a list. Amounts in fen: verified ones once it is registered, claimed ones before."""

    model_config = ConfigDict(
        from_attributes=True,
        json_schema_extra={"example": {"code": "C-2026-000041", "title": "冷榨成套技术开发合同", "state": "in_review"}},
    )
    code: str
    title: str
    state: str
    url: str
    demo: bool = False
    version: int
    changes: int = 0
    contract_category: str | None = None
    contract_subtype: str | None = None
    chain: str | None = None
    region_code: str | None = None
    seller_name: str = ""
    buyer_name: str = ""
    contract_amount_fen: int | None = None
    technical_amount_fen: int | None = None
    signed_on: date | None = None
    accepted_on: date | None = None
    due_on: date | None = None
    registered_on: date | None = None
    ended_on: date | None = None
    registration_number: str | None = None
    deal_code: str | None = None
    need_code: str | None = None
    result_code: str | None = None
    updated_at: datetime


class Finding(Out):
    """Something that is wrong or worth a look, at its field, as a code with its particulars."""

    field: str
    code: str
    params: dict[str, Any] = {}


class CheckLine(Out):
    """One line of the check list."""

    field: str
    status: str
    code: str


class ClockOut(Out):
    """Where the time for the decision stands."""

    days: int
    kind: str
    used: int
    due_on: date | None
    stopped: bool
    calendar_known: bool


class RuleSetOut(Out):
    """The rules the contract is judged by. `verified` false: the text was not read (规则文本未核对)."""

    code: str
    title: str
    valid_from: date
    verified: bool
    note: str
    decision_source: str


class HistoryLine(Out):
    """One move: who, when, from where to where, why."""

    at: datetime
    move: str
    from_state: str
    to_state: str
    person: str
    ground: str | None = None
    reason: str | None = None
    evidence: str | None = None
    version_number: int = 0


class VersionLine(Out):
    """One version: what kind, true since when, known since when, both amounts."""

    number: int
    kind: str
    true_from: date
    recorded_at: datetime
    reason: str | None = None
    evidence: str | None = None
    claimed_contract_amount_fen: int | None = None
    claimed_technical_amount_fen: int | None = None
    verified_contract_amount_fen: int | None = None
    verified_technical_amount_fen: int | None = None


class FileLine(Out):
    """One paper."""

    id: int
    kind: str
    title: str
    size: int
    media_type: str
    added_at: datetime


class MovementOut(Out):
    """One line of the ledger; amounts are signed fen."""

    id: int
    contract_code: str
    registration_number: str
    title: str
    seller_name: str
    buyer_name: str
    kind: str
    dated_on: date
    recorded_at: datetime
    contract_amount_fen: int
    technical_amount_fen: int
    count_delta: int
    category: str
    seller_region: str | None = None
    buyer_region: str | None = None
    chain: str | None = None
    reason: str | None = None


class PaperLine(Out):
    """One paper of the list: needed, not_needed, or look; and the code of the reason."""

    code: str
    need: str
    why: str


class PartyCandidate(Out):
    """An organisation of the market that a party named without its code seems to be."""

    code: str
    name: str
    verified: bool


class ContractOut(ContractItem):
    """A contract with all that its readers may know."""

    content: Content
    verification: Verification | None = None
    review: Review | None = None
    checks: list[CheckLine]
    problems: list[Finding]
    warnings: list[Finding]
    duplicates: list[str]
    clock: ClockOut | None = None
    rules: RuleSetOut | None = None
    moves: list[str]
    """What this reader may do now."""
    history: list[HistoryLine]
    versions: list[VersionLine]
    movements: list[MovementOut]
    files: list[FileLine]
    ground: str | None = None
    decided_on: date | None = None
    approved: bool = False
    papers: list[PaperLine] = []
    """Which papers this contract needs, as far as the record says; a person decides."""
    candidates: list[PartyCandidate] = []
    """For the desk: organisations that parties seem to be, to be linked by hand."""
    second_person_needed: bool = False
    """This reader accepted or approved it, so somebody else has to record the official number."""
    registrar_org: str | None = None
    registration_point: str | None = None
    certificate_issued_on: date | None = None


def item_of(contract: Contract) -> ContractItem:
    """Show a contract in a list."""
    return ContractItem.model_validate(
        {name: getattr(contract, name) for name in ContractItem.model_fields if name != "url"}
        | {"url": url_of(contract)}
    )


def url_of(contract: Contract) -> str:
    """Give the permanent address of a contract's page."""
    return f"/contracts/{contract.code}"


def get_visible(session: Session, actor: Actor, code: str) -> ContractOut:
    """Show a contract to somebody who may see it. Raises NotFound to others, as if there were none."""
    contract, thing = access.seen(session, actor, code)
    return view(session, actor, contract, thing)


def view(session: Session, actor: Actor, contract: Contract, thing: Thing) -> ContractOut:
    """Put together what a reader may know of a contract."""
    content, verification, review = words_of(session, contract)
    rule_set = rules_on(session, contract)
    limits = rule_set.limits if rule_set else checks.Limits()
    prefixes = {entry.code for entry in reference.entries(session, "uscc_prefix")}
    clock_now = clock_of(session, contract)
    handles = may(actor, "contract.handle", thing)
    open_still = contract.state not in rules.IN_THE_LEDGER
    data = item_of(contract).model_dump() | {
        "content": _for_reader(actor, thing, content),
        "verification": verification,
        "review": review if handles else None,
        "papers": _papers(session, contract, content),
        "candidates": [PartyCandidate.model_validate(row) for row in candidates(session, contract, content)]
        if handles
        else [],
        "checks": [CheckLine.model_validate(item) for item in checks.completeness(content)],
        "problems": findings(checks.problems(content, clock.today())) if open_still else [],
        "warnings": findings(checks.warnings(content, limits, prefixes) + number_warnings(contract)),
        "duplicates": [
            other.code for other in queries.duplicates(session, contract, content, days=limits.duplicate_days)
        ],
        "clock": ClockOut.model_validate(clock_now) if clock_now else None,
        "rules": rule_set_out(session, contract),
        "moves": possible_moves(actor, contract, thing),
        "history": _history(session, contract),
        "versions": [VersionLine.model_validate(row) for row in store.versions_of(session, contract)],
        "movements": [movement_out(line) for line in movements.movements_of(session, contract)],
        "files": _files(session, contract),
        "approved": contract.approved_by_id is not None,
        "second_person_needed": bool(rule_set and rule_set.second_person)
        and actor.person_id in {contract.accepted_by_id, contract.approved_by_id} - {None},
    }
    names = ("ground", "decided_on", "registrar_org", "registration_point", "certificate_issued_on")
    return ContractOut.model_validate(data | {name: getattr(contract, name) for name in names})


def words_of(session: Session, contract: Contract) -> tuple[Content, Verification | None, Review | None]:
    """Give what the contract says now: the newest version once it is in the ledger, the draft before."""
    if contract.state in rules.IN_THE_LEDGER:
        newest = store.newest_version(session, contract)
        assert newest is not None
        return (*store.read_version(session, newest), None)
    draft = store.draft_of(session, contract)
    review = Review.model_validate(draft.review)
    return store.read_draft(session, draft), review.verification, review


def get_version(session: Session, actor: Actor, code: str, number: int) -> tuple[Content, Verification | None]:
    """Show what a version said. Raises NotFound for a number there is not."""
    contract, thing = access.seen(session, actor, code)
    row: ContractVersion | None = next(
        (item for item in store.versions_of(session, contract) if item.number == number), None
    )
    if row is None:
        raise NotFound("version", f"{code}/{number}")
    content, verification = store.read_version(session, row)
    return _for_reader(actor, thing, content), verification


def possible_moves(actor: Actor, contract: Contract, thing: Thing) -> list[str]:
    """List what this actor may do with the contract as it stands."""
    moves = [move.name for move in rules.moves_from(contract.state) if may(actor, move.action, thing)]
    if contract.state in rules.EDITABLE and may(actor, "contract.edit", thing):
        moves.insert(0, "edit")
    if may(actor, "contract.create", thing):
        moves.append("copy")
    if contract.state not in rules.AT_THE_DESK and may(actor, "contract.forget", thing):
        moves.append("forget")
    without = "approve" if contract.decided_on and contract.state in rules.OPEN_REVIEW else "unapprove"
    return [name for name in moves if name != without]


def findings(found: list[FieldError]) -> list[Finding]:
    """Show findings with their particulars."""
    return [Finding(field=item.field, code=item.code, params=item.params) for item in found]


def number_warnings(contract: Contract) -> list[FieldError]:
    """Point out an official number of unusual length."""
    if not contract.registration_number:
        return []
    problem = check_registration_number(contract.registration_number).problem
    return [FieldError("registration_number", problem)] if problem else []


def movement_out(line: MovementLine) -> MovementOut:
    """Show one line of the ledger."""
    return MovementOut.model_validate(line)


def rule_set_out(session: Session, contract: Contract) -> RuleSetOut | None:
    """Show the rules a contract is judged by."""
    found = rules_on(session, contract)
    if found is None:
        return None
    source = str(found.parameters.get("decision_source", ""))
    return RuleSetOut(
        code=found.code,
        title=found.title,
        valid_from=found.valid_from,
        verified=found.verified,
        note=found.note,
        decision_source=source,
    )


def _for_reader(actor: Actor, thing: Thing, content: Content) -> Content:
    """Leave personal data out for those who need none of it (the bureau)."""
    if may(actor, "contract.see_contacts", thing):
        return content
    parties = [
        party.model_copy(update={"contact": Contact(), "name": party.shown_name or None}) for party in content.parties
    ]
    return content.model_copy(update={"parties": parties, "filing": Filing()})


def _papers(session: Session, contract: Contract, content: Content) -> list[PaperLine]:
    codes = [party.organisation_code for party in content.side("seller")]
    known = queries.has_registered(session, contract, drafts.organisation_ids(session, codes).values())
    return [PaperLine.model_validate(item) for item in papers_needed(content, first_time=not known)]


def _history(session: Session, contract: Contract) -> list[HistoryLine]:
    names: dict[int, str] = {}
    lines = []
    for move in moves_of(session, contract):
        if move.person_id is not None and move.person_id not in names:
            names[move.person_id] = accounts.person_name(session, move.person_id)
        lines.append(
            HistoryLine(
                at=move.at,
                move=move.move,
                from_state=move.from_state,
                to_state=move.to_state,
                person=names.get(move.person_id or 0, ""),
                ground=move.ground,
                reason=move.reason,
                evidence=move.evidence,
                version_number=move.version_number,
            )
        )
    return lines


def _files(session: Session, contract: Contract) -> list[FileLine]:
    lines = []
    for row in desk.files_of(session, contract):
        stored = session.get(StoredFile, row.file_id)
        if stored is not None:
            lines.append(
                FileLine(
                    id=row.id or 0,
                    kind=row.kind,
                    title=row.title,
                    size=stored.size,
                    media_type=stored.media_type,
                    added_at=row.added_at,
                )
            )
    return lines
