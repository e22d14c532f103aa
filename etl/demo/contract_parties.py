"""Who signs demo contracts: the demo organisations, by county and by what they work on."""

import json
import random
from dataclasses import dataclass
from typing import Any

from etl.demo.contract_records import DemoParty
from etl.demo.contract_texts import DATA, words

HOME_WEIGHTS: dict[str, int] = words()["home_weights"]
"""How contracts spread over the counties of the home set (as counts of a year); the demo market is laid in them."""
GROUPS = {
    "enterprise": "ENTERPRISE",
    "broker_firm": "ENTERPRISE",
    "university": "UNIVERSITY",
    "institute": "RESEARCH",
    "station": "INSTITUTION_OTHER",
    "government": "GOVERNMENT",
}


@dataclass(frozen=True)
class Org:
    """What a demo organisation is to a contract."""

    key: str
    name: str
    short_name: str
    kind: str
    region_code: str
    uscc: str | None
    subfields: tuple[str, ...]

    @property
    def at_home(self) -> bool:
        """True in the counties of the home set."""
        return self.region_code in HOME_WEIGHTS


def _lines(name: str) -> list[dict[str, Any]]:
    path = DATA / name
    if not path.exists():
        return []
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines() if line.strip()]


def organisations() -> list[Org]:
    """Read the demo organisations that sign contracts, with the subfields of what they ask for or offer.

    A form asks for the 统一社会信用代码 of each party, so those that have none yet sign nothing.
    """
    works: dict[str, set[str]] = {}
    for kind in ("needs", "results"):
        for part in ("a", "b"):
            for row in _lines(f"{kind}_{part}.jsonl"):
                works.setdefault(row["owner"], set()).add(row["subfield"])
    return [
        Org(
            row["key"],
            row["name"],
            row.get("short_name") or row["name"],
            row["kind"],
            row["region_code"],
            row.get("uscc"),
            tuple(sorted(works.get(row["key"], ()))),
        )
        for part in ("a", "b")
        for row in _lines(f"organisations_{part}.jsonl")
        if row["kind"] not in ("station", "government") and row.get("uscc")
    ]


def brokers() -> list[str]:
    """List the keys of the demo brokers."""
    return [row["key"] for part in ("a", "b") for row in _lines(f"people_{part}.jsonl") if row["role"] == "broker"]


class Parties:
    """Chooses sellers and buyers from one source of chance."""

    def __init__(self, rng: random.Random, orgs: list[Org]) -> None:
        self.rng = rng
        self.orgs = orgs
        self.home = [org for org in orgs if org.at_home]
        self.outside = [org for org in orgs if not org.at_home and org.region_code]
        self.by_region = {
            code: [org for org in self.home if org.region_code == code and org.kind != "broker_firm"]
            for code in HOME_WEIGHTS
        }

    def seller_at_home(self, region: str | None = None) -> Org:
        """Choose a seller of the home set by the weights of the counties, or of one county."""
        region = region or self.rng.choices(list(HOME_WEIGHTS), weights=list(HOME_WEIGHTS.values()))[0]
        return self.rng.choice(self.by_region[region])

    def seller_outside(self) -> Org:
        """Choose a seller from elsewhere: universities and institutes more often than firms."""
        return self.rng.choices(self.outside, weights=[1 if org.kind == "enterprise" else 3 for org in self.outside])[0]

    def buyer(self, seller: Org, subfield: str) -> Org:
        """Choose a buyer that is not the seller: firms mostly, of the same trade mostly, seven in ten from home."""
        pool = self.home if self.rng.random() < 0.7 or not seller.at_home else self.outside
        return self.rng.choices(pool, weights=[self._appeal(org, seller, subfield) for org in pool])[0]

    def _appeal(self, org: Org, seller: Org, subfield: str) -> float:
        if org.key == seller.key:
            return 0
        kind = 4 if org.kind == "enterprise" else 1
        if subfield in org.subfields:
            return kind * 10
        return kind * (5 if any(one[:2] == subfield[:2] for one in org.subfields) else 0.2)

    def subfield(self, seller: Org) -> str:
        """Choose what the contract is about: what the seller works on, now and then a neighbour in the same chain."""
        everything: list[str] = sorted(words()["subfields"])
        if not seller.subfields or (seller.kind != "enterprise" and self.rng.random() < 0.3):
            return self.rng.choice(everything)
        own = self.rng.choice(seller.subfields)
        near = [code for code in everything if code[:2] == own[:2]]
        return own if self.rng.random() < 0.8 else self.rng.choice(near)

    def party(self, org: Org, role: str, **values: Any) -> DemoParty:
        """Make a party from a demo organisation."""
        scale = self.rng.choices(("M", "S", "X"), weights=(3, 5, 2))[0] if org.kind == "enterprise" else None
        return DemoParty(
            role=role,
            name=org.name,
            party_group=GROUPS[org.kind],
            organisation_key=org.key,
            uscc=org.uscc,
            region_code=org.region_code,
            enterprise_scale=scale,
            **values,
        )

    def foreign(self, role: str) -> tuple[DemoParty, dict[str, str]]:
        """Make a party from abroad; with it, its currency and rate."""
        row = self.rng.choice(words()["foreign"])
        party = DemoParty(role=role, name=row["name"], party_group="ENTERPRISE", country_code=row["country_code"])
        return party, row
