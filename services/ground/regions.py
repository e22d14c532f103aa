"""Regions: dated data, with the counties of the home market and what became of renamed ones."""

from sqlmodel import Session

from services.ground import reference
from services.ground.reference import CodeEntry


def home_region() -> str:
    """Give the code of the region this market belongs to."""
    return str(reference.document("market")["home_region"])


def region(session: Session | None, code: str | None) -> CodeEntry | None:  # noqa: ARG001
    """Look a region up."""
    return reference.find("region", code)


def home_counties(session: Session | None = None) -> list[CodeEntry]:
    """List the counties of the home market that exist today."""
    rows = reference.entries(session, "region")
    return [
        row
        for row in rows
        if row.attributes.get("level") == "county" and row.parent == home_region() and row.valid_to is None
    ]


def current_code(code: str) -> str:
    """Give the code under which a region counts today: a renamed county rolls up to its successor."""
    entry = reference.find("region", code)
    return str(entry.attributes.get("became", code)) if entry else code


def is_home(code: str | None) -> bool:
    """Say whether a region lies in the home market."""
    return bool(code) and str(code).startswith(home_region().rstrip("0"))


def name_of(code: str | None) -> str:
    """Give a region's name."""
    return reference.name_of("region", code)
