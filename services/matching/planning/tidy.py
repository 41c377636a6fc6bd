"""Of all plans that fund the same proposals, one with little work in it: few grants to apply for, few open answers.

A plan's value depends on which proposals are funded alone, so the solver is free in how it splits the money, and
leaves grants of a few dollars where others would do.
"""

from collections.abc import Collection, Mapping
from dataclasses import replace
from typing import Final

import highspy
import numpy as np

from services.matching.portfolio.instance import Instance
from services.matching.portfolio.model import quiet
from services.matching.portfolio.plan import Grant, Plan
from services.matching.portfolio.problem import problem_of
from services.matching.portfolio.settle import settle

Effort = Mapping[tuple[int, int], float]
"""What one grant of a pair is in work, at least 1: an application, and the answers to get first."""
PLAIN: Final = 1.0
UNIT: Final = 1000.0
"""Dollars in one unit of the model, so that its numbers are of one size."""
TINY: Final = 1e-6
CLOSE: Final = 0.01
"""The part of the work that is not worth looking for any longer."""


def tidied(
    instance: Instance, plan: Plan, effort: Effort, seconds: float, seed: int, paying: Collection[int] | None = None
) -> Plan:
    """The plan with the same proposals and the least effort that is found within `seconds`; never one with more.

    `paying`: windows one of which gives to every proposal of the plan, and goes on to.
    """
    paid = {p for p, _, _ in plan.grants}
    if not paid:
        return plan
    problem = problem_of(instance, sorted(paid))
    pairs = problem.pairs.where(np.isin(problem.pairs.proposal, sorted(paid)))
    rows = list(
        zip(pairs.proposal.tolist(), pairs.window.tolist(), pairs.low.tolist(), pairs.high.tolist(), strict=True)
    )
    highs = quiet(seconds)
    highs.setOptionValue("random_seed", seed)
    highs.setOptionValue("mip_rel_gap", CLOSE)
    size = len(rows)
    # Columns: first whether each pair has a grant, then how large it is.
    for p, w, _, _ in rows:
        highs.addCol(effort.get((p, w), PLAIN), 0.0, 1.0, 0, np.array([], dtype=np.int32), np.array([]))
    for _, _, _, high in rows:
        highs.addCol(0.0, 0.0, high / UNIT, 0, np.array([], dtype=np.int32), np.array([]))
    for number in range(size):
        highs.changeColIntegrality(number, highspy.HighsVarType.kInteger)
    for number, (_, _, low, high) in enumerate(rows):
        _row(highs, 0.0, highspy.kHighsInf, {number + size: 1.0, number: -low / UNIT})
        _row(highs, -highspy.kHighsInf, 0.0, {number + size: 1.0, number: -high / UNIT})
    for p in sorted(paid):
        own = [number for number, row in enumerate(rows) if row[0] == p]
        need = instance.proposals[p].need / UNIT
        _row(highs, need, need, {number + size: 1.0 for number in own})
        _row(highs, 0.0, float(instance.max_windows), dict.fromkeys(own, 1.0))
        if paying is not None:
            own = [number for number in own if rows[number][1] in paying]
            _row(highs, 1.0, highspy.kHighsInf, dict.fromkeys(own, 1.0))
    for w in sorted({row[1] for row in rows}):
        own = [number for number, row in enumerate(rows) if row[1] == w]
        _row(highs, 0.0, instance.windows[w].budget / UNIT, {number + size: 1.0 for number in own})
    _begin(highs, rows, plan)
    highs.run()
    values = np.array(highs.getSolution().col_value)
    if len(values) != 2 * size:
        return plan
    wanted = {
        (p, w): float(values[number + size]) * UNIT for number, (p, w, _, _) in enumerate(rows) if values[number] > 0.5
    }
    limits = {(p, w): (low, high) for p, w, low, high in rows}
    needs = {p: instance.proposals[p].need for p in paid}
    grants = tuple(settle(wanted, limits, needs, [window.budget for window in instance.windows]))
    better = {p for p, _, _ in grants} == paid and work(grants, effort) < work(plan.grants, effort) - TINY
    return replace(plan, grants=grants) if better else plan


def work(grants: tuple[Grant, ...], effort: Effort) -> float:
    """What the grants are in work."""
    return sum(effort.get((p, w), PLAIN) for p, w, _ in grants)


def _row(highs: highspy.Highs, low: float, high: float, entries: Mapping[int, float]) -> None:
    columns = np.array(list(entries), dtype=np.int32)
    highs.addRow(low, high, len(entries), columns, np.array(list(entries.values()), dtype=np.float64))


def _begin(highs: highspy.Highs, rows: list[tuple[int, int, int, int]], plan: Plan) -> None:
    """Begin from the plan that there is."""
    amounts = {(p, w): amount for p, w, amount in plan.grants}
    start = highspy.HighsSolution()
    given = [amounts.get((p, w), 0) for p, w, _, _ in rows]
    start.col_value = [float(amount > 0) for amount in given] + [amount / UNIT for amount in given]
    highs.setSolution(start)
