"""Cells of the map: actions counted by how far they have come, and their money."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Final

from services.matching.rules.gaps.counting import ActionGap
from services.matching.rules.gaps.facts import OUTSIDE, STANDINGS, Standing
from services.matching.rules.gaps.money import NOTHING, Sums

_NONE: Final = (0,) * len(STANDINGS)


@dataclass(frozen=True)
class Cell:
    """Some actions of a place: how many have come how far, what they weigh, and their money."""

    counts: tuple[int, ...] = _NONE
    """In the order of `STANDINGS`."""
    weights: tuple[int, ...] = _NONE
    payable: int = 0
    """How many of the orphaned ones a window could pay for there."""
    money: Sums = NOTHING

    @property
    def need(self) -> int:
        """How many actions."""
        return sum(self.counts)

    @property
    def unmet(self) -> Fraction | None:
        """The share of need, weighted by priority, that is not funded; None where there is no need."""
        whole = sum(self.weights)
        return Fraction(whole - self.weights[STANDINGS.index("funded")], whole) if whole else None

    def count(self, standing: Standing) -> int:
        """How many actions have come so far, and no further."""
        return self.counts[STANDINGS.index(standing)]

    @property
    def all_orphaned(self) -> bool:
        """Whether there is need, and nobody has proposed anything."""
        return self.need > 0 and self.count("orphaned") == self.need

    def plus(self, other: Cell) -> Cell:
        """Both together."""
        return Cell(
            tuple(map(sum, zip(self.counts, other.counts, strict=True))),
            tuple(map(sum, zip(self.weights, other.weights, strict=True))),
            self.payable + other.payable, self.money.plus(other.money),
        )  # fmt: skip


EMPTY: Final = Cell()


@dataclass(frozen=True)
class GapMap:
    """Sections by columns, with totals."""

    sections: tuple[int, ...]
    columns: tuple[str, ...]
    cells: Mapping[tuple[int, str], Cell]
    rows: Mapping[int, Cell]
    """Each action of the section once."""
    foot: Mapping[str, Cell]
    """All sections of a column."""
    total: Cell
    """Each action once."""

    def cell(self, section: int, column: str) -> Cell:
        """One cell; an empty one where there is neither need nor money."""
        return self.cells.get((section, column), EMPTY)


def gap_map(gaps: Iterable[ActionGap], columns: Sequence[str]) -> GapMap:
    """The map of these actions. Its columns add up; a row's total counts each action once (see the package)."""
    cells: dict[tuple[int, str], Cell] = {}
    rows: dict[int, Cell] = {}
    for gap in gaps:
        section = gap.need.section
        rows[section] = rows.get(section, EMPTY).plus(_once(gap))
        for column in {*gap.in_column, *gap.money}:
            cells[section, column] = cells.get((section, column), EMPTY).plus(_there(gap, column))
    foot = {column: _sum(cells[key] for key in cells if key[1] == column) for column in columns}
    return GapMap(tuple(sorted(rows)), tuple(columns), cells, rows, foot, _sum(rows.values()))


def _sum(cells: Iterable[Cell]) -> Cell:
    whole = EMPTY
    for cell in cells:
        whole = whole.plus(cell)
    return whole


def _counted(gap: ActionGap, standing: Standing, column: str | None, money: Sums) -> Cell:
    place = STANDINGS.index(standing)
    ones = tuple(int(index == place) for index in range(len(STANDINGS)))
    payable = int(standing == "orphaned" and bool(gap.payers_in(column)))
    return Cell(ones, tuple(one * gap.need.weight for one in ones), payable, money)


def _once(gap: ActionGap) -> Cell:
    return _counted(gap, gap.standing, None, gap.sums)


def _there(gap: ActionGap, column: str) -> Cell:
    money = gap.money.get(column, NOTHING)
    if column == OUTSIDE or column not in gap.in_column:
        return Cell(money=money)
    return _counted(gap, gap.in_column[column], column, money)
