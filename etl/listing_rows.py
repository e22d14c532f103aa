"""Published records as rows of a table, for exports."""

from collections.abc import Iterator
from typing import Any

from services.ground import money, reference, regions
from services.ground.actor import Actor
from services.ground.errors import Invalid
from services.ground.market import Market
from services.listings import service as listings

KINDS = {"needs": "need", "results": "result", "patents": "patent", "experts": "expert"}
COLUMNS = {
    "code": "编号",
    "title": "标题",
    "state": "状态",
    "owner_name": "单位",
    "region": "县市区",
    "chain": "创新链",
    "subfield": "细分领域",
    "maturity": "成熟度",
    "budget_low": "金额下限（元）",
    "budget_high": "金额上限（元）",
    "deadline": "期限",
    "number": "专利申请号",
    "cooperation": "合作方式",
    "summary": "一句话",
    "body": "说明",
}
CHUNK = 200


def rows(market: Market, actor: Actor, kind: str) -> Iterator[dict[str, Any]]:
    """Give every published record of a kind as this reader may see it. Raises Invalid for another kind.

    Each part of the list is read in a session of its own, so that a long export holds nothing open.
    """
    if kind not in KINDS:
        raise Invalid("kind", "import_kind", value=kind[:40])
    after = 0
    while True:
        with market.database.read() as session:
            part = listings.list_listings(session, actor, KINDS[kind], after=after, limit=CHUNK)
        for view in part:
            row = view.model_dump(include=set(COLUMNS))
            amounts = {name: getattr(view, f"{name}_fen") for name in ("budget_low", "budget_high")}
            yield row | {
                "region": regions.name_of(view.region_code),
                "chain": reference.name_of("chain", view.chain),
                "subfield": reference.name_of("subfield", view.subfield),
                **{
                    name: money.yuan(value).replace(",", "") if value is not None else None
                    for name, value in amounts.items()
                },
            }
        if len(part) < CHUNK:
            return
        after = part[-1].id
