"""Parts of the search page: facets, the numbers of pages, and the ways out of an empty list."""

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING
from urllib.parse import parse_qs, urlsplit

from fastapi import Request

from frontend.i18n import _
from frontend.labels import said
from search.query import MAX_OFFSET
from services.ground import reference
from services.matching import rules as words
from services.matching.schemas import FacetValue, SearchOut

if TYPE_CHECKING:
    from frontend.pages.search import Address

SHOWN = 14
"""Values of a facet that are shown; ticked ones are shown always."""
IN_ORDER = ("maturity", "freshness")
"""Facets whose values have an order of their own; of the others the most frequent come first."""
AROUND = 2
"""Numbers of pages shown before and after the one being read."""


@dataclass
class Item:
    """One value of a facet. `name` is its filter: subfields stand below their chain."""

    name: str
    value: str
    label: str
    count: int
    checked: bool
    sub: bool = False


@dataclass
class Group:
    """One facet as the page shows it."""

    name: str
    label: str
    items: list[Item]


@dataclass
class Pager:
    """The numbers of pages, and the ways forward and back. All are plain addresses, so the browser's own way back holds."""

    pages: list[tuple[int | None, str, bool]] = field(default_factory=list)
    before_url: str = ""
    next_url: str = ""
    said: str = ""


def groups_of(found: SearchOut, chosen: dict[str, list[str]]) -> list[Group]:
    """Turn counted facets into what is shown, the subfields below their chains."""
    titles = {
        "maturity": _("成熟度"),
        "cooperation": _("合作方式"),
        "state_of_patent": _("专利状态"),
        "organisation_kind": _("单位"),
        "region": _("县市区"),
        "freshness": _("新鲜度"),
    }
    shown = {
        name: _items(name, values, chosen.get(name, [])) for name, values in found.facets.items() if name != "kind"
    }
    groups = [Group("chain", _("创新链与领域"), _nested(shown.get("chain", []), shown.get("subfield", [])))]
    groups += [Group(name, title, shown.get(name, [])) for name, title in titles.items()]
    return [group for group in groups if group.items]


def _items(name: str, values: list[FacetValue], chosen: list[str]) -> list[Item]:
    if name in IN_ORDER:
        order = list(words.LABELS[name])
        values = sorted(values, key=lambda value: order.index(value.value) if value.value in order else len(order))
    kept = [value for place, value in enumerate(values) if place < SHOWN or name == "subfield" or value.value in chosen]
    return [Item(name, value.value, _(value.label), value.count, value.value in chosen) for value in kept]


def _nested(chains: list[Item], subfields: list[Item]) -> list[Item]:
    """Put subfields below their chain: below the largest, and wherever something is ticked."""
    parents = {entry.code: entry.parent for entry in reference.entries(None, "subfield")}
    found: list[Item] = []
    for place, chain in enumerate(chains):
        found.append(chain)
        below = [item for item in subfields if parents.get(item.value) == chain.value]
        if not place or chain.checked or any(item.checked for item in below):
            found += [replace(item, sub=True) for item in below]
    shown = {item.value for item in found if item.sub}
    return found + [item for item in subfields if item.checked and item.value not in shown]


def pager_of(
    page: int, per_page: int, found: SearchOut, url: Callable[..., str], *, by_cursor: bool = False
) -> Pager | None:
    """Give numbers of pages as far as they can be asked for by number; behind them the cursor leads on."""
    last = min(-(-found.total // per_page), MAX_OFFSET // per_page + 1)
    if found.total <= per_page and page == 1 and not by_cursor:
        return None
    total = f"{found.total:,}"
    if by_cursor:
        after = url(cursor=found.next) if found.next else ""
        return Pager([(1, url(), False)], "", after, _("共 %(n)s 项") % {"n": total})
    near = sorted({1, last, *range(page - AROUND, page + AROUND + 1)})
    pages: list[tuple[int | None, str, bool]] = []
    for number in near:
        if not 1 <= number <= last:
            continue
        if pages and (pages[-1][0] or 0) + 1 != number:
            pages.append((None, "", False))
        pages.append((number, url(page=number), number == page))
    first = (page - 1) * per_page + 1
    said = _("第 %(a)s–%(b)s 项，共 %(n)s 项") % {"a": first, "b": first + len(found.items) - 1, "n": total}
    after = url(page=page + 1) if page < last else (url(cursor=found.next) if found.next else "")
    return Pager(
        pages,
        url(page=min(page - 1, last)) if page > 1 else "",
        after,
        said if found.items else _("共 %(n)s 项") % {"n": total},
    )


def ways_of(found: SearchOut, address: "Address") -> list[tuple[str, str, str]]:
    """Say in words what leaving out one filter or one word gives, with the address that does it."""
    ways = []
    for way in found.ways:
        if way.drop == "word":
            text, url = _("去掉词“%(t)s”"), address.url(q=_without(address.q, way.name, found))
        else:
            rest = [one for one in address.picked if one[0] != way.name]
            text = _("去掉筛选“%(t)s”")
            url = address.url(picked=rest, kind="" if way.name == "kind" else None)
        ways.append((text % {"t": said(way.label)}, url, _("%(n)s 项") % {"n": f"{way.total:,}"}))
    return ways


def _without(typed: str, word: str, found: SearchOut) -> str:
    """Take a word out of what was typed; where it stands in another spelling, write the other words instead."""
    rest = " ".join(typed.replace(word, " ").split())
    return rest if rest and rest != " ".join(typed.split()) else " ".join(w.word for w in found.words if w.word != word)


def searched_before(request: Request) -> str:
    """Give the words of the list from which a record was opened; the browser says it to its own site only."""
    parts = urlsplit(request.headers.get("referer", ""))
    if parts.path != "/search" or parts.netloc != request.headers.get("host"):
        return ""
    return parse_qs(parts.query).get("q", [""])[0]
