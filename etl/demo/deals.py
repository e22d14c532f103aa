"""Demo deals at every step and with every kind of end, walked through the services by those who would do it."""

import io
import json
import secrets
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from typing import Any

from sqlmodel import Session

from services.accounts import service as accounts
from services.accounts import sessions
from services.deals import schemas, service
from services.ground import clock, money
from services.ground.actor import Actor
from services.ground.market import Market

STORIES = Path(__file__).parent / "data" / "deals_a.jsonl"
STEPS = ("introduced", "acknowledged", "confidential", "talking", "offered", "agreed", "signed")
PAUSE = 4
"""Days from one act to the next, where the story began long enough ago."""
AGREEMENT = b"%PDF-1.4\n1 0 obj<</Type/Catalog/Pages 2 0 R>>endobj\n2 0 obj<</Type/Pages/Kids[]/Count 0>>endobj\ntrailer<</Root 1 0 R>>\n"

Act = Callable[[Session, str], object]


@dataclass(frozen=True)
class Walked:
    """A signed deal whose contract the demo registers: who sold to whom (keys of demo organisations), and for what."""

    code: str
    seller: str
    buyer: str
    need: dict[str, Any]
    amount_fen: int
    signed_on: date


class Deals:
    """Pairs needs with results and walks one deal for each story.

    `records` leads from keys of demo records to their codes, `ids` from keys of demo organisations to their ids,
    `people` from keys of demo people and logins to theirs; `firm` and `school` are the organisations of the two logins.
    """

    def __init__(
        self,
        market: Market,
        operator: Actor,
        *,
        records: Mapping[str, str],
        ids: Mapping[str, int],
        people: Mapping[str, int],
        today: date,
    ) -> None:
        """Keep what the walk needs; nothing is written yet."""
        self.market, self.operator, self.today = market, operator, today
        self.records, self.ids, self.people = records, ids, people
        self.contacts: dict[str, Actor] = {}
        self.signed: list[Walked] = []

    def make(self, lines: Callable[[str], Any]) -> list[Walked]:
        """Walk every story and return the signed deals whose contracts are to be registered."""
        stories = [json.loads(line) for line in STORIES.read_text(encoding="utf-8").splitlines()]
        needs = [row for row in lines("needs") if row["state"] == "published"]
        results = [row for row in lines("results") if row.get("state", "published") == "published"]
        brokers = [key for key in self.people if key.startswith("u-")]
        # One story of each step first: those are dealt to the two firms that people log in for.
        turn = {id(story): place for place, story in enumerate(stories)}
        seen: dict[str, int] = {}
        for story in stories:
            seen[story["step"]] = seen.get(story["step"], -1) + 1
            turn[id(story)] = seen[story["step"]]
        used: set[str] = set()
        chosen = []
        for place, story in enumerate(sorted(stories, key=lambda one: turn[id(one)])):
            pair = self._pair(story, needs, results, used)
            if pair:
                used |= {pair[0]["key"], pair[1]["key"]}
                broker = self.people["broker"] if place % 3 == 0 else self.people[brokers[place % len(brokers)]]
                chosen.append((story, *pair, broker))
        # Oldest first: codes and the register of introductions run with the days.
        for story, need, result, broker in sorted(chosen, key=lambda one: -one[0]["days"]):
            self._walk(story, need, result, broker)
        return self.signed

    def _pair(
        self, story: dict[str, Any], needs: list[dict[str, Any]], results: list[dict[str, Any]], used: set[str]
    ) -> tuple[dict[str, Any], dict[str, Any]] | None:
        """Choose what belongs together: the same subfield, both published before the story begins, neither taken."""

        def free(row: dict[str, Any]) -> bool:
            return row["key"] not in used and int(row.get("published_days_ago") or 30) > story["days"]

        ours = {self.ids["firm"], self.ids["school"]}
        pairs = [
            (need, result)
            for need in filter(free, needs)
            for result in filter(free, results)
            if need["subfield"] == result["subfield"] and need["owner"] != result["owner"]
        ]
        return min(
            pairs,
            key=lambda pair: (-len(ours & {self.ids[row["owner"]] for row in pair}), pair[0]["key"], pair[1]["key"]),
            default=None,
        )

    def _contact(self, organisation: str) -> Actor:
        """Give whoever speaks for an organisation: one of the two logins, else a person made for it."""
        for login, name in (("qiye", "firm"), ("gaoxiao", "school")):
            if self.ids[organisation] == self.ids[name]:
                with self.market.database.read() as session:
                    return sessions.actor_of_person(session, self.people[login], "page")
        if organisation not in self.contacts:
            with self.market.database.write() as session:
                login = f"lianxi{len(self.contacts) + 1}"
                person = accounts.create_person(
                    session, self.operator, login=login, password=secrets.token_urlsafe(24), name="演示联系人"
                )
                accounts.grant(session, self.operator, person, "member", self.ids[organisation])
            with self.market.database.read() as session:
                self.contacts[organisation] = sessions.actor_of_person(session, person, "page")
        return self.contacts[organisation]

    def _walk(self, story: dict[str, Any], need: dict[str, Any], result: dict[str, Any], broker_id: int) -> None:
        with self.market.database.read() as session:
            broker = sessions.actor_of_person(session, broker_id, "page")
        firm, school = self._contact(need["owner"]), self._contact(result["owner"])
        start = self.today - timedelta(days=story["days"])
        wanted = schemas.IntroductionIn(
            need_code=self.records[need["key"]], result_code=self.records[result["key"]], note=story["note"]
        )
        with clock.at(self._moment(start, 0)), self.market.database.write() as session:
            code = service.introduce(session, broker, wanted).code
        acts = self._acts(story, firm, school, broker)
        pause = max(1, min(PAUSE, (story["days"] - 1) // max(len(acts), 1)))
        for place, act in enumerate(acts, start=1):
            with clock.at(self._moment(start, place * pause)), self.market.database.write() as session:
                act(session, code)
        if story.get("register"):
            signed_on = self._moment(start, (len(acts) - 1) * pause).date()
            fen = money.from_wan(story["wan"][-1])
            self.signed.append(Walked(code, result["owner"], need["owner"], need, fen, signed_on))

    def _moment(self, start: date, days: int) -> datetime:
        return min(datetime.combine(min(start + timedelta(days=days), self.today), time(2), UTC), clock.now())

    def _acts(self, story: dict[str, Any], firm: Actor, school: Actor, broker: Actor) -> list[Act]:
        """List what happens after the introduction, in order."""
        reached = STEPS.index(story["step"]) if story["step"] in STEPS else 3 if story.get("talk") else 0
        acts: list[Act] = []
        if reached >= 1:
            acts += [
                lambda session, code: service.acknowledge(session, firm, code),
                lambda session, code: service.acknowledge(session, school, code),
            ]
        if story.get("message"):
            message = schemas.MessageIn(body=story["message"])
            acts.append(lambda session, code: service.post_message(session, firm, code, message))
        if story["step"] == "confidential":
            acts.append(lambda session, code: self._keep_secret(session, code, firm, school))
        if story.get("talk"):
            acts.append(lambda session, code: service.record_talk(session, broker, code, _talk(story)))
        acts += _offers(story, firm, school)
        if story["step"] in ("agreed", "signed"):
            acts.append(lambda session, code: _accept(session, code, firm))
        if story["step"] == "signed":
            acts += [
                lambda session, code: service.sign(session, firm, code, _signing(story)),
                lambda session, code: service.confirm_signature(session, school, code),
            ]
        if story.get("end"):
            acts.append(lambda session, code: service.end(session, firm, code, _end(story)))
        if story.get("next"):
            acts.append(lambda session, code: service.set_next_action(session, broker, code, _next(story)))
        return acts

    def _keep_secret(self, session: Session, code: str, firm: Actor, school: Actor) -> None:
        file = service.attach_file(
            session, firm, self.market.settings, code, io.BytesIO(AGREEMENT), "保密协议（演示）.pdf"
        )
        assert file.id is not None
        for side in (firm, school):
            service.agree_confidentiality(session, side, code, schemas.ConfidentialityIn(file_id=file.id))


def _offers(story: dict[str, Any], firm: Actor, school: Actor) -> list[Act]:
    """The university offers, the firm answers with another amount, and so on in turn; the university has the last word."""
    amounts = story.get("wan", [])

    def one(place: int, wan: int) -> Act:
        side = school if (len(amounts) - 1 - place) % 2 == 0 else firm
        return lambda session, code: service.offer(
            session,
            side,
            code,
            schemas.OfferIn(
                amount_fen=money.from_wan(wan),
                payment_mode=story["mode"],
                scope=story["scope"],
                valid_until=clock.today() + timedelta(days=30),
            ),
        )

    return [one(place, wan) for place, wan in enumerate(amounts)]


def _accept(session: Session, code: str, firm: Actor) -> object:
    _room, found = service.offers(session, firm, code)
    return service.accept_offer(session, firm, code, found[0].n)


def _talk(story: dict[str, Any]) -> schemas.TalkIn:
    return schemas.TalkIn(happened_on=clock.today(), note=story["talk"])


def _signing(story: dict[str, Any]) -> schemas.SigningIn:
    fen = money.from_wan(story["wan"][-1])
    return schemas.SigningIn(signed_on=clock.today(), contract_amount_fen=fen, promise="盖章件下周补上")


def _end(story: dict[str, Any]) -> schemas.EndIn:
    return schemas.EndIn(
        reason=story["end"], unsuitable_reason=story.get("unsuitable"), sentence=story.get("sentence", "")
    )


def _next(story: dict[str, Any]) -> schemas.NextActionIn:
    return schemas.NextActionIn(text=story["next"], side="both", due_on=clock.today() + timedelta(days=5))
