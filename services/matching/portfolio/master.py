"""The linear relaxation over sets of windows that have been met, as HiGHS solves it again and again."""

from dataclasses import dataclass
from typing import Final

import highspy
import numpy as np

from services.matching.portfolio.joint import Joint
from services.matching.portfolio.model import Model
from services.matching.portfolio.problem import Flags, Floats, Ints

USED: Final = 1e-9
DEAR: Final = 2.0
"""What stands in where a choice cannot be kept yet costs so many times what everything is worth."""


@dataclass(frozen=True, slots=True)
class Relaxed:
    """An optimum of the relaxation: its value, and the prices of candidates and of joint rows."""

    value: float
    own: Floats
    prices: Floats


class Master:
    """Rows: each candidate once, the joint rows. Columns: the steps that count, what stands in, sets with amounts."""

    def __init__(self, model: Model, joint: Joint, size: int) -> None:
        self.model, self.joint, self.size = model, joint, size
        self.sets: list[int] = []
        self.owners: list[int] = []
        self.amounts: list[tuple[tuple[int, float], ...]] = []
        self._waiting: list[tuple[Ints, Floats]] = []
        self._values = np.array([])
        highs = highspy.Highs()  # type: ignore[no-untyped-call]
        highs.setOptionValue("output_flag", False)
        highs.setOptionValue("threads", 1)
        rows, none = size + len(joint.limit), np.array([], dtype=np.int32)
        highs.addRows(
            rows, np.full(rows, -highspy.kHighsInf), np.concatenate([np.ones(size), joint.limit]), 0,
            np.zeros(rows, dtype=np.int32), none, np.array([]),
        )  # fmt: skip
        highs.changeObjectiveSense(highspy.ObjSense.kMaximize)
        self.highs = highs
        worth = np.array(model.lp.col_cost_)[model.u]
        short = np.flatnonzero(joint.limit < 0)
        columns = [joint.entries({int(u): 1.0}) for u in model.u]
        columns = [(rows + size, values) for rows, values in columns]
        columns += [(np.array([at]), np.ones(1)) for at in range(size)] + [(short + size, joint.limit[short])]
        self.before = len(columns)
        cost = np.concatenate([worth, np.full(size + 1, -DEAR * (1.0 + float(worth.sum())))])
        self._push(columns, cost, np.concatenate([np.ones(len(worth)), np.zeros(size), np.ones(1)]))

    def add(self, owner: int, number: int, pairs: Ints, units: Floats) -> None:
        """A set (by number) of a candidate with what each pair gives in all; `flush` makes it count."""
        model = self.model
        used = {int(model.y[owner]): 1.0}
        beyond = units - model.problem.pairs.low[pairs] / model.unit
        for pair, amount in zip(pairs.tolist(), beyond.tolist(), strict=True):
            used[int(model.z[pair])] = 1.0
            used[int(model.x[pair])] = amount
        rows, values = self.joint.entries(used)
        self._waiting.append((np.append(rows + self.size, owner), np.append(values, 1.0)))
        self.sets.append(number)
        self.owners.append(owner)
        self.amounts.append(tuple(zip(pairs.tolist(), units.tolist(), strict=True)))

    def flush(self) -> None:
        """Hand over what was added."""
        many = len(self._waiting)
        if many:
            self._push(self._waiting, np.zeros(many), np.full(many, highspy.kHighsInf))
            self._waiting = []

    def _push(self, columns: list[tuple[Ints, Floats]], cost: Floats, upper: Floats) -> None:
        start = np.concatenate([[0], np.cumsum([len(rows) for rows, _ in columns])])
        self.highs.addCols(
            len(columns), cost, np.zeros(len(columns)), upper, int(start[-1]), start[:-1].astype(np.int32),
            np.concatenate([rows for rows, _ in columns]).astype(np.int32),
            np.concatenate([values for _, values in columns]),
        )  # fmt: skip

    def limit(self, allowed: Flags, must: Flags) -> None:
        """Allow these sets alone, and ask for these candidates."""
        many, steps = len(self.sets), len(self.model.u)
        if many:
            upper = np.where(allowed[np.array(self.sets)], highspy.kHighsInf, 0.0)
            at = np.arange(self.before, self.before + many, dtype=np.int32)
            self.highs.changeColsBounds(many, at, np.zeros(many), upper)
        size = self.size
        at = np.arange(steps, steps + size, dtype=np.int32)
        self.highs.changeColsBounds(size, at, np.zeros(size), must.astype(np.float64))
        lower = np.where(must, 1.0, -highspy.kHighsInf)
        at = np.arange(size, dtype=np.int32)
        self.highs.changeRowsBounds(size, at, lower, np.ones(size))  # type: ignore[attr-defined]

    def solve(self) -> Relaxed | None:
        """The optimum, or nothing when HiGHS has none."""
        self.highs.run()
        if self.highs.getModelStatus() != highspy.HighsModelStatus.kOptimal:
            return None
        solution = self.highs.getSolution()
        duals = np.array(solution.row_dual)
        self._values = np.array(solution.col_value)
        value = float(self.highs.getInfo().objective_function_value)
        return Relaxed(value, duals[: self.size], np.maximum(duals[self.size :], 0.0))

    def _shares(self) -> Floats:
        return self._values[self.before :]

    def shares(self, pairs: int) -> tuple[Floats, Floats]:
        """How far each candidate is funded, and each pair used, in the last optimum."""
        shares, z = self._shares(), np.zeros(pairs)
        owners = np.array(self.owners[: len(shares)], dtype=np.int64)
        y = np.bincount(owners, weights=shares, minlength=self.size).astype(np.float64)
        for at in np.flatnonzero(shares > USED).tolist():
            for pair, _ in self.amounts[at]:
                z[pair] += shares[at]
        return y, z

    def short(self) -> bool:
        """Whether something stands in for what the last optimum cannot keep."""
        return bool((self._values[len(self.model.u) : self.before] > 1e-7).any())

    def plan(self) -> dict[tuple[int, int], float]:
        """The grants of the last optimum in dollars, where it has every candidate whole."""
        pairs, given = self.model.problem.pairs, dict[tuple[int, int], float]()
        shares = self._shares()
        for at in np.flatnonzero(shares > USED).tolist():
            for pair, units in self.amounts[at]:
                key = int(pairs.proposal[pair]), int(pairs.window[pair])
                given[key] = given.get(key, 0.0) + shares[at] * units * self.model.unit
        return given

    def keep(self, these: Flags) -> None:
        """Sets are numbered anew: only these are left."""
        number = np.where(these, np.cumsum(these) - 1, -1)
        kept = [at for at, old in enumerate(self.sets) if number[old] >= 0]
        gone = np.array([at for at, old in enumerate(self.sets) if number[old] < 0], dtype=np.int32) + self.before
        if len(gone):
            self.highs.deleteCols(len(gone), gone.astype(np.int32))
        self.sets = [int(number[self.sets[at]]) for at in kept]
        self.owners = [self.owners[at] for at in kept]
        self.amounts = [self.amounts[at] for at in kept]
