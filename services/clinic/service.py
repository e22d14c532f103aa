"""What the market can say about a need while it is being written: what fits it, and whether its firm can be recognised."""

from collections.abc import Sequence

from sqlmodel import Session

from services.accounts import service as accounts
from services.clinic import rules
from services.clinic.schemas import Effect, Effects, Recognisable
from services.ground import reference, regions
from services.ground.actor import ANONYMOUS
from services.ground.market import Market
from services.listings import service as listings
from services.listings.schemas import ParameterIn, ParameterOut
from services.matching import service as matching
from services.matching.parameters import judge

LOOKED_AT = 200
SHOWN = 3
FEW = 2
"""With so few firms of a field in a county, each of them is as good as named."""

LONGEST, read, guess_subfield, usual, questions, checks, title_from = (
    rules.LONGEST,
    rules.read,
    rules.guess_subfield,
    rules.usual,
    rules.questions,
    rules.checks,
    rules.title_from,
)


def effects(session: Session, market: Market, title: str, body: str, parameters: Sequence[ParameterIn]) -> Effects:
    """Count what the text finds and what each line leaves of it. Raises Unavailable when the engine does not answer.

    Everybody's public records are counted, whoever asks. "Left" are the results that no must so far is known to miss.
    """
    found = matching.similar(session, ANONYMOUS, market, title, body, ("result", "patent"), limit=LOOKED_AT)
    experts = matching.similar(session, ANONYMOUS, market, title, body, ("expert",), limit=LOOKED_AT)
    wanted = [ParameterOut(**row.model_dump(), sequence=number) for number, row in enumerate(parameters)]
    verdicts = {view.code: [check.verdict for check in judge(wanted, view)] for view in found}
    left = list(found)
    lines = []
    for number, row in enumerate(parameters):
        if row.must:
            left = [view for view in left if verdicts[view.code][number] != "not_met"]
        told = [verdicts[view.code][number] for view in found]
        counts = [told.count(name) for name in ("met", "not_met", "unstated")]
        lines.append(Effect(row.name, row.must, counts[0], counts[1], counts[2], len(left)))
    best = [(view.code, view.title, view.url) for view in left[:SHOWN]]
    return Effects(len(found), len(experts), lines, best)


def recognisable(
    session: Session, owner_id: int | None, text: str, region_code: str | None, subfield: str | None
) -> Recognisable | None:
    """Say why a need that hides its firm can be recognised all the same, or None.

    Two reasons: the firm's own name stands in the text, or this market knows so few firms of that field in that county
    that everybody knows which one it is.
    """
    owner = accounts.organisation(session, owner_id) if owner_id else None
    if owner:
        for name in (owner.name, owner.short_name):
            if len(name) >= 2 and name in text:
                return Recognisable(named=name)
    region_code = region_code or (owner.region_code if owner else None)
    if not region_code or not subfield:
        return None
    firms = listings.firms_in(session, region_code, subfield) | ({owner.id} if owner else set())
    if len(firms) > FEW:
        return None
    return Recognisable(
        firms=len(firms), region=regions.name_of(region_code), subfield=reference.name_of("subfield", subfield)
    )
