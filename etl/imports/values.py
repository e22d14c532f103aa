"""What people write in a cell, as a value: days in a dozen spellings, levels and states in words."""

import re
import unicodedata
from datetime import date

from etl.imports.xlsx import moment

FIRST_SERIAL, LAST_SERIAL = 20_000, 80_000
"""1954 to 2119: whole numbers in between are days that a spreadsheet lost the format of."""
DAY = re.compile(r"(\d{4})[-/.年](\d{1,2})[-/.月](\d{1,2})日?(?:[ T].*)?")
MONTH = re.compile(r"(\d{4})[-/.年](\d{1,2})月?")
YEAR = re.compile(r"((?:19|20)\d{2})年?")
MATURITY = (
    ("产业化|量产|批量生产|成熟应用", 8),
    ("小批", 7),
    ("试生产|中试|应用开发", 6),
    ("样机", 5),
    ("样品|实验", 4),
    ("研发|研制|小试", 3),
    ("概念|方案|理论", 2),
)
STATUS = (
    ("失效|终止|届满|无效|放弃|expired", "expired"),
    ("有效|授权|granted", "granted"),
    ("审|申请|公开|pending", "pending"),
    ("撤|withdrawn", "withdrawn"),
)
PATENT_KINDS = (
    ("实用|utility", "utility_model"),
    ("外观|design", "design"),
    ("发明|invention", "invention"),
)
ORGANISATION_KINDS = (
    ("enterprise|企业|公司|厂|合作社", "enterprise"),
    ("university|大学|学院|高校|学校", "university"),
    ("institute|研究|科研|院所", "institute"),
    ("broker_firm|中介|技术转移|服务机构", "broker_firm"),
    ("government|政府|机关|局", "government"),
    ("station|工作站", "station"),
    ("other|其他|其它|事业单位|社会团体", "other"),
)


def day(text: str) -> date:
    """Read a whole day: 2021.3.12, 2021年3月12日, 20210312, a serial number of a spreadsheet. Raises ValueError."""
    found = partial_day(text)
    if len(found) < len("2021-03-12"):
        raise ValueError(f"not a whole day: {text!r}")
    return date.fromisoformat(found)


def partial_day(text: str) -> str:
    """Read a day, a month or a year and keep how exact it was: 2021-03-12, 2021-03, 2021. Raises ValueError."""
    plain = unicodedata.normalize("NFKC", text).strip().replace(" 年 ", "年")
    compact = plain.replace(" ", "") if "年" in plain or "." in plain else plain
    if match := DAY.fullmatch(compact):
        return date(*map(int, match.groups())).isoformat()
    if compact.isdecimal() and len(compact) == len("20210312"):
        return date(int(compact[:4]), int(compact[4:6]), int(compact[6:])).isoformat()
    if compact.isdecimal() and FIRST_SERIAL <= int(compact) <= LAST_SERIAL:
        return moment(float(compact))[:10]
    if match := MONTH.fullmatch(compact):
        return date(int(match[1]), int(match[2]), 1).isoformat()[:7]
    if match := YEAR.fullmatch(compact):
        return match[1]
    raise ValueError(f"not a day: {text!r}")


def level(words: str) -> int | None:
    """Turn a word or a number into a maturity level; None for an unknown word."""
    plain = unicodedata.normalize("NFKC", words).upper().removeprefix("TRL").removesuffix("级").strip()
    if plain.isdecimal() and 1 <= int(plain) <= 9:
        return int(plain)
    return next((found for pattern, found in MATURITY if re.search(pattern, words)), None)


def code_of(words: str, table: tuple[tuple[str, str], ...]) -> str:
    """Give the code of the first pattern that a text fits; '' for none."""
    return next((code for pattern, code in table if re.search(pattern, words)), "")


def is_number_spoilt(text: str) -> bool:
    """Say whether a spreadsheet turned a long number into a scientific one, so that its digits are lost."""
    return bool(re.fullmatch(r"\d(\.\d+)?[eE]\+?\d{2}", text))
