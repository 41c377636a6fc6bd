"""Quick plans that differ: a linear relaxation decides way after way, each a set of windows that can fund a proposal.

None of them is a good plan by itself, but what a few of them use is where a better plan is found.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from random import Random
from typing import Final

import highspy
import numpy as np

from services.matching.portfolio.model import INFINITE, Rows, coverage, pass_model
from services.matching.portfolio.pricing import Sets
from services.matching.portfolio.problem import Flags, Floats, Problem

WHOLE: Final = 1e-6
AT_ONCE: Final = 6
"""One in so many of the proposals that are sure is decided before the relaxation is solved again."""
NOISE: Final = 0.6
"""By what part luck moves the order in which proposals are decided."""
TRIED: Final = 2
"""Ways that are tried for a proposal before it is left out."""
FAILURES: Final = 12
"""So many proposals are left out, or a twelfth of all, before the plan is complete enough."""
DEAR: Final = 0.003
"""A decision that costs more than this part of what the relaxation is worth is not taken."""

Ways = Mapping[int, frozenset[int]]
"""Proposal -> the windows that fund it."""


@dataclass(frozen=True, slots=True)
class _Next:
    """A proposal that may be decided next, with the most promising of its ways."""

    rank: float
    at: int
    ways: list[int]
    sure: bool


class Dives:
    """The relaxation on some pairs of a problem, and the random plans that are made with it.

    It knows budgets, coverage, wishes and how many windows a proposal may have; smallest grants hold as soon as a way
    is decided. `work` counts its simplex iterations.
    """

    def __init__(self, problem: Problem, sets: Sets, unit: float, keep: Flags) -> None:
        self.problem, self.unit, self.work = problem, unit, 0
        pairs = problem.pairs.where(keep)
        self.pairs = pairs
        self.candidates = np.unique(pairs.proposal)
        self.place = {p: at for at, p in enumerate(self.candidates.tolist())}
        self.of = np.searchsorted(self.candidates, pairs.proposal)
        many = len(self.candidates)
        self.y = len(pairs) + np.arange(many)
        self.need = problem.need[self.candidates] / unit
        self.high = pairs.high / unit
        self.forced = np.isin(self.candidates, problem.forced)
        self.first = np.searchsorted(self.of, np.arange(many + 1))
        place = np.full(sets.none + 1, -1)
        place[np.flatnonzero(keep)] = np.arange(len(pairs))
        mine = place[sets.members]
        kept = ((mine >= 0) | (sets.members == sets.none)).all(1)
        owners = np.searchsorted(problem.candidates, self.candidates)
        starts, ends = np.searchsorted(sets.owners, owners), np.searchsorted(sets.owners, owners, side="right")
        ways = [start + np.flatnonzero(kept[start:end]) for start, end in zip(starts, ends, strict=True)]
        # Pairs of each way in rising order, none of them (-1) first.
        order = np.argsort(mine, axis=1)
        self.members = [np.take_along_axis(mine[own], order[own], 1) for own in ways]
        self.low = [np.take_along_axis(sets.low[own], order[own], 1) for own in ways]
        self.most = [np.take_along_axis(sets.low[own] + sets.more[own], order[own], 1) for own in ways]
        self.values = np.array([])
        self.highs = self._relaxation(replace(problem, pairs=pairs, candidates=self.candidates))

    def plan(self, random: Random, kept: Ways, over: Callable[[], bool]) -> dict[tuple[int, int], float]:
        """Dollars of the pairs of a plan that keeps these ways; nothing where there is no such plan, or it is over."""
        decided = self._begun(kept)
        value, failed, most = self._solved(), 0, max(FAILURES, len(self.candidates) // FAILURES)
        while value is not None and failed < most and not over():
            choice = self._choice(decided, random)
            if not choice:
                break
            alike = [one for one in choice if one.sure == choice[0].sure]
            many = 1 + len(alike) // AT_ONCE
            found = self._together(alike[:many], decided, value) if many > 1 else None
            value = self._alone(choice[0], decided, value) if found is None else found
            failed += choice[0].at not in decided
        if value is None or over():
            return {}
        used = [pair for at, way in decided.items() for pair in self.members[at][way].tolist() if pair >= 0]
        proposals, windows = self.pairs.proposal[used].tolist(), self.pairs.window[used].tolist()
        return dict(zip(zip(proposals, windows, strict=True), (self.values[used] * self.unit).tolist(), strict=True))

    def _begun(self, kept: Ways) -> dict[int, int]:
        """All is open but what is kept."""
        decided: dict[int, int] = {}
        for at in range(len(self.candidates)):
            self._open(at)
        for p, windows in kept.items():
            at = self.place.get(p, -1)
            way = self._way(at, windows) if at >= 0 else None
            if way is not None:
                self._decide(at, way)
                decided[at] = way
        return decided

    def _way(self, at: int, windows: frozenset[int]) -> int | None:
        """The number of the way that takes exactly these windows."""
        start, size = int(self.first[at]), self.members[at].shape[1]
        own = self.pairs.window[start : self.first[at + 1]]
        found = start + np.flatnonzero(np.isin(own, list(windows)))
        if len(found) != len(windows) or len(found) > size:
            return None
        wanted = np.concatenate([np.full(size - len(found), -1), found])
        hits = np.flatnonzero((self.members[at] == wanted).all(1))
        return int(hits[0]) if len(hits) else None

    def _choice(self, decided: dict[int, int], random: Random) -> list[_Next]:
        """What may be decided next, best first. What the relaxation has decided by itself is taken as it is."""
        shares, found = self.values[self.y], []
        for at in np.flatnonzero(shares > WHOLE).tolist():
            if at in decided:
                continue
            scores = self._scores(at)
            if not len(scores):
                self._limit(at, *self._nothing(at))
                continue
            best = int(scores.argmax())
            sure = shares[at] > 1 - WHOLE
            if sure and scores[best] > 1 - WHOLE:
                self._decide(at, best)
                decided[at] = best
                continue
            few = np.argpartition(-scores, min(TRIED, len(scores) - 1))[:TRIED]
            few = few[np.argsort(-scores[few], kind="stable")]
            luck = 1 + NOISE * random.random()
            rank = (2.0 + float(scores[best])) * luck if sure else float(shares[at])
            found.append(_Next(rank, at, few.tolist(), bool(sure)))
        return sorted(found, key=lambda one: (not one.sure, -one.rank, one.at))

    def _together(self, chosen: Sequence[_Next], decided: dict[int, int], before: float) -> float | None:
        """Decide these for their best ways; nothing is decided where these do not go together, or are dear."""
        for one in chosen:
            self._decide(one.at, one.ways[0])
        value = self._solved()
        if value is not None and value >= before * (1 - DEAR):
            decided.update({one.at: one.ways[0] for one in chosen})
            return value
        for one in chosen:
            self._open(one.at)
        return None

    def _alone(self, one: _Next, decided: dict[int, int], before: float) -> float | None:
        """Decide one for the first of its ways that costs little, or leave it out."""
        for way in one.ways:
            self._decide(one.at, way)
            value = self._solved()
            if value is not None and value >= before * (1 - DEAR):
                decided[one.at] = way
                return value
        self._limit(one.at, *self._nothing(one.at))
        return self._solved()

    def _scores(self, at: int) -> Floats:
        """For each way of a proposal the part of its need that the relaxation has there, less what it asks beyond."""
        flow = np.append(self.values[: len(self.pairs)], 0.0)[self.members[at]]
        low = self.low[at]
        taken = np.minimum(np.maximum(flow, low), self.most[at]) - 2.0 * np.maximum(low - flow, 0.0)
        return np.asarray(taken.sum(1) / self.need[at], dtype=np.float64)

    def _solved(self) -> float | None:
        self.highs.run()
        self.work += int(self.highs.getInfo().simplex_iteration_count)
        if self.highs.getModelStatus() != highspy.HighsModelStatus.kOptimal:
            return None
        self.values = np.array(self.highs.getSolution().col_value)
        return float(self.highs.getInfo().objective_function_value)

    def _nothing(self, at: int) -> tuple[Floats, Floats]:
        none = np.zeros(self.first[at + 1] - self.first[at] + 1)
        return none, none

    def _open(self, at: int) -> None:
        low, _ = self._nothing(at)
        low[-1] = float(self.forced[at])
        self._limit(at, low, np.append(self.high[self.first[at] : self.first[at + 1]], 1.0))

    def _decide(self, at: int, way: int) -> None:
        low, high = np.zeros((2, self.first[at + 1] - self.first[at] + 1))
        low[-1] = high[-1] = 1.0
        own = self.members[at][way]
        real = own >= 0
        low[own[real] - self.first[at]] = self.low[at][way][real]
        high[own[real] - self.first[at]] = self.most[at][way][real]
        self._limit(at, low, high)

    def _limit(self, at: int, low: Floats, high: Floats) -> None:
        """Limits of the amounts of a proposal's pairs, in units, and last of whether it is funded."""
        columns = np.append(np.arange(self.first[at], self.first[at + 1]), self.y[at]).astype(np.int32)
        self.highs.changeColsBounds(len(columns), columns, low, high)

    def _relaxation(self, problem: Problem) -> highspy.Highs:
        """Columns: amounts of pairs, whether proposals are funded, the steps that coverage is worth."""
        pairs, many = problem.pairs, len(self.candidates)
        x, here = np.arange(len(pairs)), np.arange(many)
        place = np.full(len(problem.need), -1)
        place[self.candidates] = here
        steps, actions, members = coverage(problem, place)
        rows = Rows.none()
        rows.add(np.zeros(many), np.zeros(many), (self.of, x, 1.0), (here, self.y, -self.need))
        below = np.full(many, -INFINITE)
        rows.add(below, np.zeros(many), (self.of, x, 1.0 / self.high), (here, self.y, -float(problem.most)))
        windows, at = np.unique(pairs.window, return_inverse=True)
        rows.add(np.full(len(windows), -INFINITE), problem.budget[windows] / self.unit, (at, x, 1.0))
        for group in problem.groups:
            own = place[np.intersect1d(group, self.candidates)]
            rows.add([1.0], [INFINITE], (np.zeros(len(own), dtype=np.int64), self.y[own], 1.0))
        covered, row_of_step = np.unique(steps[:, 0], return_inverse=True)
        row_of = np.full(len(problem.weights), -1)
        row_of[covered.astype(np.int64)] = np.arange(len(covered))
        u = len(pairs) + many + np.arange(len(steps))
        rows.add(
            np.full(len(covered), -INFINITE), np.zeros(len(covered)),
            (row_of_step, u, 1.0), (row_of[actions], self.y[members], -1.0),
        )  # fmt: skip
        columns = len(pairs) + many + len(steps)
        cost, upper = np.zeros(columns), np.ones(columns)
        cost[u], upper[x] = steps[:, 2], self.high
        highs = highspy.Highs()  # type: ignore[no-untyped-call]
        for name, value in (("output_flag", False), ("threads", 1), ("presolve", "off"), ("solver", "simplex")):
            highs.setOptionValue(name, value)
        highs.passModel(pass_model(rows, cost, (np.zeros(columns), upper), np.array([], dtype=np.int64)))
        return highs
