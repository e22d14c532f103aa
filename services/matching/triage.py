"""Direct contact or broker: what the owner of a need had better do, with the reasons. No I/O."""

from collections.abc import Sequence

from services.listings.schemas import ListingView
from services.matching.match_schemas import AdviceOut, MatchOut

FAIRLY_STRONG = 3
STRONG = 4
LOOKED_AT = 10


def advise(need: ListingView, items: Sequence[MatchOut]) -> AdviceOut:
    """Advise direct contact where one record clearly fits, and a broker where the need has to be made clearer first."""
    good = [item for item in items[:LOOKED_AT] if item.level >= FAIRLY_STRONG]
    against = []
    if not good:
        against.append("没有“较强”以上的成果，要有人去问、去找")
    if not need.parameters and "parameters" not in need.hidden:
        against.append("技术指标还没有写成数和单位，先要有人帮着问清楚")
    missed = [row.name for item in good[:1] for row in item.parameters if row.must and row.verdict == "not_met"]
    if missed:
        against.append(f"最好的一项没有达到必须指标：{'、'.join(missed)}，能不能谈要有人居间")
    if not need.subfield and len({item.kind for item in good}) > 1:
        against.append("没有写细分领域，对得上的又不止一类")
    if against:
        return AdviceOut(way="broker", reasons=against)
    silent = [row.name for row in good[0].parameters if row.must and row.verdict == "unstated"]
    reasons = [f"“{good[0].title}”对得上，程度是{'强' if good[0].level >= STRONG else '较强'}"]
    if silent:
        reasons.append(f"联系时先问：{'、'.join(silent)}")
    return AdviceOut(way="direct", reasons=reasons)
