"""A small market for the tests of deals: a firm, a university, a rival pair, brokers, and those who must stay outside."""

import io
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime
from typing import Any

from services.deals import schemas, service
from services.ground.actor import Actor, Grant
from services.ground.database import Database
from services.ground.settings import Settings
from tests.services.deals import factories

NOW = datetime(2026, 3, 12, 2, 0, tzinfo=UTC)
TODAY = date(2026, 3, 12)
PDF = b"%PDF-1.7\n% an agreement\n"


@dataclass
class World:
    """Names to ids and actors; every call to a service is one transaction, as in a request."""

    database: Database
    settings: Settings
    firm: int = 0
    university: int = 0
    outsider_firm: int = 0
    need: str = ""
    secret_need: str = ""
    result: str = ""
    other_result: str = ""
    actors: dict[str, Actor] = field(default_factory=dict)

    def do(self, use_case: Any, who: str | Actor, *args: Any, **more: Any) -> Any:
        """Call a use case as somebody, in a transaction of its own."""
        actor = self.actors[who] if isinstance(who, str) else who
        with self.database.write() as session:
            return use_case(session, actor, *args, **more)

    def see(self, who: str, code: str) -> schemas.DealDetail:
        """Look at a deal as somebody."""
        with self.database.read() as session:
            return service.detail(session, self.actors[who], code)

    def introduce(self, who: str = "broker", **wanted: Any) -> str:
        """Bring the firm and the university together, or whom `wanted` names."""
        wanted = wanted or {"need_code": self.need, "result_code": self.result}
        return self.do(service.introduce, who, schemas.IntroductionIn(**wanted)).code

    def attach(
        self, who: str, code: str, level: str = "after_contact", content: bytes = PDF, name: str = "协议.pdf"
    ) -> int:
        """Attach a file as somebody and give its number."""
        return self.do(service.attach_file, who, self.settings, code, io.BytesIO(content), name, level).id

    def offer(self, who: str, code: str, amount_fen: int = 128_000_000, valid_until: date = date(2026, 4, 30)) -> int:
        """Make an offer as somebody and give its number."""
        wanted = schemas.OfferIn(
            amount_fen=amount_fen, payment_mode="INSTALMENT", scope="中试放大与现场调试", valid_until=valid_until
        )
        return self.do(service.offer, who, code, wanted).n

    def sign(self, who: str, code: str, amount_fen: int = 128_000_000, **more: Any) -> Any:
        """Say as somebody that the contract is signed."""
        wanted = {"signed_on": TODAY, "contract_amount_fen": amount_fen, "promise": "盖章件周五补上", **more}
        return self.do(service.sign, who, code, schemas.SigningIn(**wanted))

    def end(self, who: str, code: str, reason: str = "price", **more: Any) -> Any:
        """End a deal as somebody."""
        return self.do(service.end, who, code, schemas.EndIn(reason=reason, **more))

    def walk(self, to: str, code: str | None = None) -> str:
        """Take a deal of the broker to a step and give its code."""
        code = code or self.introduce()
        if to == "introduced":
            return code
        self.do(service.acknowledge, "seeker", code)
        self.do(service.acknowledge, "provider", code)
        if to == "acknowledged":
            return code
        talk = schemas.TalkIn(happened_on=TODAY, note="看了车间，四项必须指标可达")
        self.do(service.record_talk, "broker", code, talk)
        if to == "talking":
            return code
        number = self.offer("provider", code)
        if to == "offered":
            return code
        self.do(service.accept_offer, "seeker", code, number)
        if to == "agreed":
            return code
        self.sign("seeker", code)
        self.do(service.confirm_signature, "provider", code)
        return code

    def agree_confidentiality(self, code: str) -> None:
        """Let both sides sign the confidentiality agreement."""
        number = self.attach("seeker", code)
        for side in ("seeker", "provider"):
            self.do(service.agree_confidentiality, side, code, schemas.ConfidentialityIn(file_id=number))


def make_world(database: Database, settings: Settings) -> World:
    """Fill a database with the market."""
    world = World(database, settings)
    with database.write() as session:
        world.firm = factories.an_organisation(session, "穗原里植提", "431122")
        world.university = factories.an_organisation(session, "云麓示范大学", "430100")
        world.outsider_firm = factories.an_organisation(session, "岚渡电机", "431129")
        station = factories.an_organisation(session, "东安县工作站", "431122")
        brokers_firm = factories.an_organisation(session, "何氏技术服务", "431103")
        world.need = factories.a_listing(session, "need", "青蒿素提取收率与溶剂残留同时达标", world.firm)
        world.secret_need = factories.a_listing(session, "need", "一种中间体要降本", world.firm, hides_owner=True)
        world.result = factories.a_listing(session, "result", "连续逆流超声辅助低温提取", world.university)
        world.other_result = factories.a_listing(session, "result", "膜分离回收溶剂", world.university)
        for who, name, role, organisation, region in (
            ("seeker", "唐工", "member", world.firm, None),
            ("seeker_colleague", "谢工", "member", world.firm, None),
            ("provider", "骆老师", "member", world.university, None),
            ("broker", "何经理", "broker", None, None),
            ("other_broker", "蒋经理", "broker", None, None),
            ("outsider", "卢工", "member", world.outsider_firm, None),
            ("registrar", "登记员", "registrar", None, "431100"),
            ("moderator", "审核员", "moderator", None, "431100"),
            ("bureau", "科员", "bureau_officer", None, "431100"),
            ("administrator", "管理员", "administrator", None, None),
            ("clerk", "小周", "station_clerk", None, "431122"),
            ("far_clerk", "小吴", "station_clerk", None, "431129"),
        ):
            person = factories.a_person(session, name, role, organisation, region)
            world.actors[who] = Actor(person, name, (Grant(role, organisation, region),), organisation)
    world.actors["visitor"] = Actor()
    world.actors["broker"] = replace(world.actors["broker"], organisation_id=brokers_firm)
    for clerk in ("clerk", "far_clerk"):
        world.actors[clerk] = replace(world.actors[clerk], organisation_id=station, on_behalf_of_id=world.firm)
    return world
