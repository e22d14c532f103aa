"""Units as people write them, read into one plain ASCII spelling: W/(m·K), 吨/年, mg·L⁻¹ -> W/(m.K), t/a, mg/L.

The spellings are data (data/units.tsv). Latin spellings are read as written first, then whatever their case (mpa, KW).
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache

from search import text

PREFIX = {"p": 1e-12, "f": 1e-15, "n": 1e-9, "u": 1e-6, "m": 1e-3, "c": 1e-2, "d": 0.1, "h": 100.0, "k": 1e3, "M": 1e6}
PREFIX |= {"G": 1e9, "T": 1e12}
_MICRO = ("u", "μ")
ANYWHERE = -1
NEARBY = 18
"""Characters before and after a spelling among which the word must stand that makes it a unit (误差 … 2丝)."""

_EXPONENT = re.compile(r"\^?\(?(?P<minus>[-⁻]?)(?P<digit>[1-4¹²³⁴])\)?(?!\d|\.\d)")
_ROOT = re.compile(r"\^?[({]?(?:1/2|0\.5)[)}]?(?![\d.])")
_SUPERSCRIPTS = str.maketrans("¹²³⁴", "1234")
_PRODUCT = re.compile(
    r"\s?[·*.?]\s?|(?=(?:g|kg|L|cm|m|mol|s|h|min|K|W)\^?[-⁻][1-3¹²³](?!\d))|\s(?=[A-Za-zμ]{1,4}\^?[-⁻])"
)
_PER = re.compile(r"\s?(?:/|每)\s?")
_OF_A_HUNDRED = re.compile(r"(?:100|1000|10)\s?(?=(?:g|kg|mL|ml|m|km|h|克|毫升|公里|千米)(?![A-Za-z]))")
_RUN_ON = re.compile(r"(?:g|kg|L|cm|m|mol|s|h|min|K|W)\^?[-⁻][1-3¹²³](?!\d)")
"""What may follow a unit without a joint: mAhg-1."""
_NAME_GOES_ON = re.compile(r"-[A-Z]")
"""4H-SiC is no time."""
_LATIN = re.compile(r"[A-Za-z]")


@dataclass(frozen=True, slots=True)
class Spelling:
    """One way of writing one unit; `meaning` is what the unit library is told, with its factor."""

    unit: str
    kind: str
    meaning: str
    near: re.Pattern[str] | None
    not_before: str


@dataclass(frozen=True, slots=True)
class Unit:
    """A unit that was read: its ASCII spelling, what kind of thing it measures, and where it ends."""

    ascii: str
    kind: str
    end: int


@dataclass(frozen=True, slots=True)
class _Factor:
    name: str
    kind: str
    power: float


def _rows() -> Iterator[tuple[str, Spelling]]:
    """Yield every spelling of the file, also those with prefixes, the preferred reading first."""
    for unit, spellings, kind, prefixes, meaning, near, not_before, _source in text.read_table(text.DATA / "units.tsv"):
        words = re.compile(near) if near != "-" else None
        stop = "" if not_before == "-" else not_before
        plain = unit if meaning == "-" else meaning
        for spelling in spellings.split("|"):
            yield spelling, Spelling(unit, kind, plain, words, stop)
            if not _LATIN.match(spelling) and spelling != "Ω":
                continue
            for prefix in prefixes.split() if prefixes != "-" else ():
                scaled = f"{prefix}{unit}" if meaning == "-" else f"{PREFIX[prefix]} * ({meaning})"
                for written in _MICRO if prefix == "u" else (prefix,):
                    yield written + spelling, Spelling(prefix + unit, kind, scaled, words, stop)


@cache
def spellings() -> dict[str, tuple[Spelling, ...]]:
    """Read the file: spelling -> its units; those that need a word nearby come first."""
    found: dict[str, list[Spelling]] = {}
    for written, spelling in _rows():
        found.setdefault(written, []).append(spelling)
    return {key: tuple(sorted(value, key=lambda one: one.near is None)) for key, value in found.items()}


@cache
def _any_case() -> dict[str, tuple[Spelling, ...]]:
    """Give latin spellings of two letters and more by their lower case; the first of the file wins.

    Not those of data: Pb is lead, not a petabyte.
    """
    found: dict[str, tuple[Spelling, ...]] = {}
    for written, choices in spellings().items():
        if len(written) > 1 and _LATIN.match(written) and choices[0].kind != "data":
            found.setdefault(written.lower(), choices)
    return found


@cache
def meanings() -> dict[str, str]:
    """Give what the unit library is told, by ASCII name."""
    return {spelling.unit: spelling.meaning for choices in reversed(spellings().values()) for spelling in choices}


@cache
def spelled() -> dict[str, str]:
    """Give for each ASCII name a spelling that is read as this unit: degC is written ℃, count 个."""
    found: dict[str, str] = {}
    for written, spelling in _rows():
        if spelling.near is None:
            found.setdefault(spelling.unit, written)
    return found


@cache
def _longest() -> int:
    return max(map(len, spellings()))


def _ends_well(line: str, place: int, written: str, spelling: Spelling) -> bool:
    after = line[place : place + 1]
    if after and after in spelling.not_before:
        return False
    if _LATIN.match(written[-1]) and _NAME_GOES_ON.match(line, place):
        return False
    return not (_LATIN.match(written[-1]) and _LATIN.match(after)) or bool(_RUN_ON.match(line, place))


def _atom(line: str, place: int, origin: int) -> tuple[Spelling, int] | None:
    """Read the longest spelling at a place; `origin` is where the number stands that it belongs to."""
    piece = line[place : place + _longest()]
    for length in range(len(piece), 0, -1):
        written = piece[:length]
        choices = spellings().get(written) or _any_case().get(written.lower(), ())
        for spelling in choices:
            end = place + length
            around = line[max(0, origin - NEARBY) : end + NEARBY]
            if (spelling.near is None or origin == ANYWHERE or spelling.near.search(around)) and _ends_well(
                line, end, written, spelling
            ):
                return spelling, end
    return None


def _factor(line: str, place: int, origin: int) -> tuple[_Factor, int] | None:
    found = _atom(line, place, origin)
    if found is None:
        return None
    spelling, end = found
    power = 1.0
    if (root := _ROOT.match(line, end)) and spelling.unit in {"m", "mm", "Hz"}:
        return _Factor(spelling.unit, spelling.kind, 0.5), root.end()
    exponent = _EXPONENT.match(line, end)
    if exponent and _LATIN.match(line[end - 1]) and not _LATIN.match(line[exponent.end() : exponent.end() + 1]):
        digit = int(exponent["digit"].translate(_SUPERSCRIPTS))
        # -1 to -4 after a unit is a power (mg·L-1); 1 and 4 without a sign are not (5m1).
        if line[exponent.end() : exponent.end() + 1] == "+":
            return None  # Mg2+
        if exponent["minus"] or digit in {2, 3}:
            power, end = -digit if exponent["minus"] else digit, exponent.end()
    return _Factor(spelling.unit, spelling.kind, power), end


def _product(line: str, place: int, origin: int) -> tuple[list[_Factor], int] | None:
    first = _factor(line, place, origin)
    if first is None:
        return None
    factors, end = [first[0]], first[1]
    while joint := _PRODUCT.match(line, end):
        following = _factor(line, joint.end(), origin)
        # A point ends a sentence more often than it joins units: then what stands before it is not latin (33℃.V).
        ends = joint[0].strip() in {".", "?"} and not re.match(r"[A-Za-z\d]", line[end - 1])
        if following is None or ends or not _LATIN.match(line[joint.end()]):
            break
        factors.append(following[0])
        end = following[1]
    return factors, end


def _divisor(line: str, place: int, origin: int) -> tuple[list[_Factor], int] | None:
    """Read what stands after a slash: (m·K), h, 100g."""
    if line[place : place + 1] == "(":
        inside = _product(line, place + 1, origin)
        if inside is None or line[inside[1] : inside[1] + 1] != ")":
            return None
        return inside[0], inside[1] + 1
    times = _OF_A_HUNDRED.match(line, place)
    one = _product(line, times.end() if times else place, origin)
    if one is None or times is None:
        return one
    return [_Factor(f"{times[0].strip()}{one[0][0].name}", one[0][0].kind, one[0][0].power), *one[0][1:]], one[1]


def read(line: str, place: int, *, alone: bool = False) -> Unit | None:
    """Read the unit that begins at a place of a folded line; None when there is none.

    `alone`: what stands there is known to be a unit, so no words nearby are asked for.
    """
    origin = ANYWHERE if alone else place
    top = _product(line, place, origin)
    if top is None:
        return None
    factors, end = top
    while slash := _PER.match(line, end):
        below = _divisor(line, slash.end(), origin)
        if below is None:
            break
        factors = [*factors, *(_Factor(one.name, one.kind, -one.power) for one in below[0])]
        end = below[1]
    return Unit(
        _write(factors), factors[0].kind if len(factors) == 1 and factors[0].power == 1 else _kind(factors), end
    )


def _kind(factors: list[_Factor]) -> str:
    if len(factors) == 1 and factors[0].kind == "length" and factors[0].power in {2, 3}:
        return "area" if factors[0].power == 2 else "volume"
    return "compound"


def _write(factors: list[_Factor]) -> str:
    above = [_power(one.name, one.power) for one in factors if one.power > 0]
    below = [_power(one.name, -one.power) for one in factors if one.power < 0]
    under = ".".join(below) if len(below) == 1 and "." not in below[0] else f"({'.'.join(below)})"
    return ".".join(above or ["1"]) + (f"/{under}" if below else "")


def _power(name: str, power: float) -> str:
    return name if power == 1 else f"{name}{power:g}"


def per(unit: Unit, below: str) -> Unit:
    """Put a unit over another: t, a -> t/a."""
    return Unit(f"{unit.ascii}/{below}", "compound", unit.end)
