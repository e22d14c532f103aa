"""The words around a number: 不低于, 以上, 约, 日产, 提高了. Each table is read backwards from the number, or forwards after it."""

import re
from dataclasses import dataclass
from typing import Literal

Comparison = Literal["eq", "ge", "gt", "le", "lt", "between", "approx", "tolerance", "change"]

WINDOW = 24
"""Characters before a number that are looked at."""

_NOT = r"(?:不(?:得|应|能|宜|可|会|要|必|许)?|未|无法|没有)"
_BEFORE = {
    "ge": rf"{_NOT}(?:低于|小于|少于|短于|弱于|差于|亚于)|≥|>=|=>|大于\s?(?:或|/)?\s?等于|高于\s?或?等于|等于(?:或|/)(?:大于|高于)|至少|最少|最低(?!可|能|达|至|到)|起码|最小(?!可|能|达|至|到)|下限",
    "le": rf"{_NOT}(?:高于|大于|超过|超出|多于|长于|超|大过)|≤|<=|=<|小于\s?(?:或|/)?\s?等于|低于\s?或?等于|等于(?:或|/)(?:小于|低于)|至多|最多(?!可|能|达|至|到)|最高(?!可|能|达|至|到)|最大(?!可|能|达|至|到)|最长(?!可|能|达|至|到)|上限",
    "gt": r"大于|高于|超过|超出|多于|长于|>|突破|逾|优于|超(?=$|\s)",
    "lt": r"小于|低于|少于|短于|不到|不足|不满|未达到?|<",
    "approx": r"大约|大概|大致|约(?!束)|接近|将近|近似|≈|~|近(?=$|\s)",
}
# Between the comparison and the number: 不低于(为)92, 达到, a colon, a variable's blank.
_FILLER = r"(?:\s|:|：|了|为|在|到|是|达到?|\()*"
_PREFIX = re.compile("(?:" + "|".join(f"(?P<{code}>{words})" for code, words in _BEFORE.items()) + rf"){_FILLER}$")
_ACCURACY = re.compile(r"精度|[误偏残]差|分辨率|粗糙度|噪声|噪音|灵敏度|公差|时延|延迟|跳动")

_AFTER = (
    (
        "ge",
        r"(?:及|或|或者|\(含\)|\(及\))?\s?(?:以上|之上)|及更高|或更高|起步?(?=[,，。;；)]|$)|或以上|\+(?![A-Za-z\d])",
    ),
    ("le", r"(?:及|或|或者|\(含\))?\s?(?:以下|之下|以内|之内)|及更低|或更低|或以下"),
    ("gt", r"多(?=[,，。;；、)]|$)"),
    ("approx", r"左右|上下(?!游|料|层|部|面)|前后(?=[,，。;；]|$)"),
)
_SUFFIX = tuple((code, re.compile(rf"\s?(?:{words})")) for code, words in _AFTER)
_WITHIN = re.compile(r"\s?内(?=[^部外径壁置在含侧腔燃存容孔螺层胎标蒙]|$)")

_VERBS = (
    "提高|提升|提速|增加|增长|增大|增强|增产(?![值能量])|增收|增效|降低|下降|减少|减小|减轻|减排|减重|减产|减损|增重|减薄|缩短|节约|节省|节[能电水煤油材药肥气热]|"
    "上升|升高|扩大|压缩|改善|加快|下调|上调|缩小|延长|上涨|下跌|上浮|下浮|高出|多出|衰减|损失减少|拉长|放大|翻"
)
_SHORT_VERBS = "降|减|增|升|省|涨|增幅|降幅|涨幅|减幅|升幅"
_HEDGE = r"(?:\s|了|有|约|近|将|可|能|至少|超过|幅度|值|又|再|可达|高达|达|达到|:|了近)*"
_ADJACENT = re.compile(
    rf"(?P<verb>{_VERBS}|{_SHORT_VERBS})(?:(?:率|幅度|幅|量|比例|比)(?:\s|为|是|:|约|可|达到?|了|在|近)*|{_HEDGE})$"
)
_TARGET = re.compile(r"(?:提高|提升|增加|增大|降低|下降|减少|减小|缩短|升高|降|减|增|升)(?:至|到|为|达)\s*$")
_WITH_OBJECT = re.compile(rf"(?:{_VERBS})了?[\u4e00-\u9fffA-Za-z]{{1,8}}$")
_OBJECT_OF = re.compile(rf"(?:{_VERBS})了?[\u4e00-\u9fff]{{1,8}}的[\u4e00-\u9fff]{{1,8}}[量率耗本间]$")
_NO_OBJECT = re.compile(r"[至到为达是在中于后前时的和及与]|不[低少小]|>|<|=|含量|浓度|纯度")
_COMPARED = re.compile(
    r"(?:比|较|相比|同比|环比|相对于)[^,，。;；]{0,18}?[高低快慢多少大小长短轻重薄厚强宽](?:出|了|约|近|\s)*$"
)
_FALLS = re.compile(r"降|减|缩|节|省|低|少|短|小|轻|薄|跌|压|慢|衰")

_PERIODS = {
    "d": r"日(?:均|平均)?(?:产能|产量?|处理量?|处理能力|加工量?|产能|供|耗|用量?|消耗)|每[天日]|单日|日产能力",
    "a": r"年(?:均|平均)?(?:设计生产能力|设计产能|产能|产值|产量?|处理量?|处理能力|加工量?|加工能力|销售额?|销售收入|销量|消耗|耗|用量?|需求量?|节约|节电|新增|出栏|供应|收入|利润|生产能力|生产|吞吐量)|每年|全年",
    "h": r"每小时|小时(?:产量|处理量)|时产",
    "week": r"每周",
    "mo": r"月(?:均)?(?:产能|产量?|销量|用量)|每月",
    "min": r"每分钟",
    "s": r"每秒",
    "mu": r"亩(?:均)?(?:产量?|产值|施|用量)|每亩",
    "ha": r"每公顷",
    "t": r"吨(?:均)?(?:耗|产品|水)(?:电|能|水|汽)?|每吨",
}
_PERIOD = re.compile(
    "(?:"
    + "|".join(f"(?P<{unit}>{words})" for unit, words in _PERIODS.items())
    + r")(?P<gap>[\u4e00-\u9fffA-Za-z]{0,8}?)[约达近到为\s:]*$"
)
_MONEY = re.compile(
    r"预算|投入|投资|资金|经费|费用|价格|成本|产值|收入|利润|税|销售额?|营收|贷款|补贴|奖励|资产|资本|收益|效益|金额|造价|单价|售价|出资|耗资|支出|总额"
)


@dataclass(frozen=True, slots=True)
class Before:
    """The comparison before a number and where its words begin."""

    comparison: Comparison
    start: int


def before(line: str, place: int) -> Before | None:
    """Read the comparison whose words end where a number begins."""
    left = line[max(0, place - WINDOW) : place]
    hit = _PREFIX.search(left)
    if hit is None:
        return None
    code = hit.lastgroup or "eq"
    start = place - len(left) + hit.start()
    if hit.group(code) == "优于" and _ACCURACY.search(line[max(0, start - 10) : start]):
        code = "lt"
    return Before(code, start)  # type: ignore[arg-type]


def after(line: str, place: int, kind: str) -> tuple[Comparison, int] | None:
    """Read the comparison that follows a number and its unit, with its end."""
    for code, words in _SUFFIX:
        if hit := words.match(line, place):
            return code, hit.end()  # type: ignore[return-value]
    if kind in {"time", "length"} and (hit := _WITHIN.match(line, place)):
        return "le", hit.end()
    return None


@dataclass(frozen=True, slots=True)
class Change:
    """A statement about a change: where its words begin, and whether what it is about becomes less."""

    start: int
    falls: bool


def change(line: str, place: int, kind: str, *, compared: bool) -> Change | None:
    """Tell whether what stands before a place (a number, or its comparison) makes it a change: 提高了, 比传统低.

    `compared` is true when a comparison stands between: 提高纯度≥98% says what is reached, not by how much it changed.
    """
    left = line[max(0, place - WINDOW) : place]
    if _TARGET.search(left):
        return None
    offset = place - len(left)
    if hit := _ADJACENT.search(left):
        return Change(offset + hit.start(), bool(_FALLS.search(hit["verb"])))
    if hit := _COMPARED.search(left):
        return Change(place, bool(_FALLS.search(hit[0][-3:])))
    if kind not in {"share", "ratio"} or compared:
        return None
    hit = _WITH_OBJECT.search(left)
    if hit is None or _NO_OBJECT.search(hit[0]):
        hit = _OBJECT_OF.search(left)
    return Change(place, bool(_FALLS.search(hit[0][:2]))) if hit else None


@dataclass(frozen=True, slots=True)
class Period:
    """What a quantity is counted by: a day, a year, a 亩; `adjacent` when nothing but 约 and 达 stands between."""

    unit: str
    start: int
    adjacent: bool
    word: str


def period(line: str, place: int) -> Period | None:
    """Read 日产, 年处理废水, 每亩 before a number."""
    left = line[max(0, place - WINDOW) : place]
    hit = _PERIOD.search(left)
    if hit is None:
        return None
    unit = next(name for name in _PERIODS if hit[name])
    return Period(unit, place - len(left) + hit.start(), not hit["gap"], hit[unit])


def is_money(line: str, place: int) -> bool:
    """Tell whether the clause before a number speaks of money: 投入研发费用30-50万."""
    clause = re.split(r"[。；;\n]", line[max(0, place - WINDOW) : place])[-1]
    return bool(_MONEY.search(clause))
