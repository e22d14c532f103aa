"""The official fields of a demo contract: subtype, worksheet, payments, rights, codes, dates."""

import random
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from etl.demo.contract_amounts import Amount
from etl.demo.contract_records import DemoItem, DemoPayment, DemoRight
from etl.demo.contract_texts import Subject, words

SUBTYPES: dict[str, tuple[tuple[str, ...], tuple[int, ...]]] = {
    "DEV": (("DEV_ENTRUST", "DEV_COOP"), (7, 3)),
    "TRF": (
        ("TRF_PATENT", "TRF_PATENT_APP", "TRF_SECRET", "TRF_SOFTWARE", "TRF_EQUITY"),
        (48, 12, 24, 10, 6),
    ),
    "LIC": (("LIC_PATENT", "LIC_SECRET", "LIC_SOFTWARE"), (6, 3, 1)),
    "CON": (("CON_GENERAL",), (1,)),
    "SRV": (("SRV_GENERAL", "SRV_TRAINING"), (96, 4)),
}
RIGHTS = {
    "TRF_PATENT": ("PATENT_INV", "PATENT_UM"),
    "TRF_PATENT_APP": ("PATENT_INV",),
    "TRF_SECRET": ("SECRET",),
    "TRF_SOFTWARE": ("SOFTWARE",),
    "TRF_EQUITY": ("PATENT_INV", "SECRET"),
    "LIC_PATENT": ("PATENT_INV", "PATENT_UM"),
    "LIC_SECRET": ("SECRET",),
    "LIC_SOFTWARE": ("SOFTWARE",),
}
FIELDS = {"EI": "01", "BM": "04", "NM": "05", "EM": "03", "AF": "09", "LI": "05"}
FIELDS_OF_SUBFIELDS = {
    "EI-5": "02",
    "EM-1": "10",
    "EM-4": "09",
    "EM-6": "06",
    "AF-2": "0706",
    "LI-2": "03",
    "LI-3": "03",
}
AGENCY_LIMIT_FEN = 60_000_000
"""What brings two parties together costs at most 60 万 here."""
_PATENT_WEIGHTS = (2, 3, 4, 5, 6, 7, 8, 9, 2, 3, 4, 5)


def invented_patent_number(year: int, kind: str, serial: int) -> str:
    """Make an application number with a right check character; its serial begins with 97, which marks it invented."""
    digits = f"{year}{'2' if kind == 'PATENT_UM' else '1'}97{serial:05d}"
    rest = sum(int(digit) * weight for digit, weight in zip(digits, _PATENT_WEIGHTS, strict=True)) % 11
    return f"{digits}.{'X' if rest == 10 else rest}"


class Details:
    """Chooses the official fields from one source of chance."""

    def __init__(self, rng: random.Random, brokers: list[str]) -> None:
        self.rng, self.brokers = rng, brokers

    def subtype(self, amount: Amount, main: str | None) -> str:
        """Choose the subtype; small services are agency now and then, if there is a contract to have brokered."""
        if amount.category == "SRV" and main and amount.contract_fen < AGENCY_LIMIT_FEN and self.rng.random() < 0.6:
            return "SRV_AGENCY"
        codes, weights = SUBTYPES[amount.category]
        return self.rng.choices(codes, weights=weights)[0]

    def days_before(self, registered: date) -> tuple[date, date, date]:
        """Give the days of signing, of acceptance and of decision that lead to a registration."""
        decided = registered - timedelta(days=self.rng.choice((0, 0, 1, 2)))
        accepted = decided - timedelta(days=self.rng.randint(2, 14))
        signed = accepted - timedelta(days=min(150, int(self.rng.lognormvariate(2.9, 0.8)) + 3))
        return signed, accepted, decided

    def end_of_validity(self, signed: date, registered: date, months: int) -> date:
        """Give the last day of a contract of so many months: registration lies inside it."""
        return max(signed + timedelta(days=months * 30 + 5), registered + timedelta(days=60))

    def items(self, rest_fen: int) -> tuple[DemoItem, ...]:
        """Split what is not technology into one to three lines that add up to it."""
        if rest_fen <= 0:
            return ()
        lists = words()["items"]
        count = 1 if rest_fen < 5_000_000 else self.rng.randint(1, 3)
        kinds = self.rng.sample(sorted(lists), count)
        parts = [rest_fen * self.rng.randint(15, 40) // 100 // 10_000 * 10_000 for _ in kinds[1:]]
        parts = [rest_fen - sum(parts), *parts]
        return tuple(
            DemoItem(kind, self.rng.choice(lists[kind]), part) for kind, part in zip(kinds, parts, strict=True) if part
        )

    def official(
        self, subfield: str, subtype: str, amount: Amount, *, owner: str, subject: Subject, year: int
    ) -> dict[str, Any]:
        """Give the fields that the form asks for and that depend on the kind and the subfield."""
        chain = subfield[:2]
        rights = self._rights(subtype, owner, subject, year)
        plan = self.rng.choices(("NONE", "CITY", "PROV"), weights=(86, 9, 5))[0]
        mode = self._payment_mode(subtype, amount)
        values: dict[str, Any] = {
            "technical_field": FIELDS_OF_SUBFIELDS.get(subfield, FIELDS[chain]),
            "ip_types": tuple(dict.fromkeys(right.kind for right in rights)) or self._ip_types(amount.category),
            "ip_objects": rights,
            "plan_source": plan,
            "project_number": None if plan == "NONE" else f"演示{year}{plan}{self.rng.randint(100, 999)}",
            "socio_economic_objective": {"AF": "09", "BM": "03"}.get(chain, "10"),
            "served_industry": "A" if subfield in ("AF-1", "EM-4") else "I" if subfield == "EI-2" else "C",
            "payment_mode": mode,
            "payment_schedule": self._schedule() if mode == "INSTALMENT" else (),
            "is_equity_contribution": subtype == "TRF_EQUITY",
            "broker_key": self.rng.choice(self.brokers) if self.brokers and self.rng.random() < 0.2 else None,
        }
        if amount.category == "LIC":
            values["license_mode"] = self.rng.choices(("NON_EXCLUSIVE", "EXCLUSIVE", "SOLE"), weights=(6, 3, 1))[0]
        if amount.category == "TRF":
            values["expected_new_investment_fen"] = amount.contract_fen * self.rng.randint(1, 4)
            values["expected_new_output_fen"] = amount.contract_fen * self.rng.randint(5, 12)
        return values

    def _ip_types(self, category: str) -> tuple[str, ...]:
        if category == "DEV":
            return (self.rng.choice(("SECRET", "PATENT_INV", "SOFTWARE", "NONE")),)
        return (self.rng.choices(("NONE", "SECRET", "SOFTWARE"), weights=(6, 3, 1))[0],)

    def _rights(self, subtype: str, owner: str, subject: Subject, year: int) -> tuple[DemoRight, ...]:
        found: list[DemoRight] = []
        for kind in RIGHTS.get(subtype, ()):
            if found and self.rng.random() < 0.5:
                break
            patent = kind.startswith("PATENT")
            applied = year - self.rng.randint(2, 6)
            number = invented_patent_number(applied, kind, self.rng.randint(0, 99_999)) if patent else None
            what = "一种" if patent else ""
            tail = {"SECRET": "技术秘密", "SOFTWARE": "软件"}.get(kind, "装置" if kind == "PATENT_UM" else "方法")
            found.append(DemoRight(kind, number, f"{what}{subject.thing}{subject.aspect}{tail}", owner))
        return tuple(found)

    def _payment_mode(self, subtype: str, amount: Amount) -> str:
        if subtype.startswith("LIC"):
            return self.rng.choice(("ENTRY_ROYALTY", "INSTALMENT", "LUMP_SUM"))
        if amount.contract_fen < 20_000_000:
            return self.rng.choices(("LUMP_SUM", "INSTALMENT"), weights=(6, 4))[0]
        return "INSTALMENT"

    def _schedule(self) -> tuple[DemoPayment, ...]:
        first, second = self.rng.choice(((30, 40), (40, 50), (50, 40), (30, 60), (20, 50)))
        return (
            DemoPayment("合同生效后十五日内", Decimal(first)),
            DemoPayment("中期检查通过后", Decimal(second)),
            DemoPayment("验收合格后", Decimal(100 - first - second)),
        )
