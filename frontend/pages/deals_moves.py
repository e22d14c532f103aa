"""The moves of a deal that need a form: one page a task, shown again with all that was typed when something is wrong."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse, Response
from sqlmodel import Session

from frontend.i18n import N_, _
from frontend.pages import deals_words as words
from frontend.pages.deals import Options, levels_for, names_of
from frontend.texts import message_of
from frontend.web import (
    Again,
    CurrentActor,
    Form,
    FormErrors,
    PostedForm,
    ReadSession,
    TheMarket,
    WriteSession,
    build,
    form_errors,
    render,
    see_other,
)
from services.deals import schemas, service
from services.ground import clock, money
from services.ground.actor import Actor
from services.ground.errors import Conflict, FieldError, Invalid, NotFound, StaleVersion
from services.ground.market import Market

pages = APIRouter()


@dataclass
class MovePage:
    """Everything the form of a move may use."""

    deal: schemas.DealOut
    title: tuple[str, str]
    options: dict[str, Options]
    standing: schemas.OfferOut | None
    signing: schemas.SigningOut | None
    values: dict[str, str]
    errors: FormErrors = field(default_factory=FormErrors)
    problem: str = ""


def _filled(schema: Any, values: Mapping[str, Any], amount: tuple[str, str] | None = None) -> Any:
    """Build what a service takes, with an amount as people write it; all that is wrong is said at once."""
    given, errors = dict(values), []
    if amount:
        name, text = amount
        try:
            given[name] = money.parse(text)
        except ValueError:
            errors.append(FieldError(name, "deal_amount_unreadable" if text else "missing"))
            given[name] = 1
        if not errors and given[name] <= 0:
            errors.append(FieldError(name, "deal_amount_not_positive"))
            given[name] = 1
    try:
        made = build(schema, given)
    except Invalid as error:
        raise Invalid(errors + error.fields) from error
    if errors:
        raise Invalid(errors)
    return made


def _file_id(session: Session, actor: Actor, market: Market, code: str, form: Form) -> tuple[int | None, int | None]:
    """Attach what was uploaded, or take the file chosen among those of the deal; and the version still to be checked.

    Attaching checks the version itself and raises it, in the transaction that the move is made in.
    """
    upload = form.file("file")
    if upload:
        file, name = upload.file, upload.filename or ""
        return service.attach_file(session, actor, market.settings, code, file, name, version=form.version()).id, None
    chosen = form.text("file_id")
    return (int(chosen) if chosen.isdecimal() and len(chosen) < 10 else None), form.version()


Apply = Callable[[Session, Actor, Market, str, Form], Any]


def _talk(session: Session, actor: Actor, _market: Market, code: str, form: Form) -> None:
    values = {"happened_on": form.text("happened_on"), "note": form.text("note"), "level": form.text("level")}
    service.record_talk(session, actor, code, _filled(schemas.TalkIn, values), form.version())


def _offer(session: Session, actor: Actor, _market: Market, code: str, form: Form) -> None:
    values = {name: form.text(name) for name in ("payment_mode", "scope", "valid_until")}
    made = _filled(schemas.OfferIn, values, ("amount_fen", form.text("amount_fen")))
    service.offer(session, actor, code, made, form.version())


def _confidentiality(session: Session, actor: Actor, market: Market, code: str, form: Form) -> None:
    file_id, version = _file_id(session, actor, market, code, form)
    if file_id is None:
        raise Invalid("file", "missing")
    service.agree_confidentiality(session, actor, code, schemas.ConfidentialityIn(file_id=file_id), version)


def _sign(session: Session, actor: Actor, market: Market, code: str, form: Form) -> None:
    file_id, version = _file_id(session, actor, market, code, form)
    values = {"signed_on": form.text("signed_on"), "promise": form.text("promise"), "file_id": file_id}
    made = _filled(schemas.SigningIn, values, ("contract_amount_fen", form.text("contract_amount_fen")))
    service.sign(session, actor, code, made, version)


def _end(session: Session, actor: Actor, _market: Market, code: str, form: Form) -> None:
    values = {
        "reason": form.text("reason"),
        "unsuitable_reason": form.optional("unsuitable_reason") if form.text("reason") == "not_suitable" else None,
        "sentence": form.text("sentence"),
    }
    if not values["reason"]:
        raise Invalid("reason", "missing")
    service.end(session, actor, code, _filled(schemas.EndIn, values), form.version())


def _next_action(session: Session, actor: Actor, _market: Market, code: str, form: Form) -> None:
    values = {name: form.text(name) for name in ("text", "side", "due_on")}
    service.set_next_action(session, actor, code, _filled(schemas.NextActionIn, values), form.version())


FORMS: dict[str, tuple[Apply, str]] = {
    "talk": (_talk, N_("已记下这次交流")),
    "offer": (_offer, N_("报价已发给对方")),
    "confidentiality": (_confidentiality, N_("本方已签保密协议")),
    "sign": (_sign, N_("已登记签约，等对方确认")),
    "end": (_end, N_("对接已结束，原因已记下")),
    "next-action": (_next_action, N_("下一步已约定")),
}


@pages.get("/deals/{code}/{move}")
def ask_move(request: Request, code: str, move: str, session: ReadSession, actor: CurrentActor) -> HTMLResponse:
    """Show the form of a move."""
    if move not in FORMS:
        raise NotFound("page", move)
    return render(request, _template(move), move_page(session, actor, code))


@pages.post("/deals/{code}/{move}")
def make_move(
    *,
    request: Request,
    code: str,
    move: str,
    form: PostedForm,
    session: WriteSession,
    actor: CurrentActor,
    market: TheMarket,
) -> Response:
    """Make the move, or show its form again with what has to be mended; nothing half done is kept."""
    if move not in FORMS:
        raise NotFound("page", move)
    apply, said = FORMS[move]
    try:
        apply(session, actor, market, code, form)
    except (Invalid, Conflict, StaleVersion) as error:
        errors = form_errors(error, words.labels()) if isinstance(error, Invalid) else FormErrors()
        problem = "" if isinstance(error, Invalid) else message_of(error)
        with market.database.read() as fresh:
            page = move_page(fresh, actor, code, values=form.values(), errors=errors, problem=problem)
            raise Again(render(request, _template(move), page, error.status)) from error
    return see_other(request, f"/deals/{code}", _(said))


def _template(move: str) -> str:
    return f"deals/{move.replace('-', '_')}.html"


def move_page(session: Session, actor: Actor, code: str, values: dict[str, str] | None = None, **more: Any) -> MovePage:
    """Gather what the form of a move needs: the choices, and what stands now."""
    deal = service.detail(session, actor, code)
    standing = next((row for row in deal.offers if row.state in {"open", "agreed", "expired"}), None)
    sides = [side for side in ("both", "seeker", "provider", "broker") if side != "broker" or deal.broker]
    options = {
        "levels": levels_for(deal),
        "payment_modes": list(names_of(session, "payment_mode").items()),
        "reasons": list(names_of(session, "deal_end_reason").items()),
        "unsuitable_reasons": list(names_of(session, "unsuitable_reason").items()),
        "sides": [
            (side, f"{_(words.SIDES[side])} {words.side_name(deal, side) if side != 'both' else ''}".strip())
            for side in sides
        ],
        "files": [(str(row.id), row.name) for row in deal.files if row.level != "own_side"],
    }
    return MovePage(
        deal=deal,
        title=(words.side_name(deal, "seeker"), words.side_name(deal, "provider")),
        options=options,
        standing=standing,
        signing=next((row for row in deal.signings if not row.superseded), None),
        values=values if values is not None else _first_values(deal, standing),
        **more,
    )


def _first_values(deal: schemas.DealDetail, standing: schemas.OfferOut | None) -> dict[str, str]:
    """Fill in what is known, so that the usual case is a glance and a button."""
    today = clock.today().isoformat()
    values = {"happened_on": today, "signed_on": today, "level": "after_contact", "version": str(deal.version)}
    if standing:
        values["payment_mode"] = standing.payment_mode
        values["scope"] = standing.scope
        values["contract_amount_fen"] = money.yuan(standing.amount_fen)
    return values
