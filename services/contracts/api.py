"""The routes of contracts: thin, each a call of one use case. Every move answers with the contract as it stands then."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Depends, File, Form, Path, Query, Response, UploadFile
from fastapi.responses import FileResponse
from sqlmodel import Session

from services.contracts import schemas, service
from services.contracts.content import Content, DecidedType, Review, Verification
from services.contracts.rules import State
from services.contracts.views import ContractItem, ContractOut, MovementOut, Out, movement_out
from services.ground import files
from services.ground.actor import Actor
from services.ground.web import (
    CurrentActor,
    Cursor,
    Idempotent,
    IfMatch,
    Limit,
    Page,
    ReadSession,
    TheMarket,
    UploadKey,
    WriteSession,
    access,
    decode_cursor,
    encode_cursor,
    key_of_upload,
    once,
    set_etag,
)

router = APIRouter(prefix="/api/v1/contracts", tags=["contracts"])
ledger = APIRouter(prefix="/api/v1/movements", tags=["contracts"])

Code = Annotated[str, Path(max_length=20, examples=["C-2026-000041"])]
Number = Annotated[int, Path(ge=1, le=2**31 - 1)]
WRITE = access("contract.edit", "contracts:write")
SUBMIT = access("contract.submit", "contracts:write")
HANDLE = access("contract.handle", "contracts:register")
REGISTER = access("contract.register", "contracts:register")


class VersionOut(Out):
    """What a version said, and the verified amounts in it."""

    content: Content
    verification: Verification | None = None


def _answer(session: Session, actor: Actor, code: str, response: Response) -> ContractOut:
    session.flush()
    contract = service.get_visible(session, actor, code)
    set_etag(response, contract.version)
    return contract


@dataclass(frozen=True)
class Asked:
    """One contract that somebody wants to move: who, which, and the version they saw."""

    session: Session
    actor: Actor
    code: str
    version: int | None
    response: Response

    def do(self, use_case: Callable[..., Any], *given: Any) -> ContractOut:
        """Carry the use case out and answer with the contract as it then stands."""
        use_case(self.session, self.actor, self.code, *given, expected=self.version)
        return _answer(self.session, self.actor, self.code, self.response)


def _asked(code: Code, session: WriteSession, actor: CurrentActor, version: IfMatch, response: Response) -> Asked:
    return Asked(session, actor, code, version, response)


Ask = Annotated[Asked, Depends(_asked)]


@router.get("", **access("contract.list", "read"))
def list_contracts(
    *,
    session: ReadSession,
    actor: CurrentActor,
    limit: Limit = 50,
    cursor: Cursor = None,
    state: Annotated[list[State] | None, Query(description="One or several states.")] = None,
    category: Annotated[str | None, Query(max_length=40)] = None,
    region: Annotated[str | None, Query(max_length=12)] = None,
    chain: Annotated[str | None, Query(max_length=40)] = None,
    deal: Annotated[str | None, Query(max_length=20)] = None,
    seller: Annotated[str | None, Query(max_length=200, description="Name of the first seller.")] = None,
    year: Annotated[int | None, Query(ge=1985, le=2100, description="Year of registration.")] = None,
    q: Annotated[str | None, Query(max_length=100, description="Part of a title or name, or a number.")] = None,
    order: Literal["newest", "due", "registered"] = "newest",
) -> Page[ContractItem]:
    """List the contracts one may see."""
    wanted = schemas.ContractFilter(
        states=tuple(state or ()),
        category=category,
        region=region,
        chain=chain,
        deal_code=deal,
        seller=seller,
        registered_year=year,
        q=q,
        order=order,
    )
    rows, more = service.list_contracts(session, actor, wanted, after=decode_cursor(cursor, 2), limit=limit)
    return Page(items=[service.item_of(row) for row in rows], next=encode_cursor(*more) if more else None)


@router.post("", status_code=201, **access("contract.create", "contracts:write"))
def create_contract(
    *, content: Content, session: WriteSession, actor: CurrentActor, key: Idempotent, response: Response
) -> ContractOut:
    """Open a draft. Nothing is required yet; what is sent has to have the right shape."""
    code, _new = once(session, actor, key, lambda: service.create_draft(session, actor, content).code)
    response.headers["Location"] = f"/api/v1/contracts/{code}"
    return _answer(session, actor, code, response)


@router.post("/{code}/copy", status_code=201, **access("contract.create", "contracts:write"))
def copy_contract(
    *, code: Code, session: WriteSession, actor: CurrentActor, key: Idempotent, response: Response
) -> ContractOut:
    """Open a draft like an earlier contract: parties, classification and words, without its dates and money."""
    new, _new = once(session, actor, key, lambda: service.copy_draft(session, actor, code).code)
    response.headers["Location"] = f"/api/v1/contracts/{new}"
    return _answer(session, actor, new, response)


@router.get("/{code}", **access("contract.see", "read"))
def show_contract(*, code: Code, session: ReadSession, actor: CurrentActor, response: Response) -> ContractOut:
    """Show a contract with its checks, history, versions and movements."""
    return _answer(session, actor, code, response)


@router.patch("/{code}", **WRITE)
def edit_contract(asked: Ask, changes: Content) -> ContractOut:
    """Save the fields that are sent; lists are replaced whole. Only before acceptance."""
    return asked.do(service.save_draft, changes)


@router.get("/{code}/versions/{number}", **access("contract.see", "read"))
def show_version(*, code: Code, number: Number, session: ReadSession, actor: CurrentActor) -> VersionOut:
    """Show what a version said."""
    content, verification = service.get_version(session, actor, code, number)
    return VersionOut(content=content, verification=verification)


@router.get("/{code}/movements", **access("contract.see", "read"))
def list_own_movements(*, code: Code, session: ReadSession, actor: CurrentActor) -> Page[MovementOut]:
    """List the movements of a contract, oldest first; there is never a second part."""
    return Page(items=service.get_visible(session, actor, code).movements)


# -- moves: each answers with the contract as it then stands ----------------------------------------------------------


@router.post("/{code}/submit", **SUBMIT)
def submit(asked: Ask) -> ContractOut:
    """Hand the contract in. 422 names every field that is missing or wrong."""
    return asked.do(service.submit)


@router.post("/{code}/discard", **WRITE)
def discard(
    *, code: Code, why: schemas.ReasonIn, session: WriteSession, actor: CurrentActor, version: IfMatch
) -> ContractItem:
    """Throw away a draft or a refused contract."""
    return service.item_of(service.discard(session, actor, code, why, expected=version))


@router.post("/{code}/reopen", **WRITE)
def reopen(asked: Ask) -> ContractOut:
    """Take a refused contract back to a draft."""
    return asked.do(service.reopen)


@router.post("/{code}/supplement", **access("contract.return", "contracts:register"))
def supplement(asked: Ask, why: schemas.ReasonIn) -> ContractOut:
    """Send it back for what is missing; the clock stops."""
    return asked.do(service.request_supplement, why)


@router.post("/{code}/accept", **HANDLE)
def accept(asked: Ask) -> ContractOut:
    """Accept a complete contract; the rule set of this day applies."""
    return asked.do(service.accept)


@router.post("/{code}/review", **HANDLE)
def review(asked: Ask) -> ContractOut:
    """Begin the review."""
    return asked.do(service.start_review)


@router.put("/{code}/review-notes", **HANDLE)
def save_review(asked: Ask, notes: Review) -> ContractOut:
    """Keep the registrar's notes: papers, checks by eye, verified amounts."""
    return asked.do(service.save_review, notes)


@router.post("/{code}/experts", **HANDLE)
def experts(asked: Ask, why: schemas.ReasonIn) -> ContractOut:
    """Ask experts."""
    return asked.do(service.ask_experts, why)


@router.post("/{code}/approve", **HANDLE)
def approve(asked: Ask) -> ContractOut:
    """Pass it on to the second person."""
    return asked.do(service.approve)


@router.post("/{code}/unapprove", **HANDLE)
def unapprove(asked: Ask) -> ContractOut:
    """Take the approval back."""
    return asked.do(service.unapprove)


@router.post("/{code}/refuse", **HANDLE)
def refuse(asked: Ask, why: schemas.RefusalIn) -> ContractOut:
    """Refuse on one of the nine grounds (code list `refusal_ground`)."""
    return asked.do(service.refuse, why)


@router.post("/{code}/register", **REGISTER)
def register(asked: Ask, given: schemas.RegistrationIn) -> ContractOut:
    """Record the official number and date. 409 when a second person is needed or the number is taken."""
    return asked.do(service.register, given)


@router.post("/{code}/change", **REGISTER)
def change(asked: Ask, given: schemas.ChangeIn) -> ContractOut:
    """Change a registered contract by a new version and a movement of the difference."""
    return asked.do(service.change, given)


@router.post("/{code}/cancel", **REGISTER)
def cancel(asked: Ask, given: schemas.EndIn) -> ContractOut:
    """Cancel on the party's application (code list `end_reason`)."""
    return asked.do(service.cancel, given)


@router.post("/{code}/revoke", **REGISTER)
def revoke(asked: Ask, given: schemas.EndIn) -> ContractOut:
    """Revoke by the authority (code list `revocation_ground`)."""
    return asked.do(service.revoke, given)


@router.post("/{code}/link-party", **HANDLE)
def link_party(asked: Ask, given: schemas.LinkIn) -> ContractOut:
    """Say that a party named in the contract is this organisation of the market; its people then see the contract."""
    return asked.do(service.link_party, given.organisation_code)


@router.post("/{code}/forget", **access("contract.forget", "contracts:register"))
def forget(asked: Ask) -> ContractOut:
    """Take the personal data of a contract away; what it says and where it counts stays."""
    return asked.do(service.forget_persons)


@router.post("/{code}/decide-type", **HANDLE)
def decide_type(asked: Ask, found: DecidedType) -> ContractOut:
    """Say which type the contract is; what was claimed stays in the version the parties submitted."""
    return asked.do(service.decide_type, found)


# -- papers -----------------------------------------------------------------------------------------------------------


@router.post("/{code}/files", status_code=201, **access("contract.see", "contracts:write"))
def add_file(
    *,
    code: Code,
    file: Annotated[UploadFile, File(description="The paper.")],
    kind: Annotated[str, Form(max_length=20, description="D1–D10, `certificate` or `evidence`.")],
    title: Annotated[str, Form(max_length=200)] = "",
    session: WriteSession,
    actor: CurrentActor,
    market: TheMarket,
    response: Response,
    idempotency_key: UploadKey = None,
) -> ContractOut:
    """Attach a paper."""

    def attach() -> str:
        service.may_add_file(session, actor, code)
        stored = files.save(session, actor, market.settings, file.file, file.filename or "file")
        return str(service.add_file(session, actor, code, stored, kind=kind, title=title).id)

    once(session, actor, key_of_upload(idempotency_key, file, code, kind, title), attach)
    response.headers["Location"] = f"/api/v1/contracts/{code}"
    return _answer(session, actor, code, response)


@router.get("/{code}/files/{number}", response_class=FileResponse, **access("contract.see", "read"))
def get_file(
    *, code: Code, number: Number, session: ReadSession, actor: CurrentActor, market: TheMarket
) -> FileResponse:
    """Give a paper, as a download only."""
    stored = service.open_file(session, actor, code, number)
    return FileResponse(
        files.path_to(market.settings, stored), media_type="application/octet-stream", filename=stored.name
    )


@ledger.get("", **access("contract.ledger", "statistics:read"))
def list_movements(
    *,
    session: ReadSession,
    actor: CurrentActor,
    limit: Limit = 50,
    cursor: Cursor = None,
    since: Annotated[date | None, Query(description="First day that decides the period.")] = None,
    until: Annotated[date | None, Query()] = None,
    seller_region: Annotated[list[str] | None, Query(max_length=30)] = None,
    buyer_region: Annotated[list[str] | None, Query(max_length=30)] = None,
    category: Annotated[str | None, Query(max_length=40)] = None,
    chain: Annotated[str | None, Query(max_length=40)] = None,
    home_output: Annotated[bool | None, Query(description="Only what counts in the indicator.")] = None,
) -> Page[MovementOut]:
    """List lines of the ledger by their date: what a figure is the sum of."""
    wanted = schemas.MovementFilter(
        since=since,
        until=until,
        seller_regions=tuple(seller_region or ()),
        buyer_regions=tuple(buyer_region or ()),
        category=category,
        chain=chain,
        home_output=home_output,
    )
    place = decode_cursor(cursor, 2)
    after = (str(place[0]), place[1]) if place else None
    lines, more = service.list_movements(session, actor, wanted, after=after, limit=limit)
    return Page(items=[movement_out(line) for line in lines], next=encode_cursor(*more) if more else None)
