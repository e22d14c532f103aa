"""Money is an integer number of fen. Reading what people type, and writing what people read."""

import re
import unicodedata
from decimal import ROUND_HALF_UP, Decimal, InvalidOperation
from typing import Literal

Unit = Literal["元", "万元", "亿元"]

FEN_IN: dict[str, int] = {"元": 100, "万元": 1_000_000, "亿元": 10_000_000_000}
LARGEST_FEN = 10**17
"""One quadrillion yuan: above any real price and well inside BIGINT, so sums cannot overflow."""

_SUFFIX = re.compile(r"(亿元?|万元?|元|RMB|CNY|¥|￥)$", re.IGNORECASE)
_CANONICAL = {"亿": "亿元", "亿元": "亿元", "万": "万元", "万元": "万元"}


def from_wan(value: int | str | Decimal) -> int:
    """Turn 万元 into fen, half up."""
    return _to_fen(Decimal(value), "万元")


def parse(text: str, unit: Unit = "元") -> int:
    """Read an amount as people write it and return fen.

    Full-width digits, thousands commas (both widths), a currency sign and a unit behind the number are understood;
    a written unit wins over `unit`. Raises ValueError when it is no number, and when it is beyond any real price.
    """
    plain = unicodedata.normalize("NFKC", text).replace(",", "").replace(" ", "").strip()
    plain = plain.removeprefix("¥").removeprefix("人民币")
    suffix = _SUFFIX.search(plain)
    if suffix:
        unit = _CANONICAL.get(suffix.group(1), "元")  # type: ignore[assignment]
        plain = plain[: suffix.start()]
    if not re.fullmatch(r"[+-]?\d+(\.\d+)?", plain):
        raise ValueError(f"not an amount: {text!r}")
    try:
        return _to_fen(Decimal(plain), unit)
    except InvalidOperation as error:
        raise ValueError(f"not an amount: {text!r}") from error


def yuan(fen: int) -> str:
    """Write fen as 元 with two decimals, `1,860,000.00`; a true minus sign in front of negatives."""
    return _write(Decimal(fen) / 100)


def wan(fen: int) -> str:
    """Write fen as 万元 with two decimals, half up."""
    return _write(Decimal(fen) / FEN_IN["万元"])


def yi(fen: int) -> str:
    """Write fen as 亿元 with two decimals, half up."""
    return _write(Decimal(fen) / FEN_IN["亿元"])


def half_up(value: Decimal, places: int = 2) -> Decimal:
    """Round half up, as Chinese statistics do; Python's own rounding is half even."""
    return value.quantize(Decimal(1).scaleb(-places), rounding=ROUND_HALF_UP)


def _to_fen(value: Decimal, unit: str) -> int:
    if not value.is_finite():
        raise ValueError("not a finite amount")
    fen = int((value * FEN_IN[unit]).quantize(Decimal(1), rounding=ROUND_HALF_UP))
    if abs(fen) > LARGEST_FEN:
        raise ValueError("amount beyond any real price")
    return fen


def _write(value: Decimal) -> str:
    return f"{half_up(value):,.2f}".replace("-", "\N{MINUS SIGN}")
