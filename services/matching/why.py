"""为什么没有它: where a record lost, in words that can be checked. No I/O."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from search import ranking
from services.listings.schemas import ListingView
from services.matching.match_schemas import LostOut, MatchOut, WhyOut

if TYPE_CHECKING:
    from services.matching.matches import Order

WORDS = {"title": "标题里的", "body": "正文里的", "title_chars": "单字", "bigrams": "双字"}
LABELS = (
    *((f"{one.part}_{one.field}", WORDS[one.part] + WORDS[one.field]) for one in ranking.PARTS),
    ("meaning", "意思的远近（字的向量）"),
    ("strength", "整体对得上多少（不和别的候选比）"),
)
"""The parts of a score in their order, with what people call them."""
WORTH_TELLING = 2.0
"""Points of 100; a smaller difference is no answer."""


def not_in_the_index(record: ListingView) -> WhyOut:
    """Answer for a record that is readable but not found by anybody."""
    told = {
        "archived": "超过一年没有人确认，已归档，不再参加匹配",
        "draft": "还是草稿，没有发布",
        "submitted": "还在等审核",
        "returned": "被退回修改，还没有发布",
        "withdrawn": "已撤下",
    }.get(record.state, "刚刚有变动，索引还没有跟上，几秒后再看")
    return WhyOut(code=record.code, title=record.title, state=record.state, url=record.url, answers=[told])


def explain(
    record: ListingView,
    own: MatchOut,
    here: ranking.Scored,
    last: ranking.Scored | None,
    items: Sequence[MatchOut],
    place: int,
    found: "Order",
) -> WhyOut:
    """Put one record beside the last one that is shown, part by part."""
    shown = any(item.code == record.code for item in items)
    lost = _parts(here, last) if last is not None else []
    answers = []
    if shown:
        answers.append(f"它在，排第 {next(n for n, item in enumerate(items, 1) if item.code == record.code)} 位")
    else:
        answers.append(f"只看文字排在第 {place} 位，页面列到第 {len(items)} 位")
        if not any(reason.kind == "word" for reason in own.reasons):
            answers.append("两边没有一个有分量的共同的词")
        missed = [row.name for row in own.parameters if row.must and row.verdict == "not_met"]
        if missed:
            answers.append(f"必须指标没有达到：{'、'.join(missed)}，所以往后排")
        answers += [
            f"{part.label}不如列出的最后一项像"
            for part in sorted(lost, key=lambda part: part.mine - part.theirs)
            if part.theirs - part.mine >= WORTH_TELLING
        ]
    return WhyOut(
        code=record.code,
        title=record.title,
        state=record.state,
        url=record.url,
        place=place,
        candidates=len(found.ranked),
        shown=shown,
        score=own.score,
        level=own.level,
        ranker=found.ranker,
        answers=answers,
        lost=lost,
        reasons=own.reasons,
        parameters=own.parameters,
    )


def _parts(here: ranking.Scored, last: ranking.Scored) -> list[LostOut]:
    """Compare what two records gained, in points of 100, part by part."""
    return [
        LostOut(part=part, label=label, mine=round(mine * 100, 1), theirs=round(theirs * 100, 1))
        for (part, label), mine, theirs in zip(LABELS, here.parts, last.parts, strict=True)
        if mine or theirs
    ]
