"""Pure decisions of a deal: steps, who may move from where, what each move needs, what comes next, and what it opens.

Source of the steps, of the reasons and of who enters what: the code lists `deal_step`, `deal_end_reason`,
`unsuitable_reason`, `disclosure_level`. Nothing here reads a clock, a database or a file.
"""

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Literal

from services.ground.disclosure import LEVELS, opens
from services.ground.errors import FieldError
from services.ground.money import LARGEST_FEN

Side = Literal["seeker", "provider", "broker", "observer"]
"""Where somebody stands in a deal. An observer (administrator) sees and does nothing."""

SEEKER: Side = "seeker"
PROVIDER: Side = "provider"
BROKER: Side = "broker"
OBSERVER: Side = "observer"
PARTIES: tuple[Side, Side] = (SEEKER, PROVIDER)
EVERYONE = frozenset({SEEKER, PROVIDER, BROKER})
BOTH = frozenset(PARTIES)

STEPS = ("introduced", "acknowledged", "confidential", "talking", "offered", "agreed", "signed")
OPTIONAL_STEPS = frozenset({"confidential"})
STATES = ("open", "ended", "signed")

SENTENCE_LENGTH = 500
NOTE_LENGTH = 2000
FURTHEST_DUE = timedelta(days=730)


@dataclass(frozen=True)
class Move:
    """One thing that can be done to a deal: by whom, from which steps, and where each of them leads."""

    name: str
    by: frozenset[Side]
    leads: dict[str, str]
    """from step -> step reached, once the move is complete"""
    by_both: bool = False
    """complete only when both sides have done it, each for itself"""


MOVES = {
    move.name: move
    for move in (
        Move("acknowledge", BOTH, {"introduced": "acknowledged"}, by_both=True),
        # Optional, so later steps do not wait for it; agreed later it opens what it opens without moving the deal back.
        Move(
            "agree_confidentiality",
            BOTH,
            {"acknowledged": "confidential", "talking": "talking", "offered": "offered", "agreed": "agreed"},
            by_both=True,
        ),
        Move(
            "record_talk",
            EVERYONE,
            {
                "acknowledged": "talking",
                "confidential": "talking",
                "talking": "talking",
                "offered": "offered",
                "agreed": "agreed",
            },
        ),
        Move("offer", BOTH, {"talking": "offered", "offered": "offered"}),
        Move("accept_offer", BOTH, {"offered": "agreed"}, by_both=True),
        # Signing is told by one side and confirmed by the other; until then the deal stays agreed.
        Move("sign", BOTH, {"agreed": "agreed"}),
        Move("confirm_signature", BOTH, {"agreed": "signed"}),
        Move("end", BOTH, {step: step for step in STEPS if step != "signed"}),
    )
}


@dataclass(frozen=True)
class Refusal:
    """Why a move is not possible: a stable code for a Conflict or a Forbidden."""

    code: str


def refuse(move_name: str, side: Side, step: str, state: str) -> Refusal | None:
    """Say why this side cannot make this move from here; None when it can."""
    if state == "ended":
        return Refusal("deal_ended")
    if state == "signed":
        return Refusal("deal_signed")
    move = MOVES[move_name]
    # A broker may take back an introduction that was not acknowledged; after that the deal belongs to the two sides.
    withdraws = move_name == "end" and side == BROKER and step == "introduced"
    if side not in move.by and not withdraws:
        return Refusal("deal_not_your_move")
    if step not in move.leads:
        return Refusal("deal_wrong_step")
    return None


def possible_moves(side: Side, step: str, state: str) -> list[str]:
    """List the moves this side can make from here, in the order of the steps."""
    return [name for name in MOVES if refuse(name, side, step, state) is None]


def step_after(move_name: str, step: str, *, complete: bool) -> str:
    """Give the step that the deal stands at after a move; an incomplete move of both sides does not move it."""
    return MOVES[move_name].leads[step] if complete else step


def other(side: Side) -> Side:
    """Give the side across the table."""
    return PROVIDER if side == SEEKER else SEEKER


# -- what each move needs --------------------------------------------------------------------------------------------


def check_end(reason: str, unsuitable_reason: str | None, sentence: str) -> list[FieldError]:
    """Check the reason of an end: `not_suitable` says in what way, `other` says it in one sentence."""
    errors = []
    if reason == "not_suitable" and not unsuitable_reason:
        errors.append(FieldError("unsuitable_reason", "missing"))
    if reason != "not_suitable" and unsuitable_reason:
        errors.append(FieldError("unsuitable_reason", "deal_reason_not_wanted"))
    if reason == "other" and not sentence.strip():
        errors.append(FieldError("sentence", "deal_sentence_needed"))
    return errors


def check_talk(happened_on: date, note: str, today: date) -> list[FieldError]:
    """Check a talk: it has happened, and there is a note of it."""
    errors = []
    if happened_on > today:
        errors.append(FieldError("happened_on", "deal_date_in_future"))
    if not note.strip():
        errors.append(FieldError("note", "missing"))
    return errors


def check_due(due_on: date, today: date) -> list[FieldError]:
    """Check a date that people set for the next step: from today on, and near enough to be meant."""
    if due_on < today:
        return [FieldError("due_on", "deal_date_in_past")]
    if due_on - today > FURTHEST_DUE:
        return [FieldError("due_on", "deal_date_too_far", {"days": FURTHEST_DUE.days})]
    return []


def check_offer(amount_fen: int, scope: str, valid_until: date, today: date) -> list[FieldError]:
    """Check an offer: a real price, a scope in words, and a validity that is not over."""
    errors = []
    if not 0 < amount_fen <= LARGEST_FEN:
        errors.append(FieldError("amount_fen", "deal_amount_not_positive"))
    if not scope.strip():
        errors.append(FieldError("scope", "missing"))
    if valid_until < today:
        errors.append(FieldError("valid_until", "deal_date_in_past"))
    return errors


def check_signing(
    signed_on: date, contract_amount_fen: int, *, has_file: bool, promise: str, introduced_on: date, today: date
) -> list[FieldError]:
    """Check a signing: a date between introduction and today, a real amount, and the contract or a promise of it."""
    errors = []
    if signed_on > today:
        errors.append(FieldError("signed_on", "deal_date_in_future"))
    elif signed_on < introduced_on:
        errors.append(
            FieldError("signed_on", "deal_signed_before_introduction", {"introduced_on": introduced_on.isoformat()})
        )
    if not 0 < contract_amount_fen <= LARGEST_FEN:
        errors.append(FieldError("contract_amount_fen", "deal_amount_not_positive"))
    if not has_file and not promise.strip():
        errors.append(FieldError("file", "deal_contract_or_promise"))
    return errors


# -- what comes next -------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Facts:
    """What has been done so far, as far as it decides what comes next and what is open."""

    step: str = "introduced"
    state: str = "open"
    acknowledged: frozenset[str] = frozenset()
    confidential: frozenset[str] = frozenset()
    """Sides that have signed the confidentiality agreement."""
    offer_by: Side | None = None
    """Who made the offer that stands."""
    signing_by: Side | None = None
    """Who has said that the contract is signed, as long as the other side has not confirmed it."""
    has_broker: bool = False


@dataclass(frozen=True)
class Next:
    """What the deal waits for: a code with a text in the catalogue, of which side, and how many working days it has."""

    code: str
    side: str
    working_days: int


def propose(facts: Facts) -> Next | None:
    """Propose what comes next; None when nothing is left to do.

    The numbers of days are proposals of the market, changed by hand with `set_next_action`; no law sets them.
    """
    if facts.state != "open":
        return None
    one_signed = len(facts.confidential) == 1
    if one_signed and facts.step in {"acknowledged", "talking"}:
        return Next("agree_confidentiality", _missing(facts.confidential), 5)
    talk = Next("record_talk", BROKER if facts.has_broker else "both", 10)  # arranging talks is what a broker is for
    answer = Next("answer_offer", other(facts.offer_by) if facts.offer_by else "both", 5)
    signing = Next("confirm_signature", other(facts.signing_by), 5) if facts.signing_by else Next("sign", "both", 15)
    return {
        "introduced": Next("acknowledge", _missing(facts.acknowledged), 5),
        "acknowledged": talk,
        "confidential": talk,
        "talking": Next("offer", PROVIDER, 10),
        "offered": answer,
        "agreed": signing,
    }.get(facts.step)


def _missing(done: frozenset[str]) -> str:
    left = BOTH - done
    return next(iter(left)) if len(left) == 1 else "both"


def is_turn_of(side: Side, next_side: str) -> bool:
    """Say whether what comes next waits for this side."""
    return side == next_side or (next_side == "both" and side in PARTIES)


# -- what a deal opens -----------------------------------------------------------------------------------------------


def level_opened(side: Side, facts: Facts) -> str:
    """Give the disclosure level that a side has reached towards the other side's records.

    Contact opens with both acknowledgements; the confidentiality agreement opens to those who signed it, the two sides.
    An ended deal closes what it had opened of the other's records; its own history stays readable (`level_inside`).
    """
    return "public" if facts.state == "ended" else level_inside(side, facts)


def level_inside(side: Side, facts: Facts) -> str:
    """Give the level that a side has reached towards what was written in the deal itself."""
    if facts.acknowledged < BOTH:
        return "public"
    return "after_confidentiality" if facts.confidential >= BOTH and side in PARTIES else "after_contact"


def levels_offered(side: Side) -> tuple[str, ...]:
    """List the levels this side can give to what it writes; a broker is no party of a confidentiality agreement."""
    return ("public", "after_contact", "own_side") if side == BROKER else LEVELS


def sees(viewer: Side, reached: str, level: str, author: str) -> bool:
    """Say whether a viewer who reached `reached` sees what the side `author` wrote for `level`."""
    return viewer == author or (level != "own_side" and opens(reached, level))


def bucket(due_on: date | None, today: date) -> Literal["overdue", "today", "later", "undated"]:
    """Name the heading of a work list that something belongs under."""
    if due_on is None:
        return "undated"
    if due_on < today:
        return "overdue"
    return "today" if due_on == today else "later"
