"""Decisions that somebody hears of, told in the transaction in which they fall."""

from sqlmodel import Session

from services.accounts import claims
from services.ground.actor import Actor
from services.notices import service as notices


def decide_claim(session: Session, actor: Actor, claim_id: int, reasons: str = "", *, accept: bool) -> str:
    """Accept or refuse a claim and tell whoever made it; return the code of the organisation. Raises as `claims.decide`."""
    person, name, code = claims.decide(session, actor, claim_id, reasons, accept=accept)
    params = {"name": name} if accept else {"name": name, "reasons": reasons}
    kind = "claim_accepted" if accept else "claim_refused"
    notices.notify(session, kind, params, url=f"/organisations/{code}", person_id=person)
    return code
