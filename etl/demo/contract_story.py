"""What happens to demo contracts after registration, and those that are still on their way to it."""

import random
from dataclasses import replace
from datetime import date, timedelta
from typing import TYPE_CHECKING

from etl.demo.contract_amounts import Amount, amounts
from etl.demo.contract_details import Details
from etl.demo.contract_records import DemoChange, DemoContract, DemoEnd
from etl.demo.contract_texts import Subject, Texts, chance

if TYPE_CHECKING:
    from etl.demo.contracts import Maker

UNDER_WAY = (
    ("draft", 4),
    ("draft", 9),
    ("submitted", 6),
    ("submitted", 8),
    ("submitted", 13),
    ("supplement_requested", 21),
    ("supplement_requested", 26),
    ("accepted", 17),
    ("accepted", 24),
    ("in_review", 27),
    ("in_review", 31),
    ("in_review", 38),
    ("expert_review", 44),
    ("refused", 52),
    ("refused", 75),
)
"""State, and days since signing, of the contracts that are on the desk on the day of loading."""


def change_of(
    rng: random.Random, details: Details, texts: Texts, contract: DemoContract, subject: Subject
) -> DemoChange:
    """Make a change: the price set at last if it was open, else up or down by a few tenths."""
    registered = contract.registered_on or contract.signed_on
    day = _within(contract, registered + timedelta(days=rng.randint(30, 420)))
    if contract.contract_amount_fen == 0:
        whole = rng.randint(30, 260) * 1_000_000
        reason = f"{subject.thing}价款据实核定"
    else:
        whole = contract.contract_amount_fen * rng.choice((70, 80, 90, 115, 120, 130)) // 100 // 10_000 * 10_000
        reason = texts.reason("change_reasons", subject)
    share = contract.technical_amount_fen / contract.contract_amount_fen if contract.contract_amount_fen else 0.8
    technical = whole if share == 1 else int(whole * share) // 10_000 * 10_000
    items = details.items(whole - technical)
    evidence = f"补充协议{rng.randint(1, 3)}号"
    status = contract.amount_status if contract.amount_status == "capped" else "determined"
    return DemoChange(day, whole, technical, items, status, reason, evidence)


def end_of(rng: random.Random, texts: Texts, contract: DemoContract, subject: Subject) -> DemoEnd:
    """Make an end: mostly the party's own application, now and then the authority's decision."""
    registered = contract.registered_on or contract.signed_on
    day = _within(contract, registered + timedelta(days=rng.randint(40, 500)))
    if rng.random() < 0.15:
        return DemoEnd("revoked", day, "V3", f"{subject.thing}合同重复登记", "复核记录")
    return DemoEnd("cancelled", day, "CANCEL_PARTY", texts.reason("end_reasons", subject), "解除协议")


def _within(contract: DemoContract, day: date) -> date:
    """Keep a day inside the validity, and on a working day of the week."""
    day = min(day, contract.valid_to - timedelta(days=3))
    return day - timedelta(days=max(0, day.weekday() - 4))


def in_progress(maker: "Maker", today: date) -> list[DemoContract]:
    """Make the contracts that are on the desk on `today`, signed in the last weeks."""
    drawn: list[Amount] = amounts(2025, chance(f"progress-{today.year}"))[: len(UNDER_WAY)]
    found = []
    for serial, ((state, days), amount) in enumerate(zip(UNDER_WAY, drawn, strict=True), start=1):
        signed = today - timedelta(days=days)
        made = maker.registered(amount, today + timedelta(days=20), serial, main=None)
        reached = state not in ("draft", "submitted") and state != "supplement_requested"
        found.append(
            replace(
                made,
                key=f"c-now-{serial:02d}",
                state=state,
                signed_on=signed,
                effective_on=signed,
                valid_from=signed,
                filled_on=min(today, signed + timedelta(days=2)),
                fx_date=signed if made.fx_date else None,
                accepted_on=signed + timedelta(days=min(days, 12)) if reached else None,
                decided_on=today - timedelta(days=6) if state == "refused" else None,
                refusal_ground="R2" if state == "refused" else None,
                registered_on=None,
                registration_number=None,
                changes=(),
                end=None,
            )
        )
    return found
