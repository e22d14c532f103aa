"""What counts: registration, change, cancellation, revocation. Each writes one movement; nothing in the ledger is edited."""

from datetime import date
from typing import Any

from sqlalchemy.exc import IntegrityError
from sqlmodel import Session, col, select

from services.contracts import access, checks, desk, drafts, rules, store
from services.contracts.codes import Codes
from services.contracts.content import Content, Review, Verification
from services.contracts.models import Contract
from services.contracts.movements import Entry, movement_values, standing_amounts, write_movement
from services.contracts.moving import NO_REASON, Why, check, rules_on, step
from services.contracts.numbers import check_registration_number
from services.contracts.reclassing import move_to_new_words
from services.contracts.schemas import ChangeIn, EndIn, RegistrationIn
from services.ground import clock, reference
from services.ground.actor import Actor
from services.ground.database import check_version
from services.ground.errors import Conflict, FieldError, Invalid


class NumberTaken(Conflict):
    """Another contract that stands in the ledger has this official number."""

    code = "registration_number_taken"


def register(
    session: Session, actor: Actor, code: str, given: RegistrationIn, *, expected: int | None = None
) -> Contract:
    """Record the official number and date: the contract enters the ledger with one movement.

    Raises SamePerson when the rule set wants a second person, NumberTaken when the number belongs to another contract,
    Invalid for dates out of order. Two registrars at once: the row is held, the second finds it registered.
    """
    contract, _thing = access.held(session, actor, code, "contract.register")
    check_version(contract, expected)
    check(contract, "register")
    view = rules_on(session, contract)
    first = {contract.accepted_by_id, contract.approved_by_id} - {None}
    if view and view.second_person and actor.person_id in first:
        raise desk.SamePerson
    content, verification = desk.verified_amounts(session, contract)
    certificate = _certificate(session, contract, given)
    _check_registration(contract, content, given)
    claim_number(session, contract, registration_number(given.registration_number))
    # The official date may be earlier than the day our approval was noted.
    contract.decided_on = given.decided_on or min(contract.decided_on or given.registered_on, given.registered_on)
    contract.registered_on, contract.registered_by_id = given.registered_on, actor.person_id
    contract.registrar_org, contract.registration_point = given.registrar_org, given.registration_point
    contract.certificate_file_id, contract.certificate_issued_on = certificate, given.certificate_issued_on
    contract.due_on = contract.ground = None
    contract.current_version += 1
    version_id = _write_version(
        session, actor, contract, content, verification, kind="registered", true_from=given.registered_on
    )
    amounts = (verification.contract_amount_fen, verification.technical_amount_fen)
    drafts.set_head(contract, content, amounts)
    _step_to_ledger(session, actor, contract, "register", Why())
    entry = Entry("registration", given.registered_on, rules.registration_deltas(*amounts), amounts[0], actor.person_id)
    _write(session, contract, content, version_id, entry)
    return contract


def change(session: Session, actor: Actor, code: str, given: ChangeIn, *, expected: int | None = None) -> Contract:
    """Change a registered contract (变更登记): a new version with reason and evidence, and a movement of the difference.

    Amounts that are sent without a verification count as verified. Raises Invalid as submission does.
    """
    contract, _thing = access.held(session, actor, code, "contract.register")
    check_version(contract, expected)
    check(contract, "change", Why(given.reason))
    newest = store.newest_version(session, contract)
    assert newest is not None
    before, verified = store.read_version(session, newest)
    content = drafts.merge(before, given.content).model_copy(update={"deal_code": contract.deal_code})
    amounts_sent = {"contract_amount_fen", "technical_amount_fen", "non_technical_items"}
    if amounts_sent & given.content.model_fields_set:
        verified = None
    verification = given.verification or verified or desk.claimed(content)
    _check_change(session, contract, before, content, given=given, verification=verification)
    contract.current_version += 1
    contract.changes += 1
    standing = standing_amounts(session, contract)
    amounts = (verification.contract_amount_fen, verification.technical_amount_fen)
    why = Why(given.reason, evidence=given.evidence)
    version_id = _write_version(
        session, actor, contract, content, verification, kind="changed", true_from=given.changed_on, why=why
    )
    drafts.set_head(contract, content, amounts)
    owner = {contract.organisation_id} if contract.organisation_id else set()
    store.set_organisations(session, contract, set(_organisations(session, content).values()) | owner)
    step(session, actor, contract, "change", why=why)
    deltas = rules.change_deltas((standing.contract_amount_fen, standing.technical_amount_fen), amounts)
    entry = Entry("change", given.changed_on, deltas, amounts[0], actor.person_id, reason=given.reason)
    values = movement_values(contract, content, version_id, entry, organisations=_organisations(session, content))
    move_to_new_words(session, contract, values, content)
    write_movement(session, values, content)
    return contract


def cancel(session: Session, actor: Actor, code: str, given: EndIn, *, expected: int | None = None) -> Contract:
    """Cancel on the party's application (注销): what stands is taken off in the period of the cancellation."""
    return _end(session, actor, code, given, move="cancel", expected=expected)


def revoke(session: Session, actor: Actor, code: str, given: EndIn, *, expected: int | None = None) -> Contract:
    """Revoke by the authority (撤销), on one of the grounds; the official number becomes free."""
    return _end(session, actor, code, given, move="revoke", expected=expected)


def _end(
    session: Session,
    actor: Actor,
    code: str,
    given: EndIn,
    *,
    move: str,
    expected: int | None,
) -> Contract:
    kind: rules.MovementKind = "cancellation" if move == "cancel" else "revocation"
    grounds = "end_reason" if move == "cancel" else "revocation_ground"
    contract, _thing = access.held(session, actor, code, "contract.register")
    check_version(contract, expected)
    why = Why(given.reason, given.ground, given.evidence)
    check(contract, move, why)
    if given.ground:
        reference.require_code(session, grounds, given.ground, "ground")
    elif move == "revoke":
        raise Invalid("ground", "required")
    _check_later(contract, given.ended_on, "ended_on")
    newest = store.newest_version(session, contract)
    assert newest is not None
    content, _verification = store.read_version(session, newest)
    standing = standing_amounts(session, contract)
    contract.ended_on, contract.ground = given.ended_on, given.ground
    step(session, actor, contract, move, why=why)
    deltas = rules.end_deltas((standing.contract_amount_fen, standing.technical_amount_fen))
    entry = Entry(kind, given.ended_on, deltas, 0, actor.person_id, reason=given.reason)
    _write(session, contract, content, newest.id or 0, entry)
    return contract


# -- checks -------------------------------------------------------------------------------------------------------


def registration_number(text: str) -> str:
    """Give an official number without decoration. Raises Invalid for characters no such number has."""
    found = check_registration_number(text)
    if found.problem == "registration_number_characters":
        raise Invalid("registration_number", found.problem)
    return found.number


def claim_number(session: Session, contract: Contract, number: str) -> None:
    """Give the contract its official number. Raises NumberTaken when another one holds it."""
    other = session.exec(
        select(Contract).where(
            Contract.registration_number == number,
            col(Contract.state).in_(rules.NUMBER_HELD),
            Contract.id != contract.id,
        )
    ).first()
    if other:
        raise NumberTaken(number=number, contract=other.code)
    contract.registration_number = number


def _check_registration(contract: Contract, content: Content, given: RegistrationIn) -> None:
    wrong = rules.registration_date_problems(
        clock.today(),
        accepted_on=contract.accepted_on,
        decided_on=given.decided_on,
        registered_on=given.registered_on,
        signed_on=content.signed_on,
        effective_on=content.effective_on,
        valid_to=content.valid_to,
    )
    if wrong:
        raise Invalid(wrong)


def _certificate(session: Session, contract: Contract, given: RegistrationIn) -> int | None:
    """Give the stored file of a paper of this contract that is named as the certificate."""
    if given.certificate_file_id is None:
        return None
    for paper in desk.files_of(session, contract):
        if paper.id == given.certificate_file_id:
            return paper.file_id
    raise Invalid("certificate_file_id", "unknown_file")


def _step_to_ledger(session: Session, actor: Actor, contract: Contract, move: str, why: Why) -> None:
    number = contract.registration_number  # a failed flush takes the row's values away
    try:
        step(session, actor, contract, move, why=why)
    except IntegrityError as error:
        # Somebody registered another contract with this number between our look and our write.
        if "registration_number" not in str(error.orig):
            raise
        raise NumberTaken(number=number, contract="") from error


def _check_change(
    session: Session,
    contract: Contract,
    before: Content,
    content: Content,
    *,
    given: ChangeIn,
    verification: Verification,
) -> None:
    _check_later(contract, given.changed_on, "changed_on")
    drafts.check_shape(session, content, Codes(session), broker=before.broker_id)
    desk.check_review(session, content, Review(verification=verification))
    wrong = checks.missing(content) + checks.problems(content, clock.today())
    # Official lists and old books are thinner than our form: a change is not stopped by what was never there.
    sent = {name.split(".")[0] for name in given.content.model_fields_set}
    wrong = [item for item in wrong if item.code != "required" or item.field.split(".")[0] in sent]
    if wrong:
        raise Invalid(wrong)


def _check_later(contract: Contract, day: date, field: str) -> None:
    if contract.registered_on and day < contract.registered_on:
        other = {"other": "registered_on", "date": contract.registered_on.isoformat()}
        raise Invalid([FieldError(field, "date_before", other)])
    if day > clock.today():
        raise Invalid(field, "date_in_future", today=clock.today().isoformat())


# -- rows ---------------------------------------------------------------------------------------------------------


def registration_columns(contract: Contract) -> dict[str, Any]:
    """Give the facts of the registration as a version keeps them."""
    names = (
        "registration_number",
        "registrar_org",
        "registration_point",
        "accepted_on",
        "decided_on",
        "registered_on",
        "certificate_file_id",
        "certificate_issued_on",
    )
    return {name: getattr(contract, name) for name in names}


def _organisations(session: Session, content: Content) -> dict[str, int]:
    return drafts.organisation_ids(session, (party.organisation_code for party in content.parties))


def _write(session: Session, contract: Contract, content: Content, version_id: int, entry: Entry) -> None:
    organisations = _organisations(session, content)
    values = movement_values(contract, content, version_id, entry, organisations=organisations)
    write_movement(session, values, content)


def _write_version(
    session: Session,
    actor: Actor,
    contract: Contract,
    content: Content,
    verification: Verification,
    *,
    kind: str,
    true_from: date,
    why: Why = NO_REASON,
) -> int:
    facts = store.VersionFacts(
        number=contract.current_version,
        kind=kind,
        true_from=true_from,
        recorded_at=clock.now(),
        recorded_by_id=actor.person_id,
        reason=why.reason,
        evidence=why.evidence,
        rule_set_id=contract.rule_set_id,
        registration=registration_columns(contract),
    )
    organisations = _organisations(session, content)
    return store.write_version(
        session, contract, content, facts, verification=verification, organisations=organisations
    )
