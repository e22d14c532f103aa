"""Units across each other: what dimension a unit has, and a value in another unit. By pint, with our data as its definitions.

Loaded at the first conversion (0.8 s); reading quantities does not need it.
"""

import re
from functools import cache, lru_cache
from typing import Any

from search.folding import fold
from search.quantities import units
from search.quantities.literals import tidy

_OWN = re.compile(r"\[([a-z_]+)\]")
_JOINT = re.compile(r"\.(?=[A-Za-z%])")
_ATOM = re.compile(r"(?P<times>10+)?(?P<name>.+?)(?P<power>0\.5|[2-4])?")
_SCALE = re.compile(r"\s*(?P<word>万亿|千万|百万|十万|亿|万)\s*(?=\S)")
_NAME = re.compile(r"[A-Za-z]+")
_SCALES = {"十万": 1e5, "百万": 1e6, "千万": 1e7, "万": 1e4, "亿": 1e8, "万亿": 1e12}
_TEMPERATURES = frozenset({"degC", "degF", "K"})
_SHARES = frozenset({"w/v%"})


class Incomparable(ValueError):
    """Two units do not measure the same thing, or one of them is unknown."""


@lru_cache(maxsize=10_000)
def read_unit(written: str, beside: str = "") -> tuple[str, float] | None:
    """Read a unit as it stands in a column of its own: 万吨/年 -> (t/a, 10000.0). None when it is none we know.

    Our own ASCII names, as the analysis and the exports write them, are read too (degC, CNY/t).
    `beside` is the name in its row: 度 beside 温度 is degC, beside 倾角 an angle. A unit that no word nearby speaks for is
    taken all the same, since the column says that it is one.
    """
    line = fold(written).strip().replace("CNY10k", "万元")
    if not line:
        return "", 1.0
    scale = _SCALE.match(line)
    word, rest = (scale["word"], line[scale.end() :]) if scale else ("", line)
    found = _whole(rest, beside) or _whole(_NAME.sub(_as_people_write, rest), beside)
    return None if found is None else (found, _SCALES.get(word, 1.0))


def _whole(written: str, beside: str) -> str | None:
    """Read a unit that fills the whole of what is written."""
    context = f"{fold(beside)} {written}"
    place = len(context) - len(written)
    found = units.read(context, place) or units.read(context, place, alone=True)
    return found.ascii if found is not None and found.end == len(context) else None


def _as_people_write(name: re.Match[str]) -> str:
    return units.spelled().get(name[0], name[0])


def dimension(unit: str) -> str:
    """Name the dimension of an ASCII unit: [length] / [time]; dimensionless for % and bare numbers.

    Raises Incomparable for an unknown unit.
    """
    return str(_one_of(unit).dimensionality)


def convert(value: float, unit: str, to: str) -> float:
    """Give a value in another unit, both in ASCII: 2 MPa to bar is 20. Raises Incomparable."""
    if unit == to:
        return value
    if {unit, to} <= _TEMPERATURES:
        return tidy(float(_registry().Quantity(value, unit).to(to).magnitude))
    return tidy(value * _factor(unit, to))


@cache
def _factor(unit: str, to: str) -> float:
    ratio = _one_of(unit) / _one_of(to)
    if not ratio.dimensionless:
        raise Incomparable(f"{unit} is not {to}")
    return float(ratio.to_base_units().magnitude)


@cache
def _registry() -> Any:
    import pint  # noqa: PLC0415 takes most of a second, and only conversions need it

    registry: Any = pint.UnitRegistry()
    for name in sorted({own for meaning in units.meanings().values() for own in _OWN.findall(meaning)}):
        registry.define(f"own_{name} = [own_{name}]")
    return registry


@cache
def _one_of(unit: str) -> Any:
    """Give one of a unit as the library's quantity."""
    if unit in _SHARES:
        return _registry().Quantity(0.01)
    above, _, below = unit.partition("/")
    found = _registry().Quantity(1.0)
    for part in _JOINT.split(above):
        found = found * _atom(part)
    for part in _JOINT.split(below.strip("()")):
        found = found / _atom(part)
    return found


def _atom(written: str) -> Any:
    if written in {"", "1"}:
        return _registry().Quantity(1.0)
    hit = _ATOM.fullmatch(written)
    meaning = units.meanings().get(hit["name"]) if hit else None
    if hit is None or meaning is None:
        raise Incomparable(f"unknown unit: {written}")
    plain = {"degC": "delta_degC", "degF": "delta_degF"}.get(meaning, _OWN.sub(r"own_\1", meaning))
    one = _registry().Quantity(_registry().parse_expression(plain))
    return one * float(hit["times"] or 1) if not hit["power"] else one ** float(hit["power"])
