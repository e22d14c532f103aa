"""Why firms say no: coded reasons from matches that were refused and deals that ended, by chain."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any, Literal, NamedTuple

import sqlalchemy as sa
from pydantic import BaseModel
from sqlmodel import col
from sqlmodel.orm.session import Session

from services.deals.models import Deal, UnsuitableMark
from services.ground import audit, clock, reference
from services.ground.actor import Actor
from services.ground.errors import Invalid
from services.ground.identifiers import path_of
from services.ground.permissions import may, require
from services.listings import service as listings

Source = Literal["match", "deal"]
FEWEST = 3
"""A public figure stands for at least so many organisations, so that it tells of none of them."""
UNKNOWN = "none"
"""Where neither the need nor the record names a chain."""
MOST_CASES = 200
YEAR = timedelta(days=365)


class CellOut(BaseModel):
    """How often a reason was given in a chain; `count` is null where it stands for too few organisations."""

    chain: str
    count: int | None


class ReasonOut(BaseModel):
    """One reason over all chains. The sum is of the figures shown, so that no hidden one can be worked out from it."""

    source: Source
    reason: str
    label: str
    cells: list[CellOut]
    sum_of_shown: int


class RefusalsOut(BaseModel):
    """Why firms say no: every reason that was given, most frequent first."""

    since: date | None
    chains: list[str]
    fewest: int
    exact: bool
    reasons: list[ReasonOut]


class CaseOut(BaseModel):
    """One "no": about which need and which record, and when. Who said it is not told."""

    source: Source
    reason: str
    chain: str
    need_code: str
    need_title: str
    need_url: str
    record_code: str
    record_title: str
    record_url: str
    deal_code: str
    at: datetime


class No(NamedTuple):
    """One "no" as it is counted."""

    source: Source
    reason: str
    need_code: str
    record_code: str
    by: int
    parties: frozenset[int]
    deal_code: str
    at: datetime


@dataclass(frozen=True)
class Wanted:
    """Which of them are asked for; what is empty does not narrow."""

    source: str = ""
    reason: str = ""
    chain: str = ""
    all_time: bool = False


def refusals(session: Session, actor: Actor, *, all_time: bool = False) -> RefusalsOut:
    """Count reasons by chain. Small figures are hidden from everybody who may not open them to their cases."""
    require(actor, "market.look")
    exact = may(actor, "refusal.see_all")
    counted: Counter[tuple[Source, str, str]] = Counter()
    firms: dict[tuple[Source, str, str], set[int]] = {}
    for no, chain in _with_chains(session, _gathered(session, all_time=all_time)):
        key = (no.source, no.reason, chain)
        counted[key] += 1
        firms.setdefault(key, set()).add(no.by)
    chains = [entry.code for entry in reference.entries(session, "chain")]
    if any(chain == UNKNOWN for _source, _reason, chain in counted):
        chains.append(UNKNOWN)
    reasons = []
    for source, reason in dict.fromkeys((source, reason) for source, reason, _chain in counted):
        cells = []
        for chain in chains:
            key = (source, reason, chain)
            hidden = not exact and 0 < len(firms.get(key, ())) < FEWEST
            cells.append(CellOut(chain=chain, count=None if hidden else counted[key]))
        shown = sum(cell.count or 0 for cell in cells)
        label = reference.name_of(list_of(source, reason), code_of(reason))
        reasons.append(ReasonOut(source=source, reason=reason, label=label, cells=cells, sum_of_shown=shown))
    reasons.sort(key=lambda row: (row.source != "match", -row.sum_of_shown, row.reason))
    since = None if all_time else clock.today() - YEAR
    return RefusalsOut(since=since, chains=chains, fewest=FEWEST, exact=exact, reasons=reasons)


def cases(session: Session, actor: Actor, wanted: Wanted) -> list[CaseOut]:
    """List the cases behind a figure, newest first: all of them for those who look after the market, else one's own.

    One's own are those that one's organisation said or was told. Opening those of others leaves a trace.
    Raises Invalid for a source there is not.
    """
    require(actor, "account.use")
    if wanted.source not in {"", "match", "deal"}:
        raise Invalid("source", "code_unknown", value=wanted.source[:60], list="source")
    everybody = may(actor, "refusal.see_all")
    own = set(actor.organisation_ids)
    nos = [
        no
        for no in _gathered(session, all_time=wanted.all_time)
        if wanted.source in ("", no.source) and wanted.reason in ("", no.reason) and (everybody or own & no.parties)
    ]
    found = [(no, chain) for no, chain in _with_chains(session, nos) if wanted.chain in ("", chain)]
    found.sort(key=lambda pair: pair[0].at, reverse=True)
    found = found[:MOST_CASES]
    if everybody:
        detail = {"source": wanted.source, "reason": wanted.reason[:60], "chain": wanted.chain[:10]}
        audit.record(session, actor, "refusal.open", "refusal", "", cases=len(found), **detail)
    refs = listings.refs(session, {code for no, _ in found for code in (no.need_code, no.record_code) if code})
    titles = {code: ref.title for code, ref in refs.items()}
    return [
        CaseOut(
            source=no.source,
            reason=no.reason,
            chain=chain,
            need_code=no.need_code,
            need_title=titles.get(no.need_code, ""),
            need_url=path_of(no.need_code) if no.need_code else "",
            record_code=no.record_code,
            record_title=titles.get(no.record_code, ""),
            record_url=path_of(no.record_code) if no.record_code else "",
            deal_code=no.deal_code if own & no.parties else "",
            at=no.at,
        )
        for no, chain in found
    ]


def list_of(source: str, reason: str) -> str:
    """Say which code list a reason stands in: a deal that ended as not suitable names what did not suit."""
    return "unsuitable_reason" if source == "match" or reason.startswith("not_suitable.") else "deal_end_reason"


def code_of(reason: str) -> str:
    """Give the code of a reason in its list."""
    return reason.removeprefix("not_suitable.")


def _gathered(session: Session, *, all_time: bool) -> list[No]:
    """Read every "no", few columns of each: there are as many as matches people refused."""
    since = None if all_time else clock.now() - YEAR
    marks: Any = sa.select(
        col(UnsuitableMark.reason),
        col(UnsuitableMark.need_code),
        col(UnsuitableMark.record_code),
        col(UnsuitableMark.owner_id),
        col(UnsuitableMark.told_organisation_id),
        col(UnsuitableMark.at),
    )
    ended: Any = sa.select(
        col(Deal.end_reason),
        col(Deal.unsuitable_reason),
        col(Deal.need_code),
        col(Deal.result_code),
        col(Deal.seeker_organisation_id),
        col(Deal.provider_organisation_id),
        col(Deal.code),
        col(Deal.moved_at),
    ).where(col(Deal.state) == "ended")
    if since is not None:
        marks = marks.where(col(UnsuitableMark.at) >= since)
        ended = ended.where(col(Deal.moved_at) >= since)
    found = [
        No("match", reason, need, record, owner, frozenset({owner, told}), "", at)
        for reason, need, record, owner, told, at in session.execute(marks)
    ]
    for reason, detail, need, record, seeker, provider, code, at in session.execute(ended):
        said = f"not_suitable.{detail}" if reason == "not_suitable" and detail else reason
        found.append(No("deal", said, need, record, seeker, frozenset({seeker, provider}), code, at))
    return found


def _with_chains(session: Session, nos: Iterable[No]) -> list[tuple[No, str]]:
    """Put beside each "no" the chain of its need, or of its record where the need names none."""
    kept = list(nos)
    refs = listings.refs(session, {code for no in kept for code in (no.need_code, no.record_code) if code})
    chains = {code: ref.chain for code, ref in refs.items()}
    return [(no, chains.get(no.need_code) or chains.get(no.record_code) or UNKNOWN) for no in kept]
