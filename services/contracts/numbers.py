"""Numbers that identify: the organisation, the registration, the patent. Checked, never trusted, never parsed.

A failed check is a warning with a reason, not a refusal: codes that fail it are in real use (reference, section 13.1).
"""

import re
import unicodedata
from collections.abc import Collection
from dataclasses import dataclass

import stdnum.cn.uscc

from search.numbers import check_digit

USCC_LENGTH = 18
USCC_ALPHABET = frozenset("0123456789ABCDEFGHJKLMNPQRTUWXY")
REGISTRATION_LENGTHS = frozenset({14, 16})
PATENT_TYPES = frozenset("12389")


@dataclass(frozen=True)
class NumberCheck:
    """What a check found: the number without decoration, and the code of what is wrong with it, or None."""

    number: str
    problem: str | None = None
    expected: str = ""

    @property
    def ok(self) -> bool:
        """True when nothing was found."""
        return self.problem is None


def plain(text: str) -> str:
    """Take blanks, hyphens and full-width forms off a number."""
    return re.sub(r"[\s\-－—]", "", unicodedata.normalize("NFKC", text)).upper()


def check_uscc(text: str, prefixes: Collection[str] = ()) -> NumberCheck:
    """Check a 统一社会信用代码 (GB 32100-2015): length, alphabet, check character, prefix.

    The weights are those of the library; its own validation refuses the letters that agricultural codes may carry in
    their first eight places, so length and alphabet are looked at here. `prefixes` are the first two characters in use
    (the code list `uscc_prefix`); none given, none checked.
    """
    number = plain(text)
    if len(number) != USCC_LENGTH:
        return NumberCheck(number, "uscc_length", str(USCC_LENGTH))
    if not USCC_ALPHABET.issuperset(number):
        return NumberCheck(number, "uscc_alphabet")
    expected = stdnum.cn.uscc.calc_check_digit(number[:-1])
    if number[-1] != expected:
        return NumberCheck(number, "uscc_checksum", expected)
    if prefixes and number[:2] not in prefixes:
        return NumberCheck(number, "uscc_prefix", number[:2])
    return NumberCheck(number)


def check_registration_number(text: str) -> NumberCheck:
    """Check an official registration number: 14 digits of the old template or 16 of the later form, else a warning.

    Region and year are never read out of it (reference: contracts, section 7).
    """
    number = plain(text)
    if not re.fullmatch(r"[0-9A-Z]{1,20}", number):
        return NumberCheck(number, "registration_number_characters")
    if not number.isdecimal() or len(number) not in REGISTRATION_LENGTHS:
        return NumberCheck(number, "registration_number_length")
    return NumberCheck(number)


def check_patent_number(text: str) -> NumberCheck:
    """Check a Chinese patent or application number: type digit and check character (reference: contracts, 13.2).

    Twelve digits since 2003 (year 4, type 1, serial 7), eight before (year 2, type 1, serial 5), a dot and the check
    character. Without a check character nothing more can be said and nothing is held against it.
    """
    number = plain(text).replace("．", ".")
    body = number.removeprefix("ZL").removeprefix("CN")
    match = re.fullmatch(r"(\d{12}|\d{8})(?:\.?([0-9X]))?", body)
    if not match:
        return NumberCheck(body, "patent_number_shape")
    digits, check = match.groups()
    if digits[4 if len(digits) == 12 else 2] not in PATENT_TYPES:
        return NumberCheck(body, "patent_number_type")
    if check is None:
        return NumberCheck(digits)
    expected = check_digit(digits)
    if check != expected:
        return NumberCheck(f"{digits}.{check}", "patent_number_checksum", expected)
    return NumberCheck(f"{digits}.{check}")
