"""The thing a quantity belongs to: 导热系数 in 导热系数≥5 W/(m·K)."""

import re
from functools import cache

from search import text

WINDOW = 30
LONGEST = 12
_CLAUSE = re.compile(r"[,，。；;、！？!?\n]|[(（\[【]|[)）\]】](?=[^:：=≥≤<>])")
_AFTER = re.compile(
    r"\s?的?(?P<name>[\u4e00-\u9fff]{0,6}?(?:系数|温度|压力|强度|精度|硬度|厚度|长度|宽度|高度|深度|直径|半径|粒径|孔径|速度|速率|效率|功率|电压|电流|频率|容量|寿命|时间|"
    r"浓度|含量|纯度|湿度|密度|流量|噪声|噪音|误差|偏差|转速|扭矩|面积|体积|重量|质量|产量|产能|负荷|载荷|间距|距离|波长|带宽|产值|收入|资金|投资))"
)
_MEASURES = r"(?:率|度|量|值|力|性|比|数|时间|温度|寿命|能|耗|压|阻|径|距|差|强|效|长|宽|高|厚|重|速|频|流|本|额|波|峰|积|点|期)"
"""Characters with which the names of measurable things end."""
_IN_FRONT = re.compile(
    r"^(?:[0-9]+(?=[\u4e00-\u9fff])|本发明|本实用新型|本专利|本项目|一种|所得|所述|建设|开设|制成|设计|其中|酸?调节(?=pH)|但是|但|而|且|发出|当前|目前|局部|成套|总体|一个|其|的)+"
)
_LEADS_ON = re.compile(
    rf"(?P<name>.*?{_MEASURES})(?:均可|均|高达|可达|达到|达|降到|降至|降为|升至|升到|提高到|基本|大约|大概|通常|一般|约|超|短|大|小|低|(?<=[率度])高|(?<=[期间命程])长|可调|控制)+$"
)
_FILLER = re.compile(r"\s*(?:基本|一般|通常|平均|均|可|约|大约|最高|最低|至少|最多|达|达到|高达|可达)*\s*")
_NO_NAME = re.compile(
    r"(?:基本|上方|下方|左方|右方|前方|后方|两侧|左侧|右侧|内侧|外侧|周围|之间|附近|方面|其它|其他|情况|一共|证明|表明|产生|表现出|整个.*|远超.*|加以|成果|折叠成|基于.*|.*使用.*|.*对应.*|.*对)$"
)
_THAN = re.compile(
    r"(?:(?:较|相比|相较)(?=[\u4e00-\u9fff]{2,}$)|(?:较|相比|相较|相对于|比)(?=(?!例|值|重|热|表面|容量|强度)[\u4e00-\u9fffA-Za-z0-9 ]*(?:方法|工艺|技术|产品|材料|方案|系统|设备|现有|传统|原来|原|同类|去年|上年)))"
)
_MOVED = re.compile(r"[^0-9]{0,3}(?:提高|提升|降低|减少|增加|增长|下降|缩短|节约|节省|节能|减轻|降|升|增|减)")
_NOT_OF_IT = re.compile(r"下的|下|内|中|时|频段")
_COUNTED = re.compile(r"(?!以上|以下|以内|左右|的|及|和|与|或|每|为|是|时|后|内|之)[\u4e00-\u9fff]{2}")
_TIME = re.compile(
    r"时间|寿命|周期|期|时长|间隔|延迟|时延|响应|运行|工作|存储|储存|贮存|保存|老化|循环|放置|停留|时限|龄|超声|保温|反应|连续|试验|实验|用时|耗时|历时|工时|续航|待机|保修|质保"
)
_OF_UNIT = {
    "degC": re.compile(r"温|点$|熔点|沸点|凝点|闪点|冰点|露点|范围|耐热|耐寒|环境"),
    "Hz": re.compile(r"频|带宽|主频|转速|采样|刷新|谐振|振动|信号|速率"),
    "h": _TIME,
    "min": _TIME,
    "s": _TIME,
    "d": _TIME,
}
"""What the name of a thing must hold that is measured in these units; other units belong to too many things."""
_MAKES_A_NOUN = frozenset("率度量性力比值期")
_SPECIFIC = frozenset(("容量", "表面积", "热", "强度", "重", "功率", "能量"))
"""What 比 stands before as part of the name (比容量), and not to compare."""
_EDGES = " -/_"
_SIGNS_AT_END = re.compile(r"[\s:：=≥≤<>~≈(（\[]+$")
_HAN_OR_LATIN = re.compile(r"[\u4e00-\u9fffA-Za-z0-9_\-/ ]+$")


@cache
def _words(*roles: str) -> frozenset[str]:
    """Read the words that stop a name (verbs, particles, comparisons), or may only not end one (反应, but 反应时间)."""
    rows = text.read_table(text.DATA / "no_names.tsv")
    return frozenset(word for words, role in rows if role in roles for word in words.split())


def name_of(line: str, floor: int, start: int, end: int, unit: str | None = None) -> str:
    """Give the noun phrase before a quantity (not before `floor`), else a measurable noun right after it, else nothing.

    A name that cannot have this unit (a vessel for a temperature) is none: better no name than a wrong one.
    """
    if unit in {"count", "part"} and _COUNTED.match(line, end):
        # 5份烧结助剂: what is counted stands behind, and what stands before was counted before.
        return ""
    left = line[max(floor, start - WINDOW) : start]
    clauses = _CLAUSE.split(left)
    than = _THAN.search(clauses[-1])
    if than and _MOVED.match(line, start):
        # 准确率较传统方法提升30%: what it is compared with is not what is said.
        clauses[-1] = clauses[-1][: than.start()]
    found = _fitting(_head(clauses[-1]), unit)
    if not found and len(clauses) > 1 and (left[-len(clauses[-1]) - 1] in "(（[【" or _FILLER.fullmatch(clauses[-1])):
        found = _fitting(_head(clauses[-2]), unit)
    if found:
        return found
    after = _AFTER.match(line, end)
    return "" if after is None or _NOT_OF_IT.search(after["name"]) else _fitting(after["name"], unit)


def _fitting(name: str, unit: str | None) -> str:
    """Leave out what cannot have the unit, words in front that name nothing, and words behind that only lead to the value."""
    name = _IN_FRONT.sub("", name)
    hit = _LEADS_ON.match(name)
    if hit:
        name = hit["name"]
    if not name or _NO_NAME.search(name):
        return ""
    asked = _OF_UNIT.get(unit or "")
    return name if asked is None or asked.search(name) else ""


def _head(clause: str) -> str:
    """Take the last noun phrase of a clause: its closing words up to the first that cannot belong to a name."""
    hit = _HAN_OR_LATIN.search(_SIGNS_AT_END.sub("", clause))
    if hit is None:
        return ""
    words = _joined(_pieces(hit[0]))
    while words and (words[-1] in _words("stop", "end") or not words[-1].strip(_EDGES)):
        words.pop()
    taken = ""
    for word in reversed(words):
        if word in _words("stop") or len(taken) + len(word) > LONGEST:
            break
        taken = word + taken
    taken = taken.strip(_EDGES)
    return taken if len(taken) > 1 and not taken.isdigit() else ""


def _joined(words: list[str]) -> list[str]:
    """Put a verb and the character that makes it a measurable noun together: 保持 + 率, which the segmenter cuts."""
    found: list[str] = []
    for word in words:
        before = found[-1] if found else ""
        verbal = word in _MAKES_A_NOUN and before in _words("stop", "end")
        if verbal or (before == "比" and word in _SPECIFIC):
            found[-1] += word
        else:
            found.append(word)
    return found


def _pieces(phrase: str) -> list[str]:
    """Cut a phrase into words that keep every character of it."""
    pieces: list[str] = []
    place = 0
    lower = phrase.lower()
    if len(lower) != len(phrase):
        return [phrase]
    for word in text.whole_words(lower):
        at = lower.find(word, place)
        if at < 0:
            continue
        if at > place:
            pieces.append(phrase[place:at])
        pieces.append(phrase[at : at + len(word)])
        place = at + len(word)
    return [*pieces, phrase[place:]] if place < len(phrase) else pieces
