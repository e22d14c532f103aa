"""What people write after a colon (种类:专利, 地区:零陵, 单位:云麓大学), turned into the values of a filter."""

from sqlmodel import Session

from search.parse import Resolve
from services.accounts import service as accounts
from services.ground import reference
from services.matching import rules

ORGANISATIONS = 100
"""Organisations whose name holds what was written; more than that and it is no name."""
NAMED = {"chain": "chain", "subfield": "subfield", "region": "region"}
"""Filter -> the code list whose names and codes are understood."""


def resolver(session: Session) -> Resolve:
    """Give the function that understands what stands after the colon of a field."""

    def resolve(name: str, written: str) -> tuple[str, ...]:
        wanted = written.strip().casefold()
        if not wanted:
            return ()
        if name == "organisation":
            found = accounts.find_organisations(session, written.strip(), limit=ORGANISATIONS)
            return tuple(row.code for row in found)
        if name == "maturity" and wanted in "123456789":
            return ("early", "pilot", "production")[(int(wanted) - 1) // 3 : (int(wanted) - 1) // 3 + 1]
        if name in NAMED:
            names = {row.code: row.name for row in reference.lists()[NAMED[name]].values()}
        else:
            names = rules.LABELS.get(name, {})
        return _matching(names, wanted)

    return resolve


def _matching(names: dict[str, str], wanted: str) -> tuple[str, ...]:
    """Give the codes whose code or name is what was written, or else whose name holds it."""
    exact = tuple(code for code, name in names.items() if wanted in {code.casefold(), name.casefold()})
    return exact or tuple(code for code, name in names.items() if wanted in name.casefold())
