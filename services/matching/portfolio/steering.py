"""Steering a donor's money: the plans that keep a preferred species' value and carry the most others with it.

The trade-off between the two is found point by point (epsilon-constraint method): the most value for the preferred
species with at least k others carried, and of the plans of that value the one that carries most; then more than that.
A point is proven if both searches came to their end, and if whole dollars were found for all that they chose. The idea
that a donor's money for one flagship species can be steered to actions that it shares with others is that of Bennett
et al. (2015): there it saved 2.8 species where spending on the flagship alone saved 1.4.
"""

import math
import time
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any, Final

import highspy
import numpy as np

from services.matching.portfolio.instance import Instance
from services.matching.portfolio.model import INFINITE, UNITS, quiet
from services.matching.portfolio.plan import COUNTED, Grant, value_of, worth
from services.matching.portfolio.settle import settle

LEAST_SECONDS: Final = 0.2


@dataclass(frozen=True)
class Point:
    """One plan of the trade-off. Positions are those of the instance."""

    funded: tuple[int, ...]
    grants: tuple[Grant, ...]
    value: Fraction
    """For the preferred species: only proposals that name it count, an action's first, second and third of them by its
    whole weight, half and a quarter of it."""
    value_in_all: Fraction
    """As portfolios count, whatever the species."""
    carried: tuple[str, ...]
    """Species that the funded proposals name, the preferred ones apart."""
    proven: bool


class Steering:
    """The trade-off of one instance. `paying`: windows one of which must give to every funded proposal (the donor's);
    all others in the instance may give beside it."""

    def __init__(
        self, instance: Instance, species: Sequence[Collection[str]], preferred: Collection[str],
        paying: Collection[int] | None = None,
    ) -> None:  # fmt: skip
        self.instance = instance
        self.preferred = frozenset(preferred)
        self.species = [frozenset(codes) for codes in species]
        self.paying = frozenset(range(len(instance.windows)) if paying is None else paying)
        self.limits = _limits(instance, self.paying)
        self.proposals = sorted({p for p, _ in self.limits})
        self.others = sorted({code for p in self.proposals for code in self.species[p]} - self.preferred)
        self._model = _Model(self)

    def curve(self, seconds: float) -> Iterator[Point]:
        """Points with ever more species and ever less value, within about `seconds` for all of them together.

        The first is what the preferred species alone would choose, of such plans the one that carries most.
        """
        ends = time.monotonic() + seconds
        least = 0
        while least <= len(self.others):
            left = max(LEAST_SECONDS, ends - time.monotonic())
            share = max(LEAST_SECONDS, left / (2 * (len(self.others) - least + 1)))
            first = self._model.most_value(least, share)
            if first is None:
                return
            found, proven = first
            value, _ = self._measure(found)
            second = self._model.most_carried(value, share)
            if second is None or self._measure(second[0])[0] < value:
                proven = False  # it was cut short, or kept the value within the solver's tolerances alone
            else:
                found, proven = second[0], proven and second[1]
            point = self._point(found, proven)
            if len(point.carried) < least:  # amounts could not be made whole within the solver's tolerances
                return
            yield point
            least = len(point.carried) + 1

    def _measure(self, grants: Sequence[Grant]) -> tuple[Fraction, tuple[int, ...]]:
        funded = tuple(sorted({p for p, _, _ in grants}))
        counts: dict[int, int] = {}
        for p in funded:
            if self.species[p] & self.preferred:
                for action in self.instance.proposals[p].actions:
                    counts[action] = counts.get(action, 0) + 1
        weights = self.instance.actions
        value = sum((worth(weights[action].weight, count) for action, count in counts.items()), Fraction(0))
        return value, funded

    def _point(self, grants: Sequence[Grant], proven: bool) -> Point:
        value, funded = self._measure(grants)
        carried = {code for p in funded for code in self.species[p]} - self.preferred
        return Point(
            funded, tuple(grants), value, value_of(self.instance, funded), tuple(sorted(carried)), proven
        )  # fmt: skip


def _limits(instance: Instance, paying: Collection[int]) -> dict[tuple[int, int], tuple[int, int]]:
    """Pair -> (least, most) dollars of a grant, of proposals that one of `paying` could give to."""
    found = {}
    for p, w in instance.eligible:
        proposal, window = instance.proposals[p], instance.windows[w]
        most = min(
            window.max_grant, window.budget, proposal.need, math.floor(proposal.cost / (1 + window.ratio))
        )  # fmt: skip
        if max(1, window.min_grant) <= most:
            found[p, w] = (max(1, window.min_grant), most)
    able = {p for p, w in found if w in paying}
    return {pair: limits for pair, limits in found.items() if pair[0] in able}


class _Model:
    """The mixed-integer program: proposals y, pairs z, dollars x, counted steps u, species c, in this order."""

    def __init__(self, steering: Steering) -> None:
        self.steering = steering
        instance, proposals = steering.instance, steering.proposals
        self.pairs = sorted(steering.limits)
        counted = sorted({a for p in proposals if steering.species[p] & steering.preferred
                          for a in instance.proposals[p].actions if instance.actions[a].weight > 0})  # fmt: skip
        self.steps = [(a, k) for a in counted for k in range(COUNTED)]
        sizes = [len(proposals), len(self.pairs), len(self.pairs), len(self.steps), len(steering.others)]
        starts = np.concatenate([[0], np.cumsum(sizes)]).tolist()
        self.y, self.z, self.x, self.u, self.c, self.size = (int(start) for start in starts)
        self.unit = max(1.0, max((high for _, high in steering.limits.values()), default=1) / UNITS)
        """Dollars that one of x stands for: coefficients stay near one another."""
        self.rows: list[tuple[dict[int, float], float, float]] = []
        self._rules()
        steps = [float(instance.actions[a].weight) / 2**k for a, k in self.steps]
        self.value = np.zeros(self.size)
        self.value[self.u : self.c] = steps
        self.carried = np.zeros(self.size)
        self.carried[self.c :] = 1

    def _rules(self) -> None:
        steering, instance = self.steering, self.steering.instance
        at = {p: self.y + number for number, p in enumerate(steering.proposals)}
        of_proposal: dict[int, list[int]] = {}
        of_window: dict[int, list[int]] = {}
        for number, (p, w) in enumerate(self.pairs):
            low, high = (limit / self.unit for limit in steering.limits[p, w])
            of_proposal.setdefault(p, []).append(number)
            of_window.setdefault(w, []).append(number)
            self._row({self.x + number: 1, self.z + number: -high}, -INFINITE, 0)
            self._row({self.x + number: 1, self.z + number: -low}, 0, INFINITE)
            self._row({self.z + number: 1, at[p]: -1}, -INFINITE, 0)
        for p, numbers in of_proposal.items():
            self._row({**{self.x + n: 1 for n in numbers}, at[p]: -instance.proposals[p].need / self.unit}, 0, 0)
            self._row({self.z + n: 1 for n in numbers}, 0, instance.max_windows)
            own = [n for n in numbers if self.pairs[n][1] in steering.paying]
            self._row({**{self.z + n: 1 for n in own}, at[p]: -1}, 0, INFINITE)
        for w, numbers in of_window.items():
            self._row({self.x + n: 1 for n in numbers}, 0, instance.windows[w].budget / self.unit)
        for number, (a, k) in enumerate(self.steps):
            if k == 0:
                named = [p for p in steering.proposals if a in instance.proposals[p].actions
                         and steering.species[p] & steering.preferred]  # fmt: skip
                steps = {self.u + number + more: 1.0 for more in range(COUNTED)}
                self._row({**steps, **{at[p]: -1.0 for p in named}}, -INFINITE, 0)
        for number, code in enumerate(steering.others):
            naming = [p for p in steering.proposals if code in steering.species[p]]
            self._row({self.c + number: 1, **{at[p]: -1 for p in naming}}, -INFINITE, 0)

    def _row(self, parts: Mapping[int, float], low: float, high: float) -> None:
        self.rows.append((dict(parts), low, high))

    def most_value(self, carried: int, seconds: float) -> tuple[list[Grant], bool] | None:
        """The grants of most value with at least so many species carried, and whether that is proven."""
        return self._solve(self.value, (self.carried, carried), seconds)

    def most_carried(self, value: Fraction, seconds: float) -> tuple[list[Grant], bool] | None:
        """The grants that carry most without less than `value`, and whether that is proven."""
        slack = 1e-6 * max(1.0, float(value))
        return self._solve(self.carried, (self.value, float(value) - slack), seconds)

    def _solve(
        self, aim: np.ndarray[Any, Any], least: tuple[np.ndarray[Any, Any], float], seconds: float
    ) -> tuple[list[Grant], bool] | None:  # fmt: skip
        if not self.pairs:
            return ([], True) if least[1] <= 0 else None
        rows = [*self.rows, ({int(at): float(least[0][at]) for at in np.flatnonzero(least[0])}, least[1], INFINITE)]
        lp = highspy.HighsLp()
        lp.num_col_, lp.num_row_ = self.size, len(rows)
        lp.sense_ = highspy.ObjSense.kMaximize
        upper = np.ones(self.size)
        upper[self.x : self.u] = [self.steering.limits[pair][1] / self.unit for pair in self.pairs]
        lp.col_cost_, lp.col_lower_, lp.col_upper_ = aim, np.zeros(self.size), upper
        lp.row_lower_ = np.array([low for _, low, _ in rows], dtype=np.float64)
        lp.row_upper_ = np.array([high for _, _, high in rows], dtype=np.float64)
        lp.a_matrix_.format_ = highspy.MatrixFormat.kRowwise
        lp.a_matrix_.start_ = np.cumsum([0, *(len(parts) for parts, _, _ in rows)])
        lp.a_matrix_.index_ = np.array([at for parts, _, _ in rows for at in parts], dtype=np.int32)
        lp.a_matrix_.value_ = np.array([part for parts, _, _ in rows for part in parts.values()], dtype=np.float64)
        whole, free = highspy.HighsVarType.kInteger, highspy.HighsVarType.kContinuous
        lp.integrality_ = [free if self.x <= at < self.c else whole for at in range(self.size)]
        highs = quiet(seconds)
        highs.passModel(lp)
        highs.run()
        values = np.array(highs.getSolution().col_value)
        if highs.getInfo().primal_solution_status != highspy.SolutionStatus.kSolutionStatusFeasible or not len(values):
            return None
        grants, whole_dollars = self._grants(values)
        return grants, whole_dollars and highs.getModelStatus() == highspy.HighsModelStatus.kOptimal

    def _grants(self, x: np.ndarray[Any, Any]) -> tuple[list[Grant], bool]:
        """The grants of a solution, and whether every proposal that it chose is among them."""
        chosen = [number for number in range(len(self.pairs)) if x[self.z + number] > 0.5]
        wanted = {self.pairs[n]: float(x[self.x + n]) * self.unit for n in chosen}
        instance = self.steering.instance
        need = {p: instance.proposals[p].need for p in self.steering.proposals}
        grants = settle(wanted, self.steering.limits, need, [window.budget for window in instance.windows])
        return grants, {p for p, _ in wanted} == {p for p, _, _ in grants}
