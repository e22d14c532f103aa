"""More than 2,200 invented contracts since 2016, the same ones for the same day of loading.

Each year is drawn from a source of chance of its own, so that a later day of loading adds contracts and leaves the
older ones as they were. Nothing here touches a database: `content_of` gives what the contract service takes.
"""

import random
from dataclasses import replace
from datetime import date, timedelta
from decimal import ROUND_HALF_UP, Decimal

from etl.demo.contract_amounts import FIRST_YEAR, Amount, amounts
from etl.demo.contract_details import Details
from etl.demo.contract_parties import HOME_WEIGHTS, Org, Parties, brokers, organisations
from etl.demo.contract_records import DemoContract, DemoParty, content_of
from etl.demo.contract_story import change_of, end_of, in_progress
from etl.demo.contract_texts import Subject, Texts, chance, words

__all__ = ["SEED", "DemoContract", "content_of", "generate"]

SEED = "yaosu-demo-contracts-1"
ABSORBED_SHARE = 0.06
"""Beside each hundred contracts of home sellers so many that home buyers signed with sellers elsewhere."""
MONTH_WEIGHTS = (5, 5, 8, 7, 8, 9, 8, 8, 9, 8, 11, 14)
SPECIAL = ("several_sellers", "several_buyers", "export", "import", "undetermined", "capped", "related")
SPECIAL_CHANCE = (0.02, 0.012, 0.008, 0.006, 0.008, 0.006, 0.01)


def generate(today: date) -> list[DemoContract]:
    """Give all demo contracts as they stand on `today`, oldest registration first, those in progress last."""
    texts = Texts(chance(f"{SEED}-texts"))
    orgs = organisations()
    made: list[DemoContract] = []
    for year in range(FIRST_YEAR, today.year + 1):
        made += _Year(year, texts, orgs, made).contracts()
    known = [_as_of(contract, today) for contract in made if _registered(contract) <= today]
    known.sort(key=lambda contract: (_registered(contract), contract.key))
    return known + in_progress(_Year(today.year, texts, orgs, made).maker("progress"), today)


def _registered(contract: DemoContract) -> date:
    return contract.registered_on or contract.signed_on


def _as_of(contract: DemoContract, today: date) -> DemoContract:
    """Leave out what happened to a contract after `today`."""
    changes = tuple(change for change in contract.changes if change.changed_on <= today)
    end = contract.end if contract.end and contract.end.ended_on <= today else None
    return replace(contract, changes=changes, end=end, state=end.state if end else "registered")


class _Year:
    """Draws the contracts that are registered in one year."""

    def __init__(self, year: int, texts: Texts, orgs: list[Org], before: list[DemoContract]) -> None:
        self.year, self.texts, self.orgs, self.before = year, texts, orgs, before
        self.rng = chance(f"{SEED}-{year}")

    def maker(self, purpose: str) -> "Maker":
        """Give a maker with a source of chance of its own."""
        texts = Texts(chance(f"{SEED}-{self.year}-{purpose}-texts"), self.texts.used)
        return Maker(chance(f"{SEED}-{self.year}-{purpose}"), texts, self.orgs)

    def contracts(self) -> list[DemoContract]:
        maker = self.maker("registered")
        drawn = amounts(self.year, self.rng)
        days = sorted(self._day() for _ in drawn)
        absorbed = sorted(self.rng.sample(range(len(drawn)), round(len(drawn) * ABSORBED_SHARE)))
        found: list[DemoContract] = []
        for serial, (amount, day) in enumerate(zip(drawn, days, strict=True), start=1):
            found.append(maker.registered(amount, day, serial, main=self._main(found)))
        for serial, index in enumerate(absorbed, start=1):
            found.append(maker.absorbed(drawn[index], days[index], serial))
        return found

    def _main(self, found: list[DemoContract]) -> str | None:
        earlier = found or self.before
        return self.rng.choice(earlier).registration_number if earlier else None

    def _day(self) -> date:
        month = self.rng.choices(range(1, 13), weights=MONTH_WEIGHTS)[0]
        day = date(self.year, month, self.rng.randint(4, 28))
        return day - timedelta(days=max(0, day.weekday() - 4))


class Maker:
    """Makes one contract from an amount and a day."""

    def __init__(self, rng: random.Random, texts: Texts, orgs: list[Org]) -> None:
        self.rng, self.texts = rng, texts
        self.parties = Parties(rng, orgs)
        self.details = Details(rng, brokers())

    def registered(self, amount: Amount, day: date, serial: int, main: str | None) -> DemoContract:
        """Make a contract that a home seller had registered at home on `day`."""
        special = self.rng.choices((*SPECIAL, ""), weights=(*SPECIAL_CHANCE, 1 - sum(SPECIAL_CHANCE)))[0]
        # The first contracts of a year go round the counties, so that no county is without one.
        regions = list(HOME_WEIGHTS)
        seller = self.parties.seller_at_home(regions[serial - 1] if serial <= len(regions) else None)
        contract, subject = self._contract(
            f"c-{day.year}-{serial:04d}", amount, day, seller, special=special, main=main
        )
        contract = replace(contract, registration_number=f"{day.year}{words()['registration_body']}9{serial:05d}")
        # Shares and original amounts in other currencies would have to change with the price: those are left alone.
        plain = contract.currency is None and all(party.share_amount_fen is None for party in contract.parties)
        if plain and self.rng.random() < (0.5 if contract.contract_amount_fen == 0 else 0.03):
            contract = replace(contract, changes=(change_of(self.rng, self.details, self.texts, contract, subject),))
        elif self.rng.random() < 0.016:
            contract = replace(contract, end=end_of(self.rng, self.texts, contract, subject))
        return contract

    def absorbed(self, amount: Amount, day: date, serial: int) -> DemoContract:
        """Make a contract that a home buyer signed with a seller elsewhere, who had it registered there."""
        seller = self.parties.seller_outside()
        contract, _subject = self._contract(f"c-{day.year}-w{serial:03d}", amount, day, seller)
        number = f"{day.year}{seller.region_code}8{serial:05d}"
        return replace(contract, registration_number=number)

    def _contract(
        self, key: str, amount: Amount, day: date, seller: Org, *, special: str = "", main: str | None = None
    ) -> tuple[DemoContract, Subject]:
        subfield = self.parties.subfield(seller)
        buyer = self.parties.buyer(seller, subfield)
        subtype = self.details.subtype(amount, main)
        named = "" if special in ("export", "import") else buyer.short_name
        title, subject = self.texts.title(subfield, subtype, named)
        signed, accepted, decided = self.details.days_before(day)
        months = self.rng.choice((6, 9, 12, 12, 18, 24, 24, 36))
        valid_to = self.details.end_of_validity(signed, day, months)
        contract = DemoContract(
            key=key,
            state="registered",
            contract_title=title,
            contract_category=amount.category,
            contract_subtype=subtype,
            signed_on=signed,
            effective_on=signed,
            valid_from=signed,
            valid_to=valid_to,
            contract_amount_fen=amount.contract_fen,
            technical_amount_fen=amount.technical_fen,
            amount_status="determined",
            cross_border="none",
            abstract=self.texts.abstract(title, subtype, months),
            chain=subfield[:2],
            subfield=subfield,
            filled_on=signed + timedelta(days=2),
            accepted_on=accepted,
            decided_on=decided,
            registered_on=day,
            main_contract=main if subtype == "SRV_AGENCY" else None,
            parties=self._parties(seller, buyer, subtype),
            non_technical_items=self.details.items(amount.contract_fen - amount.technical_fen),
            **self.details.official(subfield, subtype, amount, owner=seller.name, subject=subject, year=signed.year),
        )
        return self._special(contract, special, seller, buyer), subject

    def _parties(self, seller: Org, buyer: Org, subtype: str) -> tuple[DemoParty, ...]:
        together = subtype == "DEV_COOP"
        return (
            self.parties.party(seller, "seller", develops=together),
            self.parties.party(buyer, "buyer", develops=together),
        )

    def _special(self, contract: DemoContract, special: str, seller: Org, buyer: Org) -> DemoContract:
        """Make a contract one of the cases that a desk meets now and then (reference: contracts, 15)."""
        if special in ("several_sellers", "several_buyers"):
            return self._joint(contract, special, seller, buyer)
        if special in ("export", "import"):
            return self._foreign(contract, special, buyer)
        if special == "undetermined":
            return replace(
                contract,
                contract_amount_fen=0,
                technical_amount_fen=0,
                non_technical_items=(),
                amount_status="undetermined",
            )
        if special == "capped":
            cap = contract.contract_amount_fen * 13 // 10
            return replace(contract, amount_status="capped", amount_cap_fen=cap)
        if special == "related":
            return replace(contract, is_related_party=True, relation_kind="同一控制人下的单位")
        return contract

    def _joint(self, contract: DemoContract, special: str, seller: Org, buyer: Org) -> DemoContract:
        role = "seller" if special == "several_sellers" else "buyer"
        pool = [org for org in self.parties.home if org.key not in (seller.key, buyer.key)]
        second = self.rng.choice(pool)
        share = contract.contract_amount_fen * self.rng.randint(20, 45) // 100
        parties = [
            replace(party, share_amount_fen=contract.contract_amount_fen - share) if party.role == role else party
            for party in contract.parties
        ]
        parties.append(self.parties.party(second, role, sequence=2, is_primary=False, share_amount_fen=share))
        return replace(contract, parties=tuple(parties))

    def _foreign(self, contract: DemoContract, special: str, buyer: Org) -> DemoContract:
        """Price a contract in another currency; for imports the home buyer registers (reference: contracts, 15)."""
        abroad, row = self.parties.foreign("buyer" if special == "export" else "seller")
        home = contract.party("seller")
        if special == "import":
            local = buyer if buyer.at_home else self.rng.choice(self.parties.home)
            home = self.parties.party(local, "buyer")
        rate = Decimal(row["rate"])
        original = (Decimal(contract.contract_amount_fen) / 100 / rate).quantize(Decimal(1))
        whole = int((original * rate * 100).quantize(Decimal(1), ROUND_HALF_UP))
        technical = min(contract.technical_amount_fen, whole)
        if not contract.non_technical_items:
            technical = whole
        pair = (home, abroad) if special == "export" else (abroad, home)
        return replace(
            contract,
            parties=tuple(replace(party, develops=contract.contract_subtype == "DEV_COOP") for party in pair),
            cross_border=special,
            country_code=row["country_code"],
            currency=row["currency"],
            amount_original=original,
            fx_rate=rate,
            fx_date=contract.signed_on,
            fx_source="中国人民银行中间价（演示值）",
            contract_amount_fen=whole,
            technical_amount_fen=technical,
            non_technical_items=self.details.items(whole - technical),
        )
