"""Readings of the indicator: the default one and the labelled alternatives (a) to (e), never mixed in one series.

Source: contract reference, sections 9.2 and 10. No official definition was found; the default is this project's proposal.
"""

from dataclasses import dataclass
from typing import Literal

from services.contracts.statistics_queries import Basis, Side
from services.ground.errors import BadRequest

Measure = Literal["amount", "technical"]


@dataclass(frozen=True)
class Reading:
    """One way to say what counts: which amount, which day, which side of the trade, how many years together."""

    code: str
    label: str
    words: str
    measure: Measure = "amount"
    basis: Basis = "registered"
    side: Side = "output"
    years: int = 1
    """How many years are added up before dividing by the GDP of the last one."""


READINGS: dict[str, Reading] = {
    reading.code: reading
    for reading in (
        Reading("default", "默认口径", "成交额 · 按登记日期 · 输出（首位卖方在本市） · 不含技术进口"),
        Reading("a", "口径 a：技术交易额", "技术交易额 · 按登记日期 · 输出 · 不含技术进口", measure="technical"),
        Reading("b", "口径 b：按签订日期", "成交额 · 按签订日期 · 输出 · 不含技术进口", basis="signed"),
        Reading(
            "c", "口径 c：吸纳", "成交额 · 按登记日期 · 吸纳（买方在本市，多个买方按份额，项数归首位）", side="absorbed"
        ),
        Reading(
            "d", "口径 d：输出加吸纳减市内", "成交额 · 按登记日期 · 输出与吸纳合计，市内成交只算一次", side="either"
        ),
        Reading("e", "口径 e：五年合计比末年 GDP", "连续五年成交额之和 ÷ 末年 GDP · 输出；用来复算 0.43 %", years=5),
    )
}
DEFAULT = READINGS["default"]


def reading(code: str) -> Reading:
    """Look a reading up. Raises BadRequest for one there is not."""
    found = READINGS.get(code)
    if found is None:
        raise BadRequest("reading_unknown", value=code[:20], allowed="、".join(READINGS))
    return found
