"""What goes into contracts and what comes out of them."""

from dataclasses import dataclass
from datetime import date


@dataclass(frozen=True)
class SignedDeal:
    """What a signed deal tells a contract draft. The provider sells, the seeker buys; money in fen."""

    deal_code: str
    need_code: str | None
    result_code: str | None
    title: str
    seller_organisation_id: int
    buyer_organisation_id: int
    signed_on: date
    contract_amount_fen: int
    payment_mode: str | None
    broker_person_id: int | None
    chain: str | None
    subfield: str | None
