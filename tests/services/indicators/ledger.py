"""Books full of contracts for the tests of statistics: small cells, several buyers, changes, ends."""

import random
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta

from services.contracts import service as contracts
from services.contracts.content import Content
from services.contracts.schemas import ChangeIn, EndIn, RegisteredIn
from services.ground import clock
from services.indicators.dimensions import DIMENSIONS
from tests.services.contracts.factories import a_content, a_party
from tests.services.contracts.world import OPERATOR

YEAR = 2025
PLACES = [*[row.key for row in DIMENSIONS["county"].rows()][:6], "430100", "440100", "310000"]


def fill(world, seed, count=70, months=(1, 12), at=datetime(YEAR + 1, 1, 5, tzinfo=UTC)):
    """Put contracts into the books so that most cells stand for one, two or three of them."""
    dice, rows = random.Random(seed), []
    categories = {"DEV": "DEV_ENTRUST", "SRV": "SRV_GENERAL", "CON": "CON_GENERAL"}
    for index in range(count):
        category = dice.choice(list(categories))
        amount = int(dice.lognormvariate(17, 1.3))
        day = date(YEAR, dice.randint(*months), dice.randint(1, 28))
        county = dice.choice(PLACES[:6])
        technical = amount - index % 4 * amount // 10
        items = [{"kind": "EQUIP", "name": "设备", "amount_fen": amount - technical, "evidence": "附件"}]
        content = a_content(
            contract_title=f"演示合同 {seed}-{index}",
            contract_category=category,
            contract_subtype=categories[category],
            contract_amount_fen=amount,
            technical_amount_fen=technical,
            non_technical_items=items if technical < amount else [],
            chain=dice.choice(["EI", "BM", "NM", None]),
            technical_field=dice.choice(["01", "03", "0702", "09"]),
            ip_types=[dice.choice(["PATENT_INV", "SECRET", "NONE"])],
            socio_economic_objective=dice.choice(["01", "09", "10"]),
            plan_source=dice.choice(["NONE", "NONE", "PROV"]),
            signed_on=day,
            effective_on=day,
            valid_from=day,
            filled_on=day,
            parties=[
                a_party("seller", name=f"演示卖方 {dice.randint(1, 25)}", region_code=county),
                a_party("buyer", name=f"演示买方 {index}", region_code=dice.choice(PLACES)),
            ],
        )
        rows.append(RegisteredIn(content=content, registration_number=f"2025{seed:04}{index:08d}", registered_on=day))
    with clock.at(at), world.database.write() as session:
        contracts.record_registered(session, OPERATOR, rows)


@dataclass
class Event:
    """One thing that happened, as this test wrote it down: the ledger is asked whether it says the same."""

    contract: int
    kind: str
    day: date
    known: date
    registered: date
    signed: date
    count: int
    amount: int
    technical: int
    standing: int
    county: str
    buyers: list[tuple[str, int]]
    category: str
    field: str


class Market:
    """Contracts registered, changed and ended at random, with an account of its own of what that comes to."""

    def __init__(self, world, seed):
        self.world, self.dice = world, random.Random(seed)
        self.events, self.codes, self.last = [], [], {}

    def run(self, registrations=30, changes=12, ends=6):
        for number in range(registrations):
            self.register(number)
        for number in self.dice.sample(range(registrations), changes):
            self.change(number)
        for number in self.dice.sample(range(registrations), ends):
            self.end(number)
        return self

    def register(self, number, batch=None):
        dice, year = self.dice, self.dice.choice([2024, 2025])
        day = date(year, dice.randint(1, 12), dice.randint(1, 28))
        signed = day - timedelta(days=dice.randint(0, 60))
        amount = dice.randint(1, 2_000_000_000)
        technical = dice.randint(amount // 2, amount)
        home, county = PLACES[:6], dice.choice([*PLACES[:6], "431121"])
        buyers = [(dice.choice(PLACES), amount)]
        if dice.random() < 0.3:
            first = dice.randint(0, amount)
            buyers = [(dice.choice(PLACES), first), (dice.choice(home), amount - first)]
        category, subtype = dice.choice([("DEV", "DEV_ENTRUST"), ("SRV", "SRV_GENERAL"), ("CON", "CON_GENERAL")])
        field = dice.choice(["01", "03", "0702"])
        items = [{"kind": "EQUIP", "name": "设备", "amount_fen": amount - technical, "evidence": "附件"}]
        sides = [
            a_party("buyer", name=f"演示买方 {number}-{n}", sequence=n + 1, is_primary=n == 0, region_code=place)
            | ({"share_amount_fen": part} if len(buyers) > 1 else {})
            for n, (place, part) in enumerate(buyers)
        ]
        content = a_content(
            contract_title=f"演示合同 {number}",
            contract_category=category,
            contract_subtype=subtype,
            contract_amount_fen=amount,
            technical_amount_fen=technical,
            non_technical_items=items if amount > technical else [],
            technical_field=field,
            signed_on=signed,
            effective_on=signed,
            valid_from=signed,
            valid_to=date(2029, 1, 1),
            filled_on=signed,
            parties=[a_party("seller", name=f"演示卖方 {dice.randint(1, 9)}", region_code=county), *sides],
        )
        given = RegisteredIn(content=content, registration_number=f"2025{number:012d}", registered_on=day)
        with clock.at(_at(day)):
            recorded = self.world.do(contracts.record_registered, OPERATOR, [given], batch=batch)
        self.codes.append(recorded[0].code)
        event = Event(
            number, "registration", day, day, day, signed, 1, amount, technical, amount, county, buyers, category, field
        )
        self.note(event)

    def note(self, event):
        self.events.append(event)
        self.last[event.contract] = event

    def change(self, number):
        before, dice = self.last[number], self.dice
        day = before.day + timedelta(days=dice.randint(1, 300))
        amount = dice.randint(1, 2_000_000_000)
        technical = dice.randint(0, amount)
        items = [{"kind": "EQUIP", "name": "设备", "amount_fen": amount - technical, "evidence": "附件"}]
        content = Content(
            contract_amount_fen=amount,
            technical_amount_fen=technical,
            non_technical_items=items if amount > technical else [],
        )
        if len(before.buyers) > 1:
            return
        if number % 3 == 0:  # every third change puts the contract under another category as well
            before = self.reclassify(before, content, day)
        given = ChangeIn(content=content, changed_on=day, reason="补充协议", evidence="补充协议一")
        with clock.at(_at(day)):
            self.world.do(contracts.change, "registrar", self.codes[number], given)
        self.note(
            Event(
                **{
                    **before.__dict__,
                    "kind": "change",
                    "day": day,
                    "known": day,
                    "count": 0,
                    "amount": amount - before.standing,
                    "technical": technical - sum(e.technical for e in self.events if e.contract == number),
                    "standing": amount,
                    "buyers": [(before.buyers[0][0], amount - before.standing)],
                }
            )
        )

    def reclassify(self, before, content, day):
        """Note that all that stands goes from the old category to the new one; the amount changes there."""
        content.contract_category, content.contract_subtype = "SRV", "SRV_TRAINING"
        technical = sum(event.technical for event in self.events if event.contract == before.contract)
        common = {**before.__dict__, "kind": "correction", "day": day, "known": day}
        place = before.buyers[0][0]
        out = {"count": -1, "amount": -before.standing, "technical": -technical, "standing": 0}
        back = {"count": 1, "amount": before.standing, "technical": technical, "standing": before.standing}
        self.note(Event(**{**common, **out, "buyers": [(place, -before.standing)]}))
        self.note(Event(**{**common, **back, "buyers": [(place, before.standing)], "category": "SRV"}))
        return self.last[before.contract]

    def end(self, number):
        before = self.last[number]
        day = before.day + timedelta(days=self.dice.randint(1, 300))
        given = EndIn(ended_on=day, reason="当事人申请", evidence="申请书")
        with clock.at(_at(day)):
            self.world.do(contracts.cancel, "registrar", self.codes[number], given)
        mine = [event for event in self.events if event.contract == number]
        split = len(before.buyers) > 1
        self.note(
            Event(
                **{
                    **before.__dict__,
                    "kind": "cancellation",
                    "day": day,
                    "known": day,
                    "count": -1,
                    "amount": -before.standing,
                    "technical": -sum(event.technical for event in mine),
                    "standing": 0,
                    "buyers": [(place, -part) for place, part in before.buyers]
                    if split
                    else [(before.buyers[0][0], -before.standing)],
                }
            )
        )


def _at(day):
    return datetime(day.year, day.month, day.day, 4, tzinfo=UTC)
