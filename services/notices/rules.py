"""Which notices there are and how they travel. No I/O."""

from datetime import timedelta

KEEP = timedelta(days=180)
"""Read or unread, a notice older than this is dropped."""

SAFETY = frozenset(
    {"sign_in_new", "password_changed", "second_factor_on", "second_factor_off", "spare_codes_new", "recovery_used"}
)
"""About the safety of the account: always mailed at once, cannot be stopped."""

PROMPT = frozenset({"review_due"})
"""Carries a link that runs out: mailed at once to whoever wants mail at all."""

KINDS = (
    *sorted(SAFETY),
    "review_due",
    "listing_published",
    "listing_returned",
    "listing_unsuitable",
    "match_new",
    "search_new",
    "followed_changed",
    "deal_introduced",
    "deal_turn",
    "deal_message",
    "deal_ended",
    "contract_returned",
    "contract_refused",
    "contract_registered",
    "contract_changed",
    "contract_ended",
    "claim_accepted",
    "claim_refused",
    "job_done",
)
"""Every kind has a sentence in frontend/notice_texts.py; a test holds the two together."""


def way_of(kind: str, mail: str, stopped: list[str], has_address: bool) -> str | None:
    """Say how a notice travels: now, waiting (for the digest), none (only in the market), or None: not at all."""
    if kind in SAFETY:
        return "now" if has_address else "none"
    if kind in stopped:
        return None
    if not has_address or mail == "none":
        return "none"
    return "now" if mail == "each" or kind in PROMPT else "waiting"
