"""Whether what somebody wrote can be kept: codes of lists, regions, the number of a patent."""

from sqlmodel import Session

from search import numbers
from services.ground import reference, regions
from services.ground.errors import FieldError
from services.listings.schemas import ListingIn


def faults_of(session: Session, data: ListingIn) -> tuple[list[FieldError], str | None]:
    """Name everything that cannot be kept, and give the patent number as it is stored."""
    faults = []
    if data.chain and reference.find("chain", data.chain) is None:
        faults.append(FieldError("chain", "code_unknown", {"value": data.chain, "list": "chain"}))
    if data.subfield:
        entry = reference.find("subfield", data.subfield)
        if entry is None or (data.chain and entry.parent != data.chain):
            faults.append(FieldError("subfield", "code_unknown", {"value": data.subfield, "list": "subfield"}))
    if data.region_code and regions.region(session, data.region_code) is None:
        faults.append(FieldError("region_code", "region_unknown", {"value": data.region_code}))
    number = None
    if data.kind == "patent":
        number = normal_number(data.number or "")
        if number is None:
            faults.append(FieldError("number", "patent_number_form", {"value": (data.number or "")[:40]}))
    elif data.number:
        faults.append(FieldError("number", "number_only_for_patents", {}))
    return faults, number


def normal_number(text: str) -> str | None:
    """Write a patent number in the one way it is stored, or None when it is none."""
    found = [item for item in numbers.find_numbers(text) if item.kind == "patent"]
    return found[0].value if found else None
