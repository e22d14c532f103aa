"""The arithmetic of the indicator, from fen, half up; and what must not be shown of small cells. No I/O."""

from collections.abc import Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from decimal import Decimal

from services.ground.money import half_up

FEWEST = 3
"""A public cell stands for at least so many contracts."""
LARGEST_SHARE = Decimal("0.8")
"""... of which no single seller has more than this part of the amount."""


def share(amount_fen: int, gdp_fen: int | None) -> Decimal | None:
    """Give amount / GDP x 100 with two decimals, half up; None where there is no GDP.

    Source: default reading 9.2 of the contract reference (contract amount, by registration date, home sellers).
    """
    return half_up(Decimal(amount_fen) * 100 / gdp_fen) if gdp_fen else None


def needed(target: Decimal, gdp_fen: int | None) -> int | None:
    """Give what a target of `target` percent comes to in fen; None where there is no GDP."""
    return int(half_up(target * gdp_fen / 100, 0)) if gdp_fen else None


def gap(target: Decimal, gdp_fen: int | None, amount_fen: int) -> int | None:
    """Give what is missing to a target in fen (negative when passed); None where there is no GDP."""
    return int(half_up(target * gdp_fen / 100, 0)) - amount_fen if gdp_fen else None


def growth(this: int, last: int | None) -> str:
    """Give the growth over last year in percent, from unrounded values; "—" where it cannot be computed."""
    if not last or last < 0:
        return "—"
    return f"{half_up(Decimal(this - last) * 100 / last)}"


@dataclass(frozen=True)
class Cell:
    """One figure of a breakdown: contracts, amount in fen, and the largest seller's amount."""

    count: int
    amount_fen: int
    largest_fen: int = 0


def is_small(cell: Cell) -> bool:
    """Say whether a cell would tell too much about one firm."""
    if cell.count == 0 and cell.amount_fen == 0:
        return False
    return cell.count < FEWEST or Decimal(cell.largest_fen) > LARGEST_SHARE * cell.amount_fen


def suppressed(cells: Mapping[str, Cell]) -> set[str]:
    """Choose the cells of one list with a published total that must be hidden.

    One hidden cell alone could be had from the total, and so could small hidden ones between narrow bounds: further
    cells, smallest first, are hidden until at least two are and together they hold three contracts or more. An empty
    cell hides the only one beside it as well as any: a reader cannot tell which of the two is empty.
    """
    hidden = {name for name, cell in cells.items() if is_small(cell)}
    others = sorted(
        (name for name in cells if name not in hidden),
        key=lambda name: (not cells[name].count, cells[name].count, name),
    )
    while hidden and others and gives_away(cells, hidden):
        hidden.add(others.pop(0))
    return hidden


def gives_away(cells: Mapping[str, Cell], hidden: AbstractSet[str]) -> bool:
    """Say whether a published total beside the cells that are shown would give a hidden one away.

    True for a list that cannot protect itself: its total must then be withheld too.
    """
    return bool(hidden) and (len(hidden) < 2 or sum(cells[name].count for name in hidden) < FEWEST)


def bounds(hidden: Sequence[Cell], total_fen: int, shown_fen: int) -> tuple[int, int]:
    """Give the bounds in which a reader can place any one of the hidden cells: 0 and all that is hidden."""
    return (0, total_fen - shown_fen) if len(hidden) > 1 else (total_fen - shown_fen, total_fen - shown_fen)
