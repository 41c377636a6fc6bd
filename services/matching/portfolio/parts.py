"""Solving a part of a problem from the plan that is known: first near it, then freely where the part is small.

Near means relaxation induced neighbourhood search (Danna, Rothberg and Le Pape 2005): choices on which the linear
relaxation and the plan agree are kept, and what is left is a small model. The relaxation is taken without cuts: it
guides as well as one with them, and takes a hundredth of the time.
"""

from collections.abc import Callable, Mapping
from random import Random
from typing import Any, Final

import highspy
import numpy as np

from services.matching.portfolio.instance import Instance
from services.matching.portfolio.model import Model, interrupt_when, limits_of, quiet
from services.matching.portfolio.plan import Plan, plan_of
from services.matching.portfolio.problem import Flags, Floats, Problem
from services.matching.portfolio.settle import settle

NODES: Final = 15
AGREED: Final = 1e-6
FREELY: Final = 400
"""Choices beyond which a part is only solved near the plan."""
LUCK: Final = 0.04
"""By what part luck moves what coverage is worth in a relaxation."""
LUCK_OF_GRANTS: Final = 0.004
"""What a grant costs at most by luck, as a part of the most that a step of coverage is worth."""

Clock = Callable[[], float]
"""Seconds that are left; 0 or less when there is no need to go on."""
Base = Mapping[tuple[int, int], int]
"""Grants that stay as they are, in dollars by proposal and window."""


class Relaxation:
    """A model's linear relaxation, solved again and again, with some luck in what choices are worth."""

    def __init__(self, model: Model) -> None:
        self.model, self.work = model, 0
        self.cost = np.array(model.lp.col_cost_)
        self.columns = np.arange(len(self.cost), dtype=np.int32)
        self.highs = highspy.Highs()  # type: ignore[no-untyped-call]
        for name, value in (("output_flag", False), ("threads", 1), ("solve_relaxation", True)):
            self.highs.setOptionValue(name, value)
        self.highs.passModel(model.lp)

    def solve(self, luck: Random, seconds_left: Clock) -> Floats | None:
        """Its columns; None where there is no optimum, or none in time. `work` counts simplex iterations."""
        random = np.random.default_rng(luck.randrange(2**32))
        cost = self.cost * (1 + LUCK * (random.random(len(self.cost)) - 0.5))
        cost[self.model.z] -= LUCK_OF_GRANTS * self.cost.max(initial=0.0) * random.random(len(self.model.z))
        self.highs.changeColsCost(len(cost), self.columns, cost)
        self.highs.setOptionValue("time_limit", float(self.highs.getRunTime() + max(0.0, seconds_left())))
        self.highs.run()
        self.work += _iterations(self.highs)
        if self.highs.getModelStatus() != highspy.HighsModelStatus.kOptimal:
            return None
        return np.array(self.highs.getSolution().col_value)


class Parts:
    """A plan, and the solving of parts that makes it better.

    `work` counts the simplex iterations of the last part, `worked` all that were ever made.
    """

    def __init__(self, instance: Instance, problem: Problem, plan: Plan, grid: float) -> None:
        self.instance, self.problem, self.plan, self.grid = instance, problem, plan, grid
        self.work = self.worked = 0

    def solve(
        self, model: Model, base: Base, seconds_left: Clock, nodes: int = NODES, *, near: bool = True,
        freely: bool = False,
    ) -> tuple[bool, bool]:  # fmt: skip
        """Solve a part beside the grants that stay; whether the plan got better, and whether the part was solved.

        `near` the plan first, which has to be possible there; then `freely` if the part is small, or it is said.
        """
        start = self._start(model, base)
        highs = self._highs(model, seconds_left, nodes)
        self.work = 0
        if near and self._relaxed(highs):
            relaxed = np.array(highs.getSolution().col_value)
            keep(highs, model, start, agreed(model, start, relaxed))
            if seconds_left() > 0 and self._better(highs, model, start, base):
                return True, False
            columns = np.arange(model.lp.num_col_, dtype=np.int32)
            lower, upper = np.array(model.lp.col_lower_), np.array(model.lp.col_upper_)
            highs.changeColsBounds(len(columns), columns, lower, upper)
        small = len(model.y) + len(model.z) <= FREELY
        if seconds_left() <= 0 or not (small or freely or not near):
            return False, False
        better = self._better(highs, model, start, base)
        return better, highs.getModelStatus() == highspy.HighsModelStatus.kOptimal

    def solve_kept(self, model: Model, same: Callable[[Floats], Flags], seconds_left: Clock) -> bool:
        """Solve a whole problem, but keep those choices of y and z that `same` says; whether the plan got better."""
        self.work = 0
        start = self._start(model, {})
        highs = self._highs(model, seconds_left, NODES)
        keep(highs, model, start, same(start))
        return self._better(highs, model, start, {})

    def _start(self, model: Model, base: Base) -> Floats:
        own = {(p, w): amount for p, w, amount in self.plan.grants if (p, w) not in base}
        return np.array(model.values(own))

    def _highs(self, model: Model, seconds_left: Clock, nodes: int) -> Any:
        highs = quiet(seconds_left())
        highs.setOptionValue("mip_max_nodes", nodes)
        if self.grid:
            highs.setOptionValue("mip_abs_gap", self.grid * 0.999)
        highs.passModel(model.lp)
        interrupt_when(highs, lambda: seconds_left() <= 0)
        return highs

    def _relaxed(self, highs: Any) -> bool:
        """Solve the linear relaxation; whether it has an optimum."""
        highs.setOptionValue("solve_relaxation", True)
        highs.run()
        highs.setOptionValue("solve_relaxation", False)
        self._count(highs)
        return bool(highs.getModelStatus() == highspy.HighsModelStatus.kOptimal)

    def _better(self, highs: Any, model: Model, start: Floats, base: Base) -> bool:
        """Run it from where the plan is, and take what it finds if that is better."""
        solution = highspy.HighsSolution()
        solution.col_value = start.tolist()
        highs.setSolution(solution)
        highs.run()
        self._count(highs)
        values = np.array(highs.getSolution().col_value)
        if not len(values) or abs(highs.getInfo().objective_function_value) > 1e30:
            return False
        found = self._taken(model, values, base)
        if found.value > self.plan.value and self.problem.kept_by(found.funded):
            self.plan = found
            return True
        return False

    def _count(self, highs: Any) -> None:
        work = _iterations(highs)
        self.work += work
        self.worked += work

    def _taken(self, model: Model, values: Floats, base: Base) -> Plan:
        """The plan that the part's solution makes."""
        needs = {p: int(self.problem.need[p]) for p in model.problem.candidates.tolist()}
        grants = settle(model.wanted(values), limits_of(model.problem.pairs), needs, model.problem.budget.tolist())
        return plan_of(self.instance, [*grants, *((p, w, amount) for (p, w), amount in base.items())])


def agreed(model: Model, start: Floats, relaxed: Floats) -> Flags:
    """Which of the choices of y, then of z, are the same in both."""
    chosen = np.concatenate([model.y, model.z])
    return np.asarray(np.abs(relaxed[chosen] - start[chosen]) < AGREED)


def keep(highs: Any, model: Model, start: Floats, same: Flags) -> None:
    """Keep these choices of y, then of z, as the plan has them."""
    columns = np.concatenate([model.y, model.z])[same].astype(np.int32)
    values = np.round(start[columns])
    highs.changeColsBounds(len(columns), columns, values, values)


def _iterations(highs: Any) -> int:
    """Simplex iterations of the last run; HiGHS says -1 where there was none."""
    return max(0, int(highs.getInfo().simplex_iteration_count))
