"""Which of the papers D1–D10 a contract needs, as far as the record says (reference, 5.2). A person decides."""

from dataclasses import dataclass
from typing import Literal

from services.contracts.content import Content

Need = Literal["needed", "not_needed", "look"]


@dataclass(frozen=True)
class PaperNeed:
    """One paper: needed, not needed, or for a person to say; and the code of the sentence why."""

    code: str
    need: Need
    why: str


def papers_needed(content: Content, *, first_time: bool) -> list[PaperNeed]:
    """Say of each paper whether this contract needs it. `first_time`: the seller has registered nothing here before."""
    seller = content.primary("seller")
    foreign = content.cross_border in ("import", "export")
    return [
        PaperNeed("D1", "needed", "paper_always"),
        PaperNeed("D2", "needed", "paper_always"),
        _if(first_time, "D3", "paper_first_time", "paper_seller_known"),
        _if(bool(seller and seller.branch_name), "D4", "paper_branch", "paper_no_branch"),
        _if(content.plan_source not in (None, "NONE"), "D5", "paper_plan", "paper_no_plan"),
        PaperNeed("D6", "look", "paper_permit"),
        _if(content.contract_category in {"TRF", "LIC"}, "D7", "paper_rights", "paper_no_rights"),
        _if(foreign, "D8", "paper_foreign", "paper_not_foreign"),
        PaperNeed("D9", "not_needed", "paper_afterwards"),
        PaperNeed("D10", "needed", "paper_always"),
    ]


def _if(needed: bool, code: str, why: str, why_not: str) -> PaperNeed:
    return PaperNeed(code, "needed", why) if needed else PaperNeed(code, "not_needed", why_not)
