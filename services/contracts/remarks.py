"""What a registrar should look at twice, case by case (reference, sections 13.3, 15 and 16). Nothing here blocks."""

from collections.abc import Iterator
from datetime import date

from services.contracts.content import Content, Party
from services.ground import reference, regions
from services.ground.errors import FieldError

HOME_COUNTRY = "142"
OPEN_LICENCE_CAP = "OPEN_LICENSE_FIXED_CAP"


def remarks(content: Content) -> list[FieldError]:
    """List what is unusual about places, borders, plans and open licences."""
    found = [
        remark
        for index, party in enumerate(content.parties)
        for remark in _place(f"parties.{index}.region_code", party, content.signed_on)
    ]
    found.extend(_outside(content))
    found.extend(_borders(content))
    if content.fx_date and content.signed_on and content.fx_date != content.signed_on:
        found.append(FieldError("fx_date", "fx_date_is_not_signing_day", {"signed_on": content.signed_on.isoformat()}))
    if content.is_equity_contribution and content.contract_category not in (None, "TRF"):
        found.append(FieldError("is_equity_contribution", "equity_is_registered_as_transfer"))
    if content.plan_source == "CITY":
        found.append(FieldError("plan_source", "own_city_money"))
    if content.registered_elsewhere:
        found.append(FieldError("registered_elsewhere", "outside_the_indicator"))
    found.extend(_open_licence(content))
    return found


def _place(field: str, party: Party, signed_on: date | None) -> Iterator[FieldError]:
    """A region is chosen, never read out of a credit code: a firm of a renamed county keeps its old prefix."""
    entry = reference.find("region", party.region_code)
    if entry is None:
        return
    if signed_on and not entry.in_force(signed_on):
        successor = regions.current_code(entry.code)
        params = {"name": entry.name, "code": successor, "successor": regions.name_of(successor)}
        yield FieldError(field, "region_not_in_force", params)
    if entry.attributes.get("level") == "of_which":
        yield FieldError(field, "region_is_no_county", {"name": entry.name})


def _outside(content: Content) -> Iterator[FieldError]:
    """The seller registers at its place, imports the buyer (5.1): here is not the desk for everything that comes in."""
    sides = {"seller": content.primary("seller"), "buyer": content.primary("buyer")}
    places = {role: party.region_code for role, party in sides.items() if party and party.region_code}
    if places and not any(map(regions.is_home, places.values())):
        yield FieldError("parties", "nobody_at_home")
    elif (
        content.cross_border != "import"
        and not content.registered_elsewhere
        and not regions.is_home(places.get("seller", regions.home_region()))
    ):
        yield FieldError("seller", "seller_registers_at_its_place")


def _borders(content: Content) -> Iterator[FieldError]:
    abroad = {role: _is_abroad(content.primary(role)) for role in ("seller", "buyer")}
    if content.cross_border == "none" and any(abroad.values()):
        yield FieldError("cross_border", "party_abroad")
    if content.cross_border == "import" and not abroad["seller"]:
        yield FieldError("cross_border", "import_from_home")
    if content.cross_border == "export" and not abroad["buyer"]:
        yield FieldError("cross_border", "export_to_home")


def _is_abroad(party: Party | None) -> bool:
    return bool(party and party.country_code not in (None, HOME_COUNTRY))


def _open_licence(content: Content) -> Iterator[FieldError]:
    cap = reference.rule(None, OPEN_LICENCE_CAP, content.signed_on)
    if content.license_mode != "OPEN" or cap is None or content.contract_amount_fen is None:
        return
    limit = int(cap.attributes["value"]) * 100
    if content.contract_amount_fen > limit:
        yield FieldError("contract_amount_fen", "open_licence_above_cap", {"limit_wan": limit // 1_000_000})
