"""The routes of deals: thin, each a call of one use case."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Depends, File, Form, Path, Query, Response, UploadFile
from fastapi.responses import FileResponse
from sqlmodel import Session

from services.deals import schemas, service
from services.deals.worklist import Turn
from services.ground import files
from services.ground.actor import Actor
from services.ground.errors import BadRequest
from services.ground.settings import Settings
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

router = APIRouter(prefix="/api/v1/deals", tags=["deals"])
introductions = APIRouter(prefix="/api/v1/introductions", tags=["deals"])
work = APIRouter(prefix="/api/v1/work", tags=["deals"])
unsuitable = APIRouter(prefix="/api/v1/unsuitable-marks", tags=["deals"])

Code = Annotated[str, Path(max_length=20, examples=["D-2026-000058"])]
Number = Annotated[int, Path(ge=1, le=2**31 - 1)]
MOVE = access("deal.take_part", "deals:write")


def _answer(session: Session, actor: Actor, code: str, response: Response) -> schemas.DealDetail:
    session.flush()
    detail = service.detail(session, actor, code)
    set_etag(response, detail.version)
    return detail


@dataclass(frozen=True)
class Asked:
    """One deal that somebody wants to move: who, which, and the version they saw."""

    session: Session
    actor: Actor
    code: str
    version: int | None
    response: Response

    def do(self, use_case: Callable[..., Any], *given: Any) -> schemas.DealDetail:
        """Carry the use case out and answer with the deal as it then stands."""
        use_case(self.session, self.actor, self.code, *given, self.version)
        return _answer(self.session, self.actor, self.code, self.response)


def _asked(code: Code, session: WriteSession, actor: CurrentActor, version: IfMatch, response: Response) -> Asked:
    return Asked(session, actor, code, version, response)


Ask = Annotated[Asked, Depends(_asked)]


@router.get("", **access("deal.work", "read"))
def list_deals(
    *,
    session: ReadSession,
    actor: CurrentActor,
    limit: Limit = 50,
    cursor: Cursor = None,
    state: Annotated[Literal["open", "ended", "signed"] | None, Query()] = None,
    step: Annotated[
        Literal["introduced", "acknowledged", "confidential", "talking", "offered", "agreed", "signed"] | None, Query()
    ] = None,
) -> Page[schemas.DealOut]:
    """List one's own deals, last moved first."""
    before = decode_cursor(cursor, 2)
    items, more = service.own(
        session, actor, state=state, step=step, before=_moment(before) if before else None, limit=limit
    )
    return Page(items=items, next=encode_cursor(more[0].isoformat(), more[1]) if more else None)


def _moment(values: list[object]) -> tuple[datetime, int]:
    try:
        moment = datetime.fromisoformat(str(values[0]))
        if moment.tzinfo is None:
            raise BadRequest("cursor_unknown")
        return moment.astimezone(UTC), int(str(values[1]))
    except (ValueError, OverflowError) as error:
        raise BadRequest("cursor_unknown") from error


@router.post("", status_code=201, **access("deal.introduce", "deals:write"))
def create_deal(
    *, wanted: schemas.IntroductionIn, session: WriteSession, actor: CurrentActor, key: Idempotent, response: Response
) -> schemas.DealDetail:
    """Bring two parties together. 409 `deal_already_introduced` says who was first while such a deal is open."""
    code, _new = once(session, actor, key, lambda: service.introduce(session, actor, wanted).code)
    response.headers["Location"] = f"/api/v1/deals/{code}"
    return _answer(session, actor, code, response)


@router.get("/{code}", **access("deal.see", "read"))
def show_deal(*, code: Code, session: ReadSession, actor: CurrentActor, response: Response) -> schemas.DealDetail:
    """Show a deal as far as it is open to the caller."""
    return _answer(session, actor, code, response)


@router.post("/{code}/acknowledge", **MOVE)
def acknowledge(asked: Ask) -> schemas.DealDetail:
    """Acknowledge the introduction for one's own side."""
    return asked.do(service.acknowledge)


@router.post("/{code}/confidentiality", **MOVE)
def confidentiality(asked: Ask, wanted: schemas.ConfidentialityIn) -> schemas.DealDetail:
    """Sign the confidentiality agreement for one's own side."""
    return asked.do(service.agree_confidentiality, wanted)


@router.post("/{code}/talk", **MOVE)
def talk(asked: Ask, wanted: schemas.TalkIn) -> schemas.DealDetail:
    """Keep date and note of a talk that took place."""
    return asked.do(service.record_talk, wanted)


@router.get("/{code}/offers", **access("deal.see", "read"))
def list_offers(*, code: Code, session: ReadSession, actor: CurrentActor) -> Page[schemas.OfferOut]:
    """List all offers of a deal, newest first; there is never a second part."""
    return Page(items=service.detail(session, actor, code).offers)


@router.post("/{code}/offers", status_code=201, **MOVE)
def make_offer(
    *,
    code: Code,
    wanted: schemas.OfferIn,
    session: WriteSession,
    actor: CurrentActor,
    version: IfMatch,
    key: Idempotent,
    response: Response,
) -> schemas.DealDetail:
    """Make an offer, or a counter-offer, for one's own side."""
    n, _new = once(session, actor, key, lambda: str(service.offer(session, actor, code, wanted, version).n))
    response.headers["Location"] = f"/api/v1/deals/{code}/offers#{n}"
    return _answer(session, actor, code, response)


@router.post("/{code}/offers/{n}/accept", **MOVE)
def accept_offer(asked: Ask, n: Number) -> schemas.DealDetail:
    """Accept the offer that stands for one's own side."""
    return asked.do(service.accept_offer, n)


@router.post("/{code}/sign", **MOVE)
def sign(asked: Ask, wanted: schemas.SigningIn) -> schemas.DealDetail:
    """Say that the contract is signed; it counts once the other side has confirmed it."""
    return asked.do(service.sign, wanted)


@router.post("/{code}/confirm-signature", **MOVE)
def confirm_signature(asked: Ask) -> schemas.DealDetail:
    """Confirm the signing that the other side told; a contract draft is made with it."""
    return asked.do(service.confirm_signature)


@router.post("/{code}/end", **MOVE)
def end(asked: Ask, wanted: schemas.EndIn) -> schemas.DealDetail:
    """End a deal with a coded reason."""
    return asked.do(service.end, wanted)


@router.post("/{code}/next-action", **MOVE)
def next_action(asked: Ask, wanted: schemas.NextActionIn) -> schemas.DealDetail:
    """Write down what comes next, of whom and by when."""
    return asked.do(service.set_next_action, wanted)


@router.post("/{code}/next-done", **MOVE)
def next_done(asked: Ask) -> schemas.DealDetail:
    """Say that what people had set as next is done."""
    return asked.do(service.clear_next_action)


@router.get("/{code}/messages", **access("deal.see", "read"))
def list_messages(*, code: Code, session: ReadSession, actor: CurrentActor) -> Page[schemas.MessageOut]:
    """List the messages that are open to the caller, newest first; there is never a second part."""
    return Page(items=service.detail(session, actor, code).messages)


@router.post("/{code}/messages", status_code=201, **MOVE)
def post_message(
    *,
    code: Code,
    wanted: schemas.MessageIn,
    session: WriteSession,
    actor: CurrentActor,
    key: Idempotent,
    response: Response,
) -> schemas.DealDetail:
    """Write to the others of the deal."""
    row, _new = once(session, actor, key, lambda: str(service.post_message(session, actor, code, wanted).id))
    response.headers["Location"] = f"/api/v1/deals/{code}/messages#{row}"
    return _answer(session, actor, code, response)


@router.get("/{code}/files", **access("deal.see", "read"))
def list_files(*, code: Code, session: ReadSession, actor: CurrentActor) -> Page[schemas.FileOut]:
    """List the files that are open to the caller, newest first; there is never a second part."""
    return Page(items=service.detail(session, actor, code).files)


@router.post("/{code}/files", status_code=201, **MOVE)
def attach_file(
    *,
    code: Code,
    file: Annotated[UploadFile, File(description="PDF, picture, docx, xlsx or text.")],
    session: WriteSession,
    actor: CurrentActor,
    market: TheMarket,
    response: Response,
    level: Annotated[schemas.Level, Form()] = "after_contact",
    idempotency_key: UploadKey = None,
) -> schemas.DealDetail:
    """Attach a file; its type is read from its bytes."""

    def attach() -> str:
        return str(
            service.attach_file(session, actor, market.settings, code, file.file, file.filename or "file", level).id
        )

    row, _new = once(session, actor, key_of_upload(idempotency_key, file, code, level), attach)
    response.headers["Location"] = f"/api/v1/deals/{code}/files/{row}"
    return _answer(session, actor, code, response)


@router.get("/{code}/files/{number}", response_class=FileResponse, **access("deal.see", "read"))
def download_file(
    *, code: Code, number: Number, session: WriteSession, actor: CurrentActor, market: TheMarket
) -> FileResponse:
    """Hand out a file as a download, and keep who took it."""
    stored = service.open_file(session, actor, code, number)
    return download(market.settings, stored)


def download(settings: Settings, stored: files.StoredFile) -> FileResponse:
    """Answer with a stored file: always to be saved, never to be shown or run by the browser."""
    return FileResponse(
        files.path_to(settings, stored),
        media_type="application/octet-stream",
        filename=stored.name,
        headers={"X-Content-Type-Options": "nosniff", "Cache-Control": "private, no-store"},
    )


@introductions.get("/{number}/proof", **access("deal.see", "read"))
def proof(number: Number, session: ReadSession, actor: CurrentActor, response: Response) -> schemas.ProofOut:
    """Give the proof of an introduction: a file that anybody can check without a connection."""
    found = service.proof(session, actor, number)
    response.headers["Content-Disposition"] = f'attachment; filename="introduction-{number}.json"'
    return found


@work.get("", **access("deal.work", "read"))
def list_work(
    *,
    session: ReadSession,
    actor: CurrentActor,
    limit: Limit = 50,
    cursor: Cursor = None,
    turn: Annotated[Turn, Query(description="Whose turn it is: mine, of others, or any.")] = "mine",
) -> Page[schemas.DealOut]:
    """List what is to be done, the longest overdue first, undated last."""
    place = decode_cursor(cursor, 2)
    items, more = service.work_list(session, actor, turn=turn, after=_due(place) if place else None, limit=limit)
    return Page(items=items, next=encode_cursor(more[0].isoformat(), more[1]) if more else None)


def _due(values: list[object]) -> tuple[date, int]:
    try:
        return date.fromisoformat(str(values[0])), int(str(values[1]))
    except ValueError as error:
        raise BadRequest("cursor_unknown") from error


@unsuitable.post("", status_code=201, **access("deal.mark_unsuitable", "deals:write"))
def mark_unsuitable(
    *, wanted: schemas.UnsuitableIn, session: WriteSession, actor: CurrentActor
) -> schemas.UnsuitableOut:
    """Say of a match that it does not suit; passed on to the other owner without the name."""
    return schemas.UnsuitableOut.model_validate(service.mark_unsuitable(session, actor, wanted), from_attributes=True)
