"""A small market for the tests of contracts: two parties, a third firm, two registrars, and those who must stay outside."""

from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from typing import Any

from sqlmodel import Session

from services.accounts.models import Organisation, Person, PersonData, RoleGrant
from services.contracts import schemas, service
from services.contracts.content import Content
from services.contracts.schemas import RegistrationIn, SignedDeal
from services.contracts.views import ContractOut
from services.ground import clock
from services.ground.actor import Actor, Grant, system_actor
from services.ground.database import Database
from services.ground.identifiers import next_code
from tests.services.contracts.factories import a_content

NOW = datetime(2026, 3, 12, 2, 0, tzinfo=UTC)
TODAY = date(2026, 3, 12)
NUMBER = "2026431100000041"
OPERATOR = system_actor("operator", "cli")


@dataclass
class World:
    """Names to actors; every call of a use case is one transaction, as in a request."""

    database: Database
    actors: dict[str, Actor] = field(default_factory=dict)
    organisations: dict[str, Organisation] = field(default_factory=dict)

    def do(self, use_case: Any, who: str | Actor, *args: Any, **more: Any) -> Any:
        actor = self.actors[who] if isinstance(who, str) else who
        with self.database.write() as session:
            return use_case(session, actor, *args, **more)

    def see(self, code: str, who: str = "registrar") -> ContractOut:
        with self.database.read() as session:
            return service.get_visible(session, self.actors[who], code)

    def sums(self, **wanted: Any) -> tuple[int, int, int]:
        with self.database.read() as session:
            found = service.sums(session, schemas.MovementFilter(**wanted))
        return found.count, found.contract_amount_fen, found.technical_amount_fen

    def content(self, **changes: Any) -> Content:
        """A complete contract between the university and the firm of this market."""
        content = a_content(**changes)
        if "parties" not in changes:
            for party, name in zip(content.parties, ("university", "firm"), strict=True):
                party.organisation_code = self.organisations[name].code
                party.name = self.organisations[name].name
        return content

    def draft(self, **changes: Any) -> str:
        return self.do(service.create_draft, "seller", self.content(**changes)).code

    def submitted(self, **changes: Any) -> str:
        code = self.draft(**changes)
        self.do(service.submit, "seller", code)
        return code

    def in_review(self, **changes: Any) -> str:
        code = self.submitted(**changes)
        self.do(service.accept, "registrar", code)
        self.do(service.start_review, "registrar", code)
        return code

    def registered(self, number: str = NUMBER, registered_on: date = TODAY, **changes: Any) -> str:
        code = self.in_review(**changes)
        self.register(code, number, registered_on)
        return code

    def register(self, code: str, number: str = NUMBER, registered_on: date = TODAY, who: str = "second") -> Any:
        given = RegistrationIn(registration_number=number, registered_on=registered_on, registrar_org="演示登记站")
        return self.do(service.register, who, code, given)

    def deal(self, **changes: Any) -> SignedDeal:
        values: dict[str, Any] = {
            "deal_code": "D-2026-000212",
            "need_code": "N-2026-000001",
            "result_code": "R-2026-000001",
            "title": "油茶籽低温冷榨成套技术",
            "seller_organisation_id": self.organisations["university"].id,
            "buyer_organisation_id": self.organisations["firm"].id,
            "signed_on": date(2026, 2, 26),
            "contract_amount_fen": 186_000_000,
            "payment_mode": "INSTALMENT",
            "broker_person_id": None,
            "chain": None,
            "subfield": None,
        }
        return SignedDeal(**(values | changes))


PEOPLE = (
    ("seller", "苗老师", "member", "university", None),
    ("buyer", "唐工", "member", "firm", None),
    ("outsider", "卢工", "member", "other_firm", None),
    ("registrar", "欧阳登记员", "registrar", None, "431100"),
    ("second", "复核登记员", "registrar", None, "431100"),
    ("far_registrar", "外地登记员", "registrar", None, "430100"),
    ("bureau", "邹科长", "bureau_officer", None, "431100"),
    ("clerk", "小周", "station_clerk", None, "431102"),
    ("far_clerk", "小吴", "station_clerk", None, "431129"),
    ("broker", "何经理", "broker", None, None),
    ("moderator", "审核员", "moderator", None, "431100"),
    ("administrator", "管理员", "administrator", None, None),
)


def make_world(database: Database) -> World:
    """Fill a database with the market."""
    world = World(database)
    with database.write() as session:
        for name, title, kind, region in (
            ("university", "湘渚示范农学院", "university", "431102"),
            ("firm", "青垄茶油", "enterprise", "431181"),
            ("other_firm", "岚渡电机", "enterprise", "431129"),
        ):
            world.organisations[name] = an_organisation(session, title, kind, region)
        for who, name, role, organisation, region in PEOPLE:
            own = world.organisations[organisation].id if organisation else None
            world.actors[who] = a_person(session, name, role, own, region)
    world.actors["visitor"] = Actor()
    return world


def an_organisation(session: Session, name: str, kind: str, region: str) -> Organisation:
    row = Organisation(
        code=next_code(session, "O"), name=name, kind=kind, region_code=region, uscc=None, created_at=clock.now()
    )
    session.add(row)
    session.flush()
    return row


def a_person(session: Session, name: str, role: str, organisation: int | None, region: str | None) -> Actor:
    person = Person(pseudonym="已注销的人", created_at=clock.now())
    session.add(person)
    session.flush()
    session.add(PersonData(person_id=person.id or 0, name=name))
    session.add(
        RoleGrant(
            person_id=person.id or 0,
            role=role,
            organisation_id=organisation,
            region_code=region,
            granted_at=clock.now(),
        )
    )
    return Actor(person.id, name, (Grant(role, organisation, region),), organisation)
