"""Numbers as people write them: 1,200.5, 3万, 10^6, 1.2×10⁻³, 三千, 两千零五, 百分之九十五, 半."""

import re
from dataclasses import dataclass

_DIGITS = r"(?:\d{1,3}(?:,\d{3}){1,6}(?![\d,])|[1-9]\d{0,2}(?: \d{3}){1,3}(?! ?\d)|\d+)(?:\.\d+)?"
_POWER = r"10(?:\^\(?[-+]?\d{1,3}\)?|[⁻⁺]?[⁰¹²³⁴⁵⁶⁷⁸⁹]+)"
# 2.5×10-4 has lost its superscript on the way; 3×100 has not, it is a size.
_TIMES = rf"\s?[×xX*·]\s?(?:{_POWER}(?!\d)|10-\d{{1,2}}(?!\d))"
_E = r"[eE][-+]?\d{1,3}(?!\d)"
_HAN = "零〇一二两三四五六七八九十百千万亿"
LITERAL = re.compile(
    rf"(?P<share>[百千万]分之)(?:(?P<sharedigits>{_DIGITS})|(?P<sharehan>[{_HAN}]+(?:点[{_HAN}]+)?))"
    rf"|(?P<power>{_POWER})(?!\d)"
    rf"|(?P<digits>{_DIGITS})(?P<exponent>{_TIMES}|{_E})?"
    rf"|(?P<han>[{_HAN}]+(?:点[零〇一二三四五六七八九]+)?)"
    r"|(?P<half>半)(?=个?(?:小时|年|天|月))"
)
_SCALE = re.compile(r"\s?(?P<some>[多余来])?\s?(?P<word>万亿|千万|百万|十万|亿|万|千|百)")
_SOME = re.compile(r"[多余来](?=[\u4e00-\u9fff])")
# 3千克 is three of the unit 千克, not three thousand grams; 5百帕 likewise.
_UNIT_WITH_SCALE = re.compile(r"\s?(?:千(?:克|瓦|米|伏|帕|焦|卡|赫|牛|欧|字节|乏)|百(?:帕|分|度))")
_SUPERSCRIPTS = str.maketrans("⁻⁺⁰¹²³⁴⁵⁶⁷⁸⁹", "-+0123456789")
_DIGIT = {sign: value for value, sign in enumerate("零一二三四五六七八九")} | {"〇": 0, "两": 2}
_PLACES = {"十": 10, "百": 100, "千": 1000}
_BIG = {"万": 10_000, "亿": 100_000_000}
_SCALES = {"百": 1e2, "千": 1e3, "万": 1e4, "十万": 1e5, "百万": 1e6, "千万": 1e7, "亿": 1e8, "万亿": 1e12}
_SHARES = {"百分之": "%", "千分之": "permille", "万分之": "per10000"}
_ABOUT = re.compile(r"[近约逾超]$")
"""Before these 百吨 is a number (近百吨); elsewhere it names a size (百吨级)."""
_LONGEST_HAN = 24
_SMALLEST, _LARGEST = -60, 60
"""Powers of ten beyond these are no quantity of this market, and could not be printed."""


@dataclass(frozen=True, slots=True)
class Literal:
    """A number read from a text.

    `scale` is what a word like 万 multiplied it by, `more` is true for 三十多, `share` names the unit that 百分之 already
    says, `han` tells that it was written in Han characters.
    """

    value: float
    start: int
    end: int
    scale: float = 1.0
    more: bool = False
    share: str = ""
    han: bool = False


def han_value(written: str) -> float | None:
    """Read a number in Han characters; None for what is none (三四, 百, 万一)."""
    whole, _, decimals = written.partition("点")
    if len(whole) > _LONGEST_HAN or (len(whole) > 1 and all(sign in _DIGIT for sign in whole)):
        # 二〇二六 names a year or a room; 三四 is vague.
        return None
    total = section = digit = 0
    pending = False
    for sign in whole:
        if sign in _DIGIT:
            if pending and digit:
                return None
            digit, pending = _DIGIT[sign], True
        elif sign in _PLACES:
            if not pending and not (sign == "十" and section == 0 and total == 0):
                return None
            section += (digit if pending else 1) * _PLACES[sign]
            digit, pending = 0, False
        else:
            section += digit
            if section == 0 and total == 0:
                return None
            total = (total + section) * _BIG[sign] if sign == "亿" else total + section * _BIG[sign]
            section = digit = 0
            pending = False
    total += section + digit
    if decimals:
        return total + float("0." + "".join(str(_DIGIT.get(sign, 0)) for sign in decimals))
    return float(total) if whole else None


def _digits(written: str) -> float:
    return float(written.replace(",", "").replace(" ", ""))


def _power_of_ten(written: str) -> float | None:
    exponent = int(written.translate(_SUPERSCRIPTS).split("10", 1)[1].strip("^()") or 0)
    return 10.0**exponent if _SMALLEST <= exponent <= _LARGEST else None


def _plain(hit: re.Match[str]) -> float | None:
    if hit["power"]:
        return _power_of_ten(hit["power"])
    if hit["half"]:
        return 0.5
    if hit["han"]:
        return han_value(hit["han"])
    if len(hit["digits"]) > _LARGEST or re.match(r"0\d", hit["digits"]):
        # 007 and [001] name something.
        return None
    return _scaled(_digits(hit["digits"]), hit["exponent"])


def _scaled(value: float, written: str | None) -> float | None:
    if not written:
        return value
    if written[0] in "eE":
        return value * 10.0 ** int(written[1:]) if abs(int(written[1:])) <= _LARGEST else None
    factor = _power_of_ten(written.lstrip(" ×xX*·"))
    return None if factor is None else value * factor


def read(line: str, hit: re.Match[str]) -> Literal | None:
    """Read the number that LITERAL found in a folded line, with the words that multiply it; None when it is none."""
    if hit["share"]:
        value = _digits(hit["sharedigits"]) if hit["sharedigits"] else han_value(hit["sharehan"])
        if value is None:
            return None
        return Literal(value, hit.start(), hit.end(), share=_SHARES[hit["share"]], han=hit["sharehan"] is not None)
    value = _plain(hit)
    if value is None and hit["han"] in _SCALES and _ABOUT.search(line, max(0, hit.start() - 1), hit.start()):
        value = _SCALES[hit["han"]]
    if value is None:
        return None
    end, scale, more = hit.end(), 1.0, False
    han = bool(hit["han"] or hit["half"])
    while not hit["half"] and (word := _SCALE.match(line, end)) and not (_UNIT_WITH_SCALE.match(line, end) and not han):
        scale *= _SCALES[word["word"]]
        more = more or bool(word["some"])
        end = word.end()
    if some := _SOME.match(line, end):
        more, end = True, some.end()
    if not value * scale < 10.0**_LARGEST:
        return None
    return Literal(tidy(value * scale), hit.start(), end, scale, more, han=han)


def tidy(value: float) -> float:
    """Take the dust of binary arithmetic off: 0.30000000000000004 -> 0.3."""
    return float(f"{value:.12g}")
