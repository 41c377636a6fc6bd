"""Can these proposals be funded together? Asked of HiGHS, once for each set of proposals.

Branch and bound comes to nodes whose relaxation funds every proposal wholly or not at all, and only the windows are
in parts. Which of these to take is a question without a value: branching on pairs may take hours where one small model
tells it at once. A set that cannot be funded together is one that no larger set can hold either.
"""

from collections.abc import Callable
from typing import Final

import highspy
import numpy as np

from services.matching.portfolio.model import interrupt_when, limits_of, model_of, quiet
from services.matching.portfolio.problem import Problem, part_of
from services.matching.portfolio.settle import settle

NODES: Final = 500
"""Nodes after which a question stays open."""
SECONDS: Final = 5.0
"""The same, where nodes are slow."""

Amounts = dict[tuple[int, int], float]


class Together:
    """What is known of sets of candidates: those that cannot be funded together.

    No smaller part of a set is looked for that is as impossible: finding out takes longer than what it saves.
    """

    def __init__(self, problem: Problem, over: Callable[[], bool]) -> None:
        self.problem, self.over = problem, over
        self.impossible: list[frozenset[int]] = []
        self._asked: set[frozenset[int]] = set()

    def known(self, members: frozenset[int]) -> frozenset[int] | None:
        """What of these is known to be impossible together."""
        return next((each for each in self.impossible if each <= members), None)

    def ask(self, members: frozenset[int]) -> Amounts | None:
        """Dollars by proposal and window that fund all of these candidates; None where there are none or it stays open.

        What is impossible is known from then on. The same set is asked about once.
        """
        if members in self._asked or self.known(members) is not None:
            return None
        self._asked.add(members)
        found, impossible = self._solved(members)
        if impossible:
            self.impossible.append(members)
        return found

    def _solved(self, members: frozenset[int]) -> tuple[Amounts | None, bool]:
        """Dollars that fund all of these; and whether it is proven that there are none."""
        problem = self.problem
        wanted = problem.candidates[np.array(sorted(members), dtype=np.int64)]
        keep = np.isin(problem.pairs.proposal, wanted)
        part = part_of(problem, keep, problem.budget, problem.counts, wanted, [])
        if len(part.candidates) < len(wanted):
            return None, True
        model = model_of(part)
        highs = quiet(SECONDS)
        highs.setOptionValue("mip_max_nodes", NODES)
        highs.passModel(model.lp)
        highs.changeColsCost(len(model.u), model.u.astype(np.int32), np.zeros(len(model.u)))
        interrupt_when(highs, self.over)
        highs.run()
        status = highs.getModelStatus()
        if status == highspy.HighsModelStatus.kInfeasible:
            return None, True
        if status != highspy.HighsModelStatus.kOptimal:
            return None, False
        found = dict(model.wanted(np.array(highs.getSolution().col_value)))
        needs = {int(p): int(problem.need[p]) for p in wanted.tolist()}
        grants = settle(found, limits_of(part.pairs), needs, problem.budget.tolist())
        return (found, False) if {p for p, _, _ in grants} == set(needs) else (None, False)
