"""Pure decisions about contracts: states and who moves them, the two amounts, shares, dates of law. No I/O here.

Where a rule comes from is said beside it; "reference" is docs/reference/contracts.md of the project's sources.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Literal

from services.ground.errors import FieldError

if TYPE_CHECKING:
    from services.contracts.content import Content

State = Literal[
    "draft",
    "submitted",
    "supplement_requested",
    "accepted",
    "in_review",
    "expert_review",
    "registered",
    "refused",
    "cancelled",
    "revoked",
    "discarded",
]
STATES: tuple[State, ...] = State.__args__  # type: ignore[attr-defined]

EDITABLE: frozenset[str] = frozenset({"draft", "supplement_requested"})
"""The parties write only here; everything later is a new version made by a registrar."""
OPEN_REVIEW: frozenset[str] = frozenset({"accepted", "in_review", "expert_review"})
AT_THE_DESK: frozenset[str] = OPEN_REVIEW | {"submitted", "supplement_requested"}
IN_THE_LEDGER: frozenset[str] = frozenset({"registered", "cancelled", "revoked"})
NUMBER_HELD: frozenset[str] = frozenset({"registered", "cancelled"})
"""States in which a registration number belongs to this contract and to no other (reference, section 7)."""


@dataclass(frozen=True)
class Move:
    """One line of the table of moves: from where, to where, and the action of the policy that it needs."""

    name: str
    sources: frozenset[str]
    target: str
    action: str
    needs_reason: bool = False


def _move(name: str, sources: str, target: str, action: str, needs_reason: bool = False) -> Move:
    return Move(name, frozenset(sources.split()), target, action, needs_reason)


MOVES: dict[str, Move] = {
    move.name: move
    for move in (
        # reference, section 5.5; "back" returns to where the supplement was asked for, so that the clock goes on
        _move("submit", "draft supplement_requested", "submitted", "contract.submit"),
        _move("discard", "draft refused", "discarded", "contract.edit"),
        _move("reopen", "refused", "draft", "contract.edit"),
        _move("return", "submitted", "supplement_requested", "contract.return", needs_reason=True),
        _move("supplement", "accepted in_review expert_review", "supplement_requested", "contract.handle", True),
        _move("accept", "submitted", "accepted", "contract.handle"),
        _move("review", "accepted", "in_review", "contract.handle"),
        _move("experts", "in_review", "expert_review", "contract.handle", needs_reason=True),
        _move("approve", "in_review expert_review", "", "contract.handle"),
        _move("unapprove", "in_review expert_review", "", "contract.handle"),
        _move("refuse", "accepted in_review expert_review", "refused", "contract.handle", needs_reason=True),
        _move("register", "in_review expert_review", "registered", "contract.register"),
        _move("change", "registered", "registered", "contract.register", needs_reason=True),
        _move("cancel", "registered", "cancelled", "contract.register", needs_reason=True),
        _move("revoke", "registered", "revoked", "contract.register", needs_reason=True),
    )
}


def moves_from(state: str) -> list[Move]:
    """List the moves that are possible from a state, in the order of the table."""
    return [move for move in MOVES.values() if state in move.sources]


def returns_to(requested_in: str | None) -> str:
    """Say where a contract goes when the missing papers come: back to where they were asked for."""
    return requested_in if requested_in in OPEN_REVIEW else "submitted"


# -- amounts (reference, section 4) ------------------------------------------------------------------------------

AmountStatus = Literal["determined", "capped", "undetermined"]
KEPT_INSIDE = "SAMPLE_OK"
"""The direct cost of a reasonable quantity of the object itself is not deducted; it is listed all the same."""


def deducted(items: Iterable[tuple[str, int]]) -> int:
    """Sum the non-technical items (kind, fen) that are taken off; those of kind SAMPLE_OK stay inside."""
    return sum(amount for kind, amount in items if kind != KEPT_INSIDE)


def technical_amount(contract_amount: int, items: Iterable[tuple[str, int]]) -> int:
    """技术交易额 = 成交额 − 非技术性费用. May come out negative: `amount_problems` says so."""
    return contract_amount - deducted(items)


def amount_problems(
    contract_amount: int | None,
    technical: int | None,
    items: Sequence[tuple[str, int]],
    status: str | None = "determined",
    prefix: str = "",
) -> list[FieldError]:
    """Find what is wrong with two amounts in fen and their worksheet: 0 ≤ technical ≤ contract, and the sum adds up."""
    problems = [
        FieldError(f"{prefix}non_technical_items.{index}.amount_fen", "amount_negative")
        for index, (_kind, amount) in enumerate(items)
        if amount < 0
    ]
    if contract_amount is None:
        return problems
    if contract_amount < 0:
        return [*problems, FieldError(f"{prefix}contract_amount_fen", "amount_negative")]
    if technical is not None and technical < 0:
        problems.append(FieldError(f"{prefix}technical_amount_fen", "amount_negative"))
    elif technical is not None and technical > contract_amount:
        problems.append(
            FieldError(f"{prefix}technical_amount_fen", "technical_above_contract", {"contract_fen": contract_amount})
        )
    if not problems and deducted(items) > contract_amount:
        problems.append(FieldError(f"{prefix}non_technical_items", "items_above_contract"))
    expected = technical_amount(contract_amount, items)
    if not problems and technical is not None and technical != expected:
        problems.append(FieldError(f"{prefix}technical_amount_fen", "worksheet_differs", {"expected_fen": expected}))
    if not problems and status == "determined" and contract_amount == 0 and items:
        problems.append(FieldError(f"{prefix}amount_status", "zero_but_determined"))
    return problems


def split_amount(total: int, shares: Sequence[int]) -> list[int]:
    """Split fen by shares so that the parts add up to the total; what is left goes to the largest rests."""
    whole = sum(shares)
    if not shares or whole <= 0:
        return [total, *([0] * (len(shares) - 1))] if shares else []
    sign = -1 if total < 0 else 1
    parts = [abs(total) * share // whole for share in shares]
    rests = sorted(range(len(shares)), key=lambda i: (-(abs(total) * shares[i] % whole), i))
    for index in rests[: abs(total) - sum(parts)]:
        parts[index] += 1
    return [sign * part for part in parts]


# -- dates (reference, section 13.4) ------------------------------------------------------------------------------


def date_problems(
    today: date,
    *,
    signed_on: date | None = None,
    effective_on: date | None = None,
    valid_from: date | None = None,
    valid_to: date | None = None,
) -> list[FieldError]:
    """Check the dates the parties wrote: signed ≤ effective ≤ end, begin ≤ end, nothing signed in the future."""
    problems: list[FieldError] = []
    if signed_on and signed_on > today:
        problems.append(FieldError("signed_on", "date_in_future", {"today": today.isoformat()}))
    problems += _ordered("effective_on", effective_on, "signed_on", signed_on)
    problems += _ordered("valid_to", valid_to, "effective_on", effective_on)
    problems += _ordered("valid_to", valid_to, "valid_from", valid_from)
    return _first_per_field(problems)


def registration_date_problems(
    today: date,
    *,
    accepted_on: date | None,
    decided_on: date | None,
    registered_on: date,
    signed_on: date | None = None,
    effective_on: date | None = None,
    valid_to: date | None = None,
) -> list[FieldError]:
    """Check the dates of the registration: accepted ≤ decided ≤ registered, in force and inside the validity."""
    problems: list[FieldError] = []
    if registered_on > today:
        problems.append(FieldError("registered_on", "date_in_future", {"today": today.isoformat()}))
    problems += _ordered("decided_on", decided_on, "accepted_on", accepted_on)
    problems += _ordered("registered_on", registered_on, "decided_on", decided_on)
    problems += _ordered("registered_on", registered_on, "accepted_on", accepted_on)
    problems += _ordered("registered_on", registered_on, "signed_on", signed_on)
    problems += _ordered("registered_on", registered_on, "effective_on", effective_on)
    if valid_to and registered_on > valid_to:
        problems.append(FieldError("registered_on", "after_validity", {"valid_to": valid_to.isoformat()}))
    return _first_per_field(problems)


def _ordered(field: str, later: date | None, other: str, earlier: date | None) -> list[FieldError]:
    if later and earlier and later < earlier:
        return [FieldError(field, "date_before", {"other": other, "date": earlier.isoformat()})]
    return []


def _first_per_field(problems: list[FieldError]) -> list[FieldError]:
    return list({problem.field: problem for problem in reversed(problems)}.values())[::-1]


# -- places -------------------------------------------------------------------------------------------------------


def desk_region(content: "Content", is_home: Callable[[str], bool]) -> str | None:
    """Say whose registrars handle a contract: the seller's place, for imports the buyer's (reference, 5.1).

    Where that place is not at home in this market, the other side's is taken if it is: somebody here has to see it.
    """
    seller, buyer = content.primary("seller"), content.primary("buyer")
    places = [party.region_code for party in (seller, buyer) if party and party.region_code]
    if content.cross_border == "import":
        places.reverse()
    return next((place for place in places if is_home(place)), places[0] if places else None)


# -- the ledger ---------------------------------------------------------------------------------------------------

MovementKind = Literal["registration", "change", "cancellation", "revocation", "correction"]


@dataclass(frozen=True)
class Deltas:
    """What one movement adds: fen of both amounts, and contracts."""

    contract_amount_fen: int
    technical_amount_fen: int
    count: int


def registration_deltas(contract_amount: int, technical: int) -> Deltas:
    """A registration adds both amounts and one contract."""
    return Deltas(contract_amount, technical, 1)


def change_deltas(before: tuple[int, int], after: tuple[int, int]) -> Deltas:
    """A change adds the difference of both amounts and no contract; the difference may be zero."""
    return Deltas(after[0] - before[0], after[1] - before[1], 0)


def end_deltas(standing: tuple[int, int]) -> Deltas:
    """A cancellation or revocation takes off what stands, in the period of its own date (reference, section 10)."""
    return Deltas(-standing[0], -standing[1], -1)


def home_output(*, is_import: bool, registered_elsewhere: bool, seller_is_home: bool) -> bool:
    """Say whether a contract counts in the indicator (reference, 9.2): a home seller, registered here, no import."""
    return seller_is_home and not is_import and not registered_elsewhere
