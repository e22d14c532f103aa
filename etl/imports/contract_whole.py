"""A whole contract of our own workbook: every field as it was, what belongs to another market left out and told."""

from typing import Any

from sqlmodel import Session

from etl.imports.table import Row
from services.accounts import service as accounts
from services.contracts.content import Content, Party
from services.ground.errors import FieldError, Invalid, NotFound
from services.listings import service as listings

ENDED = frozenset({"cancelled", "revoked"})
REGISTRATION = (
    "registered_on",
    "accepted_on",
    "decided_on",
    "registrar_org",
    "registration_point",
    "certificate_issued_on",
    "verification",
)


def record_of(row: Row) -> dict[str, Any] | None:
    """Give the record of a row of our own workbook; None for a row of any other list."""
    cells = row.cells
    return cells if isinstance(cells, dict) and isinstance(cells.get("content"), dict) and "rows" in cells else None


def content_of(session: Session, row: Row, record: dict[str, Any]) -> Content:
    """Give what the contract says. Raises Invalid and pydantic's ValidationError for cells that cannot be kept."""
    if record.get("state") in ENDED:
        raise Invalid("state", "import_contract_ended", value=str(record.get("code", "")))
    wrong = [FieldError(field, code, {"value": value}) for field, code, value in record.get("wrong", [])]
    if wrong:
        raise Invalid(wrong)
    content = Content.model_validate(record["content"])
    content = content.model_copy(
        update={
            "parties": [_party(session, row, index, party) for index, party in enumerate(content.parties)],
            "broker_id": _broker(session, row, record, content),
            "deal_code": None,
            "need_code": _listing(session, row, "need_code", content.need_code),
            "result_code": _listing(session, row, "result_code", content.result_code),
        }
    )
    if int(str(record.get("changes") or 0)):
        row.warn("changes", "import_contract_changed", str(record["changes"]))
    return content


def registration_of(record: dict[str, Any]) -> dict[str, Any]:
    """Give the facts of the registration, the verified amounts and the receipts."""
    found = {name: record[name] for name in REGISTRATION if record.get(name)}
    return found | {"receipts": record.get("receipts", [])}


def _party(session: Session, row: Row, index: int, party: Party) -> Party:
    """Find the organisation by its code if it has this name here too, else by its name alone."""
    if not party.organisation_code:
        return party
    try:
        here = accounts.organisation_by_code(session, party.organisation_code)
        code = here.code if here.name == party.name else None
    except NotFound:
        code = None
    if code is None:
        same = [
            one for one in accounts.find_organisations(session, party.name or "", limit=5) if one.name == party.name
        ]
        code = same[0].code if len(same) == 1 else None
    if code is None:
        row.warn(f"parties.{index}.organisation_code", "import_not_here", party.organisation_code)
    return party.model_copy(update={"organisation_code": code})


def _broker(session: Session, row: Row, record: dict[str, Any], content: Content) -> int | None:
    name = str(record.get("broker", ""))
    if content.broker_id is None and not name:
        return None
    same = [number for number, known in accounts.brokers(session) if known == name]
    if len(same) == 1:
        return same[0]
    row.warn("broker", "import_not_here", name or str(content.broker_id))
    return None


def _listing(session: Session, row: Row, field: str, code: str | None) -> str | None:
    if code is None:
        return None
    try:
        return listings.find(session, code).code
    except NotFound:
        row.warn(field, "import_not_here", code)
        return None
