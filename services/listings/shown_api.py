"""Routes of what organisations, experts and brokers agreed to show."""

from fastapi import APIRouter, Response
from pydantic import BaseModel, Field

from services.accounts import shown
from services.accounts.shown import BrokerOut, Shown, ShownIn
from services.ground.web import CurrentActor, IfMatch, ReadSession, WriteSession, access, set_etag
from services.listings import shown as experts

router = APIRouter(prefix="/api/v1", tags=["people"])


class ShownOut(BaseModel):
    """What is shown, and what could be."""

    shown: list[str] = Field(examples=[["position", "fields"]])
    choices: list[str]
    words: str
    phone: str
    by_the_person: bool


def _out(kind: shown.Kind, choice: Shown, response: Response) -> ShownOut:
    set_etag(response, choice.version)
    fields = shown.FIELDS[kind]
    return ShownOut(
        shown=[name for name in fields if name in choice.fields],
        choices=list(fields),
        words=choice.words,
        phone=choice.phone,
        by_the_person=choice.person_id is not None,
    )


@router.get("/brokers", summary="技术经理人", **access("market.look", "read"))
def brokers(session: ReadSession) -> list[BrokerOut]:
    """List the brokers who agreed to be listed, with what else they agreed to show."""
    return shown.brokers_listed(session)


@router.get("/organisations/{code}/shown", summary="单位公开哪些", **access("organisation.edit", "read"))
def of_organisation(code: str, session: ReadSession, actor: CurrentActor, response: Response) -> ShownOut:
    """Say what of an organisation is shown."""
    row = shown.organisation_for(session, actor, code)
    return _out("organisation", shown.one(session, "organisation", row.code), response)


@router.put("/organisations/{code}/shown", summary="改单位公开哪些", **access("organisation.edit", "listings:write"))
def choose_for_organisation(
    code: str, data: ShownIn, session: WriteSession, actor: CurrentActor, expected: IfMatch, response: Response
) -> ShownOut:
    """Choose what of an organisation is shown (`words` is its address); in force with the next answer."""
    shown.choose_for_organisation(session, actor, code, data, expected)
    return _out("organisation", shown.one(session, "organisation", code), response)


@router.get("/experts/{code}/shown", summary="专家公开哪些", **access("listing.edit", "read"))
def of_expert(code: str, session: ReadSession, actor: CurrentActor, response: Response) -> ShownOut:
    """Say what of an expert's entry is shown, to whoever decides it."""
    _row, choice = experts.entry_for(session, actor, code)
    return _out("expert", choice, response)


@router.put("/experts/{code}/shown", summary="改专家公开哪些", **access("listing.edit", "listings:write"))
def choose_for_expert(
    code: str,
    data: ShownIn,
    session: WriteSession,
    actor: CurrentActor,
    expected: IfMatch,
    response: Response,
    is_me: bool = False,
) -> ShownOut:
    """Choose what of an entry is shown; `is_me` says that it is about you, and you decide alone from now on."""
    experts.choose_for_expert(session, actor, code, data, is_me=is_me, expected=expected)
    return _out("expert", shown.one(session, "expert", code), response)


@router.get("/me/shown", summary="我公开哪些", **access("account.use", "read"))
def of_me(session: ReadSession, actor: CurrentActor, response: Response) -> ShownOut:
    """Say what of you as a broker is shown."""
    return _out("broker", shown.one(session, "broker", str(actor.person_id)), response)


@router.put("/me/shown", summary="改我公开哪些", **access("account.use", "listings:write"))
def choose_as_broker(
    data: ShownIn, session: WriteSession, actor: CurrentActor, expected: IfMatch, response: Response
) -> ShownOut:
    """Choose what of you as a broker is shown (`words` are your fields); in force with the next answer."""
    shown.choose_as_broker(session, actor, data, expected)
    return _out("broker", shown.one(session, "broker", str(actor.person_id)), response)
