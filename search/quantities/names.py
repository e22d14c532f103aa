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
_EDGES = " -/_"
_SIGNS_AT_END = re.compile(r"[\s:：=≥≤<>~≈(（\[]+$")
_HAN_OR_LATIN = re.compile(r"[\u4e00-\u9fffA-Za-z0-9_\-/ ]+$")


@cache
def _words(*roles: str) -> frozenset[str]:
    """Read the words that stop a name (verbs, particles, comparisons), or may only not end one (反应, but 反应时间)."""
    rows = text.read_table(text.DATA / "no_names.tsv")
    return frozenset(word for words, role in rows if role in roles for word in words.split())


def name_of(line: str, floor: int, start: int, end: int) -> str:
    """Give the noun phrase before a quantity (not before `floor`), else a measurable noun right after it, else nothing."""
    left = line[max(floor, start - WINDOW) : start]
    clauses = _CLAUSE.split(left)
    found = _head(clauses[-1])
    if not found and len(clauses) > 1 and left[-len(clauses[-1]) - 1] in "(（[【":
        found = _head(clauses[-2])
    if found:
        return found
    after = _AFTER.match(line, end)
    return after["name"] if after else ""


def _head(clause: str) -> str:
    """Take the last noun phrase of a clause: its closing words up to the first that cannot belong to a name."""
    hit = _HAN_OR_LATIN.search(_SIGNS_AT_END.sub("", clause))
    if hit is None:
        return ""
    words = _pieces(hit[0])
    while words and (words[-1] in _words("stop", "end") or not words[-1].strip(_EDGES)):
        words.pop()
    taken = ""
    for word in reversed(words):
        if word in _words("stop") or len(taken) + len(word) > LONGEST:
            break
        taken = word + taken
    taken = taken.strip(_EDGES)
    return taken if len(taken) > 1 and not taken.isdigit() else ""


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
