"""The way of one contract to its decision: submit, ask for more, accept, review, approve, refuse (reference, 5.5)."""

from sqlmodel import Session, col, select

from services.contracts import access, checks, drafts, rules, store
from services.contracts.content import Content, DecidedType, Review, Verification
from services.contracts.models import Contract, ContractFile, ContractMove
from services.contracts.moving import NO_REASON, Why, check, moves_of, rule_set_id, rules_on, set_due, step, touch
from services.contracts.schemas import ReasonIn, RefusalIn
from services.ground import audit, clock, reference
from services.ground.actor import Actor
from services.ground.database import check_version
from services.ground.errors import Conflict, Invalid, NotFound
from services.ground.files import StoredFile


class SamePerson(Conflict):
    """A second person has to do this step."""

    code = "second_person_needed"


def submit(session: Session, actor: Actor, code: str, *, expected: int | None = None) -> Contract:
    """Hand a contract in: complete by section 2, free of contradictions. Writes a version.

    Raises Invalid with every field that is missing or wrong. After a request for more it goes back to where it was.
    """
    contract, _thing = access.held(session, actor, code, "contract.submit")
    check_version(contract, expected)
    check(contract, "submit")
    content = store.read_draft(session, store.draft_of(session, contract))
    wrong = checks.missing(content) + checks.problems(content, clock.today())
    if wrong:
        raise Invalid(wrong)
    contract.current_version += 1
    facts = store.VersionFacts(
        number=contract.current_version,
        kind="submitted",
        true_from=content.signed_on or clock.today(),
        recorded_at=clock.now(),
        recorded_by_id=actor.person_id,
    )
    organisations = drafts.organisation_ids(session, (party.organisation_code for party in content.parties))
    store.write_version(session, contract, content, facts, verification=None, organisations=organisations)
    to = rules.returns_to(_asked_in(session, contract)) if contract.state == "supplement_requested" else "submitted"
    step(session, actor, contract, "submit", to=to)
    set_due(session, contract)
    return contract


def discard(session: Session, actor: Actor, code: str, why: ReasonIn, *, expected: int | None = None) -> Contract:
    """Throw away a draft or a refused contract that nobody goes on with."""
    contract, _thing = access.held(session, actor, code, "contract.edit")
    check_version(contract, expected)
    step(session, actor, contract, "discard", why=Why(why.reason))
    contract.deal_code = None
    return contract


def reopen(session: Session, actor: Actor, code: str, *, expected: int | None = None) -> Contract:
    """Take a refused contract back to a draft; the ground of the refusal stays in sight."""
    contract, _thing = access.held(session, actor, code, "contract.edit")
    check_version(contract, expected)
    step(session, actor, contract, "reopen")
    contract.accepted_on = contract.accepted_by_id = contract.decided_on = contract.approved_by_id = None
    contract.rule_set_id = contract.due_on = None
    return contract


def request_supplement(
    session: Session, actor: Actor, code: str, why: ReasonIn, *, expected: int | None = None
) -> Contract:
    """Send a contract back for what is missing. After acceptance the clock stops.

    Before acceptance a station clerk of the region may do it too, afterwards only a registrar.
    """
    contract, _thing = access.seen(session, actor, code)
    name = "return" if contract.state == "submitted" else "supplement"
    contract, _thing = access.held(session, actor, code, rules.MOVES[name].action)
    check_version(contract, expected)
    step(session, actor, contract, name, why=Why(why.reason))
    contract.due_on = contract.approved_by_id = contract.decided_on = None
    return contract


def accept(session: Session, actor: Actor, code: str, *, expected: int | None = None) -> Contract:
    """Take a complete contract in: the day decides the rule set, and the time for the decision begins."""
    contract = _handled(session, actor, code, "accept", expected)
    contract.accepted_on = clock.today()
    contract.accepted_by_id = actor.person_id
    view = rules_on(session, contract)
    if view is None:
        raise Conflict("no_rules_in_force", on=contract.accepted_on.isoformat())
    contract.rule_set_id = rule_set_id(session, view)
    step(session, actor, contract, "accept")
    set_due(session, contract)
    return contract


def start_review(session: Session, actor: Actor, code: str, *, expected: int | None = None) -> Contract:
    """Begin the review of an accepted contract."""
    contract = _handled(session, actor, code, "review", expected)
    step(session, actor, contract, "review")
    return contract


def ask_experts(session: Session, actor: Actor, code: str, why: ReasonIn, *, expected: int | None = None) -> Contract:
    """Send a large or disputed contract to experts; the rule set may then give more time."""
    contract = _handled(session, actor, code, "experts", expected)
    step(session, actor, contract, "experts", why=Why(why.reason))
    set_due(session, contract)
    return contract


def save_review(session: Session, actor: Actor, code: str, review: Review, *, expected: int | None = None) -> Contract:
    """Keep the registrar's notes: papers, checks made by eye, verified amounts. Raises Invalid for amounts that clash."""
    contract, _thing = access.held(session, actor, code, "contract.handle")
    check_version(contract, expected)
    if contract.state not in rules.OPEN_REVIEW:
        raise Conflict("contract_move_impossible", state=contract.state, move="save_review")
    draft = store.draft_of(session, contract)
    if "decided_type" not in review.model_fields_set:
        review = review.model_copy(update={"decided_type": Review.model_validate(draft.review).decided_type})
    check_review(session, store.read_draft(session, draft), review)
    draft.review = review.model_dump(mode="json")
    draft.saved_at = clock.now()
    if contract.approved_by_id is not None:
        # What was approved is not what stands now: the first person looks again.
        contract.approved_by_id = contract.decided_on = None
    session.add(draft)
    touch(contract)
    audit.record(session, actor, "contract.save_review", "contract", contract.code)
    session.flush()
    return contract


def decide_type(
    session: Session, actor: Actor, code: str, found: DecidedType, *, expected: int | None = None
) -> Contract:
    """Say which type the contract is (认定); the parties' claim stays in the version they submitted.

    Raises Invalid for an unknown type, one that differs without a reason, and one for which the record lacks what it
    asks for: then the parties have to supplement it.
    """
    contract, _thing = access.seen(session, actor, code)
    noted = Review.model_validate(store.draft_of(session, contract).review)
    decided = Review.model_validate(noted.model_dump() | {"decided_type": found.model_dump()})
    return save_review(session, actor, code, decided, expected=expected)


def approve(session: Session, actor: Actor, code: str, *, expected: int | None = None) -> Contract:
    """Say that the contract can be registered; a second person records the official number."""
    contract = _handled(session, actor, code, "approve", expected)
    verified_amounts(session, contract)
    contract.decided_on, contract.approved_by_id = clock.today(), actor.person_id
    step(session, actor, contract, "approve")
    return contract


def unapprove(session: Session, actor: Actor, code: str, *, expected: int | None = None) -> Contract:
    """Take an approval back while nothing was registered."""
    contract = _handled(session, actor, code, "unapprove", expected)
    if contract.decided_on is None:
        raise Conflict("not_approved")
    step(session, actor, contract, "unapprove")
    contract.decided_on = contract.approved_by_id = None
    return contract


def refuse(session: Session, actor: Actor, code: str, why: RefusalIn, *, expected: int | None = None) -> Contract:
    """Refuse registration on one of the nine grounds; the parties see ground and sentence and may start again."""
    contract = _handled(session, actor, code, "refuse", expected)
    if not why.ground:
        raise Invalid("ground", "required")
    reference.require_code(session, "refusal_ground", why.ground, "ground")
    step(session, actor, contract, "refuse", why=Why(why.reason, why.ground))
    contract.ground, contract.decided_on, contract.due_on = why.ground, clock.today(), None
    contract.approved_by_id = None
    return contract


def verified_amounts(session: Session, contract: Contract) -> tuple[Content, Verification]:
    """Give the content and the verified amounts: the registrar's, or what was claimed where nothing was changed."""
    draft = store.draft_of(session, contract)
    content = store.read_draft(session, draft)
    review = Review.model_validate(draft.review)
    check_review(session, content, review)
    return review.applied_to(content), review.verification or claimed(content)


def claimed(content: Content) -> Verification:
    """Take what was claimed as verified. Raises Invalid when the amounts are not there."""
    if content.contract_amount_fen is None or content.technical_amount_fen is None:
        raise Invalid("contract_amount_fen", "required")
    return Verification.model_validate(
        {
            "contract_amount_fen": content.contract_amount_fen,
            "technical_amount_fen": content.technical_amount_fen,
            "items": [item.model_dump() for item in content.non_technical_items],
        }
    )


def check_review(session: Session, content: Content, review: Review) -> None:
    """Raise Invalid where verified amounts clash, differ without a reason, or name an unknown paper or item."""
    papers = {entry.code for entry in reference.entries(session, "registration_document")}
    unknown = sorted(set(review.papers) - papers)
    if unknown:
        raise Invalid(f"papers.{unknown[0]}", "code_unknown", value=unknown[0], list="registration_document")
    if review.decided_type:
        _check_type(session, content, review)
    found = review.verification
    if found is None:
        return
    for index, item in enumerate(found.items):
        reference.require_code(session, "non_technical_item", item.kind or "OTHER", f"verification.items.{index}.kind")
    sheet = [(item.kind or "OTHER", item.amount_fen) for item in found.items]
    wrong = rules.amount_problems(
        found.contract_amount_fen, found.technical_amount_fen, sheet, content.amount_status, "verification."
    )
    if wrong:
        raise Invalid(wrong)
    differs = (found.contract_amount_fen, found.technical_amount_fen) != (
        content.contract_amount_fen,
        content.technical_amount_fen,
    )
    if differs and not found.reason:
        raise Invalid("verification.reason", "difference_needs_reason")


def _check_type(session: Session, content: Content, review: Review) -> None:
    found = review.decided_type
    assert found is not None
    reference.require_code(session, "contract_subtype", found.contract_subtype, "decided_type.contract_subtype")
    if found.contract_subtype != content.contract_subtype and not found.reason:
        raise Invalid("decided_type.reason", "difference_needs_reason")
    before, today = checks.missing(content) + checks.problems(content, clock.today()), clock.today()
    after = review.applied_to(content)
    new = [item for item in checks.missing(after) + checks.problems(after, today) if item not in before]
    if new:
        raise Invalid(new)


# -- papers -------------------------------------------------------------------------------------------------------


def may_add_file(session: Session, actor: Actor, code: str) -> Contract:
    """Give the contract if the actor may attach papers now: the parties while they write, then the desk.

    Asked before the upload is read, so that nobody stores bytes for nothing.
    """
    action = "contract.edit" if access.seen(session, actor, code)[0].state in rules.EDITABLE else "contract.handle"
    contract, _thing = access.held(session, actor, code, action)
    return contract


def add_file(
    session: Session, actor: Actor, code: str, stored: StoredFile, *, kind: str, title: str = ""
) -> ContractFile:
    """Attach an uploaded paper: one of D1–D10, `certificate` or `evidence`."""
    contract = may_add_file(session, actor, code)
    if kind not in {"certificate", "evidence"}:
        reference.require_code(session, "registration_document", kind, "kind")
    row = session.exec(
        select(ContractFile).where(
            ContractFile.contract_id == contract.id, ContractFile.file_id == stored.id, ContractFile.kind == kind
        )
    ).first() or ContractFile(contract_id=contract.id or 0, file_id=stored.id or 0, kind=kind, added_at=clock.now())
    row.title, row.removed_at, row.added_by_id = (title or stored.name)[:200], None, actor.person_id
    session.add(row)
    touch(contract)
    audit.record(session, actor, "contract.add_file", "contract", contract.code, paper=kind, sha256=stored.sha256)
    session.flush()
    return row


def files_of(session: Session, contract: Contract) -> list[ContractFile]:
    """List the papers of a contract that were not removed."""
    return list(
        session.exec(
            select(ContractFile)
            .where(ContractFile.contract_id == contract.id, col(ContractFile.removed_at).is_(None))
            .order_by(col(ContractFile.kind), col(ContractFile.id))
        )
    )


def open_file(session: Session, actor: Actor, code: str, file_id: int) -> StoredFile:
    """Give a paper of a contract that the actor may see."""
    contract, _thing = access.seen(session, actor, code)
    row = next((item for item in files_of(session, contract) if item.id == file_id), None)
    stored = session.get(StoredFile, row.file_id) if row else None
    if stored is None:
        raise NotFound("file", str(file_id))
    return stored


def _handled(session: Session, actor: Actor, code: str, name: str, expected: int | None) -> Contract:
    contract, _thing = access.held(session, actor, code, "contract.handle")
    check_version(contract, expected)
    check(contract, name, Why("-") if rules.MOVES[name].needs_reason else NO_REASON)
    return contract


def _asked_in(session: Session, contract: Contract) -> str | None:
    asked = [move for move in moves_of(session, contract) if move.move in {"return", "supplement"}]
    last: ContractMove | None = asked[-1] if asked else None
    return last.from_state if last else None
