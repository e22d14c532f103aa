"""Claiming an organisation with its papers, and two entries that turn out to be one."""

from dataclasses import dataclass
from typing import BinaryIO

from sqlmodel import Session, col, select

from services.accounts import service
from services.accounts.models import Organisation, OrganisationClaim, OrganisationMerge, RoleGrant
from services.ground import audit, clock, files
from services.ground.actor import Actor
from services.ground.database import lock_row
from services.ground.errors import Conflict, Invalid, NotFound
from services.ground.permissions import may, require
from services.ground.settings import Settings

PAPERS = frozenset({"pdf", "png", "jpeg"})


@dataclass(frozen=True)
class ClaimRow:
    """A claim as whoever decides it sees it."""

    id: int
    organisation: str
    code: str
    person: str
    uscc: str
    note: str
    file_name: str


def claim(
    session: Session, actor: Actor, settings: Settings, code: str, paper: BinaryIO, filename: str, note: str = ""
) -> int:
    """Say that an organisation is one's own and hand in the paper that shows it (picture or pdf of the licence).

    Raises Conflict while an earlier claim of the same person waits, Invalid and TooLarge for the paper.
    """
    require(actor, "account.use")
    row = _organisation(session, code)
    waiting = select(OrganisationClaim.id).where(
        OrganisationClaim.organisation_id == row.id,
        OrganisationClaim.person_id == actor.person_id,
        OrganisationClaim.state == "waiting",
    )
    if session.exec(waiting).first():
        raise Conflict("claim_waits", name=row.name)
    stored = files.save(session, actor, settings, paper, filename, allowed=PAPERS, field="paper")
    made = OrganisationClaim(
        organisation_id=row.id or 0,
        person_id=actor.person_id or 0,
        file_id=stored.id,
        note=note.strip()[:500],
        created_at=clock.now(),
    )
    session.add(made)
    session.flush()
    audit.record(session, actor, "organisation.claim", "organisation", code, claim=made.id)
    return made.id or 0


def waiting(session: Session, actor: Actor) -> list[ClaimRow]:
    """List the claims that wait for whoever may verify the organisation, oldest first."""
    statement = (
        select(OrganisationClaim, Organisation, files.StoredFile.name)
        .join(Organisation, col(Organisation.id) == OrganisationClaim.organisation_id)
        .join(files.StoredFile, col(files.StoredFile.id) == OrganisationClaim.file_id, isouter=True)
        .where(OrganisationClaim.state == "waiting")
        .order_by(col(OrganisationClaim.id))
    )
    rows = [row for row in session.exec(statement) if may(actor, "organisation.verify", service.thing_of(row[1]))]
    names = service.person_names(session, {claim.person_id for claim, _organisation, _paper in rows})
    return [
        ClaimRow(
            claim.id or 0,
            organisation.name,
            organisation.code,
            names.get(claim.person_id, ""),
            organisation.uscc or "",
            claim.note,
            paper or "",
        )
        for claim, organisation, paper in rows
    ]


def paper_of(session: Session, actor: Actor, claim_id: int) -> files.StoredFile:
    """Give the paper of a claim to whoever decides it. Raises NotFound."""
    row, organisation = _claim(session, claim_id)
    require(actor, "organisation.verify", service.thing_of(organisation))
    stored = session.get(files.StoredFile, row.file_id)
    if stored is None:
        raise NotFound("file")
    audit.record(session, actor, "organisation.claim_paper", "organisation", organisation.code, claim=row.id)
    return stored


def decide(session: Session, actor: Actor, claim_id: int, reasons: str = "", *, accept: bool) -> tuple[int, str, str]:
    """Accept a claim (the organisation is verified, the person administers it) or refuse it with reasons.

    Returns the person, the name and the code of the organisation. Raises Invalid without reasons, Conflict when decided.
    """
    row, organisation = _claim(session, claim_id, lock=True)
    require(actor, "organisation.verify", service.thing_of(organisation))
    if row.state != "waiting":
        raise Conflict("claim_decided")
    if not accept and not reasons.strip():
        raise Invalid("reasons", "reasons_missing")
    row.state, row.reasons = "accepted" if accept else "refused", reasons.strip()[:500]
    row.decided_at, row.decided_by = clock.now(), actor.person_id
    session.add(row)
    if accept:
        organisation.verified_at = clock.now()
        organisation.version += 1
        session.add(organisation)
        service.add_grant(session, row.person_id, "organisation_admin", organisation.id, None, actor.person_id)
    audit.record(session, actor, f"organisation.claim_{row.state}", "organisation", organisation.code, claim=claim_id)
    return row.person_id, organisation.name, organisation.code


def merge(session: Session, actor: Actor, code: str, into: str, moved: dict[str, list[str]]) -> int:
    """Close an entry that is a double and let its people join the other one; return the number of the merge.

    `moved` is what other capabilities moved along, kept so that undoing moves exactly that back.
    """
    code, into = code.strip().upper(), into.strip().upper()
    # One order for all, so that two who merge crosswise never wait for each other.
    found = {name: _organisation(session, name) for name in sorted({code, into})}
    double, kept = found[code], found[into]
    for row in (double, kept):
        require(actor, "organisation.verify", service.thing_of(row))
    if double.id == kept.id or double.merged_into_id or kept.merged_into_id:
        raise Conflict("merge_not_possible", name=double.name)
    grants = []
    held = select(RoleGrant).where(RoleGrant.organisation_id == double.id, col(RoleGrant.revoked_at).is_(None))
    for grant in session.exec(held).all():
        grant.organisation_id = kept.id
        session.add(grant)
        grants.append(grant.id or 0)
    double.merged_into_id, double.state = kept.id, "closed"
    double.version += 1
    session.add(double)
    made = OrganisationMerge(
        from_id=double.id or 0,
        into_id=kept.id or 0,
        at=clock.now(),
        person_id=actor.person_id,
        moved={"grants": grants, **moved},
    )
    session.add(made)
    session.flush()
    audit.record(session, actor, "organisation.merge", "organisation", code, into=into)
    return made.id or 0


def undo_merge(session: Session, actor: Actor, code: str) -> dict[str, list[str]]:
    """Open a double again and give its people back; return what others have to move back. Raises Conflict."""
    double = _organisation(session, code)
    require(actor, "organisation.verify", service.thing_of(double))
    statement = select(OrganisationMerge).where(
        OrganisationMerge.from_id == double.id, col(OrganisationMerge.undone_at).is_(None)
    )
    made = session.exec(statement).first()
    if made is None or not double.merged_into_id:
        raise Conflict("merge_not_possible", name=double.name)
    for grant in session.exec(select(RoleGrant).where(col(RoleGrant.id).in_(made.moved.get("grants", [])))).all():
        grant.organisation_id = double.id
        session.add(grant)
    double.merged_into_id, double.state = None, "active"
    double.version += 1
    made.undone_at = clock.now()
    session.add_all((double, made))
    audit.record(session, actor, "organisation.merge_undone", "organisation", code)
    return {name: list(codes) for name, codes in made.moved.items() if name != "grants"}


def merged_into(session: Session, code: str) -> str:
    """Give the code of the organisation that a double was merged into, or ""."""
    row = _organisation(session, code)
    return service.organisation(session, row.merged_into_id).code if row.merged_into_id else ""


def _organisation(session: Session, code: str) -> Organisation:
    wanted = select(Organisation).where(Organisation.code == code.strip().upper(), col(Organisation.visible))
    row = session.exec(wanted).first()
    if row is None:
        raise NotFound("organisation", code)
    return lock_row(session, Organisation, row.id or 0) or row


def _claim(session: Session, claim_id: int, *, lock: bool = False) -> tuple[OrganisationClaim, Organisation]:
    row = lock_row(session, OrganisationClaim, claim_id) if lock else session.get(OrganisationClaim, claim_id)
    if row is None:
        raise NotFound("claim")
    organisation = session.get(Organisation, row.organisation_id)
    if organisation is None:
        raise NotFound("organisation")
    return row, organisation
