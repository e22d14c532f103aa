"""Numbers that name one record: codes of this market, patents in every spelling, contracts, 统一社会信用代码.

Patent numbers: ZC 0006-2003 (专利申请号标准): year, kind (1 invention, 2 utility model, 3 design, 8 and 9 by way of PCT),
serial number, check digit; before October 2003 two digits of the year and five of the serial number.
"""

import re
from dataclasses import dataclass
from typing import Literal

from stdnum.cn import uscc as _uscc

from search.folding import FOLDED

Check = Literal["valid", "missing", "wrong", "none"]
NumberKind = Literal["code", "patent", "publication", "pct", "uscc", "contract"]

_WEIGHTS = (2, 3, 4, 5, 6, 7, 8, 9, 2, 3, 4, 5)
_DIGIT = re.compile(r"\d")

_GAP = r"[ \t\u3000]{0,2}"
_CODE = rf"(?<![A-Z0-9])(?P<letter>[NRPEODC]){_GAP}-?{_GAP}(?P<year>20\d\d){_GAP}-?{_GAP}(?P<serial>\d{{6}})(?!\d)"
_LONG = rf"(?P<yyyy>(?:19[89]|20[0-4])\d){_GAP}(?P<kind>[12389]){_GAP}(?P<long>\d{{7}})"
_OLD = rf"(?P<yy>8[5-9]|9\d|0[0-3]){_GAP}(?P<oldkind>[12389]){_GAP}(?P<old>\d{{5}})"
_CHECK_DIGIT = rf"(?:{_GAP}[.．·。]{_GAP}(?P<check>[\dX])|(?P<bare>[\dX]))?(?![\dA-Z])"
_PATENT = (
    rf"(?:(?P<prefix>CN|ZL)\.?{_GAP}:?{_GAP}(?:{_LONG}|{_OLD})|(?<![A-Z0-9.]){_LONG.replace('?P<', '?P<n')})"
    rf"{_CHECK_DIGIT}"
)
_PUBLICATION = r"(?<![A-Z0-9])CN[ ]?(?P<publication>\d{7}|\d{9})[ ]?(?P<letters>[ABCSUY]\d?)(?![A-Z0-9])"
_PCT = r"(?<![A-Z0-9])PCT[/ ]?(?P<office>[A-Z]{2})[/ ]?(?P<pctyear>\d{4})[/ ]?(?P<pctserial>\d{6})(?!\d)"
_USCC = r"(?<![A-Z0-9])(?P<uscc>[0-9A-HJ-NPQRTUWXY]{2}\d{6}[0-9A-HJ-NPQRTUWXY]{10})(?![A-Z0-9])"
_CONTRACT = rf"(?:登记(?:编)?号{_GAP}(?:为|是|:)?{_GAP}|\A\s*)(?P<contract>\d{{16}}|\d{{14}})(?:(?=[^\dA-Z.])|\s*\Z)"
"""Fourteen or sixteen bare digits are one only where the words say so, or when nothing else was typed."""
_ANY = re.compile("|".join(f"(?:{one})" for one in (_CODE, _PCT, _PUBLICATION, _CONTRACT, _PATENT, _USCC)))


@dataclass(frozen=True, slots=True)
class RecordNumber:
    """One number found in a text; `start` and `end` are characters of the text as given.

    `check` says whether the check digit was right, left out, or wrong; "none" where the kind has none.
    """

    kind: NumberKind
    value: str
    start: int
    end: int
    check: Check = "none"


def check_digit(digits: str) -> str:
    """Compute the check digit of the 8 or 12 digits of an application number: weights 2-9, 2-5; sum modulo 11; 10 is X."""
    total = sum(int(digit) * weight for digit, weight in zip(digits, _WEIGHTS, strict=False))
    return "X" if total % 11 == 10 else str(total % 11)


_TO_CAPITALS = str.maketrans("abcdefghijklmnopqrstuvwxyz", "ABCDEFGHIJKLMNOPQRSTUVWXYZ")
_PLAIN = {code: plain.translate(_TO_CAPITALS) for code, plain in FOLDED.items()} | _TO_CAPITALS


def _plain(text: str) -> str:
    """Give half-width capitals, one character for one."""
    return text.translate(_PLAIN)


def _patent(hit: re.Match[str]) -> tuple[str, Check] | None:
    group = hit.groupdict()
    year = group["yyyy"] or group["nyyyy"]
    digits = (
        year + (group["kind"] or group["nkind"]) + (group["long"] or group["nlong"])
        if year
        else group["yy"] + group["oldkind"] + group["old"]
    )
    given = group["check"] or group["bare"]
    right = check_digit(digits)
    if group["prefix"] is None and given != right:
        # Twelve bare digits are a patent number only if the check digit says so, or nothing contradicts it.
        if given is not None:
            return None
        return f"CN{digits}.{right}", "missing"
    check: Check = "missing" if given is None else "valid" if given == right else "wrong"
    # A wrong digit is kept as written: the caller shows it, and the record is looked up by the digits before it.
    return f"CN{digits}.{given if check == 'wrong' else right}", check


def find_numbers(text: str) -> list[RecordNumber]:
    """Find all numbers of records in a text, in their order, in one spelling each (CN202310375785.X, N-2026-000123)."""
    plain = _plain(text)
    found: list[RecordNumber] = []
    if not _DIGIT.search(plain):
        return found
    for hit in _ANY.finditer(plain):
        start, end = hit.span()
        kind: NumberKind
        check: Check = "none"
        if hit["letter"]:
            kind, value = "code", f"{hit['letter']}-{hit['year']}-{hit['serial']}"
        elif hit["office"]:
            kind, value = "pct", f"PCT/{hit['office']}{hit['pctyear']}/{hit['pctserial']}"
        elif hit["contract"]:
            kind, value = "contract", hit["contract"]
            start, end = hit.span("contract")
        elif hit["publication"]:
            kind, value = "publication", f"CN{hit['publication']}{hit['letters']}"
        elif hit["uscc"]:
            kind, value, check = "uscc", hit["uscc"], "valid" if _uscc.is_valid(hit["uscc"]) else "wrong"
            if check == "wrong" and hit["uscc"].isdigit():
                continue
        else:
            patent = _patent(hit)
            if patent is None:
                continue
            kind, (value, check) = "patent", patent
        found.append(RecordNumber(kind, value, start, end, check))
    return found


def token(number: str) -> str:
    """Give the token under which a number is indexed: lower case, letters and digits only."""
    return re.sub(r"[^a-z0-9]", "", number.lower())
