"""Which kinds of record can be imported, and who takes them."""

from etl.imports.contracts_in import ContractsIn
from etl.imports.listings_in import taker_of
from etl.imports.organisations_in import OrganisationsIn
from etl.imports.taker import Taker
from services.ground.errors import Invalid

TAKERS: dict[str, type[Taker]] = {
    **{plural: taker_of(plural) for plural in ("needs", "results", "patents", "experts")},
    "organisations": OrganisationsIn,
    "contracts": ContractsIn,
}


def taker(kind: str) -> type[Taker]:
    """Give the taker of a kind. Raises Invalid for one that cannot be imported."""
    found = TAKERS.get(kind)
    if found is None:
        raise Invalid("kind", "import_kind", value=kind[:40])
    return found
