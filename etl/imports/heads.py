"""The head of somebody's table: where it is, what its columns mean to us, which unit they are in."""

import re
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from etl.imports.xlsx import letters
from services.ground.errors import FieldError, Invalid

Names = Mapping[str, tuple[str, ...]]
"""our field -> the heads people write over it, the one of our own template first."""

LOOK_FOR_HEAD = 12
"""Rows from the top among which the head is looked for: titles, notes and a line "制表人" may stand above it."""
LONGEST_HEAD = 20
OVER = "／"
"""Between the two rows of a head."""
GENERAL = frozenset({"名称", "类型", "地区", "性质", "日期", "编号"})
"""Words that mean something only together with what stands above them."""
UNIT = re.compile(r"[(\[](?:单位[::])?(亿元|万元|元|人民币万元|人民币元)[)\]]")
UNIT_ABOVE = re.compile(r"单位[::]?\(?(?:人民币)?(亿元|万元|元)(?!/)")
"""A line over the table, often at its right end: 单位：万元."""
BRACKETS = re.compile(r"[(\[][^)\]]*[)\]]")


@dataclass(frozen=True)
class Place:
    """One column: its place, the head people read, and the unit that the head names."""

    index: int
    head: str
    unit: str = ""

    @property
    def letter(self) -> str:
        """The letter of the column in a spreadsheet."""
        return letters(self.index)


def plain(head: str) -> str:
    """Take off what differs between two heads that mean the same: width, blanks, marks of required fields, case."""
    text = re.sub(r"[\s*★_\-:.、/]+", "", unicodedata.normalize("NFKC", head)).lower()
    return text[:80]


def without_unit(head: str) -> str:
    """Take the words in brackets off a head too: 合同金额（万元） is 合同金额."""
    return BRACKETS.sub("", plain(head))


def unit_of(head: str) -> str:
    """Say which unit of money a head names, or ''."""
    found = UNIT.search(unicodedata.normalize("NFKC", head).replace(" ", ""))
    return found[1].removeprefix("人民币") if found else ""


def unit_above(rows: Sequence[Sequence[str]]) -> str:
    """Say which unit of money the lines over a head name for the whole table, or ''; the line next to the head wins."""
    texts = ("".join(unicodedata.normalize("NFKC", cell).split()) for row in reversed(rows) for cell in row)
    return next((found[1] for found in map(UNIT_ABOVE.search, texts) if found), "")


class Heads:
    """The heads that a kind of record knows, and the ones somebody said stand for them."""

    def __init__(self, names: Names, mapping: Mapping[str, str]) -> None:
        self.names = names
        self._fields: dict[str, str] = {}
        for field, heads in names.items():
            for head in (field, *heads):
                self._fields.setdefault(plain(head), field)
                self._fields.setdefault(without_unit(head), field)
        self.mapping = {self._ours(ours): theirs for ours, theirs in mapping.items()}

    def field_of(self, head: str) -> str | None:
        """Say which of our fields a head means, if we know it."""
        found = self._fields.get(plain(head)) or self._fields.get(without_unit(head))
        if found or OVER not in head:
            return found
        under = head.rpartition(OVER)[2]
        return (
            None if plain(under) in GENERAL else self._fields.get(plain(under)) or self._fields.get(without_unit(under))
        )

    def score(self, cells: Sequence[str]) -> int:
        """Count the cells of a row that are heads we know."""
        given = {plain(theirs) for theirs in self.mapping.values()}
        return sum(1 for cell in cells if cell and (plain(cell) in given or self.field_of(cell)))

    def places(self, heads: Sequence[str]) -> dict[str, Place]:
        """Say where each of our fields stands. What somebody said comes first, then the first head we know."""
        found: dict[str, Place] = {}
        for field, theirs in self.mapping.items():
            index = _index_of(theirs, heads)
            if index is not None:
                found[field] = Place(index, heads[index], unit_of(heads[index]))
        taken = {place.index for place in found.values()}
        skipped = {plain(theirs) for theirs in self.mapping.values()}
        for index, head in enumerate(heads):
            known = self.field_of(head)
            if known and known not in found and index not in taken and plain(head) not in skipped:
                found[known] = Place(index, head, unit_of(head))
        return found

    def check_mapping(self, sheets: Sequence[Sequence[str]]) -> None:
        """Raise Invalid for a column somebody named that no sheet has."""
        for field, theirs in self.mapping.items():
            if theirs and all(_index_of(theirs, heads) is None for heads in sheets):
                raise Invalid([FieldError("map", "import_map_head", {"field": field, "value": theirs[:60]})])

    def _ours(self, name: str) -> str:
        field = self._fields.get(plain(name))
        if field is None:
            raise Invalid("map", "import_map_field", value=name[:40], known="、".join(self.names))
        return field


def head_of(rows: Sequence[Sequence[str]], heads: Heads) -> tuple[int, list[str], int]:
    """Find the head among the first rows of a sheet: (its place, the heads, how many rows it fills).

    The row with the most heads that we know wins, the first of equals; without any the first row that holds two cells.
    A head of two rows (合同金额 over 总额 and 技术交易额) is read as one.
    """
    scores = [heads.score(row) for row in rows[:LOOK_FOR_HEAD]]
    best = max(scores, default=0)
    # A head of names nobody knows is the first row that holds two cells; people then say what its columns are.
    first = next((n for n, row in enumerate(rows[:LOOK_FOR_HEAD]) if sum(map(bool, row)) > 1), 0)
    place = scores.index(best) if best else first
    if not rows:
        return place, [], 1
    upper = list(rows[place])
    below = rows[place + 1] if place + 1 < len(rows) else []
    joined = _joined(upper, below)
    if below and not _holds_values(below):
        known = heads.score(joined)
        if known > best or (known >= best and _stand_over_two_rows(upper, below)):
            return place, joined, 2
    if not best:
        return place, upper, 1
    above = rows[place - 1] if place else []
    if above and sum(map(bool, above)) > 1 and not _holds_values(above):
        both = _joined(list(above), upper)
        if heads.score(both) > best:
            return place - 1, both, 2
        united = [_united(one, joint, heads) for one, joint in zip(upper, both, strict=False)]
        if united != upper:
            return place - 1, united, 2
    return place, upper, 1


def _united(head: str, joint: str, heads: Heads) -> str:
    """Keep the unit that a merged cell above names for its columns (金额（万元） over 成交额): without it 万元 would pass for 元."""
    named = head and unit_of(joint) and not unit_of(head)
    return joint if named and heads.field_of(joint) == heads.field_of(head) else head


def _joined(upper: Sequence[str], lower: Sequence[str]) -> list[str]:
    found = []
    over = ""
    for index in range(max(len(upper), len(lower))):
        top = upper[index] if index < len(upper) else ""
        under = lower[index] if index < len(lower) else ""
        over = top or over
        found.append(top if under in {"", top} else f"{over}{OVER if over else ''}{under}")
    return found


def _stand_over_two_rows(upper: Sequence[str], below: Sequence[str]) -> bool:
    """Tell a second row of a head by its form: it names columns that the first left empty, under cells merged over them."""
    gaps = [under for top, under in zip(upper, below, strict=False) if under and not top]
    merged = any(top and top == under for top, under in zip(upper, below, strict=False))
    return all(len(cell) <= LONGEST_HEAD for cell in below) and (len(gaps) > 1 or (merged and len(gaps) == 1))


def _holds_values(row: Sequence[str]) -> bool:
    return any(re.search(r"\d", cell) for cell in row)


def _index_of(theirs: str, heads: Sequence[str]) -> int | None:
    wanted = plain(theirs)
    for index, head in enumerate(heads):
        if head and plain(head) == wanted:
            return index
    for index, head in enumerate(heads):
        if OVER in head and plain(head.rpartition(OVER)[2]) == wanted:
            return index
    if re.fullmatch(r"[A-Z]{1,2}", theirs):
        return next((index for index in range(len(heads)) if letters(index) == theirs), None)
    return None
