"""Rows that join proposals, over the columns of the compact model: budgets, grants that fit, coverage, wishes, cuts.

Every row holds for all plans that matter, so it may have a price in a bound.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

import highspy
import numpy as np

from services.matching.portfolio.model import Model
from services.matching.portfolio.problem import Floats, Ints

SLACK: Final = 1e-6
"""What the limit of a cut is loosened by, as a part of it: cuts come from floating point."""


@dataclass(frozen=True, slots=True)
class Joint:
    """Rows `sum of value x column <= limit`: entries sorted by column; `first` says where a column's entries begin."""

    row: Ints
    column: Ints
    value: Floats
    limit: Floats
    first: Ints

    @classmethod
    def of(cls, row: Ints, column: Ints, value: Floats, limit: Floats, columns: int) -> "Joint":
        """Entries in any order."""
        order = np.lexsort((row, column))
        first = np.concatenate([[0], np.cumsum(np.bincount(column, minlength=columns))]).astype(np.int64)
        return cls(row[order], column[order], value[order], limit, first)

    @property
    def columns(self) -> int:
        """How many columns the model has."""
        return len(self.first) - 1

    def charges(self, prices: Floats) -> Floats:
        """What one unit of each column costs when every row has a price."""
        weights = self.value * prices[self.row]
        return np.bincount(self.column, weights=weights, minlength=self.columns).astype(np.float64)

    def entries(self, units: Mapping[int, float]) -> tuple[Ints, Floats]:
        """The rows, and by how much, that so many units of some columns use."""
        parts = [slice(self.first[column], self.first[column + 1]) for column in units]
        used = [self.value[part] * amount for part, amount in zip(parts, units.values(), strict=True)]
        rows, place = np.unique(np.concatenate([self.row[part] for part in parts]), return_inverse=True)
        return rows, np.bincount(place, weights=np.concatenate(used), minlength=len(rows)).astype(np.float64)

    def with_rows(self, more: "Joint") -> "Joint":
        """These rows, and then those."""
        return Joint.of(
            np.concatenate([self.row, more.row + len(self.limit)]), np.concatenate([self.column, more.column]),
            np.concatenate([self.value, more.value]), np.concatenate([self.limit, more.limit]), self.columns,
        )  # fmt: skip


def joint_of(model: Model) -> Joint:
    """The rows of a model that are of more than one proposal."""
    lp = model.lp
    start, row = np.array(lp.a_matrix_.start_), np.array(lp.a_matrix_.index_, dtype=np.int64)
    column = np.repeat(np.arange(lp.num_col_), np.diff(start))
    value, low, high = np.array(lp.a_matrix_.value_), np.array(lp.row_lower_), np.array(lp.row_upper_)
    joins = row >= model.own_rows
    row, column, value = row[joins] - model.own_rows, column[joins], value[joins]
    return _both(row, column, value, low[model.own_rows :], high[model.own_rows :], lp.num_col_)


def cuts_of(out: Any) -> Joint:
    """The cuts that HiGHS found, as its callback hands them over; its model must not have been presolved."""
    sizes = np.diff(np.array(out.cutpool_start))
    row, column = np.repeat(np.arange(len(sizes)), sizes), np.array(out.cutpool_index, dtype=np.int64)
    low, high = np.array(out.cutpool_lower), np.array(out.cutpool_upper)
    high, low = high + SLACK * (1 + np.abs(high)), low - SLACK * (1 + np.abs(low))
    return _both(row, column, np.array(out.cutpool_value), low, high, int(out.cutpool_num_col))


def _both(row: Ints, column: Ints, value: Floats, low: Floats, high: Floats, columns: int) -> Joint:
    """Rows with two sides as rows with one."""
    upper, lower = high < highspy.kHighsInf, low > -highspy.kHighsInf
    number, other = np.cumsum(upper) - 1, np.cumsum(lower) - 1 + int(upper.sum())
    above, below = upper[row], lower[row]
    return Joint.of(
        np.concatenate([number[row[above]], other[row[below]]]), np.concatenate([column[above], column[below]]),
        np.concatenate([value[above], -value[below]]), np.concatenate([high[upper], -low[lower]]), columns,
    )  # fmt: skip
