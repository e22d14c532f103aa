"""The routes around a contract: receipts, publicity, the sharing of income, estimates and hints."""

from typing import Annotated

from fastapi import APIRouter, Path, Response

from services.contracts import service
from services.contracts.around_schemas import AroundOut, PublicityIn, ReceiptIn, ReceiptOut, RewardPlanIn
from services.ground.web import CurrentActor, Idempotent, IfMatch, ReadSession, WriteSession, access, once, set_etag

router = APIRouter(prefix="/api/v1/contracts", tags=["contracts"])
Code = Annotated[str, Path(max_length=20, examples=["C-2026-000041"])]
WRITE = access("contract.around", "contracts:write")


@router.get("/{code}/around", **access("contract.see", "read"))
def show_around(*, code: Code, session: ReadSession, actor: CurrentActor, response: Response) -> AroundOut:
    """Show receipts, publicity, the sharing of income, estimates (估算，不作承诺) and hints on taxes."""
    found = service.around(session, actor, code)
    set_etag(response, found.version)
    return found


@router.post("/{code}/receipts", status_code=201, **WRITE)
def add_receipt(
    *, code: Code, given: ReceiptIn, session: WriteSession, actor: CurrentActor, key: Idempotent, response: Response
) -> ReceiptOut:
    """Record money that came in; the registered amounts stay as they are."""
    number, _new = once(session, actor, key, lambda: str(service.add_receipt(session, actor, code, given).id))
    response.headers["Location"] = f"/api/v1/contracts/{code}/around"
    found = service.around(session, actor, code)
    return next(line for line in found.receipts if str(line.id) == number)


@router.put("/{code}/publicity", **WRITE)
def save_publicity(
    *, code: Code, given: PublicityIn, session: WriteSession, actor: CurrentActor, version: IfMatch
) -> AroundOut:
    """Keep how name and price were published before signing."""
    service.save_publicity(session, actor, code, given, expected=version)
    return service.around(session, actor, code)


@router.put("/{code}/reward-plan", **WRITE)
def save_reward_plan(
    *, code: Code, given: RewardPlanIn, session: WriteSession, actor: CurrentActor, version: IfMatch
) -> AroundOut:
    """Keep the worksheet of 收益分配; findings say what lies below a floor."""
    service.save_reward_plan(session, actor, code, given, expected=version)
    return service.around(session, actor, code)
