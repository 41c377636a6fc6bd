"""Cells of the map: actions counted by how far they have come, and their money."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Final

from services.matching.rules.gaps.counting import ActionGap
from services.matching.rules.gaps.facts import STANDINGS, Standing
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


class _Sum:
    """A cell in the making: thousands of steps, and one value at the end."""

    __slots__ = ("counts", "money", "payable", "weights")

    def __init__(self) -> None:
        self.counts, self.weights = [0] * len(STANDINGS), [0] * len(STANDINGS)
        self.payable, self.money = 0, NOTHING

    def count(self, gap: ActionGap, standing: Standing, column: str | None) -> None:
        place = STANDINGS.index(standing)
        self.counts[place] += 1
        self.weights[place] += gap.need.weight
        self.payable += place == 0 and gap.payable_in(column)

    def pay(self, money: Sums) -> None:
        self.money = self.money.plus(money)

    def cell(self) -> Cell:
        return Cell(tuple(self.counts), tuple(self.weights), self.payable, self.money)


def gap_map(gaps: Iterable[ActionGap], columns: Sequence[str]) -> GapMap:
    """The map of these actions. Its columns add up; a row's total counts each action once (see the package)."""
    cells: defaultdict[tuple[int, str], _Sum] = defaultdict(_Sum)
    rows: defaultdict[int, _Sum] = defaultdict(_Sum)
    for gap in gaps:
        section = gap.need.section
        rows[section].count(gap, gap.standing, None)
        for column, standing in gap.in_column.items():
            cells[section, column].count(gap, standing, column)
        for column, money in gap.money.items():
            cells[section, column].pay(money)
            rows[section].pay(money)
    done = {place: made.cell() for place, made in cells.items()}
    whole = {section: made.cell() for section, made in rows.items()}
    foot = {column: _together(done[place] for place in done if place[1] == column) for column in columns}
    return GapMap(tuple(sorted(whole)), tuple(columns), done, whole, foot, _together(whole.values()))


def _together(cells: Iterable[Cell]) -> Cell:
    whole = EMPTY
    for cell in cells:
        whole = whole.plus(cell)
    return whole
