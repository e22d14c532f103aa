"""Words of contract lists as our codes: categories, fields of technology, kinds of parties, places."""

import re
import unicodedata
from dataclasses import dataclass
from functools import cache, lru_cache

from services.ground import reference

GROUPS = (
    ("高校|高等院校|大学|学院", "UNIVERSITY"),
    ("科研|研究", "RESEARCH"),
    ("医疗|卫生|医院", "HEALTH"),
    ("政府|机关", "GOVERNMENT"),
    ("其他事业|其它事业", "INSTITUTION_OTHER"),
    ("事业", "INSTITUTION"),
    ("社团|社会团体|协会", "SOCIETY"),
    ("自然人|个人", "PERSON"),
    ("企业|公司", "ENTERPRISE"),
    ("其他|其它", "OTHER_ORG"),
)
"""The five words of the university's list (reference, section 14) and those of the older forms."""
CATEGORY_WORDS = (
    ("许可", "LIC"),
    ("转让|入股|作价", "TRF"),
    ("咨询", "CON"),
    ("开发", "DEV"),
    ("服务|中介|培训", "SRV"),
)
PLACE_ENDS = ("自治县", "自治区", "特别行政区", "省", "市", "县", "区", "州", "盟", "旗")
PEOPLES = re.compile(r"(?:瑶|土家|苗|侗|壮|回|满|畲|彝|藏|蒙古|维吾尔)族.*$")


@dataclass(frozen=True)
class Type:
    """What a word says of the kind of a contract."""

    category: str
    subtype: str | None = None


@lru_cache(maxsize=4096)
def contract_type(words: str) -> Type | None:
    """Read 技术开发合同, 委托开发, 技术开发（委托开发） or a code; None for an unknown word."""
    plain = unicodedata.normalize("NFKC", words).replace(" ", "")
    lists = reference.lists()
    for code, entry in lists["contract_subtype"].items():
        if plain == code or entry.name in plain:
            return Type(str(entry.parent or code.partition("_")[0]), code)
    for code, entry in lists["contract_category"].items():
        if plain == code or entry.name.removesuffix("合同") in plain:
            return Type(code)
    found = next((code for pattern, code in CATEGORY_WORDS if re.search(pattern, plain)), None)
    return Type(found) if found else None


@lru_cache(maxsize=4096)
def code(list_code: str, words: str) -> str | None:
    """Find the code that a word means: the code itself, its name, or a name that begins or ends otherwise."""
    plain = unicodedata.normalize("NFKC", words).strip()
    entries = reference.lists()[list_code]
    if plain in entries:
        return plain
    if f"0{plain}" in entries and plain.isdecimal():
        return f"0{plain}"
    bare = _bare(plain)
    for entry in entries.values():
        if _bare(entry.name) == bare:
            return entry.code
    near = [entry.code for entry in entries.values() if len(bare) > 1 and _bare(entry.name).startswith(bare)]
    return near[0] if len(near) == 1 else None


@lru_cache(maxsize=4096)
def party_group(words: str) -> str | None:
    """Read the kind of a party; None for an unknown word."""
    return code("party_group", words) or next((found for pattern, found in GROUPS if re.search(pattern, words)), None)


@lru_cache(maxsize=4096)
def region(words: str) -> str | None:
    """Find the place that words name, the smallest one: 湖南省某市某区, 某市, 431102. None for none we know."""
    plain = re.sub(r"\s", "", unicodedata.normalize("NFKC", words))
    if re.fullmatch(r"\d{6}", plain):
        return plain
    best: tuple[int, int, str] | None = None
    for name, short, found, depth in _places():
        length = len(name) if name in plain else len(short) if short in plain else 0
        if length and (best is None or (depth, length) > best[:2]):
            best = (depth, length, found)
    return best[2] if best else None


@cache
def _places() -> tuple[tuple[str, str, str, int], ...]:
    """Every place as (name, name without its kind, code, depth); of a renamed one the name in force counts."""
    rows = []
    for entry in reference.entries(None, "region"):
        if len(entry.code) != 6 or not entry.code.isdecimal():
            continue
        depth = 1 if entry.code.endswith("0000") else 2 if entry.code.endswith("00") else 3
        short = entry.name
        for end in PLACE_ENDS:
            if short.endswith(end) and len(short) - len(end) >= 2:
                short = short[: -len(end)]
                break
        short = PEOPLES.sub("", short) or short
        rows.append((entry.name, short, entry.code, depth))
    return tuple(rows)


def _bare(text: str) -> str:
    return re.sub(r"[\s、，,/（）()及与和]|技术$", "", text)
