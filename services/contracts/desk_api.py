"""The routes of the desk that are about no single contract: many at once, who waits, and the working-day calendar."""

from datetime import date
from typing import Annotated, Literal

from fastapi import APIRouter, Path, Query
from pydantic import BaseModel, ConfigDict, Field

from services.contracts import service, together
from services.contracts.content import example
from services.contracts.schemas import RegistrationIn
from services.contracts.together import Asked, Outcome
from services.ground.actor import Actor
from services.ground.errors import Invalid
from services.ground.permissions import require
from services.ground.web import CurrentActor, Page, ReadSession, WriteSession, access
from services.ground.workdays import Calendar, CalendarDay, days_of

router = APIRouter(prefix="/api/v1/contracts", tags=["contracts"])
calendar = APIRouter(prefix="/api/v1/calendar", tags=["contracts"])
Year = Annotated[int, Path(ge=1985, le=2100, examples=[2031])]
Code = Annotated[str, Field(min_length=1, max_length=20)]


class SellerOut(BaseModel):
    """A seller with contracts at the desk, and where they are listed."""

    code: str
    title: str
    state: str = "at_the_desk"
    url: str
    count: int


class MovedOne(BaseModel):
    """One contract of many, with the version that was seen (none: do not check)."""

    model_config = ConfigDict(extra="forbid")
    code: Code
    version: Annotated[int | None, Field(ge=1, le=2**31 - 1)] = None


class MovedIn(BaseModel):
    """The contracts to move together."""

    model_config = example(contracts=[{"code": "C-2026-000041"}])
    contracts: Annotated[list[MovedOne], Field(min_length=1, max_length=together.AT_MOST)]


class RegisteredOne(MovedOne):
    """One contract of many with what the registration body gave."""

    registration: RegistrationIn


class RegisterTogetherIn(BaseModel):
    """The contracts to register together."""

    model_config = example(
        contracts=[
            {
                "code": "C-2026-000041",
                "registration": {"registration_number": "2026431100000099", "registered_on": "2026-03-12"},
            }
        ]
    )
    contracts: Annotated[list[RegisteredOne], Field(min_length=1, max_length=together.AT_MOST)]


class MovedOut(BaseModel):
    """What became of one: done, or the code of the error that kept it back, with the fields it names."""

    code: str
    done: bool
    error: str = ""
    fields: list[str] = []


class OutcomeOut(BaseModel):
    """What became of all of them."""

    done: int
    items: list[MovedOut]


class DayIn(BaseModel):
    """A day off, or a weekend day worked to make up for one (调休)."""

    model_config = ConfigDict(extra="forbid")
    day: date
    works: bool
    note: Annotated[str, Field(max_length=80, pattern=r"^[^\x00-\x1f]*$")] = ""


class YearIn(BaseModel):
    """The days of a year that differ from the week; they replace what was entered before."""

    model_config = example(days=[{"day": "2031-01-01", "works": False, "note": "元旦"}])
    days: Annotated[list[DayIn], Field(min_length=1, max_length=80)]


class YearOut(BaseModel):
    """A year of the calendar: known from the library, entered here, or unknown (then weekdays alone count)."""

    year: int
    known: Literal["library", "entered", "unknown"]
    days: list[DayIn]


@router.get("/sellers-at-the-desk", summary="窗口上有合同的卖方", **access("contract.handle", "contracts:register"))
def sellers(session: ReadSession, actor: CurrentActor) -> Page[SellerOut]:
    """List the sellers with contracts at the desk, most first; `GET /api/v1/contracts?seller=` gives their contracts."""
    service.only_registrars(actor)
    found = service.sellers_at_the_desk(session, actor)
    return Page(
        items=[
            SellerOut(code=name, title=name, url=f"/contracts/together?seller={name}", count=count)
            for name, count in found
        ]
    )


@router.post("/together/register", summary="一起填登记编号", **access("contract.register", "contracts:register"))
def register_together(given: RegisterTogetherIn, session: WriteSession, actor: CurrentActor) -> OutcomeOut:
    """Record the official numbers of many contracts; each is judged for itself, none keeps another back."""
    service.only_registrars(actor)
    asked = [Asked(item.code, item.version, item.registration) for item in given.contracts]
    return _outcome(service.register_together(session, actor, asked))


@router.post("/together/{move}", summary="一起受理、审核、初审", **access("contract.handle", "contracts:register"))
def move_together(
    move: Annotated[Literal["accept", "review", "approve"], Path()],
    given: MovedIn,
    session: WriteSession,
    actor: CurrentActor,
) -> OutcomeOut:
    """Accept, review or approve many contracts; each is judged for itself, none keeps another back."""
    service.only_registrars(actor)
    asked = [Asked(item.code, item.version) for item in given.contracts]
    return _outcome(service.move_together(session, actor, move, asked))


def _outcome(found: list[Outcome]) -> OutcomeOut:
    items = [
        MovedOut(
            code=item.code,
            done=item.error is None,
            error=item.error.code if item.error else "",
            fields=[field.field for field in item.error.fields] if isinstance(item.error, Invalid) else [],
        )
        for item in found
    ]
    return OutcomeOut(done=sum(item.done for item in items), items=items)


@calendar.get("", summary="工作日历", **access("contract.calendar", "contracts:register"))
def list_years(
    session: ReadSession,
    actor: CurrentActor,
    since: Annotated[int, Query(ge=1985, le=2100)] = 2026,
    until: Annotated[int, Query(ge=1985, le=2100)] = 2030,
) -> list[YearOut]:
    """Say of each year whether its days off and make-up days are known, and which were entered here."""
    require(actor, "contract.calendar")
    return [_year(session, year) for year in range(since, until + 1)]


@calendar.get("/{year}", summary="一年的工作日历", **access("contract.calendar", "contracts:register"))
def show_year(year: Year, session: ReadSession, actor: CurrentActor) -> YearOut:
    """Give one year of the calendar."""
    require(actor, "contract.calendar")
    return _year(session, year)


@calendar.put("/{year}", summary="录入一年的工作日历", **access("contract.calendar", "contracts:register"))
def enter_year(year: Year, given: YearIn, session: WriteSession, actor: CurrentActor) -> YearOut:
    """Enter the days off and make-up days of a year that the library does not know."""
    _enter(session, actor, year, given)
    return _year(session, year)


def _enter(session: WriteSession, actor: Actor, year: int, given: YearIn) -> None:
    lines = [f"{item.day} {'班' if item.works else '休'} {item.note.strip()}".rstrip() for item in given.days]
    service.enter_year(session, actor, year, "\n".join(lines))


def _year(session: ReadSession, year: int) -> YearOut:
    entered: list[CalendarDay] = days_of(session, year)
    in_library = Calendar.in_library(date(year, 1, 1))
    return YearOut(
        year=year,
        known="library" if in_library else "entered" if entered else "unknown",
        days=[DayIn(day=row.day, works=row.works, note=row.note) for row in entered],
    )
