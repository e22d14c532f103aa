"""What has changed since a publication: two of them, one less the other, must tell no more than one of them alone."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from sqlmodel import Session

from services.contracts import statistics_queries as ledger
from services.contracts.statistics_queries import Basis, Slice
from services.indicators import dimensions, rules
from services.indicators.books import Cut, address, with_parents


@dataclass
class Change:
    """What happened to one figure: which contracts moved it, and how much of that was whose."""

    contracts: set[int] = field(default_factory=set)
    by_seller: dict[Any, int] = field(default_factory=dict)

    @property
    def is_small(self) -> bool:
        """Say whether the difference would tell too much about one firm, by the rule for published cells."""
        whole = sum(self.by_seller.values())
        largest = max(self.by_seller.values(), default=0)
        return len(self.contracts) < rules.FEWEST or Decimal(largest) > rules.LARGEST_SHARE * whole


class Changes:
    """The lines written after one line of the ledger and up to another, by figure."""

    def __init__(self, session: Session, after_id: int, up_to_id: int, basis: Basis = "registered") -> None:
        self.session, self.after_id, self.up_to_id = session, after_id, up_to_id
        self.basis: Basis = basis
        self._cubes: dict[Cut, Mapping[str, Change]] = {}

    @property
    def is_empty(self) -> bool:
        """Say whether nothing at all was written in between."""
        return self.up_to_id <= self.after_id

    def cube(self, cut: Cut) -> Mapping[str, Change]:
        """Give the figures of a cut that were touched."""
        if cut not in self._cubes:
            self._cubes[cut] = {} if self.is_empty else self._compute(cut)
        return self._cubes[cut]

    def _compute(self, cut: Cut) -> dict[str, Change]:
        columns, key_of = dimensions.crossed(cut.names)
        period = cut.period
        wanted = Slice(period.since, period.until, self.basis, cut.side, self.up_to_id, self.after_id)
        found: dict[str, Change] = {}
        who = ("contract_id", "seller_organisation_id", "seller_name")
        for group in ledger.grouped(self.session, wanted, (*columns, *who)):
            contract, organisation, name = group.raw[-3:]
            for key in with_parents(cut.names, key_of(group.raw[:-3])):
                change = found.setdefault(key, Change())
                change.contracts.add(int(contract))
                seller = organisation or name
                change.by_seller[seller] = change.by_seller.get(seller, 0) + abs(group.amount_fen)
        return found

    def of(self, cut: Cut, key: str) -> Change | None:
        """Give what happened to one figure; None where nothing did."""
        return self.cube(cut).get(key)

    def is_small(self, cut: Cut, key: str) -> bool:
        """Say whether a figure changed by so little that its difference to the last publication must not be seen."""
        change = self.of(cut, key)
        return change is not None and change.is_small

    def touched(self, cuts: list[Cut]) -> set[str]:
        """Give the addresses of all figures of some cuts that changed at all."""
        return {address(cut, key) for cut in cuts for key in self.cube(cut)}


def none_since(session: Session) -> Changes:
    """Give changes with nothing in them: what a first publication is compared with."""
    return Changes(session, 0, 0)
