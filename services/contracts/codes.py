"""The code lists a contract is written in: loaded once for one piece of work, looked up as often as wanted."""

from collections.abc import Iterator

from sqlmodel import Session

from services.contracts.content import Content, Party
from services.ground import reference, regions
from services.ground.errors import FieldError

FIELDS = {
    "contract_category": "contract_category",
    "contract_subtype": "contract_subtype",
    "license_mode": "license_mode",
    "payment_mode": "payment_mode",
    "technical_field": "technical_field",
    "plan_source": "plan_source",
    "socio_economic_objective": "socio_economic_objective",
    "chain": "chain",
    "subfield": "subfield",
}
PARTY_FIELDS = {
    "party_nature": "party_nature",
    "market_entity_type": "market_entity_type_2023",
    "party_group": "party_group",
    "enterprise_scale": "enterprise_scale",
}


class Codes:
    """Code lists, each read once. Codes that are no longer in force stay known: old contracts carry them."""

    def __init__(self, session: Session) -> None:
        self._session = session
        self._lists: dict[str, frozenset[str]] = {}

    def all(self, list_code: str) -> frozenset[str]:
        """Give every code of a list, whenever it was or is in force."""
        if list_code not in self._lists:
            self._lists[list_code] = frozenset(entry.code for entry in reference.entries(self._session, list_code))
        return self._lists[list_code]

    def problems(self, content: Content) -> list[FieldError]:
        """Name every code in a contract that no list knows."""
        return list(self._problems(content))

    def _problems(self, content: Content) -> Iterator[FieldError]:
        for field, list_code in FIELDS.items():
            yield from self._one(field, list_code, getattr(content, field))
        yield from self._industry("served_industry", content.served_industry)
        for index, code in enumerate(content.ip_types):
            yield from self._one(f"ip_types.{index}", "ip_type", code)
        for index, item in enumerate(content.non_technical_items):
            yield from self._one(f"non_technical_items.{index}.kind", "non_technical_item", item.kind)
        for index, right in enumerate(content.ip_objects):
            yield from self._one(f"ip_objects.{index}.kind", "ip_type", right.kind)
        for index, party in enumerate(content.parties):
            yield from self._party(f"parties.{index}", party)

    def _party(self, prefix: str, party: Party) -> Iterator[FieldError]:
        for field, list_code in PARTY_FIELDS.items():
            yield from self._one(f"{prefix}.{field}", list_code, getattr(party, field))
        yield from self._region(f"{prefix}.region_code", party.region_code)
        for flag in party.flags:
            yield from self._one(f"{prefix}.flags", "party_flag", flag)
        yield from self._industry(f"{prefix}.industry", party.industry)

    def _region(self, field: str, code: str | None) -> Iterator[FieldError]:
        # The list holds this province's regions; abroad from here any six digits of a known province will do.
        if code is None or code in self.all("region"):
            return
        known = len(code) == 6 and code.isdecimal() and f"{code[:2]}0000" in self.all("region")
        if not known or regions.is_home(code):
            yield FieldError(field, "code_unknown", {"value": code, "list": "region"})

    def _one(self, field: str, list_code: str, code: str | None) -> Iterator[FieldError]:
        if code is not None and code not in self.all(list_code):
            yield FieldError(field, "code_unknown", {"value": code, "list": list_code})

    def _industry(self, field: str, code: str | None) -> Iterator[FieldError]:
        # GB/T 4754: a letter for the section, then up to four digits; only the sections are loaded.
        if code is None:
            return
        digits = code[1:]
        if code[:1] not in self.all("industry_section") or (digits and not digits.isdecimal()) or len(digits) > 4:
            yield FieldError(field, "code_unknown", {"value": code, "list": "industry_section"})
