"""What tables are cut by: the columns of the ledger, the row each value counts in, and the rows in their order."""

import itertools
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import cache
from typing import Any

from services.contracts.statistics_queries import SIZE_BOUNDS
from services.ground import reference, regions

Raw = tuple[Any, ...]
UNSTATED = ""
ELSEWHERE = "elsewhere"
"""A home region that is none of the counties: the city itself, or a zone that is counted "of which"."""
GUANGDONG = "440000"
OUTSIDE: dict[str, str] = {
    "province": "省内市外",
    "guangdong": "广东",
    "country": "其他省份",
    "hmt": "港澳台",
    "abroad": "境外",
    "unknown": "未标明",
}
"""Classes of destination (reference, section 10)."""
LEFTOVERS = frozenset({UNSTATED, ELSEWHERE, "unknown", "hmt"})
"""Rows that stand in a table only when something is in them."""
HONG_KONG_MACAO_TAIWAN = ("71", "81", "82")


@dataclass(frozen=True)
class Row:
    """One row of a table: its key, what people read, and how deep it is indented."""

    key: str
    label: str
    level: int = 0
    parent: str = ""

    @property
    def always_stands(self) -> bool:
        """Say whether it stands in a table with nothing in it: the rows of a list do, parts and leftovers do not."""
        return self.level == 0 and self.key not in LEFTOVERS


@dataclass(frozen=True)
class Dimension:
    """One way to cut. `key_of` says in which row a group of the ledger counts; parents get the sums of their children."""

    name: str
    label: str
    columns: tuple[str, ...]
    key_of: Callable[[Raw], str]
    rows: Callable[[], tuple[Row, ...]]


def _code_rows(list_code: str, *, strip: str = "") -> tuple[Row, ...]:
    """Give the rows of a code list, children under their parents."""
    entries = reference.lists()[list_code].values()
    found: list[Row] = []
    for entry in entries:
        if entry.parent is None:
            found.append(Row(entry.code, entry.name.removesuffix(strip)))
            found += [Row(child.code, child.name, 1, entry.code) for child in entries if child.parent == entry.code]
    return (*found, Row(UNSTATED, "未标明"))


@cache
def _categories() -> tuple[Row, ...]:
    found: list[Row] = []
    for entry in reference.lists()["contract_category"].values():
        found.append(Row(entry.code, entry.name.removesuffix("合同")))
        found += [
            Row(child.code, child.name, 1, entry.code)
            for child in reference.lists()["contract_subtype"].values()
            if child.parent == entry.code
        ]
    return (*found, Row(UNSTATED, "未标明"))


def _category(raw: Raw) -> str:
    category, subtype = str(raw[0]), str(raw[1])
    entry = reference.find("contract_subtype", subtype)
    return subtype if entry and entry.parent == category else category


def _top(list_code: str) -> Callable[[Raw], str]:
    """Count a code under the first level of its list: tables of plans and fields do not go deeper."""

    def key_of(raw: Raw) -> str:
        entry = reference.find(list_code, str(raw[0]))
        if entry is None:
            return UNSTATED
        return entry.parent or entry.code

    return key_of


def _listed(list_code: str) -> Callable[[Raw], str]:
    return lambda raw: str(raw[0]) if reference.find(list_code, str(raw[0])) else UNSTATED


def _top_rows(list_code: str) -> tuple[Row, ...]:
    return tuple(row for row in _code_rows(list_code) if row.level == 0)


@cache
def counties() -> tuple[Row, ...]:
    """Give the counties of the home market in the order of their codes, and a line for what lies in none of them."""
    found = [Row(entry.code, entry.name) for entry in regions.home_counties()]
    return (*found, Row(ELSEWHERE, "市本级及其他"))


@cache
def zones() -> tuple[Row, ...]:
    """Give the zones that are counted "of which" (其中): never a county of their own, their contracts count in the rest."""
    found = [entry for entry in reference.lists()["region"].values() if entry.attributes.get("level") == "of_which"]
    return tuple(Row(entry.code, f"其中：{entry.name}", 1) for entry in found if regions.is_home(entry.code))


def _zone(raw: Raw) -> str:
    code = str(raw[0])
    return code if any(row.key == code for row in zones()) else UNSTATED


@cache
def county_of(code: str) -> str:
    """Say in which county a home region counts today."""
    current = regions.current_code(code)
    return current if any(row.key == current for row in counties()) else ELSEWHERE


@cache
def place_of(region: str, country: str) -> str:
    """Say in which county or class of destination a buyer lies."""
    if regions.is_home(region):
        return county_of(region)
    if not region:
        return "abroad" if country and country not in ("142", "156", "CHN", "CN") else "unknown"
    if region[:2] in HONG_KONG_MACAO_TAIWAN:
        return "hmt"
    if region[:2] == regions.home_region()[:2]:
        return "province"
    return "guangdong" if region[:2] == GUANGDONG[:2] else "country"


@cache
def places() -> tuple[Row, ...]:
    """Give the counties and the classes of destination outside."""
    return (*counties(), *(Row(key, label) for key, label in OUTSIDE.items()))


@cache
def _sizes() -> tuple[Row, ...]:
    wan = [f"{bound // 1_000_000:,}" for bound in SIZE_BOUNDS]
    between = [f"{low}–{high} 万元" for low, high in itertools.pairwise(wan)]
    labels = [f"不足 {wan[0]} 万元", *between, f"{wan[-1]} 万元及以上"]
    return tuple(Row(str(number), label) for number, label in enumerate(labels))


def _months() -> tuple[Row, ...]:
    return tuple(Row(str(month), f"{month} 月") for month in range(1, 13))


def _first(raw: Raw) -> str:
    return str(raw[0])


def _number(raw: Raw) -> str:
    return str(int(raw[0] or 0))


def _nothing() -> tuple[Row, ...]:
    return ()


DIMENSIONS: dict[str, Dimension] = {
    item.name: item
    for item in (
        Dimension("category", "合同类别", ("category", "subtype"), _category, _categories),
        Dimension(
            "seller_group",
            "卖方类别",
            ("seller_group",),
            _listed("party_group"),
            cache(lambda: _code_rows("party_group")),
        ),
        Dimension(
            "buyer_group",
            "买方类别",
            ("buyer_group",),
            _listed("party_group"),
            cache(lambda: _code_rows("party_group")),
        ),
        Dimension(
            "field",
            "技术领域",
            ("technical_field",),
            _top("technical_field"),
            cache(lambda: _top_rows("technical_field")),
        ),
        Dimension("ip", "知识产权", ("ip_type",), _listed("ip_type"), cache(lambda: _code_rows("ip_type"))),
        Dimension(
            "objective",
            "社会经济目标",
            ("socio_economic_objective",),
            _listed("socio_economic_objective"),
            cache(lambda: _code_rows("socio_economic_objective")),
        ),
        Dimension("plan", "计划来源", ("plan_source",), _top("plan_source"), cache(lambda: _top_rows("plan_source"))),
        Dimension("county", "县市区", ("seller_region",), lambda raw: county_of(str(raw[0])), counties),
        Dimension("zone", "其中", ("seller_region",), _zone, zones),
        Dimension("buyer_county", "县市区（买方）", ("buyer_region",), lambda raw: county_of(str(raw[0])), counties),
        Dimension(
            "buyer_place",
            "买方所在地",
            ("buyer_region", "buyer_country"),
            lambda raw: place_of(str(raw[0]), str(raw[1])),
            places,
        ),
        Dimension("chain", "创新链", ("chain",), _listed("chain"), cache(lambda: _code_rows("chain", strip="创新链"))),
        Dimension("size", "金额规模", ("size",), _number, _sizes),
        Dimension("month", "月份", ("month",), _number, cache(_months)),
        Dimension("year", "年份", ("year",), _number, _nothing),
        Dimension("seller", "卖方", ("seller_organisation_id",), _number, _nothing),
        Dimension("broker", "技术经纪人", ("broker_id",), _number, _nothing),
    )
}


def dimension(name: str) -> Dimension:
    """Look a dimension up. Raises KeyError for one there is not."""
    return DIMENSIONS[name]


def crossed(names: Iterable[str]) -> tuple[tuple[str, ...], Callable[[Raw], str]]:
    """Give the columns of several dimensions together, and the key of a group: the keys of each, joined by a slash."""
    parts = [DIMENSIONS[name] for name in names]
    columns = tuple(column for part in parts for column in part.columns)

    def key_of(raw: Raw) -> str:
        keys, place = [], 0
        for part in parts:
            width = len(part.columns)
            keys.append(part.key_of(raw[place : place + width]))
            place += width
        return "/".join(keys)

    return columns, key_of
