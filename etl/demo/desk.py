"""Demo contracts that are still on the registrar's desk, one or more in every state of it."""

from collections.abc import Mapping
from datetime import UTC, date, datetime, time, timedelta

from sqlmodel import Session

from etl.demo.contract_records import DemoContract, content_of
from services.contracts import service as contracts
from services.contracts.content import Review
from services.contracts.schemas import ReasonIn, RefusalIn, RegistrationIn
from services.ground import clock
from services.ground.actor import Actor
from services.ground.market import Market

STOPS = {
    "draft": (),
    "submitted": ("submit",),
    "supplement_requested": ("submit", "ask"),
    "accepted": ("submit", "accept"),
    "in_review": ("submit", "accept", "review"),
    "expert_review": ("submit", "accept", "review", "experts"),
    "refused": ("submit", "accept", "review", "refuse"),
    "registered": ("submit", "accept", "review", "approve", "register"),
}
"""State on the day of loading -> what was done to get there, in order."""


class Desk:
    """Walks drafts through the desk: the seller hands in, the first registrar decides, the second types the number."""

    def __init__(self, market: Market, owner: Actor, first: Actor, second: Actor, today: date) -> None:
        """Keep who acts; `owner` may act for every seller of the demo."""
        self.market, self.owner, self.first, self.second, self.today = market, owner, first, second, today

    def put(self, made: DemoContract, codes: Mapping[str, str], people: Mapping[str, int]) -> None:
        """Open a draft on the day after signing and leave it in the state that the record names."""
        with clock.at(self._moment(made.signed_on, 1)), self.market.database.write() as session:
            code = contracts.create_draft(session, self.owner, content_of(made, codes, people)).code
        self.walk(code, made.state, made.signed_on)

    def walk(self, code: str, state: str, signed_on: date, number: str = "") -> None:
        """Walk a complete draft to a state, each step a few days after the one before."""
        for step, act in enumerate(STOPS[state], start=1):
            moment = self._moment(signed_on, 2 + 2 * step)
            with clock.at(moment), self.market.database.write() as session:
                self._act(session, code, act, number)

    def _moment(self, start: date, days: int) -> datetime:
        day = min(start + timedelta(days=days), self.today)
        day -= timedelta(days=max(0, day.weekday() - 4))
        return min(datetime.combine(max(day, start), time(2), UTC), clock.now())

    def _act(self, session: Session, code: str, act: str, number: str) -> None:
        if act == "submit":
            contracts.submit(session, self.owner, code)
        elif act == "ask":
            contracts.request_supplement(session, self.first, code, ReasonIn(reason="合同缺骑缝章，请补扫描件"))
        elif act == "accept":
            contracts.accept(session, self.first, code)
        elif act == "review":
            contracts.start_review(session, self.first, code)
        elif act == "experts":
            contracts.ask_experts(session, self.first, code, ReasonIn(reason="金额较大，请专家看技术构成"))
        elif act == "refuse":
            contracts.refuse(session, self.first, code, RefusalIn(ground="R2", reason="标的不含技术内容"))
        elif act == "approve":
            contracts.save_review(session, self.first, code, Review(papers={"D1": "present"}, seals_match=True))
            contracts.approve(session, self.first, code)
        else:
            given = RegistrationIn(registration_number=number, registered_on=clock.today())
            contracts.register(session, self.second, code, given)
