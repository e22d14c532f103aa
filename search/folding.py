"""One spelling for each sign, one character for one: places in the folded line are places in the text as given."""

_SAME = {
    "-": "‐‑‒–—―−﹣ー",
    "~": "〜∼˜∽",
    "≥": "≧⩾",
    "≤": "≦⩽",
    ">": "﹥",
    "<": "﹤",
    "×": "✕✖╳⨯",
    "·": "•∙⋅・‧",
    "%": "﹪",
    "°": "º˚",
    "μ": "µ",
    "Ω": "\u2126",
    "φ": "ΦØø⌀∅ϕ",
    " ": "\u00a0\u2002\u2003\u2009\u200a\u202f\u3000\t",
}
_FULL_WIDTH = {code: code - 0xFEE0 for code in range(0xFF01, 0xFF5F)}
# A full-width comma ends a clause; between digits it is no thousands separator as the narrow one is.
del _FULL_WIDTH[ord("，")]
FOLDED: dict[int, str] = {code: chr(plain) for code, plain in _FULL_WIDTH.items()} | {
    ord(odd): plain for plain, odds in _SAME.items() for odd in odds
}
"""Code of a character -> the one sign that stands for it."""


def fold(text: str) -> str:
    """Fold a text; the result has the same length."""
    return text.translate(FOLDED)
